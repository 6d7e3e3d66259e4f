"""Count who entered, who left at each step, and who is analysed."""

import pandas as pd

from calcinosis import estimates
from calcinosis.estimate.flow import flow_rows
from calcinosis.job import job


def main(flow, records, output):
    patients, counts = pd.read_parquet(flow), pd.read_parquet(records)
    estimates.write(estimates.attempt("flow", lambda: flow_rows(patients, counts)), output)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(snakemake.input.flow, snakemake.input.records, snakemake.output[0])
