"""End the run: an error when any analysis failed, after its report was written."""

from calcinosis.job import step

from pathlib import Path

from calcinosis import estimates
from calcinosis.errors import InputError


def main(tables, output):
    failed = [
        f"{Path(table).parent.name}: {row.analysis}: {row.note}"
        for table in tables
        for row in estimates.read(table)
        if row.status == "failed"
    ]
    if failed:
        raise InputError(
            "These analyses failed; the reports are written and say so:\n"
            + "\n".join(failed)
            + "\nMend data, plan or code, then start the same command again."
        )
    Path(output).write_text("Every analysis of every cohort ended as planned.\n", "utf-8")


if __name__ == "__main__":
    with step(snakemake):
        main(snakemake.input.estimates, snakemake.output[0])
