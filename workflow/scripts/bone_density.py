"""Estimate: bone density: T-scores by group, WHO classes, who had densitometry."""

import pandas as pd

from calcinosis import estimates
from calcinosis.estimate.bone_density import bone_density_rows
from calcinosis.job import job


def main(dataset, settings, output):
    frame = pd.read_parquet(dataset)
    rows = estimates.attempt("bone_density", lambda: bone_density_rows(frame, settings))
    estimates.write(rows, output)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(snakemake.input.dataset, snakemake.params.bone_density, snakemake.output[0])
