"""With an accounting database: the same profile, sacct if wanted, and the memory of each job."""

import re
import signal
from collections.abc import Iterator

import pytest
from checkouts import Project
from cluster import Cluster
from conftest import TARGET, begin, end, first_attempt, run, running, wait_for

SACCT = ("--slurm-status-command", "sacct")


@pytest.fixture(scope="module")
def accounting(cluster: Cluster) -> Iterator[Cluster]:
    try:
        cluster.restart(accounting=True)
        yield cluster
    finally:
        cluster.restart(accounting=False)


def megabytes(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)([KMG]?)", text).groups()
    return float(number) * {"": 1e-6, "K": 1 / 1024, "M": 1, "G": 1024}[unit]


def test_each_job_takes_at_most_two_thirds_of_the_memory_that_it_asks_for(
    accounting: Cluster, small: Project
):
    ended = run(small)
    assert ended.code == 0, ended.output
    lines = accounting.ask(
        *("sacct", "--noheader", "--parsable2", "--format=JobID,ReqMem,MaxRSS,State")
    ).splitlines()
    asked, peaks = {}, {}
    for job, required, peak, state in (line.split("|") for line in lines):
        number, _, step = job.partition(".")
        assert state == "COMPLETED"
        if step:
            peaks[number] = max(peaks.get(number, 0), megabytes(peak or "0"))
        else:
            asked[number] = megabytes(required)
    print(sorted((peak, asked[job]) for job, peak in peaks.items()))
    assert len(asked) >= 4
    assert max(peaks.values()) > 100
    assert all(peaks[job] <= asked[job] * 2 / 3 for job in asked)


def test_sacct_may_be_asked_instead_and_sees_a_failure(accounting: Cluster, small: Project):
    first_attempt(small, "sys.exit(1)")
    before = accounting.submissions()
    ended = run(small, TARGET, *SACCT)
    assert ended.code == 0, ended.output
    assert accounting.submissions() - before == 2


def test_the_profile_sees_a_cancelled_job_which_sacct_does_not(accounting: Cluster, small: Project):
    """When this fails, the plugin has learnt it, and docs/cluster.md can say so."""
    begun = first_attempt(small, "time.sleep(200)")
    started = begin(small, TARGET, *SACCT)
    wait_for(begun.exists)
    (job,) = running(accounting)
    accounting.ask("scancel", job)
    states = ("sacct", "--noheader", "--allocations", f"--jobs={job}", "--format=State%30")
    wait_for(lambda: "CANCELLED by" in accounting.ask(*states))
    with pytest.raises(AssertionError):
        wait_for(lambda: started.poll() is not None, 25)
    started.send_signal(signal.SIGINT)
    assert "CANCELLED" not in end(started, 60).output
    ended = run(small, TARGET)
    assert ended.code == 0, ended.output
