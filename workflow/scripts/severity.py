"""Estimate grades by film, transitions, and the risk of progression."""

from calcinosis.job import step

from calcinosis import estimates
from calcinosis.estimate.places import affected_rows, place_rows
from calcinosis.estimate.severity import progression_rows, severity_rows, transition_rows
from calcinosis.frames import read_frame


def main(datasets, comparison, output):
    pairs = read_frame(datasets.intervals)
    places, ends = read_frame(datasets.regions), read_frame(datasets.first_last_regions)
    ways = read_frame(datasets.definitions)

    def severity():
        return [*severity_rows(pairs, comparison), *affected_rows(ends)]

    def progression():
        rows = progression_rows(pairs, ways, comparison)
        return [*rows, *place_rows(places, ends, comparison)]

    rows = [
        *estimates.attempt("severity", severity),
        *estimates.attempt("transitions", lambda: transition_rows(pairs, comparison)),
        *estimates.attempt("progression", progression),
    ]
    estimates.write(rows, output)


if __name__ == "__main__":
    with step(snakemake):
        main(
            snakemake.input,
            snakemake.params.comparison,
            snakemake.output[0],
        )
