"""Cases 1 to 18: the file itself."""

import csv
import io
from collections.abc import Callable
from typing import Any

import openpyxl
from case import Asked, Case, Logged
from clean_export import PATIENTS, READINGS, Change, Export, both, cell, file_bytes, line, plan

SHEET = "patients.xlsx"
THAI = cell(7, "notes", "ผื่นที่มือ")


def text(change: Callable[[str], str]) -> Change:
    """Another text of the whole file."""
    return file_bytes(lambda content: change(content.decode()).encode())


def encoded(encoding: str) -> Change:
    """The same text in another encoding."""
    return file_bytes(lambda content: content.decode().encode(encoding))


def excel(touch: Callable[[Any], None] = lambda _sheet: None) -> Change:
    """The patients as a workbook with cells of text, and something done to its sheet."""

    def change(export: Export) -> None:
        book = openpyxl.Workbook()
        content = export.files.pop(PATIENTS).decode()
        for row in csv.reader(io.StringIO(content, newline="")):
            book.active.append([text or None for text in row])
        touch(book.active)
        target = io.BytesIO()
        book.save(target)
        export.files[SHEET] = target.getvalue()
        plan(PATIENTS, SHEET)(export)

    return change


def put(place: str, value: str, kind: str) -> Callable[[Any], None]:
    """A formula (`f`) or an error (`e`) in a cell of the sheet."""

    def touch(sheet: Any) -> None:
        sheet[place].value = value
        sheet[place].data_type = kind

    return touch


def hide_two_rows(sheet: Any) -> None:
    for row in (7, 8):
        sheet.row_dimensions[row].hidden = True


def merge_in_the_header(sheet: Any) -> None:
    sheet.merge_cells("N1:O1")


def with_units(content: str) -> str:
    header, rest = content.split("\n", 1)
    units = {"age": "years", "duration": "years", "height": "cm"}
    return "\n".join([header, ",".join(units.get(name, "") for name in header.split(",")), rest])


CASES = [
    Case(1, "zero bytes", file_bytes(lambda _: b""), stop=r"patients\.csv: .*zero bytes; export"),
    Case(
        2,
        "header only",
        text(lambda content: content.split("\n")[0] + "\n"),
        stop=r"patients\.csv: .*no row below it; export it again",
    ),
    Case(
        3,
        "byte order mark",
        file_bytes(lambda content: b"\xef\xbb\xbf" + content),
        logged=(Logged("byte_order_mark"),),
    ),
    Case(4, "UTF-16 from Excel", encoded("utf-16"), logged=(Logged("utf_16"),)),
    Case(
        5,
        "Thai cp874, undeclared",
        both(THAI, encoded("cp874")),
        stop=r"patients\.csv: not (?i:utf-8) at byte \d+, row 7.*cp874",
    ),
    Case(
        5,
        "Thai cp874, declared",
        both(THAI, encoded("cp874"), plan("  tables:", "  encoding: cp874\n  tables:")),
    ),
    Case(
        6,
        "one byte of latin-1",
        both(cell(7, "notes", "cafe"), file_bytes(lambda b: b.replace(b"cafe", b"caf\xe9"))),
        stop=r"patients\.csv: not (?i:utf-8) at byte \d+, row 7, column .*encoding",
    ),
    *(
        Case(
            7,
            f"line ends: {name}",
            file_bytes(lambda content, end=end, many=many: content.replace(b"\n", end, many)),
            logged=(Logged("line_ends", count=lines),),
        )
        for name, end, many, lines in (
            ("CRLF", b"\r\n", -1, 61),
            ("CR", b"\r", -1, 61),
            ("mixed", b"\r\n", 20, 20),
        )
    ),
    *(
        Case(
            8,
            f"{name} in every row",
            text(lambda content, mark=mark: content.replace(",", mark)),
            logged=(Logged("delimiter"),),
        )
        for name, mark in (("semicolons", ";"), ("tabs", "\t"))
    ),
    Case(
        8,
        "semicolons, declared",
        both(
            *(file_bytes(lambda b: b.replace(b",", b";"), file) for file in (PATIENTS, READINGS)),
            plan("  tables:", '  delimiter: ";"\n  tables:'),
        ),
    ),
    Case(
        8,
        "semicolons in one row only",
        line(7, lambda row: row.replace(",", ";")),
        stop=r"patients\.csv: row 7 has 1 field.*the header has 17.*delimiter",
    ),
    Case(
        8,
        "semicolons in the header only",
        line(1, lambda row: row.replace(",", ";")),
        stop=r"patients\.csv: .*(header|row 2).*delimiter",
    ),
    Case(
        9,
        "a comma at the end of each row of data",
        text(lambda content: content.replace("\n", ",\n").replace(",\n", "\n", 1)),
        stop=r"patients\.csv: row 2 has 18 fields, the header has 17; look for",
    ),
    Case(
        10,
        "one row with a field more",
        line(7, lambda row: row + ",x"),
        stop=r"patients\.csv: row 7 has 18 fields, the header has 17; look for",
    ),
    Case(
        10,
        "one row with a field less",
        line(7, lambda row: row.rpartition(",")[0]),
        stop=r"patients\.csv: row 7 has 16 fields, the header has 17; look for",
    ),
    Case(
        11,
        "a quotation mark that is not closed",
        line(7, lambda row: row + '"mild, was'),
        stop=r"patients\.csv: row 7 cannot be read.*quotation mark",
    ),
    Case(
        12,
        "a truncated last line",
        text(lambda content: content[: content.rindex(",", 0, -4)]),
        stop=r"patients\.csv: row 61 has 14 fields, the header has 17; ",
    ),
    Case(
        13,
        "two title rows above the header",
        text(lambda content: "Register of the clinic,,,\nas of Monday,,,\n" + content),
        stop=r"patients\.csv: .*looks like row 3",
    ),
    Case(
        14,
        "a second header row with units",
        text(with_units),
        stop=r"patients\.csv: row 2 .*(unit|header)",
    ),
    Case(15, "a workbook without anything odd", excel()),
    Case(
        15,
        "a formula without its value",
        excel(put("J7", "=SUM(1,2)", "f")),
        asked=(Asked(7, "formula_without_value", "mrss (J)", "=SUM(1,2)", SHEET),),
        same_as=cell(7, "mrss", ""),
    ),
    Case(
        16,
        "`#REF!` in a workbook",
        excel(put("J7", "#REF!", "e")),
        asked=(Asked(7, "spreadsheet_error", "mrss (J)", "#REF!", SHEET),),
        same_as=cell(7, "mrss", ""),
    ),
    Case(
        17,
        "two hidden rows in a workbook",
        excel(hide_two_rows),
        logged=(Logged("hidden_row", count=2, file=SHEET),),
    ),
    Case(
        18,
        "merged cells in the header of a workbook",
        excel(merge_in_the_header),
        stop=r"patients\.xlsx: .*merged",
    ),
]
