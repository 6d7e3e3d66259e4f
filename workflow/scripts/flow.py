"""Count who entered, who left at each step, and who is analysed; list those who left."""

from calcinosis.job import keep_private, step

from pathlib import Path

from calcinosis import estimates
from calcinosis.derive import eligibility
from calcinosis.estimate.flow import flow_rows
from calcinosis.frames import read_frame


def main(flow, records, output, excluded):
    keep_private(Path(excluded).parent)
    patients, counts = read_frame(flow), read_frame(records)
    estimates.write(estimates.attempt("flow", lambda: flow_rows(patients, counts)), output)
    eligibility.excluded(patients).to_csv(excluded, index=False, lineterminator="\n")


if __name__ == "__main__":
    with step(snakemake):
        main(
            snakemake.input.flow,
            snakemake.input.records,
            snakemake.output.estimates,
            snakemake.output.excluded,
        )
