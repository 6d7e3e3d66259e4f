"""Combine the readers' grades, compare the films of each patient, and hand on the pairs."""

from pathlib import Path

import pandas as pd

from calcinosis.derive import severity
from calcinosis.job import job, keep_private


def main(readings, plan, output):
    keep_private(Path(output.intervals).parent)
    table = pd.read_parquet(readings)
    grades = severity.combine_readers(table, plan.disagreement, plan.primary)
    comparison = severity.compare_films(
        grades,
        list(table["grade"].cat.categories),
        comparison=plan.comparison,
        unread_regions=plan.unread_regions,
        worsening=plan.worsening,
    )
    for name in ("intervals", "regions", "films", "grades"):
        getattr(comparison, name).to_parquet(output[name])


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(snakemake.input[0], snakemake.params, snakemake.output)
