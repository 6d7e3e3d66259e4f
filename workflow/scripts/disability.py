"""Estimate: disability and hand function by group."""

from calcinosis.job import step

from calcinosis import estimates
from calcinosis.estimate.disability import disability_rows
from calcinosis.frames import read_frame


def main(dataset, settings, output):
    frame = read_frame(dataset)
    rows = estimates.attempt("disability", lambda: disability_rows(frame, settings))
    estimates.write(rows, output)


if __name__ == "__main__":
    with step(snakemake):
        main(snakemake.input.dataset, snakemake.params.disability, snakemake.output[0])
