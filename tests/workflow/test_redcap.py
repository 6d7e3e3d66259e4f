"""The same cohort as CSV files and as a REDCap export: one run, the same estimates."""

import re
import shutil
from pathlib import Path

import pytest
from conftest import ROOT, Project, copy_project, shared
from rule_sets import CLEANING, FIGURES, PAGES, REPORTS

from calcinosis import estimates
from calcinosis.simulate import early_ssc, early_ssc_redcap

DATA = ROOT / "tests" / "data"


def run_both(folder: Path) -> None:
    project = copy_project(folder)
    csv, redcap = project.path("cohorts/early_ssc"), project.path("cohorts/redcap")
    redcap.mkdir()
    for name in ("patients.csv", "readings.csv"):
        shutil.copy(DATA / "early_ssc" / "clean" / name, csv / name)
    for name in ("codebook.csv", "data_dictionary.csv"):
        shutil.copy(DATA / "early_ssc_redcap" / name, redcap / name)
    shutil.copy(csv / "published.yaml", redcap)
    early_ssc_redcap.write(early_ssc.export(early_ssc.SEED), redcap / "export.csv")
    section = (DATA / "early_ssc_redcap" / "export.yaml").read_text("utf-8") + "\n"
    plan = (csv / "cohort.yaml").read_text("utf-8")
    # The simulated project has no fields for coverage and density.
    plan, count = re.subn(r"sctc:\n(  .*\n)+\n", "", plan)
    assert count == 1
    (csv / "cohort.yaml").write_text(plan, "utf-8")
    plan, count = re.subn(r"export:\n(  .*\n)+\n", lambda _: section, plan)
    assert count == 1
    (redcap / "cohort.yaml").write_text(plan, "utf-8")
    project.edit("config.yaml", "cohorts:\n", "cohorts:\n  - cohorts/redcap/cohort.yaml\n")
    ended = project.run()
    assert ended.code == 0, ended.output


@pytest.fixture(scope="session")
def both(tmp_path_factory) -> Project:
    """The clean twin of `early_ssc` beside the same patients in a REDCap project."""
    return shared(tmp_path_factory, "redcap", run_both)


def numbers(project: Project, cohort: str) -> list:
    rows = estimates.read(project.path(f"results/{cohort}/estimates.csv"))
    return [row for row in rows if row.analysis != "quality"]


def test_every_estimate_is_the_same(both):
    assert numbers(both, "redcap") == numbers(both, "early_ssc")
    assert len(numbers(both, "redcap")) > 100


def test_no_question_comes_of_a_clean_export(both):
    lines = both.path("results/redcap/private/queries.csv").read_text("utf-8").splitlines()
    assert len(lines) == 1


DICTIONARY = "cohorts/redcap/data_dictionary.csv"
CHANGES = [
    ((DICTIONARY, '"Telangiectasia"', '"Telangiectases"'), FIGURES | PAGES | {"queries"}),
    ((DICTIONARY, '"0","51"', '"0","50"'), CLEANING),
    (("cohorts/redcap/cohort.yaml", '["-999", UNK]', '["-999", UNK, NASK]'), CLEANING | REPORTS),
]


@pytest.mark.parametrize(("change", "jobs"), CHANGES, ids=["label", "limit", "missing codes"])
def test_a_change_of_the_dictionary_makes_what_depends_on_it(both, tmp_path, change, jobs):
    shutil.copytree(both.folder, tmp_path / "project")
    project = Project(tmp_path / "project")
    project.edit(*change)
    ended = project.run()
    assert ended.code == 0, ended.output
    assert ended.jobs == jobs | {"manifest", "verdict"}
