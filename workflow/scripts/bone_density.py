"""Estimate: bone density: T-scores by group, WHO classes, who had densitometry."""

from calcinosis.job import step

from calcinosis import estimates
from calcinosis.estimate.bone_density import bone_density_rows
from calcinosis.frames import read_frame


def main(dataset, settings, output):
    frame = read_frame(dataset)
    rows = estimates.attempt("bone_density", lambda: bone_density_rows(frame, settings))
    estimates.write(rows, output)


if __name__ == "__main__":
    with step(snakemake):
        main(snakemake.input.dataset, snakemake.params.bone_density, snakemake.output[0])
