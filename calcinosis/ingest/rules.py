"""The plan's own rules: presence on a condition, allowed levels, comparisons, sums, ranges.

All rules look at the tables as they are before any of them takes effect, so that their order does
not matter. A variable is one of the rule's table, or else of the patient whose row it is.
"""

import math
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.ingest.carriers.sheet import texts
from calcinosis.ingest.codebook import Variable
from calcinosis.ingest.log import WITHHELD, Log, ask
from calcinosis.ingest.record_names import KEYS

KAHN_OF_KIND = {
    "required": "completeness",
    "allowed": "plausibility",
    "comparison": "plausibility",
    "sum": "conformance",
    "range": "plausibility",
}
_OPERATORS = {
    "below": (operator.lt, "below"),
    "at_most": (operator.le, "at most"),
    "equal": (operator.eq, "equal to"),
    "at_least": (operator.ge, "at least"),
    "above": (operator.gt, "above"),
}
_OF_DATES = {
    "below": "before",
    "at_most": "not after",
    "equal": "the same day as",
    "at_least": "not before",
    "above": "after",
}
_ROUNDING = 1e-9
"""Sums of decimals are off by less."""


@dataclass(frozen=True)
class Finding:
    """What one rule found.

    Parameters
    ----------
    applicable, failing : per row of the table, boolean
    others : the variables that the rule's own variable disagrees with
    wanted : what must hold, as the end of a sentence
    """

    applicable: pd.Series
    failing: pd.Series
    others: tuple[str, ...]
    wanted: str


def apply(
    rules: Sequence[Mapping[str, Any]],
    frames: dict[str, pd.DataFrame],
    variables: Sequence[Variable],
    totals: Mapping[str, int],
    log: Log,
) -> None:
    """Check all rules, ask about what fails, and blank the cells that the rules name.

    Parameters
    ----------
    rules : of the plan's section `cleaning`
    frames : the tables, before identifiers are dropped; changed in place. A row whose key is
        blanked leaves its table
    variables : the codebook
    totals : rows of each table in the export
    log : where queries and counts go
    """
    books = {table: {v.name: v for v in variables if v.table == table} for table in KEYS}
    blanks: list[tuple[str, str, str, pd.Series]] = []
    for rule in rules:
        table, variable = rule["table"], rule["variable"]
        frame = frames[table]
        finding = _judge(rule, frame, frames["patients"], books)
        confirmed = _confirmed(finding.failing, frame, rule, log)
        failing = _not_yet_asked(finding.failing & ~confirmed, frame, variable, log)
        applicable = finding.applicable & (failing | confirmed | ~finding.failing)
        log.check(
            table,
            rule["id"],
            failing.sum(),
            applicable.sum(),
            totals[table],
            severity=rule["severity"],
            kahn=KAHN_OF_KIND[rule["kind"]],
        )
        rows = frame[failing]
        known = {**books["patients"], **books[table]}
        ask(
            log,
            table,
            rows,
            rule=rule["id"],
            question=_questions(rule, finding, rows, frames["patients"], known),
            severity=rule["severity"],
            variable=variable,
            raw=_raw(variable, known[variable], rows, log),
        )
        blanks += [(rule["id"], table, name, failing) for name in rule["blank"]]
    for rule_id, table, name, failing in blanks:
        frames[table] = _blank(rule_id, table, name, failing, frames[table], log)


def _judge(
    rule: Mapping[str, Any],
    frame: pd.DataFrame,
    patients: pd.DataFrame,
    books: Mapping[str, Mapping[str, Variable]],
) -> Finding:
    kind, name = rule["kind"], rule["variable"]
    own = _values(name, frame, patients)
    if kind in ("required", "allowed", "range"):
        holds = pd.Series(True, frame.index)
        for condition, levels in rule["when"].items():
            holds &= _values(condition, frame, patients).isin(levels)
        others = tuple(rule["when"])
        if kind == "required":
            return Finding(holds, holds & own.isna(), others, "known")
        applicable = holds & own.notna()
        if kind == "range":
            low, high = rule["at_least"], rule["at_most"]
            outside = pd.Series(False, frame.index)
            outside |= own < (-math.inf if low is None else low)
            outside |= own > (math.inf if high is None else high)
            return Finding(applicable, applicable & outside, others, _within(low, high))
        wanted = " or ".join(rule["one_of"]) or "empty"
        return Finding(applicable, applicable & ~own.isin(rule["one_of"]), others, wanted)
    if kind == "comparison":
        other = _values(rule["other"], frame, patients)
        compare, words = _OPERATORS[rule["operator"]]
        variable = books[rule["table"]].get(name) or books["patients"][name]
        words = _OF_DATES[rule["operator"]] if variable.type == "date" else words
        applicable = own.notna() & other.notna()
        return Finding(applicable, applicable & ~compare(own, other), (rule["other"],), words)
    items = pd.DataFrame({item: _values(item, frame, patients) for item in rule["items"]})
    applicable = own.notna() & items.notna().all(axis=1)
    off = (own - items.sum(axis=1)).abs() > rule["tolerance"] + _ROUNDING
    return Finding(applicable, applicable & off, tuple(rule["items"]), "the sum of")


