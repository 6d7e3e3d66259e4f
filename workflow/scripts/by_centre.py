"""Estimate what each centre contributed, and the main results without each."""

import pandas as pd

from calcinosis import estimates
from calcinosis.estimate.by_centre import by_centre_rows
from calcinosis.job import job


def main(dataset, questions, settings, output):
    frame, asked = pd.read_parquet(dataset), pd.read_parquet(questions)
    rows = estimates.attempt("by_centre", lambda: by_centre_rows(frame, asked, settings))
    estimates.write(rows, output)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            snakemake.input.dataset,
            snakemake.input.questions,
            snakemake.params.by_centre,
            snakemake.output[0],
        )
