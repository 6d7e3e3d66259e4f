"""The Word file and the CSV files: what the report has, on the user's own page."""

import csv
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from builders import ROOT
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.shared import Cm, RGBColor

from calcinosis import citation, cohort, provenance, word_template
from calcinosis.errors import InputError
from calcinosis.estimates import Row
from calcinosis.present import formats, software, word
from calcinosis.present.blocks import Cell, Paragraph, Picture, Section, Table, plain
from calcinosis.present.figures import style
from calcinosis.present.word import Paper

RATE = Row(analysis="incidence", statistic="rate", estimate=1234.5, conf_low=-1.2, conf_high=1300)
NUMBER = Cell(formats.with_interval(RATE), RATE)
_TWO = [NUMBER, ", p ", NUMBER]
HOSTILE = "<script>&amp; {{7*7}} \x07bell"
TABLES = [
    Table("Rates", ("Group", "Rate", "p"), [["=1+1", NUMBER, _TWO]], ("One.", "Two.")),
    Table("ผู้ป่วย", ("Item", "Where"), [[HOSTILE, "@here"], ["-2", "–"]], of_words=True),
    Table("Many " * 40, ("n",) * 12, [["centre 04"] * 12] * 30),
]
CHAPTERS = [
    Section("findings", "Key findings", [Paragraph([["The rate is ", NUMBER, "."], ["More."]])]),
    Section(
        "incidence",
        "Incidence",
        [Picture("tall_figure", "Rates by group.", ["The rate is ", NUMBER, "."]), *TABLES[:2]],
    ),
    Section("other", "Other", [Picture("flat_figure", "Flow.", []), TABLES[2]]),
    Section("limitations", "Limitations", [Paragraph([["Few events."]])]),
    Section("methods", "Methods", [Paragraph([["Years are days."], ["And more."]])]),
]
PLAN = {
    "about": {"title": "A study", "simulated": True, "citation": "Somebody 2020."},
    "report": {"numbers": "plain"},
}


@pytest.fixture
def make(tmp_path, monkeypatch):
    """Write the chapters above; returns the open document, its bytes and the CSV files by name."""
    monkeypatch.setattr(word, "sections", lambda *_: CHAPTERS)
    figures = {}
    for name, size in (("tall_figure", (4, 12)), ("flat_figure", (12, 4))):
        figures[name] = tmp_path / f"{name}.png"
        figure, _ = style.canvas(*size)
        drawn = style.Drawn(figure, (), [])
        style.write(drawn, tmp_path / "f.svg", figures[name], tmp_path / "f.csv")

    def made(plan=PLAN, template=None, folder="tables"):
        path, tables = tmp_path / "tables.docx", tmp_path / folder
        word.write(path, tables, [], plan, {}, Paper(figures, "Cite me.", template))
        files = {file.name: file.read_bytes() for file in tables.iterdir()}
        return SimpleNamespace(document=Document(str(path)), data=path.read_bytes(), files=files)

    return made


def texts(document, style_name: str) -> list[str]:
    return [p.text for p in document.paragraphs if p.style.name == style_name]


def test_captions_are_numbered_and_stand_by_their_tables(make):
    document = make().document
    assert texts(document, "Caption") == [
        "Figure 1. Rates by group.",
        "Table 1. Rates",
        "Table 2. ผู้ป่วย",
        "Figure 2. Flow.",
        f"Table 3. {TABLES[2].caption}",
    ]
    captions = [p for p in document.paragraphs if p.text.startswith("Table ")]
    for caption, table in zip(captions, document.tables, strict=True):
        assert caption._p.getnext() is table._tbl
    assert texts(document, "Table note") == ["One.", "Two."]
    assert texts(document, "Heading 2") == [chapter.title for chapter in CHAPTERS]


def test_numbers_of_captions_are_fields_that_word_counts(make, tmp_path):
    make()
    with zipfile.ZipFile(tmp_path / "tables.docx") as archive:
        xml = archive.read("word/document.xml").decode()
    assert xml.count("SEQ Table \\* ARABIC") == 3
    assert xml.count("SEQ Figure \\* ARABIC") == 2


def test_cells_are_those_of_the_report(make):
    document = make().document
    for table, grid in zip(TABLES, document.tables, strict=True):
        lines = [[plain(entry) for entry in line] for line in (table.head, *table.rows)]
        shown = [[cell.text for cell in row.cells] for row in grid.rows]
        assert shown == [[text.replace("\x07", "") for text in line] for line in lines]
        assert grid.style.name == "Study table"
        assert grid.rows[0]._tr.xpath("w:trPr/w:tblHeader")
        assert len(grid._tbl.xpath("w:tr/w:trPr/w:cantSplit")) == len(lines)
    words, numbers = document.tables[1].rows[1].cells[1], document.tables[0].rows[1].cells[1]
    assert words.paragraphs[0].style.name == "Table text"
    assert numbers.paragraphs[0].style.name == "Table number"


