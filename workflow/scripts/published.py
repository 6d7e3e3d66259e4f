"""Hold the numbers that a paper prints against each other and against our estimates."""

from calcinosis.job import step

from calcinosis import estimates
from calcinosis.estimate.published import published_rows


def main(parts, settings, output):
    ours = [row for part in parts for row in estimates.read(part)]
    rows = estimates.attempt("published", lambda: published_rows(settings, ours))
    estimates.write(rows, output)


if __name__ == "__main__":
    with step(snakemake):
        main(snakemake.input.get("ours", []), snakemake.params.published, snakemake.output[0])
