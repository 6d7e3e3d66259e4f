"""Our estimates beside the printed numbers, and which of them would print them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from calcinosis import printed
from calcinosis.estimate.published.numbers import ANALYSIS, Entries, Entry
from calcinosis.estimates import Row
from calcinosis.printed import Printed

REPRODUCED, DIFFERENT, NOT_COMPARABLE = "reproduced", "different", "not_comparable"
BY_CONSTRUCTION = "by_construction"
WITHIN, BEYOND = "within_rounding", "beyond_rounding"
_PRINTS, _DOES_NOT = "prints", "does_not_print"
_PER = re.compile(r"per (\d+) person-years")


@dataclass(frozen=True)
class Part:
    """One printed number of an entry, and the field of our row that it is compared with."""

    field: str
    shown: Printed
    scale: float = 1


def parts_of(entry: Entry) -> list[Part]:
    """The printed numbers of an entry that one of our rows has too."""
    scale = 100 if entry["kind"] == "share" else 1
    keys = {
        "estimate": ("count", "percent", "rate", "value"),
        "events": ("events",),
        "n": ("n",),
        "person_years": ("person_years",),
        "p_value": ("p",),
    }
    found = []
    for field, names in keys.items():
        texts = [entry[name] for name in names if entry.get(name) is not None]
        scaled = scale if field == "estimate" else 1
        found += [Part(field, printed.parse(text), scaled) for text in texts]
    ends = zip(("conf_low", "conf_high"), entry.get("interval") or (), strict=False)
    return found + [Part(field, printed.parse(text), scale) for field, text in ends]


def compared(entries: Entries, ours: Sequence[Row], *, simulated: bool) -> list[Row]:
    """Verdicts of all numbers, and the variants of those that name an estimate of ours."""
    by_id = {row.result_id: row for row in ours}
    rows: list[Row] = []
    for name, entry in entries.items():
        row = by_id.get(entry["ours"] or "")
        parts = parts_of(entry)
        if not parts:
            continue
        if row is None:
            rows.append(_without_ours(name, entry["ours"]))
            continue
        rows += _verdicts(name, entry, parts, row, simulated)
        rows += _variants(name, entry, parts, row, ours)
    return rows


def _without_ours(name: str, ours: str | None) -> Row:
    """What is said of a number that names no estimate of this run."""
    if ours is None:
        return _verdict(name, NOT_COMPARABLE, note="No estimate of ours is named.")
    note = "There is no estimate of that name in this run."
    return _verdict(name, NOT_COMPARABLE, status="not_run", note=note)


def _verdict(name: str, verdict: str, **fields: Any) -> Row:
    return Row(analysis=ANALYSIS, model="comparison", term=name, statistic=verdict, **fields)


def _verdicts(
    name: str, entry: Entry, parts: Iterable[Part], row: Row, simulated: bool
) -> list[Row]:
    """One verdict for each part that both have, after the one for all of them."""
    values = {part.field: _value(part, entry, row) for part in parts}
    known = [part for part in parts if values[part.field] is not None]
    if not known:
        return [_verdict(name, NOT_COMPARABLE, note="Our estimate has no such number.")]
    rows, all_fit = [], True
    for part in known:
        value = values[part.field]
        fits = value is not None and part.shown.may_be(value)
        all_fit &= fits
        rows.append(_of_fit(name, fits, simulated, level=part.field, estimate=value))
    return [_of_fit(name, all_fit, simulated), *rows]


def _of_fit(name: str, fits: bool, simulated: bool, **fields: Any) -> Row:
    verdict = BY_CONSTRUCTION if simulated else REPRODUCED if fits else DIFFERENT
    return _verdict(name, verdict, method=WITHIN if fits else BEYOND, **fields)


def _value(part: Part, entry: Entry, row: Row) -> float | None:
    """Our number in the unit of the paper."""
    value = getattr(row, part.field)
    if value is None:
        return None
    scale, per = part.scale, _PER.fullmatch(row.unit)
    if entry["kind"] == "rate" and per and part.field in ("estimate", "conf_low", "conf_high"):
        scale = printed.count(entry["per"]) / int(per[1])
    return float(value * scale)


def _same_quantity(row: Row) -> tuple[str, ...]:
    """What two estimates of one quantity have in common."""
    of_term = (row.group, row.term, row.level, row.reference)
    return (row.analysis, row.outcome, *of_term, row.unit, row.statistic)


def _variants(
    name: str, entry: Entry, parts: Sequence[Part], row: Row, ours: Sequence[Row]
) -> list[Row]:
    """Which of our estimates of the same quantity, by model and method, print the number.

    An estimate must have the printed value (or, where none is printed, the events); interval and
    p-value count where both have them.
    """
    identity, rows = _same_quantity(row), []
    told = [
        part for part in parts if part.field in ("estimate", "conf_low", "conf_high", "p_value")
    ]
    told = told or [part for part in parts if part.field == "events"]
    for variant in ours:
        if variant.estimate is None or _same_quantity(variant) != identity:
            continue
        values = [(part, _value(part, entry, variant)) for part in told]
        fits = [part.shown.may_be(value) for part, value in values if value is not None]
        rows.append(
            Row(
                analysis=ANALYSIS,
                model="variants",
                term=name,
                level=variant.model,
                unit=variant.unit,
                statistic=_PRINTS if fits and all(fits) else _DOES_NOT,
                estimate=variant.estimate,
                conf_low=variant.conf_low,
                conf_high=variant.conf_high,
                conf_level=variant.conf_level,
                p_value=variant.p_value,
                n=variant.n,
                events=variant.events,
                method=variant.method,
            )
        )
    return rows
