"""The finished main job, for tests to read or to change a copy of."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import forked
import pytest
from checkouts import MAIN, PARTS, ROOT, Ended, Project, copy_project, start_module

from calcinosis import estimates

__all__ = ["MAIN", "PARTS", "ROOT", "Ended", "Project", "copy_project", "shared"]

REAL = ("indomethacin", "pbc_stage", "low_birth_weight")


def shared(temporary: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Project:
    """A project that is made once for all workers: who comes second waits and reads the same."""
    folder = temporary.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    project, done = folder / name / "project", folder / name / "done"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder / name, ignore_errors=True)
            make(project)
            done.touch()
    return Project(project)


class Started(Project):
    """A checkout whose engine is started as a user does, by `python -m`."""

    start_engine = staticmethod(start_module)


def run_main_job(folder: Path) -> None:
    project = Started(copy_project(folder, MAIN).folder)
    ended = project.run()
    assert ended.code == 0, ended.output
    project.path("run.txt").write_text(ended.output, "utf-8")


def run_real_cohorts(folder: Path) -> None:
    project = copy_project(folder, REAL)
    for cohort in REAL:
        ended = project.run(module=f"cohorts.{cohort}.write_export")
        assert ended.code == 0, ended.output
    ended = project.run("--configfile", "config_real.yaml")
    assert ended.code == 0, ended.output
    assert "results/pbc_stage/report.html" in ended.output


def rows_of(project: Project, cohort: str) -> list[estimates.Row]:
    return estimates.read(project.path(f"results/{cohort}/estimates.csv"))


@pytest.fixture(scope="session", autouse=True)
def engine_by_fork():
    """Most starts of the engine here are dry runs or run some jobs again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Project, "start_engine", staticmethod(forked.start))
        yield


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Project:
    """The main job, run once; tests read it and do not change it."""
    return shared(tmp_path_factory, "main", run_main_job)


@pytest.fixture(scope="session")
def real(tmp_path_factory) -> Project:
    """The cohorts of `make real`."""
    return shared(tmp_path_factory, "real", run_real_cohorts)


@pytest.fixture
def project(finished: Project, tmp_path: Path) -> Project:
    """A copy of the finished main job that a test may change; times of files are kept."""
    shutil.copytree(finished.folder, tmp_path / "project", symlinks=True)
    return Project(tmp_path / "project")
