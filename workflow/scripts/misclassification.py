"""Correct risk, rate and odds ratios of progression for known sensitivity and specificity."""

from calcinosis.job import step

from calcinosis import estimates
from calcinosis.estimate.misclassification import (
    compared_often,
    odds_ratio_rows,
    progression_rows,
)
from calcinosis.frames import read_frame


def main(datasets, settings, output):
    intervals = read_frame(datasets.intervals)
    person_time, models = read_frame(datasets.incidence), read_frame(datasets.models)

    def rows():
        found = progression_rows(intervals, person_time, settings)
        if settings["models"]:
            found += odds_ratio_rows(models, settings, several=compared_often(intervals))
        return found

    estimates.write(estimates.attempt("agreement", rows, "misclassification"), output)


if __name__ == "__main__":
    with step(snakemake):
        main(snakemake.input, snakemake.params.settings, snakemake.output[0])
