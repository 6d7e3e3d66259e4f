"""Printed numbers as rows, and what the checks have in common."""

from collections.abc import Callable, Mapping
from typing import Any

from calcinosis import printed
from calcinosis.estimates import CONF_LEVEL, Row

ANALYSIS = "published"
ERROR, NOTE, CONSISTENT, UNINFORMATIVE = "error", "note", "consistent", "uninformative"
Entry = Mapping[str, Any]
Entries = Mapping[str, Entry]
Span = tuple[float, float]
"""Least and greatest number."""


def finding(level: str, name: str, check: str, **fields: Any) -> Row:
    """A row of what a check found.

    Parameters
    ----------
    level : error, note, consistent or uninformative
    name : id of the number; empty for the whole paper
    check : its name
    fields : further fields of the row
    """
    return Row(
        analysis=ANALYSIS, model="consistency", term=name, level=check, statistic=level, **fields
    )


def number(entry: Entry, key: str) -> printed.Printed | None:
    """A number of an entry; None where it is not printed."""
    return None if entry.get(key) is None else printed.parse(entry[key])


def count(entry: Entry, key: str) -> int | None:
    """A count of an entry; None where it is not printed."""
    return None if entry.get(key) is None else printed.count(entry[key])


def limits(entry: Entry) -> tuple[printed.Printed, printed.Printed] | None:
    """Lower and upper limit; None where no interval is printed."""
    if entry.get("interval") is None:
        return None
    low, high = map(printed.parse, entry["interval"])
    return low, high


def counted(entry: Entry) -> int | None:
    """How many an entry counts: a count, or the numerator of a share."""
    return count(entry, "count" if entry["kind"] == "count" else "events")


def denominator(entry: Entry, entries: Entries) -> int | None:
    """The denominator of a share: printed beside it, or the number that it names."""
    if entry["n"] is not None:
        return printed.count(entry["n"])
    return counted(entries[entry["among"]]) if entry["among"] else None


def printed_rows(name: str, entry: Entry) -> list[Row]:
    """The number itself, in the form of our own estimates."""
    return _ROWS[entry["kind"]](name, entry)


def _row(name: str, statistic: str, **fields: Any) -> Row:
    return Row(analysis=ANALYSIS, model="printed", term=name, statistic=statistic, **fields)


def _value(number: printed.Printed | None) -> float | None:
    return None if number is None else float(number.value)


def _interval(entry: Entry, scale: float = 1) -> dict[str, float]:
    found = limits(entry)
    if found is None:
        return {}
    low, high = (float(limit.value) / scale for limit in found)
    return {"conf_low": low, "conf_high": high, "conf_level": CONF_LEVEL}


def _count_row(name: str, entry: Entry) -> list[Row]:
    return [_row(name, "count", estimate=count(entry, "count"))]


def _share_row(name: str, entry: Entry) -> list[Row]:
    percent = number(entry, "percent")
    return [
        _row(
            name,
            "proportion",
            estimate=None if percent is None else float(percent.value) / 100,
            events=count(entry, "events"),
            n=count(entry, "n"),
            **_interval(entry, 100),
        )
    ]


def _rate_row(name: str, entry: Entry) -> list[Row]:
    return [
        _row(
            name,
            "rate",
            unit=f"per {printed.count(entry['per'])} person-years",
            estimate=_value(number(entry, "rate")),
            events=count(entry, "events"),
            person_years=_value(number(entry, "person_years")),
            **_interval(entry),
        )
    ]


def _ratio_row(name: str, entry: Entry) -> list[Row]:
    numbers = {"estimate": _value(number(entry, "value")), "p_value": _value(number(entry, "p"))}
    return [_row(name, entry["measure"], **numbers, **_interval(entry))]


def _summary_row(name: str, entry: Entry) -> list[Row]:
    rows = [_row(name, entry["statistic"], estimate=_value(number(entry, "value")))]
    if entry["plus_minus"]:
        rows.append(_row(name, "plus_minus", estimate=_value(number(entry, "plus_minus"))))
    for key, ends in (("quartiles", ("q1", "q3")), ("range", ("least", "greatest"))):
        for end, text in zip(ends, entry[key] or (), strict=False):
            rows.append(_row(name, end, estimate=float(printed.parse(text).value)))
    return rows


def _test_row(name: str, entry: Entry) -> list[Row]:
    return [_row(name, "p_value", p_value=_value(number(entry, "p")))]


def _model_row(name: str, entry: Entry) -> list[Row]:
    return [_row(name, "parameters", estimate=count(entry, "covariates"))]


_ROWS: dict[str, Callable[[str, Entry], list[Row]]] = {
    "count": _count_row,
    "share": _share_row,
    "rate": _rate_row,
    "ratio": _ratio_row,
    "summary": _summary_row,
    "test": _test_row,
    "model": _model_row,
    "parts": lambda *_: [],
}
