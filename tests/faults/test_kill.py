"""A run or a step is killed: the same command again makes the bytes of an undisturbed run."""

import os
import random
import signal
import time

import pytest
from disturbed import Disturbed

KILLS, STEPS = 6, 26
"""Of one run, one after another, each after more steps than the one before."""


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("whole_group", [False, True], ids=["engine", "group"])
def test_killed_at_any_moment_the_same_command_recovers(
    fresh: Disturbed, undisturbed: Disturbed, whole_group: bool, seed: int
):
    """Killed with `kill -9` and started anew at once; nothing is unlocked or cleaned by hand."""
    moments = random.Random(seed)
    made = fresh.path("results/early_ssc/private/made")
    said, killed_after = [], []
    for steps in sorted(moments.sample(range(STEPS), KILLS)):
        run = fresh.start()
        time.sleep(0.5)
        while len(list(made.glob("*.json"))) < steps and run.poll() is None:
            time.sleep(0.02)
        time.sleep(moments.uniform(0, 1))
        assert run.poll() is None, "it ended before it was killed"
        (os.killpg if whole_group else os.kill)(run.pid, signal.SIGKILL)
        run.wait()
        said.append(run.stdout)
        killed_after.append(len(list(made.glob("*.json"))))
    ended = fresh.run()
    assert ended.code == 0, ended.output
    print(f"killed after {killed_after} steps")
    texts = [*(output.read() for output in said), ended.output]
    assert not any("cannot be locked" in text or "is going on" in text for text in texts)
    assert "its lock is removed" in ended.output
    assert fresh.differences(undisturbed) == []
    assert fresh.verify().code == 0
    assert fresh.run("--dry-run").jobs == set()


def test_an_orphan_writes_nothing_later(fresh: Disturbed):
    """The engine is killed while a step is at work that would have written after it."""
    fresh.slow(15)
    run = fresh.start()
    fresh.wait_for("incidence.py")
    time.sleep(2)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    killed = time.monotonic()
    while fresh.processes():
        assert time.monotonic() - killed < 10, "it may be importing still"
        time.sleep(0.01)
    print(f"all steps ended {time.monotonic() - killed:.2f} s after their engine")
    assert not fresh.path("results/early_ssc/estimates/incidence.csv").exists()


def test_a_killed_step_ends_the_run_and_the_same_command_makes_it(
    fresh: Disturbed, undisturbed: Disturbed
):
    """What the system does to the largest process when memory is short."""
    fresh.slow(4)
    run = fresh.start()
    os.kill(fresh.wait_for("incidence.py"), signal.SIGKILL)
    output, _ = run.communicate(timeout=300)
    assert run.returncode != 0
    assert "Error in rule incidence" in output
    assert not fresh.path("results/early_ssc/estimates/incidence.csv").exists()
    assert not fresh.path("results/early_ssc/report.html").exists()
    assert not fresh.path("results/verdict.txt").exists()
    fresh.quick()
    assert fresh.run().code == 0
    assert fresh.differences(undisturbed) == []


def test_steps_whose_copies_are_no_more_end_the_run(fresh: Disturbed, undisturbed: Disturbed):
    """The process is killed that has imported the libraries, while a copy of it does a step."""
    fresh.slow(4)
    run = fresh.start()
    copies: list[int] = []
    while len(copies) < 2:
        assert run.poll() is None, "no step was done by a copy"
        words = fresh.processes().items()
        copies = sorted(number for number, word in words if "calcinosis.prepared" in word)
    os.kill(copies[0], signal.SIGKILL)
    output, _ = run.communicate(timeout=300)
    assert run.returncode != 0
    assert "The process that did this step is no more." in output
    assert not fresh.path("results/verdict.txt").exists()
    fresh.quick()
    assert fresh.run().code == 0
    assert fresh.differences(undisturbed) == []


def test_a_second_run_stops_at_once_and_says_what_to_do(fresh: Disturbed, undisturbed: Disturbed):
    fresh.slow(8)
    first = fresh.start()
    fresh.wait_for("incidence.py")
    began = time.monotonic()
    second = fresh.run()
    lasted = time.monotonic() - began
    print(f"the second run stopped after {lasted:.1f} s")
    assert lasted < 5 * max(1, os.getloadavg()[0] / os.cpu_count())  # others may use this machine
    assert second.code != 0
    assert "A run is going on" in second.output
    assert "--unlock" in second.output
    assert str(fresh.folder) in second.output
    assert fresh.run("--unlock").code != 0  # not while it goes on
    output, _ = first.communicate(timeout=300)
    assert first.returncode == 0, output
    fresh.quick()
    assert fresh.run().code == 0
    assert fresh.differences(undisturbed) == []
