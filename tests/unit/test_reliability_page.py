"""The page of faults names a test for each of its rows."""

import re

import pytest
from builders import ROOT

PAGE = (ROOT / "docs" / "reliability.md").read_text("utf-8")
ROWS = [line for line in PAGE.partition("## Verify")[0].splitlines() if line.startswith("| ")][1:]
TESTS = "\n".join(
    path.read_text("utf-8")
    for folder in ("faults", "workflow")
    for path in (ROOT / "tests" / folder).glob("test_*.py")
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:40])
def test_each_row_has_tests_that_are_there(row):
    names = re.findall(r"`(test_\w+)`", row.split("|")[4])
    assert names
    for name in names:
        assert f"def {name}(" in TESTS


def test_each_fault_that_is_tested_has_its_row():
    for path in (ROOT / "tests" / "faults").glob("test_*.py"):
        for name in re.findall(r"^def (test_\w+)\(", path.read_text("utf-8"), re.M):
            assert f"`{name}`" in PAGE
