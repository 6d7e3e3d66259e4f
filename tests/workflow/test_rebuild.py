"""The rebuild contract: each change executes exactly the rules that its line names."""

import re
import shutil

import pytest
from changes import reorder_rows, word_template
from conftest import Project
from contract import CONTRACT
from docx import Document
from rebuild_page import PAGE, page
from rule_sets import CLEANING

from calcinosis.ingest import codebook
from calcinosis.plan import Plan

ONE_OF_EACH_WAY = set(
    {frozenset(rules): change for change, (_, rules) in CONTRACT.items()}.values()
)
"""One change of those that go through the same rules: after it nothing is left to do."""
ONLY_CLEANING = [
    change for change, (_, rules) in CONTRACT.items() if rules == CLEANING | {"manifest", "verdict"}
]
"""What is cleaned again and found to be as before."""
ADDED, OLDER, EXCLUDED = (
    "a cohort added",
    "the same in an export with an older date",
    "exclude.csv: a patient",
)
"""Tests below and in `test_queries` need a run of these, and compare its rules."""
CONTENT_DECIDES = [
    change
    for change, (_, rules) in CONTRACT.items()
    if "datasets" in rules and change not in (*ONLY_CLEANING, ADDED, OLDER, EXCLUDED)
]
"""The checkpoint runs: only what it makes tells the engine which rules follow."""
ALONE = ["plan: published", "a cohort removed", "the number of cores"]
"""They take away what others change, or run the engine themselves."""
TOGETHER = [
    change
    for change, (_, rules) in CONTRACT.items()
    if "datasets" not in rules and change not in ALONE
]
"""The checkpoint does not run: the engine runs what it has planned."""
ROUNDS = {
    "ways": [change for change in TOGETHER if change in ONE_OF_EACH_WAY],
    "other changes": [change for change in TOGETHER if change not in ONE_OF_EACH_WAY],
    "cleaning": ONLY_CLEANING[::2],
    "more cleaning": ONLY_CLEANING[1::2],
}
"""Changes that do not meet, the last made first: a text that it adds to may be another's whole."""


@pytest.mark.parametrize("change", [*CONTENT_DECIDES, *ALONE])
def test_change_executes_exactly_these_rules(project: Project, change: str):
    make, expected = CONTRACT[change]
    make(project)
    ended = project.run()
    assert ended.code == 0, ended.output
    assert ended.jobs == expected
    if change in ONE_OF_EACH_WAY:
        assert project.run("--dry-run").jobs == set()


@pytest.mark.parametrize("change", [*TOGETHER, ADDED])
def test_change_plans_exactly_these_rules(project: Project, change: str):
    make, expected = CONTRACT[change]
    make(project)
    ended = project.run("--dry-run")
    assert ended.code == 0, ended.output
    assert ended.jobs == expected


@pytest.mark.parametrize("change", ONLY_CLEANING)
def test_change_cleans_again(project: Project, change: str):
    """What follows is known when it has been done: below, of several at once."""
    CONTRACT[change][0](project)
    assert project.run("--dry-run").jobs >= CLEANING


@pytest.mark.parametrize("changes", ROUNDS)
def test_changes_made_together_execute_what_each_does(project: Project, changes: str):
    """The plans that the engine made for each come true, and nothing is left to do.

    Changes after which the cleaned tables are as before, made together, run no rule that does not
    run after each: one that did more would be seen.
    """
    expected = set()
    for change in reversed(ROUNDS[changes]):
        make, rules = CONTRACT[change]
        make(project)
        expected |= rules
    ended = project.run()
    assert ended.code == 0, ended.output
    assert ended.jobs == expected
    assert project.run("--dry-run").jobs == set()


def test_the_page_shows_this_table():
    """`make schemas` writes it."""
    assert PAGE.read_text("utf-8") == page()


@pytest.mark.parametrize(
    ("of", "names"),
    [
        ("plan", list(Plan.model_fields)),
        ("codebook", list(codebook.COLUMNS)),
        ("export: an?", list(codebook.TYPES)),
    ],
)
def test_each_section_column_and_type_has_its_line(of, names):
    """A later section without a line in the contract fails here."""
    for name in names:
        wanted = f"{of}{' ' if of.endswith('?') else ': '}{name}"
        assert any(re.match(rf"{wanted}\b", change) for change in CONTRACT), wanted


