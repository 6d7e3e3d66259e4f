"""Ratios: value, interval and p-value on the logarithmic scale; units."""

import math
from typing import Any

from scipy import special

from calcinosis.estimate.published.numbers import (
    ANALYSIS,
    CONSISTENT,
    ERROR,
    NOTE,
    UNINFORMATIVE,
    Entries,
    Entry,
    Span,
    finding,
    limits,
    number,
)
from calcinosis.estimates import CONF_LEVEL, Row, Z
from calcinosis.printed import SLACK, Printed, parse


def checks(name: str, entry: Entry, _entries: Entries) -> list[Row]:
    """All checks of one ratio."""
    value, p, interval = parse(entry["value"]), number(entry, "p"), limits(entry)
    if value.high <= 0:
        return [finding(ERROR, name, "impossible_ratio", estimate=float(value.value))]
    rows = []
    if entry["of"] == "number" and not entry["per"]:
        rows.append(finding(NOTE, name, "unit_of_change", estimate=float(value.value)))
    if p is not None:
        rows += possible_p(name, p)
    if interval:
        rows += _of_interval(name, value, interval, p, entry["test"])
    elif p is not None:
        rows.append(_implied(name, entry["measure"], value, p))
    return rows


def possible_p(name: str, p: Printed) -> list[Row]:
    """A finding where a p-value is none."""
    if p.low > 1 or p.high < 0:
        return [finding(ERROR, name, "impossible_p", p_value=float(p.value))]
    return []


def _of_interval(
    name: str, value: Printed, interval: tuple[Printed, Printed], p: Printed | None, test: str
) -> list[Row]:
    low, high = interval
    estimate = float(value.value)
    if low.low > value.high or high.high < value.low or high.high <= 0:
        return [finding(ERROR, name, "outside_interval", estimate=estimate)]
    logs, low_logs, high_logs = _logs(value), _logs(low), _logs(high)
    middle = (low_logs[0] + high_logs[0]) / 2, (low_logs[1] + high_logs[1]) / 2
    given = {"estimate": _exp(_logs_of(interval)), "conf_low": _exp(middle[0])}
    symmetric = middle[0] <= logs[1] + SLACK and middle[1] >= logs[0] - SLACK
    # Limits of the profile likelihood and exact ones are not symmetric.
    otherwise = {"wald": ERROR, "not_stated": NOTE}.get(test, UNINFORMATIVE)
    level = CONSISTENT if symmetric else otherwise
    rows = [finding(level, name, "symmetry", conf_high=_exp(middle[1]), **given)]
    if p is not None:
        rows.append(_p_of_interval(name, logs, (low_logs, high_logs), p, test))
    return rows


def _logs(shown: Printed) -> Span:
    """Logarithms of the least and greatest number that is printed so."""
    low = math.log(shown.low) if shown.low > 0 else -math.inf
    return low, math.log(shown.high)


def _logs_of(interval: tuple[Printed, Printed]) -> float:
    low, high = (float(limit.value) for limit in interval)
    return (math.log(low) + math.log(high)) / 2 if low > 0 and high > 0 else math.inf


def _exp(log: float) -> float | None:
    return math.exp(log) if math.isfinite(log) else None


def _p_of_interval(
    name: str, logs: Span, interval: tuple[Span, Span], p: Printed, test: str
) -> Row:
    """Whether Wald's test of value and interval has the printed p-value."""
    (low, high), check = interval, "p_of_interval"
    if test != "wald":
        return finding(UNINFORMATIVE, name, check, p_value=float(p.value))
    least_error = max(high[0] - low[1], 0.0) / (2 * Z)
    greatest_error = (high[1] - low[0]) / (2 * Z)
    nearest = 0.0 if logs[0] <= 0 <= logs[1] else min(map(abs, logs))
    farthest = max(map(abs, logs))
    greatest = wald_p(nearest / greatest_error) if greatest_error > 0 else 0.0
    least = wald_p(farthest / least_error) if least_error > 0 else 0.0
    level = CONSISTENT if p.overlaps(least, greatest) else ERROR
    return finding(level, name, check, conf_low=least, conf_high=greatest, p_value=float(p.value))


def wald_p(z: float) -> float:
    """Two-sided p-value of a normal deviate."""
    return math.erfc(z / math.sqrt(2))


def _implied(name: str, measure: str, value: Printed, p: Printed) -> Row:
    """The interval that value and p-value have if the test is Wald's.

    References
    ----------
    Altman DG, Bland JM. BMJ 2011;343:d2090, doi 10.1136/bmj.d2090, without their approximation.
    """
    fields: dict[str, Any] = {"analysis": ANALYSIS, "model": "implied", "term": name}
    fields["statistic"] = measure
    log, p_value = abs(math.log(value.value)) if value.value > 0 else 0.0, float(p.value)
    bound = p.text[0] in "<>"
    if bound or not 0 < p_value < 1 or log == 0:
        return Row(
            **fields,
            method="wald",
            status="not_estimable",
            note="Only a bound of the p-value is printed."
            if bound
            else "A ratio of 1, or a p-value of 0 or 1, has no standard error.",
        )
    std_error = log / float(special.ndtri(1 - p_value / 2))
    factor = math.exp(Z * std_error)
    estimate = float(value.value)
    return Row(
        **fields,
        method="wald",
        estimate=estimate,
        std_error=std_error,
        conf_low=estimate / factor,
        conf_high=estimate * factor,
        conf_level=CONF_LEVEL,
        p_value=p_value,
        note="As if the test were Wald's.",
    )
