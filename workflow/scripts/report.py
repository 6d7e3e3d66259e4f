"""Build the report of a cohort from its estimates, its plan and its figures."""

from calcinosis.job import step

from pathlib import Path

from calcinosis import estimates, provenance
from calcinosis.present.report import report


def main(cohort, parts, datasets, datasets_of, figures, plan, labels, output):
    hashes = {Path(path).stem: provenance.file_hash(path) for path in datasets}
    page = report(
        cohort,
        {Path(path).stem: estimates.read(path) for path in parts},
        {rule: {name: hashes[name] for name in names} for rule, names in datasets_of.items()},
        [Path(path) for path in figures],
        plan,
        labels,
    )
    Path(output).write_text(page, "utf-8")


if __name__ == "__main__":
    with step(snakemake):
        main(
            snakemake.wildcards.cohort,
            snakemake.input.parts,
            snakemake.input.datasets,
            snakemake.params.datasets_of,
            snakemake.input.figures,
            snakemake.params.plan,
            snakemake.params.labels,
            snakemake.output[0],
        )
