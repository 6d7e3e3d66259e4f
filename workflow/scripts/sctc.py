"""Estimate SCTC scores at the first and last film, and progression by their change."""

import pandas as pd

from calcinosis import estimates
from calcinosis.estimate.sctc import sctc_rows
from calcinosis.job import job


def main(scores, comparison, output):
    frame = pd.read_parquet(scores)
    rows = estimates.attempt("progression", lambda: sctc_rows(frame, comparison), "sctc")
    estimates.write(rows, output)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(snakemake.input.scores, snakemake.params.comparison, snakemake.output[0])
