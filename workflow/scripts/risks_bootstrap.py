"""Draw a batch of resamples of the patients and standardise their risks."""

from pathlib import Path

import pandas as pd

from calcinosis.estimate.models import Models
from calcinosis.estimate.resamples import batch
from calcinosis.job import job, keep_private


def main(dataset, settings, centres, bootstrap, number, output):
    keep_private(Path(output).parent)
    model = Models(pd.read_parquet(dataset), settings, centres).multivariable
    numbers = range(number * bootstrap["size"], (number + 1) * bootstrap["size"])
    batch(model, settings["covariates"], bootstrap["seed"], numbers).to_parquet(output)


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
