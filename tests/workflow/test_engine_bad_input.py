"""Bad input through the engine: what the list of bad input says, as a user sees it."""

import re
from pathlib import Path

import clean_export
import pytest
from clean_export import Change, cell
from conftest import Ended, copy_project


class Small:
    """A project with the small clean cohort."""

    def __init__(self, folder: Path):
        self.project = copy_project(folder / "project", ())
        text = "cohorts:\n  - cohorts/small/cohort.yaml\n"
        self.project.path("config.yaml").write_text(text, "utf-8")
        clean_export.clean().save(self.project.path("cohorts/small"))

    def run(self, *changes: Change) -> Ended:
        """Run the clean export with some changes."""
        export = clean_export.clean()
        for change in changes:
            change(export)
        for name, content in export.files.items():
            self.project.path(f"cohorts/small/{name}").write_bytes(content)
        return self.project.run()

    def result(self, name: str) -> Path:
        return self.project.path(f"results/small/{name}")

    def numbers(self) -> list[str]:
        lines = self.result("estimates.csv").read_text("utf-8").splitlines()
        return [line for line in lines if not line.startswith("quality/")]


@pytest.fixture
def small(tmp_path) -> Small:
    return Small(tmp_path)


def test_a_file_that_cannot_be_read_stops_before_any_analysis(small: Small):
    ended = small.run(clean_export.line(7, lambda row: row.rpartition(",")[0]))
    assert ended.code != 0
    assert "patients.csv: row 7 has 16 fields, the header has 17" in ended.output
    assert "Traceback" not in ended.output
    assert ended.jobs == {"clean"}
    assert not list(small.result("").rglob("estimates*"))


def test_a_cell_that_is_asked_about_counts_as_blank(small: Small):
    ended = small.run(cell(7, "mrss", "55"))
    assert ended.code == 0, ended.output
    assert re.search(r"small: .*, 1 open quer", ended.output)
    queries = small.result("private/queries.csv").read_text("utf-8")
    assert re.search(r"^[0-9a-f]+,a,S006,.*patients\.csv,7,.*out_of_range", queries, re.MULTILINE)
    asked = small.numbers()
    assert small.run(cell(7, "mrss", "")).code == 0
    assert small.numbers() == asked
    assert any(re.match(r"describe/.*/overall/mrss/.*/missing/-,.*,missing,1,", n) for n in asked)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("simulated: true", "simulated: no", r"cohort\.yaml:4: about\.simulated: .*'no'"),
        ("title: A small", "titel: A small", r"cohort\.yaml:2: unknown key 'about\.titel': did"),
        ("  form: cohort", "  form: cohort\n  form: trial", r"yaml:6: the key 'form' stands twice"),
        ("  form: cohort", "\tform: cohort", r"cohort\.yaml:5: a tab stands"),
        (
            "A small cohort",
            "!!python/object/apply:os.system [touch hostile]",
            r"cohort\.yaml:2: the tag .*python.* is not allowed",
        ),
    ],
)
def test_a_wrong_plan_stops_with_file_line_and_key(small: Small, old: str, new: str, said: str):
    small.project.edit("cohorts/small/cohort.yaml", old, new)
    assert_stopped(small, said)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("cohort: []\ncohorts: []\n", r"config\.yaml:1: unknown key 'cohort': did you mean"),
        ("cohorts: []\ncohorts: []\n", r"config\.yaml:2: the key 'cohorts' stands twice"),
        ("cohorts:\n\t- cohorts/small/cohort.yaml\n", r"config\.yaml:2: a tab stands"),
        (
            "cohorts: !!python/object/apply:os.system [touch hostile]\n",
            r"config\.yaml:1: the tag .*python.* is not allowed",
        ),
    ],
)
def test_a_wrong_configuration_stops(small: Small, config: str, said: str):
    small.project.path("config.yaml").write_text(config, "utf-8")
    assert_stopped(small, said)


def assert_stopped(small: Small, said: str) -> None:
    ended = small.project.run("-n")
    assert ended.code != 0
    assert re.search(said, ended.output), ended.output
    assert "Traceback" not in ended.output
    assert not list(small.project.folder.rglob("hostile"))
