"""Turn the counts of ingest into rows of the estimates table."""

import pandas as pd

from calcinosis import estimates
from calcinosis.estimate.flow import quality_rows
from calcinosis.job import job


def main(quality, output):
    counts = pd.read_parquet(quality)
    estimates.write(estimates.attempt("quality", lambda: quality_rows(counts)), output)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(snakemake.input.quality, snakemake.output[0])
