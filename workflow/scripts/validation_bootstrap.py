"""Fit the multivariable model to a hundred resamples and measure its optimism in each."""

from calcinosis.job import keep_private, step

from pathlib import Path

from calcinosis.estimate import optimism
from calcinosis.estimate.models import Models
from calcinosis.frames import read_frame, write_frame


def main(dataset, models, centres, bootstrap, batch, output):
    keep_private(Path(output).parent)
    model = Models(read_frame(dataset), models, centres).multivariable
    numbers = range(batch * bootstrap["size"], (batch + 1) * bootstrap["size"])
    write_frame(optimism.batch(model, bootstrap["seed"], numbers), output)


if __name__ == "__main__":
    with step(snakemake):
        main(
            snakemake.input.dataset,
            snakemake.params.models,
            snakemake.params.centres,
            snakemake.params.bootstrap,
            int(snakemake.wildcards.batch),
            snakemake.output[0],
        )
