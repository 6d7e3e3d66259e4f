"""Strict reading: every cell as text, with its physical row, or a message that says why not.

`pandas.read_csv` shifts columns on a trailing comma, turns `007` into 7, the site code `NA` into
missing and `1E5` into a number; here nothing is guessed, and a file that does not hold what its
header promises stops the run before any analysis. What comes after knows no carrier.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from calcinosis.errors import InputError
from calcinosis.ingest import headers, identifiers
from calcinosis.ingest.carriers import statistical, text, workbook
from calcinosis.ingest.carriers.sheet import (
    NOT_BLANK,
    ExportFile,
    Mark,
    Note,
    Sheet,
    among,
    encoded,
    longest,
    matching,
    recoded,
)
from calcinosis.ingest.codebook import Variable, fold
from calcinosis.ingest.dates import date_text
from calcinosis.ingest.fates import Fate
from calcinosis.ingest.parsing import MISSING_WORDS


@dataclass(frozen=True)
class Table:
    """One export file as text, its columns named by the codebook.

    Parameters
    ----------
    file : name of the file, with its sheet where one is declared, as messages show it
    cells : one dictionary-encoded text column per codebook variable found, named by our names
    row : physical row of each record (of a text file or sheet: the header is row 1)
    source : our name to the column's name in the file, in a workbook with its letter
    unknown : columns of the file that the codebook does not name
    identifying : those of them that look as if they identify a person
    notes : normalisations of the file as a whole
    marks : our name to the cells that the file itself marks as missing or without value
    places : of variables whose cells stand elsewhere than on their rows, by position: `row`, the
        physical row of each cell, `name`, what names that row in query ids, and its `event`
    asked : variable to its cells that are questions whatever their spelling: position, then the
        text that is shown and the fate; variables of which no cell is one are there as well
    without_home : rows of records that have no row of their own; None where each has
    events : the event of each row, of an export that has events
    """

    file: str
    cells: pd.DataFrame
    row: pd.Series
    source: dict[str, str]
    unknown: tuple[str, ...]
    identifying: frozenset[str]
    notes: tuple[Note, ...]
    marks: dict[str, list[Mark]]
    places: dict[str, pd.DataFrame] = field(default_factory=dict)
    asked: dict[str, dict[int, tuple[str, Fate]]] = field(default_factory=dict)
    without_home: np.ndarray | None = None
    events: list[str] | None = None


def read_sheet(file: ExportFile, variables: Sequence[Variable]) -> Sheet:
    """Read one export file of any kind as text, without its empty rows.

    Parameters
    ----------
    file : the file; its ending decides how it is read (`.xlsx`, `.xls`, `.ods`, `.dta`, `.sav`,
        `.xpt`, `.parquet`; all others are delimited text)
    variables : the codebook's lines of the tables that the file holds; their names tell a header
        from a patient's cells

    Returns
    -------
    Sheet

    Raises
    ------
    InputError
        Not readable as declared, a title above the header, or a duplicate header.
    """
    if not file.path.is_file():
        raise InputError(
            f"{file.path}: there is no such file; put the export there, or change export.path or "
            "export.tables in the cohort file"
        )
    chosen = (v for v in variables if v.file in ("", file.path.name))
    known = frozenset(fold(source) for variable in chosen for source in variable.sources)
    sheet = _sheet(file, known)
    empty = _empty_rows(sheet)
    if empty.all():
        raise InputError(f"{file.path}: there is a header but no row below it; export it again")
    sheet = _without(sheet, empty)
    headers.check(file.path, sheet, known)
    return sheet


def of_file(file: ExportFile, variables: Iterable[Variable]) -> dict[str, Variable]:
    """The codebook's line of each variable for this file, by our name."""
    variables = list(variables)
    chosen = {v.name: v for v in variables if not v.file}
    return chosen | {v.name: v for v in variables if v.file == file.path.name}


def name_columns(file: ExportFile, sheet: Sheet, variables: Sequence[Variable]) -> Table:
    """Name the columns of a file by the codebook.

    Parameters
    ----------
    file, sheet : the file and its text
    variables : the codebook's variables of this table (lines for another file are left out)

    Raises
    ------
    InputError
        A required column that is not there, a second header, or a column that identifies persons
        and is not declared to.
    """
    chosen = of_file(file, variables)
    header = headers.names(sheet)
    named = headers.name_columns(file.path, header, chosen)
    cells = {
        name: _column(file.path, sheet, position, chosen[name]) for name, position in named.items()
    }
    headers.stop_at_second(file.path, int(sheet.rows[0]), cells, chosen)
    for name, column in cells.items():
        stop_at_identifier(file.path, header[named[name]], column, chosen[name])
    others = [i for i in range(len(header)) if i not in named.values()]
    return Table(
        file=file.name,
        cells=pd.DataFrame(cells, copy=False),
        row=pd.Series(sheet.rows),
        source={name: headers.title(sheet, position) for name, position in named.items()},
        unknown=tuple(header[i] for i in others),
        identifying=identifying(sheet, others),
        notes=(*_notes(sheet, chosen, named), *notes_of_file(sheet)),
        marks={name: _marks(sheet, position, chosen[name]) for name, position in named.items()},
    )


def _sheet(file: ExportFile, known: frozenset[str]) -> Sheet:
    """Read a file by its ending."""
    suffix = file.path.suffix.lower()
    if suffix in workbook.READERS:
        return workbook.read(file, known)
    return statistical.read(file) if suffix in statistical.READERS else text.read(file, known)


