"""A Slurm of two virtual nodes, and runs of the workflow on it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from checkouts import MAIN, Ended, Project, copy_project
from cluster import Cluster

_JOB = re.compile(r"^ *(?:local)?(?:rule|checkpoint) (\w+):$", re.MULTILINE)
FAST = ("--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "10")
"""The nodes are this machine and idle: no reason to ask as seldom as on a cluster."""


@pytest.fixture(scope="session")
def cluster(tmp_path_factory) -> Iterator[Cluster]:
    """Without an accounting database."""
    if os.geteuid() != 0 or not shutil.which("slurmctld"):
        pytest.skip("needs root and Debian's Slurm: make test-slurm")
    slurm = Cluster(tmp_path_factory.mktemp("slurm"))
    try:
        slurm.start()
        yield slurm
    finally:
        slurm.stop()


def begin(project: Project, *arguments: str, profile: str = "slurm") -> subprocess.Popen:
    """Start a run on the cluster; `end` waits for it."""
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "snakemake", "--profile", f"profiles/{profile}"),
            *(FAST if profile == "slurm" else ()),
            *arguments,
        ],
        cwd=project.folder,
        env=os.environ | {"PYTHONPATH": str(project.folder), "COLUMNS": "200"},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def end(run: subprocess.Popen, timeout: float = 400) -> Ended:
    try:
        output, _ = run.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        run.kill()
        raise
    return Ended(run.returncode, output, set(_JOB.findall(output)) - {"all"})


def run(project: Project, *arguments: str, profile: str = "slurm") -> Ended:
    return end(begin(project, *arguments, profile=profile))


@pytest.fixture(scope="session")
def local(tmp_path_factory) -> Project:
    """The main job, run without a cluster."""
    project = copy_project(tmp_path_factory.mktemp("local") / "project", MAIN)
    ended = project.run()
    assert ended.code == 0, ended.output
    return project


@pytest.fixture(scope="session")
def scattered(cluster: Cluster, tmp_path_factory) -> tuple[Project, Ended, int]:
    """The main job on the cluster: the project, how the run ended, and its submissions."""
    project = copy_project(tmp_path_factory.mktemp("on_slurm") / "project", MAIN)
    before = cluster.submissions()
    ended = run(project)
    return project, ended, cluster.submissions() - before


@pytest.fixture
def small(tmp_path: Path) -> Project:
    """One cohort that has not been run."""
    return copy_project(tmp_path / "project", ("early_ssc",))
