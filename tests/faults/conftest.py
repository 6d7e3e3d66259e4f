"""An undisturbed run, against which each disturbed one is compared byte by byte."""

import shutil

import pytest
from checkouts import copy_project
from disturbed import Disturbed


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory) -> Disturbed:
    """A finished run; tests read it and do not change it."""
    project = Disturbed(copy_project(tmp_path_factory.mktemp("undisturbed") / "project").folder)
    ended = project.run()
    assert ended.code == 0, ended.output
    return project


@pytest.fixture
def fresh(tmp_path) -> Disturbed:
    """A checkout without results."""
    return Disturbed(copy_project(tmp_path / "project").folder)


@pytest.fixture
def finished(undisturbed, tmp_path) -> Disturbed:
    """A copy of the undisturbed run that a test may damage."""
    shutil.copytree(undisturbed.folder, tmp_path / "project", symlinks=True)
    return Disturbed(tmp_path / "project")
