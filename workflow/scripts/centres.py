"""Estimate how the odds ratios of the multivariable model depend on centres."""

from calcinosis.job import step

from calcinosis import estimates
from calcinosis.estimate.centres import centre_rows
from calcinosis.frames import read_frame


def main(dataset, models, centres, output):
    frame = read_frame(dataset)
    estimates.write(
        estimates.attempt("centres", lambda: centre_rows(frame, models, centres)), output
    )


if __name__ == "__main__":
    with step(snakemake):
        main(
            snakemake.input.dataset,
            snakemake.params.models,
            snakemake.params.centres,
            snakemake.output[0],
        )
