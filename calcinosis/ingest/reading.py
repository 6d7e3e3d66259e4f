"""Strict reading: every cell as text, with its physical row, or a message that says why not.

`pandas.read_csv` shifts columns on a trailing comma, turns `007` into 7, the site code `NA` into
missing and `1E5` into a number; here nothing is guessed, and a file that does not hold what its
header promises stops the run before any analysis.
"""

import codecs
import csv
import difflib
import io
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from calcinosis.errors import InputError
from calcinosis.ingest.codebook import Variable, fold


@dataclass(frozen=True)
class Table:
    """One export file as text.

    Parameters
    ----------
    file : name of the file, as messages show it
    cells : one text column per codebook variable found, named by our names
    row : physical line of each row in the file (the header is line 1)
    source : our name to the column's name in the file
    unknown : columns of the file that the codebook does not name
    """

    file: str
    cells: pd.DataFrame
    row: pd.Series
    source: dict[str, str]
    unknown: tuple[str, ...]


def read_table(
    path: str | Path,
    variables: list[Variable],
    *,
    encoding: str = "utf-8",
    delimiter: str = ",",
) -> Table:
    """Read one delimited export file and name its columns by the codebook.

    Parameters
    ----------
    path : the file
    variables : the codebook's variables of this table (rows for another file are left out)
    encoding, delimiter : as the plan declares them

    Returns
    -------
    Table

    Raises
    ------
    InputError
        Not readable as declared: absent, empty, other encoding, unbalanced quote, a row with more
        or fewer fields than the header, a duplicate header, a required column that is not there.
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
    named = _name_columns(path, header, variables)
    columns = list(zip(*records[1:], strict=True))
    cells = pd.DataFrame(
        {name: pd.Series(columns[position], dtype="object") for name, position in named.items()}
    )
    return Table(
        file=path.name,
        cells=cells,
        row=pd.Series(lines[1:], dtype="int64"),
        source={name: header[position] for name, position in named.items()},
        unknown=tuple(name for i, name in enumerate(header) if i not in named.values()),
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


def _check_header(path: Path, header: list[str], variables: list[Variable]) -> None:
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
            called = f" ('{name}')" if fold(name) in known else ""
            raise InputError(
                f"{path}: columns {seen[fold(name)]} and {position} have one name{called}; rename "
                "one in the export (or is there no header in the first row?)"
            )
        seen[fold(name)] = position


def _name_columns(path: Path, header: list[str], variables: list[Variable]) -> dict[str, int]:
    """Our name to position, taking for each variable the row of the codebook for this file."""
    positions = {fold(name): position for position, name in enumerate(header)}
    chosen = {v.name: v for v in variables if not v.file}
    chosen |= {v.name: v for v in variables if v.file == path.name}
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


def _hint(wanted: str, header: list[str]) -> str:
    """Name a similar column only: a file without header has a patient's cells in its first row."""
    close = difflib.get_close_matches(wanted, header, n=1)
    return f" (there is '{close[0]}')" if close else " (is there a header in the first row?)"
