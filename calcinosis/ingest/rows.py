"""Which rows of the tables can be used, and the queries about those that cannot."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from calcinosis.ingest.carriers.sheet import WHITE_SPACE
from calcinosis.ingest.log import Log, ask, content_of
from calcinosis.ingest.record_names import KEYS

Finder = Callable[[pd.DataFrame], pd.Series]


def exclude_rows(name: str, frame: pd.DataFrame, log: Log) -> pd.DataFrame:
    """Take out rows that cannot be used, each with a query, in a fixed order of rules.

    The caller keeps no name of `frame`, as for `moved`.
    """
    log.count("rows_in", name, len(frame))
    left = pd.Series(True, frame.index)
    for rule, question, finds in _missing_keys(name, frame):
        _take_out(name, frame, left, finds(frame), rule, question, log)
    _exclude_duplicates(name, frame, left, log)
    if left.all():
        return frame
    index, columns = frame.index, columns_of(frame)
    del frame
    return moved(columns, index, np.flatnonzero(left))


def columns_of(frame: pd.DataFrame) -> dict[str, Any]:
    """The columns of a frame by name, which can be let go of one after another."""
    return {str(name): column.array for name, column in frame.items()}


def moved(columns: dict[str, Any], index: pd.Index, rows: np.ndarray) -> pd.DataFrame:
    """A frame of some rows, in that order; column by column, so that no two copies of it stand.

    Parameters
    ----------
    columns, index : from `columns_of`, of a frame of which nobody keeps a name: else it stands in
        memory twice. There are no columns afterwards
    rows : their positions
    """
    taken = {name: columns.pop(name).take(rows) for name in list(columns)}
    return pd.DataFrame(taken, index[rows], copy=False)


def _missing_keys(name: str, frame: pd.DataFrame) -> list[tuple[str, str, Finder]]:
    rules: list[tuple[str, str, Finder]] = [
        (
            "blank_id",
            "This row has no patient id. Whose is it?",
            lambda rows: rows["patient_id"].isna(),
        )
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
                lambda rows: rows["_without_home"].eq(True),
            )
        )
    if name == "readings":
        film = [key for key in KEYS[name] if key in frame and key.startswith("film_")]
        place = [key for key in ("reader", "occasion", "side", "region") if key in frame]
        rules.append(
            (
                "no_film_date",
                "This reading has no usable film date, so that its film is not known. Which?",
                lambda rows: rows[film].isna().all(axis=1),
            )
        )
        rules.append(
            (
                "incomplete_key",
                "This reading does not say whose, or of which side or region it is. Which?",
                lambda rows: _unplaced(rows, place),
            )
        )
    return rules


def _exclude_duplicates(name: str, frame: pd.DataFrame, left: pd.Series, log: Log) -> None:
    """Of equal rows keep one; rows of one key that disagree are all out."""
    keys = [key for key in KEYS[name] if key in frame]
    # Equal rows have equal keys, so that most rows need no second look.
    of_key = frame.loc[left, keys].duplicated(keep=False)
    twice = frame.loc[of_key.index[of_key]]
    twice = twice.assign(_asked=log.asked(twice))
    content = [*content_of(twice), "_asked"]
    same = twice.duplicated(content, keep="first")
    question = "This row stands twice with the same values; one is kept. Is that right?"
    found = same.reindex(frame.index, fill_value=False)
    _take_out(name, frame, left, found, "exact_duplicate", question, log)
    differing = twice[~same]
    differing = differing[differing.duplicated(keys, keep=False)]
    found = pd.Series(frame.index.isin(differing.index), frame.index)
    questions = [
        f"Rows of one record disagree ({names}); all are out until it is resolved. Which is right?"
        for names in _differing(differing, keys)
    ]
    _take_out(name, frame, left, found, "conflicting_duplicate", questions, log)


def _differing(rows: pd.DataFrame, keys: list[str]) -> list[str]:
    """Names of the columns in which the rows of one key differ, per row; no value is shown."""
    if rows.empty:
        return []
    record = rows.groupby(keys, dropna=False, sort=False).ngroup().to_numpy()
    names = np.array([column for column in content_of(rows) if column not in keys], object)
    _, first_row = np.unique(record, return_index=True)
    differs = np.zeros((len(first_row), len(names)), bool)  # of a record, not of a row
    for j, column in enumerate(names):
        values, _ = pd.factorize(rows[column], use_na_sentinel=False)
        np.logical_or.at(differs[:, j], record, values != values[first_row[record]])
    said = [set(filter(None, text.split("\x1f"))) for text in rows["_asked"]]
    of_record: dict[int, list[set[str]]] = {}
    for number, texts in zip(record, said, strict=True):
        of_record.setdefault(number, []).append(texts)
    found = []
    for number in record:
        first, *others = of_record[number]
        unread = first.union(*others) - first.intersection(*others)
        columns = {text.partition("=")[0] for text in unread}
        columns |= {*names[differs[number]]}
        found.append(", ".join(sorted(columns)))
    return found


def _unplaced(rows: pd.DataFrame, keys: list[str]) -> pd.Series:
    """Readings without reader, occasion, side or region; a grade of the whole film has no side."""
    parts = rows[keys].isna()
    if "region" in parts and "side" in parts:
        parts["side"] &= rows["region"].astype("string").ne("global").fillna(True)
    return parts.any(axis=1)


def _take_out(
    name: str,
    frame: pd.DataFrame,
    left: pd.Series,
    found: pd.Series,
    rule: str,
    question: str | Sequence[str],
    log: Log,
) -> None:
    """Of the rows that are left, ask about those that a rule found; they are left no more."""
    found = found & left
    log.check(name, rule, found.sum(), left.sum(), len(frame))
    if not found.any():
        return
    out = frame[found]
    # A key cell that cannot be read has its own query; one question for one cell.
    of_key = re.compile(f"(?:^|\x1f)(?:{'|'.join(KEYS[name])})=")
    unasked = pd.Series([not of_key.search(text) for text in log.asked(out)], out.index)
    if rule == "exact_duplicate":
        unasked &= ~log.confirmed(out)
    # Nor more than one for a row of the file that holds several of ours.
    place = pd.DataFrame({"file": log.files(out), "row": out["_row"]}, out.index)
    unasked &= ~place.where(unasked).duplicated()
    if not isinstance(question, str):
        question = [q for q, keep in zip(question, unasked, strict=True) if keep]
    ask(log, name, out[unasked], rule=rule, question=question)
    log.count("rows_excluded", name, len(out), rule=rule)
    left[found] = False


def ask_near_duplicates(
    frame: pd.DataFrame, same_person: Sequence[Sequence[str]], log: Log, total: int
) -> None:
    """Ask about patients who may be one person; the rows stay.

    Parameters
    ----------
    frame : the patients, before identifiers are dropped
    same_person : lists of variables; patients who agree in all of one list may be one person
    log : where queries and counts go
    total : rows of the export
    """
    alike = _plain_ids(frame["patient_id"])
    question = "Patient '{id}' looks like '{others}'. One person?"
    found = _ask_groups(frame, alike, "near_duplicate_id", question, log)
    log.check("patients", "near_duplicate_id", len(found), len(frame), total, severity="warning")
    if not same_person:
        return
    known_of_any = pd.Series(False, frame.index)
    found_of_any = known_of_any.copy()
    for variables in (v for v in same_person if set(v) <= set(frame)):
        known = frame[list(variables)].notna().all(axis=1)
        same = frame.loc[known, list(variables)]
        person = same.groupby(list(variables), sort=False, observed=True).ngroup()
        words = ", ".join(variables)
        question = f"Patient '{{id}}' and '{{others}}' agree in {words}. One person?"
        found = _ask_groups(frame, person, "same_person", question, log)
        known_of_any |= known
        found_of_any[found] = True
    log.check(
        "patients", "same_person", found_of_any.sum(), known_of_any.sum(), total, severity="warning"
    )


def _plain_ids(ids: pd.Series) -> pd.Series:
    """Ids without white space, leading zeros and case."""
    texts = pc.utf8_lower(pa.array(ids.astype("string").array))
    for pattern, kept in ((WHITE_SPACE, ""), (_LEADING_ZEROS, r"\1\2")):
        texts = pc.replace_substring_regex(texts, pattern, kept)
    return pd.Series(texts, ids.index, dtype="string")


_LEADING_ZEROS = "(^|[^0-9])0+([0-9])"
_SHOWN = 5
"""So many others are named in a question: a birth date that stands for none has thousands."""


def _others(own: str, ids: list[str]) -> str:
    shown = [other for other in ids[: _SHOWN + 1] if other != own][:_SHOWN]
    more = len(ids) - 1 - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _ask_groups(
    frame: pd.DataFrame, group: pd.Series, rule: str, question: str, log: Log
) -> pd.Index:
    """One question per patient of a group of several, with the ids of the others; who is asked."""
    several = group.duplicated(keep=False)
    rows = frame.loc[group.index[several]]
    ids = rows["patient_id"].astype("object")
    members = ids.groupby(group[several], sort=False).agg(sorted)
    rows = rows[~log.confirmed(rows, "patient_id")]
    ids = ids[rows.index]
    questions = [
        question.format(id=own, others=_others(own, members[key]))
        for own, key in zip(ids, group[rows.index], strict=True)
    ]
    ask(
        log,
        "patients",
        rows,
        rule=rule,
        question=questions,
        severity="warning",
        variable="patient_id",
        raw=list(ids),
    )
    return rows.index


def exclude_orphans(frames: dict[str, pd.DataFrame], log: Log) -> None:
    """Take out rows of patients that the patients table does not hold; one query a patient."""
    known = frames["patients"]["patient_id"]
    for name in sorted(set(frames) - {"patients"}):
        frame = frames[name]
        orphan = ~frame["patient_id"].isin(known)
        rows = frame[orphan]
        rows = rows[~rows["patient_id"].duplicated()]
        ask(
            log,
            name,
            rows,
            rule="no_such_patient",
            question="The table of patients has no usable row for this patient. Is the id right?",
            variable="patient_id",
            raw=list(rows["patient_id"]),
        )
        log.check(name, "no_such_patient", orphan.sum(), len(frame), len(frame))
        if orphan.any():
            log.count("rows_excluded", name, int(orphan.sum()), rule="no_such_patient")
        frames[name] = frame[~orphan]
