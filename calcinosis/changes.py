"""The one table behind every number of a page of changes: what differs between two runs.

Each difference is one `Change`, a row of `results/<cohort>/changes.csv`. Rows of estimates hold an
estimate of the run before and of this one; all others are counts, or settings of the plan.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from calcinosis.estimates import Row

SECTIONS = ("run", "records", "fields", "values", "patients", "queries", "summary", "estimates")
ALL_SITES = "*"
"""Site of counts of all sites together."""
FLAGS = ("status", "threshold", "interval", "sign", "warning", "vanished", "new")
"""Why a change of an estimate stands out, the most important first."""
_NUMBERS = ("conf_low", "conf_high", "p_value", "n", "events", "status")
COLUMNS = (
    *("change_id", "section", "kind", "table", "site", "item", "count", "flags", "shift"),
    *("old", "new"),
    *(f"{time}_{name}" for name in _NUMBERS for time in ("old", "new")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference between two runs.

    Parameters
    ----------
    section : one of `SECTIONS`: what differs between the runs themselves, records of a table,
        columns of a table, values of records, classes of patients, questions, counts
        of estimates, estimates
    kind : what happened: added, removed, changed, same, ...; of questions their state
    table, site, item : of which table and site, and which variable, setting or `result_id`
    count : how many records, values, patients or questions
    old, new : a text of the run before and of this one, or an estimate of each; None where there
        is none
    flags : of an estimate, some of `FLAGS`
    shift : of an estimate, how far it moved, in distances from the old estimate to its limit on
        that side: above 1 it has left the old interval; None without one
    """

    section: str
    kind: str
    table: str = ""
    site: str = ""
    item: str = ""
    count: int | None = None
    old: Row | str | None = None
    new: Row | str | None = None
    flags: tuple[str, ...] = ()
    shift: float | None = None

    @property
    def change_id(self) -> str:
        """Its name, unique in a comparison."""
        parts = [self.section, self.table, self.site, self.item]
        if self.section == "patients":  # the classes that they changed between
            parts += [str(self.old), str(self.new)]
        if self.section == "estimates":
            return f"estimates/{self.item}"
        return "/".join(part or "-" for part in [*parts, self.kind])


def write(changes: Iterable[Change], path: str | Path) -> None:
    """Write changes as CSV, numbers with 10 significant digits.

    Raises
    ------
    ValueError
        Two changes have one `change_id`.
    """
    seen: set[str] = set()
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for change in changes:
            if change.change_id in seen:
                raise ValueError(f"two changes are called {change.change_id}")
            seen.add(change.change_id)
            writer.writerow(_cells(change))


def _cells(change: Change) -> list[str]:
    named = [change.change_id, change.section, change.kind, change.table, change.site, change.item]
    numbers = [_text(change.count), " ".join(change.flags), _text(change.shift)]
    pair = (change.old, change.new)
    ends = [_text(end.estimate) if isinstance(end, Row) else end or "" for end in pair]
    beside = [
        _text(getattr(end, name)) if isinstance(end, Row) else ""
        for name in _NUMBERS
        for end in pair
    ]
    return [*named, *numbers, *ends, *beside]


def _text(value: float | str | None) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return f"{value:.10g}"
