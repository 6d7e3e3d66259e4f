"""Add to the patients table what the plan derives from items: composites, scores, classes."""

from pathlib import Path

import pandas as pd

from calcinosis.derive import scores
from calcinosis.job import job, keep_private


def main(patients, plan, output):
    keep_private(Path(output).parent)
    scores.add(pd.read_parquet(patients), plan).to_parquet(output)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(snakemake.input[0], snakemake.params.plan, snakemake.output[0])
