"""Estimate: lesions by site, finger and side, complications, and how lesions were found."""

from calcinosis.job import step

from functools import partial

from calcinosis import estimates
from calcinosis.estimate.ascertainment import ascertainment_rows
from calcinosis.estimate.ascertainment_sensitivity import sensitivity_rows
from calcinosis.estimate.finger_trend import finger_rows
from calcinosis.estimate.lesion_sides import side_rows
from calcinosis.estimate.lesions import complication_rows, lesions_rows
from calcinosis.estimate.site_combinations import combination_rows
from calcinosis.frames import read_frame


def main(dataset, models, settings, output):
    frame, of_models = read_frame(dataset), read_frame(models)
    steps = [
        ("lesions", "", lesions_rows),
        ("lesions", "fingers", finger_rows),
        ("lesions", "sides", side_rows),
        ("lesions", "combinations", combination_rows),
        ("complications", "", complication_rows),
        ("ascertainment", "", ascertainment_rows),
        ("ascertainment", "sensitivity", partial(sensitivity_rows, models=of_models)),
    ]
    rows = []
    for analysis, part, rows_of in steps:
        rows += estimates.attempt(analysis, partial(rows_of, frame, settings), part)
    estimates.write(rows, output)


if __name__ == "__main__":
    with step(snakemake):
        given = snakemake.input
        main(given.dataset, given.models, snakemake.params.lesions, snakemake.output[0])
