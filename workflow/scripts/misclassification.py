"""Correct risk, rate and odds ratios of progression for known sensitivity and specificity."""

import pandas as pd

from calcinosis import estimates
from calcinosis.estimate.misclassification import (
    compared_often,
    odds_ratio_rows,
    progression_rows,
)
from calcinosis.job import job


def main(datasets, settings, output):
    intervals = pd.read_parquet(datasets.intervals)
    person_time, models = pd.read_parquet(datasets.incidence), pd.read_parquet(datasets.models)

    def rows():
        found = progression_rows(intervals, person_time, settings)
        if settings["models"]:
            found += odds_ratio_rows(models, settings, several=compared_often(intervals))
        return found

    estimates.write(estimates.attempt("agreement", rows, "misclassification"), output)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(snakemake.input, snakemake.params.settings, snakemake.output[0])
