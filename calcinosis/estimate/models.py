"""Odds ratios: each covariate alone, and the plan's covariates together."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.estimate import logistic
from calcinosis.estimate.design import Column, columns
from calcinosis.estimates import Row

EVENTS_PER_PARAMETER = 10
"""Below this the table carries a warning (Peduzzi 1996, doi 10.1016/S0895-4356(96)00236-3)."""


def model_rows(
    frame: pd.DataFrame,
    outcome: str,
    covariates: Mapping[str, Mapping[str, Any]],
    multivariable: Sequence[str],
    estimator: str,
) -> list[Row]:
    """Univariable and multivariable odds ratios.

    Parameters
    ----------
    frame : dataset `models`: patient_id, the outcome (boolean) and the covariates
    outcome : name of the outcome column
    covariates : the plan's covariates in order, see `design.columns`
    multivariable : those that enter together
    estimator : maximum_likelihood (Firth where separation is found) or firth

    Returns
    -------
    rows
        `model` is primary; patients with a missing value in a model's covariates leave that
        model, and `n` and `events` are of those who stay.
    """
    frame = frame.sort_values("patient_id")
    y = frame[outcome].to_numpy(float)
    design = {name: columns(frame, name, covariate) for name, covariate in covariates.items()}
    rows = []
    for name in covariates:
        rows += _fit_rows("univariable", outcome, design[name], y, estimator)
    together = [column for name in multivariable for column in design[name]]
    rows += _fit_rows("multivariable", outcome, together, y, estimator)
    return rows


def _fit_rows(
    analysis: str, outcome: str, design: list[Column], y: np.ndarray, estimator: str
) -> list[Row]:
    X = np.column_stack([column.values for column in design])
    complete = ~np.isnan(X).any(axis=1)
    X, y = X[complete], y[complete]
    n, events = len(y), int(y.sum())
    reason = _reason_not_to_fit(X, y, design)
    if reason:
        return [
            _row(analysis, outcome, column, n, events, "wald", status="not_estimable", note=reason)
            for column in design
        ]
    notes = []
    fit_firth = estimator == "firth"
    if not fit_firth and logistic.is_separated(X, y):
        fit_firth = True
        notes.append(
            "Separation: some covariates predict the outcome perfectly in these patients, so that "
            "maximum likelihood has no finite estimate; this is Firth's estimate."
        )
    fewest = min(events, n - events)
    if fewest < EVENTS_PER_PARAMETER * len(design):
        notes.append(
            f"{fewest} patients in the smaller outcome class for {len(design)} "
            f"parameter{'s' if len(design) > 1 else ''}: the estimate is unstable."
        )
    fit = logistic.firth(X, y) if fit_firth else logistic.maximum_likelihood(X, y)
    return [
        _row(
            analysis,
            outcome,
            column,
            n,
            events,
            fit.method,
            status="warning" if notes else "ok",
            note=" ".join(notes),
            estimate=float(np.exp(fit.coefficients[i])),
            std_error=float(fit.std_errors[i]),
            conf_low=float(np.exp(fit.low[i])),
            conf_high=float(np.exp(fit.high[i])),
            conf_level=logistic.CONF_LEVEL,
            p_value=float(fit.p_values[i]),
        )
        for i, column in enumerate(design)
    ]


def _reason_not_to_fit(X: np.ndarray, y: np.ndarray, design: list[Column]) -> str:
    if len(y) == 0:
        return "Nobody has values of all covariates."
    if y.min() == y.max():
        return "The outcome is the same in all patients with values."
    constant = [
        f"{c.term} {c.level}".strip() for c, x in zip(design, X.T, strict=True) if np.ptp(x) == 0
    ]
    if constant:
        return f"No variation in these patients: {', '.join(constant)}."
    if not logistic.is_full_rank(X):
        return "Covariates are linear combinations of each other in these patients."
    return ""


def _row(
    analysis: str,
    outcome: str,
    column: Column,
    n: int,
    events: int,
    method: str,
    *,
    status: str,
    note: str,
    **numbers: Any,
) -> Row:
    return Row(
        analysis=analysis,
        model="primary",
        outcome=outcome,
        term=column.term,
        level=column.level,
        reference=column.reference,
        unit=column.unit,
        statistic="odds_ratio",
        n=n,
        events=events,
        method=method,
        status=status,
        note=note,
        **numbers,
    )
