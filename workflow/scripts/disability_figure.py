"""Draw the disability figures from rows of the estimates table."""

from calcinosis.job import job
from calcinosis.present.figures import disability, disability_means
from calcinosis.present.figures.style import write


def main(estimates, labels, output):
    write(disability.figure(estimates, labels), output.svg, output.png, output.data)
    means = disability_means.figure(estimates, labels)
    write(means, output.means_svg, output.means_png, output.means_data)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(snakemake.input.estimates, snakemake.params.labels, snakemake.output)
