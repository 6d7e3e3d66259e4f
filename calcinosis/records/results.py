"""Every estimate of two runs side by side, the important changes first."""

import math
from collections import Counter
from collections.abc import Iterable

from calcinosis.changes import FLAGS, Change
from calcinosis.estimates import ANALYSES, CONF_LEVEL, Row

THRESHOLD = round(1 - CONF_LEVEL, 10)
"""Of p-values: what the intervals' level leaves."""
SAME = 1e-6
"""Numbers that differ by less than this share of themselves are the same: libraries differ."""
_SHOWN = ("ok", "warning")
"""Statuses of rows whose number can be read."""
_NUMBERS = ("estimate", "conf_low", "conf_high", "p_value", "n", "events", "person_years")


def compare(old: Iterable[Row], new: Iterable[Row]) -> list[Change]:
    """All estimates of either run.

    Returns
    -------
    changes of section `estimates`, `kind` new, vanished, changed or same: the participant flow in
    its order (steps that are gone come last), then all others by their most important
    flag in the order of `FLAGS`, with those of the plan's main models first; then the furthest
    moved (see `Change.shift`)
    """
    before, after = ({row.result_id: row for row in rows} for rows in (old, new))
    names = [*after, *(name for name in before if name not in after)]
    found = [_change(name, before.get(name), after.get(name)) for name in names]
    return sorted(found, key=_importance)


def summary(found: Iterable[Change]) -> list[Change]:
    """How many estimates of each analysis, and of all, are of each kind and have each flag.

    Parameters
    ----------
    found : from `compare`

    Returns
    -------
    changes of section `summary` with the analysis as `item`, empty for all; `kind` is that of the
    estimates, a flag, or `flagged`: estimates of both runs with a flag
    """
    counts: Counter[tuple[str, str]] = Counter()
    for change in found:
        kinds = [change.kind]
        if change.kind == "changed" and change.flags:
            kinds += ["flagged", *change.flags]
        for analysis in ("", _row(change).analysis):
            counts.update((analysis, kind) for kind in kinds)
    return [
        Change(section="summary", kind=kind, item=analysis, count=counts[analysis, kind])
        for analysis in ("", *ANALYSES)
        for kind in ("same", "changed", "flagged", *FLAGS)
        if counts[analysis, kind]
    ]


def _row(change: Change) -> Row:
    row = change.new if isinstance(change.new, Row) else change.old
    assert isinstance(row, Row)
    return row


def _change(name: str, old: Row | None, new: Row | None) -> Change:
    if old is None or new is None:
        kind = "new" if old is None else "vanished"
        return Change(section="estimates", kind=kind, item=name, old=old, new=new, flags=(kind,))
    same = old.status == new.status and all(
        _same(getattr(old, number), getattr(new, number)) for number in _NUMBERS
    )
    flags = () if same else tuple(flag for flag in FLAGS if flag in _flags(old, new))
    kind, moved = "same" if same else "changed", None if same else _shift(old, new)
    return Change(
        section="estimates", kind=kind, item=name, old=old, new=new, flags=flags, shift=moved
    )


def _same(old: float | None, new: float | None) -> bool:
    if old is None or new is None:
        return old is new
    return math.isclose(old, new, rel_tol=SAME, abs_tol=1e-12)


def _flags(old: Row, new: Row) -> set[str]:
    """Which flags a change has."""
    found = set()
    if old.status != new.status:
        found.add("warning" if {old.status, new.status} == set(_SHOWN) else "status")
    tested = [row.p_value for row in (old, new) if row.p_value is not None]
    if len(tested) == 2 and (tested[0] < THRESHOLD) != (tested[1] < THRESHOLD):
        found.add("threshold")
    if old.estimate is None or new.estimate is None:
        return found
    none = 1 if "_ratio" in old.statistic else 0
    # From 1.04 to 0.99, with intervals that hold 1, is no other direction.
    told = not (_holds(old, none) and _holds(new, none))
    if told and (old.estimate - none) * (new.estimate - none) < 0:
        found.add("sign")
    low, high = _limits(old)
    if not low <= new.estimate <= high and not _same(old.estimate, new.estimate):
        found.add("interval")
    return found


def _holds(row: Row, value: float) -> bool:
    """Whether a row has an interval, and it holds a value."""
    low, high = row.conf_low, row.conf_high
    return low is not None and high is not None and low <= value <= high


def _limits(row: Row) -> tuple[float, float]:
    """The interval; a limit that is absent is no limit, and so are both of a row without one."""
    low = -math.inf if row.conf_low is None else row.conf_low
    return low, math.inf if row.conf_high is None else row.conf_high


def _shift(old: Row, new: Row) -> float | None:
    if old.estimate is None or new.estimate is None:
        return None
    low, high = _limits(old)
    moved = new.estimate - old.estimate
    width = high - old.estimate if moved > 0 else old.estimate - low
    if not math.isfinite(width) or width <= 0:
        return None
    return abs(moved) / width


def _importance(change: Change) -> tuple[int, bool, float]:
    if _row(change).analysis == "flow":
        return -1, False, 0.0
    rank = min((FLAGS.index(flag) for flag in change.flags), default=len(FLAGS))
    if change.kind == "same":
        rank += 1
    shift = -1.0 if change.shift is None else change.shift
    return rank, bool(change.flags) and _row(change).model != "primary", -shift
