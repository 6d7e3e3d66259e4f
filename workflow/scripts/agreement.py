"""Estimate how far readers agree, and which false worsening published kappas allow."""

from calcinosis.job import step

from calcinosis import estimates
from calcinosis.estimate.agreement_of_readers import agreement_rows
from calcinosis.estimate.what_if import what_if_rows
from calcinosis.frames import read_frame


def main(pairs, intervals, kappas, output):
    readings, films = read_frame(pairs), read_frame(intervals)
    levels = list(films["grade_first"].cat.categories)

    def rows():
        return [*agreement_rows(readings, levels), *what_if_rows(films, kappas)]

    estimates.write(estimates.attempt("agreement", rows), output)


if __name__ == "__main__":
    with step(snakemake):
        main(
            snakemake.input.pairs,
            snakemake.input.intervals,
            snakemake.params.agreement["published_kappas"],
            snakemake.output[0],
        )
