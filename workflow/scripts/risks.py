"""Estimate risk ratios and differences from the multivariable model and its resamples."""

from calcinosis.job import step

import pandas as pd

from calcinosis import estimates
from calcinosis.estimate.models import Models
from calcinosis.estimate.risks import risk_rows
from calcinosis.frames import read_frame


def main(dataset, resamples, settings, centres, output):
    drawn = pd.concat([read_frame(path) for path in resamples])

    def rows():
        model = Models(read_frame(dataset), settings, centres).multivariable
        return risk_rows(model, settings["covariates"], drawn)

    estimates.write(estimates.attempt("risks", rows), output)


if __name__ == "__main__":
    with step(snakemake):
        main(
            snakemake.input.dataset,
            snakemake.input.resamples,
            snakemake.params.models,
            snakemake.params.centres,
            snakemake.output[0],
        )
