"""Estimate SCTC scores at the first and last film, and progression by their change."""

from calcinosis.job import step

from calcinosis import estimates
from calcinosis.estimate.sctc import sctc_rows
from calcinosis.frames import read_frame


def main(scores, comparison, output):
    frame = read_frame(scores)
    rows = estimates.attempt("progression", lambda: sctc_rows(frame, comparison), "sctc")
    estimates.write(rows, output)


if __name__ == "__main__":
    with step(snakemake):
        main(snakemake.input.scores, snakemake.params.comparison, snakemake.output[0])
