"""Cases 53 to 60: what texts, models and plans may hold."""

import html.parser
import math
import xml.dom.minidom
import zipfile
from collections.abc import Callable

import openpyxl
import pytest
from case import Asked, Case, Logged
from clean_export import (
    READINGS,
    Change,
    Export,
    both,
    cell,
    codebook,
    column,
    more,
    plan,
    rename,
)
from harness import Run

from calcinosis import estimates

HOSTILE = {
    "a script": "<script>alert(1)</script>",
    "a template": "{{7*7}}",
    "a formula of TeX": "$\\frac{1}{2}$",
    "control characters": "a\x07b\x1bc",
}
LONG = {"100 kB of text": "x" * 100_000}
COLUMNS = ("__import__('os').system('touch hostile')", "C(sex)", "../../x")
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(1)", "=HYPERLINK(0)")
PEOPLE = {
    "a citizen id": "1-1017-00203-45-0",
    "a telephone number": "081-234-5678",
    "an e-mail": "malee@example.org",
}
LARGEST = math.log(1e3)
"""Of an odds ratio in these small cohorts, in logarithms."""


class Elements(html.parser.HTMLParser):
    """The elements of a page and its text."""

    def __init__(self, page: str):
        super().__init__()
        self.names: set[str] = set()
        self.handlers: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += data


def pages_are_well_formed(run: Run) -> None:
    """Report and Word file are built, and no text of the export became code."""
    run.present()
    page = Elements((run.home / "report.html").read_text("utf-8"))
    assert "html" in page.names and "script" not in page.names
    assert not page.handlers
    with zipfile.ZipFile(run.home / "tables.docx") as word:
        for name in word.namelist():
            if name.endswith((".xml", ".rels")):
                xml.dom.minidom.parseString(word.read(name))


def shown_as_written(text: str) -> Callable[[Run], None]:
    """A text of the plan or codebook stands in the report letter by letter."""

    def check(run: Run) -> None:
        pages_are_well_formed(run)
        assert text in Elements((run.home / "report.html").read_text("utf-8")).text

    return check


def safe_in_a_spreadsheet(run: Run) -> None:
    """No cell of a list for people begins like a formula, and workbooks hold texts only."""
    private = run.home / "private"
    for name in ("queries", "normalisations"):
        for record in run.cells(f"private/{name}.csv"):
            assert not [text for text in record if text.startswith(("=", "+", "-", "@"))]
    workbooks = list(private.glob("queries/*.xlsx"))
    assert workbooks
    for path in workbooks:
        for sheet in openpyxl.load_workbook(path).worksheets:
            kinds = {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value}
            assert kinds == {"s"}, path


def nothing_outside(run: Run) -> None:
    """Only the folders of cohorts, results and records are there, and nothing that a name made."""
    top = run.home.parents[1]
    assert {path.name for path in top.iterdir()} <= {"cohorts", "results", "records"}
    assert {path.name for path in run.home.parent.iterdir()} == {"small"}
    assert not list(top.rglob("hostile"))


def in_nothing_shareable(text: str, *, pages: bool) -> Callable[[Run], None]:
    """The text is in no file outside the private folder; `pages` are made and searched too."""

    def check(run: Run) -> None:
        if pages:
            run.present()
        for name, content in run.shareable():
            if name.endswith(".docx"):
                with zipfile.ZipFile(run.home / name) as word:
                    content = b"".join(word.read(part) for part in word.namelist())
            assert text.encode() not in content, name

    return check


def no_absurd_odds_ratio(run: Run) -> None:
    """Each odds ratio is of a size that can be believed, or is not estimable and says so.

    Not so maximum likelihood that stands beside Firth's estimate, to show why that was taken.
    """
    rows = estimates.read(run.home / "estimates.csv")
    found = [row for row in rows if row.statistic == "odds_ratio" and row.model != "ml"]
    assert found
    for row in found:
        if row.estimate is None:
            assert row.status == "not_estimable" and row.note, row.result_id
        else:
            assert abs(math.log(row.estimate)) < LARGEST, row.result_id
    assert "failed" not in {row.status for row in rows}


