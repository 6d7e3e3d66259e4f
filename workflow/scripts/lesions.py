"""Estimate: lesions by site and complications, each denominator named."""

import pandas as pd

from calcinosis import estimates
from calcinosis.estimate.lesions import complication_rows, lesions_rows
from calcinosis.job import job


def main(dataset, settings, output):
    frame = pd.read_parquet(dataset)
    rows = [
        *estimates.attempt("lesions", lambda: lesions_rows(frame, settings)),
        *estimates.attempt("complications", lambda: complication_rows(frame, settings)),
    ]
    estimates.write(rows, output)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(snakemake.input.dataset, snakemake.params.lesions, snakemake.output[0])
