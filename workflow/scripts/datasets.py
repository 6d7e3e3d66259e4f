"""Apply the plan's criteria, then write one dataset per analysis with its patients and columns.

The set of files is fixed; where the plan has no such analysis, the file holds an empty table.
"""

from pathlib import Path

import pandas as pd

from calcinosis.derive import datasets
from calcinosis.derive.eligibility import participant_flow
from calcinosis.job import job, keep_private


def main(source, criteria, improvement, needs, output):
    keep_private(Path(output.done).parent)
    tables = {name: pd.read_parquet(path) for name, path in source.items() if path}
    flow = participant_flow(
        tables["patients"],
        criteria,
        tables.get("films"),
        tables.get("intervals"),
        exclude_improved=improvement == "exclude",
    )
    made = datasets.build(tables, flow, needs)
    for name, path in output.items():
        if name != "done":
            made.get(name, pd.DataFrame()).to_parquet(path)
    Path(output.done).touch()


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            snakemake.input,
            snakemake.params.criteria,
            snakemake.params.improvement,
            snakemake.params.needs,
            snakemake.output,
        )
