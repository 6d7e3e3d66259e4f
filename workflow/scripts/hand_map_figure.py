"""Draw the hand map from rows of the estimates table."""

from calcinosis.job import step

from calcinosis.present import formats
from calcinosis.present.figures.hand_map import figure
from calcinosis.present.figures.style import write


def main(estimates, labels, observation, numbers, output):
    with formats.written_for(numbers):
        write(figure(estimates, labels, observation), output.svg, output.png, output.data)


if __name__ == "__main__":
    with step(snakemake):
        main(
            snakemake.input.estimates,
            snakemake.params.labels,
            snakemake.params.observation,
            snakemake.params.numbers,
            snakemake.output,
        )
