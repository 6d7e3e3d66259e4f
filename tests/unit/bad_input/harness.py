"""Run a changed export to its estimates, in this process, and hold what a user would see."""

import contextlib
import csv
import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from clean_export import Change, Export, clean

from benchmarks import one_process
from calcinosis import cohort, provenance


@dataclass
class Run:
    """How a run ended: exit code, what it said, the folder of its results."""

    home: Path
    code: int
    message: str
    facts: dict[str, object] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)

    @property
    def estimates(self) -> list[str]:
        """Lines of the table of estimates, without those that count cells and queries."""
        text = (self.home / "estimates.csv").read_text("utf-8")
        return [line for line in text.splitlines() if not line.startswith("quality/")]

    def cells(self, name: str) -> list[list[str]]:
        """The rows of a CSV file of the results, the header first."""
        csv.field_size_limit(1 << 20)
        with (self.home / name).open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))

    def log(self, name: str) -> list[dict[str, str]]:
        """The records of `queries` or `normalisations`, without the mark that formulas carry."""
        header, *rows = self.cells(f"private/{name}.csv")
        return [
            {
                name: re.sub(r"^'(?=[=+@-])", "", text)
                for name, text in zip(header, row, strict=True)
            }
            for row in rows
        ]

    def table(self, name: str) -> pd.DataFrame:
        """A typed table, such as `patients`."""
        return pd.read_parquet(self.home / "private" / "tables" / f"{name}.parquet")

    def dataset(self, name: str) -> pd.DataFrame:
        """The dataset of an analysis."""
        return pd.read_parquet(self.home / "private" / "datasets" / f"{name}.parquet")

    def counted(self) -> pd.DataFrame:
        """Counts of rows and cells: kind, table, variable, rule, count."""
        return pd.read_parquet(self.home / "private" / "quality.parquet")

    def shareable(self) -> Iterator[tuple[str, bytes]]:
        """Name and content of each file outside the private folder."""
        for path in sorted(self.home.rglob("*")):
            if path.is_file() and "private" not in path.parts:
                yield path.name, path.read_bytes()

    def present(self) -> None:
        """Make the figures, the report and the Word file too."""
        with _as_before():
            one_process.present(self.facts, self.home, self.tables)


def run(export: Export, folder: Path) -> Run:
    """From the plan's check to the table of estimates."""
    home = folder / "results" / "small"
    ended = Run(home, 0, "")
    plan_file = export.save(folder / "cohorts" / "small")
    try:
        with _as_before():
            ended.facts = cohort.facts(str(plan_file), provenance.Remembered())
            ended.tables = one_process.analyse(ended.facts, home, _estimate)
    except SystemExit as stop:
        ended.code = 1 if stop.code else 0
        ended.message = _said(stop, home).replace(f"{folder}/", "")
    return ended


_MADE: dict[str, bytes] = {}


def _estimate(home: Path, name: str, *given: Any) -> None:
    """The engine's own rule: equal datasets and settings have the estimates that they had."""
    *inputs, output = given
    key = hashlib.sha256(repr((name, [_content(each) for each in inputs])).encode()).hexdigest()
    if key not in _MADE:
        one_process.step(home, name, *given)
        _MADE[key] = Path(output).read_bytes()
    Path(output).write_bytes(_MADE[key])


def _content(given: Any) -> Any:
    """What a step reads from its argument: the bytes of datasets, else the value itself."""
    if isinstance(given, one_process.Files):
        return {name: _content(each) for name, each in given.items()}
    return Path(given).read_bytes() if str(given).endswith(".parquet") else given


def _said(stop: SystemExit, home: Path) -> str:
    """The error's own message before any job, else what the step that broke off has logged."""
    if isinstance(stop.code, str):
        return stop.code
    logs = sorted((home / "private" / "logs").glob("*.log"))
    return "".join(text for log in logs if (text := log.read_text("utf-8")) != "done\n")


@contextlib.contextmanager
def _as_before() -> Iterator[None]:
    """Steps close what they write; what this process writes later stays as it was."""
    mask = os.umask(0o077)
    os.umask(mask)
    try:
        yield
    finally:
        os.umask(mask)


class Runs:
    """Runs by their content: the same export is run once in a session."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.known: dict[str, Run] = {}

    def of(self, *changes: Change) -> Run:
        """The run of the clean export with some changes."""
        export = clean()
        for change in changes:
            change(export)
        name = hashlib.sha256(repr(export).encode()).hexdigest()[:16]
        if name not in self.known:
            self.known[name] = run(export, self.folder / name)
        return self.known[name]
