"""Estimate table 1: the patients by group."""

import pandas as pd

from calcinosis import estimates
from calcinosis.estimate.describe import describe_rows, one_film_rows
from calcinosis.job import job


def main(dataset, one_film, settings, output):
    frame, excluded = pd.read_parquet(dataset), pd.read_parquet(one_film)
    rows = estimates.attempt(
        "describe", lambda: [*describe_rows(frame, settings), *one_film_rows(excluded)]
    )
    estimates.write(rows, output)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            snakemake.input.dataset,
            snakemake.input.one_film,
            snakemake.params.describe,
            snakemake.output[0],
        )
