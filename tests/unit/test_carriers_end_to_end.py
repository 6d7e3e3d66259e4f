"""The export of `early_ssc` as workbook and as Stata file gives the estimates of its CSV files.

The steps run one after another in this process, as the rules call them.
"""

import csv
import re
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from builders import ROOT
from carrier_files import TYPED, Cell

from benchmarks import one_process
from calcinosis import cohort, provenance

HOME = ROOT / "cohorts" / "early_ssc"


def estimates(plan_file: Path, made: Path) -> dict[str, list[str]]:
    """Analysis to the lines of its estimates."""
    facts = cohort.facts(str(plan_file), provenance.Remembered())
    tables = one_process.analyse(facts, made)
    del tables["estimates"]
    return {name: Path(file).read_text("utf-8").splitlines() for name, file in tables.items()}


def typed(text: str) -> Cell:
    """The cell that a workbook makes of a text: a number, a day of the calendar, or the text."""
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(text)
    try:
        return datetime.strptime(text, "%d/%m/%Y").date()
    except ValueError:
        return text or None


def convert(ending: str, source: Path, target: Path) -> None:
    with source.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    cells = [[typed(text) for text in row] for row in rows]
    if ending == "dta":  # a column has one type
        for i in range(len(header)):
            if len({type(row[i]) for row in cells} - {type(None)}) != 1:
                for row, texts in zip(cells, rows, strict=True):
                    row[i] = texts[i]
    TYPED[ending](target.with_suffix(f".{ending}"), header, cells)


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> dict[str, list[str]]:
    return estimates(HOME / "cohort.yaml", tmp_path_factory.mktemp("plain") / "made")


@pytest.mark.parametrize("ending", ["xlsx", "dta"])
def test_the_estimates_are_those_of_the_csv_files(plain, tmp_path, ending):
    plan = (HOME / "cohort.yaml").read_text("utf-8")
    for table in ("patients", "readings"):
        assert f"[{table}.csv]" in plan
        plan = plan.replace(f"[{table}.csv]", f"[{table}.{ending}]")
        convert(ending, HOME / f"{table}.csv", tmp_path / table)
    (tmp_path / "cohort.yaml").write_text(plan, "utf-8")
    for beside in ("codebook.csv", "published.yaml"):
        shutil.copy(HOME / beside, tmp_path)
    found = estimates(tmp_path / "cohort.yaml", tmp_path / "made")
    of_spellings = re.compile("normalisations|site_qualified")

    def beside_spellings(lines: list[str]) -> list[str]:
        """Typed cells need fewer normalisations than their texts, and nothing else differs."""
        return [line for line in lines if not of_spellings.search(line)]

    assert len(beside_spellings(plain["quality"])) > 20
    for name, lines in plain.items():
        assert beside_spellings(found[name]) == beside_spellings(lines), name
