"""The codebook, `cohorts/<name>/codebook.csv`: what each column of the export means."""

import csv
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from calcinosis.errors import InputError, nearest
from calcinosis.ingest import identifiers

COLUMNS = (
    "variable",
    "table",
    "file",
    "source",
    "label",
    "type",
    "format",
    "unit",
    "min",
    "max",
    "levels",
    "codes",
    "missing_codes",
    "required",
    "identifier",
)
TYPES = ("id", "text", "integer", "number", "binary", "category", "ordinal", "date")
STRUCTURE = {
    "patients": (("patient_id",),),
    "readings": (("patient_id",), ("film_date", "film_day"), ("grade",)),
}
"""Fixed names by table: one of each group must be there. In the readings `reader`, `occasion`,
`side`, `region`, `coverage` and `density` may be."""
STRUCTURE_TYPES = {
    ("patients", "patient_id"): ("id",),
    ("patients", "centre"): ("category", "binary"),
    ("readings", "patient_id"): ("id",),
    ("readings", "film_date"): ("date",),
    ("readings", "film_day"): ("integer", "number"),
    ("readings", "grade"): ("ordinal",),
    ("readings", "reader"): ("category", "binary", "text"),
    ("readings", "occasion"): ("integer",),
    ("readings", "coverage"): ("integer", "number"),
    ("readings", "density"): ("integer", "number"),
    ("readings", "side"): ("category", "binary"),
    ("readings", "region"): ("category", "binary"),
}
"""What the steps after ingest take these variables to be."""

_ALWAYS = ("patient_id", "film_date", "film_day", "grade")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_FORMATS = {
    "date": re.compile(
        r"((?=.*dd)(?=.*mm)(?=.*yyyy)[dmy/. -]{10,11}( |$))?(era=(buddhist|either)( |$))?"
        "(excel_serial)?"
    ),
    "number": re.compile("(decimal=(comma|either))?"),
}
_NO_FORMAT = re.compile("")
_PERSONAL = ("id", "text", "date")
"""Types of columns that may identify a person."""
_LEVEL = re.compile(r"[a-z0-9_.-]+")


@dataclass(frozen=True)
class Variable:
    """One variable: where it stands in the export and what its cells may be.

    Parameters
    ----------
    name, table : our name, and the table it belongs to
    file : the one export file that this row is for; empty for all
    sources : the column's names in the export, the first that is there counts
    label : what people read; no estimate depends on it
    type : one of `TYPES`
    format : of dates: a pattern such as `dd/mm/yyyy` (`mmm` for months in words), `era=buddhist` or
        `era=either`, and `excel_serial`; of numbers: `decimal=comma` or `decimal=either`
    unit : what people read
    low, high : plausible range, None where open
    levels : canonical values in order
    codes : accepted spelling (case folded) to canonical value
    missing_codes : spellings that mean missing
    required : whether the export must have the column
    identifier : whether the column identifies a person and is dropped
    """

    name: str
    table: str
    file: str
    sources: tuple[str, ...]
    label: str
    type: str
    format: str
    unit: str
    low: float | None
    high: float | None
    levels: tuple[str, ...]
    codes: dict[str, str]
    missing_codes: frozenset[str]
    required: bool
    identifier: bool


def fold(text: str) -> str:
    """How spellings are compared: case, outer and repeated white space do not count."""
    return " ".join(text.split()).casefold()


Complete = Callable[[dict[str, str]], list[str]]
"""Fills the empty cells of one line from elsewhere; returns what is wrong with it."""


def read(path: str | Path, complete: Complete | None = None) -> list[Variable]:
    """Read and check a codebook.

    Parameters
    ----------
    path : the file
    complete : fills empty cells of each line before it is checked

    Raises
    ------
    InputError
        All problems at once, each with file, line, column, what was found and what to do.
    """
    path = Path(path)
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise InputError(
            f"{path}: there is no codebook; it says what each column of the export means"
        ) from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    if ";" in text.split("\n", 1)[0]:
        raise InputError(
            f"{path}:1: the fields are separated by ';'; save it with commas, as UTF-8"
        )
    reader = csv.DictReader(text.splitlines())
    problems = [
        f"{path}:1: unknown column '{name}': {nearest(str(name), COLUMNS)}"
        for name in reader.fieldnames or ()
        if name not in COLUMNS
    ] + [
        f"{path}:1: the column '{name}' is missing"
        for name in ("variable", "table", "type")
        if not (complete and name == "type") and name not in (reader.fieldnames or ())
    ]
    if problems:
        raise InputError("\n".join(problems))
    variables: list[Variable] = []
    for record in reader:
        line = reader.line_num
        if None in record or None in record.values():
            few = "more" if None in record else "fewer"
            problems.append(
                f"{path}:{line}: {few} fields than the header; quote fields with commas in them"
            )
            continue
        fields = {name: (record.get(name) or "").strip() for name in COLUMNS}
        wrong = complete(fields) if complete else []
        variable, found = _variable(fields)
        problems += [f"{path}:{line}: {problem}" for problem in wrong or found]
        if any(
            (v.table, v.name, v.file) == (variable.table, variable.name, variable.file)
            for v in variables
        ):
            problems.append(f"{path}:{line}: '{variable.name}' stands twice in {variable.table}")
        variables.append(variable)
    for table, groups in STRUCTURE.items():
        names = {v.name for v in variables if v.table == table}
        if names:
            problems += [
                f"{path}: the table {table} needs the variable {' or '.join(group)}"
                for group in groups
                if not names.intersection(group)
            ]
    first = {(v.table, v.name): v for v in reversed(variables)}
    problems += [
        f"{path}: '{v.name}' has another {fact} for {v.file} than elsewhere; give all its lines "
        "the same, and tell spellings apart by codes"
        for v in variables
        for fact in ("levels", "type", "unit", "identifier")
        if getattr(v, fact) != getattr(first[v.table, v.name], fact)
    ]
    if not any(v.table == "patients" for v in variables):
        problems.append(f"{path}: no variable of the table patients")
    if problems:
        raise InputError("\n".join(problems))
    return variables


