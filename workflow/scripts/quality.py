"""Turn the counts of ingest into rows of the estimates table."""

from calcinosis.job import step

from calcinosis import estimates
from calcinosis.estimate.flow import quality_rows
from calcinosis.frames import read_frame


def main(quality, checks, output):
    counts, found = read_frame(quality), read_frame(checks)
    estimates.write(estimates.attempt("quality", lambda: quality_rows(counts, found)), output)


if __name__ == "__main__":
    with step(snakemake):
        main(snakemake.input.quality, snakemake.input.checks, snakemake.output[0])