def test_no_table_is_wider_than_the_page(make):
    document = make().document
    page = document.sections[-1]
    usable = page.page_width - page.left_margin - page.right_margin
    for grid in document.tables:
        assert sum(column.width for column in grid.columns) <= usable
    narrow = document.tables[2].columns[0].width
    assert narrow == document.tables[2].columns[11].width


def test_figures_have_the_finding_as_alternative_text(make):
    document = make().document
    tall, flat = document.inline_shapes
    assert tall._inline.docPr.get("descr") == f"The rate is {NUMBER.text}."
    assert flat._inline.docPr.get("descr") == "Flow."  # nothing found: what it shows
    assert [shape._inline.docPr.get("name") for shape in (tall, flat)] == ["Figure 1", "Figure 2"]
    for shape, ratio in ((tall, 1 / 3), (flat, 3)):
        assert shape.width / shape.height == pytest.approx(ratio, rel=0.1)


def test_a_tall_figure_has_an_upright_page_with_its_heading(make):
    document = make().document
    assert [page.orientation for page in document.sections] == [
        WD_ORIENT.LANDSCAPE,
        WD_ORIENT.PORTRAIT,
        WD_ORIENT.LANDSCAPE,
    ]
    breaks = document.element.body.xpath("w:p[w:pPr/w:sectPr]")
    assert breaks[0].getnext().text == "Incidence"
    assert document.inline_shapes[0].height > Cm(15)


def test_findings_stand_first_and_methods_end_with_citations(make):
    paragraphs = [p.text for p in make().document.paragraphs]
    first = paragraphs.index("Key findings")
    assert paragraphs[first + 1 : first + 3] == [f"The rate is {NUMBER.text}.", "More."]
    assert paragraphs[paragraphs.index("Methods") + 1 :] == [
        "Years are days. And more.",
        software.sentence(),
        "Cite the study as: Somebody 2020.",
        "Cite the software as: Cite me.",
    ]
    assert "snakemake 9" in software.sentence()


def test_simulated_data_say_so_on_every_page(make):
    document = make().document
    headers = [page.header for page in document.sections]
    assert headers[0].paragraphs[0].text == word.SIMULATED
    assert [header.is_linked_to_previous for header in headers] == [False, True, True]
    real = PLAN | {"about": PLAN["about"] | {"simulated": False}}
    document = make(real).document
    assert not any(p.text for p in document.sections[0].header.paragraphs)
    assert word.SIMULATED not in [p.text for p in document.paragraphs]


def test_a_failed_analysis_is_told(make, tmp_path, monkeypatch):
    failed = Row(analysis="lesions", statistic="count", status="failed", note="LinAlgError")
    paper = Paper({}, "Cite me.")
    word.write(tmp_path / "a.docx", tmp_path / "t", [failed], PLAN, {}, paper)
    said = "The analysis lesions failed (LinAlgError); its numbers are not shown."
    assert said in [p.text for p in Document(str(tmp_path / "a.docx")).paragraphs]


def test_the_same_numbers_give_the_same_bytes(make):
    first, second = make(), make(folder="again")
    assert first.data == second.data
    assert first.files == second.files


