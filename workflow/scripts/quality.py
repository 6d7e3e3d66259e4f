"""Turn the counts of ingest into rows of the estimates table."""

import pandas as pd

from calcinosis import estimates
from calcinosis.estimate.flow import quality_rows
from calcinosis.job import job


def main(quality, checks, output):
    counts, found = pd.read_parquet(quality), pd.read_parquet(checks)
    estimates.write(estimates.attempt("quality", lambda: quality_rows(counts, found)), output)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(snakemake.input.quality, snakemake.input.checks, snakemake.output[0])