def firth_of(term: str, expected: float) -> Callable[[Run], None]:
    """Firth's odds ratio of one yes/no variable is that of the table with a half in each cell."""

    def check(run: Run) -> None:
        rows = estimates.read(run.home / "estimates.csv")
        named = ("univariable", "primary", term, "odds_ratio")
        (row,) = [r for r in rows if (r.analysis, r.model, r.term, r.statistic) == named]
        assert row.method == "penalised_profile" and row.note
        assert row.estimate == pytest.approx(expected, rel=1e-6)

    return check


def both_checks(*checks: Callable[[Run], None]) -> Callable[[Run], None]:
    def check(run: Run) -> None:
        for each in checks:
            each(run)

    return check


def nothing_failed(run: Run) -> None:
    rows = estimates.read(run.home / "estimates.csv")
    assert "failed" not in {row.status for row in rows}


def no_data_is_said(run: Run) -> None:
    """Nobody has a value: the numbers are left out, and the page still builds."""
    rows = [r for r in estimates.read(run.home / "estimates.csv") if r.term == "mrss"]
    missing = {r.group: r.estimate for r in rows if r.statistic == "missing"}
    assert missing["overall"] == missing["progression=no"] + missing["progression=yes"] == 60
    assert not [r for r in rows if r.statistic in ("mean", "odds_ratio") and r.estimate is not None]
    nothing_failed(run)
    run.present()


def grades(*worse: str) -> Change:
    """All films mild, but for the second film of some patients, which is severe."""

    def change(export: Export) -> None:
        header, *rows = export.rows(READINGS)
        for i, row in enumerate(rows):
            row[4] = "severe" if row[0] in worse and i % 2 else "mild"
        export.write([header, *rows], READINGS)

    return change


def only_those_who_progress(name: str, but: int = 0) -> Change:
    """A yes/no column: yes for those with a higher grade on the second film, but for some."""

    def change(export: Export) -> None:
        films = export.rows(READINGS)[1:]
        worse = sorted({a[0] for a, b in zip(films[::2], films[1::2], strict=True) if a[4] != b[4]})
        worse = worse[but:]
        rows = export.rows()
        at = rows[0].index(name)
        for row in rows[1:]:
            row[at] = "yes" if row[0] in worse else "no"
        export.write(rows)

    return change


COVARIATES = plan(
    "  multivariable: [age, sex, mrss]",
    "    subset: { reference: limited }\n    ulcer: { reference: no }\n"
    "    duration: { per: 1 }\n    height: { per: 10 }\n"
    "  multivariable: [age, sex, raynaud, mrss, subset, ulcer, duration, height]",
)
WITH_RAYNAUD = plan("multivariable: [age, sex, mrss]", "multivariable: [age, sex, raynaud]")
CENTRES = plan("incidence:", "centres: { fixed_effect: true, gee: true }\nincidence:")


def estimates_only(number: int, title: str, change: Change, also: Callable[[Run], None]) -> Case:
    """The run goes on; what its estimates look like is the case."""
    return Case(number, title, change, same_as=None, also=also)


