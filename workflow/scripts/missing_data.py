"""Estimate what is missing, and the multivariable model over imputations."""

from calcinosis.job import step

import pandas as pd

from calcinosis import estimates
from calcinosis.estimate.imputed_models import imputed_rows
from calcinosis.estimate.missingness import missingness_rows
from calcinosis.frames import read_frame


def main(dataset, batches, models, settings, output):
    frame = read_frame(dataset)
    imputations = pd.concat([read_frame(batch) for batch in batches])
    rows = [
        *estimates.attempt(
            "missingness",
            lambda: missingness_rows(
                frame, models["outcome"], settings["variables"], settings["centre"]
            ),
        ),
        *estimates.attempt(
            "multivariable",
            lambda: imputed_rows(frame, imputations, models, settings),
            model="imputed",
        ),
    ]
    estimates.write(rows, output)


if __name__ == "__main__":
    with step(snakemake):
        main(
            snakemake.input.dataset,
            snakemake.input.imputations,
            snakemake.params.models,
            snakemake.params.missing_data,
            snakemake.output[0],
        )