@pytest.mark.parametrize(
    "file",
    [
        "private/queries.csv",
        "private/normalisations.csv",
        "private/queries/no_site.xlsx",
        "private/query_states.csv",
        "private/excluded_patients.csv",
        "figures/flow_figure.png",
        "private/figures/swimmer_figure.png",
        "figure_data/forest_figure.csv",
        "tables.docx",
        "report.html",
        "changes.html",
        "private/changed_patients.csv",
    ],
)
def test_what_is_handed_out_is_made_again_when_it_is_deleted(project: Project, file: str):
    path = project.path(f"results/early_ssc/{file}")
    before = path.read_bytes()
    path.unlink()
    assert project.run().code == 0
    assert path.read_bytes() == before


@pytest.mark.parametrize("how", ["deleted", "emptied"])
def test_a_memory_of_runs_that_is_lost_is_no_error(project: Project, how: str):
    if how == "deleted":
        shutil.rmtree(project.path("records"))
    else:
        project.path("records/early_ssc/runs.csv").write_text("")
    project.path("results/early_ssc/tables.docx").unlink()
    ended = project.run()
    assert ended.code == 0, ended.output
    assert "Open results/index.html" in ended.output


@pytest.mark.parametrize("other", [True, False], ids=["another export", "the same export"])
def test_the_end_of_a_run_names_the_page_of_changes_after_another_export(project: Project, other):
    """Runs of one export, by another plan or code, are not what its page compares."""
    memory = project.path("records/early_ssc/runs.csv")
    line = memory.read_text("utf-8").splitlines()[-1]
    with memory.open("a", encoding="utf-8") as file:
        file.write(("0" * 16 + line[16:] if other else line) + "\n")
    project.path("results/early_ssc/tables.docx").unlink()
    ended = project.run()
    assert ended.code == 0, ended.output
    assert ("What changed since the export before" in ended.output) is other


def test_another_template_makes_the_word_file_again_and_no_page(project: Project):
    word_template(project)
    assert project.run().code == 0
    template = project.path("cohorts/early_ssc/own.docx")
    document = Document(str(template))
    document.sections[0].header.paragraphs[0].text = "Our hospital"
    document.save(str(template))
    assert project.run().jobs == {"word", "manifest", "verdict"}
    made = Document(str(project.path("results/early_ssc/tables.docx")))
    header = [paragraph.text for paragraph in made.sections[0].header.paragraphs]
    assert header == ["Simulated data: nobody in this cohort exists.", "Our hospital"]


def test_unchanged_numbers_after_all_changes_are_those_of_a_fresh_run(project: Project):
    """What a rerun leaves is what a fresh run makes, also of rows in another order."""
    older, expected = CONTRACT[OLDER]
    older(project)
    ended = project.run()
    assert ended.code == 0, ended.output
    assert ended.jobs == expected
    reorder_rows(project)
    again = project.path("results/early_ssc/estimates.csv").read_bytes()
    shutil.rmtree(project.path("results/early_ssc"))
    assert project.run().code == 0
    assert project.path("results/early_ssc/estimates.csv").read_bytes() == again


def test_two_configurations_leave_each_other_alone(project: Project):
    """After both runs, in either order, there is nothing to do; the order of cohorts is none."""
    shutil.copytree(project.path("cohorts/early_ssc"), project.path("cohorts/another"))
    project.path("config_two.yaml").write_text(
        "name: two\ncohorts: [cohorts/another/cohort.yaml]\n", "utf-8"
    )
    ended = project.run("--configfile", "config_two.yaml")
    assert ended.code == 0, ended.output
    assert ended.jobs == CONTRACT[ADDED][1]
    assert project.run("--dry-run").jobs == set()
    assert project.run("--dry-run", "--configfile", "config_two.yaml").jobs == set()
    for config in ("config.yaml", "config_two.yaml"):
        assert project.run("verify", "--configfile", config, module="calcinosis").code == 0
