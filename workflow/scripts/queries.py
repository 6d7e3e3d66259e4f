"""Write each site's workbook of questions with their states, and remember what was asked.

The memory, `records/<cohort>/private/queries.csv`, is added to and never an output of the engine,
which would delete it before the step; no report, index or estimate reads it.
"""

from calcinosis.job import keep_private, step

from pathlib import Path

from calcinosis import site_queries
from calcinosis.records import questions
from calcinosis.spreadsheets import read_csv, write_csv


def main(queries, corrections, export, lines, labels, memory, output):
    folder = Path(output.no_site).parent
    keep_private(Path(output.states).parent, folder, Path(memory).parent)
    now = questions.asked(read_csv(queries), export["hash"], export["date"], lines)
    history = questions.remember(memory, now)
    states = questions.states(now, history, read_csv(corrections), lines, labels)
    write_csv(states, output.states)
    return site_queries.write(states, folder)


if __name__ == "__main__":
    with step(snakemake) as beside:
        beside += main(
            snakemake.input.queries,
            snakemake.input.corrections,
            snakemake.params.export,
            snakemake.params.lines,
            snakemake.params.labels,
            snakemake.params.memory,
            snakemake.output,
        )
