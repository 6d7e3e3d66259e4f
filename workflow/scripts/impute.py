"""Impute the missing values of the model's variables, a batch of times."""

from calcinosis.job import keep_private, step

from pathlib import Path

from calcinosis.estimate.imputation import batch, of_model
from calcinosis.frames import read_frame, write_frame


def main(dataset, imputation, number, output):
    keep_private(Path(output).parent)
    frame = of_model(read_frame(dataset), imputation["outcome"], imputation["centre"])
    write_frame(batch(frame, imputation, number), output)


if __name__ == "__main__":
    with step(snakemake):
        main(
            snakemake.input.dataset,
            snakemake.params.imputation,
            int(snakemake.wildcards.batch),
            snakemake.output[0],
        )
