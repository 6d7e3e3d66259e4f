"""Shares: numerator, denominator and percentage; whole numbers; sums."""

from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor

from scipy import special

from calcinosis.estimate.proportions import wilson
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
    counted,
    denominator,
    finding,
    limits,
    number,
)
from calcinosis.estimates import CONF_LEVEL, Row, Z
from calcinosis.printed import Printed

ALPHA = 1 - CONF_LEVEL


def wald(events: float, n: float) -> Span:
    """Wald's limits of a proportion.

    References
    ----------
    R: `p + c(-1, 1) * qnorm(0.975) * sqrt(p * (1 - p) / n)`.
    """
    share = events / n
    half = Z * (share * (1 - share) / n) ** 0.5
    return share - half, share + half


def exact(events: float, n: float) -> Span:
    """Clopper and Pearson's limits of a proportion.

    References
    ----------
    Biometrika 1934;26:404-13, doi 10.1093/biomet/26.4.404. R: `binom.test(events, n)$conf.int`.
    """
    low = special.betaincinv(events, n - events + 1, ALPHA / 2) if events else 0.0
    high = special.betaincinv(events + 1, n - events, 1 - ALPHA / 2) if events < n else 1.0
    return float(low), float(high)


INTERVALS: dict[str, Callable[[float, float], Span]] = {
    "wald": wald,
    "wilson": wilson,
    "exact": exact,
}


def checks(name: str, entry: Entry, entries: Entries) -> list[Row]:
    """All checks of one share."""
    events, n = count(entry, "events"), denominator(entry, entries)
    percent = number(entry, "percent")
    above = percent is not None and percent.low > 100
    if above or n == 0 or (events is not None and n is not None and events > n):
        return [finding(ERROR, name, "impossible_share", events=events, n=n)]
    rows = []
    if percent is not None and n:
        if events is None:
            rows.append(_whole_number(name, percent, n))
        else:
            rows.append(_percent_of_count(name, percent, events, n, entries))
    interval = limits(entry)
    if interval and percent is not None and not _holds(interval, percent):
        rows.append(finding(ERROR, name, "outside_interval", estimate=float(percent.value) / 100))
    if interval and n and events is not None:
        rows += _methods(name, interval, events, n)
    return rows


def _holds(interval: tuple[Printed, Printed], value: Printed) -> bool:
    low, high = interval
    return low.low <= value.high and high.high >= value.low


def _percent_of_count(name: str, percent: Printed, events: int, n: int, entries: Entries) -> Row:
    """Whether the percentage is that of the counts; if not, of which other denominator it is."""
    check, share = "percent_of_count", Fraction(100 * events, n)
    given = {"estimate": events / n, "events": events, "n": n}
    if percent.may_be(share):
        return finding(CONSISTENT, name, check, **given)
    others = {other: counted(of) for other, of in entries.items() if other != name}
    fits = [
        other
        for other, m in others.items()
        if m and m != n and events <= m and percent.may_be(Fraction(100 * events, m))
    ]
    return finding(ERROR, name, check, reference=fits[0] if fits else "", **given)


def possible_counts(percent: Printed, n: int) -> range:
    """The numerators of which a percentage of `n` may be the rounded share.

    References
    ----------
    The idea of granularity: Brown NJL, Heathers JAJ. Soc Psychol Personal Sci 2017;8:363-9, doi
    10.1177/1948550616673876.
    """
    low, high = ceil(percent.low * n / 100), floor(percent.high * n / 100)
    return range(max(low, 0), min(high, n) + 1)


def _whole_number(name: str, percent: Printed, n: int) -> Row:
    """Whether a whole number of the denominator has that percentage.

    Where every percentage of so many decimals is within rounding of one, the check can find
    nothing, and passing it says nothing.
    """
    found = possible_counts(percent, n)
    always = n >= 10 ** (2 + percent.decimals)
    level = UNINFORMATIVE if always else CONSISTENT if found else ERROR
    ends = {"conf_low": found[0], "conf_high": found[-1]} if found else {}
    return finding(level, name, "whole_number", n=n, **ends)


def _methods(name: str, interval: tuple[Printed, Printed], events: int, n: int) -> list[Row]:
    """Which methods print the interval of a share."""
    rows, prints = [], 0
    for method, of in INTERVALS.items():
        low, high = of(events, n)
        fits = interval[0].may_be(100 * low) and interval[1].may_be(100 * high)
        prints += fits
        rows.append(
            Row(
                analysis=ANALYSIS,
                model="interval_methods",
                term=name,
                unit="of patients",
                statistic="prints" if fits else "does_not_print",
                estimate=events / n,
                conf_low=low,
                conf_high=high,
                conf_level=CONF_LEVEL,
                events=events,
                n=n,
                method=method,
            )
        )
    level = CONSISTENT if prints else NOTE
    return [finding(level, name, "interval_methods", estimate=prints), *rows]


def of_parts(name: str, entry: Entry, entries: Entries) -> list[Row]:
    """Whether parts that exclude each other sum to no more than all, or to all."""
    parts = [entries[part] for part in entry["parts"]]
    percents = [number(part, "percent") for part in parts]
    known = [percent for percent in percents if percent is not None]
    rows = []
    if len(known) == len(parts):
        low, high = (float(sum(getattr(p, end) for p in known)) / 100 for end in ("low", "high"))
        fits = low <= 1 and (high >= 1 or not entry["exhaustive"])
        rows.append(_sum(name, fits, float(sum(p.value for p in known)) / 100, (low, high)))
    counts = [count(part, "events") for part in parts]
    of_all = {denominator(part, entries) for part in parts}
    if None not in counts and len(of_all) == 1 and None not in of_all:
        (n,), total = of_all, sum(c or 0 for c in counts)
        fits = total == n if entry["exhaustive"] else total <= (n or 0)
        level = CONSISTENT if fits else ERROR
        rows.append(finding(level, name, "sum_of_counts", events=total, n=n))
    return rows or [finding(UNINFORMATIVE, name, "sum_of_parts")]


def _sum(name: str, fits: bool, total: float, ends: Span) -> Row:
    level = CONSISTENT if fits else ERROR
    return finding(level, name, "sum_of_parts", estimate=total, conf_low=ends[0], conf_high=ends[1])
