"""The rebuild contract: each change executes exactly the rules that its line names."""

import os
import shutil

import pandas as pd
import pytest
from conftest import Project

PAGES = {"report", "word", "index", "verdict"}
"""What follows any change of a number; the verdict, because it reads the estimates too."""

FIGURES = {"flow_figure", "transitions_figure", "forest_figure"}
CLEANING = {"clean", "films", "scores", "eligibility", "datasets"}
MODELS = {"models", "forest_figure", "estimates"} | PAGES
SEVERITY = {"severity", "transitions_figure", "estimates"} | PAGES


def nothing(_project: Project) -> None:
    """The same command again."""


def change_covariate(project: Project) -> None:
    """Another telangiectasia of one analysed patient."""
    datasets = project.path("results/early_ssc/private/datasets")
    analysed = pd.read_parquet(datasets / "models.parquet").dropna()["patient_id"].iloc[0]
    table = project.path("cohorts/early_ssc/patients.csv")
    frame = pd.read_csv(table, dtype=str, keep_default_na=False)
    other = {"yes": "no", "no": "yes", "Y": "N", "N": "Y"}
    patient = frame["study_id"] == analysed
    frame.loc[patient, "telangiectasia"] = frame.loc[patient, "telangiectasia"].map(other)
    frame.to_csv(table, index=False)


def change_note(project: Project) -> None:
    """A column that no analysis uses."""
    table = project.path("cohorts/early_ssc/patients.csv")
    lines = table.read_text("utf-8").splitlines(keepends=True)
    assert lines[3].endswith(",\n"), "the note of this patient is empty"
    lines[3] = lines[3].replace(",\n", ",seen by the same team\n")
    table.write_text("".join(lines), "utf-8")


def reorder_rows(project: Project) -> None:
    table = project.path("cohorts/early_ssc/readings.csv")
    header, *rows = table.read_text("utf-8").splitlines(keepends=True)
    table.write_text("".join([header, *reversed(rows)]), "utf-8")


def older_export(project: Project) -> None:
    """The export replaced by other content with an older date."""
    change_covariate(project)
    os.utime(project.path("cohorts/early_ssc/patients.csv"), (1, 1))


def touch_export(project: Project) -> None:
    project.path("cohorts/early_ssc/patients.csv").touch()


def touch_codebook(project: Project) -> None:
    project.path("cohorts/early_ssc/codebook.csv").touch()


def comment(project: Project) -> None:
    for module in project.path("calcinosis").rglob("*.py"):
        module.write_text(module.read_text("utf-8") + "\n# A remark.\n", "utf-8")


def docstring(project: Project) -> None:
    project.edit(
        "calcinosis/estimate/incidence.py", '"""Garwood\'s exact Poisson', '"""The exact Poisson'
    )


def two_imports_deep(project: Project) -> None:
    """`design` is imported by `estimate.models`, which the script imports."""
    project.edit("calcinosis/estimate/design.py", "numbers / per)]", "numbers * (1 / per))]")


def shared_by_all_estimates(project: Project) -> None:
    project.edit("calcinosis/estimate/proportions.py", "if n == 0:", "if not n:")


def plan(old: str, new: str):
    return lambda project: project.edit("cohorts/early_ssc/cohort.yaml", old, new)


def codebook(old: str, new: str):
    return lambda project: project.edit("cohorts/early_ssc/codebook.csv", old, new)


def template(project: Project) -> None:
    page = project.path("calcinosis/present/templates/report.html.j2")
    page.write_text(page.read_text("utf-8").replace("Made with", "Computed with"), "utf-8")


CONTRACT = {
    "nothing": (nothing, set()),
    "a touched export": (touch_export, set()),
    "a touched codebook": (touch_codebook, set()),
    "a comment in every module": (comment, set()),
    "a docstring": (docstring, set()),
    "one covariate of one patient": (change_covariate, CLEANING | MODELS),
    "the same in an export with an older date": (older_export, CLEANING | MODELS),
    "a note that no analysis uses": (
        change_note,
        CLEANING | {"quality", "estimates"} | PAGES,
    ),
    "the order of the rows": (reorder_rows, CLEANING),
    "a module two imports deep": (two_imports_deep, MODELS),
    "a module of one estimator": (shared_by_all_estimates, SEVERITY),
    "a template": (template, PAGES - {"word"}),
    "plan: about": (plan("title: Progression of", "title: The progression of"), PAGES),
    "plan: eligibility": (
        plan("below: 4\n", "below: 3.95\n"),
        {"eligibility", "datasets"} | PAGES,
    ),
    "plan: severity": (
        plan("unread_regions: paired", "unread_regions: ignored"),
        {"films", "eligibility", "datasets"} | PAGES,
    ),
    "plan: readers": (
        plan("disagreement: primary", "disagreement: highest"),
        {"films", "eligibility", "datasets"} | SEVERITY | MODELS,
    ),
    "plan: readers, what only the methods say": (
        plan("order: not_stated", "order: random"),
        PAGES,
    ),
    "plan: severity, who is at risk": (
        plan("worst_grade_at_baseline: at_risk", "worst_grade_at_baseline: not_at_risk"),
        {"datasets"} | MODELS,
    ),
    "plan: export": (plan("date: 2020-12-31", "date: 2020-12-30"), CLEANING | PAGES),
    "plan: incidence": (
        plan("per: 100", "per: 1000"),
        {"incidence", "estimates"} | PAGES,
    ),
    "plan: incidence headline": (
        plan("headline: full_interval", "headline: midpoint"),
        PAGES,
    ),
    "plan: models": (plan("sex: { reference: male }", "sex: { reference: female }"), MODELS),
    "plan: report": (
        plan("elderly: Age 60 years or more", "elderly: Age of 60 or over"),
        FIGURES | PAGES,
    ),
    "codebook: a label": (codebook(",Telangiectasia,", ",Telangiectases,"), FIGURES | PAGES),
    "codebook: a range": (codebook(",integer,,years,18,100", ",integer,,years,17,100"), CLEANING),
}


@pytest.mark.parametrize("change", CONTRACT)
def test_change_executes_exactly_these_rules(project: Project, change: str):
    make, expected = CONTRACT[change]
    make(project)
    ended = project.run()
    assert ended.code == 0, ended.output
    assert ended.jobs == expected
    assert project.run("--dry-run").jobs == set()


def test_unchanged_numbers_after_all_changes_are_those_of_a_fresh_run(project: Project):
    """What a rerun leaves is what a fresh run makes."""
    change_covariate(project)
    reorder_rows(project)
    assert project.run().code == 0
    again = project.path("results/early_ssc/estimates.csv").read_bytes()
    shutil.rmtree(project.path("results"))
    assert project.run().code == 0
    assert project.path("results/early_ssc/estimates.csv").read_bytes() == again


def test_two_configurations_leave_each_other_alone(project: Project):
    """After both runs, in either order, there is nothing to do; the order of cohorts is none."""
    shutil.copytree(project.path("cohorts/early_ssc"), project.path("cohorts/another"))
    project.path("config_two.yaml").write_text(
        "name: two\ncohorts: [cohorts/another/cohort.yaml]\n", "utf-8"
    )
    assert project.run("--configfile", "config_two.yaml").code == 0
    assert project.run("--dry-run").jobs == set()
    assert project.run("--dry-run", "--configfile", "config_two.yaml").jobs == set()
