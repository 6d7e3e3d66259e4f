"""Combine the readers' grades, compare the films of each patient, and hand on the pairs."""

from pathlib import Path

import pandas as pd

from calcinosis.derive import severity
from calcinosis.job import job, keep_private


def main(readings, settings, readers, output):
    keep_private(Path(output.intervals).parent)
    table = pd.read_parquet(readings)
    grades = severity.combine_readers(table, readers["disagreement"], readers["primary"])
    comparison = severity.compare_films(
        grades,
        list(table["grade"].cat.categories),
        comparison=settings["comparison"],
        unread_regions=settings["unread_regions"],
        worsening=settings["worsening"],
    )
    for name in ("intervals", "regions", "films"):
        getattr(comparison, name).to_parquet(output[name])


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            snakemake.input[0],
            snakemake.params.severity,
            snakemake.params.readers,
            snakemake.output,
        )
