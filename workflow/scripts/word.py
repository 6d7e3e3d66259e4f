"""Write the tables of a cohort's report as a Word file."""

from calcinosis import estimates
from calcinosis.job import job
from calcinosis.present.word import write_tables


def main(table, plan, labels, output):
    write_tables(output, estimates.read(table), plan, labels)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            snakemake.input.estimates,
            snakemake.params.plan,
            snakemake.params.labels,
            snakemake.output[0],
        )
