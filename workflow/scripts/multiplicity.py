"""Adjust the p-values of the models for the number of tests."""

from calcinosis.job import step

from calcinosis import estimates
from calcinosis.estimate.multiplicity import adjusted_rows


def main(models, families, output):
    rows = estimates.read(models)
    estimates.write(
        estimates.attempt("multiplicity", lambda: adjusted_rows(rows, families)), output
    )


if __name__ == "__main__":
    with step(snakemake):
        main(snakemake.input.models, snakemake.params.families, snakemake.output[0])
