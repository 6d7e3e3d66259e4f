"""Fit the plan's model of an ordered outcome and check its assumption."""

import pandas as pd

from calcinosis import estimates
from calcinosis.estimate.ordinal import ordinal_rows
from calcinosis.job import job


def main(dataset, settings, output):
    frame = pd.read_parquet(dataset)
    outcome, names, covariates = (settings[k] for k in ("outcome", "covariates", "definitions"))
    rows = estimates.attempt("ordinal", lambda: ordinal_rows(frame, outcome, names, covariates))
    estimates.write(rows, output)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(snakemake.input.dataset, snakemake.params.settings, snakemake.output[0])
