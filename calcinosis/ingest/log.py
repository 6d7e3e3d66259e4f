"""What ingest writes down on its way: queries, normalisations, counts, and what each rule found."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from calcinosis.ingest.built_in import KAHN
from calcinosis.ingest.codebook import Variable
from calcinosis.ingest.record_names import record_names

Severity = Literal["query", "warning"]

PLACE = ("patient_id", "centre", "_no_centre", "_file", "_row", "_at")
"""Columns of frames that say whose row it is and where it stands."""

QUERY_COLUMNS = (
    "query_id",
    "centre",
    "patient_id",
    "table",
    "record",
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
    cells : its text, by our names, as the rules see it
    exported : its text as the export writes it; corrections rename no record
    variables : the codebook's lines for it, by name
    columns : our name to the column's name in the file
    asked : position of a row to what it says in cells that became queries
    confirmed : variable to the positions of rows of which a site says that it is right there
    """

    cells: pd.DataFrame
    exported: pd.DataFrame
    variables: dict[str, Variable]
    columns: dict[str, str]
    asked: dict[int, str]
    confirmed: Mapping[str, list[int]]


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

    def confirmed(self, table: str, rows: pd.DataFrame, variable: str = "") -> np.ndarray:
        """Which rows a site has confirmed, in a variable or (without one) as they are."""
        files = zip(rows["_file"], rows["_at"], strict=True)
        found = [at in self.sources[table, file].confirmed.get(variable, ()) for file, at in files]
        return np.array(found, dtype=bool)


def query_id(*identity: str) -> str:
    """A stable name for a question: of what it is about, not of where that stands."""
    return hashlib.sha256("\x1f".join(identity).encode()).hexdigest()[:10]


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
    records: Sequence[str] | None = None,
) -> None:
    """Add one query per row; its id depends on the record and the finding, not on its place.

    Records are named by their key as the export writes it where no names are given.
    """
    if rows.empty:
        return
    raws, rules, questions = (
        [text] * len(rows) if isinstance(text, str) else list(text)
        for text in (raw, rule, question)
    )
    content = [""] * len(rows)
    if not variable and records is None:
        columns = [name for name in rows if name not in ("_file", "_row", "_at")]
        texts = [map(str, rows[name]) for name in columns]
        content = ["\x1f".join(row) for row in zip(*texts, log.asked(table, rows), strict=True)]
    names = _names(log, table, rows) if records is None else list(records)
    ids = [
        query_id(table, name, variable, *facts)
        for name, *facts in zip(names, rules, raws, content, strict=True)
    ]
    nobody = pd.Series("", rows.index)
    columns_of = {
        file: source.columns.get(variable, "")
        for (of_table, file), source in log.sources.items()
        if of_table == table
    }
    log.queries.append(
        pd.DataFrame(
            {
                "query_id": ids,
                "centre": rows.get("centre", nobody).astype("object").fillna("").to_numpy(),
                "patient_id": rows["patient_id"].astype("object").fillna("").to_numpy(),
                "table": table,
                "record": names,
                "variable": variable,
                "file": rows["_file"].to_numpy(),
                "row": rows["_row"].to_numpy(),
                "column": [columns_of.get(file, "") for file in rows["_file"]],
                "raw_value": raws,
                "rule": rules,
                "severity": severity,
                "question": questions,
            },
            columns=list(QUERY_COLUMNS),
        )
    )


def _names(log: Log, table: str, rows: pd.DataFrame) -> list[str]:
    named = pd.Series("", rows.index, dtype="object")
    for file in rows["_file"].unique():
        source, here = log.sources[table, file], rows["_file"] == file
        exported = source.exported.iloc[rows.loc[here, "_at"]]
        names = record_names(exported, table, source.variables, qualify="_no_centre" in rows)
        named[here] = names.to_numpy()
    return list(named)
