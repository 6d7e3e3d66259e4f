"""What stands around each step: its engine, its folder, its inputs, its record."""

from calcinosis.job import step

import ast
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from builders import ROOT

from calcinosis import folder_lock, made
from calcinosis.errors import InputError

SCRIPTS = sorted((ROOT / "workflow" / "scripts").glob("*.py"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_every_script_is_run_by_step(path):
    """So that no rule is without checks and record, and nothing follows where the process ends."""
    _, first, *_, last = ast.parse(path.read_text("utf-8")).body
    assert isinstance(first, ast.ImportFrom)
    assert first.module == "calcinosis.job", "it may have another process import the rest"
    assert isinstance(last, ast.If)
    (only,) = last.body
    assert ast.unparse(only).startswith("with step(snakemake)")


def test_a_step_that_is_done_ends_at_once_and_loses_no_words():
    program = (
        "import atexit, sys; from calcinosis.job import leave\n"
        "atexit.register(print, 'late'); print('said'); print('warned', file=sys.stderr); leave()"
    )
    given = {"env": os.environ | {"PYTHONPATH": str(ROOT)}, "capture_output": True, "text": True}
    ended = subprocess.run([sys.executable, "-c", program], check=False, **given)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "said\n", "warned\n")


@pytest.mark.parametrize("system", ["linux", "darwin"])
def test_a_step_ends_with_its_engine(system):
    """By the system's word on Linux, by looking elsewhere; also where the engine is gone before."""
    engine = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    program = (
        "import sys, time; from calcinosis import orphans\n"
        f"sys.platform = {system!r}\n"
        "orphans.watch(); print('at work', flush=True); time.sleep(60)"
    )
    given = os.environ | {"CALCINOSIS_ENGINE": str(engine.pid), "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-c", program]
    at_work = subprocess.Popen(words, env=given, stdout=subprocess.PIPE, text=True)
    assert at_work.stdout.readline() == "at work\n"
    assert at_work.poll() is None
    engine.send_signal(signal.SIGKILL)
    engine.wait()
    began = time.monotonic()
    assert at_work.wait(timeout=10) == 1
    assert time.monotonic() - began < 5
    assert subprocess.run(words, env=given, capture_output=True, timeout=10).returncode == 1


def locked(folder, host: bytes = b""):
    """The engine's folder as a killed run leaves it."""
    (folder / "locks").mkdir(parents=True)
    (folder / "locks" / "0.input.lock").write_text("x\n")
    (folder / "calcinosis").mkdir()
    (folder / "calcinosis" / "held_by").write_bytes(host or os.uname().nodename.encode())
    return folder


def test_the_lock_of_a_killed_run_is_removed(tmp_path):
    assert folder_lock.remove_of_killed_run(locked(tmp_path))
    assert not (tmp_path / "locks").exists()
    assert not folder_lock.remove_of_killed_run(tmp_path)


def test_the_lock_of_a_run_that_goes_on_stays(tmp_path):
    with (locked(tmp_path) / "calcinosis" / "held_by").open() as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        with pytest.raises(InputError, match=r"A run is going on .* locked"):
            folder_lock.remove_of_killed_run(tmp_path)
        assert (tmp_path / "locks").exists()
        shutil.rmtree(tmp_path / "locks")  # a dry run that goes on beside is no run
        assert not folder_lock.remove_of_killed_run(tmp_path)


def test_the_lock_of_another_machine_stays(tmp_path):
    assert not folder_lock.remove_of_killed_run(locked(tmp_path, b"elsewhere"))
    assert (tmp_path / "locks").exists()
    assert (tmp_path / "calcinosis" / "held_by").read_bytes() == b"elsewhere"


def test_a_lock_that_vanishes_or_may_not_be_read_stops_nobody(tmp_path, monkeypatch):
    def gone(path):
        raise FileNotFoundError(path)

    with (locked(tmp_path) / "calcinosis" / "held_by").open() as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        monkeypatch.setattr(Path, "iterdir", gone)
        folder_lock.stop_while_a_run_goes_on(tmp_path)
        assert not folder_lock.remove_of_killed_run(tmp_path)


class Files(list):
    """Inputs, outputs or parameters as the engine gives them."""

    def items(self):
        return {"plan": 1, "exclude": {"path": "exclude.csv", "hash": ""}}.items()


@pytest.fixture
def job(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("calcinosis.job.leave", lambda: None)
    (tmp_path / "results/here/private/logs").mkdir(parents=True)
    source = "results/here/private/source.csv"
    (tmp_path / source).write_text("1\n")
    made.write("results/here/private/logs/first.log", {}, {}, [source])
    log = ["results/here/private/logs/second.log"]
    output = Files(["results/here/made.csv"])
    return SimpleNamespace(input=[source, ""], output=output, params=Files(), log=log)


def test_a_step_records_what_it_made_of_what(job, tmp_path):
    with step(job) as beside:
        (tmp_path / job.output[0]).write_text("2\n")
        (tmp_path / "results/here/more.csv").write_text("3\n")
        beside.append(tmp_path / "results/here/more.csv")
    path = tmp_path / "results/here/private/made/second.json"
    record = made.read(path)
    assert list(record["inputs"]) == [job.input[0]]
    assert list(record["settings"]) == ["exclude", "plan"]
    assert len(record["outputs"]) == 2
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (("results/here/private/source.csv", "9\n"), "source.csv is not what its step wrote"),
        (("results/here/private/made/first.json", "{}"), "source.csv was made by no step"),
    ],
)
def test_a_step_refuses_what_no_step_wrote(job, tmp_path, damage, said):
    (tmp_path / damage[0]).write_text(damage[1])
    made.write(job.log[0], {}, {}, [])  # of a former run
    with pytest.raises(SystemExit), step(job):
        raise AssertionError("it must not begin")
    log = (tmp_path / job.log[0]).read_text("utf-8")
    assert said in log
    assert "snakemake --cores 2 --forcerun results/here/private/source.csv" in log
    assert made.read(tmp_path / "results/here/private/made/second.json") is None


