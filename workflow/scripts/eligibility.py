"""Apply the plan's criteria in order, then what the comparison of films needs."""

from pathlib import Path

import pandas as pd

from calcinosis.derive.eligibility import participant_flow
from calcinosis.job import job, keep_private


def main(patients, films, intervals, criteria, improvement, output):
    keep_private(Path(output).parent)
    flow = participant_flow(
        pd.read_parquet(patients),
        criteria,
        pd.read_parquet(films) if films else None,
        pd.read_parquet(intervals) if intervals else None,
        exclude_improved=improvement == "exclude",
    )
    flow.to_parquet(output)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            snakemake.input.patients,
            snakemake.input.get("films"),
            snakemake.input.get("intervals"),
            snakemake.params.criteria,
            snakemake.params.improvement,
            snakemake.output[0],
        )
