"""Estimate the incidence of progression: full interval, mid-point, interval-censored."""

import pandas as pd

from calcinosis import estimates
from calcinosis.estimate.incidence import incidence_rows
from calcinosis.job import job


def main(intervals, per, output):
    pairs = pd.read_parquet(intervals)
    estimates.write(estimates.attempt("incidence", lambda: incidence_rows(pairs, per)), output)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(snakemake.input.intervals, snakemake.params.per, snakemake.output[0])
