"""Strict reading: every cell as text, with its physical row, or a message that says why not.

`pandas.read_csv` shifts columns on a trailing comma, turns `007` into 7, the site code `NA` into
missing and `1E5` into a number; here nothing is guessed, and a file that does not hold what its
header promises stops the run before any analysis.
"""

import codecs
import csv
import difflib
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from calcinosis.errors import InputError
from calcinosis.ingest.codebook import Variable, fold
from calcinosis.ingest.parsing import Fate


@dataclass(frozen=True)
class Sheet:
    """One export file as text, as it stands.

    Parameters
    ----------
    path : the file
    cells : one text column per column of the file, named as there
    row : physical line of each row in the file (the header is line 1)
    """

    path: Path
    cells: pd.DataFrame
    row: pd.Series


@dataclass(frozen=True)
class Table:
    """One export file as text, its columns named by the codebook.

    Parameters
    ----------
    file : name of the file, as messages show it
    cells : one text column per codebook variable found, named by our names
    row : physical line of each row in the file (the header is line 1)
    source : our name to the column's name in the file
    unknown : columns of the file that the codebook does not name
    places : of variables whose cells stand elsewhere than on their rows: `_row`, the physical
        line of each cell, and `_key`, what names that line in query ids
    asked : of cells that are questions before they are parsed: variable, position, then the raw
        text that is shown and the fate
    without_home : rows that stand for a record whose own row is not there; None where none does
    notes : what was done to rows and columns, as entries of the normalisation log
    """

    file: str
    cells: pd.DataFrame
    row: pd.Series
    source: dict[str, str]
    unknown: tuple[str, ...]
    places: dict[str, pd.DataFrame] = field(default_factory=dict)
    asked: dict[str, dict[int, tuple[str, Fate]]] = field(default_factory=dict)
    without_home: pd.Series | None = None
    notes: tuple[dict[str, object], ...] = ()


def read_sheet(
    path: str | Path,
    variables: Iterable[Variable] = (),
    *,
    encoding: str = "utf-8",
    delimiter: str = ",",
) -> Sheet:
    """Read one delimited file as text.

    Parameters
    ----------
    path : the file
    variables : the codebook, whose names may stand in messages
    encoding, delimiter : as the plan declares them

    Returns
    -------
    Sheet

    Raises
    ------
    InputError
        Not readable as declared: absent, empty, other encoding, unbalanced quote, a row with more
        or fewer fields than the header, a duplicate header.
    """
    path = Path(path)
    records, lines = _records(path, _text(path, encoding), delimiter)
    if not records:
        raise InputError(f"{path}: the file is empty; export it again")
    other = next((d for d in ";\t," if len(records[0]) == 1 and d in records[0][0]), None)
    if other:
        shown = {"\t": "tab"}.get(other, f"'{other}'")
        raise InputError(
            f"{path}: the header is one field and has {shown} in it; set export.delimiter to "
            f"{shown} in the cohort file"
        )
    header = [" ".join(name.replace("\u00a0", " ").split()) for name in records[0]]
    if len(records) == 1:
        raise InputError(f"{path}: there is a header but no row below it; export it again")
    _check_header(path, header, variables)
    for record, line in zip(records[1:], lines[1:], strict=True):
        if len(record) != len(header):
            raise InputError(
                f"{path}: row {line} has {len(record)} fields, the header has {len(header)}; "
                "look for a missing or an additional delimiter, or an unquoted text, in that row"
            )
    columns = zip(*records[1:], strict=True)
    cells = pd.DataFrame(
        {
            name: pd.Series(column, dtype="object")
            for name, column in zip(header, columns, strict=True)
        }
    )
    return Sheet(path, cells, pd.Series(lines[1:], dtype="int64"))


def read_table(
    path: str | Path,
    variables: list[Variable],
    *,
    encoding: str = "utf-8",
    delimiter: str = ",",
) -> Table:
    """Read one delimited export file (`read_sheet`) and name its columns (`name_columns`)."""
    sheet = read_sheet(path, variables, encoding=encoding, delimiter=delimiter)
    return name_columns(sheet, variables)


