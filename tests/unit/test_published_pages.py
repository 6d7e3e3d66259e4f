"""The chapter on a paper's numbers: what is printed, in which words, and what is not said."""

import json
import re

import jsonschema
import pytest
import yaml
from builders import ROOT
from published_files import COUNT, HEAD, content, entry

from calcinosis import cohort, provenance
from calcinosis.estimate.published import published_rows
from calcinosis.plan.published import settings
from calcinosis.present import published_tables, published_words
from calcinosis.present.blocks import Cell, Paragraph, Table, parts_of, plain
from calcinosis.present.report import report
from calcinosis.present.words import Book, Labels

RATIO = {"measure": "odds_ratio", "of": "category"}
EVERYTHING = [
    COUNT,
    entry("twelve", "share", events="12", n="35", percent="22.6", interval=["1", "40"]),
    entry("half", "share", events="20", n="53", percent="90"),
    entry("more", "share", events="12", n="9"),
    entry("sevenths", "share", percent="50", n="7", unit="lesions"),
    entry("outside", "ratio", value="1.8", interval=["2.0", "2.6"], **RATIO),
    entry("skew", "ratio", value="1.8", interval=["1.1", "2.0"], test="wald", p=".9", **RATIO),
    entry("below", "ratio", value="-1.8", **RATIO),
    entry("no_p", "ratio", value="1.8", p="1.8", **RATIO),
    entry("unitless", "ratio", value="1.24", p=".029", measure="odds_ratio", of="number"),
    entry("odd", "rate", rate="5", per="100", events="35", person_years="155", interval=["1", "9"]),
    entry("swapped", "rate", rate="155", per="100", events="35"),
    entry("years", "summary", statistic="mean", value="9", plus_minus="1", unit="years"),
    entry(
        *("long", "rate"),
        **{"rate": "7", "per": "100", "events": "35", "person_years": "500"},
        **{"persons": "patients", "follow_up": "years"},
    ),
    entry(
        *("short", "rate"),
        **{"rate": "88", "per": "100", "events": "35", "person_years": "40"},
        **{"persons": "patients", "follow_up": "years"},
    ),
    entry("form", "summary", statistic="median", value="2.9", plus_minus="0.4"),
    entry("quarters", "summary", statistic="median", value="2.9", quartiles=["3.1", "4"]),
    entry("ranged", "summary", statistic="mean", value="2.9", range=["3.1", "4"]),
    entry("progressed", "share", events="35", among="patients"),
    entry("model", "model", measure="odds_ratio", outcome="progressed", covariates="5"),
    entry("large", "share", percent="70"),
    entry("larger", "share", percent="60"),
    entry("sum", "parts", parts=["large", "larger"], exclusive=True),
    entry("many", "share", events="30", n="40"),
    entry("others", "share", events="20", n="40"),
    entry("counts", "parts", parts=["many", "others"], exclusive=True),
]


def chapter(folder, *lines: str, simulated: bool = False, head: str = HEAD):
    paper = content(folder, *lines, head=head)
    rows = published_rows(settings(paper, simulated=simulated), [])
    return paper, Book(rows), published_tables.blocks(Book(rows), paper, Labels({}))


def tables(blocks) -> dict[str, Table]:
    return {block.caption: block for block in blocks if isinstance(block, Table)}


def test_every_finding_has_its_words(tmp_path):
    """All checks of the estimates are told, and no words are there for a check that is none."""
    _, book, blocks = chapter(tmp_path, *EVERYTHING)
    levels = {
        row.level for row in book.all(model="consistency") if row.statistic in ("error", "note")
    }
    assert levels == set(published_words.FOUND)
    found = tables(blocks)["What the printed numbers say about each other"].rows
    assert all(len(plain(row[0])) > 20 for row in found)
    words = [plain(row[2]) for row in found]
    assert words == sorted(words), "errors first"
    assert {"error", "note"} == set(words)


