"""What ingest writes down on its way: queries, normalisations, counts, and what each rule found."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from calcinosis.ingest.built_in import KAHN

Severity = Literal["query", "warning"]

KEYS = {
    "patients": ("patient_id",),
    "readings": ("patient_id", "film_date", "film_day", "reader", "occasion", "side", "region"),
}
"""What identifies a row of each table (of the columns that the export has)."""

PLACE = ("patient_id", "centre", "_no_centre", "_source", "_row", "_at")
"""Columns of frames that say whose row it is and where it stands."""

QUERY_COLUMNS = (
    "query_id",
    "centre",
    "patient_id",
    "table",
    "variable",
    "file",
    "row",
    "column",
    "raw_value",
    "rule",
    "severity",
    "question",
)
NORMALISATION_COLUMNS = ("table", "file", "column", "variable", "rule", "old", "new", "count")
QUALITY_COLUMNS = ("kind", "table", "variable", "rule", "count")
CHECK_COLUMNS = ("table", "rule", "kahn", "severity", "failing", "applicable", "not_applicable")

WITHHELD = "(withheld: identifying column)"


@dataclass(frozen=True)
class Source:
    """Rows of one file, as long as they may have to be named in a query.

    Parameters
    ----------
    file : how it is called
    cells : its text, by our names
    columns : our name to the column's name in the file
    asked : position of a row to what it says in cells that became queries
    places : variable to the `row` and `name` of its cells, where these stand on other rows
    """

    file: str
    cells: pd.DataFrame
    columns: dict[str, str]
    asked: dict[int, str]
    places: dict[str, pd.DataFrame] = field(default_factory=dict)


@dataclass
class Log:
    """The logs of one run; rows of frames carry `_source` and `_at`, the position in it."""

    queries: list[pd.DataFrame] = field(default_factory=list)
    normalisations: list[dict[str, object]] = field(default_factory=list)
    quality: list[tuple[str, str, str, str, int]] = field(default_factory=list)
    checks: list[tuple[str, str, str, str, int, int, int]] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)

    def count(self, kind: str, table: str, count: int, variable: str = "", rule: str = "") -> None:
        """Add a count of one kind, such as rows_in or cells_used."""
        self.quality.append((kind, table, variable, rule, int(count)))

    def check(
        self,
        table: str,
        rule: str,
        failing: int,
        applicable: int,
        total: int,
        *,
        severity: Severity = "query",
        kahn: str = "",
    ) -> None:
        """Add what a rule found, of how many of all cells or rows it could judge."""
        found = (int(failing), int(applicable), int(total - applicable))
        self.checks.append((table, rule, kahn or KAHN[rule], severity, *found))

    def normalised(self, **facts: object) -> None:
        """Add one line of the normalisation log."""
        self.normalisations.append(dict.fromkeys(NORMALISATION_COLUMNS, "") | facts)

    def asked(self, rows: pd.DataFrame) -> list[str]:
        """What each row says in cells that became queries, as `variable=text` and a separator."""
        places = zip(rows["_source"], rows["_at"], strict=True)
        return [self.sources[source].asked.get(at, "") for source, at in places]

    def files(self, rows: pd.DataFrame) -> list[str]:
        """The name of the file of each row."""
        return [self.sources[source].file for source in rows["_source"]]


def ask(
    log: Log,
    table: str,
    rows: pd.DataFrame,
    *,
    rule: str | Sequence[str],
    question: str | Sequence[str],
    severity: Severity = "query",
    variable: str = "",
    raw: str | Sequence[str] = "",
) -> None:
    """Add one query per row; its id depends on the record and the finding, not on its place."""
    if rows.empty:
        return
    raws, rules, questions = (
        [text] * len(rows) if isinstance(text, str) else list(text)
        for text in (raw, rule, question)
    )
    names, numbers = _places(log, table, rows, variable)
    content = [""] * len(rows)
    if not variable:
        texts = [map(str, rows[name]) for name in content_of(rows)]
        content = ["\x1f".join(row) for row in zip(*texts, log.asked(rows), strict=True)]
    ids = [
        hashlib.sha256("\x1f".join([table, name, variable, *facts]).encode()).hexdigest()[:10]
        for name, *facts in zip(names, rules, raws, content, strict=True)
    ]
    nobody = pd.Series("", rows.index)
    log.queries.append(
        pd.DataFrame(
            {
                "query_id": ids,
                "centre": rows.get("centre", nobody).astype("object").fillna("").to_numpy(),
                "patient_id": rows["patient_id"].astype("object").fillna("").to_numpy(),
                "table": table,
                "variable": variable,
                "file": log.files(rows),
                "row": numbers,
                "column": [log.sources[i].columns.get(variable, "") for i in rows["_source"]],
                "raw_value": raws,
                "rule": rules,
                "severity": severity,
                "question": questions,
            },
            columns=list(QUERY_COLUMNS),
        )
    )


def content_of(rows: pd.DataFrame) -> list[str]:
    """The columns of a frame that its file fills, not those that say where its rows stand."""
    return [name for name in rows if not name.startswith("_")]


def _places(
    log: Log, table: str, rows: pd.DataFrame, variable: str
) -> tuple[list[str], np.ndarray]:
    """The names of records in query ids, and the physical rows of their cells.

    A record is named by its key as the export writes it, or else by the whole row.
    """
    names, numbers = np.empty(len(rows), dtype="object"), rows["_row"].to_numpy(copy=True)
    sources = rows["_source"].to_numpy()
    for number in pd.unique(sources):
        source, here = log.sources[number], np.flatnonzero(sources == number)
        at = rows["_at"].to_numpy()[here]
        if variable in source.places:
            place = source.places[variable].iloc[at]
            names[here], numbers[here] = place["name"], place["row"]
            continue
        cells = source.cells.iloc[at]
        keys = [key for key in KEYS[table] if key in cells]
        for i, position in enumerate(here):
            parts = [str(cells[key].iloc[i]).strip() for key in keys]
            names[position] = "\x1f".join(parts if parts[0] else cells.iloc[i].map(str))
    if "_no_centre" in rows:
        names = rows["centre"].astype("object").fillna("").to_numpy() + "\x1f" + names
    return list(names), numbers
