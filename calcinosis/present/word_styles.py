"""The Word file to write into: its page, its styles, and what stands in its header.

The user's own file, or an empty one. Of the styles for tables a user may make his own, by the names
below; those that are not there are added.
"""

from collections.abc import Iterator
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Cm, Emu, Pt, RGBColor

TABLE, TEXT, NUMBER, NOTE = "Study table", "Table text", "Table number", "Table note"
"""Styles of a table, of its words, of its numbers, and of what stands below it."""
OURS = (TABLE, TEXT, NUMBER, NOTE)
_FIGURE_HEIGHT = 0.8
"""Of the page, at most: its caption stands below it."""
_RULES = f"""
<w:style {nsdecls("w")} w:type="table" w:customStyle="1" w:styleId="StudyTable">
  <w:name w:val="{TABLE}"/><w:basedOn w:val="TableNormal"/><w:qFormat/>
  <w:tblPr>
    <w:tblBorders>
      <w:top w:val="single" w:sz="8" w:space="0" w:color="auto"/>
      <w:bottom w:val="single" w:sz="8" w:space="0" w:color="auto"/>
    </w:tblBorders>
    <w:tblCellMar><w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar>
  </w:tblPr>
  <w:tblStylePr w:type="firstRow">
    <w:rPr><w:b/></w:rPr>
    <w:tcPr><w:tcBorders>
      <w:bottom w:val="single" w:sz="4" w:space="0" w:color="auto"/>
    </w:tcBorders></w:tcPr>
  </w:tblStylePr>
</w:style>
"""


def document(template: str | None) -> Any:
    """An open document: the template, with all that stands in it, or an empty landscape page.

    Parameters
    ----------
    template : path of the user's file, see `word_template`
    """
    made = Document(template)
    if template is None:
        _plain_look(made)
    _add_styles(made)
    return made


def usable_widths(made: Any) -> tuple[Emu, Emu]:
    """Between the margins of the last page, as it is and turned."""
    page = made.sections[-1]
    margins = page.left_margin + page.right_margin
    return Emu(page.page_width - margins), Emu(page.page_height - margins)


def scales(made: Any, width: int, height: int) -> tuple[float, float]:
    """By what a figure is made smaller to stand on the last page with its caption below.

    Returns
    -------
    on the page as it is, and on the page turned
    """
    page = made.sections[-1]
    sides, ends = page.left_margin + page.right_margin, page.top_margin + page.bottom_margin

    def scale(across: int, down: int) -> float:
        return min(1, (across - sides) / width, _FIGURE_HEIGHT * (down - ends) / height)

    return scale(page.page_width, page.page_height), scale(page.page_height, page.page_width)


def turn_page(made: Any) -> None:
    """Go on upon a page of the other orientation; a heading that came last goes along."""
    end = made.element.body.sectPr
    last = end.getprevious()
    page = made.add_section(WD_SECTION.NEW_PAGE)
    page.different_first_page_header_footer = False  # a title page is the document's first
    page.page_width, page.page_height = page.page_height, page.page_width
    upright = page.page_height >= page.page_width
    page.orientation = WD_ORIENT.PORTRAIT if upright else WD_ORIENT.LANDSCAPE
    if getattr(last, "style", None) == made.styles["Heading 2"].style_id:
        end.addprevious(last)


def put_in_headers(made: Any, text: str) -> None:
    """Put a line at the top of every page, above what the template has there."""
    for header in _headers(made):
        first = header.paragraphs[0] if header.paragraphs else header.add_paragraph()
        line = first.insert_paragraph_before() if first.text else first
        line.add_run(text).bold = True


def _headers(made: Any) -> Iterator[Any]:
    """The headers of a document that pages show; a section without its own has the former's."""
    for position, section in enumerate(made.sections):
        shown = [section.header]
        if section.different_first_page_header_footer:
            shown.append(section.first_page_header)
        if made.settings.odd_and_even_pages_header_footer:
            shown.append(section.even_page_header)
        for header in shown:
            if position == 0 or not header.is_linked_to_previous:
                yield header


def _plain_look(made: Any) -> None:
    normal = made.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(10)
    for name in ("Heading 1", "Heading 2", "Caption"):
        made.styles[name].font.color.rgb = RGBColor(0, 0, 0)
    made.styles["Caption"].font.size = Pt(10)
    for section in made.sections:
        section.page_width, section.page_height = Cm(29.7), Cm(21.0)
        section.orientation = WD_ORIENT.LANDSCAPE
        section.left_margin = section.right_margin = Cm(1.8)
        section.top_margin = section.bottom_margin = Cm(1.8)


def _add_styles(made: Any) -> None:
    """The look of tables as styles, which an author changes in one place."""
    there = {style.name for style in made.styles}
    for name, alignment, size, after in (
        (TEXT, WD_ALIGN_PARAGRAPH.LEFT, Pt(9), Pt(1)),
        (NUMBER, WD_ALIGN_PARAGRAPH.RIGHT, Pt(9), Pt(1)),
        (NOTE, WD_ALIGN_PARAGRAPH.LEFT, Pt(9), Pt(0)),
    ):
        if name not in there:
            style = made.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            style.base_style = made.styles["Normal"]
            style.font.size = size
            style.font.italic = True if name == NOTE else None
            style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(0), after
            style.paragraph_format.alignment = alignment
    if TABLE not in there:
        made.styles.element.append(parse_xml(_RULES))


def field(paragraph: Any, name: str, number: int) -> None:
    """A number that Word counts by itself, as its own captions have it, shown as `number`."""
    for kind in ("begin", None, "separate", number, "end"):
        run = paragraph.add_run(str(kind) if isinstance(kind, int) else None)
        if isinstance(kind, str):
            mark = OxmlElement("w:fldChar")
            mark.set(f"{{{run._r.nsmap['w']}}}fldCharType", kind)
            run._r.append(mark)
        elif kind is None:
            code = OxmlElement("w:instrText")
            code.text = f" SEQ {name} \\* ARABIC "
            run._r.append(code)
