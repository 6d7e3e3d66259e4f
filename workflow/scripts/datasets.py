"""Apply exclusions and the plan's criteria, then write each analysis's dataset.

The set of files is fixed; where the plan has no such analysis, the file holds an empty table.
"""

from pathlib import Path

import pandas as pd

from calcinosis import side_files
from calcinosis.derive import datasets
from calcinosis.derive.eligibility import participant_flow
from calcinosis.job import job, keep_private
from calcinosis.spreadsheets import read_csv


def main(source, queries, criteria, improvement, exclude, needs, output):
    keep_private(Path(output.done).parent)
    tables = {name: pd.read_parquet(path) for name, path in source.items() if path and path != queries}
    excluded = side_files.exclusions(exclude["path"])
    listed = read_csv(queries)["patient_id"]  # also of patients whose rows are out
    side_files.check_known(excluded, {*tables["patients"]["patient_id"], *listed})
    flow = participant_flow(
        tables["patients"],
        criteria,
        tables.get("films"),
        tables.get("intervals"),
        exclude_improved=improvement == "exclude",
        excluded=list(excluded),
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
            snakemake.input.queries,
            snakemake.params.criteria,
            snakemake.params.improvement,
            snakemake.params.exclude,
            snakemake.params.needs,
            snakemake.output,
        )
