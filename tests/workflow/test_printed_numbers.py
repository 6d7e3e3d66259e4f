"""Pages and tables print numbers of rows only, and say whose data they show."""

import csv
import html
import re
from html.parser import HTMLParser

import pytest
from conftest import MAIN, REAL, Project, rows_of
from docx import Document

from calcinosis import estimates, printed
from calcinosis.present import formats


class Page(HTMLParser):
    """Numbers of a page, its anchors, its links and its text outside of the appendix."""

    def __init__(self, text: str):
        super().__init__()
        self.numbers: list[tuple[str, str]] = []
        self.anchors: set[str] = set()
        self.links: set[str] = set()
        self.sources: list[str] = []
        self._open: str | None = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        if "id" in named:
            assert named["id"] not in self.anchors, f"two elements are called {named['id']}"
            self.anchors.add(named["id"])
        assert tag != "script"
        assert not any(name.startswith("on") for name in named)
        if tag == "a":
            self.links.add(named["href"])
            self._open = named.get("data-result-id")
        if tag == "img":
            assert named["alt"]
            self.sources.append(named["src"])

    def handle_data(self, data):
        if self._open:
            self.numbers.append((self._open, data))

    def handle_endtag(self, tag):
        if tag == "a":
            self._open = None


SHOWN = (
    formats.estimate,
    formats.interval,
    formats.with_interval,
    formats.fraction,
    formats.count_percent,
    lambda row: f"{formats.fraction(row)} patients ({formats.estimate(row)})",
    lambda row: f"{formats.fraction(row)} patients at risk ({formats.estimate(row)})",
    lambda row: f"{formats.fraction(row)} ({formats.estimate(row)})",
    lambda row: f"{formats.fraction(row)} ({formats.number(100 * row.estimate, 0)}%)",
    lambda row: f"{formats.with_interval(row)}, n\u00a0=\u00a0{formats.number(row.n, 0)}",
    lambda row: f"{row.n:.0f} ({row.events:.0f})",
    lambda row: f"{row.n:.0f}",
    lambda row: formats.number(row.n, 0),
    lambda row: f"H = {formats.estimate(row)}, df {row.df:.0f}",
    lambda row: f"{formats.estimate(row)}, df {row.df:.0f}",
    lambda row: f"{formats.estimate(row)}, df {row.df:.0f}, p {formats.p_value(row.p_value)}",
    lambda row: f"χ² {formats.estimate(row)}, df {row.df:.0f}",
    lambda row: f"{row.events:.0f}",
    lambda row: f"{row.events:.0f} ({formats.estimate(row)})",
    lambda row: formats.number(row.person_years, 1),
    lambda row: formats.p_value(row.p_value),
)


def holds(row: estimates.Row, text: str) -> bool:
    """Whether each number of a text is one of the row, rounded: a paper's are as it prints them."""
    numbers = [row.estimate, row.conf_low, row.conf_high]
    shares = [None if number is None else 100 * number for number in numbers]
    known = [*numbers, *shares, row.events, row.n, row.person_years, row.p_value]
    found = re.findall(r"[-−]?\d*\.?\d+", text.replace(row.unit or "\n", ""))
    return all(
        any(number is not None and printed.parse(one).may_be(number) for number in known)
        for one in found
    )


@pytest.mark.parametrize(
    ("cohort", "pictures"), [("early_ssc", 5), ("multicentre", 11), ("pbc_stage", 7), (REAL[0], 5)]
)
def test_each_printed_number_is_its_row_formatted(request, cohort: str, pictures: int):
    project = request.getfixturevalue("finished" if cohort in MAIN else "real")
    rows = {row.result_id: row for row in rows_of(project, cohort)}
    page = Page(project.path(f"results/{cohort}/report.html").read_text("utf-8"))
    assert len(page.numbers) > 100
    for result_id, text in page.numbers:
        row = rows[result_id]
        possible = set()
        for show in SHOWN:
            try:
                possible.add(show(row))
            except TypeError:
                continue  # the row has no such number
        as_printed = row.analysis == "published" and holds(row, text)
        assert text in possible or as_printed, f"{result_id} prints {text!r}"
        assert f"row-{result_id}" in page.anchors
    inner = {link[1:] for link in page.links if link.startswith("#")}
    assert inner <= page.anchors
    assert all(source.startswith("data:") for source in page.sources)
    assert len(page.sources) == pictures


def test_no_number_of_the_page_is_typed(finished: Project):
    """Text between the numbers holds no digits but those of settings, names and versions."""
    page = finished.path("results/early_ssc/report.html").read_text("utf-8")
    body = page[page.index("<main>") : page.index('<section id="methods"')]
    body = re.sub(r'<a class="number".*?</a>|src="[^"]*"|alt="[^"]*"|aria-label="[^"]*"', "", body)
    words = html.unescape(re.sub(r"<[^>]*>", " ", body))
    # interval level, a label, a unit, a rate, a criterion, a horizon; of a test, its power, a root
    allowed = {"95%", "60", "1", "100", "4", "3", "5%", "80%", "2"}
    # in notes of models: events, parameters and their rule; patients and what their grades are
    # worth; resamples
    counted = {"17", "6", "35", "10", "51", "47", "200"}
    assert set(re.findall(r"\d+%?", words)) <= allowed | counted


def test_simulated_stands_on_every_page(finished: Project):
    for name in ("results/index.html", *(f"results/{cohort}/report.html" for cohort in MAIN)):
        assert "Simulated data: nobody" in finished.path(name).read_text("utf-8")


def test_real_data_are_not_called_simulated(real: Project):
    assert "Simulated" not in real.path("results/pbc_stage/report.html").read_text("utf-8")


@pytest.mark.parametrize("cohort", ["early_ssc", "multicentre"])
def test_figures_of_the_word_file_state_what_was_found(finished: Project, cohort: str):
    page = finished.path(f"results/{cohort}/report.html").read_text("utf-8")
    document = Document(str(finished.path(f"results/{cohort}/tables.docx")))
    captions = [p.text for p in document.paragraphs if p.text.startswith("Figure ")]
    assert len(captions) == len(document.inline_shapes) == page.count("<figure>")
    for shape, caption in zip(document.inline_shapes, captions, strict=True):
        finding = shape._inline.docPr.get("descr")
        assert finding not in caption
        assert re.search(r"\d|No ", finding), finding


@pytest.mark.parametrize("cohort", ["early_ssc", "multicentre"])
def test_each_table_is_a_csv_beside_the_names_of_its_numbers(finished: Project, cohort: str):
    document = Document(str(finished.path(f"results/{cohort}/tables.docx")))
    _, *files = sorted(finished.path(f"results/{cohort}/tables").glob("*.csv"))
    known = {row.result_id for row in rows_of(finished, cohort)}
    for table, file, ids in zip(document.tables, files[::2], files[1::2], strict=True):
        assert ids.name == f"{file.stem}_result_ids.csv"
        named, printed = (
            list(csv.reader(path.read_text("utf-8-sig").splitlines())) for path in (ids, file)
        )
        assert printed == [[cell.text for cell in row.cells] for row in table.rows]
        assert list(map(len, named)) == list(map(len, printed))
        assert {name for line in named for name in " ".join(line).split()} <= known
