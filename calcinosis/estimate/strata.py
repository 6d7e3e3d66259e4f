"""Incidence by stratum: rates of each, and how they compare."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.estimate import rate_contrasts
from calcinosis.estimate.groups import groups
from calcinosis.estimate.incidence import OUTCOME, group_rows
from calcinosis.estimate.rate_contrasts import Contrast
from calcinosis.estimates import CONF_LEVEL, Row

_RATIOS = {"exact": rate_contrasts.exact_ratio, "wald": rate_contrasts.wald_ratio}
_NO_RATIO = "A group has no event or no person-time, so that the ratio is not finite."


_NO_LIMITS = "No event in a group: a Wald interval would be too narrow; the exact ratio has one."


def stratum_rows(
    frame: pd.DataFrame,
    by: Sequence[str],
    per: int,
    *,
    ordered: Sequence[str] = (),
    suffix: str = "",
) -> list[Row]:
    """Rates by stratum, ratios and differences against the first level, trend over grades.

    Parameters
    ----------
    frame : dataset `incidence` with the stratifying variables as categories
    by : the variables; ratios of one are also adjusted for each other one (Mantel-Haenszel)
    per : person-years in the unit
    ordered : those of `by` whose levels have an order: their trend is estimated
    suffix : of `model`, for patients at risk only

    Returns
    -------
    rows
        `group` is `<variable>=<level>`. Contrasts (`model` full_interval) have the variable as
        `term` and the first level that somebody has as `reference`, with the
        variable adjusted for as `level`;
        trends of ordered variables have statistic `rate_ratio` per level (poisson) and
        `trend` (score test). Patients without a value leave that variable's rows.
    """
    rows = []
    for variable in by:
        # A level that nobody has, such as the worst grade among those at risk, is no stratum.
        there = frame.assign(**{variable: frame[variable].cat.remove_unused_categories()})
        strata = groups(there[variable])
        for name, is_in in strata:
            rows += group_rows(there[is_in.to_numpy(bool)], per, suffix=suffix, group=name)
        identity = {
            "analysis": "incidence",
            "model": f"full_interval{suffix}",
            "outcome": OUTCOME,
            "term": variable,
        }
        others = [name for name in by if name != variable]
        if len(strata) > 1:
            rows += _contrast_rows(identity, there, variable, others, per)
        if variable in ordered and len(strata) > 2:
            rows += _trend_rows(identity, there, variable)
    return rows


def _contrast_rows(
    identity: dict[str, Any], frame: pd.DataFrame, variable: str, others: list[str], per: int
) -> list[Row]:
    counts = _counts(frame, variable)
    (reference, reference_counts), *rest = counts.items()
    rows = []
    for level, of_level in rest:
        pair = of_level + reference_counts
        events, time, reference_events, reference_time = pair
        common: dict[str, Any] = {
            **identity,
            "group": f"{variable}={level}",
            "reference": f"{variable}={reference}",
            "events": int(events + reference_events),
            "person_years": time + reference_time,
        }
        followed = bool(time and reference_time)
        nothing = Contrast(None, None, None, None)
        arguments = (int(events), time, int(reference_events), reference_time)
        for method, compare in _RATIOS.items():
            found = compare(*arguments) if followed else nothing
            rows.append(_row(common, "rate_ratio", method, found))
        found = rate_contrasts.difference(*arguments) if followed else nothing
        unit = f"per {per} person-years"
        rows.append(_row(common | {"unit": unit}, "rate_difference", "wald", found, per))
        for other in others:
            found = rate_contrasts.mantel_haenszel(*_tables(frame, variable, level, other))
            rows.append(_row(common | {"level": other}, "rate_ratio", "mantel_haenszel", found))
    return rows


def _trend_rows(identity: dict[str, Any], frame: pd.DataFrame, variable: str) -> list[Row]:
    counts = np.array(list(_counts(frame, variable).values()))
    events, time = counts[:, 0], counts[:, 1]
    common: dict[str, Any] = {
        **identity,
        "events": int(events.sum()),
        "person_years": float(time.sum()),
    }
    found = rate_contrasts.trend_ratio(events, time)
    test = rate_contrasts.trend_test(events, time)
    note = "" if test else "No event, or person-time in one level only."
    return [
        _row(common | {"unit": "per level"}, "rate_ratio", "poisson", found),
        Row(
            **common,
            statistic="trend",
            method="score",
            estimate=test and test[0],
            df=1 if test else None,
            p_value=test and test[1],
            status="ok" if test else "not_estimable",
            note=note,
        ),
    ]


def _counts(frame: pd.DataFrame, variable: str) -> dict[str, tuple[float, float]]:
    """Events and person-years of each level, also of those that nobody has."""
    of_level = frame.groupby(variable, observed=False)
    events, years = of_level["worsened"].sum(), of_level["years"].sum()
    return {
        str(level): (float(events[level]), float(years[level]))
        for level in frame[variable].cat.categories
    }


def _tables(frame: pd.DataFrame, variable: str, level: str, other: str) -> list[np.ndarray]:
    """Events and years of a level and of the first one, over the levels of another variable."""
    reference = frame[variable].cat.categories[0]
    found = []
    for name in (level, reference):
        counts = _counts(frame[(frame[variable] == name).fillna(False).to_numpy(bool)], other)
        found += list(np.array(list(counts.values())).T)
    return found


def _row(
    common: dict[str, Any], statistic: str, method: str, found: Contrast, scale: float = 1
) -> Row:
    def scaled(value: float | None) -> float | None:
        return None if value is None else scale * value

    infinite, without_limits = found.estimate is None, statistic == "rate_difference"
    without_limits &= found.estimate is not None and found.low is None
    return Row(
        **common,
        statistic=statistic,
        method=method,
        estimate=scaled(found.estimate),
        conf_low=scaled(found.low),
        conf_high=scaled(found.high),
        conf_level=None if found.low is None or found.high is None else CONF_LEVEL,
        p_value=found.p_value,
        status="not_estimable" if infinite else "warning" if without_limits else "ok",
        note=_NO_RATIO if infinite else _NO_LIMITS if without_limits else "",
    )
