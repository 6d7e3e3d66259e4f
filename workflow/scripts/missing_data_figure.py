"""Draw which variables are missing together from rows of the estimates table."""

from calcinosis.job import step

from calcinosis.present import formats
from calcinosis.present.figures.missing_data import figure
from calcinosis.present.figures.style import write


def main(estimates, labels, numbers, output):
    with formats.written_for(numbers):
        write(figure(estimates, labels), output.svg, output.png, output.data)


if __name__ == "__main__":
    with step(snakemake):
        main(
            snakemake.input.estimates,
            snakemake.params.labels,
            snakemake.params.numbers,
            snakemake.output,
        )
