"""Fit the multivariable model to a hundred resamples and measure its optimism in each."""

from pathlib import Path

import pandas as pd

from calcinosis.estimate import optimism
from calcinosis.estimate.models import Models
from calcinosis.job import job, keep_private


def main(dataset, models, centres, bootstrap, batch, output):
    keep_private(Path(output).parent)
    model = Models(pd.read_parquet(dataset), models, centres).multivariable
    numbers = range(batch * bootstrap["size"], (batch + 1) * bootstrap["size"])
    optimism.batch(model, bootstrap["seed"], numbers).to_parquet(output)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            snakemake.input.dataset,
            snakemake.params.models,
            snakemake.params.centres,
            snakemake.params.bootstrap,
            int(snakemake.wildcards.batch),
            snakemake.output[0],
        )