def _within(low: float | None, high: float | None) -> str:
    if high is None:
        return f"at least {low:g}"
    return f"at most {high:g}" if low is None else f"from {low:g} to {high:g}"


def _values(name: str, frame: pd.DataFrame, patients: pd.DataFrame) -> pd.Series:
    """A variable of the table, or of the patient of each row; missing where no file has it."""
    if name in frame:
        return frame[name]
    if name in patients:
        of_patient = patients.set_index("patient_id")[name]
        return of_patient.reindex(frame["patient_id"]).set_axis(frame.index)
    return pd.Series(np.nan, frame.index)


def _confirmed(
    failing: pd.Series, frame: pd.DataFrame, rule: Mapping[str, Any], log: Log
) -> pd.Series:
    """Values that a site says are right, implausible as they look; a missing one cannot be."""
    found = pd.Series(False, frame.index)
    if rule["kind"] != "required":
        rows = frame[failing]
        found[rows.index] = log.confirmed(rows, rule["variable"])
    return found


def _not_yet_asked(failing: pd.Series, frame: pd.DataFrame, variable: str, log: Log) -> pd.Series:
    """One question for one cell: what could not be read is asked about already."""
    rows = frame[failing]
    asked = [f"\x1f{variable}=" in f"\x1f{text}" for text in log.asked(rows)]
    return failing & ~failing.index.isin(rows.index[np.array(asked, dtype=bool)])


def _questions(
    rule: Mapping[str, Any],
    finding: Finding,
    rows: pd.DataFrame,
    patients: pd.DataFrame,
    known: Mapping[str, Variable],
) -> list[str]:
    """The question of each failing row, with the values of columns that identify nobody."""
    names = (rule["variable"], *finding.others)
    own, *others = (_described(known[name], _values(name, rows, patients)) for name in names)
    where = " where" if rule["when"] else ""
    joined = zip(*others, strict=True) if others else [()] * len(rows)
    until = ""
    if rule["blank"]:
        until = f" Until it is answered, {', '.join(rule['blank'])} counts as missing."
    return [
        f"{this} must be {finding.wanted}{where}{' ' if those else ''}{', '.join(those)}. "
        f"What is right?{until}"
        for this, those in zip(own, joined, strict=True)
    ]


def _described(variable: Variable, values: pd.Series) -> list[str]:
    label = variable.label or variable.name
    if variable.identifier:
        return [label] * len(values)
    return [f"{label} ({_shown(value)})" for value in values]


def _shown(value: Any) -> str:
    if pd.isna(value):
        return "missing"
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _raw(name: str, variable: Variable, rows: pd.DataFrame, log: Log) -> list[str]:
    """What the rule's cell says in the export; empty where the variable is of another table."""
    if variable.identifier:
        return [WITHHELD] * len(rows)
    raw = np.full(len(rows), "", dtype="object")
    of_row = rows["_source"].to_numpy()
    for number in pd.unique(of_row):
        cells, here = log.sources[number].cells, np.flatnonzero(of_row == number)
        if name in cells:
            raw[here] = texts(cells[name].iloc[rows["_at"].to_numpy()[here]])
    return raw.tolist()


def _blank(
    rule_id: str, table: str, name: str, failing: pd.Series, frame: pd.DataFrame, log: Log
) -> pd.DataFrame:
    """Make cells missing; a row that loses its key leaves the table."""
    cells = failing.reindex(frame.index) & frame[name].notna()
    log.count("cells_used", table, -cells.sum(), name)
    log.count("cells_queried", table, cells.sum(), name)
    if name in KEYS[table]:
        if cells.any():
            log.count("rows_excluded", table, cells.sum(), rule=rule_id)
        return frame[~cells]
    return frame.assign(**{name: frame[name].mask(cells)})
