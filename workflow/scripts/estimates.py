"""Join the estimates of all analyses of a cohort into its one table."""

from calcinosis.job import step

from calcinosis import estimates


def main(parts, output):
    estimates.write((row for part in parts for row in estimates.read(part)), output)


if __name__ == "__main__":
    with step(snakemake):
        main(snakemake.input.parts, snakemake.output[0])
