"""Add scores, apply exclusions and criteria, then write each dataset, empty where it is not run."""

from calcinosis.job import keep_private, step

from pathlib import Path

from calcinosis import side_files
from calcinosis.derive import datasets, scores
from calcinosis.derive.eligibility import participant_flow
from calcinosis.frames import read_frame, write_frame
from calcinosis.spreadsheets import read_csv


def main(source, queries, scoring, criteria, improvement, exclude, needs, output):
    keep_private(Path(output.done).parent)
    tables = {name: read_frame(path) for name, path in source.items() if path and path != queries}
    tables["patients"] = scores.add(tables["patients"], scoring)
    tables["queries"] = read_csv(queries)
    # Patients whose rows are out have questions.
    ids = {*tables["patients"]["patient_id"], *tables["queries"]["patient_id"]}
    excluded = side_files.known_exclusions(exclude, ids)
    films, intervals = tables.get("films"), tables.get("intervals")
    how = {"exclude_improved": improvement == "exclude", "excluded": excluded}
    flow = participant_flow(tables["patients"], criteria, films, intervals, **how)
    made = {"patients": tables["patients"], **datasets.build(tables, flow, needs)}
    for name, path in output.items():
        write_frame(made.get(name), path) if name != "done" else Path(path).touch()


if __name__ == "__main__":
    with step(snakemake):
        main(
            snakemake.input,
            snakemake.input.queries,
            snakemake.params.scoring,
            snakemake.params.criteria,
            snakemake.params.improvement,
            snakemake.params.exclude["path"],
            snakemake.params.needs,
            snakemake.output,
        )
