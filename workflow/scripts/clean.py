"""Read the export strictly, correct and parse it; hand on typed tables and logs, all private."""

from calcinosis.job import keep_private, step

import datetime
from pathlib import Path

from calcinosis import side_files
from calcinosis.frames import write_frame
from calcinosis.ingest import cleaning, codebook
from calcinosis.ingest.redcap.completion import read_codebook
from calcinosis.spreadsheets import write_csv


def main(files, codebook_file, meaning, export, settings, corrections, output):
    keep_private(Path(output.quality).parent, Path(output.patients).parent)
    variables, project = read_codebook(codebook_file, export, meaning)
    latest = datetime.date.fromisoformat(export["date"]) if export["date"] else None
    given = side_files.corrections(corrections)
    beside = {"latest": latest, "settings": settings, "project": project, "given": given}
    cleaned = cleaning.clean(files, variables, **beside)
    cleaning.stop_where_nothing_is_left(cleaned)
    for table in codebook.STRUCTURE:
        write_frame(cleaned.tables.get(table), output[table])
        write_frame(cleaned.origins.get(table), output[f"{table}_origin"])
    write_frame(cleaned.quality, output.quality)
    write_frame(cleaned.checks, output.checks)
    for name in ("queries", "normalisations", "corrections"):
        write_csv(getattr(cleaned, name), output[name])


if __name__ == "__main__":
    with step(snakemake):
        main(
            snakemake.params.files,
            snakemake.input.codebook,
            snakemake.params.codebook,
            snakemake.params.export,
            snakemake.params.cleaning,
            snakemake.params.corrections["path"],
            snakemake.output,
        )
