"""The report and the index as pages: what stands on them without a template being touched."""

import re

import pytest
from builders import ROOT

from calcinosis import cohort, provenance
from calcinosis.estimates import Row, count
from calcinosis.present import contents
from calcinosis.present.blocks import Paragraph, cell
from calcinosis.present.index import index
from calcinosis.present.report import report

ABOUT = {"title": "A study", "simulated": True, "form": "cohort", "citation": "", "seed": None}
PLAN = {
    "about": ABOUT,
    "report": {"numbers": "plain"},
    "severity": None,
    "incidence": None,
}


@pytest.fixture(scope="module")
def facts():
    return cohort.facts(str(ROOT / "cohorts/early_ssc/cohort.yaml"), provenance.Remembered())


def made(facts, rows) -> str:
    datasets = {"quality": {"quality": "0" * 64}}
    return report("early_ssc", {"quality": rows}, datasets, [], facts["plan"], facts["labels"])


def test_a_section_needs_an_entry_and_no_template(facts, monkeypatch):
    row = count("quality", 41, term="swallowed_pins", unit="records")

    def blocks(book, _plan, _label):
        return [Paragraph([["Pins: ", cell(book.one(term="swallowed_pins")), "."]])]

    chapters = (*contents.CHAPTERS, ("severity", "Swallowed pins", blocks))
    monkeypatch.setattr(contents, "CHAPTERS", chapters)
    page = made(facts, [row])
    assert page.count("Swallowed pins") >= 2  # its heading, and its line in the contents
    link = f'<a class="number" href="#row-{row.result_id}" data-result-id="{row.result_id}">41</a>'
    assert link in page
    assert f'<tr id="row-{row.result_id}">' in page


def test_the_footer_says_from_when_the_data_are(facts):
    years = [
        Row(
            analysis="quality",
            group="readings",
            term=f"{which}_year",
            level="film_date",
            statistic="year",
            estimate=year,
        )
        for which, year in (("first", 2011), ("last", 2019))
    ]
    words = re.sub("<[^>]+>", "", made(facts, years).partition("<footer>")[2])
    assert "Date of radiograph: 2011 to 2019." in words
    assert "Date of radiograph" not in made(facts, []).partition("<footer>")[2]


def odds_ratio(**facts) -> Row:
    return Row(
        analysis="multivariable",
        model="primary",
        outcome="calcinosis",
        term="age",
        unit="per 10",
        statistic="odds_ratio",
        method="wald",
        **facts,
    )


def test_the_index_says_what_each_cohort_found_and_how_it_ended():
    found = odds_ratio(estimate=2.0, conf_low=1.5, conf_high=2.7, conf_level=0.95, p_value=0.001)
    fails = Row(
        analysis="incidence", statistic="analysis", status="failed", note="KeyError in rates.py"
    )
    none = odds_ratio(status="not_estimable", note="No events.")
    cohorts = {"well": [found], "ill": [fails], "bare": [none]}
    page = index(cohorts, dict.fromkeys(cohorts, PLAN), {each: {"age": "Age"} for each in cohorts})
    of = dict(zip(("bare", "ill", "well"), page.split("<article")[1:], strict=True))
    assert "Age, per 10" in of["well"]
    assert f'href="well/report.html#row-{found.result_id}"' in of["well"]
    assert "All analyses of the plan ended well.</p>" in of["well"]
    assert "The analysis incidence failed (KeyError in rates.py)." in of["ill"]
    assert "ended well" not in of["ill"]
    assert "has its reason in the report (multivariable)" in of["bare"]
