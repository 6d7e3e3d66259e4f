"""Progression corrected for errors of reading, sensitivity and specificity taken as known.

Errors are taken to be the same for all patients, whatever their covariates, and without uncertainty
of their own.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, special

from calcinosis.estimate.design import columns
from calcinosis.estimate.proportions import wilson
from calcinosis.estimates import CONF_LEVEL, PROFILE_DROP, Row, Z

_OUTSIDE = (
    "The observed risk is not above 1 minus the specificity and below the sensitivity, so that no "
    "true risk gives it."
)
_SEVERAL = (
    "The errors are those of one comparison of two films; where patients have several comparisons, "
    "a risk of patients has no such correction."
)
_NOBODY = "Nobody is in the denominator."
_MOST = 30.0
"""Largest cumulative hazard that is looked for: the risk is 1 but for 1e-13."""


def true_risk(observed: float, sensitivity: float, specificity: float) -> float:
    """The risk that gives the observed one; outside 0 to 1 where none does.

    References
    ----------
    Rogan WJ, Gladen B. Am J Epidemiol 1978;107:71-6, doi 10.1093/oxfordjournals.aje.a112510. R:
    `epiR::epi.prev(method = "wilson")`, whose limits are corrected likewise.
    """
    return (observed + specificity - 1) / (sensitivity + specificity - 1)


def corrected_rate(
    worsened: np.ndarray, years: np.ndarray, sensitivity: float, specificity: float
) -> tuple[float, float, float | None] | None:
    """Constant rate from interval-censored events that are found with error.

    The chance that an interval of t years reads as worsening is
    ``(1 - specificity) + (sensitivity + specificity - 1) * (1 - exp(-rate * t))``.

    Parameters
    ----------
    worsened : boolean, shape (intervals,)
    years : length of each interval, shape (intervals,)

    Returns
    -------
    rate per year with profile limits: the lower one is 0 where a rate of 0 is within them, the
    upper one None where no rate is too high. None where the likelihood has no maximum between 0
    and infinity
    """
    youden, yes = sensitivity + specificity - 1, worsened.astype(float)

    def loss(log_rate: float) -> float:
        risk = (1 - specificity) - youden * np.expm1(-math.exp(log_rate) * years)
        return -float((special.xlogy(yes, risk) + special.xlog1py(1 - yes, -risk)).sum())

    ends = (math.log(1e-9 / years.max()), math.log(_MOST / years.max()))
    best = float(
        optimize.minimize_scalar(loss, bounds=ends, method="bounded", options={"xatol": 1e-10}).x
    )
    if min(map(loss, ends)) - loss(best) < 1e-6:
        return None

    def beyond(log_rate: float) -> float:
        return loss(log_rate) - loss(best) - PROFILE_DROP

    low, high = (
        math.exp(optimize.brentq(beyond, *sorted((best, end)))) if beyond(end) > 0 else None
        for end in ends
    )
    return math.exp(best), low or 0.0, high


def corrected_odds_ratio(
    exposed: tuple[int, int], others: tuple[int, int], sensitivity: float, specificity: float
) -> tuple[float, float, float, float] | None:
    """Odds ratio of the true outcome from two observed risks.

    Parameters
    ----------
    exposed, others : events and number of patients of each group

    Returns
    -------
    odds ratio, standard error of its logarithm (delta method), low, high; None where no true risk
    within 0 and 1 gives an observed one

    References
    ----------
    The maximum of the likelihood of logistic regression with misclassified outcome: Magder LS,
    Hughes JP. Am J Epidemiol 1997;146:195-203, doi 10.1093/oxfordjournals.aje.a009251.
    """
    logit, variance = [], 0.0
    for events, n in (exposed, others):
        if n == 0:
            return None
        observed = events / n
        risk = true_risk(observed, sensitivity, specificity)
        if not 0 < risk < 1:
            return None
        logit.append(math.log(risk / (1 - risk)))
        slope = 1 / ((sensitivity + specificity - 1) * risk * (1 - risk))
        variance += slope**2 * observed * (1 - observed) / n
    ratio, error = logit[0] - logit[1], math.sqrt(variance)
    reach = Z * error
    return math.exp(ratio), error, math.exp(ratio - reach), math.exp(ratio + reach)


def progression_rows(
    intervals: pd.DataFrame, person_time: pd.DataFrame, settings: Mapping[str, Any]
) -> list[Row]:
    """Corrected risk and rate of progression of all patients.

    Parameters
    ----------
    intervals : dataset `severity`
    person_time : dataset `incidence`: patient_id, interval, years, worsened
    settings : sensitivity, specificity, per (person-years in the unit of the rate)

    Returns
    -------
    rows of analysis `agreement` and model `misclassification`; `n` and `events` are as observed
    """
    errors = (settings["sensitivity"], settings["specificity"])
    progressed = intervals.groupby("patient_id")["worsened"].any()
    n, events = len(progressed), int(progressed.sum())
    found = [true_risk(share, *errors) for share in (events / n, *wilson(events, n))] if n else []
    risk: dict[str, Any] = {"unit": "of patients", "statistic": "proportion", "n": n}
    risk |= {"events": events, "method": "rogan_gladen"}
    limits = [min(1.0, max(0.0, value)) for value in found]
    several = compared_often(intervals)
    possible = bool(found) and 0 < found[0] < 1 and not several
    reason = _NOBODY if not n else _SEVERAL if several else _OUTSIDE
    rows = [_row(risk, limits if possible else None, reason=reason)]
    per, years = settings["per"], person_time["years"].to_numpy(float)
    worsened = person_time["worsened"].to_numpy(bool)
    rate = corrected_rate(worsened, years, *errors) if len(years) else None
    identity: dict[str, Any] = {"unit": f"per {per} person-years", "statistic": "rate", "n": n}
    identity |= {"events": int(worsened.sum()), "method": "profile"}
    values = rate and [value and per * value for value in rate]
    return [*rows, _row(identity, values, reason=_OUTSIDE if n else _NOBODY)]


def compared_often(intervals: pd.DataFrame) -> bool:
    """Whether a patient has several comparisons of films, each of which may be read with error."""
    return bool(intervals["patient_id"].duplicated().any())


def odds_ratio_rows(
    frame: pd.DataFrame, settings: Mapping[str, Any], *, several: bool
) -> list[Row]:
    """Corrected odds ratios of each category alone, against its reference.

    Parameters
    ----------
    frame : dataset `models`
    settings : sensitivity, specificity, and models: outcome and covariates
    several : whether patients have several comparisons; then nothing is estimable

    Returns
    -------
    rows of analysis `agreement` and model `misclassification`; numbers and interactions have
    none, because their corrected odds ratio is no function of two risks
    """
    models, rows = settings["models"], []
    errors = (settings["sensitivity"], settings["specificity"])
    y = frame[models["outcome"]].to_numpy(bool)
    for name, covariate in models["covariates"].items():
        if covariate.get("interaction"):
            continue
        design = [column for column in columns(frame, name, covariate) if column.level]
        if not design:
            continue
        reference = np.all([column.values == 0 for column in design], axis=0)
        for column in design:
            groups = [(int(y[of].sum()), int(of.sum())) for of in (column.values == 1, reference)]
            found = None if several else corrected_odds_ratio(groups[0], groups[1], *errors)
            anybody = groups[0][1] and groups[1][1]
            reason = _NOBODY if not anybody else _SEVERAL if several else _OUTSIDE
            identity = {
                "outcome": models["outcome"],
                "term": column.term,
                "level": column.level,
                "reference": column.reference,
                "statistic": "odds_ratio",
                "n": groups[0][1] + groups[1][1],
                "events": groups[0][0] + groups[1][0],
                "method": "rogan_gladen",
            }
            values = found and [found[0], found[2], found[3]]
            rows.append(_row(identity, values, found and found[1], reason=reason))
    return rows


def _row(
    identity: Mapping[str, Any],
    values: Sequence[float | None] | None,
    std_error: float | None = None,
    *,
    reason: str,
) -> Row:
    """A row; `reason` is why it is not estimable where there are no values."""
    fields: dict[str, Any] = {"model": "misclassification", "outcome": "progression", **identity}
    if values is None:
        return Row(analysis="agreement", **fields, status="not_estimable", note=reason)
    return Row(
        analysis="agreement",
        **fields,
        estimate=values[0],
        std_error=std_error,
        conf_low=values[1],
        conf_high=values[2],
        conf_level=CONF_LEVEL,
    )
