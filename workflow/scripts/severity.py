"""Estimate grades by film, transitions, and the risk of progression."""

import pandas as pd

from calcinosis import estimates
from calcinosis.estimate.severity import progression_rows, severity_rows, transition_rows
from calcinosis.job import job


def main(intervals, regions, comparison, output):
    pairs, places = pd.read_parquet(intervals), pd.read_parquet(regions)
    rows = [
        *estimates.attempt("severity", lambda: severity_rows(pairs, comparison)),
        *estimates.attempt("transitions", lambda: transition_rows(pairs, comparison)),
        *estimates.attempt("progression", lambda: progression_rows(pairs, places, comparison)),
    ]
    estimates.write(rows, output)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            snakemake.input.intervals,
            snakemake.input.regions,
            snakemake.params.comparison,
            snakemake.output[0],
        )
