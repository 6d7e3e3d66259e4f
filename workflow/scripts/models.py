"""Fit the plan's logistic models: each covariate alone, and together."""

import pandas as pd

from calcinosis import estimates
from calcinosis.estimate.models import model_rows
from calcinosis.job import job


def main(dataset, models, centres, output):
    frame = pd.read_parquet(dataset)
    rows = estimates.attempt(
        "multivariable",
        lambda: model_rows(
            frame,
            models["outcome"],
            models["covariates"],
            models["multivariable"],
            models["estimator"],
            centres,
        ),
    )
    estimates.write(rows, output)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            snakemake.input.dataset,
            snakemake.params.models,
            snakemake.params.centres,
            snakemake.output[0],
        )
