"""What ingest writes down on its way: queries, normalisations, counts, and what each rule found."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from calcinosis.ingest.built_in import KAHN
from calcinosis.ingest.codebook import Variable
from calcinosis.ingest.record_names import EVENT, SEPARATOR, record_names

Severity = Literal["query", "warning"]

PLACE = ("patient_id", "centre", "_no_centre", "_source", "_row", "_at")
"""Columns of frames that say whose row it is and where it stands."""

QUERY_COLUMNS = (
    "query_id",
    "centre",
    "patient_id",
    "table",
    "record",
    "event",
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
    cells : its text, by our names, as the rules see it
    exported : its text as the export writes it; corrections rename no record
    variables : the codebook's lines for it, by name
    columns : our name to the column's name in the file
    asked : position of a row to what it says in cells that became queries
    confirmed : variable to the positions of rows of which a site says that it is right there
    events : the event of each row, of an export that has events
    places : variable to the `row`, `name` and `event` of its cells, where these stand on other rows
    """

    file: str
    cells: pd.DataFrame
    exported: pd.DataFrame
    variables: dict[str, Variable]
    columns: dict[str, str]
    asked: dict[int, str]
    confirmed: Mapping[str, list[int]]
    events: Sequence[str] | None = None
    places: Mapping[str, pd.DataFrame] = field(default_factory=dict)


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
        return [source.asked.get(at, "") for source, at in self._places(rows)]

    def confirmed(self, rows: pd.DataFrame, variable: str = "") -> np.ndarray:
        """Which rows a site has confirmed, in a variable or (without one) as they are."""
        found = [at in source.confirmed.get(variable, ()) for source, at in self._places(rows)]
        return np.array(found, dtype=bool)

    def files(self, rows: pd.DataFrame) -> list[str]:
        """The name of the file of each row."""
        return [source.file for source, _ in self._places(rows)]

    def _places(self, rows: pd.DataFrame) -> list[tuple[Source, int]]:
        sources = (self.sources[source] for source in rows["_source"])
        return list(zip(sources, rows["_at"], strict=True))


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
) -> None:
    """Add one query per row; its id depends on the record and the finding, not on its place."""
    if rows.empty:
        return
    raws, rules, questions = (
        [text] * len(rows) if isinstance(text, str) else list(text)
        for text in (raw, rule, question)
    )
    content = [""] * len(rows)
    if not variable:
        texts = [map(str, rows[name]) for name in content_of(rows)]
        content = ["\x1f".join(row) for row in zip(*texts, log.asked(rows), strict=True)]
    records, cells, events, numbers = _names(log, table, rows, variable)
    ids = [
        query_id(table, name, variable, *facts)
        for name, *facts in zip(cells, rules, raws, content, strict=True)
    ]
    nobody = pd.Series("", rows.index)
    log.queries.append(
        pd.DataFrame(
            {
                "query_id": ids,
                "centre": rows.get("centre", nobody).astype("object").fillna("").to_numpy(),
                "patient_id": rows["patient_id"].astype("object").fillna("").to_numpy(),
                "table": table,
                "record": records,
                "event": events,
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


def _names(
    log: Log, table: str, rows: pd.DataFrame, variable: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The names of records, those of their cells in query ids, the cells' events and physical rows.

    A cell has the name of its record, unless it stands on another row of the file.
    """
    records, numbers = np.empty(len(rows), dtype="object"), rows["_row"].to_numpy(copy=True)
    cells, events, sources = records.copy(), records.copy(), rows["_source"].to_numpy()
    for number in pd.unique(sources):
        source, here = log.sources[number], np.flatnonzero(sources == number)
        at, qualify = rows["_at"].to_numpy()[here], "_no_centre" in rows
        named = record_names(source.exported, at, table, source.variables, qualify=qualify)
        records[here] = cells[here] = named.to_numpy()
        events[here] = _events(source, at)
        if variable in source.places:
            place = source.places[variable].iloc[at]
            cells[here], numbers[here] = place["name"], place["row"]
            events[here] = place["event"]
            if qualify:
                centre = rows["centre"].iloc[here].astype("object").fillna("").to_numpy()
                cells[here] = centre + SEPARATOR + cells[here]
    return records, cells, events, numbers


def _events(source: Source, at: np.ndarray) -> list[str]:
    """When each row was recorded: its event, or the day of its film as the export writes it."""
    if source.events is not None:
        return [source.events[i] for i in at]
    days = [
        source.exported[name].iloc[at].astype("object").str.strip()
        for name in EVENT
        if name in source.exported
    ]
    return list(days[0]) if days else [""] * len(at)