def _lines(data: bytes, delimiter: str = ",") -> list[list[str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    text = data.decode("utf-8-sig")
    return list(csv.reader(text.splitlines(), delimiter=delimiter))


def test_each_csv_is_its_table_with_the_names_of_its_numbers(make):
    files = make().files
    many = "_".join(["many"] * 9)
    assert sorted(files) == [
        "00_contents.csv",
        *("01_rates.csv", "01_rates_result_ids.csv"),
        *("02_table.csv", "02_table_result_ids.csv"),
        *(f"03_{many}.csv", f"03_{many}_result_ids.csv"),
    ]
    two = f"{NUMBER.text}, p {NUMBER.text}"
    assert _lines(files["01_rates.csv"]) == [["Group", "Rate", "p"], ["'=1+1", NUMBER.text, two]]
    ids = [["", "", ""], ["", RATE.result_id, f"{RATE.result_id} {RATE.result_id}"]]
    assert _lines(files["01_rates_result_ids.csv"]) == ids
    assert _lines(files["02_table.csv"])[1:] == [[HOSTILE, "'@here"], ["'-2", "–"]]
    contents = _lines(files["00_contents.csv"])
    assert contents[:2] == [
        ["number", "file", "caption", "notes"],
        ["1", "01_rates.csv", "Rates", "One. Two."],
    ]
    assert len(contents) == 1 + len(TABLES)


def test_a_decimal_comma_comes_with_semicolons(make):
    files = make(PLAN | {"report": {"numbers": "decimal_comma"}}).files
    assert _lines(files["01_rates.csv"], ";")[0] == ["Group", "Rate", "p"]


def _template(path: Path, *, header: str = "Hospital") -> str:
    """A user's file: upright, blue headings, a first page of its own, text at its start."""
    made = Document()
    made.add_paragraph("Our title page")
    made.styles["Heading 2"].font.color.rgb = RGBColor(0, 0, 255)
    page = made.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.different_first_page_header_footer = True
    page.header.paragraphs[0].text = header
    page.first_page_header.paragraphs[0].text = "First"
    made.styles.add_style("Table note", 1).font.bold = True
    made.save(str(path))
    return str(path)


def test_the_template_gives_page_styles_and_headers(make, tmp_path):
    template = _template(tmp_path / "own.docx")
    assert word_template.problem(template) == ""
    document = make(template=template).document
    page = document.sections[0]
    assert page.page_width == pytest.approx(Cm(21), rel=1e-3)
    assert document.paragraphs[0].text == "Our title page"
    assert document.styles["Heading 2"].font.color.rgb == RGBColor(0, 0, 255)
    assert document.styles["Table note"].font.bold
    assert texts(document, "Table note") == ["One.", "Two."]
    for header, own in ((page.header, "Hospital"), (page.first_page_header, "First")):
        assert [p.text for p in header.paragraphs] == [word.SIMULATED, own]
    usable = page.page_width - page.left_margin - page.right_margin
    *narrow, wide = (sum(column.width for column in grid.columns) for grid in document.tables)
    assert max(narrow) < usable < wide
    turned = [each.orientation == WD_ORIENT.LANDSCAPE for each in document.sections]
    assert turned == [False, True, False]  # one flat figure and the wide table follow each other
    breaks = document.element.body.xpath("w:p[w:pPr/w:sectPr]")
    assert [each.getnext().text for each in breaks] == ["Other", "Limitations"]
    assert not any(each.different_first_page_header_footer for each in document.sections[1:])
    assert all(shape.width <= Cm(25) for shape in document.inline_shapes)
    assert make(template=template).data == make(template=template).data


def _without_style(source: Path, target: Path, name: str) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for member in old.namelist():
            content = old.read(member)
            if member == "word/styles.xml":
                content = content.replace(f'w:val="{name}"'.encode(), b'w:val="else"')
            new.writestr(member, content)
    return target


def _kind(source: Path, target: Path) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for member in old.namelist():
            content = old.read(member)
            if member == "[Content_Types].xml":
                content = content.replace(b"document.main+xml", b"template.main+xml")
            new.writestr(member, content)
    return target


def test_what_is_wrong_with_a_template_is_said(tmp_path):
    good = Path(_template(tmp_path / "own.docx"))
    text = tmp_path / "text.docx"
    text.write_text("no zip file")
    workbook = tmp_path / "workbook.docx"
    with zipfile.ZipFile(workbook, "w") as archive:
        archive.writestr("xl/workbook.xml", "")
    cases = {
        tmp_path / "absent.docx": "there is no file",
        text: "is no Word file",
        workbook: "is no Word file",
        tmp_path: "is no Word file",
        _kind(good, tmp_path / "own.dotx"): "save it as .docx",
        _without_style(good, tmp_path / "a.docx", "caption"): "has no style Caption;",
    }
    for path, said in cases.items():
        assert said in word_template.problem(path), path


def test_a_plan_with_a_wrong_template_stops_before_any_job(tmp_path):
    plan_file = tmp_path / "early_ssc" / "cohort.yaml"
    plan_file.parent.mkdir()
    home = ROOT / "cohorts/early_ssc"
    for file in (*home.glob("*.csv"), home / "published.yaml"):
        (plan_file.parent / file.name).write_bytes(file.read_bytes())
    written = (home / "cohort.yaml").read_text("utf-8")
    own = written.replace("\nreport:\n", "\nreport:\n  word_template: own.docx\n")
    assert own != written
    plan_file.write_text(own, "utf-8")
    with pytest.raises(InputError) as caught:
        cohort.facts(str(plan_file), provenance.Remembered())
    line = own.splitlines().index("  word_template: own.docx") + 1
    assert f":{line}: report.word_template: there is no file" in caught.value.message
    _template(plan_file.parent / "own.docx")
    before = cohort.facts(str(plan_file), provenance.Remembered())["word_template"]
    _template(plan_file.parent / "own.docx", header="Another")
    after = cohort.facts(str(plan_file), provenance.Remembered())["word_template"]
    assert before["path"] == after["path"]
    assert before["hash"] != after["hash"]


def test_the_software_is_cited_from_its_citation_file(tmp_path):
    cited = citation.of_software(ROOT / citation.FILE)
    assert cited.startswith("The calcinosis developers. calcinosis: ")
    assert cited.endswith("MIT licence.")
    other = tmp_path / "CITATION.cff"
    other.write_text(
        "title: t\nversion: 1.0.0\nlicense: MIT\ndoi: 10.1/x\n"
        "authors:\n  - family-names: Doe\n    given-names: Jane\n  - name: Others\n"
    )
    said = "Doe, Jane; Others. t. Version 1.0.0. MIT licence. https://doi.org/10.1/x."
    assert citation.of_software(other) == said
