"""Estimate grades by film, transitions, and the risk of progression."""

import pandas as pd

from calcinosis import estimates
from calcinosis.estimate.severity import severity_rows
from calcinosis.job import job


def main(intervals, regions, comparison, output):
    pairs, places = pd.read_parquet(intervals), pd.read_parquet(regions)
    rows = estimates.attempt("progression", lambda: severity_rows(pairs, places, comparison))
    estimates.write(rows, output)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            snakemake.input.intervals,
            snakemake.input.regions,
            snakemake.params.comparison,
            snakemake.output[0],
        )
