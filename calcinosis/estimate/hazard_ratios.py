"""Hazard ratios of the plan's covariates, and what they mean for the risk at a horizon."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.estimate import logistic
from calcinosis.estimate.design import Column, columns
from calcinosis.estimate.interval_censored import proportional_hazards, standardised_risks
from calcinosis.estimate.logistic import Fit, NotEstimableError
from calcinosis.estimate.patterns import collapse
from calcinosis.estimate.regression import Fitted, check, column_name, term_rows
from calcinosis.estimates import Row

EVENTS_PER_PARAMETER = 10
"""Below this the table carries a warning (Peduzzi 1996, doi 10.1016/S0895-4356(96)00236-3)."""

Design = list[Column]


def hazard_rows(
    frame: pd.DataFrame,
    covariates: Mapping[str, Mapping[str, Any]],
    horizon: float | None,
    suffix: str = "",
) -> list[Row]:
    """Hazard ratios of each covariate alone and of all together.

    Parameters
    ----------
    frame : dataset `incidence`: patient_id, years, worsened and the covariates, one row per
        interval; rows stop at a patient's first worsening, so that rows of one patient are
        conditionally independent
    covariates : the plan's covariates in order, see `design.columns`
    horizon : years at which risks are compared
    suffix : of `model`, for patients at risk only

    Returns
    -------
    rows
        `model` is interval_censored_univariable or interval_censored_multivariable; with a horizon
        also risk ratios and differences by the model of all covariates, of the outcome
        `progression_within_<horizon>_years`
    """
    if not covariates:
        return []
    frame = frame.sort_values(["patient_id", "interval"])
    each = [columns(frame, name, covariate) for name, covariate in covariates.items()]
    together = [column for design in each for column in design]
    model = f"interval_censored_multivariable{suffix}"
    rows = []
    for design in each:
        rows += _rows(frame, design, f"interval_censored_univariable{suffix}", _hazards(frame))
    rows += _rows(frame, together, model, _hazards(frame))
    if horizon is not None:
        outcome = f"progression_within_{horizon:g}_years"
        for index, statistic in enumerate(("risk_ratio", "risk_difference")):
            fit = _risks(frame, horizon, index)
            rows += _rows(frame, together, model, fit, outcome, statistic)
    return rows


def _rows(
    frame: pd.DataFrame,
    design: Design,
    model: str,
    fit: Callable[..., Fitted],
    outcome: str = "progression",
    statistic: str = "hazard_ratio",
) -> list[Row]:
    identity = {
        "analysis": "incidence",
        "model": model,
        "outcome": outcome,
        "statistic": statistic,
    }
    return term_rows(
        identity,
        "profile" if statistic == "hazard_ratio" else "delta",
        design,
        frame["worsened"].to_numpy(float),
        np.ones(len(frame), bool),
        fit,
        patients=frame["patient_id"].to_numpy(),
        **({"scale": float} if statistic == "risk_difference" else {}),
    )


def _hazards(frame: pd.DataFrame) -> Callable[..., Fitted]:
    years = frame["years"].to_numpy(float)

    def fit(X: np.ndarray, y: np.ndarray, used: Design, known: np.ndarray) -> Fitted:
        _check(X, y, used)
        return proportional_hazards(X, y, years[known]), _notes(X, y)

    return fit


def _risks(frame: pd.DataFrame, horizon: float, index: int) -> Callable[..., Fitted]:
    years = frame["years"].to_numpy(float)
    first = ~frame["patient_id"].duplicated().to_numpy()

    def fit(X: np.ndarray, y: np.ndarray, used: Design, known: np.ndarray) -> Fitted:
        _check(X, y, used)
        if horizon > years[known].max():
            raise NotEstimableError("The horizon lies beyond the longest interval between films.")
        patients = X[first[known]]
        changes = [_contrast(patients, used, j) for j in range(len(used))]
        found: tuple[Fit, Fit] = standardised_risks(X, y, years[known], horizon, changes)
        return found[index], _notes(X, y)

    return fit


def _contrast(patients: np.ndarray, used: Design, j: int) -> tuple[np.ndarray, np.ndarray]:
    """The same patients with and without the level, or with one unit more and as they are.

    Nobody has a grade beyond the worst.
    """
    with_it, without = patients.copy(), patients.copy()
    if used[j].level:
        same = [k for k, column in enumerate(used) if column.term == used[j].term]
        with_it[:, same], without[:, same] = 0.0, 0.0
        with_it[:, j] = 1.0
    else:
        with_it[:, j] = np.minimum(with_it[:, j] + 1.0, used[j].highest)
    return with_it, without


def _check(X: np.ndarray, y: np.ndarray, used: Design) -> None:
    check(X, y, used, X)
    _, separating = logistic.maximum_likelihood_or_separation(collapse(X, y))
    if separating.any():
        names = [column_name(c) for c, found in zip(used, separating, strict=True) if found]
        raise NotEstimableError(
            f"Separation: {', '.join(names)} predicts the outcome perfectly in some of these "
            "patients, so that a hazard ratio has no finite estimate."
        )


def _notes(X: np.ndarray, y: np.ndarray) -> list[str]:
    events, parameters = int(y.sum()), X.shape[1]
    if events >= EVENTS_PER_PARAMETER * parameters:
        return []
    return [
        f"{events} events for {parameters} parameter{'s' if parameters > 1 else ''}, fewer than "
        f"{EVENTS_PER_PARAMETER} each: such estimates vary widely from sample to sample."
    ]
