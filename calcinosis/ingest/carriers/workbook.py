"""Workbooks: .xlsx, .xls and .ods by sheet, with what a look at the cells would not tell.

Formulas without a value and errors of the spreadsheet become queries, hidden rows are read and
counted, merged cells stop the run.
"""

import datetime
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

import numpy as np

from calcinosis.errors import InputError, nearest
from calcinosis.ingest.carriers.sheet import (
    ExportFile,
    Mark,
    Note,
    Sheet,
    cell_text,
    encoded,
    letter,
    stop_at_titles,
)
from calcinosis.ingest.fates import Fate, query

ERROR = query("spreadsheet_error", "is an error of the spreadsheet")
NO_VALUE = query("formula_without_value", "is a formula, and the file does not hold its value")


@dataclass(frozen=True)
class Odd:
    """A cell without value: an error, or a formula that was never computed."""

    text: str
    fate: Fate


@dataclass
class Page:
    """One sheet of a workbook as it stands.

    Parameters
    ----------
    cells : rows of typed cells, from the first row of the sheet on
    hidden : physical rows that are hidden
    merged : ranges of merged cells: first row, first column, last row, last column, from 1
    """

    cells: list[list[Any]]
    hidden: set[int] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


def read(file: ExportFile, known: frozenset[str]) -> Sheet:
    """Read one sheet of a workbook.

    Parameters
    ----------
    file : the file and its sheet
    known : names of columns in the codebook, folded

    Raises
    ------
    InputError
        Not a workbook, no such sheet or several, empty, merged cells, rows above the header.
    """
    try:
        page = READERS[file.path.suffix.lower()](file)
    except Exception as error:  # libraries raise all kinds at a damaged file
        raise InputError(
            f"{file.path}: cannot be read as a workbook ({type(error).__name__}); is it damaged, "
            "protected by a password, or of another kind than its ending says? Save it again"
        ) from None
    rows = [(number, row) for number, row in enumerate(page.cells, 1) if any(map(_filled, row))]
    if not rows:
        raise InputError(f"{file.path}: the sheet is empty; export it again")
    first, last = rows[0][0], rows[-1][0]
    width = max(i for _, row in rows for i, cell in enumerate(row, 1) if _filled(cell))
    texts = [[_text(cell) for cell in row[:width]] for _, row in rows]
    texts = [row + [""] * (width - len(row)) for row in texts]
    stop_at_titles(file.path, texts, [number for number, _ in rows], known)
    _stop_at_merged(file, page, first, last)
    notes = []
    hidden = sum(number in page.hidden for number, _ in rows[1:])
    if hidden:
        notes.append(Note("hidden_row", "", "", hidden))
    return Sheet(
        header=texts[0],
        columns=[encoded([row[i] for row in texts[1:]]) for i in range(width)],
        rows=np.array([number for number, _ in rows[1:]], dtype="int64"),
        notes=notes,
        empty=last - first + 1 - len(rows),
        marks=_marks([row for _, row in rows[1:]]),
        dates=_dates([row for _, row in rows[1:]]),
        letters=True,
    )


def _filled(cell: Any) -> bool:
    return cell is not None and cell != ""


def _text(cell: Any) -> str:
    return cell.text if isinstance(cell, Odd) else cell_text(cell)


def _marks(rows: list[list[Any]]) -> dict[int, list[Mark]]:
    found: dict[tuple[int, Fate], list[int]] = {}
    for position, row in enumerate(rows):
        for i, cell in enumerate(row):
            if isinstance(cell, Odd):
                found.setdefault((i, cell.fate), []).append(position)
    marks: dict[int, list[Mark]] = {}
    for (i, fate), positions in found.items():
        marks.setdefault(i, []).append(Mark(np.array(positions), fate))
    return marks


def _dates(rows: list[list[Any]]) -> dict[int, np.ndarray]:
    found: dict[int, list[int]] = {}
    for position, row in enumerate(rows):
        for i, cell in enumerate(row):
            if isinstance(cell, datetime.date):
                found.setdefault(i, []).append(position)
    return {i: np.array(positions) for i, positions in found.items()}


def _stop_at_merged(file: ExportFile, page: Page, first: int, last: int) -> None:
    for top, left, bottom, right in sorted(page.merged):
        if top <= last and bottom >= first:
            what = "the header has" if top <= first else "there are"
            raise InputError(
                f"{file.path}: {what} merged cells "
                f"({letter(left - 1)}{top}:{letter(right - 1)}{bottom}); unmerge them, and write "
                "into each cell what it means"
            )


def _chosen(file: ExportFile, filled: dict[str, bool]) -> str:
    """The declared sheet, or the only one that is not empty."""
    if file.sheet is not None:
        if file.sheet not in filled:
            hint = nearest(file.sheet, filled)
            raise InputError(f"{file.path}: there is no sheet '{file.sheet}': {hint}")
        return file.sheet
    names = [name for name, is_filled in filled.items() if is_filled]
    if len(names) > 1:
        raise InputError(
            f"{file.path}: there are several sheets ({', '.join(names)}); write which one as "
            f"{{ file: {file.path.name}, sheet: {names[0]} }} in export.tables of the cohort file"
        )
    return (names or list(filled))[0]


