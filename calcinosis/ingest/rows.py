"""Which rows of the tables can be used, and the queries about those that cannot."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from calcinosis.ingest.codebook import fold

KEYS = {
    "patients": ("patient_id",),
    "readings": ("patient_id", "film_date", "film_day", "reader", "side", "region"),
}
"""What identifies a row of each table (of the columns that the export has)."""


@dataclass
class Log:
    """What ingest writes down on its way: queries, normalisations, and counts of both."""

    queries: list[dict[str, object]] = field(default_factory=list)
    normalisations: list[dict[str, object]] = field(default_factory=list)
    quality: list[tuple[str, str, str, str, int]] = field(default_factory=list)

    def count(self, kind: str, table: str, count: int, variable: str = "", rule: str = "") -> None:
        """Add a count of one kind, such as rows_in or cells_used."""
        self.quality.append((kind, table, variable, rule, int(count)))


def ask(
    log: Log,
    table: str,
    record: pd.Series,
    *,
    rule: str,
    question: str,
    variable: str = "",
    column: str = "",
    raw: str = "",
) -> None:
    """Add one query; its id depends on the record and the finding, not on its place."""
    content = [] if variable else [str(value) for value in record.drop(["_file", "_row"])]
    identity = "\x1f".join([table, record["_key"], variable, rule, raw, *content])
    log.queries.append(
        {
            "query_id": hashlib.sha256(identity.encode()).hexdigest()[:10],
            "centre": "" if pd.isna(record.get("centre")) else record["centre"],
            "patient_id": "" if pd.isna(record["patient_id"]) else record["patient_id"],
            "table": table,
            "variable": variable,
            "file": record["_file"],
            "row": record["_row"],
            "column": column,
            "raw_value": raw,
            "rule": rule,
            "question": question,
        }
    )


def exclude_rows(name: str, frame: pd.DataFrame, log: Log) -> pd.DataFrame:
    """Take out rows that cannot be used, each with a query, in a fixed order of rules."""
    log.count("rows_in", name, len(frame))
    keys = [key for key in KEYS[name] if key in frame]
    content = [column for column in frame if not column.startswith("_")] + ["_asked"]
    rules: list[tuple[str, str, Callable[[pd.DataFrame], pd.Series]]] = [
        (
            "blank_id",
            "This row has no patient id. Whose is it?",
            lambda rows: rows["patient_id"].isna(),
        ),
    ]
    if "_no_centre" in frame:
        rules.append(
            (
                "no_centre",
                "This row does not say of which centre it is, so that its id is not unique. Which?",
                lambda rows: rows["_no_centre"],
            )
        )
    if "_without_home" in frame:
        rules.append(
            (
                "no_row_of_its_event",
                "This record has no row of the event at which patients are described. Is there "
                "one to be filled in?",
                lambda rows: rows["_without_home"].fillna(value=False).astype(bool),
            )
        )
    if name == "readings":
        rules.append(
            (
                "no_film_date",
                "This reading has no usable film date, so that its film is not known. Which?",
                lambda rows: rows[[k for k in keys if k.startswith("film_")]].isna().all(axis=1),
            )
        )
        rules.append(
            (
                "incomplete_key",
                "This reading does not say whose, or of which side or region it is. Which?",
                lambda rows: (
                    rows[[k for k in keys if k in ("reader", "side", "region")]].isna().any(axis=1)
                ),
            )
        )
    rules += [
        (
            "exact_duplicate",
            "This row stands twice with the same values; one is kept. Is that right?",
            lambda rows: rows.duplicated(content, keep="first"),
        ),
        (
            "conflicting_duplicate",
            "Two rows of one record disagree; both are out until it is resolved. Which is right?",
            lambda rows: rows.duplicated(keys, keep=False),
        ),
    ]
    for rule, question, finds in rules:
        frame = _take_out(name, frame, finds(frame), rule, question, log)
    if name == "patients":
        _ask_near_duplicates(frame, log)
    return frame


def _take_out(
    name: str, frame: pd.DataFrame, found: pd.Series, rule: str, question: str, log: Log
) -> pd.DataFrame:
    # A key cell that cannot be read has its own query; one question for one cell.
    asked = frame["_asked"].str.contains(f"(?:^|\x1f)(?:{'|'.join(KEYS[name])})=")
    # Nor more than one for a row of the file that holds several of ours.
    twice = frame[["_file", "_row"]].where(found & ~asked).duplicated()
    for position in np.flatnonzero(found & ~asked & ~twice):
        ask(log, name, frame.iloc[position], rule=rule, question=question)
    if found.any():
        log.count("rows_excluded", name, int(found.sum()), rule=rule)
    return frame[~found]


def _ask_near_duplicates(frame: pd.DataFrame, log: Log) -> None:
    """Ask about ids that differ only by case, spaces or leading zeros; the rows stay."""
    plain = frame["patient_id"].map(
        lambda text: re.sub(r"(?<!\d)0+(?=\d)", "", "".join(fold(text).split()))
    )
    for position in np.flatnonzero(plain.duplicated(keep=False)):
        record = frame.iloc[position]
        same = frame.loc[plain == plain.iloc[position], "patient_id"]
        others = ", ".join(sorted(set(same) - {record["patient_id"]}))
        ask(
            log,
            "patients",
            record,
            rule="near_duplicate_id",
            question=f"Patient '{record['patient_id']}' looks like '{others}'. One person?",
            variable="patient_id",
            raw=record["patient_id"],
        )


def exclude_orphans(frames: dict[str, pd.DataFrame], log: Log) -> None:
    """Take out rows of patients that the patients table does not hold; one query a patient."""
    known = set(frames["patients"]["patient_id"])
    for name in sorted(set(frames) - {"patients"}):
        frame = frames[name]
        orphan = ~frame["patient_id"].isin(known)
        for position in np.flatnonzero(orphan & ~frame["patient_id"].where(orphan).duplicated()):
            ask(
                log,
                name,
                frame.iloc[position],
                rule="no_such_patient",
                question="The table of patients has no usable row for this patient. "
                "Is the id right?",
                variable="patient_id",
                raw=frame["patient_id"].iloc[position],
            )
        if orphan.any():
            log.count("rows_excluded", name, int(orphan.sum()), rule="no_such_patient")
        frames[name] = frame[~orphan]
