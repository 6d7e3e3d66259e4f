"""Each case of the list of bad input: one mutation of a clean export, and what comes of it."""

import collections
import re

import pytest
from case import Case
from clean_export import clean, nothing
from harness import Run, Runs
from page import PAGE, page
from table import CASES

from calcinosis import estimates


@pytest.fixture(scope="session")
def runs(tmp_path_factory) -> Runs:
    return Runs(tmp_path_factory.mktemp("bad_input"))


def parameters() -> list:
    return [
        pytest.param(case, id=case.name.replace("::", ":").encode("ascii", "replace").decode())
        for case in CASES
    ]


@pytest.mark.parametrize("case", parameters())
def test_bad_input(case: Case, runs: Runs):
    run = runs.of(case.start, case.change)
    assert_nothing_identifying_is_said(run)
    if case.stop:
        assert run.code != 0
        assert re.search(case.stop, run.message, re.DOTALL), run.message
        assert "Traceback" not in run.message
        assert not list(run.home.rglob("estimates*"))
        return
    assert (run.code, run.message) == (0, "")
    assert asked(run) == sorted((q.file, q.row, q.rule, q.column, q.raw) for q in case.asked)
    assert logged(run) == {(n.file, n.rule, n.column): n.count for n in case.logged}
    assert_nothing_is_lost(run)
    if case.same_as is not None:
        of_records = bool(case.asked)
        expected = numbers(runs.of(case.start, case.same_as), of_records)
        assert numbers(run, of_records) == expected
    if case.also:
        case.also(run)


def asked(run: Run) -> list[tuple[str, int, str, str, str]]:
    return sorted(
        (q["file"], int(q["row"]), q["rule"], q["column"], q["raw_value"])
        for q in run.log("queries")
    )


def logged(run: Run) -> dict[tuple[str, str, str], int]:
    found: collections.Counter[tuple[str, str, str]] = collections.Counter()
    for entry in run.log("normalisations"):
        found[entry["file"], entry["rule"], entry["column"]] += int(entry["count"])
    return dict(found)


def numbers(run: Run, of_records: bool) -> list[str]:
    """The estimates; where rows are out, without those that count the export's own rows."""
    own = r"flow/-/-/overall/(records|excluded_record)/"
    return [line for line in run.estimates if not (of_records and re.match(own, line))]


def assert_nothing_is_lost(run: Run) -> None:
    """Rows in = used + excluded with reason; cells in = used + missing + queried."""
    quality = run.counted()
    for table, of_table in quality.groupby("table"):
        rows = of_table.groupby("kind")["count"].sum()
        used = len(run.table(table))
        assert rows["rows_in"] == rows["rows_used"] + rows.get("rows_excluded", 0)
        assert rows["rows_used"] == used
        assert (of_table.query("kind == 'rows_excluded'")["rule"] != "").all()
        cells = of_table[of_table["kind"].str.startswith("cells_")].pivot_table(
            index="variable", columns="kind", values="count", aggfunc="sum"
        )
        assert (cells["cells_in"] == rows["rows_in"]).all()
        assert (
            cells["cells_in"]
            == cells["cells_used"] + cells["cells_missing"] + cells["cells_queried"]
        ).all()
    assert "failed" not in {row.status for row in estimates.read(run.home / "estimates.csv")}


def assert_nothing_identifying_is_said(run: Run) -> None:
    """No hospital number in a message, no number or id of a patient in what people may see."""
    people = clean().rows()[1:]
    numbers_of_hospital = [row[1] for row in people]
    assert not [number for number in numbers_of_hospital if number in run.message]
    shown = "\n".join(content.decode("utf-8", "replace") for _, content in run.shareable())
    assert not [text for row in people for text in row[:2] if text in shown]


def test_the_clean_export_has_no_question_and_nothing_to_normalise(runs: Runs):
    run = runs.of(nothing)
    assert (run.code, run.message) == (0, "")
    assert asked(run) == []
    assert logged(run) == {}
    assert_nothing_is_lost(run)
    assert {"describe", "severity", "incidence", "univariable", "multivariable"} <= {
        line.split("/")[0] for line in run.estimates
    }


def test_all_sixty_cases_are_there_once_by_name():
    names = [case.name for case in CASES]
    assert len(names) == len(set(names))
    assert {case.number for case in CASES} == set(range(1, 61))


def test_the_page_shows_these_cases(runs: Runs):
    assert PAGE.read_text("utf-8") == page(runs), "run `make schemas`"
