"""Join the records of all steps of a run: which inputs, by which settings, made which outputs."""

from calcinosis.job import step

from pathlib import Path

from calcinosis import made


def main(records, exports, output):
    Path(output).write_text(made.manifest(records, exports), "utf-8")


if __name__ == "__main__":
    with step(snakemake):
        main(snakemake.params.records, snakemake.params.exports, snakemake.output[0])
