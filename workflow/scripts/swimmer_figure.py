"""Draw each patient's films and grades, for the private folder."""

from pathlib import Path

from calcinosis.job import job, keep_private
from calcinosis.present import formats
from calcinosis.present.figures.style import write
from calcinosis.present.figures.swimmer import figure


def main(films, labels, observation, numbers, output):
    keep_private(Path(output.svg).parent, Path(output.data).parent)
    with formats.written_for(numbers):
        write(figure(films, labels, observation), output.svg, output.png, output.data)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            snakemake.input.films,
            snakemake.params.labels,
            snakemake.params.observation,
            snakemake.params.numbers,
            snakemake.output,
        )
