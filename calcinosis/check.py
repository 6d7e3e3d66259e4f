"""`calcinosis check`: everything that is wrong with a cohort at once, and what would be asked.

It reads with the functions that the workflow reads with, runs no analysis and writes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from calcinosis import agreement, cohort, plan, side_files
from calcinosis.errors import InputError
from calcinosis.ingest import cleaning, export
from calcinosis.ingest.log import Log
from calcinosis.ingest.redcap.completion import read_codebook


@dataclass
class Checked:
    """What a check found.

    Parameters
    ----------
    problems : what must be mended before a run
    remarks : what a run would do, in plain words
    """

    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def attempt(self, step: Callable[..., Any], *arguments: Any, **settings: Any) -> Any:
        """What a step returns; None where it says what is wrong."""
        try:
            return step(*arguments, **settings)
        except InputError as error:
            self.problems += error.message.splitlines()
            return None


def check(plan_file: str | Path) -> Checked:
    """Check a plan, its codebook, its export and its side files.

    Parameters
    ----------
    plan_file : path of a `cohort.yaml`

    Returns
    -------
    Checked
    """
    found, home = Checked(), Path(plan_file).parent
    the_plan = found.attempt(plan.read_plan, plan_file)
    of_export = the_plan.export.model_dump(mode="json") if the_plan else {"redcap": None}
    book = found.attempt(read_codebook, home / "codebook.csv", of_export)
    given = found.attempt(side_files.corrections, home / cohort.CORRECTIONS)
    excluded = found.attempt(side_files.exclusions, home / cohort.EXCLUDE)
    if the_plan is None or book is None:
        found.remarks.append("The export is not checked before plan and codebook can be read.")
        return found
    variables, project = book
    found.attempt(cohort.published, the_plan, home)
    found.problems += cohort.problems(the_plan, variables, plan_file)
    files = cohort.export_files(the_plan, home)
    found.remarks += _unread(home, files, project.paths(home) if project else [])
    settings = {
        "latest": the_plan.export.date,
        "project": project,
        "given": given or (),
    }
    there = {
        table: [entry for entry in entries if Path(entry["path"]).is_file()]
        for table, entries in files.items()
        if any(variable.table == table for variable in variables)
    }
    if there != files or "patients" not in files:
        partial = the_plan.cleaning.partial_dates
        # Corrections of records in a file that is not there would look unknown.
        alone = settings | {"given": ()}
        found.attempt(export.parse, there, variables, Log(), partial=partial, **alone)
        found.remarks.append("What would be asked is not known before all files can be read.")
        return found
    rules = the_plan.cleaning.model_dump()
    if found.problems:  # a rule may name what is not there
        rules["rules"] = []
        found.remarks.append("Rules of the plan are not tried before the problems are mended.")
    cleaned = found.attempt(cleaning.clean, files, variables, settings=rules, **settings)
    if cleaned is not None:
        found.attempt(cleaning.stop_where_nothing_is_left, cleaned)
        ids = {*cleaned.tables["patients"]["patient_id"], *cleaned.queries["patient_id"]}
        if excluded:
            found.attempt(side_files.known_exclusions, home / cohort.EXCLUDE, ids)
            found.remarks.append(f"{cohort.EXCLUDE}: patients that are excluded: {len(excluded)}.")
        found.remarks += _remarks(cleaned, the_plan)
    return found


def _unread(
    home: Path, files: Mapping[str, list[dict[str, Any]]], dictionaries: Sequence[str | Path]
) -> list[str]:
    """Tables beside the plan that no step reads: perhaps a side file with another name."""
    read = {Path(entry["path"]) for entries in files.values() for entry in entries}
    read |= {*map(Path, dictionaries), home / "codebook.csv"}
    read |= {home / cohort.CORRECTIONS, home / cohort.EXCLUDE}
    beside = [path for ending in ("csv", "xlsx", "xls", "ods") for path in home.glob(f"*.{ending}")]
    names = sorted(path.name for path in beside if path not in read)
    if not names:
        return []
    return [
        f"Nothing reads {', '.join(names)}. Corrections are read from {cohort.CORRECTIONS}, "
        f"patients to exclude from {cohort.EXCLUDE}."
    ]


def _remarks(cleaned: cleaning.Cleaned, the_plan: plan.Plan) -> list[str]:
    used = agreement.used(the_plan)

    def counts(kind: str) -> list[tuple[str, str, str, int]]:
        of_kind = cleaned.quality[cleaned.quality["kind"] == kind]
        summed = of_kind.groupby(["table", "variable", "rule"], as_index=False)["count"].sum()
        return list(summed.itertuples(index=False, name=None))

    total = len(cleaned.queries)
    return [
        *(
            f"{table}: {number} rows, of which {len(cleaned.tables[table])} are used."
            for table, _, _, number in counts("rows_in")
        ),
        *(
            f"{table}: {variable} has no column in the export and is missing in {number} rows; the "
            f"plan {'uses it' if variable in used else 'does not use it'}."
            for table, variable, _, number in counts("column_not_in_export")
        ),
        *(f"corrections: {n} {rule.replace('_', ' ')}." for _, _, rule, n in counts("corrections")),
        f"A run would ask the sites {total or 'no'} question{'' if total == 1 else 's'}"
        + (":" if total else "."),
        *(f"  {n} in {table}: {rule.replace('_', ' ')}" for table, _, rule, n in counts("queries")),
    ]


def words(name: str, checked: Checked) -> str:
    """The check for people: problems first, then what a run would do."""
    count = len(checked.problems)
    head = f"{name}: {count} problem{'s' if count > 1 else ''}" if count else f"{name}: no problem"
    lines = [head, *("  " + problem.replace("\n", "\n  ") for problem in checked.problems)]
    if checked.remarks:
        lines += ["", *(f"  {remark}" for remark in checked.remarks)]
    return "\n".join(lines)
