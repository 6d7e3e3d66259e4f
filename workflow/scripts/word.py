"""Write the report of a cohort as a Word file, and its tables as CSV."""

from calcinosis.job import step

from pathlib import Path

from calcinosis import estimates
from calcinosis.present.word import Paper, write


def main(table, figures, plan, labels, citation, template, output):
    named = {Path(path).stem: Path(path) for path in figures}
    paper = Paper(named, citation, template and template["path"])
    write(output.document, output.tables, estimates.read(table), plan, labels, paper)


if __name__ == "__main__":
    with step(snakemake):
        main(
            snakemake.input.estimates,
            snakemake.input.figures,
            snakemake.params.plan,
            snakemake.params.labels,
            snakemake.params.citation,
            snakemake.params.template,
            snakemake.output,
        )
