"""Fit the plan's logistic models: each covariate alone, and together."""

import pandas as pd

from calcinosis import estimates
from calcinosis.estimate.models import multivariable_rows, univariable_rows
from calcinosis.job import job


def main(dataset, models, centres, output):
    frame = pd.read_parquet(dataset)
    outcome, covariates, estimator = (models[k] for k in ("outcome", "covariates", "estimator"))
    rows = [
        *estimates.attempt(
            "univariable", lambda: univariable_rows(frame, outcome, covariates, estimator)
        ),
        *estimates.attempt(
            "multivariable",
            lambda: multivariable_rows(
                frame, outcome, covariates, models["multivariable"], estimator, centres
            ),
        ),
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
