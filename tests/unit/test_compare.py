"""Two remembered runs compared as a whole: the page, its table, its lists, and the command."""

import csv
import re
import stat
from types import SimpleNamespace

import pandas as pd
import pytest
from builders import ROOT

from calcinosis import estimates
from calcinosis.__main__ import main
from calcinosis.estimates import Row
from calcinosis.records import classes, comparison, keeping, runs
from calcinosis.spreadsheets import write_csv

PLAN = {
    "models": None,
    "severity": {"comparison": "first_last", "readers": ["r1"]},
}
QUERIES = ("query_id", "centre", "table", "variable", "rule", "raw_value", "record")


class Source(SimpleNamespace):
    get = property(lambda self: lambda name: getattr(self, name, None))


class Cohort:
    """A memory and what a run leaves, made by hand."""

    def __init__(self, folder):
        self.folder, self.memory, self.count = folder, folder / "records" / "small", 0

    def run(self, export, patients, *, asked=(), rows=(), plan=PLAN, left="analysed", code="1"):
        """Remember a run of these patients (id to age and last grade)."""
        self.count += 1
        home = self.folder / str(self.count)
        home.mkdir()
        frame = pd.DataFrame(
            [
                {"patient_id": name, "centre": "kk", "age": age}
                for name, (age, _) in patients.items()
            ],
            columns=["patient_id", "centre", "age"],
        ).astype({"patient_id": "string", "age": "float64"})
        films = pd.DataFrame(
            [
                {"patient_id": name, "grade_first": "none", "grade_last": grade}
                for name, (_, grade) in patients.items()
            ],
            columns=["patient_id", "grade_first", "grade_last"],
        )
        source = Source(**{name: home / f"{name}.parquet" for name in ("patients", "readings")})
        frame.to_parquet(source.patients)
        pd.DataFrame().to_parquet(source.readings)
        source.scored = source.patients
        source.flow, source.films = home / "flow.parquet", home / "films.parquet"
        source.intervals = home / "intervals.parquet"
        frame[["patient_id"]].assign(left_at=left).to_parquet(source.flow)
        films.to_parquet(source.films)
        films.assign(worsened=films["grade_last"] != "none").to_parquet(source.intervals)
        source.queries, source.corrections = home / "queries.csv", home / "corrections.csv"
        questions = [dict.fromkeys(QUERIES, "") | {"query_id": q, "centre": "kk"} for q in asked]
        write_csv(pd.DataFrame(questions, columns=list(QUERIES)).assign(event=""), source.queries)
        columns = ("status", "table", "record", "variable", "old_value", "new_value")
        write_csv(pd.DataFrame(columns=[*columns]), source.corrections)
        source.estimates = home / "estimates.csv"
        estimates.write(rows, source.estimates)
        made = {
            **{"export": {"hash": export * 8, "date": ""}, "lines": {}, "codebook": "c"},
            **{"plan": plan, "code": {"incidence": code}},
        }
        return runs.remember(self.memory, made["export"], keeping.contents(source, made))

    def compare(self):
        known = runs.runs(self.memory)
        return comparison.compare(self.memory, runs.before(self.memory), known[-1])


@pytest.fixture
def cohort(tmp_path) -> Cohort:
    return Cohort(tmp_path)


def counts(found, section) -> dict[tuple[str, ...], int]:
    return {
        (c.kind, c.table, c.site, c.item): c.count for c in found.changes if c.section == section
    }


TWO = {"P1": (40, "none"), "P2": (50, "mild")}


def test_the_first_export_has_nothing_to_compare_with(cohort):
    cohort.run("a", TWO)
    found = cohort.compare()
    assert (found.old, found.changes) == (None, [])
    assert list(found.patients) == list(classes.FLIPPED)


def test_an_export_after_another(cohort):
    rate = {"analysis": "incidence", "statistic": "rate", "conf_low": 1.0, "conf_high": 9.0}
    cohort.run("a", TWO, asked=("q1", "q2"), rows=[Row(estimate=4.0, **rate)])
    later = {"P1": (41, "severe"), "P3": (60, "none")}
    cohort.run("b", later, asked=("q2", "q3"), rows=[Row(estimate=12.0, **rate)])
    found = cohort.compare()
    assert counts(found, "records") == {
        ("added", "patients", "*", ""): 1,
        ("added", "patients", "kk", ""): 1,
        ("changed", "patients", "*", ""): 1,
        ("changed", "patients", "kk", ""): 1,
        ("removed", "patients", "*", ""): 1,
        ("removed", "patients", "kk", ""): 1,
    }
    assert counts(found, "values")["changed", "patients", "kk", "age"] == 1
    assert found.patients.to_numpy().tolist() == [
        ["P1", "kk", "grade_last", "none", "severe"],
        ["P1", "kk", "progression", "no", "yes"],
    ]
    assert counts(found, "patients")["any", "", "", "any"] == 1
    states = ("open", "persisting", "resolved")
    assert counts(found, "queries") == {
        (state, "", site, ""): 1 for state in states for site in ("*", "kk")
    }
    (change,) = [c for c in found.changes if c.section == "estimates"]
    assert change.flags == ("interval",)
    assert [c.kind for c in found.changes if c.section == "run"] == ["export"]