def _xlsx(file: ExportFile) -> Page:
    import openpyxl  # here and below: each library is loaded only for its files

    book = openpyxl.load_workbook(file.path)
    filled = {s.title: s.max_row > 1 or s["A1"].value is not None for s in book.worksheets}
    sheet = book[_chosen(file, filled)]
    values = None
    if any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row):
        values = openpyxl.load_workbook(file.path, data_only=True)[sheet.title]

    def content(cell: Any) -> Any:
        value, kind = cell.value, cell.data_type
        if kind == "f" and values is not None:
            computed = values.cell(cell.row, cell.column)
            if computed.value is None:
                return Odd(str(getattr(value, "text", value)), NO_VALUE)
            value, kind = computed.value, computed.data_type
        return Odd(str(value), ERROR) if kind == "e" else value

    return Page(
        [[content(cell) for cell in row] for row in sheet.iter_rows(min_row=1, min_col=1)],
        {number for number, row in sheet.row_dimensions.items() if row.hidden},
        [(r.min_row, r.min_col, r.max_row, r.max_col) for r in sheet.merged_cells.ranges],
    )


def _xls(file: ExportFile) -> Page:
    import xlrd

    book = xlrd.open_workbook(file.path, formatting_info=True)
    sheet = book.sheet_by_name(_chosen(file, {s.name: s.nrows > 0 for s in book.sheets()}))

    def content(cell: Any) -> Any:
        if cell.ctype == xlrd.XL_CELL_ERROR:
            return Odd(xlrd.error_text_from_code.get(cell.value, "#ERROR"), ERROR)
        if cell.ctype == xlrd.XL_CELL_DATE:
            return xlrd.xldate_as_datetime(cell.value, book.datemode)
        return bool(cell.value) if cell.ctype == xlrd.XL_CELL_BOOLEAN else cell.value

    return Page(
        [[content(cell) for cell in sheet.row(i)] for i in range(sheet.nrows)],
        {number + 1 for number, row in sheet.rowinfo_map.items() if row.hidden},
        [(top + 1, left + 1, bottom, right) for top, bottom, left, right in sheet.merged_cells],
    )


_ODS = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
}


def _ods(file: ExportFile) -> Page:
    with zipfile.ZipFile(file.path) as archive:
        root = ElementTree.fromstring(archive.read("content.xml"))
    sheets = {_of(s, "table:name"): s for s in root.iterfind(".//table:table", _ODS)}
    filled = {name: s.find(".//text:p", _ODS) is not None for name, s in sheets.items()}
    page = Page([])
    empty_rows = 0  # a sheet and a row end with one empty element that stands for all that follow
    for row in sheets[_chosen(file, filled)].iter(_tag("table:table-row")):
        cells: list[Any] = []
        number = len(page.cells) + empty_rows + 1
        empty_cells = 0
        for cell in row:
            times = int(_of(cell, "table:number-columns-repeated") or 1)
            wide = int(_of(cell, "table:number-columns-spanned") or 1)
            high = int(_of(cell, "table:number-rows-spanned") or 1)
            if wide > 1 or high > 1:
                left = len(cells) + empty_cells + 1
                page.merged.append((number, left, number + high - 1, left + wide - 1))
            value = _ods_value(cell)
            if _filled(value):
                cells += [None] * empty_cells + [value] * times
            empty_cells = 0 if _filled(value) else empty_cells + times
        times = int(_of(row, "table:number-rows-repeated") or 1)
        if cells:
            page.cells += [[]] * empty_rows + [cells] * times
            if _of(row, "table:visibility") in ("collapse", "filter"):
                page.hidden |= set(range(number, number + times))
        empty_rows = 0 if cells else empty_rows + times
    return page


def _ods_value(cell: ElementTree.Element) -> Any:
    kind = _of(cell, "office:value-type")
    text = "\n".join("".join(p.itertext()) for p in cell.iterfind("text:p", _ODS))
    if _of(cell, "calcext:value-type") == "error":
        return Odd(text, ERROR)
    if not kind:
        formula = _of(cell, "table:formula")
        return Odd(formula, NO_VALUE) if formula else None
    if kind in ("float", "percentage", "currency"):
        return float(_of(cell, "office:value"))
    if kind == "date":
        return datetime.datetime.fromisoformat(_of(cell, "office:date-value"))
    if kind == "boolean":
        return _of(cell, "office:boolean-value") == "true"
    return text


def _tag(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{_ODS[prefix]}}}{local}"


def _of(element: ElementTree.Element, name: str) -> str:
    return element.get(_tag(name), "")


READERS: dict[str, Callable[[ExportFile], Page]] = {
    ".xlsx": _xlsx,
    ".xlsm": _xlsx,
    ".xls": _xls,
    ".ods": _ods,
}
