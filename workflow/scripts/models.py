"""Fit the plan's logistic models: each covariate alone, and together."""

import pandas as pd

from calcinosis import estimates
from calcinosis.estimate.models import Models
from calcinosis.job import job


def main(dataset, settings, centres, output):
    models = Models(pd.read_parquet(dataset), settings, centres)
    rows = [
        *estimates.attempt("univariable", models.univariable_rows),
        *estimates.attempt("multivariable", models.multivariable_rows),
    ]
    estimates.write(rows, output)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            snakemake.input.dataset,
            snakemake.params.models,
            snakemake.params.centres,
            snakemake.output[0],
        )
