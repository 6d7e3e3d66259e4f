"""Estimate grades by film, transitions, and the risk of progression."""

import pandas as pd

from calcinosis import estimates
from calcinosis.estimate.places import affected_rows, place_rows
from calcinosis.estimate.severity import progression_rows, severity_rows, transition_rows
from calcinosis.job import job


def main(datasets, comparison, output):
    pairs = pd.read_parquet(datasets.intervals)
    places, ends = pd.read_parquet(datasets.regions), pd.read_parquet(datasets.first_last_regions)
    ways = pd.read_parquet(datasets.definitions)

    def severity():
        return [*severity_rows(pairs, comparison), *affected_rows(ends)]

    def progression():
        rows = progression_rows(pairs, ways, comparison)
        return [*rows, *place_rows(places, ends, comparison)]

    rows = [
        *estimates.attempt("severity", severity),
        *estimates.attempt("transitions", lambda: transition_rows(pairs, comparison)),
        *estimates.attempt("progression", progression),
    ]
    estimates.write(rows, output)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            snakemake.input,
            snakemake.params.comparison,
            snakemake.output[0],
        )
