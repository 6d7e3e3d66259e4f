"""Estimate: disability and hand function by group."""

import pandas as pd

from calcinosis import estimates
from calcinosis.estimate.disability import disability_rows
from calcinosis.job import job


def main(dataset, settings, output):
    frame = pd.read_parquet(dataset)
    rows = estimates.attempt("disability", lambda: disability_rows(frame, settings))
    estimates.write(rows, output)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(snakemake.input.dataset, snakemake.params.disability, snakemake.output[0])