def test_another_state_of_the_same_export_says_that_the_plan_or_code_changed(cohort):
    cohort.run("a", TWO)
    other = PLAN | {"severity": {"comparison": "consecutive", "readers": ["r1"]}}
    known = cohort.run("a", TWO, plan=other, code="2")
    found = comparison.compare(cohort.memory, known[0], known[1])
    assert [(c.kind, c.item, c.old, c.new) for c in found.changes if c.section == "run"] == [
        ("plan", "severity.comparison", '"first_last"', '"consecutive"'),
        ("code", "incidence", None, None),
    ]
    assert {c.kind for c in found.changes if c.section == "records"} == {"same"}


@pytest.mark.parametrize(("old", "new"), [({}, TWO), (TWO, {}), ({}, {})])
def test_exports_without_patients(cohort, old, new):
    cohort.run("a", old)
    cohort.run("b", new)
    found = cohort.compare()
    assert sum(v for k, v in counts(found, "records").items() if k[2] == "*") == len(old or new)
    assert found.patients.empty


def test_eligibility_flips(cohort):
    cohort.run("a", TWO)
    cohort.run("b", TWO, left="criterion_not_met/age")
    found = cohort.compare()
    (change,) = [c for c in found.changes if (c.section, c.kind) == ("patients", "changed")]
    assert (change.old, change.new, change.count) == ("analysed", "criterion_not_met/age", 2)


def test_a_patient_who_came_or_went_has_flipped_nothing():
    old = pd.DataFrame({"patient_id": ["P1"], "site": ["kk"], "eligibility": ["analysed"]})
    new = old.assign(patient_id="P2", eligibility="excluded/x")
    assert classes.flipped(old, new).empty
    assert classes.flipped(old.drop(columns="eligibility"), old).empty


def test_outcomes_where_no_films_are_compared():
    patients = pd.DataFrame({"patient_id": ["P1", "P2"], "calcinosis": ["yes", None]})
    flow = patients[["patient_id"]].assign(left_at="analysed")
    found = classes.classes(patients, flow, None, None, "calcinosis")
    assert found["outcome"].fillna("").tolist() == ["yes", ""]
    assert "outcome" not in classes.classes(patients, flow, None, None, "other")


@pytest.fixture
def project(cohort, tmp_path, monkeypatch):
    """The command works where the plan of the cohort is; two runs are remembered under its name."""
    cohort.memory = tmp_path / "records" / "early_ssc"
    rate = {"analysis": "incidence", "term": "sex", "statistic": "rate_ratio"}
    cohort.run("a", TWO, rows=[Row(estimate=2.0, p_value=0.04, **rate)])
    cohort.run("b", {"P1": (40, "severe")}, rows=[Row(estimate=0.5, p_value=0.2, **rate)])
    (tmp_path / "cohorts").symlink_to(ROOT / "cohorts")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_prints_what_the_page_shows(project, capsys):
    main(["compare", "early_ssc", "--into", "out"])
    said = capsys.readouterr().out
    assert "compared with run aaaaaaaa/" in said
    assert "Incidence: Sex, rate ratio | 2.00 | 0.50 | 0.040 | 0.20 | p crossed 0.05; other" in said
    assert "P1" not in said
    page = (project / "out" / "changes.html").read_text("utf-8")
    assert "P1" not in page
    assert "P1" in (project / "out" / "private" / "changed_patients.csv").read_text("utf-8")
    assert stat.S_IMODE((project / "out" / "private").stat().st_mode) == 0o700
    with (project / "out" / "changes.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["change_id"]: row for row in csv.DictReader(file)}
    shown = re.findall(r'data-change-id="([^"]+)"', page)
    assert len(shown) > 20
    assert set(shown) <= set(rows)


def test_the_command_takes_names_and_lists_them_where_one_is_wrong(project, capsys):
    main(["compare", "early_ssc", "b", "a"])
    assert "compared with run bbbbbbbb/" in capsys.readouterr().out
    main(["compare", "early_ssc", "a"])
    assert "compared with run aaaaaaaa/" in capsys.readouterr().out
    with pytest.raises(SystemExit, match=r"(?s)no run is called 'x'.*aaaaaaaa/.*bbbbbbbb/"):
        main(["compare", "early_ssc", "x"])
    with pytest.raises(SystemExit, match="There is no other export to compare with"):
        main(["compare", "early_ssc", "", "a"])


def test_the_command_without_a_memory(project):
    with pytest.raises(SystemExit, match="remembers no run"):
        main(["compare", "multicentre"])
