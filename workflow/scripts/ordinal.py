"""Fit the plan's model of an ordered outcome and check its assumption."""

from calcinosis.job import step

from calcinosis import estimates
from calcinosis.estimate.ordinal import ordinal_rows
from calcinosis.frames import read_frame


def main(dataset, settings, output):
    frame = read_frame(dataset)
    outcome, names, covariates = (settings[k] for k in ("outcome", "covariates", "definitions"))
    rows = estimates.attempt("ordinal", lambda: ordinal_rows(frame, outcome, names, covariates))
    estimates.write(rows, output)


if __name__ == "__main__":
    with step(snakemake):
        main(snakemake.input.dataset, snakemake.params.settings, snakemake.output[0])
