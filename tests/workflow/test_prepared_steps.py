"""Who does the steps of a run: copies of a prepared process where exports are cleaned."""

import sys

import pytest
from conftest import Project, copy_project

PRELUDE = """
import os, time
from pathlib import Path
address = os.environ.get("CALCINOSIS_PREPARED")
while address and not Path(address).exists():
    time.sleep(0.05)
print("the step of", "calcinosis.prepared" in Path("/proc/self/cmdline").read_text(), bool(address))
"""


def with_prelude(project: Project, script: str) -> None:
    path = project.path(f"workflow/scripts/{script}.py")
    path.write_text(PRELUDE + path.read_text("utf-8"), "utf-8")


@pytest.mark.skipif(sys.platform != "linux", reason="none is prepared elsewhere")
def test_steps_after_the_cleaning_are_done_by_copies(tmp_path):
    """The process of the engine first, which waits here; then the copy that it hands over to."""
    project = copy_project(tmp_path / "project")
    with_prelude(project, "datasets")
    ended = project.run("results/early_ssc/private/datasets/.done")
    assert ended.code == 0, ended.output
    said = [line for line in ended.output.splitlines() if line.startswith("the step of")]
    assert said == ["the step of False True", "the step of True False"]


def test_none_is_prepared_for_pages_alone(project: Project):
    """There is nothing to clean meanwhile: its imports would take longer than they spare."""
    with_prelude(project, "verdict")
    ended = project.run()
    assert ended.jobs == {"verdict"}
    assert "the step of False False" in ended.output
