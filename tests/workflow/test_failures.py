"""Runs that cannot end well: each says in plain words what is wrong and what to do."""

import re

import pytest
from conftest import Project, copy_project

from calcinosis import estimates


@pytest.fixture
def fresh(tmp_path) -> Project:
    return copy_project(tmp_path / "project")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  per: 100", "  pre: 100", r"cohort.yaml:\d+: unknown key 'incidence.pre'.*'per'"),
        ("  per: 100", "  per: many", r"cohort.yaml:\d+: incidence.per: .*'many'"),
        ("  per: 100", "  per: 100\n  per: 10", r"cohort.yaml:\d+: the key 'per' stands twice"),
        ("incidence:", "publisher: {}\nincidence:", r"unknown key 'publisher'.*'published'"),
        (
            "[patients.csv]",
            "[people.csv]",
            r"people.csv\nPut the file there, or change line \d+ of",
        ),
        ("one_film: exclude", "one_film: guess", r"severity.one_film: .*'exclude'"),
        ("raynaud: { reference: no }", "raynaud: { reference: none }", r"yaml:\d+: models.*'no'"),
    ],
)
def test_a_wrong_plan_stops_before_any_job(fresh: Project, old: str, new: str, said: str):
    fresh.edit("cohorts/early_ssc/cohort.yaml", old, new)
    ended = fresh.run()
    assert ended.code != 0
    assert re.search(said, ended.output, re.DOTALL)
    assert "Traceback" not in ended.output
    assert not fresh.path("results").exists()


def test_no_cohort_says_which_line_to_add(fresh: Project):
    fresh.path("config.yaml").write_text("cohorts: []\n", "utf-8")
    ended = fresh.run()
    assert ended.code != 0
    assert "config.yaml lists no cohort" in ended.output
    assert "  - cohorts/NAME/cohort.yaml" in ended.output
    assert "Traceback" not in ended.output


def test_a_file_that_is_not_as_declared_stops_its_step(fresh: Project):
    path = fresh.path("cohorts/early_ssc/patients.csv")
    path.write_text(path.read_text("utf-8").replace("\n", ",\n", 3), "utf-8")
    ended = fresh.run()
    assert ended.code != 0
    assert ended.jobs == {"clean"}
    assert re.search(r"patients.csv: row 4 has \d+ fields, the header has \d+", ended.output)
    assert "clean.log" in ended.output
    assert "Traceback" not in ended.output


def test_one_broken_cohort_does_not_stop_the_others(fresh: Project):
    fresh.path("cohorts/broken").mkdir()
    for name in ("cohort.yaml", "codebook.csv", "readings.csv", "published.yaml"):
        source = fresh.path(f"cohorts/early_ssc/{name}").read_text("utf-8")
        fresh.path(f"cohorts/broken/{name}").write_text(source, "utf-8")
    fresh.path("cohorts/broken/patients.csv").write_text("study_id\n", "utf-8")
    fresh.edit("config.yaml", "cohorts:\n", "cohorts:\n  - cohorts/broken/cohort.yaml\n")
    ended = fresh.run()
    assert ended.code != 0
    assert fresh.path("results/early_ssc/report.html").exists()
    assert not fresh.path("results/broken/report.html").exists()


def test_a_failed_analysis_is_reported_and_ends_the_run_with_an_error(project: Project):
    """Its numbers vanish, the others stay, and the next run fails again until it is mended."""
    project.edit(
        "calcinosis/estimate/incidence.py", "    rows = []\n", "    rows = []\n    1 / 0\n"
    )
    for _ in range(2):
        ended = project.run()
        assert ended.code != 0
        assert "early_ssc: incidence: ZeroDivisionError" in ended.output
        assert not project.path("results/verdict.txt").exists()
    page = project.path("results/early_ssc/report.html").read_text("utf-8")
    assert "The analysis incidence failed" in page
    assert 'data-result-id="incidence/' not in page
    rows = estimates.read(project.path("results/early_ssc/estimates.csv"))
    assert [r.status for r in rows if r.analysis == "incidence"] == ["failed"]
    assert any(r.analysis == "multivariable" for r in rows)


def test_an_absent_section_is_not_run_and_the_report_says_so(project: Project):
    """Nor shown from the run before, whose files are still there."""
    path = project.path("cohorts/early_ssc/cohort.yaml")
    text = path.read_text("utf-8")
    start, end = text.index("incidence:\n"), text.index("models:\n")
    path.write_text(text[:start] + text[end:], "utf-8")
    ended = project.run()
    assert ended.code == 0, ended.output
    assert "incidence" not in ended.jobs
    page = project.path("results/early_ssc/report.html").read_text("utf-8")
    assert re.search(r"Not run, because the plan has no such section: [a-z, ]*incidence[,.]", page)
    assert 'id="incidence"' not in page


@pytest.mark.parametrize(
    ("folders", "said"),
    [
        (("a/one", "b/one"), r"config.yaml:3: .*b/one/cohort.yaml and .*a/one.* both called 'one'"),
        (("logs",), r"config.yaml:2: the folder 'logs' gives the cohort its name"),
        (("my cohort",), r"config.yaml:2: the folder 'my cohort' gives"),
    ],
)
def test_cohorts_have_names_of_their_own(fresh: Project, folders: tuple[str, ...], said: str):
    lines = "".join(f"  - cohorts/{folder}/cohort.yaml\n" for folder in folders)
    fresh.path("config.yaml").write_text(f"cohorts:\n{lines}", "utf-8")
    ended = fresh.run("-n")
    assert ended.code != 0
    assert re.search(said, ended.output)


def test_another_configuration_does_not_overwrite_the_index_of_the_first(fresh: Project):
    text = fresh.path("config.yaml").read_text("utf-8")
    fresh.path("second.yaml").write_text(text, "utf-8")
    ended = fresh.run("-n", "--configfile", "second.yaml")
    assert ended.code != 0
    assert "second.yaml:1: 'name' is missing" in ended.output


def test_a_failed_run_repeats_its_causes_at_its_end(fresh: Project):
    path = fresh.path("cohorts/early_ssc/patients.csv")
    path.write_text(path.read_text("utf-8").replace("study_id", "patient"), "utf-8")
    _, _, said = fresh.run().output.partition("What the steps said:\n")
    log = "results/early_ssc/private/logs/clean.log"
    assert said.startswith(f"  early_ssc, step clean (log: {log})\n")
    assert "the column 'study_id' (patient_id) is missing" in said.splitlines()[1]