def test_a_step_waits_for_a_record_that_another_node_wrote_and_this_one_sees_later(
    job, tmp_path, monkeypatch
):
    record = tmp_path / "results/here/private/made/first.json"
    late = record.rename(record.with_suffix(".late"))
    monkeypatch.setenv(made.PATIENCE, "20")
    timer = threading.Timer(0.5, late.rename, [record])
    timer.start()
    assert list(made.checked(job.input)) == job.input[:1]
    timer.join()
    record.write_text("{}")
    monkeypatch.setenv(made.PATIENCE, "0.1")
    with pytest.raises(InputError, match="was made by no step"):
        made.checked(job.input)


def test_a_step_that_makes_the_file_of_a_former_one_takes_its_place(job, tmp_path):
    """A rule was renamed, or another makes the file: the old record would refuse the new file."""
    home = tmp_path / "results/here/private"
    for old in ("a", "z"):  # whichever comes first
        made.write(f"results/here/private/logs/{old}.log", {}, {}, job.input[:1])
    (home / "source.csv").write_text("2\n")
    made.write("results/here/private/logs/m.log", {}, {}, job.input[:1])
    assert list(made.checked(job.input)) == job.input[:1]
    assert [path.name for path in (home / "made").iterdir()] == ["m.json"]


def test_a_step_refuses_what_was_replaced_while_it_was_at_work(job, tmp_path):
    with pytest.raises(SystemExit), step(job):
        (tmp_path / "exclude.csv").write_text("somebody\n")
    assert "exclude.csv was replaced while" in (tmp_path / job.log[0]).read_text("utf-8")


def test_commands_name_the_configuration():
    assert made.command("config.yaml") == "snakemake --cores 2"
    assert made.command("my config.yaml") == "snakemake --cores 2 --configfile 'my config.yaml'"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--cores", "8", "all", "--quiet"], "--cores 8"),
        (["-c4", "results/index.html", "-n"], "-c4"),
        (
            ["-j", "20", "--workflow-profile=profiles/slurm"],
            "-j 20 --workflow-profile=profiles/slurm",
        ),
        (
            ["--configfile", "a.yaml", "--cores", "all", "-d", "over there"],
            "--cores all -d 'over there'",
        ),
        (["--dry-run"], "--cores 2"),
    ],
)
def test_the_command_that_mends_runs_where_the_run_ran(given, said):
    assert made.command("config.yaml", given) == f"snakemake {said}"


def test_no_value_of_an_unreadable_record_is_printed(job, tmp_path):
    with pytest.raises(InputError) as refused:
        (tmp_path / "results/here/private/made/first.json").write_text("P001")
        made.checked(job.input)
    assert "P001" not in refused.value.message
