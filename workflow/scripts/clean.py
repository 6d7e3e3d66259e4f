"""Read the export strictly, parse it by the codebook, and hand on typed tables and logs.

The step stops when a file cannot be read as the plan declares it; cells and rows that cannot be
used become queries. Everything it writes is row-level and private.
"""

import datetime
from pathlib import Path

import pandas as pd

from calcinosis.ingest import cleaning, codebook
from calcinosis.ingest.redcap.completion import read_codebook
from calcinosis.job import job, keep_private


def main(files, codebook_file, export, settings, output):
    keep_private(Path(output.quality).parent, Path(output.patients).parent)
    variables, project = read_codebook(codebook_file, export)
    latest = datetime.date.fromisoformat(export["date"]) if export["date"] else None
    cleaned = cleaning.clean(files, variables, latest=latest, settings=settings, project=project)
    cleaning.stop_where_nothing_is_left(cleaned)
    for table in codebook.STRUCTURE:
        cleaned.tables.get(table, pd.DataFrame()).to_parquet(output[table])
    cleaned.quality.to_parquet(output.quality)
    cleaned.checks.to_parquet(output.checks)
    cleaned.queries.to_csv(output.queries, index=False, lineterminator="\n")
    cleaned.normalisations.to_csv(output.normalisations, index=False, lineterminator="\n")


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            snakemake.params.files,
            snakemake.input.codebook,
            snakemake.params.export,
            snakemake.params.cleaning,
            snakemake.output,
        )
