"""Incidence of progression per person-time, three ways, from films that bracket the event.

Two radiographs give interval-censored events: progression happened between them, and nobody saw
when. The published estimator counts everybody at risk for the full interval, which underestimates
the rate when many progress; the mid-point and the interval-censored estimators stand beside it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.estimate.interval_censored import interval_censored_rate, profile_rate
from calcinosis.estimate.proportions import proportion
from calcinosis.estimate.rates import INTERVALS, exact_interval, jackknife_interval
from calcinosis.estimates import CONF_LEVEL, Row

OUTCOME = "progression"
DEFAULT_INTERVALS = ("lognormal", "exact")


def incidence_rows(
    intervals: pd.DataFrame, per: int, further: Sequence[str] = (), suffix: str = ""
) -> list[Row]:
    """Incidence by the three estimators, for all patients and for those at risk at baseline.

    Parameters
    ----------
    intervals : dataset `incidence`: patient_id, interval, years, worsened, at_risk
    per : person-years in the unit
    further : intervals beside log-normal and exact, see `rates.INTERVALS`
    suffix : of `model`, such as `_first_last`

    Returns
    -------
    rows
        `model` is full_interval (published), midpoint, interval_censored, with `_at_risk` when
        the worst grade at baseline is left out; `method` tells the interval. Where a patient has
        several intervals, the jackknife over patients stands beside the others.
    """
    rows = []
    at_risk = intervals[intervals["at_risk"].astype(bool)]
    for name, those in ((suffix, intervals), (f"{suffix}_at_risk", at_risk)):
        rows += group_rows(those, per, further, suffix=name)
    return rows


def first_last_rows(intervals: pd.DataFrame, per: int, further: Sequence[str] = ()) -> list[Row]:
    """Risk and rates from the first and the last film alone, beside those of all films.

    Parameters
    ----------
    intervals : dataset `incidence`, with years_first_last and worsened_first_last of each patient
    per, further : see `incidence_rows`

    Returns
    -------
    rows
        The rates of `incidence_rows` with `_first_last` in `model`, and the risk as rows of
        `progression`, `model` first_last and first_last_at_risk; patients whose first and last
        film have no region in common are left out.
    """
    whole = intervals[intervals["years_first_last"].notna()].drop_duplicates("patient_id")
    whole = whole.assign(
        interval=1,
        years=whole["years_first_last"],
        worsened=whole["worsened_first_last"].astype(bool),
    )
    at_risk = whole[whole["at_risk"].astype(bool)]
    risks = [
        proportion(
            "progression",
            int(those["worsened"].sum()),
            len(those),
            model=model,
            outcome=OUTCOME,
            unit="of patients",
        )
        for model, those in (("first_last", whole), ("first_last_at_risk", at_risk))
    ]
    return [*risks, *incidence_rows(whole, per, further, "_first_last")]


def group_rows(
    those: pd.DataFrame,
    per: int,
    further: Sequence[str] = (),
    *,
    suffix: str = "",
    group: str = "overall",
) -> list[Row]:
    """Incidence of one group by the three estimators.

    Parameters
    ----------
    those : dataset `incidence` of the group
    per, further, suffix : see `incidence_rows`
    group : of the rows
    """
    years = those["years"].to_numpy(float)
    halved = np.where(those["worsened"].to_numpy(bool), years / 2, years)
    methods = [*DEFAULT_INTERVALS, *(name for name in further if name not in DEFAULT_INTERVALS)]
    censored = _identity(f"interval_censored{suffix}", group, per)
    return [
        *_poisson_rows(_identity(f"full_interval{suffix}", group, per), those, years, per, methods),
        *_poisson_rows(_identity(f"midpoint{suffix}", group, per), those, halved, per, methods),
        *_censored_rows(censored, those, per),
    ]


def _identity(model: str, group: str, per: int) -> dict[str, Any]:
    return {
        "analysis": "incidence",
        "model": model,
        "outcome": OUTCOME,
        "group": group,
        "unit": f"per {per} person-years",
        "statistic": "rate",
    }


def _poisson_rows(
    identity: dict[str, Any],
    those: pd.DataFrame,
    time: np.ndarray,
    per: int,
    methods: Sequence[str],
) -> list[Row]:
    worsened = those["worsened"].to_numpy(bool)
    patients = those["patient_id"].to_numpy()
    events, person_years = int(worsened.sum()), float(time.sum())
    numbers: dict[str, Any] = {
        "n": len(np.unique(patients)),
        "events": events,
        "person_years": person_years,
    }
    if not person_years:
        note = "Nobody was followed."
        return [
            Row(**identity, **numbers, method=method, status="not_estimable", note=note)
            for method in methods
        ]
    numbers["estimate"] = per * events / person_years
    found = []
    for method in methods:
        low, high = INTERVALS[method](events, person_years)
        note = ""
        if low is None:
            note = "Without events there is no log-normal interval; the upper limit is exact."
        found.append((method, low, high, note))
    if len(patients) > numbers["n"]:
        limits = jackknife_interval(*_by_patient(patients, worsened, time))
        if limits:
            found.append(("jackknife", *limits, ""))
    return [
        Row(
            **identity,
            **numbers,
            method=method,
            conf_low=None if low is None else per * low,
            conf_high=per * high,
            conf_level=CONF_LEVEL,
            status="warning" if note else "ok",
            note=note,
        )
        for method, low, high, note in found
    ]


def _by_patient(
    patients: np.ndarray, worsened: np.ndarray, time: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    _, code = np.unique(patients, return_inverse=True)
    return np.bincount(code, worsened.astype(float)), np.bincount(code, time)


def _censored_rows(identity: dict[str, Any], those: pd.DataFrame, per: int) -> list[Row]:
    """The Wald and the profile interval of one estimate."""
    worsened, years = those["worsened"].to_numpy(bool), those["years"].to_numpy(float)
    fit = interval_censored_rate(worsened, years)
    numbers: dict[str, Any] = {
        "n": int(those["patient_id"].nunique()),
        "events": int(worsened.sum()),
    }
    if fit is None and worsened.any():
        return [
            Row(
                **identity,
                **numbers,
                method="wald",
                status="not_estimable",
                note="Everybody worsened, so that the films set no upper bound to the rate.",
            )
        ]
    if fit is None:
        total = float(years.sum())
        return [
            Row(
                **identity,
                **numbers,
                estimate=0.0 if total else None,
                conf_high=per * exact_interval(0, total)[1] if total else None,
                conf_level=CONF_LEVEL if total else None,
                method="wald",
                status="warning" if total else "not_estimable",
                note="Nobody worsened; the upper limit is exact."
                if total
                else "Nobody was followed.",
            )
        ]
    rate, std_error, *wald = fit
    return [
        Row(
            **identity,
            **numbers,
            estimate=per * rate,
            std_error=per * rate * std_error,
            conf_low=per * low,
            conf_high=per * high,
            conf_level=CONF_LEVEL,
            method=method,
        )
        for method, (low, high) in (
            ("wald", wald),
            ("profile", profile_rate(worsened, years, rate)),
        )
    ]
