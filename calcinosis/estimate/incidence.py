"""Incidence of progression per person-time, three ways, from films that bracket the event.

Two radiographs give interval-censored events: progression happened between them, and nobody saw
when. The published estimator counts everybody at risk for the full interval, which underestimates
the rate when many progress; the mid-point and the interval-censored estimators stand beside it.
"""

import math
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import special

from calcinosis.estimates import Row

CONF_LEVEL = 0.95
ALPHA = 1 - CONF_LEVEL
OUTCOME = "progression"


def lognormal_interval(events: float, person_time: float) -> tuple[float | None, float]:
    """Limits of a rate that are symmetric on the log scale.

    Own code, because `statsmodels.stats.rates.confint_poisson` has no such method.

    Parameters
    ----------
    events : number of events
    person_time : their denominator

    Returns
    -------
    low, high
        Events per unit of person-time. Without events the interval does not exist on the log
        scale: low is None and high is the exact upper limit.

    References
    ----------
    Stata `strate` and `stptime`: ``exp(log(D/Y) ± z * sqrt(1/D))``; 35 events in 155
    person-years give 16.21 to 31.45 per 100.
    """
    if events == 0:
        return None, exact_interval(0, person_time)[1]
    z = special.ndtri(1 - ALPHA / 2)
    factor = math.exp(z / math.sqrt(events))
    rate = events / person_time
    return rate / factor, rate * factor


def exact_interval(events: float, person_time: float) -> tuple[float, float]:
    """Garwood's exact Poisson limits of a rate.

    Parameters
    ----------
    events : number of events
    person_time : their denominator

    Returns
    -------
    low, high : events per unit of person-time; low is 0 without events

    References
    ----------
    Garwood F. Biometrika 1936;28:437-42, doi 10.1093/biomet/28.3-4.437. R:
    `poisson.test(events, person_time)$conf.int`.
    """
    low = special.gammaincinv(events, ALPHA / 2) if events else 0.0
    high = special.gammainccinv(events + 1, ALPHA / 2)
    return float(low / person_time), float(high / person_time)


def interval_censored_rate(
    worsened: np.ndarray, years: np.ndarray
) -> tuple[float, float, float, float] | None:
    """Exponential rate from interval-censored events, by a complementary log-log regression.

    With a constant rate r, the chance of worsening within an interval of t years is
    ``1 - exp(-r t)``: a binomial model with complementary log-log link and offset log t.

    Parameters
    ----------
    worsened : boolean, shape (intervals,)
    years : length of each interval, shape (intervals,)

    Returns
    -------
    rate per year, standard error of its logarithm, low, high (Wald on the log scale); None when
    all or none worsened, because the likelihood then has no interior maximum

    References
    ----------
    R: `survreg(Surv(left, right, type = "interval2") ~ 1, dist = "exponential")`, or
    `glm(worsened ~ 1 + offset(log(years)), binomial("cloglog"))`.
    """
    if worsened.all() or not worsened.any():
        return None
    model = sm.GLM(
        worsened.astype(float),
        np.ones((len(worsened), 1)),
        family=sm.families.Binomial(link=sm.families.links.CLogLog()),
        offset=np.log(years),
    )
    fit = model.fit(tol=1e-12, tol_criterion="params", maxiter=500)
    log_rate = float(fit.params[0])
    # The link is not canonical: the observed information is that of the likelihood, as in R's
    # survreg; GLM reports the expected one.
    information = -model.hessian(fit.params, scale=1.0, observed=True)
    std_error = float(1 / math.sqrt(information[0, 0]))
    z = special.ndtri(1 - ALPHA / 2)
    return (
        math.exp(log_rate),
        std_error,
        math.exp(log_rate - z * std_error),
        math.exp(log_rate + z * std_error),
    )


def incidence_rows(intervals: pd.DataFrame, per: int) -> list[Row]:
    """Incidence by the three estimators, for all patients and for those at risk at baseline.

    Parameters
    ----------
    intervals : dataset `incidence`: patient_id, interval, years, worsened, at_risk
    per : person-years in the unit

    Returns
    -------
    rows
        `model` is full_interval (published), midpoint, interval_censored, with `_at_risk` when
        the worst grade at baseline is left out; `method` tells the interval.
    """
    rows = []
    for suffix, those in (("", intervals), ("_at_risk", intervals[intervals["at_risk"]])):
        worsened = those["worsened"].to_numpy(bool)
        years = those["years"].to_numpy(float)
        n = int(those["patient_id"].nunique())
        for model, person_years in (
            ("full_interval", years.sum()),
            ("midpoint", np.where(worsened, years / 2, years).sum()),
        ):
            rows += _poisson_rows(model + suffix, int(worsened.sum()), person_years, n, per)
        rows.append(_censored_row("interval_censored" + suffix, worsened, years, n, per))
    return rows


def _poisson_rows(model: str, events: int, person_years: float, n: int, per: int) -> list[Row]:
    def row(method: str, low: float | None, high: float | None, status: str, note: str) -> Row:
        return Row(
            analysis="incidence",
            model=model,
            outcome=OUTCOME,
            unit=f"per {per} person-years",
            statistic="rate",
            estimate=per * events / person_years if person_years else None,
            conf_low=None if low is None else per * low,
            conf_high=None if high is None else per * high,
            conf_level=CONF_LEVEL if person_years else None,
            n=n,
            events=events,
            person_years=person_years,
            method=method,
            status=status,
            note=note,
        )

    if not person_years:
        return [
            row(method, None, None, "not_estimable", "Nobody was followed.")
            for method in ("lognormal", "exact")
        ]
    low, high = lognormal_interval(events, person_years)
    note = (
        ""
        if events
        else "Without events there is no log-normal interval; the upper limit is exact."
    )
    return [
        row("lognormal", low, high, "ok" if events else "warning", note),
        row("exact", *exact_interval(events, person_years), "ok", ""),
    ]


def _censored_row(model: str, worsened: np.ndarray, years: np.ndarray, n: int, per: int) -> Row:
    fit = interval_censored_rate(worsened, years)
    identity: dict[str, Any] = {
        "analysis": "incidence",
        "model": model,
        "outcome": OUTCOME,
        "unit": f"per {per} person-years",
        "statistic": "rate",
    }
    numbers: dict[str, Any] = {"n": n, "events": int(worsened.sum())}
    if fit is None and worsened.any():
        return Row(
            **identity,
            **numbers,
            method="wald",
            status="not_estimable",
            note="Everybody worsened, so that the films set no upper bound to the rate.",
        )
    if fit is None:
        total = float(years.sum())
        return Row(
            **identity,
            **numbers,
            estimate=0.0 if total else None,
            conf_high=per * exact_interval(0, total)[1] if total else None,
            conf_level=CONF_LEVEL if total else None,
            method="wald",
            status="warning" if total else "not_estimable",
            note="Nobody worsened; the upper limit is exact." if total else "Nobody was followed.",
        )
    rate, std_error, low, high = fit
    return Row(
        **identity,
        **numbers,
        estimate=per * rate,
        std_error=per * rate * std_error,
        conf_low=per * low,
        conf_high=per * high,
        conf_level=CONF_LEVEL,
        method="wald",
    )
