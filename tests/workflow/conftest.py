"""The finished main job, for tests to read or to change a copy of."""

import shutil
from pathlib import Path

import pytest
from checkouts import MAIN, PARTS, ROOT, Ended, Project, copy_project

__all__ = ["MAIN", "PARTS", "ROOT", "Ended", "Project", "copy_project"]


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Project:
    """The main job, run once; tests read it and do not change it."""
    project = copy_project(tmp_path_factory.mktemp("main") / "project", MAIN)
    ended = project.run()
    assert ended.code == 0, ended.output
    project.path("run.txt").write_text(ended.output, "utf-8")
    return project


@pytest.fixture
def project(finished: Project, tmp_path: Path) -> Project:
    """A copy of the finished main job that a test may change; times of files are kept."""
    shutil.copytree(finished.folder, tmp_path / "project", symlinks=True)
    return Project(tmp_path / "project")
