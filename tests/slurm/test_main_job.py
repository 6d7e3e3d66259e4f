"""The main job on Slurm: the bytes of a local run, in few submissions, private files closed."""

import changes
from checkouts import Ended, Project, artefacts
from cluster import Cluster
from conftest import run


def test_the_results_are_those_of_a_local_run(
    local: Project, scattered: tuple[Project, Ended, int]
):
    project, ended, _ = scattered
    assert ended.code == 0, ended.output
    ours, theirs = artefacts(local), artefacts(project)
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if ours[name] != theirs[name]] == []


def test_a_cohort_takes_two_submissions_and_one_for_each_batch(
    scattered: tuple[Project, Ended, int],
):
    project, _, submissions = scattered
    batches = list(project.path("results").rglob("batch_*.parquet"))
    assert len(batches) >= 4
    assert submissions == 2 * 2 + len(batches)


def test_private_files_are_the_owners_alone(scattered: tuple[Project, Ended, int]):
    project, _, _ = scattered
    private = [
        path
        for folder in project.path("results").rglob("private")
        for path in (folder, *folder.rglob("*"))
    ]
    assert len(private) > 100
    open_to_others = [path for path in private if path.stat().st_mode & 0o077]
    assert open_to_others == []


def test_nothing_to_do_is_no_submission_and_a_changed_cell_is_few(
    cluster: Cluster, scattered: tuple[Project, Ended, int]
):
    project, _, _ = scattered
    before = cluster.submissions()
    ended = run(project)
    assert ended.code == 0, ended.output
    assert "Nothing to be done" in ended.output
    assert cluster.submissions() == before
    changes.change_t_score(project)
    ended = run(project)
    assert ended.code == 0, ended.output
    assert "bone_density" in ended.jobs
    assert "models" not in ended.jobs
    assert cluster.submissions() - before <= 2
