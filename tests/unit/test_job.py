"""Logs and privacy of a step."""

from calcinosis.job import job, keep_private

import os
import stat

import pandas as pd
import pytest

from calcinosis import estimates
from calcinosis.errors import InputError, place_of


def mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def log(tmp_path):
    folder = tmp_path / "private" / "logs"
    folder.mkdir(parents=True)
    return folder / "step.log"


@pytest.fixture(autouse=True)
def _umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_a_step_that_works_says_done(log):
    with job(log):
        pass
    assert log.read_text("utf-8") == "done\n"
    assert list(log.parent.iterdir()) == [log]


def test_what_the_user_must_mend_is_the_whole_log(log):
    with pytest.raises(SystemExit) as end, job(log):
        raise InputError("patients.csv: row 3 has 6 fields")
    assert end.value.code == 1
    assert log.read_text("utf-8") == "patients.csv: row 3 has 6 fields\n"
    assert list(log.parent.iterdir()) == [log]


def test_an_error_of_a_library_is_told_without_its_text(log, capsys):
    with pytest.raises(SystemExit) as end, job(log):
        raise ValueError("could not convert '12345/53'")
    assert end.value.code == 1
    text = log.read_text("utf-8")
    assert "ValueError in test_job.py, line " in text
    printed = capsys.readouterr()
    assert "12345" not in text + printed.out + printed.err
    full = log.with_suffix(".traceback.txt")
    assert "12345/53" in full.read_text("utf-8")
    assert str(full) in text


def test_the_traceback_of_a_failed_analysis_is_in_the_private_log_only(log, capsys):
    def rows():
        raise ValueError("could not convert '12345/53'")

    with job(log):
        (row,) = estimates.attempt("lesions", rows)
    assert (row.status, "12345" in row.note) == ("failed", False)
    full = log.with_suffix(".traceback.txt")
    assert "The analysis lesions failed." in full.read_text("utf-8")
    assert "12345/53" in full.read_text("utf-8")
    text = log.read_text("utf-8")
    assert text.startswith("done\nAn analysis failed") and str(full) in text
    printed = capsys.readouterr()
    assert "12345" not in text + printed.out + printed.err
    assert mode(full) == 0o600


def test_a_failed_analysis_without_a_step_says_nothing(capsys):
    def rows():
        raise ValueError("could not convert '12345/53'")

    assert estimates.attempt("lesions", rows)[0].status == "failed"
    assert capsys.readouterr() == ("", "")


def test_logs_are_private(log):
    with pytest.raises(SystemExit), job(log):
        raise ValueError
    assert mode(log) == mode(log.with_suffix(".traceback.txt")) == 0o600
    assert mode(log.parent) == mode(log.parent.parent) == 0o700


def test_a_log_that_others_could_read_is_closed(log):
    log.write_text("old", "utf-8")
    log.chmod(0o644)
    with job(log):
        pass
    assert mode(log) == 0o600


def test_an_old_traceback_does_not_outlive_a_good_run(log):
    log.with_suffix(".traceback.txt").write_text("old", "utf-8")
    with job(log):
        pass
    assert not log.with_suffix(".traceback.txt").exists()


def test_folders_and_what_follows_are_private(tmp_path):
    folder = tmp_path / "private" / "tables"
    folder.parent.mkdir(mode=0o755)
    keep_private(folder)
    (folder / "x.csv").write_text("x", "utf-8")
    assert mode(folder) == mode(folder.parent) == 0o700
    assert mode(folder / "x.csv") == 0o600


def test_folders_above_the_private_one_stay_as_they_are(tmp_path):
    above = tmp_path / "results"
    above.mkdir(mode=0o755)
    keep_private(above / "private" / "tables")
    assert mode(above) == 0o755


@pytest.mark.parametrize(
    "end", [KeyboardInterrupt(), SystemExit(3)], ids=lambda e: type(e).__name__
)
def test_a_step_that_was_broken_off_does_not_say_done(log, end):
    with pytest.raises(type(end)), job(log):
        raise end
    assert not log.exists() or log.read_text("utf-8") != "done\n"


def test_the_place_of_an_error_is_where_it_was_raised(log):
    with pytest.raises(SystemExit), job(log):
        int("12345/53")
    assert "The step stopped with ValueError in test_job.py, line " in log.read_text("utf-8")


def test_a_private_log_is_never_open_in_between(log, monkeypatch):
    """The file is made closed; it is not written first and closed afterwards."""
    seen = []
    write = type(log).write_text
    monkeypatch.setattr(
        type(log),
        "write_text",
        lambda path, *a, **k: (seen.append(mode(path)), write(path, *a, **k))[1],
    )
    with pytest.raises(SystemExit), job(log):
        raise ValueError("12345/53")
    assert seen == [0o600, 0o600]


def test_the_place_of_an_error_within_a_library_is_where_we_called_it():
    try:
        pd.DataFrame({"a": [1]})["b"]
    except KeyError as error:
        assert place_of(error).startswith("test_job.py, line ")
