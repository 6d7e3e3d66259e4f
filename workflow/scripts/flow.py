"""Count who entered, who left at each step, and who is analysed; list those who left."""

from pathlib import Path

import pandas as pd

from calcinosis import estimates
from calcinosis.derive import eligibility
from calcinosis.estimate.flow import flow_rows
from calcinosis.job import job, keep_private


def main(flow, records, output, excluded):
    keep_private(Path(excluded).parent)
    patients, counts = pd.read_parquet(flow), pd.read_parquet(records)
    estimates.write(estimates.attempt("flow", lambda: flow_rows(patients, counts)), output)
    eligibility.excluded(patients).to_csv(excluded, index=False, lineterminator="\n")


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            snakemake.input.flow,
            snakemake.input.records,
            snakemake.output.estimates,
            snakemake.output.excluded,
        )
