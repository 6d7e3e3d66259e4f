"""A Slurm of two virtual nodes, and runs of the workflow on it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from checkouts import MAIN, Ended, Project, copy_project, how_it_ended
from cluster import Cluster

TARGET = "results/early_ssc/private/queries.csv"
"""What these runs make: one submission, the group of the cohort's tables."""

FAST = ("--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "10")
"""The nodes are this machine: no reason to ask as seldom as on a cluster."""


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
    profiles = ["--profile", "profiles/slurm"]
    if profile != "slurm":
        profiles += ["--profile", f"profiles/{profile}"]
    return _engine(project, *profiles, *FAST, *arguments)


def _engine(project: Project, *arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "snakemake", *arguments],
        cwd=project.folder,
        env=os.environ | {"PYTHONPATH": str(project.folder), "COLUMNS": "200"},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        # A shell's background jobs ignore it, and so would all that they start.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )


def end(run: subprocess.Popen, timeout: float = 900) -> Ended:
    try:
        output, _ = run.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        run.kill()
        raise
    return how_it_ended(run.returncode, output)


def run(project: Project, *arguments: str, profile: str = "slurm") -> Ended:
    return end(begin(project, *arguments, profile=profile))


@pytest.fixture(scope="session")
def local(tmp_path_factory) -> Project:
    """The main job, run without a cluster."""
    project = copy_project(tmp_path_factory.mktemp("local") / "project", MAIN)
    ended = end(_engine(project, "--cores", "2"))
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


def first_attempt(project: Project, does: str) -> Path:
    """Have the first attempt at cleaning do something; returns the file that says it has begun."""
    begun = project.path("begun")
    script = project.path("workflow/scripts/clean.py")
    lines = [
        "import pathlib, sys, time",
        f"if not pathlib.Path({str(begun)!r}).exists():",
        f"    pathlib.Path({str(begun)!r}).touch()",
        f"    {does}",
    ]
    text = script.read_text("utf-8")
    docstring = re.match(r'"""(?:.|\n)*?"""\n', text)
    assert docstring
    new = docstring[0] + "\n".join(lines) + "\n" + text[docstring.end() :]
    script.write_text(new, "utf-8")
    return begun


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it did not come"
        time.sleep(0.2)


def running(cluster: Cluster) -> dict[str, str]:
    """The running jobs, each with its node."""
    lines = cluster.ask("squeue", "--noheader", "--states=R", "--format=%i %N").splitlines()
    return dict(line.split() for line in lines)
