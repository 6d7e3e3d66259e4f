"""The header of an export file: is it one, what is twice or missing, and which column is which."""

import difflib
from pathlib import Path

import pandas as pd

from calcinosis.errors import InputError
from calcinosis.ingest.carriers.sheet import Note, Sheet, letter
from calcinosis.ingest.codebook import Variable, fold
from calcinosis.ingest.parsing import MISSING_WORDS


def plain(name: str) -> str:
    """A column's name without outer, repeated and non-breaking white space."""
    return " ".join(name.replace("\u00a0", " ").split())


def names(sheet: Sheet) -> list[str]:
    """The names of all columns, each without superfluous white space."""
    return [plain(name) for name in sheet.header]


def title(sheet: Sheet, position: int) -> str:
    """How messages and logs name a column: by its name, in a workbook also by its letter."""
    return plain(sheet.header[position]) + (f" ({letter(position)})" if sheet.letters else "")


def check(path: Path, sheet: Sheet, known: frozenset[str]) -> None:
    """Stop at a column without name and at two of one name.

    Names that the codebook does not know are not shown: they may be a patient's cells.

    Raises
    ------
    InputError
        Names the columns by number, in a workbook also by letter.
    """
    seen: dict[str, int] = {}
    for position, name in enumerate(names(sheet)):
        if not name:
            raise InputError(
                f"{path}: column {sheet.place(position)} of the header is empty; is there a title "
                "row above the header, or a delimiter at its end?"
            )
        if fold(name) in seen:
            called = f" ('{name}')" if fold(name) in known | {"complete?"} else ""
            raise InputError(
                f"{path}: columns {sheet.place(seen[fold(name)])} and {sheet.place(position)} have "
                f"one name{called}; rename one in the export (or is there no header in the first "
                "row? From REDCap, export raw data: with labels as headers, names repeat)"
            )
        seen[fold(name)] = position


def name_columns(path: Path, header: list[str], chosen: dict[str, Variable]) -> dict[str, int]:
    """Our name of each variable to the position of its column.

    Raises
    ------
    InputError
        All required columns that are not there, each with a similar name of the file.
    """
    positions = {fold(name): position for position, name in enumerate(header)}
    named: dict[str, int] = {}
    missing = []
    for variable in chosen.values():
        found = [positions[fold(s)] for s in variable.sources if fold(s) in positions]
        if found:
            named[variable.name] = found[0]
        elif variable.required:
            missing.append(
                f"{path}: the column '{variable.sources[0]}' ({variable.name}) is missing"
                + _hint(variable.sources[0], header)
                + ". Rename it in the export, or add its name to `source` in the codebook."
            )
    if missing:
        raise InputError("\n".join(missing))
    return named


def respelled(sheet: Sheet, chosen: dict[str, Variable], named: dict[str, int]) -> list[Note]:
    """Names of columns that differ from the codebook's in case or white space."""
    return [
        Note("header_spelling", sheet.header[position], plain(sheet.header[position]), 1)
        for name, position in named.items()
        if sheet.header[position] not in chosen[name].sources
    ]


def _hint(wanted: str, header: list[str]) -> str:
    """Name a similar column only: a file without header has a patient's cells in its first row."""
    close = difflib.get_close_matches(wanted, header, n=1)
    return f" (there is '{close[0]}')" if close else " (is there a header in the first row?)"


def stop_at_second(
    path: Path, row: int, cells: dict[str, pd.Series], chosen: dict[str, Variable]
) -> None:
    """Stop where the first record is a second header, with units or labels.

    Numbers and dates have digits: a first record of which no such cell has any, and of which two or
    more have words, or one has its own unit, label or format, is none of a patient.

    Raises
    ------
    InputError
        Names the row.
    """
    words = 0
    for name, column in cells.items():
        variable, text = chosen[name], fold(column.iloc[0])
        if variable.type not in ("integer", "number", "date") or text in MISSING_WORDS:
            continue
        if any(c.isdigit() for c in text) or text in variable.missing_codes:
            return
        bare = text.strip("()[]")
        own = (variable.unit, variable.label, variable.format.partition(" ")[0], *variable.sources)
        words += 2 if bare in map(fold, own) else 1
    if words >= 2:
        raise InputError(
            f"{path}: row {row} looks like a second header, with units or labels; delete it, so "
            "that the records follow the names of the columns"
        )
