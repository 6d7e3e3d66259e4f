"""Draw the figures of disability from rows of the estimates table."""

from calcinosis.job import step

from calcinosis.present import formats
from calcinosis.present.figures import disability, disability_means
from calcinosis.present.figures.style import write

FIGURES = (disability.figure, disability_means.figure)


def main(estimates, labels, numbers, output):
    with formats.written_for(numbers):
        for draw, *files in zip(FIGURES, output.svg, output.png, output.data, strict=True):
            write(draw(estimates, labels), *files)


if __name__ == "__main__":
    with step(snakemake):
        main(
            snakemake.input.estimates,
            snakemake.params.labels,
            snakemake.params.numbers,
            snakemake.output,
        )
