"""Which export asked which question, and what became of each.

`records/<cohort>/private/queries.csv` is only ever added to. An export counts by its hash, never by
the clock: one that comes back finds the memory that it had.
"""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from calcinosis import hashes
from calcinosis.placing import place
from calcinosis.side_files import ANSWER_COLUMNS, PLACE_COLUMNS, QUESTION_COLUMNS
from calcinosis.spreadsheets import csv_text, read_csv

STATES = ("open", "persisting", "answered", "resolved", "withdrawn")
HISTORY_COLUMNS = (
    *("export", "export_date", "asked_by"),
    *(name for name in QUESTION_COLUMNS if name not in ("state", "field")),
    *PLACE_COLUMNS,
)
STATE_COLUMNS = (
    *QUESTION_COLUMNS,
    *ANSWER_COLUMNS,
    "first_asked",
    "last_asked",
    *PLACE_COLUMNS,
)


def asked(queries: pd.DataFrame, export: str, date: str, lines: Mapping[str, str]) -> pd.DataFrame:
    """What an export asks, as the lines of the memory.

    Parameters
    ----------
    queries : the query list of this export
    export : fingerprint of its files
    date : day of the export, empty where the plan has none
    lines : `table/variable` to the fingerprint of its codebook lines, `rule/id` to that of a rule

    Returns
    -------
    frame of texts with `HISTORY_COLUMNS`; the first line, without a question, says that the export
    was seen; `asked_by` is the fingerprint of what asked
    """
    of = [
        _asked_by(table, variable, rule, date, lines)
        for table, variable, rule in zip(
            queries["table"], queries["variable"], queries["rule"], strict=True
        )
    ]
    said = queries.rename(columns={"centre": "site", "raw_value": "old_value"})
    said = said.assign(export=export, export_date=date, asked_by=of)
    seen = pd.DataFrame([{"export": export, "export_date": date}])
    both = pd.concat([seen, said.astype("string")])
    both = both.reindex(columns=list(HISTORY_COLUMNS)).astype("string")
    return both.fillna("").reset_index(drop=True)


def _asked_by(table: str, variable: str, rule: str, date: str, lines: Mapping[str, str]) -> str:
    if not variable:
        return ""
    line = lines.get(f"{table}/{variable}", "")
    beside = date if rule == "after_export" else lines.get(f"rule/{rule}", "")
    return hashes.digest([line, beside]) if beside else line


def remember(path: str | Path, now: pd.DataFrame) -> pd.DataFrame:
    """Add to the memory what it does not hold yet.

    Parameters
    ----------
    path : of the memory; made where it is not there
    now : from `asked`

    Returns
    -------
    the memory that this export may see: of the exports that were first seen before it, and its own
    """
    path = Path(path)
    known = read_csv(path) if path.is_file() else pd.DataFrame()
    known = known.reindex(columns=list(HISTORY_COLUMNS), fill_value="")
    keys = ["export", "query_id", "asked_by"]
    there = set(known[keys].itertuples(index=False, name=None))
    new = [key not in there for key in now[keys].itertuples(index=False, name=None)]
    if any(new):
        known = pd.concat([known, now[new]], ignore_index=True)
        place(path, csv_text(known).encode(), closed=[path.parent])
    export = now["export"].iloc[0]
    order = list(dict.fromkeys(known["export"]))
    visible = known["export"].isin(order[: order.index(export) + 1])
    return known[visible & (known["query_id"] != "")].reset_index(drop=True)


def states(
    now: pd.DataFrame,
    history: pd.DataFrame,
    corrections: pd.DataFrame,
    lines: Mapping[str, str],
    labels: Mapping[str, str],
) -> pd.DataFrame:
    """The state of every question, of this export and of those before it.

    Parameters
    ----------
    now : from `asked`
    history : from `remember`
    corrections : what became of each correction (`corrections_applied.csv`)
    lines : `table/variable` to the fingerprint of its codebook lines, `rule/id` to that of a rule
    labels : of variables

    Returns
    -------
    frame of texts with `STATE_COLUMNS`, sorted by state, site and record. A question is

    - open: asked by this export, and by none before it;
    - persisting: asked by this export and by one before it;
    - answered: asked before and no longer, and a correction or confirmation that is in use answers
      it;
    - withdrawn: asked before and no longer, because the codebook's line, the plan's rule or the
      day of the export that asked it is another one or gone;
    - resolved: asked before and no longer, for neither of these reasons: the export has changed.
    """
    (export, date), *_ = now[["export", "export_date"]].itertuples(index=False, name=None)
    before = set(history.loc[history["export"] != export, "query_id"])
    asking = now[now["query_id"] != ""]
    of_state = ["persisting" if name in before else "open" for name in asking["query_id"]]
    gone = history[~history["query_id"].isin(asking["query_id"])]
    gone = gone.drop_duplicates("query_id", keep="last")
    given: Given = {}
    for line in corrections[corrections["status"] != "rejected"].to_dict("records"):
        given.setdefault((line["table"], line["variable"], line["old_value"]), []).append(line)
    answers = [_answer(question, given) for question in gone.to_dict("records")]
    current = [
        _asked_by(table, variable, rule, date, lines)
        for table, variable, rule in zip(gone["table"], gone["variable"], gone["rule"], strict=True)
    ]
    closed = [
        "answered" if answer else "resolved" if by == line else "withdrawn"
        for answer, by, line in zip(answers, gone["asked_by"], current, strict=True)
    ]
    dates = history.groupby("query_id")["export_date"]
    found = pd.concat(
        [asking.assign(state=of_state), gone.assign(state=closed, **_columns(answers))]
    )
    found = found.assign(
        field=found["variable"].map(lambda name: labels.get(name, name)),
        first_asked=found["query_id"].map(dates.first()),
        last_asked=found["query_id"].map(dates.last()),
        _order=found["state"].map(STATES.index),
    )
    found = found.sort_values(["_order", "site", "table", "record", "variable", "query_id"])
    found = found.reindex(columns=list(STATE_COLUMNS)).astype("string").fillna("")
    return found.reset_index(drop=True)


Given = dict[tuple[str, str, str], list[Mapping[str, str]]]
"""Corrections in use by table, variable and old value."""


def _answer(question: Mapping[str, str], given: Given) -> Mapping[str, str]:
    """The correction that answers a question: of the same value, of the record or a part of it."""
    identity = (question["table"], question["variable"], question["old_value"].strip())
    for line in given.get(identity, ()):
        record, other = f"{question['record']} | ", f"{line['record']} | "
        if record.startswith(other) or other.startswith(record):
            return line
    return {}


def _columns(answers: list[Mapping[str, str]]) -> dict[str, list[str]]:
    return {name: [answer.get(name, "") for answer in answers] for name in ANSWER_COLUMNS}
