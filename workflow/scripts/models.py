"""Fit the plan's logistic models: each covariate alone, and together."""

from calcinosis.job import step

from calcinosis import estimates
from calcinosis.estimate.models import Models
from calcinosis.frames import read_frame


def main(dataset, settings, centres, output):
    models = Models(read_frame(dataset), settings, centres)
    rows = [
        *estimates.attempt("univariable", models.univariable_rows),
        *estimates.attempt("multivariable", models.multivariable_rows),
    ]
    estimates.write(rows, output)


if __name__ == "__main__":
    with step(snakemake):
        main(
            snakemake.input.dataset,
            snakemake.params.models,
            snakemake.params.centres,
            snakemake.output[0],
        )
