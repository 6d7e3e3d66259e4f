"""The profile for other schedulers, spoken to through the commands of Slurm."""

from checkouts import Project, artefacts
from cluster import Cluster
from conftest import TARGET, begin, end, first_attempt, run, running, wait_for

NAME = "early_ssc"


def test_a_cohort_comes_out_the_same_in_as_few_submissions(
    cluster: Cluster, small: Project, local: Project
):
    before = cluster.submissions()
    ended = run(small, profile="cluster-generic")
    assert ended.code == 0, ended.output
    ours = {
        name: content for name, content in artefacts(local).items() if name.startswith(f"{NAME}/")
    }
    theirs = artefacts(small)
    assert ours
    assert [name for name, content in ours.items() if theirs[name] != content] == []
    batches = list(small.path("results").rglob("batch_*.parquet"))
    assert cluster.submissions() - before == 2 + len(batches)


def test_a_cancelled_job_is_tried_again(cluster: Cluster, small: Project):
    begun = first_attempt(small, "time.sleep(200)")
    started = begin(small, TARGET, profile="cluster-generic")
    wait_for(begun.exists)
    (job,) = running(cluster)
    cluster.ask("scancel", job)
    ended = end(started, 120)
    assert ended.code == 0, ended.output
    assert small.path(TARGET).exists()
