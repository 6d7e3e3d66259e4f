"""`tables.docx`: the report for Word, with real, editable tables and numbered figures."""

import datetime
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docx.image.image import Image
from docx.shared import Emu

from calcinosis.estimates import Row
from calcinosis.present import formats, software, table_files, word_styles, word_tables
from calcinosis.present.blocks import Paragraph, Picture, Section, Table, plain
from calcinosis.present.contents import sections
from calcinosis.present.words import Book

SIMULATED = "Simulated data: nobody in this cohort exists."
_DAY = datetime.datetime(2000, 1, 1)
"""A fixed date of the document, so that the same estimates give the same bytes."""
_WORTH_TURNING = 1.25
"""How much larger a figure must be on a page of the other orientation to have one, or how much
wider than an upright page a table."""


@dataclass(frozen=True)
class Paper:
    """What a Word file takes besides the numbers.

    Parameters
    ----------
    figures : PNG files by the names of their figures
    citation : of the software
    template : the user's Word file; None: an empty page
    """

    figures: Mapping[str, Path]
    citation: str
    template: str | None = None


def write(
    path: str | Path,
    tables: str | Path,
    rows: Sequence[Row],
    plan: Mapping[str, Any],
    labels: Mapping[str, str],
    paper: Paper,
) -> None:
    """Write a cohort's report as a Word file, and its tables as CSV, numbered alike.

    Parameters
    ----------
    path : the Word file to write
    tables : the folder of the CSV files
    rows : the estimates of the cohort
    plan : the sections of its plan
    labels : of variables and levels
    paper : figures, citation, template
    """
    with formats.written_for(plan["report"]["numbers"]):
        chapters = sections(Book(rows), plan, labels)
        of_chapters = [block for chapter in chapters for block in chapter.blocks]
        table_files.write_tables(tables, [b for b in of_chapters if isinstance(b, Table)])
    document = word_styles.document(paper.template)
    _head(document, plan["about"], [row for row in rows if row.status == "failed"])
    writer = _Writer(document, paper.figures)
    for chapter in chapters:
        writer.chapter(chapter)
        if chapter.id == "methods":
            writer.paragraph(software.sentence())
            writer.paragraph(f"Cite the study as: {plan['about']['citation']}")
            writer.paragraph(f"Cite the software as: {paper.citation}")
    properties = document.core_properties
    properties.title = plan["about"]["title"]
    properties.author = properties.last_modified_by = "calcinosis"
    properties.created = properties.modified = _DAY
    _save(document, Path(path))


def _head(document: Any, about: Mapping[str, Any], failed: Sequence[Row]) -> None:
    document.add_paragraph(about["title"], style="Heading 1")
    if about["simulated"]:
        document.add_paragraph().add_run(SIMULATED).bold = True
        word_styles.put_in_headers(document, SIMULATED)
    for row in failed:
        text = f"The analysis {row.analysis} failed ({row.note}); its numbers are not shown."
        document.add_paragraph().add_run(text).bold = True
    document.add_paragraph(about["citation"])


class _Writer:
    """Adds chapters to a document and counts its tables and figures."""

    def __init__(self, document: Any, figures: Mapping[str, Path]):
        self._document, self._figures = document, figures
        self._numbers = {"Table": 0, "Figure": 0}
        self._turned = False
        self._ids = {
            name: document.styles[name].style_id
            for name in (*word_styles.OURS, "Heading 2", "Caption")
        }

    def chapter(self, chapter: Section) -> None:
        self.paragraph(chapter.title, "Heading 2")
        for block in chapter.blocks:
            if isinstance(block, Table):
                self._table(block)
            elif isinstance(block, Picture):
                if block.name in self._figures:
                    self._picture(block, self._figures[block.name])
            else:
                self._stand(turned=False)
                self._sentences(block, apart=chapter.id == "findings")

    def paragraph(self, text: str, style: str | None = None) -> Any:
        made = self._document.add_paragraph(word_tables.clean(text))
        if style:
            made._p.style = self._ids[style]  # by its name it is searched each time
        return made

    def _sentences(self, block: Paragraph, *, apart: bool) -> None:
        sentences = [plain(sentence) for sentence in block.sentences]
        for text in sentences if apart else [" ".join(sentences)]:
            self.paragraph(text)

    def _stand(self, *, turned: bool) -> None:
        """What comes next stands on a page as the document has them, or on a turned one."""
        if turned != self._turned:
            word_styles.turn_page(self._document)
            self._turned = turned

    def _as_it_is_and_turned(self, of_last_page: tuple[Any, Any]) -> tuple[Any, Any]:
        as_it_is, other = of_last_page
        return (other, as_it_is) if self._turned else (as_it_is, other)

    def _caption(self, kind: str, text: str) -> Any:
        self._numbers[kind] += 1
        caption = self.paragraph(f"{kind} ", "Caption")
        word_styles.field(caption, kind, self._numbers[kind])
        caption.add_run(word_tables.clean(f". {text}"))
        return caption

    def _picture(self, picture: Picture, path: Path) -> None:
        image = Image.from_file(str(path))
        scale, other = self._as_it_is_and_turned(
            word_styles.scales(self._document, image.width, image.height)
        )
        self._stand(turned=other > _WORTH_TURNING * scale)
        scale = other if self._turned else scale
        holder = self.paragraph("")
        holder.paragraph_format.keep_with_next = True
        shape = holder.add_run().add_picture(str(path), Emu(int(scale * image.width)))
        caption = plain(picture.caption)
        self._caption("Figure", caption)
        shape._inline.docPr.set("name", f"Figure {self._numbers['Figure']}")
        finding = word_tables.clean(plain(picture.finding) or caption)
        shape._inline.docPr.set("descr", finding)

    def _table(self, table: Table) -> None:
        width, other = self._as_it_is_and_turned(word_styles.usable_widths(self._document))
        too_wide = word_tables.wanted_width(table) > _WORTH_TURNING * width.twips
        self._stand(turned=too_wide and other > width)
        width = other if self._turned else width
        caption = self._caption("Table", table.caption)
        caption.paragraph_format.keep_with_next = True
        others = word_styles.TEXT if table.of_words else word_styles.NUMBER
        styles = [self._ids[name] for name in (word_styles.TABLE, word_styles.TEXT, others)]
        caption._p.addnext(word_tables.element(table, width.twips, tuple(styles)))
        for note in table.notes:
            self.paragraph(note, word_styles.NOTE)
        self.paragraph("")


def _save(document: Any, path: Path) -> None:
    """Save with one date for all members of the zip file: the clock is no part of the document."""
    saved = io.BytesIO()
    document.save(saved)
    with zipfile.ZipFile(saved) as archive, zipfile.ZipFile(path, "w") as fixed:
        for name in archive.namelist():
            member = zipfile.ZipInfo(name, date_time=(2000, 1, 1, 0, 0, 0))
            packed = name.endswith(".png")  # a second time it would not get smaller
            member.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            fixed.writestr(member, archive.read(name))
