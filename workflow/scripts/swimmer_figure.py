"""Draw each patient's films and grades, for the private folder."""

from calcinosis.job import keep_private, step

from pathlib import Path

from calcinosis.present import formats
from calcinosis.present.figures.style import write
from calcinosis.present.figures.swimmer import figure


def main(films, labels, observation, numbers, output):
    keep_private(Path(output.svg).parent, Path(output.data).parent)
    with formats.written_for(numbers):
        write(figure(films, labels, observation), output.svg, output.png, output.data)


if __name__ == "__main__":
    with step(snakemake):
        main(
            snakemake.input.films,
            snakemake.params.labels,
            snakemake.params.observation,
            snakemake.params.numbers,
            snakemake.output,
        )
