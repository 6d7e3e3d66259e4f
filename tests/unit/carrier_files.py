"""Writers of one table of texts into each carrier, for tests."""

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import pandas as pd
import pyreadstat

Cell = str | float | date | None
Rows = Sequence[Sequence[Cell]]


def write_text(
    path: Path, header: Sequence[str], rows: Rows, *, delimiter: str = ",", encoding: str = "utf-8"
) -> Path:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([_text(cell) for cell in row])
    path.write_bytes(buffer.getvalue().encode(encoding))
    return path


def _text(cell: Cell) -> str:
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    return f"{cell:g}" if isinstance(cell, float) else cell or ""


def write_xlsx(path: Path, header: Sequence[str], rows: Rows, sheet: str = "Data") -> Path:
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for number, row in enumerate([header, *rows], start=1):
        for column, cell in enumerate(row, start=1):
            if cell is not None and cell != "":
                written = page.cell(number, column, cell)
                if isinstance(cell, str):
                    written.data_type = "s"
    book.save(path)
    return path


def write_ods(path: Path, header: Sequence[str], rows: Rows) -> Path:
    """The smallest OpenDocument sheet; equal empty cells are folded as LibreOffice does."""
    body = "".join(
        "<table:table-row>" + "".join(map(_ods, row)) + "</table:table-row>"
        for row in [header, *rows]
    )
    return ods_of(path, body)


def ods_of(path: Path, body: str) -> Path:
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    calc = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "content.xml",
            f"<office:document-content {spaces} {calc}><office:body><office:spreadsheet>"
            f'<table:table table:name="Data">{body}'
            '<table:table-row table:number-rows-repeated="1048000"><table:table-cell '
            'table:number-columns-repeated="16384"/></table:table-row>'
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    return path


def _ods(cell: Cell) -> str:
    if cell is None or cell == "":
        return "<table:table-cell/>"
    if isinstance(cell, date):
        kind = f'office:value-type="date" office:date-value="{cell:%Y-%m-%d}"'
    elif isinstance(cell, float):
        kind = f'office:value-type="float" office:value="{cell!r}"'
    else:
        kind = 'office:value-type="string"'
    return f"<table:table-cell {kind}><text:p>{escape(_text(cell))}</text:p></table:table-cell>"


def _frame(header: Sequence[str], rows: Rows) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(header), dtype="object")
    for name in frame:
        kinds = {type(cell) for cell in frame[name] if cell is not None}
        if kinds <= {float}:
            frame[name] = frame[name].astype("float64")
        elif str in kinds:
            frame[name] = frame[name].fillna("")
    return frame


def write_dta(path: Path, header: Sequence[str], rows: Rows) -> Path:
    pyreadstat.write_dta(_frame(header, rows), path)
    return path


def write_sav(path: Path, header: Sequence[str], rows: Rows) -> Path:
    pyreadstat.write_sav(_frame(header, rows), path)
    return path


def write_xpt(path: Path, header: Sequence[str], rows: Rows) -> Path:
    pyreadstat.write_xport(_frame(header, rows), path)
    return path


def write_parquet(path: Path, header: Sequence[str], rows: Rows) -> Path:
    _frame(header, rows).to_parquet(path)
    return path


Write = Callable[[Path, Sequence[str], Rows], Path]
TYPED: dict[str, Write] = {
    "xlsx": write_xlsx,
    "ods": write_ods,
    "dta": write_dta,
    "sav": write_sav,
    "xpt": write_xpt,
    "parquet": write_parquet,
}
TEXT: dict[str, dict[str, str]] = {
    "csv": {},
    "semicolon": {"delimiter": ";"},
    "tab": {"delimiter": "\t"},
    "pipe": {"delimiter": "|"},
    "bom": {"encoding": "utf-8-sig"},
    "utf16": {"encoding": "utf-16", "delimiter": "\t"},
}
