"""What each run gave, kept for later comparison.

`records/<cohort>/runs.csv` has a line for each run that differs from the one before it, in the
order in which they ran; no clock decides anything. What a line names is kept once, in a file called
by its own hash, so that runs that share a table share its file. Files are written under another
name and renamed, the line last: a run that is killed leaves the memory as it was, or complete.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from calcinosis import estimates, hashes
from calcinosis.errors import InputError
from calcinosis.placing import place

LIST = "runs.csv"
PRIVATE = {
    "patients": "parquet",
    "readings": "parquet",
    "classes": "parquet",
    "questions": "csv",
    "corrections": "csv",
}
"""Row-level contents and how their files end."""
PUBLIC = {"settings": "json", "estimates": "csv"}
CONTENTS = PUBLIC | PRIVATE
_SHOWN = 8
"""Digits of a hash that name an export or a state to people."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run: its export, and the hash of everything that is kept of it.

    Parameters
    ----------
    export : hash of the export's files
    state : hash of all that follows: one export has another state with another plan or code
    export_date : day of the export, empty where the plan has none
    settings, estimates, patients, readings, classes, questions, corrections : SHA-256 of the
        file that holds it
    """

    export: str
    state: str
    export_date: str
    settings: str
    estimates: str
    patients: str
    readings: str
    classes: str
    questions: str
    corrections: str

    @property
    def name(self) -> str:
        """What people call it: `EXPORT/STATE`."""
        return f"{self.export[:_SHOWN]}/{self.state[:_SHOWN]}"


_COLUMNS = tuple(field.name for field in fields(Run))


def remember(
    folder: str | Path, export: Mapping[str, str], contents: Mapping[str, bytes]
) -> list[Run]:
    """Keep what a run gave, unless it is what the last one gave.

    Parameters
    ----------
    folder : `records/<cohort>`; made where it is not there
    export : `hash` and `date` of the export
    contents : the bytes of each of `CONTENTS`

    Returns
    -------
    all runs in order; the last one is this one
    """
    folder = Path(folder)
    digests = {name: hashes.content_hash(contents[name]) for name in CONTENTS}
    of = {"export": export["hash"], "export_date": export["date"], **digests}
    run = Run(state=hashes.digest(of), **of)
    known = runs(folder)
    for name, digest in digests.items():
        path = _path(folder, name, digest)
        if not path.is_file() or hashes.file_hash(path) != digest:
            closed = (folder / "private", path.parent) if name in PRIVATE else ()
            place(path, contents[name], closed)
    if known and known[-1] == run:
        return known
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(each) for each in [*known, run])
    place(folder / LIST, text.getvalue().encode())
    return [*known, run]


def runs(folder: str | Path) -> list[Run]:
    """All remembered runs in order; none where nothing is remembered.

    Raises
    ------
    InputError
        The list is not one that this version writes.
    """
    path = Path(folder) / LIST
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    if not lines or tuple(lines[0]) != _COLUMNS or {len(line) for line in lines} != {len(_COLUMNS)}:
        raise InputError(
            f"{path}: this is not a list of runs that this version can read. Move it away; "
            "comparisons then begin anew with the next export."
        )
    return [Run(**dict(zip(_COLUMNS, line, strict=True))) for line in lines[1:]]


def before(folder: str | Path, run: Run | None = None) -> Run | None:
    """The run that a run is compared with: the last one before it of another export.

    One in which an analysis failed is passed over where there is another: its results are missing,
    and would all be new.

    Parameters
    ----------
    folder : `records/<cohort>`
    run : None for the last one
    """
    known = runs(folder)
    last = len(known) - 1
    if run is not None:
        last = max(i for i, each in enumerate(known) if each == run)
    others = [each for each in reversed(known[:last]) if each.export != known[last].export]
    ended_well = (
        each for each in others if not estimates.holds_failure(kept(folder, each, "estimates"))
    )
    return next(ended_well, next(iter(others), None))


def find(folder: str | Path, name: str) -> Run:
    """The run that a name means: the first digits of `EXPORT`, then its last state, or of both.

    Parameters
    ----------
    folder : `records/<cohort>`
    name : `EXPORT` or `EXPORT/STATE`, each with as many digits as tell it apart

    Raises
    ------
    InputError
        No run or several are called so; the message lists what is remembered.
    """
    known = runs(folder)
    export, _, state = name.partition("/")
    found = [r for r in known if r.export.startswith(export) and r.state.startswith(state)]
    if export and len({(run.export, run.state if state else "") for run in found}) == 1:
        return found[-1]
    said = "several runs are" if found else "no run is"
    raise InputError(f"{said} called '{name}'.\n{listed(folder)}")


def listed(folder: str | Path) -> str:
    """What is remembered, for people."""
    known = runs(folder)
    if not known:
        return f"{folder} remembers no run; `snakemake --cores 4` makes one."
    lines = [f"Remembered in {folder}, in the order of the runs (EXPORT/STATE, day of the export):"]
    lines += [f"  {run.name}  {run.export_date}".rstrip() for run in known]
    return "\n".join(lines)


def kept(folder: str | Path, run: Run, name: str) -> Path:
    """The file that holds what is kept of a run.

    Raises
    ------
    InputError
        The file is not there, or not what was kept.
    """
    folder, digest = Path(folder), getattr(run, name)
    path = _path(folder, name, digest)
    if path.is_file() and hashes.file_hash(path) == digest:
        return path
    state = "damaged" if path.is_file() else "gone"
    raise InputError(
        f"{path}: what was remembered of run {run.name} is {state}. Move {folder / LIST} away; "
        "comparisons then begin anew with the next export, and no result is lost."
    )


def files(folder: str | Path) -> set[Path]:
    """The paths of all that is remembered, whether it is there or not."""
    folder = Path(folder)
    named = {_path(folder, name, getattr(run, name)) for run in runs(folder) for name in CONTENTS}
    return {folder / LIST, *named}


def _path(folder: Path, name: str, digest: str) -> Path:
    home = folder / "private" if name in PRIVATE else folder
    return home / name / f"{digest}.{CONTENTS[name]}"
