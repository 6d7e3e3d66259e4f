"""Draw a batch of resamples of the patients and standardise their risks."""

from calcinosis.job import keep_private, step

from pathlib import Path

from calcinosis.estimate.models import Models
from calcinosis.estimate.resamples import batch
from calcinosis.frames import read_frame, write_frame


def main(dataset, settings, centres, bootstrap, number, output):
    keep_private(Path(output).parent)
    model = Models(read_frame(dataset), settings, centres).multivariable
    numbers = range(number * bootstrap["size"], (number + 1) * bootstrap["size"])
    write_frame(batch(model, settings["covariates"], bootstrap["seed"], numbers), output)


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
