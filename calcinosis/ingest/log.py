"""What ingest writes down on its way: queries, normalisations, counts, and what each rule found."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from calcinosis.ingest.built_in import KAHN

Severity = Literal["query", "warning"]

KEYS = {
    "patients": ("patient_id",),
    "readings": ("patient_id", "film_date", "film_day", "reader", "occasion", "side", "region"),
}
"""What identifies a row of each table (of the columns that the export has)."""

PLACE = ("patient_id", "centre", "_no_centre", "_file", "_row", "_at")
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
    """One file of a table, as long as its rows may have to be named in a query.

    Parameters
    ----------
    cells : its text, by our names
    columns : our name to the column's name in the file
    asked : position of a row to what it says in cells that became queries
    """

    cells: pd.DataFrame
    columns: dict[str, str]
    asked: dict[int, str]


@dataclass
class Log:
    """The logs of one run; rows of frames carry `_file` and `_at`, the position in their source."""

    queries: list[pd.DataFrame] = field(default_factory=list)
    normalisations: list[dict[str, object]] = field(default_factory=list)
    quality: list[tuple[str, str, str, str, int]] = field(default_factory=list)
    checks: list[tuple[str, str, str, str, int, int, int]] = field(default_factory=list)
    sources: dict[tuple[str, str], Source] = field(default_factory=dict)

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

    def asked(self, table: str, rows: pd.DataFrame) -> list[str]:
        """What each row says in cells that became queries, as `variable=text` and a separator."""
        files = zip(rows["_file"], rows["_at"], strict=True)
        return [self.sources[table, file].asked.get(at, "") for file, at in files]


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
    names = _names(log, table, rows)
    content = [""] * len(rows)
    if not variable:
        columns = [name for name in rows if name not in ("_file", "_row", "_at")]
        texts = [map(str, rows[name]) for name in columns]
        content = ["\x1f".join(row) for row in zip(*texts, log.asked(table, rows), strict=True)]
    ids = [
        hashlib.sha256("\x1f".join([table, name, variable, *facts]).encode()).hexdigest()[:10]
        for name, *facts in zip(names, rules, raws, content, strict=True)
    ]
    nobody = pd.Series("", rows.index)
    columns_of = {
        file: log.sources[table, file].columns.get(variable, "") for file in set(rows["_file"])
    }
    log.queries.append(
        pd.DataFrame(
            {
                "query_id": ids,
                "centre": rows.get("centre", nobody).astype("object").fillna("").to_numpy(),
                "patient_id": rows["patient_id"].astype("object").fillna("").to_numpy(),
                "table": table,
                "variable": variable,
                "file": rows["_file"].to_numpy(),
                "row": rows["_row"].to_numpy(),
                "column": [columns_of[file] for file in rows["_file"]],
                "raw_value": raws,
                "rule": rules,
                "severity": severity,
                "question": questions,
            },
            columns=list(QUERY_COLUMNS),
        )
    )


def _names(log: Log, table: str, rows: pd.DataFrame) -> list[str]:
    """The name of records in query ids: the key as the export writes it, else the whole row."""
    named: dict[tuple[str, int], str] = {}
    for file, at in rows.groupby("_file", sort=False)["_at"]:
        source = log.sources[table, str(file)]
        cells = source.cells.iloc[at.to_numpy()]
        keys = [key for key in KEYS[table] if key in cells]
        for i, place in enumerate(at):
            parts = [str(cells[key].iloc[i]).strip() for key in keys]
            named[str(file), place] = "\x1f".join(parts if parts[0] else cells.iloc[i].map(str))
    texts = [named[place] for place in zip(rows["_file"], rows["_at"], strict=True)]
    if "_no_centre" not in rows:
        return texts
    centres = rows["centre"].astype("object").fillna("")
    return [f"{centre}\x1f{text}" for centre, text in zip(centres, texts, strict=True)]
