"""`calcinosis compare`: two remembered runs of a cohort side by side."""

from calcinosis.job import keep_private

from pathlib import Path

from calcinosis import changes, cohort, plan, provenance
from calcinosis.errors import InputError
from calcinosis.present.changes import in_words, page
from calcinosis.records import comparison, runs
from calcinosis.spreadsheets import write_csv


def compare(
    plan_file: str | Path,
    old: str | None = None,
    new: str | None = None,
    into: Path | None = None,
    records: str | Path = "records",
) -> str:
    """What differs between two runs.

    Parameters
    ----------
    plan_file : path of the cohort's `cohort.yaml`, whose labels and titles are used
    old, new : see `runs.find`; without `new` the last run, without `old` the one of another export
        before it
    into : a folder for the files that a run writes: changes.html, changes.csv and, in private/,
        changed_patients.csv and changed_values.csv
    records : the memory of all cohorts

    Returns
    -------
    the page in plain text

    Raises
    ------
    InputError
        Nothing is called so, there is nothing to compare with, or what is remembered is damaged.
    """
    name = plan.cohort_name(plan_file)
    folder = Path(records) / name
    known = runs.runs(folder)
    if not known:
        raise InputError(runs.listed(folder))
    now = runs.find(folder, new) if new else known[-1]
    before = runs.find(folder, old) if old else runs.before(folder, now)
    if before is None:
        raise InputError(f"There is no other export to compare with.\n{runs.listed(folder)}")
    found = comparison.compare(folder, before, now)
    facts = cohort.facts(str(plan_file), provenance.Remembered())
    of_plan = facts["plan"]
    words = (of_plan["report"]["numbers"], facts["labels"], (before, now), found.changes)
    if into is not None:
        into.mkdir(parents=True, exist_ok=True)
        (into / "changes.html").write_text(page(name, of_plan["about"], *words), "utf-8")
        changes.write(found.changes, into / "changes.csv")
        keep_private(into / "private")
        write_csv(found.patients, into / "private" / "changed_patients.csv")
        write_csv(found.values, into / "private" / "changed_values.csv")
    return in_words(*words)