def _empty_rows(sheet: Sheet) -> np.ndarray:
    """Which records have blank cells only."""
    empty = np.ones(len(sheet.rows), dtype=bool)
    for column in sheet.columns:
        if not empty.any():
            break
        empty &= among(column, [""])
    return empty


def _without(sheet: Sheet, empty: np.ndarray) -> Sheet:
    """Leave out the empty rows."""
    if not empty.any():
        return sheet
    after = np.cumsum(~empty) - 1
    return replace(
        sheet,
        columns=[column[~empty].reset_index(drop=True) for column in sheet.columns],
        rows=sheet.rows[~empty],
        empty=sheet.empty + int(empty.sum()),
        marks={
            i: [Mark(after[mark.positions], mark.fate) for mark in marks]
            for i, marks in sheet.marks.items()
        },
        dates={i: after[positions] for i, positions in sheet.dates.items()},
    )


def _column(path: Path, sheet: Sheet, position: int, variable: Variable) -> pd.Series:
    """A column's texts: date cells as the codebook writes dates, codes or their labels."""
    if position in sheet.labels:
        return _labelled(path, sheet, position, variable)
    column = sheet.columns[position]
    if variable.type != "date" or position not in sheet.dates:
        return column
    at = sheet.dates[position]
    codes, words = pd.factorize(column.astype("object").iloc[at])
    dates = [date_text(datetime.date.fromisoformat(word[:10]), variable) for word in words]
    texts = column.astype("object").to_numpy(copy=True)
    texts[at] = np.array(dates, dtype="object")[codes]
    return encoded(texts)


def _labelled(path: Path, sheet: Sheet, position: int, variable: Variable) -> pd.Series:
    """A column in which a code stands for its value label where the codebook knows only the label.

    A code that the codebook gives one level and whose label it gives another stops the run: one of
    the two would be read wrongly.
    """
    column, labels = sheet.columns[position], sheet.labels[position]
    missing = variable.missing_codes | MISSING_WORDS
    words = []
    for code in column.cat.categories:
        label = labels.get(code, code)
        levels = [variable.codes.get(fold(spelling)) for spelling in (code, label)]
        if None not in levels and levels[0] != levels[1]:
            raise InputError(
                f"{path}: the value {code} of the column '{sheet.header[position]}' is labelled "
                f"'{label}', and the codebook reads {code} as {levels[0]}; correct the codes of "
                f"'{variable.name}' in the codebook"
            )
        known = levels[0] is not None or fold(code) in variable.missing_codes
        means = levels[1] is not None or (fold(label) in missing and label != code)
        words.append(label if means and not known else code)
    return recoded(column, words)


def stop_at_identifier(path: Path, column: str, cells: pd.Series, variable: Variable) -> None:
    """Stop where a column is no declared identifier and its cells are: they would be kept."""
    if variable.identifier or variable.type not in ("id", "text", "integer", "number"):
        return
    kind = _identifies(cells)
    if not kind or (variable.type == "id" and kind == "phone number"):
        return
    what = (
        "put a study number in its place, and keep the list of both"
        if variable.name == "patient_id"
        else "write yes in its `identifier` in the codebook, so that it is dropped"
    )
    raise InputError(
        f"{path}: most cells of the column '{column}' ({variable.name}) hold a {kind}; {what}"
    )


def _marks(sheet: Sheet, position: int, variable: Variable) -> list[Mark]:
    """The marked cells, without missing codes to which the codebook gives a level."""
    texts = sheet.columns[position]
    return [
        mark
        for mark in sheet.marks.get(position, [])
        if mark.fate.kind != "missing" or fold(texts.iloc[mark.positions[0]]) not in variable.codes
    ]


def _identifies(column: pd.Series) -> str:
    words = column.cat.categories
    if longest(words) < identifiers.SHORTEST:
        return ""
    counts = np.bincount(column.cat.codes, minlength=len(words))
    may = matching(words, identifiers.MAY_IDENTIFY)
    others = int(counts[~may & matching(words, NOT_BLANK)].sum())
    if counts[may].sum() <= others:
        return ""
    return identifiers.kind_of_cells(zip(words[may], map(int, counts[may]), strict=True), others)


def identifying(sheet: Sheet, positions: Iterable[int]) -> frozenset[str]:
    """Names of those columns that look as if they identify a person, by name or by cells."""
    return frozenset(
        headers.plain(sheet.header[i])
        for i in positions
        if identifiers.named(headers.plain(sheet.header[i])) or _identifies(sheet.columns[i])
    )


def notes_of_file(sheet: Sheet) -> list[Note]:
    """What was normalised in the file as a whole: as its carrier says, and empty rows."""
    return [*sheet.notes, *([Note("empty_row", "", "", sheet.empty)] if sheet.empty else [])]


def _notes(sheet: Sheet, chosen: dict[str, Variable], named: dict[str, int]) -> list[Note]:
    """What was normalised in named columns: their names, and the time of day of typed dates."""
    notes = headers.respelled(sheet, chosen, named)
    for name, position in named.items():
        if chosen[name].type == "date" and position in sheet.dates:
            texts = sheet.columns[position].iloc[sheet.dates[position]]
            if timed := int((texts.str.len() > 10).sum()):
                column = headers.title(sheet, position)
                notes.append(Note("time_of_day", "", "", timed, column, name))
    return notes