def name_columns(sheet: Sheet, variables: list[Variable]) -> Table:
    """Name the columns of a file by the codebook.

    Parameters
    ----------
    sheet : the file
    variables : the codebook's variables of this table (rows for another file are left out)

    Raises
    ------
    InputError
        A required column is not there.
    """
    source = sources(sheet, variables)
    return Table(
        file=sheet.path.name,
        cells=sheet.cells[list(source.values())].set_axis(list(source), axis="columns"),
        row=sheet.row,
        source=source,
        unknown=tuple(name for name in sheet.cells if name not in source.values()),
    )


def _text(path: Path, encoding: str) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError(
            f"{path}: there is no such file; put the export there, or change export.path or "
            "export.tables in the cohort file"
        ) from None
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise InputError(f"{path}: this is an Excel file; save it as CSV (UTF-8)")
    if not content:
        raise InputError(f"{path}: the file has zero bytes; export it again")
    try:
        if codecs.lookup(encoding).name == "utf-8":
            encoding = "utf-8-sig"
        return content.decode(encoding)
    except LookupError:
        raise InputError(f"{path}: '{encoding}' is not a known encoding; try utf-8") from None
    except UnicodeDecodeError as error:
        line = len(content[: error.start + 1].splitlines())
        raise InputError(
            f"{path}: not {encoding.removesuffix('-sig')} at byte {error.start}, row {line}; "
            "save the file as UTF-8, or name its encoding in export.encoding (Thai: "
            "cp874, Western: cp1252)"
        ) from None


def _records(path: Path, text: str, delimiter: str) -> tuple[list[list[str]], list[int]]:
    """The records and the physical line on which each starts; empty lines are left out."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records, lines = [], []
    start = 1
    try:
        for record in reader:
            if record:
                records.append(record)
                lines.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"{path}: row {start} cannot be read ({error}); look for a quotation mark that is "
            "opened and not closed"
        ) from None
    return records, lines


def _check_header(path: Path, header: list[str], variables: Iterable[Variable]) -> None:
    """Names that the codebook does not know are not shown: they may be a patient's cells."""
    known = {fold(source) for variable in variables for source in variable.sources}
    seen: dict[str, int] = {}
    for position, name in enumerate(header, start=1):
        if not name:
            raise InputError(
                f"{path}: column {position} of the header is empty; is there a title row above "
                "the header, or a delimiter at its end?"
            )
        if fold(name) in seen:
            called = f" ('{name}')" if fold(name) in known | {"complete?"} else ""
            raise InputError(
                f"{path}: columns {seen[fold(name)]} and {position} have one name{called}; rename "
                "one in the export (or is there no header in the first row? From REDCap, export "
                "raw data: with labels as headers, names repeat)"
            )
        seen[fold(name)] = position


def of_file(sheet: Sheet, variables: Iterable[Variable]) -> list[Variable]:
    """The codebook's line of each variable for this file."""
    variables = list(variables)
    chosen = {v.name: v for v in variables if not v.file}
    chosen |= {v.name: v for v in variables if v.file == sheet.path.name}
    return list(chosen.values())


def sources(sheet: Sheet, variables: Iterable[Variable]) -> dict[str, str]:
    """Our name to the column's name in the file, of the variables that are there.

    Raises
    ------
    InputError
        Names each required column that is not there, and a similar one.
    """
    columns = {fold(name): name for name in sheet.cells}
    named: dict[str, str] = {}
    missing = []
    for variable in of_file(sheet, variables):
        found = [columns[fold(s)] for s in variable.sources if fold(s) in columns]
        if found:
            named[variable.name] = found[0]
        elif variable.required:
            missing.append(
                f"{sheet.path}: the column '{variable.sources[0]}' ({variable.name}) is missing"
                + _hint(variable.sources[0], list(sheet.cells))
                + ". Rename it in the export, or add its name to `source` in the codebook."
            )
    if missing:
        raise InputError("\n".join(missing))
    return named


def _hint(wanted: str, header: list[str]) -> str:
    """Name a similar column only: a file without header has a patient's cells in its first row."""
    close = difflib.get_close_matches(wanted, header, n=1)
    return f" (there is '{close[0]}')" if close else " (is there a header in the first row?)"