def test_every_number_of_the_chapter_is_a_row(tmp_path):
    _, book, blocks = chapter(tmp_path, *EVERYTHING)
    known = {row.result_id for row in book.rows}
    cells = [part for block in blocks for part in parts_of(block) if isinstance(part, Cell)]
    assert len(cells) > 50
    assert {cell.result_id for cell in cells} <= known
    beside = " ".join(p for block in blocks for p in parts_of(block) if isinstance(p, str))
    notes = " ".join(note for block in tables(blocks).values() for note in block.notes)
    assert set(re.findall(r"\d+", beside + notes)) <= {"95", "1"}


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (entry("x", "count", count="5,218"), "5,218"),
        (entry("x", "share", events="12", n="35", percent="22.6"), "12 of 35 (22.6%)"),
        (entry("x", "share", events="215", percent="38"), "215 (38%)"),
        (entry("x", "share", percent="50", interval=["41", "59"]), "50% (41 to 59%)"),
        (entry("x", "ratio", value="2.97", p=".008", **RATIO), "2.97; p = .008"),
        (
            entry("x", "ratio", **{**RATIO, "of": "number"}, value="1.2", per="5 years", p="<.001"),
            "1.2 per 5 years; p <.001",
        ),
        (
            entry("x", "rate", rate="22.6", per="100", events="35", person_years="155"),
            "35/155: 22.6 per 100 person-years",
        ),
        (
            entry("x", "rate", rate="155", per="100", events="35"),
            "35 events, 155 per 100 person-years",
        ),
        (
            entry("x", "summary", statistic="median", value="2.9", plus_minus="0.4", unit="years"),
            "median 2.9 ± 0.4 years",
        ),
        (
            entry("x", "summary", statistic="median", value="-2.2", quartiles=["-3", "-1"]),
            "median -2.2 (quartiles -3 to -1)",
        ),
    ],
)
def test_numbers_stand_as_they_are_printed(tmp_path, line, text):
    _, _, blocks = chapter(tmp_path, line)
    (row,) = tables(blocks)["Printed numbers and ours"].rows
    assert plain(row[1]) == text
    assert plain(row[0]) == "the x (abstract)"


def test_an_estimate_that_this_run_does_not_have_is_told(tmp_path):
    ours = "flow/-/-/overall/analysedd/-/-/patients/count/-"
    lines = [entry("x", "count", count="53", ours=ours), entry("y", "count", count="53")]
    _, _, blocks = chapter(tmp_path, *lines)
    found = [list(map(plain, row)) for row in tables(blocks)["Printed numbers and ours"].rows]
    assert [row[3:] for row in found] == [
        ["not comparable", "no such estimate"],
        ["not comparable", ""],
    ]


def test_a_paper_without_errors_is_no_key_finding(tmp_path):
    paper, book, _ = chapter(tmp_path, entry("x", "ratio", value="1.2", p=".03", **RATIO))
    assert published_tables.finding(book, paper) == []
    assert published_tables.finding(book, None) == []
    assert published_tables.methods(None) == []


@pytest.fixture(scope="module", params=["early_ssc", "multicentre"])
def bundled(request):
    facts = cohort.facts(
        str(ROOT / f"cohorts/{request.param}/cohort.yaml"), provenance.Remembered()
    )
    rows = published_rows(facts["settings"]["published"], [])
    return facts, Book(rows)


def test_the_errors_of_a_bundled_paper_are_key_findings(bundled):
    facts, book = bundled
    said = plain(published_tables.finding(book, facts["plan"]["published"]))
    of_films = facts["plan"]["severity"] is not None
    wrong = ("median 2.9 ± 0.4 years", "155 per 100 person-years", "12 of 35 (22.6%)")
    assert [text in said for text in wrong] == [of_films] * 3


def test_a_simulated_cohort_never_reads_reproduced(bundled):
    facts, book = bundled
    blocks = published_tables.blocks(book, facts["plan"]["published"], Labels(facts["labels"]))
    verdicts = {plain(row[3]) for row in tables(blocks)["Printed numbers and ours"].rows}
    assert "reproduced" not in verdicts


def test_checks_without_a_finding_are_named_but_make_none(bundled):
    facts, book = bundled
    blocks = published_tables.blocks(book, facts["plan"]["published"], Labels(facts["labels"]))
    said = " ".join(
        plain(line) for block in blocks if isinstance(block, Paragraph) for line in block.sentences
    )
    if facts["plan"]["severity"]:
        assert "incidence of progression – events over person-years" in said
    else:
        assert "patients with calcinosis – percentage of its counts" in said
        assert "Not to be judged from what is printed: tenderness" in said


def test_hostile_words_are_inert(tmp_path):
    facts = cohort.facts(str(ROOT / "cohorts/early_ssc/cohort.yaml"), provenance.Remembered())
    hostile = "<script>alert(1)</script>"
    lines = [
        "  x: {kind: share, says: '" + hostile + "', where: '" + hostile + "', "
        "events: '12', n: '35', percent: '22.6'}\n"
    ]
    paper = content(tmp_path, *lines, head=HEAD.replace("A paper", f"'{hostile}'"))
    rows = published_rows(settings(paper, simulated=True), [])
    sections = (
        "severity",
        "describe",
        "sctc",
        "agreement",
        "incidence",
        "models",
        "risks",
        "ordinal",
    )
    plan = facts["plan"] | dict.fromkeys(sections) | {"published": paper}
    page = report("x", {"published": rows}, {"published": {}}, [], plan, facts["labels"])
    assert hostile not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 3


@pytest.mark.parametrize("name", ["early_ssc", "multicentre"])
def test_bundled_files_are_valid_for_editors(name):
    schema = json.loads((ROOT / "workflow/schemas/published.schema.json").read_text("utf-8"))
    file = (ROOT / "cohorts" / name / "published.yaml").read_text("utf-8")
    jsonschema.validate(yaml.safe_load(file), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(file.replace("percent:", "persent:")), schema)
