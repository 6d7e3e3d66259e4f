"""Rates: events, person-years, follow-up, and which methods print the interval."""

import math

from calcinosis import printed
from calcinosis.estimate import rates
from calcinosis.estimate.published.numbers import (
    ANALYSIS,
    CONSISTENT,
    ERROR,
    NOTE,
    UNINFORMATIVE,
    Entries,
    Entry,
    Span,
    count,
    finding,
    limits,
    number,
)
from calcinosis.estimates import CONF_LEVEL, Row, Z
from calcinosis.printed import SLACK, Printed

FAR = 2
"""How many times the follow-up may differ from the person-years before it is an error: no median
is so far from its mean."""


def wald(events: float, person_time: float) -> Span:
    """Wald's limits of a rate.

    References
    ----------
    R: `(events + c(-1, 1) * qnorm(0.975) * sqrt(events)) / person_time`.
    """
    half = Z * math.sqrt(events)
    return (events - half) / person_time, (events + half) / person_time


INTERVALS = {**rates.INTERVALS, "wald": wald}


def checks(name: str, entry: Entry, entries: Entries) -> list[Row]:
    """All checks of one rate."""
    rate, events = printed.parse(entry["rate"]), count(entry, "events")
    per, time = printed.count(entry["per"]), number(entry, "person_years")
    rows = []
    if events is not None and time is not None:
        rows.append(_rate_of_counts(name, rate, events, time, per))
    spans = _person_years(rate, events, time, per)
    reference = _is_the_denominator_of(name, entry, entries)
    if reference:
        fields = {"estimate": _middle(entry), "events": events, "reference": reference}
        rows.append(finding(ERROR, name, "denominator_as_rate", **fields))
    elif entry["persons"] and spans:
        rows.append(_follow_up(name, entry, spans, entries))
    interval = limits(entry)
    if interval and not (interval[0].low <= rate.high and interval[1].high >= rate.low):
        rows.append(finding(ERROR, name, "outside_interval", estimate=float(rate.value)))
    elif interval and events is not None and spans:
        rows += _methods(name, entry, spans)
    return rows


def _rate_of_counts(name: str, rate: Printed, events: int, time: Printed, per: int) -> Row:
    """Whether the rate is that of events and person-years."""
    low, high = per * events / float(time.high), _over(per * events, float(time.low))
    level = CONSISTENT if rate.overlaps(low, high) else ERROR
    numbers = {"events": events, "person_years": float(time.value)}
    implied = _finite(_over(per * events, float(time.value)))
    return finding(level, name, "rate_of_person_years", estimate=implied, **numbers)


def _over(above: float, below: float) -> float:
    return above / below if below > 0 else math.inf


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _person_years(rate: Printed, events: int | None, time: Printed | None, per: int) -> Span | None:
    """The person-years that are printed, or that events and rate imply; where both agree, both."""
    implied = None
    if events and rate.high > 0:
        implied = per * events / float(rate.high), _over(per * events, float(rate.low))
    if time is None:
        return implied
    stated = max(float(time.low), 0.0), float(time.high)
    if implied is None or implied[0] > stated[1] or implied[1] < stated[0]:
        return stated
    return max(stated[0], implied[0]), min(stated[1], implied[1])


def _follow_up(name: str, entry: Entry, time: Span, entries: Entries) -> Row:
    """Whether so many patients, followed for so long, have these person-years."""
    check, summary = "follow_up", entries[entry["follow_up"]]
    persons, years = count(entries[entry["persons"]], "count"), printed.parse(summary["value"])
    low, high = (float(end) * (persons or 0) for end in (years.low, years.high))
    expected = float(years.value) * (persons or 0)
    numbers = {"estimate": _middle(entry), "n": persons, "person_years": expected}
    if time[0] <= high and time[1] >= low:
        return finding(CONSISTENT, name, check, **numbers)
    if time[1] < low / FAR or time[0] > FAR * high:
        return finding(ERROR, name, check, **numbers)
    # The median times the patients need not be the sum.
    level = NOTE if summary["statistic"] == "mean" else UNINFORMATIVE
    return finding(level, name, check, **numbers)


def _middle(entry: Entry) -> float | None:
    """The person-years as printed, or of events and rate as printed."""
    time, events = number(entry, "person_years"), count(entry, "events")
    rate = printed.parse(entry["rate"])
    if time is not None:
        return float(time.value)
    if not events or rate.value <= 0:
        return None
    return printed.count(entry["per"]) * events / float(rate.value)


def _is_the_denominator_of(name: str, entry: Entry, entries: Entries) -> str:
    """The rate whose person-years are what stands here as a rate."""
    value = printed.parse(entry["rate"]).value
    for other, of in entries.items():
        if other != name and of["kind"] == "rate" and of["events"] == entry["events"]:
            time = number(of, "person_years")
            if time is not None and time.value == value:
                return other
    return ""


def _methods(name: str, entry: Entry, time: Span) -> list[Row]:
    """Which methods print the interval, for some person-years that are printed so.

    Limits of a rate are those of the count over the person-years, so that each printed limit
    allows a span of person-years; a method prints the interval where the spans meet.
    """
    interval, events, per = limits(entry), count(entry, "events"), printed.count(entry["per"])
    assert interval is not None and events is not None
    rows, prints = [], 0
    shown = _middle(entry)
    for method, of in INTERVALS.items():
        fits = prints_interval(of(events, 1.0), interval, time, per)
        prints += fits
        low, high = of(events, shown) if shown else (None, None)
        rows.append(
            Row(
                analysis=ANALYSIS,
                model="interval_methods",
                term=name,
                unit=f"per {per} person-years",
                statistic="prints" if fits else "does_not_print",
                estimate=per * events / shown if shown else None,
                conf_low=None if low is None else per * low,
                conf_high=None if high is None else per * high,
                conf_level=CONF_LEVEL,
                events=events,
                person_years=shown or None,
                method=method,
            )
        )
    level = CONSISTENT if prints else NOTE
    return [finding(level, name, "interval_methods", estimate=prints), *rows]


def prints_interval(
    of_count: rates.Limits, interval: tuple[Printed, Printed], time: Span, per: int
) -> bool:
    """Whether limits of a count, divided by some person-years of `time`, are printed so.

    Parameters
    ----------
    of_count : limits for one person-year; the lower may be None
    interval : as printed, per `per` person-years
    time : least and greatest person-years
    per : person-years
    """
    least, greatest = time
    for limit, shown in zip(of_count, interval, strict=True):
        if limit is None:
            continue
        if limit > 0:
            least = max(least, _over(per * limit, float(shown.high)))
            greatest = min(greatest, _over(per * limit, float(shown.low)))
        elif not shown.overlaps(-_over(-per * limit, time[0]), per * limit / time[1]):
            return False
    return least <= greatest * (1 + SLACK)
