"""Draw the figures of lesions from rows of the estimates table."""

from calcinosis.job import step

from calcinosis.present import formats
from calcinosis.present.figures import lesion_hand_map, lesions, site_combinations
from calcinosis.present.figures.style import write

FIGURES = (lesions.figure, lesion_hand_map.figure, site_combinations.figure)


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
