"""Estimate table 1: the patients by group."""

import pandas as pd

from calcinosis import estimates
from calcinosis.estimate.describe import describe_rows
from calcinosis.job import job


def main(dataset, settings, output):
    frame = pd.read_parquet(dataset)
    estimates.write(estimates.attempt("describe", lambda: describe_rows(frame, settings)), output)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(snakemake.input.dataset, snakemake.params.describe, snakemake.output[0])
