"""Estimate what each centre contributed, and the main results without each."""

from calcinosis.job import step

from calcinosis import estimates
from calcinosis.estimate.by_centre import by_centre_rows
from calcinosis.frames import read_frame


def main(dataset, questions, settings, output):
    frame, asked = read_frame(dataset), read_frame(questions)
    rows = estimates.attempt("by_centre", lambda: by_centre_rows(frame, asked, settings))
    estimates.write(rows, output)


if __name__ == "__main__":
    with step(snakemake):
        main(
            snakemake.input.dataset,
            snakemake.input.questions,
            snakemake.params.by_centre,
            snakemake.output[0],
        )
