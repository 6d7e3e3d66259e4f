"""Estimate table 1: the patients by group."""

from calcinosis.job import step

from calcinosis import estimates
from calcinosis.estimate.describe import describe_rows, one_film_rows
from calcinosis.frames import read_frame


def main(dataset, one_film, settings, output):
    frame, excluded = read_frame(dataset), read_frame(one_film)
    rows = estimates.attempt(
        "describe", lambda: [*describe_rows(frame, settings), *one_film_rows(excluded)]
    )
    estimates.write(rows, output)


if __name__ == "__main__":
    with step(snakemake):
        main(
            snakemake.input.dataset,
            snakemake.input.one_film,
            snakemake.params.describe,
            snakemake.output[0],
        )
