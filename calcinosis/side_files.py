"""What the study team writes beside an export: `corrections.csv` and `exclude.csv`.

Both are optional, hold patients, and stay out of git. A file that is not there says nothing.
"""

import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from calcinosis.errors import InputError, nearest

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
CONFIRMED = "confirmed"
"""Instead of a new value: the value that is asked about is right."""

QUESTION_COLUMNS = (
    *("query_id", "site", "patient_id", "table", "record", "event"),
    *("variable", "field", "old_value"),
    *("rule", "severity", "state", "question"),
)
"""What a site's workbook says of each question."""
ANSWER_COLUMNS = ("new_value", "answered_by", "date", "why")
"""What the site fills in."""
PLACE_COLUMNS = ("file", "row")
_NEEDED = ("table", "record", "variable", "old_value", *ANSWER_COLUMNS)


def formula_safe(text: object) -> object:
    """A text that no spreadsheet takes for a formula: `=1+1` becomes `'=1+1`."""
    return f"'{text}" if isinstance(text, str) and _looks_like_a_formula(text) else text


def as_written(text: str) -> str:
    """The text that `formula_safe` has made safe."""
    return text[1:] if text[:1] == "'" and _looks_like_a_formula(text[1:]) else text


def _looks_like_a_formula(text: str) -> bool:
    return text.lstrip("'").startswith(_FORMULA)


@dataclass(frozen=True)
class Correction:
    """One answered row: what the cell held, what it holds now, and who says so, when and why.

    Parameters
    ----------
    place : `file:line`, for messages
    table, record, variable : whose value it is; `record` is the key as the export writes it
    old, new : texts; `new` may be `confirmed`
    who, when, why : of the answer
    """

    place: str
    table: str
    record: str
    variable: str
    old: str
    new: str
    who: str
    when: str
    why: str

    @property
    def line(self) -> str:
        """Its line in the file."""
        return self.place.rpartition(":")[2]

    @property
    def confirms(self) -> bool:
        """Whether it says that the value is right."""
        return self.new.casefold() == CONFIRMED


def corrections(path: str | Path) -> list[Correction]:
    """Read `corrections.csv`: the rows of the sites' sheets; rows without an answer are left out.

    Raises
    ------
    InputError
        All problems at once: columns that are not those of the sheet, rows that do not say whose
        value they are, answers without who, when or why, one value that is corrected twice.
    """
    found: list[Correction] = []
    problems: list[str] = []
    seen: dict[tuple[str, ...], tuple[str, str]] = {}
    allowed = (*QUESTION_COLUMNS, *ANSWER_COLUMNS, *PLACE_COLUMNS)
    for place, fields in _rows(path, _NEEDED, allowed, problems):
        if not fields["new_value"]:
            continue
        empty = [name for name in ("table", "record", *ANSWER_COLUMNS) if not fields[name]]
        if empty:
            problems.append(f"{place}: fill in {', '.join(empty)}")
            continue
        identity = tuple(fields[name] for name in ("table", "record", "variable", "old_value"))
        first, answered = seen.setdefault(identity, (place, fields["new_value"]))
        if answered != fields["new_value"]:
            problems.append(f"{place}: {first} has another answer to the same question; keep one")
        if first != place:
            continue
        answer = (fields[name] for name in ANSWER_COLUMNS)
        found.append(Correction(place, *identity, *answer))
    if problems:
        raise InputError("\n".join(problems))
    return found


def exclusions(path: str | Path) -> dict[str, str]:
    """Read `exclude.csv` (patient_id, reason): the place of each patient's line by id.

    Raises
    ------
    InputError
        All problems at once: other columns, an id or a reason missing, an id twice.
    """
    found: dict[str, str] = {}
    problems: list[str] = []
    columns = ("patient_id", "reason")
    for place, fields in _rows(path, columns, columns, problems):
        empty = [name for name in columns if not fields[name]]
        if empty:
            problems.append(f"{place}: fill in {', '.join(empty)}")
        elif fields["patient_id"] in found:
            problems.append(f"{place}: the patient of {found[fields['patient_id']]} again")
        else:
            found[fields["patient_id"]] = place
    if problems:
        raise InputError("\n".join(problems))
    return found


def known_exclusions(path: str | Path, ids: Collection[str]) -> list[str]:
    """Read `exclude.csv` beside the ids of all patients of the export.

    Returns
    -------
    the ids of those excluded

    Raises
    ------
    InputError
        See `exclusions`; or it names a patient whom the export does not hold: the message names the
        lines, not the ids.
    """
    excluded = exclusions(path)
    problems = [
        f"{place}: the export has no such patient; write the id as the list of queries does "
        "(<centre>-<id> where centres deliver files of their own), or delete the line"
        for patient, place in excluded.items()
        if patient not in ids
    ]
    if problems:
        raise InputError("\n".join(problems))
    return list(excluded)


def _rows(
    path: str | Path, needed: tuple[str, ...], allowed: tuple[str, ...], problems: list[str]
) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of a file by column, each with its place; what is wrong goes to `problems`."""
    path = Path(path)
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        return
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    first = text.split("\n", 1)[0]
    # Spreadsheets of half the world write semicolons.
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    header: list[str] = []
    line = 1
    try:
        for record in reader:
            place, line = f"{path}:{line}", reader.line_num + 1
            cells = [as_written(cell).strip() for cell in record]
            if not any(cells):
                continue
            if not header:
                header = cells
                _check_header(place, header, needed, allowed)
            elif len(cells) != len(header):
                problems.append(f"{place}: {len(cells)} fields, the header has {len(header)}")
            else:
                yield place, dict(zip(header, cells, strict=True))
    except csv.Error as error:
        raise InputError(f"{path}:{line}: cannot be read ({error})") from None


def _check_header(
    place: str, header: list[str], needed: tuple[str, ...], allowed: tuple[str, ...]
) -> None:
    """Names that nobody knows are not shown: a file without header has a patient in line 1."""
    problems = [
        f"{place}: column {position} is none of this file's ({', '.join(allowed)})"
        + (f"; {hint}" if (hint := nearest(name, allowed)).startswith("did") else "")
        for position, name in enumerate(header, start=1)
        if name not in allowed
    ]
    problems += [
        f"{place}: the column '{name}' is missing" for name in needed if name not in header
    ]
    problems += [
        f"{place}: the column '{name}' stands twice" for name in allowed if header.count(name) > 1
    ]
    if problems:
        raise InputError("\n".join(problems))
