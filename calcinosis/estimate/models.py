"""Odds ratios: each covariate alone, and the plan's covariates together."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.estimate import logistic
from calcinosis.estimate.design import Column, columns
from calcinosis.estimate.gee import gee_rows
from calcinosis.estimates import Row

EVENTS_PER_PARAMETER = 10
"""Below this the table carries a warning (Peduzzi 1996, doi 10.1016/S0895-4356(96)00236-3)."""


def model_rows(
    frame: pd.DataFrame,
    outcome: str,
    covariates: Mapping[str, Mapping[str, Any]],
    multivariable: Sequence[str],
    estimator: str,
    centres: Mapping[str, Any] | None = None,
) -> list[Row]:
    """Univariable and multivariable odds ratios.

    Parameters
    ----------
    frame : dataset `models`: patient_id, the outcome (boolean) and the covariates
    outcome : name of the outcome column
    covariates : the plan's covariates in order, see `design.columns`
    multivariable : those that enter together
    estimator : maximum_likelihood (Firth where separation is found) or firth
    centres : the plan's section, where it treats centres: variable, fixed_effect, gee

    Returns
    -------
    rows
        `model` is primary, and `gee` where the plan asks for it; patients with a missing value in
        a model's covariates leave that model, and `n` and `events` are of those who stay. With a
        fixed effect the multivariable model has a parameter for each centre but the first.
    """
    frame = frame.sort_values("patient_id")
    y = frame[outcome].to_numpy(float)
    design = {name: columns(frame, name, covariate) for name, covariate in covariates.items()}
    rows = []
    for name in covariates:
        rows += _fit_rows("univariable", outcome, design[name], y, estimator)
    together = [column for name in multivariable for column in design[name]]
    if centres is None:
        return rows + _fit_rows("multivariable", outcome, together, y, estimator)
    centre = frame[centres["variable"]]
    nuisance = _indicators(centre) if centres["fixed_effect"] else None
    rows += _fit_rows("multivariable", outcome, together, y, estimator, nuisance)
    if centres["gee"]:
        rows += gee_rows(outcome, together, y, centre)
    return rows


def _indicators(centre: pd.Series) -> np.ndarray:
    """One column per centre, NaN where the centre is not known."""
    columns = pd.get_dummies(centre.cat.remove_unused_categories(), dtype=float)
    return columns.mask(centre.isna(), axis=0).to_numpy()


def _fit_rows(
    analysis: str,
    outcome: str,
    design: list[Column],
    y: np.ndarray,
    estimator: str,
    nuisance: np.ndarray | None = None,
) -> list[Row]:
    """Fit one model; `nuisance` columns (centres) are in it and have no row."""
    X = np.column_stack([column.values for column in design])
    whole = X if nuisance is None else np.column_stack([X, nuisance])
    complete = ~np.isnan(whole).any(axis=1)
    y_all = y
    X, y = X[complete], y[complete]
    if nuisance is not None:
        # Of the centres with complete patients, the first is the reference.
        present = nuisance[complete]
        X = np.column_stack([X, present[:, present.any(axis=0)][:, 1:]])
    n, events = len(y), int(y.sum())
    there = [not c.level or not n or bool(x.any()) for c, x in zip(design, X.T, strict=False)]
    if any(there) and not all(there):
        # A level that nobody has leaves the model alone; the others are estimated without it.
        kept = [column for column, is_there in zip(design, there, strict=True) if is_there]
        empty = [column for column, is_there in zip(design, there, strict=True) if not is_there]
        note = "Nobody with values of all covariates has this level."
        return _fit_rows(analysis, outcome, kept, y_all, estimator, nuisance) + [
            _row(analysis, outcome, c, n, events, "wald", status="not_estimable", note=note)
            for c in empty
        ]
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
        what = "some covariates" if nuisance is None else "a centre or some covariates"
        notes.append(
            f"Separation: {what} predict the outcome perfectly in these patients, so that "
            "maximum likelihood has no finite estimate; this is Firth's estimate."
        )
    fewest, parameters = min(events, n - events), X.shape[1]
    if fewest < EVENTS_PER_PARAMETER * parameters:
        notes.append(
            f"{fewest} patients in the smaller outcome class for {parameters} "
            f"parameter{'s' if parameters > 1 else ''}: the estimate is unstable."
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
        f"{c.term} {c.level}".strip() for c, x in zip(design, X.T, strict=False) if np.ptp(x) == 0
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
