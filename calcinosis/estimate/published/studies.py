"""What concerns means, tests, models, and the paper as a whole."""

from calcinosis import printed
from calcinosis.estimate.published.numbers import (
    CONSISTENT,
    ERROR,
    NOTE,
    Entries,
    Entry,
    count,
    denominator,
    finding,
)
from calcinosis.estimate.published.ratios import possible_p
from calcinosis.estimates import Row

EVENTS_PER_PARAMETER = 10
"""Peduzzi P and colleagues. J Clin Epidemiol 1996;49:1373-9, doi 10.1016/S0895-4356(96)00236-3."""
COMMON = 0.1
"""From this risk on an odds ratio is no ratio of risks: Zhang J, Yu KF. JAMA 1998;280:1690-1, doi
10.1001/jama.280.19.1690."""


def of_summary(name: str, entry: Entry, _entries: Entries) -> list[Row]:
    """A median has quartiles or a range, and lies between them."""
    value = printed.parse(entry["value"])
    rows = []
    if entry["plus_minus"] is not None:
        level = ERROR if entry["statistic"] == "median" else CONSISTENT
        rows.append(finding(level, name, "plus_minus", estimate=float(value.value)))
    spans = {"quartiles": entry["statistic"] == "median", "range": True}
    for key, holds in spans.items():
        if entry[key] and holds:
            low, high = map(printed.parse, entry[key])
            level = CONSISTENT if low.low <= value.high and high.high >= value.low else ERROR
            rows.append(finding(level, name, key, estimate=float(value.value)))
    return rows


def of_test(name: str, entry: Entry, _entries: Entries) -> list[Row]:
    """A p-value lies between 0 and 1."""
    return possible_p(name, printed.parse(entry["p"]))


def of_models(entries: Entries, form: str) -> list[Row]:
    """What the number of events says of the models of the paper.

    Parameters
    ----------
    entries : all numbers of the paper
    form : of the study; where it is cross-sectional, odds ratios of common outcomes are usual
    """
    rows = []
    for name, entry in entries.items():
        if entry["kind"] != "model":
            continue
        outcome, covariates = entries[entry["outcome"]], count(entry, "covariates")
        events, n = count(outcome, "events"), denominator(outcome, entries)
        if events is None or not n or events > n:
            continue
        smaller = min(events, n - events)
        if covariates:
            each = smaller / covariates
            level = NOTE if each < EVENTS_PER_PARAMETER else CONSISTENT
            fields = {"estimate": each, "events": smaller, "n": n}
            rows.append(finding(level, name, "events_per_parameter", **fields))
        if entry["measure"] == "odds_ratio" and form == "cohort":
            level = NOTE if events / n > COMMON else CONSISTENT
            fields = {"estimate": events / n, "events": events, "n": n}
            rows.append(finding(level, name, "common_outcome", **fields))
    return rows


def of_all(entries: Entries) -> list[Row]:
    """What only the whole paper shows: ratios without interval, and mixed denominators."""
    rows = []
    ratios = [entry for entry in entries.values() if entry["kind"] == "ratio"]
    without = sum(entry["interval"] is None for entry in ratios)
    if ratios:
        level = NOTE if without else CONSISTENT
        fields = {"estimate": without, "n": len(ratios)}
        rows.append(finding(level, "", "no_interval", **fields))
    units = {entry["unit"] for entry in entries.values() if entry["kind"] == "share"}
    if units:
        level = NOTE if len(units) > 1 else CONSISTENT
        rows.append(finding(level, "", "mixed_denominators", estimate=len(units)))
    return rows
