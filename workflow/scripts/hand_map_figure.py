"""Draw the hand map from rows of the estimates table."""

from calcinosis.job import job
from calcinosis.present.figures.hand_map import figure
from calcinosis.present.figures.style import write


def main(estimates, labels, observation, output):
    write(figure(estimates, labels, observation), output.svg, output.png, output.data)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            snakemake.input.estimates,
            snakemake.params.labels,
            snakemake.params.observation,
            snakemake.output,
        )
