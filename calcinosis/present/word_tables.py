"""A table of the report as the XML of a Word table.

Written as text and parsed once: cell by cell, python-docx takes seconds for a report's tables.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any
from xml.sax.saxutils import escape

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Cm

from calcinosis.present.blocks import Table, plain

_CM_A_LETTER, _MARGINS_CM, _WIDEST_CM = 0.165, 0.5, 8.0
"""Widths of columns, by their longest text."""
_TWIPS_A_CM = Cm(1).twips
_KEPT_TOGETHER = 16
"""Rows of a table that stands on one page; the first three of a longer one stay together."""
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HEAD = '<w:trPr><w:cantSplit w:val="true"/><w:tblHeader w:val="true"/></w:trPr>'
_ROW = '<w:trPr><w:cantSplit w:val="true"/></w:trPr>'


def clean(text: str) -> str:
    """A text without the control characters that no Word file may hold."""
    return _NOT_IN_XML.sub("", text)


def wanted_width(table: Table) -> int:
    """Of a page on which no column must give way, in twips."""
    lines = ([plain(entry) for entry in line] for line in (table.head, *table.rows))
    return sum(map(int, _wanted(zip(*lines, strict=True))))


def element(table: Table, width: int, styles: tuple[str, str, str]) -> Any:
    """A table as an element that can be put into a document.

    Parameters
    ----------
    table : of the report
    width : of the page between its margins, in twips
    styles : ids of the styles of the table, of its first column, and of the others
    """
    lines = [[plain(entry) for entry in line] for line in (table.head, *table.rows)]
    widths = _widths(zip(*lines, strict=True), width)
    kept = len(lines) if len(lines) <= _KEPT_TOGETHER else 3
    of_table, *of_cells = styles
    columns = "".join(f'<w:gridCol w:w="{each}"/>' for each in widths)
    rows = "".join(
        f"<w:tr>{_ROW if i else _HEAD}"
        + "".join(
            _cell(text, of_cells[j > 0], widths[j], bold=i == 0, keep=i < kept - 1)
            for j, text in enumerate(line)
        )
        + "</w:tr>"
        for i, line in enumerate(lines)
    )
    return parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblStyle w:val="{of_table}"/>'
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        '<w:tblLook w:val="0620" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" '
        f'w:noHBand="1" w:noVBand="1"/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>{rows}</w:tbl>'
    )


def _cell(text: str, style: str, width: int, *, bold: bool, keep: bool) -> str:
    look = "<w:rPr><w:b/></w:rPr>" if bold else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr><w:p><w:pPr>'
        f'<w:pStyle w:val="{style}"/>{"<w:keepNext/>" if keep else ""}</w:pPr><w:r>{look}'
        f'<w:t xml:space="preserve">{escape(clean(text))}</w:t></w:r></w:p></w:tc>'
    )


def _widths(columns: Iterable[Sequence[str]], page: int) -> list[int]:
    """By the longest text of each column; where the page is too narrow, the widest give way."""
    wanted = _wanted(columns)
    left, cap = float(page), float(page)
    for position, width in enumerate(sorted(wanted)):
        cap = left / (len(wanted) - position)
        if width > cap:
            break
        left -= width
    else:
        cap = max(wanted)
    return [int(min(width, cap)) for width in wanted]


def _wanted(columns: Iterable[Sequence[str]]) -> list[float]:
    return [
        min(_CM_A_LETTER * max(map(len, texts)) + _MARGINS_CM, _WIDEST_CM) * _TWIPS_A_CM
        for texts in columns
    ]
