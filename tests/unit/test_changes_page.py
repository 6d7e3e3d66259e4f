"""The page of changes: small on big cohorts, escaped, every number a row of the table."""

import re
from types import SimpleNamespace

import pytest

from calcinosis.changes import Change
from calcinosis.estimates import Row
from calcinosis.present.changes import BOTH, SAME_EXPORT, page
from calcinosis.records import results

OLD = SimpleNamespace(name="aaaa/1", export="aaaa", export_date="2020-12-31")
NEW = SimpleNamespace(name="bbbb/2", export="bbbb", export_date="")


def shown(changes, runs=(OLD, NEW), labels=()) -> str:
    return page("small", {"title": "T", "simulated": False}, "plain", dict(labels), runs, changes)


def tables(text: str) -> dict[str, list[str]]:
    """The rows of each table by its caption."""
    found = re.findall(r"<caption>(.*?)</caption>(.*?)</table>", text, re.DOTALL)
    return {caption: re.findall(r"<tr>(.*?)</tr>", rows)[1:] for caption, rows in found}


def odds_ratios(number: int, estimate: float, p: float) -> list[Row]:
    return [
        Row(
            **{"analysis": "univariable", "term": f"x{i}", "statistic": "odds_ratio"},
            **{"estimate": estimate + i / 1e4, "conf_low": 1.5, "conf_high": 9.0, "p_value": p},
        )
        for i in range(number)
    ]


@pytest.mark.parametrize(
    ("p", "caption", "most"),
    [
        (0.2, "Results that stand out, the important first", 40),
        (0.01, "Other changed results with an interval, the furthest moved first", 20),
    ],
)
def test_thousands_of_changes_stay_readable(p, caption, most):
    found = results.compare(odds_ratios(5000, 2.0, 0.01), odds_ratios(5000, 3.0, p))
    text = shown([*results.summary(found), *found])
    assert len(tables(text)[caption]) == most
    assert f"The first {most} are shown; changes.csv holds all." in text
    assert "5\u202f000 changed" in re.sub(r"<[^>]+>", "", text)
    assert len(text) < 60_000


def test_a_table_that_is_whole_does_not_say_that_it_was_cut():
    found = results.compare(odds_ratios(40, 2.0, 0.01), odds_ratios(40, 3.0, 0.2))
    assert "are shown" not in shown(found)


def test_words_of_sites_and_settings_are_escaped():
    hostile = '"><script>alert(1)</script>'
    changes = [
        Change(section="records", kind="added", table="patients", site=hostile, count=1),
        Change(section="run", kind="plan", item=hostile, old=hostile, new="{{7*7}}"),
        Change(section="patients", kind="changed", item="outcome", old="<b>", new="", count=1),
    ]
    text = shown(changes)
    assert "<script>" not in text
    assert "<b>" not in text
    assert "{{7*7}}" in text
    assert "default-src 'none'" in text


def test_what_else_differs_is_said_at_the_top():
    plan = Change(section="run", kind="plan", item="severity.comparison", old='"a"', new='"b"')
    assert BOTH in shown([plan])
    assert BOTH not in shown([])
    assert SAME_EXPORT in shown([plan], (OLD, OLD))
    assert (
        "Run bbbb/2, export of no date, compared with run aaaa/1, export of 2020-12-31."
        in shown([])
    )


def test_numbers_are_written_as_the_journal_wants():
    found = results.compare(odds_ratios(1, 2.0, 0.01), odds_ratios(1, 3.0, 0.2))
    text = page("small", {"title": "T", "simulated": False}, "lancet", {}, (OLD, NEW), found)
    assert "p crossed 0·05" in text
    assert "3·00 (1·50" in text


def test_nothing_to_compare_with():
    text = shown([], None)
    assert "Nothing to compare with yet" in text
    assert "<table" not in text
    assert "<nav" not in text


def test_a_result_that_is_not_estimable_any_more_says_so():
    old = odds_ratios(1, 2.0, 0.01)
    new = [Row(analysis="univariable", term="x0", statistic="odds_ratio", status="not_estimable")]
    (line,) = tables(shown(results.compare(old, new)))[
        "Results that stand out, the important first"
    ]
    words = re.sub(r"<[^>]+>", "|", line)
    assert "2.00 (1.50 to 9.00)" in words
    assert "|not estimable|" in words
    assert "status: ok, now not estimable" in words


def test_counts_of_one_site_need_no_line_of_their_own():
    def records(*sites):
        return [
            Change(section="records", kind="added", table="patients", site=site, count=3)
            for site in ("*", *sites)
        ]

    assert len(tables(shown(records("kk")))["Patients: records"]) == 1
    lines = tables(shown(records("kk", ""), labels={"kk": "Khon Kaen"}.items()))
    assert [
        re.sub(r"<[^>]+>", " ", line).split("  ")[0].strip() for line in lines["Patients: records"]
    ] == [*("all sites", "no site", "Khon Kaen")]


def of_whole(analysis, statistic, estimate=None, **facts):
    known = {"group": "overall", "method": "wilson"} | facts
    return Row(analysis=analysis, statistic=statistic, estimate=estimate, **known)


def test_the_main_results_stand_first_also_where_they_are_the_same():
    rate = {"model": "full_interval", "outcome": "progression", "unit": "per 100 person-years"}
    share = {"model": "first_last", "outcome": "progression"}
    old = [
        of_whole("progression", "proportion", 0.5, **share),
        of_whole("incidence", "rate", 22.6, **rate),
        of_whole("incidence", "rate", 99.0, **rate | {"group": "sex=male"}),
    ]
    new = [of_whole("progression", "proportion", 0.75, **share), *old[1:]]
    text = shown(results.compare(old, new))
    main = text.partition("Main results")[2].partition("</table>")[0]
    cells = re.findall(r'data-change-id="estimates/([^"]+)"[^>]*>([^<]+)<', main)
    assert cells == [
        (old[0].result_id, "50.0%"),
        (old[0].result_id, "75.0%"),
        (old[1].result_id, "22.6"),
        (old[1].result_id, "22.6"),
    ]


def test_a_failed_analysis_is_said_at_the_top_and_its_results_are_no_finding():
    row = of_whole("multivariable", "odds_ratio", 2.0, model="primary", term="sex")
    failed = of_whole("multivariable", "analysis", status="failed", note="KeyError in models.py")
    text = shown(results.compare([row], [failed]))
    top = text.partition("<h1>")[0]
    assert "The analysis multivariable failed now (KeyError in models.py)." in top
    assert "not there" in text.partition("Main results")[2].partition("</table>")[0]
    assert "failed now" not in shown(results.compare([row], [row]))
