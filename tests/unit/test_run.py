"""What a run knows at its start, and that it is found again only where a file differs."""

import json
import os
import shutil
import time
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
    later = time.time_ns() + 10**10  # starts come long after the files were written
    monkeypatch.setattr("calcinosis.provenance.time.time_ns", lambda: later)
    return tmp_path


def start(config: dict | None = None) -> tuple[dict, bool]:
    """What a start finds, and whether it read the files for it."""
    config = config or {"cohorts": [PLAN]}
    remembered, read = Remembered("memory.json"), []

    def find():
        read.append(True)
        return run.facts(config, "config.yaml", remembered)

    found = remembered.of_all("run:config.yaml", config, find)
    remembered.save()
    return found, bool(read)


@pytest.mark.parametrize("cohort", ["early_ssc", "multicentre"])
def test_facts_are_plain_so_that_a_remembered_fact_is_the_fact(monkeypatch, cohort):
    monkeypatch.chdir(ROOT)
    config = {"cohorts": [f"cohorts/{cohort}/cohort.yaml"]}
    facts, _ = run.facts(config, "config.yaml", Remembered())
    assert repr(json.loads(json.dumps(facts))) == repr(facts)


def test_a_second_start_reads_nothing_and_knows_the_same(project):
    (first, read), (second, again) = start(), start()
    assert read and not again
    assert repr(first) == repr(second)


@pytest.mark.parametrize(
    "file",
    ["config.yaml", PLAN, *(f"cohorts/early_ssc/{n}" for n in ("codebook.csv", "readings.csv"))],
)
def test_a_start_after_a_change_reads_again(project, file):
    start()
    os.utime(project / file, (2, 2))
    assert start()[1]


@pytest.mark.parametrize("file", ["corrections.csv", "exclude.csv"])
def test_a_side_file_that_appears_or_goes_is_seen(project, file):
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
    start()
    (project / "cohorts" / "early_ssc" / "readings.csv").unlink()
    with pytest.raises(InputError, match=r"The export is not there"):
        start()


def test_a_file_that_is_replaced_while_it_is_read_is_read_again(project, monkeypatch):
    """By one with an old date: the time of its change of place tells."""
    monkeypatch.undo()
    monkeypatch.chdir(project)
    (project / "config.yaml").touch()
    remembered, export = Remembered("memory.json"), project / "cohorts/early_ssc/patients.csv"

    def find():
        found = run.facts({"cohorts": [PLAN]}, "config.yaml", remembered)
        other = project / "other.csv"
        other.write_bytes(export.read_bytes() + b"\n")
        os.utime(other, (1, 1))
        other.replace(export)
        return found

    old = remembered.of_all("run:config.yaml", {"cohorts": [PLAN]}, find)
    remembered.save()
    new, read = start()
    assert read and old != new


def test_a_start_shortly_after_a_change_is_not_trusted(project, monkeypatch):
    monkeypatch.undo()
    monkeypatch.chdir(project)
    (project / PLAN).touch()
    assert start()[1] and start()[1]


def test_another_configuration_is_seen(project):
    start()
    assert start({"cohorts": [PLAN], "name": "second"})[1]


def test_a_changed_module_is_seen(project, monkeypatch):
    module = project / "module.py"
    module.write_text("", "utf-8")
    monkeypatch.setattr("calcinosis.provenance._modules", lambda _: {"module": module})
    assert start()[1] and not start()[1]
    os.utime(module, (2, 2))
    assert start()[1]
