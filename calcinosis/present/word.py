"""`tables.docx`: the tables of the report as real, editable Word tables."""

import datetime
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from calcinosis.estimates import Row
from calcinosis.present.blocks import Table, plain
from calcinosis.present.contents import sections
from calcinosis.present.words import Book

_DAY = datetime.datetime(2000, 1, 1)
"""A fixed date of the document, so that the same estimates give the same bytes."""

_TEXT, _NUMBER = "Table text", "Table number"
"""Styles of cells."""

_CM_A_LETTER, _NARROWEST_CM, _WIDEST_CM = 0.21, 1.9, 8.0
"""Widths of columns, by their longest text."""


def write_tables(
    path: str | Path, rows: Sequence[Row], plan: Mapping[str, Any], labels: Mapping[str, str]
) -> None:
    """Write all tables of a cohort's report, numbered, with captions and footnotes.

    Parameters
    ----------
    path : the file to write
    rows : the estimates of the cohort
    plan : the sections of its plan
    labels : of variables and levels
    """
    document = Document()
    document.styles["Normal"].font.name = "Calibri"
    document.styles["Normal"].font.size = Pt(10)
    for section in document.sections:
        section.page_width, section.page_height = Cm(29.7), Cm(21.0)
        section.left_margin = section.right_margin = Cm(1.8)
        section.top_margin = section.bottom_margin = Cm(1.8)
    _add_styles(document)
    document.add_heading(plan["about"]["title"], level=1)
    if plan["about"]["simulated"]:
        note = document.add_paragraph().add_run("Simulated data: nobody in this cohort exists.")
        note.bold = True
        header = document.sections[0].header.paragraphs[0]
        header.text = "Simulated data: nobody in this cohort exists."
    document.add_paragraph(plan["about"]["citation"])
    number = 0
    for chapter in sections(Book(rows), plan, labels):
        tables = [block for block in chapter.blocks if isinstance(block, Table)]
        if tables:
            document.add_heading(chapter.title, level=2)
        for table in tables:
            number += 1
            _add(document, table, number)
    properties = document.core_properties
    properties.title = plan["about"]["title"]
    properties.author = "calcinosis"
    properties.created = properties.modified = _DAY
    properties.last_modified_by = "calcinosis"
    document.save(str(path))
    _fix_times(Path(path))


def _add(document: Any, table: Table, number: int) -> None:
    caption = document.add_paragraph(style="Caption")
    caption.paragraph_format.keep_with_next = True
    run = caption.add_run(f"Table {number}. {table.caption}")
    run.font.color.rgb = RGBColor(0, 0, 0)
    grid = document.add_table(rows=1, cols=len(table.head))
    grid.style = "Light Shading"
    look = grid._tbl.tblPr.find(qn("w:tblLook"))
    look.set(qn("w:val"), "0620")  # the first row is a head; no row is shaded
    look.set(qn("w:noHBand"), "1")
    head, *texts = ([plain(entry) for entry in line] for line in (table.head, *table.rows))
    grid.autofit = False
    for column, longest in zip(grid.columns, zip(head, *texts, strict=True), strict=True):
        wanted = _CM_A_LETTER * max(map(len, longest))
        column.width = Cm(min(max(wanted, _NARROWEST_CM), _WIDEST_CM))
    names = (_TEXT, _TEXT if table.of_words else _NUMBER)
    styles = [document.styles[name].style_id for name in names]
    _fill(grid.rows[0], head, styles, bold=True)
    _mark(grid.rows[0], "w:tblHeader")
    for line in texts:
        _fill(grid.add_row(), line, styles, bold=False)
    for note in table.notes:
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(0)
        paragraph.add_run(note).italic = True
    document.add_paragraph()


def _add_styles(document: Any) -> None:
    """The look of cells as styles, which an author changes in one place."""
    for name, alignment in (
        (_TEXT, WD_ALIGN_PARAGRAPH.LEFT),
        (_NUMBER, WD_ALIGN_PARAGRAPH.RIGHT),
    ):
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = document.styles["Normal"]
        style.font.size = Pt(9)
        style.paragraph_format.space_after = Pt(1)
        style.paragraph_format.alignment = alignment


def _fill(row: Any, texts: Iterable[str], styles: Sequence[str], *, bold: bool) -> None:
    _mark(row, "w:cantSplit")  # no page ends within a row
    for position, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
        paragraph = cell.paragraphs[0]
        paragraph._p.style = styles[position > 0]  # by its id; by name it is searched each time
        paragraph.add_run(text).bold = bold


def _mark(row: Any, tag: str) -> None:
    """Switch on a property of a row: `w:tblHeader` repeats it on each page."""
    mark = OxmlElement(tag)
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _fix_times(path: Path) -> None:
    """Give the members of the zip file one date: the clock is no part of the document."""
    with zipfile.ZipFile(path) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            member = zipfile.ZipInfo(name, date_time=(2000, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