CASES = [
    *(Case(53, f"`{text}` in a note", cell(7, "notes", text)) for text in FORMULAS),
    *(
        Case(
            53,
            f"`{text}` where a number should be",
            cell(7, "mrss", text),
            asked=(Asked(7, "not_an_integer", "mrss", text),),
            same_as=cell(7, "mrss", ""),
            also=safe_in_a_spreadsheet,
        )
        for text in FORMULAS
    ),
    *(
        Case(54, f"{what} in a note", cell(7, "notes", text))
        for what, text in (HOSTILE | LONG).items()
    ),
    *(
        Case(
            54,
            f"{what} where a number should be",
            cell(7, "mrss", text),
            asked=(Asked(7, "not_an_integer", "mrss", text),),
            same_as=cell(7, "mrss", ""),
        )
        for what, text in (HOSTILE | LONG).items()
    ),
    *(
        Case(
            54,
            f"{what} as a label of the codebook",
            codebook("mrss", label=text),
            also=shown_as_written("".join(c for c in text if c.isprintable())),
        )
        for what, text in HOSTILE.items()
        if what != "a template"  # that is the title of the next case
    ),
    Case(
        54,
        "`<script>{{7*7}}</script>` as the title",
        plan("A small cohort", "'<script>{{7*7}}</script>'"),
        also=shown_as_written("<script>{{7*7}}</script>"),
    ),
    Case(
        54,
        "a control character as the title",
        plan("A small cohort", '"A \\a cohort"'),
        stop=r"cohort\.yaml:2: there is a control character",
    ),
    *(
        Case(
            55,
            f"a further column `{name}`",
            more(name, "1"),
            logged=(Logged("column_not_in_codebook", name, 60),),
            also=nothing_outside,
        )
        for name in COLUMNS
    ),
    *(
        Case(
            55,
            f"a column that the codebook calls `{name}`",
            both(rename("sex", name), codebook("sex", source=name)),
            also=nothing_outside,
        )
        for name in COLUMNS
    ),
    *(
        Case(
            55,
            f"a variable that the codebook calls `{name}`",
            codebook("sex", variable=name),
            stop=r"codebook\.csv:5: variable '.*': use a-z, 0-9 and '_'",
        )
        for name in COLUMNS
    ),
    *(
        Case(
            56,
            f"{what} in a note",
            cell(7, "notes", f"call {text}"),
            also=in_nothing_shareable(text, pages=what == "an e-mail"),
        )
        for what, text in PEOPLE.items()
    ),
    estimates_only(57, "an outcome that nobody has", grades(), no_absurd_odds_ratio),
    estimates_only(
        57,
        "three events for eight covariates",
        both(grades("S001", "S020", "S041"), COVARIATES),
        no_absurd_odds_ratio,
    ),
    estimates_only(
        57,
        "a sign that only some of those who progress have",
        both(only_those_who_progress("raynaud", but=20), WITH_RAYNAUD),
        both_checks(no_absurd_odds_ratio, firth_of("raynaud", 11.5 * 29.5 / (20.5 * 0.5))),
    ),
    estimates_only(
        57,
        "a sign that is the outcome itself",
        both(only_those_who_progress("raynaud"), WITH_RAYNAUD),
        firth_of("raynaud", 31.5 * 29.5 / (0.5 * 0.5)),
    ),
    estimates_only(
        58,
        "a centre with one patient",
        both(
            CENTRES,
            cell(61, "centre", "c"),
            *(cell(row, "centre", "c", READINGS) for row in range(238, 242)),
        ),
        no_absurd_odds_ratio,
    ),
    estimates_only(59, "a variable that nobody has", column("mrss", lambda _: ""), no_data_is_said),
    Case(
        60,
        "an unknown key",
        plan("headline: full_interval", "headlin: full_interval"),
        stop=r"cohort\.yaml:\d+: unknown key 'incidence\.headlin': did you mean 'headline'\?",
    ),
    Case(
        60,
        "a key twice",
        plan("  headline: full_interval", "  per: 100\n  per: 10"),
        stop=r"cohort\.yaml:\d+: the key 'per' stands twice \(first in line \d+\); keep one",
    ),
    Case(
        60,
        "a tab",
        plan("  headline: full_interval", "\theadline: full_interval"),
        stop=r"cohort\.yaml:\d+: .*tab",
    ),
    Case(60, "`no` is the level no", plan("{ reference: no }", "{ reference: no } # no")),
    Case(
        60,
        "`no` where yes or no is wanted",
        plan("simulated: true", "simulated: no"),
        stop=r"cohort\.yaml:4: about\.simulated: .*\(found: 'no'\)",
    ),
    Case(
        60,
        "`!!python`",
        plan("title: A small cohort", "title: !!python/object/apply:os.system [touch hostile]"),
        stop=r"cohort\.yaml:2: the tag .*python.* is not allowed; write plain values",
    ),
]
