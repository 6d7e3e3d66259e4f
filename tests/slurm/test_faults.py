"""Faults of jobs, nodes and people on Slurm: the run goes on, and ends with the same table."""

import re
import signal

from checkouts import Project
from cluster import Cluster
from conftest import TARGET, begin, end, first_attempt, run, running, wait_for


def test_a_failed_job_is_tried_again_with_more_memory(cluster: Cluster, small: Project):
    first_attempt(small, "sys.exit(1)")
    before = cluster.submissions()
    ended = run(small, TARGET)
    assert ended.code == 0, ended.output
    assert small.path(TARGET).exists()
    assert cluster.submissions() - before == 2
    asked = re.findall(r"MinMemoryNode=(\d+)M", cluster.ask("scontrol", "show", "job"))
    assert int(asked[-1]) == 2 * int(asked[-2])


def test_a_job_that_takes_more_than_it_asked_for_is_tried_again(cluster: Cluster, small: Project):
    first_attempt(small, "taken = b'1' * 1_300_000_000; time.sleep(60)")
    before = cluster.submissions()
    ended = run(small, TARGET)
    assert ended.code == 0, ended.output
    assert cluster.submissions() - before == 2


def test_a_job_that_always_fails_ends_the_run_with_an_error(cluster: Cluster, small: Project):
    script = small.path("workflow/scripts/clean.py")
    script.write_text("raise SystemExit('always')\n", "utf-8")
    before = cluster.submissions()
    ended = run(small, TARGET, "--retries", "1")
    assert ended.code != 0
    assert not small.path(TARGET).exists()
    assert cluster.submissions() - before == 2


def test_a_cancelled_job_is_noticed(cluster: Cluster, small: Project):
    begun = first_attempt(small, "time.sleep(100)")
    started = begin(small, TARGET)
    wait_for(begun.exists)
    (job,) = running(cluster)
    cluster.ask("scancel", job)
    ended = end(started, 90)
    assert ended.code == 0, ended.output
    assert "CANCELLED" in ended.output
    assert small.path(TARGET).exists()


def test_a_killed_node_is_survived(cluster: Cluster, small: Project):
    begun = first_attempt(small, "time.sleep(100)")
    started = begin(small, TARGET)
    wait_for(begun.exists)
    ((_, node),) = running(cluster).items()
    cluster.kill_node(node)
    try:
        ended = end(started, 120)
    finally:
        cluster.start_node(node)
    assert ended.code == 0, ended.output
    assert small.path(TARGET).exists()


def test_an_interrupted_run_cancels_its_jobs_and_the_next_goes_on(cluster: Cluster, small: Project):
    begun = first_attempt(small, "time.sleep(100)")
    started = begin(small, TARGET)
    wait_for(begun.exists)
    started.send_signal(signal.SIGINT)
    assert end(started, 60).code != 0
    wait_for(lambda: not running(cluster))
    ended = run(small, TARGET)
    assert ended.code == 0, ended.output
