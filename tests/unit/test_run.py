"""What a run knows at its start, and that it is found again only where a file differs."""

import json
import os
import shutil
from pathlib import Path

import pytest

from calcinosis import run
from calcinosis.errors import InputError
from calcinosis.provenance import Remembered

ROOT = Path(__file__).resolve().parents[2]
PLAN = "cohorts/early_ssc/cohort.yaml"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with one cohort, a configuration, and a memory; what is asked of it."""
    shutil.copytree(ROOT / "cohorts" / "early_ssc", tmp_path / "cohorts" / "early_ssc")
    (tmp_path / "config.yaml").write_text(f"cohorts: [{PLAN}]\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def start(config: dict | None = None) -> tuple[dict, bool]:
    """What a start finds, and whether it read the files for it."""
    config = config or {"cohorts": [PLAN]}
    remembered, read = Remembered("memory.json"), []

    def find():
        read.append(True)
        return run.facts(config, "config.yaml", remembered)

    found = remembered.of_all("run:config.yaml", find)
    remembered.save()
    return found, bool(read)


def age(folder: Path) -> None:
    """Make the files older than the start that reads them."""
    for path in folder.rglob("*"):
        os.utime(path, (1, 1))


def test_facts_are_plain_so_that_a_remembered_fact_is_the_fact(project):
    facts, _ = run.facts({"cohorts": [PLAN]}, "config.yaml", Remembered())
    assert repr(json.loads(json.dumps(facts))) == repr(facts)


def test_a_second_start_reads_nothing_and_knows_the_same(project):
    age(project)
    (first, read), (second, again) = start(), start()
    assert read and not again
    assert repr(first) == repr(second)


@pytest.mark.parametrize(
    "file",
    ["config.yaml", PLAN, *(f"cohorts/early_ssc/{n}" for n in ("codebook.csv", "readings.csv"))],
)
def test_a_start_after_a_change_reads_again(project, file):
    age(project)
    start()
    os.utime(project / file, (2, 2))
    assert start()[1]


@pytest.mark.parametrize("file", ["corrections.csv", "exclude.csv"])
def test_a_side_file_that_appears_or_goes_is_seen(project, file):
    age(project)
    start()
    header = {
        "corrections.csv": "table,record,variable,old_value,new_value,answered_by,date,why\n",
        "exclude.csv": "patient_id,reason\n",
    }[file]
    path = project / "cohorts" / "early_ssc" / file
    path.write_text(header, "utf-8")
    os.utime(path, (1, 1))
    side_file = file.removesuffix(".csv")
    found, read = start()
    assert read and found["cohorts"]["early_ssc"]["side_files"][side_file]["hash"]
    path.unlink()
    found, read = start()
    assert read and not found["cohorts"]["early_ssc"]["side_files"][side_file]["hash"]


def test_an_export_that_is_gone_stops_the_start(project):
    age(project)
    start()
    (project / "cohorts" / "early_ssc" / "readings.csv").unlink()
    with pytest.raises(InputError, match=r"The export is not there"):
        start()


def test_a_file_that_changes_while_it_is_read_is_read_again(project):
    age(project)
    (project / PLAN).touch()
    assert start()[1]
    later = 2**33  # a clock ahead of ours
    os.utime(project / PLAN, (later, later))
    assert start()[1] and start()[1]


def test_a_changed_module_is_seen(project, monkeypatch):
    module = project / "module.py"
    module.write_text("", "utf-8")
    age(project)
    monkeypatch.setattr("calcinosis.provenance._modules", lambda _: {"module": module})
    assert start()[1] and not start()[1]
    os.utime(module, (2, 2))
    assert start()[1]
