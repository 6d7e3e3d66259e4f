"""The memory of runs: what is kept, in which order, and what a damaged or killed one does."""

import os
import stat

import pytest

from calcinosis.errors import InputError
from calcinosis.records import runs

A, B = {"hash": "aaaa1111", "date": "2020-12-31"}, {"hash": "bbbb2222", "date": "2020-12-31"}


def contents(**other: bytes) -> dict[str, bytes]:
    return {name: name.encode() for name in runs.CONTENTS} | other


def exports(known: list[runs.Run]) -> list[str]:
    return [run.export for run in known]


def files(folder) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_runs_stand_in_the_order_in_which_they_ran(tmp_path):
    for export in (A, B, A):
        known = runs.remember(tmp_path, export, contents(patients=export["hash"].encode()))
    assert exports(known) == [A["hash"], B["hash"], A["hash"]]
    assert known[0] == known[2]
    assert known == runs.runs(tmp_path)


def test_the_same_run_again_adds_nothing(tmp_path):
    runs.remember(tmp_path, A, contents())
    before = files(tmp_path)
    assert len(runs.remember(tmp_path, A, contents())) == 1
    assert files(tmp_path) == before


def test_nothing_that_is_kept_is_ever_changed(tmp_path):
    runs.remember(tmp_path, A, contents())
    before = files(tmp_path)
    runs.remember(tmp_path, B, contents(estimates=b"other"))
    after = files(tmp_path)
    assert after.pop(runs.LIST).startswith(before.pop(runs.LIST))
    assert before.items() < after.items()


def test_two_exports_of_one_day_are_two(tmp_path):
    runs.remember(tmp_path, A, contents())
    known = runs.remember(tmp_path, B, contents())
    assert exports(known) == [A["hash"], B["hash"]]
    assert runs.before(tmp_path) == known[0]


def test_another_plan_is_another_state_of_the_same_export(tmp_path):
    runs.remember(tmp_path, A, contents())
    known = runs.remember(tmp_path, A, contents(settings=b"another plan"))
    assert len({run.state for run in known}) == 2
    assert runs.before(tmp_path) is None  # there is no other export
    assert runs.find(tmp_path, "aaaa") == known[-1]
    assert runs.find(tmp_path, f"aaaa/{known[0].state}") == known[0]


@pytest.mark.parametrize(
    ("order", "against"),
    [("A", None), ("AB", 0), ("ABA", 1), ("ABAB", 2), ("AAB", 1), ("ABB", 0), ("ABBA", 2)],
)
def test_a_run_is_compared_with_the_export_that_ran_before_it(tmp_path, order, against):
    """States of one export differ; the last one of the export before counts."""
    for turn, name in enumerate(order):
        known = runs.remember(tmp_path, {"A": A, "B": B}[name], contents(settings=bytes([turn])))
    assert runs.before(tmp_path) == (None if against is None else known[against])
    assert runs.before(tmp_path, known[-1]) == runs.before(tmp_path)


def test_a_run_in_which_an_analysis_failed_is_passed_over_where_there_is_another(tmp_path):
    failed = contents(estimates=b"result_id,status\nx,failed\n")
    runs.remember(tmp_path, A, failed)
    first, _ = runs.remember(tmp_path, B, contents())
    assert runs.before(tmp_path) == first  # the only other one
    third = {"hash": "c" * 64, "date": ""}
    runs.remember(tmp_path, third, failed)
    *_, good, _, _ = runs.remember(tmp_path, A, contents())
    assert runs.before(tmp_path) == good
    assert good.export == B["hash"]


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_what_is_of_patients_is_closed_whatever_the_umask(tmp_path, umask):
    before = os.umask(umask)
    try:
        runs.remember(tmp_path / "records", A, contents())
    finally:
        os.umask(before)
    private = tmp_path / "records" / "private"
    for path in [private, *private.rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path
    open_to_all = {path.parent.name for path in (tmp_path / "records").glob("[!p]*/*")}
    assert open_to_all == set(runs.PUBLIC)


@pytest.mark.parametrize("moment", range(2 * (len(runs.CONTENTS) + 1)))
def test_a_kill_at_any_moment_leaves_the_memory_as_it_was_or_complete(
    tmp_path, monkeypatch, moment
):
    """Killed before or after each file gets its name; then the same run again."""

    class Killed(BaseException):
        pass

    runs.remember(tmp_path / "whole", A, contents())
    runs.remember(tmp_path / "whole", B, contents(**dict.fromkeys(runs.CONTENTS, b"b")))
    folder = tmp_path / "killed"
    first = runs.remember(folder, A, contents())
    left = [moment]
    rename = type(folder).replace

    def replace(path, target):
        if left[0] == 0:
            raise Killed
        left[0] -= 1
        done = rename(path, target)
        if left[0] == 0:
            raise Killed
        left[0] -= 1
        return done

    monkeypatch.setattr(type(folder), "replace", replace)
    other = contents(**dict.fromkeys(runs.CONTENTS, b"b"))
    with pytest.raises(Killed):
        runs.remember(folder, B, other)
    monkeypatch.undo()
    assert runs.runs(folder)[:1] == first
    for run in runs.runs(folder):
        for name in runs.CONTENTS:
            runs.kept(folder, run, name)
    runs.remember(folder, B, other)
    assert files(folder) == files(tmp_path / "whole")


def test_what_a_killed_run_has_left_is_in_nobodys_way(tmp_path):
    known = runs.remember(tmp_path, A, contents())
    kept = runs.kept(tmp_path, known[0], "patients")
    kept.with_name(f".{kept.name}.new").write_bytes(b"half")
    kept.unlink()
    runs.remember(tmp_path, A, contents())
    assert kept.read_bytes() == b"patients"
    assert not kept.with_name(f".{kept.name}.new").exists()


def test_a_damaged_memory_is_refused_with_what_to_do(tmp_path):
    known = runs.remember(tmp_path, A, contents())
    path = runs.kept(tmp_path, known[0], "estimates")
    path.write_bytes(b"planted")
    with pytest.raises(InputError, match=r"is damaged. Move .*runs\.csv away"):
        runs.kept(tmp_path, known[0], "estimates")
    path.unlink()
    with pytest.raises(InputError, match="is gone"):
        runs.kept(tmp_path, known[0], "estimates")


def test_the_same_run_again_mends_what_is_damaged(tmp_path):
    known = runs.remember(tmp_path, A, contents())
    path = runs.kept(tmp_path, known[0], "estimates")
    path.write_bytes(b"planted")
    runs.remember(tmp_path, A, contents())
    assert path.read_bytes() == b"estimates"


@pytest.mark.parametrize("text", ["", "export,state\na,b\n", "\x00"])
def test_a_list_that_nobody_can_read_is_refused(tmp_path, text):
    (tmp_path / runs.LIST).write_text(text, "utf-8")
    with pytest.raises(InputError, match="not a list of runs"):
        runs.runs(tmp_path)


def test_names_that_mean_none_or_several_list_what_is_remembered(tmp_path):
    runs.remember(tmp_path, {"hash": "ab12", "date": ""}, contents())
    known = runs.remember(tmp_path, {"hash": "ab34", "date": ""}, contents(settings=b"x"))
    for name, said in (("c", "no run"), ("ab", "several runs"), ("", "several runs")):
        with pytest.raises(InputError, match=said) as caught:
            runs.find(tmp_path, name)
        assert all(run.name in str(caught.value) for run in known)
    assert runs.find(tmp_path, "ab3") == known[1]


def test_an_empty_memory_says_so(tmp_path):
    assert runs.runs(tmp_path) == []
    assert "remembers no run" in runs.listed(tmp_path)
