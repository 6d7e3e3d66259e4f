"""Estimate how the odds ratios of the multivariable model depend on centres."""

import pandas as pd

from calcinosis import estimates
from calcinosis.estimate.centres import centre_rows
from calcinosis.job import job


def main(dataset, models, centres, output):
    frame = pd.read_parquet(dataset)
    estimates.write(
        estimates.attempt("centres", lambda: centre_rows(frame, models, centres)), output
    )


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            snakemake.input.dataset,
            snakemake.params.models,
            snakemake.params.centres,
            snakemake.output[0],
        )
