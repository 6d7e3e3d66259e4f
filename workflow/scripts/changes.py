"""Remember what this run gave, and compare it with the export that ran before.

The memory, `records/<cohort>`, is only ever added to and never an output of the engine, which would
delete it before the step; no report, index or estimate reads it.
"""

from calcinosis.job import keep_private, step

from pathlib import Path

from calcinosis import changes
from calcinosis.present.changes import page
from calcinosis.records import comparison, keeping, runs
from calcinosis.spreadsheets import write_csv


def main(cohort, source, made, words, memory, output):
    known = runs.remember(memory, made["export"], keeping.contents(source, made))
    found = comparison.compare(memory, runs.before(memory), known[-1])
    compared = (found.old, found.new) if found.old else None
    text = page(cohort, *words, compared, found.changes)
    Path(output.page).write_text(text, "utf-8")
    changes.write(found.changes, output.table)
    keep_private(Path(output.patients).parent)
    write_csv(found.patients, output.patients)
    write_csv(found.values, output.values)


if __name__ == "__main__":
    with step(snakemake):
        main(
            snakemake.wildcards.cohort,
            snakemake.input,
            snakemake.params.made,
            [snakemake.params[name] for name in ("about", "numbers", "labels")],
            snakemake.params.memory,
            snakemake.output,
        )
