"""Impute the missing values of the model's variables, a batch of times."""

from pathlib import Path

import pandas as pd

from calcinosis.estimate.imputation import batch, of_model
from calcinosis.job import job, keep_private


def main(dataset, imputation, number, output):
    keep_private(Path(output).parent)
    frame = of_model(pd.read_parquet(dataset), imputation["outcome"], imputation["centre"])
    batch(frame, imputation, number).to_parquet(output)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            snakemake.input.dataset,
            snakemake.params.imputation,
            int(snakemake.wildcards.batch),
            snakemake.output[0],
        )