def meaning(variables: list[Variable]) -> list[dict[str, object]]:
    """The codebook without what only people read: cleaning depends on this and on no label."""
    return [
        {
            name: sorted(value) if isinstance(value, frozenset) else value
            for name, value in vars(variable).items()
            if name not in ("label", "unit")
        }
        for variable in variables
    ]


def labels(variables: list[Variable]) -> dict[str, str]:
    """Label of each variable, with its unit, of its line for all files; else the name itself.

    Control characters, which no page and no Word file may hold, are left out.
    """
    return {
        v.name: "".join(
            character
            for character in (v.label or v.name.replace("_", " "))
            + (f" ({v.unit})" if v.unit else "")
            if unicodedata.category(character) != "Cc"
        )
        for v in sorted(variables, key=lambda v: not v.file)
    }


def _variable(fields: dict[str, str]) -> tuple[Variable, list[str]]:
    name, problems = fields["variable"], []
    if not _NAME.fullmatch(name):
        problems.append(f"variable '{name}': use a-z, 0-9 and '_', starting with a letter")
    if fields["type"] not in TYPES:
        problems.append(f"type '{fields['type']}' of '{name}': {nearest(fields['type'], TYPES)}")
    if fields["table"] not in STRUCTURE:
        problems.append(f"table '{fields['table']}': {nearest(fields['table'], STRUCTURE)}")
    levels = tuple(part.strip() for part in fields["levels"].split("|") if part.strip())
    problems += [
        f"level '{level}' of '{name}': use a-z, 0-9, '_', '.', '-'"
        for level in levels
        if not _LEVEL.fullmatch(level)
    ]
    if fields["type"] in ("category", "ordinal", "binary") and len(levels) < 2:
        problems.append(f"'{name}' is {fields['type']} and needs levels such as no|yes")
    if fields["type"] == "binary" and len(levels) > 2:
        problems.append(f"'{name}' is binary and has {len(levels)} levels; use category")
    codes = {fold(level): level for level in levels}
    for part in filter(None, (part.strip() for part in fields["codes"].split("|"))):
        spelling, equals, level = part.rpartition("=")
        if not equals or level.strip() not in levels:
            problems.append(
                f"code '{part}' of '{name}': write spelling=level, with a level of {levels}"
            )
        elif codes.setdefault(fold(spelling), level.strip()) != level.strip():
            problems.append(f"code '{spelling}' of '{name}' means two levels")
    missing_codes = frozenset(
        fold(code) for code in fields["missing_codes"].split("|") if code.strip()
    )
    problems += [
        f"'{code}' of '{name}' is a code of {codes[code]} and a missing code; keep one"
        for code in sorted(missing_codes.intersection(codes))
    ]
    if not _FORMATS.get(fields["type"], _NO_FORMAT).fullmatch(fields["format"]):
        problems.append(
            f"format '{fields['format']}' of '{name}': dates are written with dd, mm and yyyy, "
            "such as dd/mm/yyyy, and may add era=buddhist or era=either, and excel_serial; "
            "numbers may say decimal=comma or decimal=either; other types have no format"
        )
    bounds: list[float | None] = []
    for bound in ("min", "max"):
        try:
            bounds.append(float(fields[bound]) if fields[bound] else None)
        except ValueError:
            bounds.append(None)
            problems.append(f"{bound} '{fields[bound]}' of '{name}' is not a number")
    flags = {}
    for flag in ("required", "identifier"):
        if fields[flag] not in ("", "yes", "no"):
            problems.append(f"{flag} '{fields[flag]}' of '{name}': write yes or no")
        flags[flag] = fields[flag] == "yes"
    types = STRUCTURE_TYPES.get((fields["table"], name))
    identifying = [text for text in (name, *fields["source"].split("|")) if identifiers.named(text)]
    if identifying and not fields["identifier"] and not types and fields["type"] in _PERSONAL:
        problems.append(
            f"'{name}' looks as if it identifies a person ('{identifying[0]}'): write yes in its "
            "identifier, so that it is dropped, or no where it does not"
        )
    if types and fields["type"] in TYPES and fields["type"] not in types:
        problems.append(f"'{name}' of {fields['table']} must have the type {' or '.join(types)}")
    if types and flags["identifier"]:
        problems.append(
            f"'{name}' is needed by the analysis and cannot be an identifier that is dropped; "
            "it never leaves the private folder"
        )
    variable = Variable(
        name=name,
        table=fields["table"],
        file=fields["file"],
        sources=tuple(s.strip() for s in fields["source"].split("|") if s.strip()) or (name,),
        label=fields["label"],
        type=fields["type"],
        format=fields["format"],
        unit=fields["unit"],
        low=bounds[0],
        high=bounds[1],
        levels=levels,
        codes=codes,
        missing_codes=missing_codes,
        # The table cannot be read without what identifies its rows.
        required=flags["required"] or name in _ALWAYS,
        identifier=flags["identifier"],
    )
    return variable, problems
