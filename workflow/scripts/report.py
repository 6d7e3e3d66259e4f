"""Build the report of a cohort from its estimates table, its plan and its figures."""

from pathlib import Path

from calcinosis import estimates
from calcinosis.job import job
from calcinosis.present.report import report


def main(cohort, table, figures, plan, labels, output):
    page = report(cohort, estimates.read(table), [Path(f) for f in figures], plan, labels)
    Path(output).write_text(page, "utf-8")


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            snakemake.wildcards.cohort,
            snakemake.input.estimates,
            snakemake.input.figures,
            snakemake.params.plan,
            snakemake.params.labels,
            snakemake.output[0],
        )
