"""List all cohorts of the run with their status, key numbers and open queries."""

from calcinosis.job import step

from pathlib import Path

from calcinosis import estimates
from calcinosis.present.index import index


def main(tables, plans, labels, output):
    cohorts = {Path(table).parent.name: estimates.read(table) for table in tables}
    Path(output).write_text(index(cohorts, plans, labels), "utf-8")


if __name__ == "__main__":
    with step(snakemake):
        main(
            snakemake.input.estimates,
            snakemake.params.plans,
            snakemake.params.labels,
            snakemake.output[0],
        )
