"""Measure how well the multivariable model predicts; list the patients on whom it hangs."""

from calcinosis.job import keep_private, step

from pathlib import Path

import pandas as pd

from calcinosis import estimates
from calcinosis.estimate.influence import PRIVATE_COLUMNS, influential
from calcinosis.estimate.models import Models
from calcinosis.estimate.validation import validation_rows
from calcinosis.frames import read_frame


def main(dataset, resamples, models, centres, groups, output):
    keep_private(Path(output.influential).parent)
    frame = read_frame(dataset).sort_values("patient_id")
    drawn = [read_frame(path) for path in resamples]
    listed = []

    def rows():
        model = Models(frame, models, centres).multivariable
        listed.append(influential(model, frame["patient_id"]))
        return validation_rows(model, drawn, groups)

    estimates.write(estimates.attempt("validation", rows), output.estimates)
    frame = listed[0] if listed else pd.DataFrame(columns=PRIVATE_COLUMNS)
    frame.to_csv(output.influential, index=False, lineterminator="\n")


if __name__ == "__main__":
    with step(snakemake):
        main(
            snakemake.input.dataset,
            snakemake.input.resamples,
            snakemake.params.models,
            snakemake.params.centres,
            snakemake.params.groups,
            snakemake.output,
        )
