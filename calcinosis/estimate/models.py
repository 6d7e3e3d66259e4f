"""Odds ratios: each covariate alone, and the plan's covariates together."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.estimate import gee, logistic
from calcinosis.estimate.design import Column, columns
from calcinosis.estimate.logistic import Fit, NotEstimableError
from calcinosis.estimates import Row

EVENTS_PER_PARAMETER = 10
"""Below this the table carries a warning (Peduzzi 1996, doi 10.1016/S0895-4356(96)00236-3)."""

_NO_SUCH_LEVEL = "Nobody with values of all covariates has this level."

Fitted = tuple[Fit, list[str]]
"""A fit and what the reader must know of it."""


def univariable_rows(
    frame: pd.DataFrame,
    outcome: str,
    covariates: Mapping[str, Mapping[str, Any]],
    estimator: str,
) -> list[Row]:
    """Odds ratios of each covariate alone.

    Parameters
    ----------
    frame : dataset `models`: patient_id, the outcome (boolean) and the covariates
    outcome : name of the outcome column
    covariates : the plan's covariates in order, see `design.columns`
    estimator : maximum_likelihood (Firth where separation is found) or firth

    Returns
    -------
    rows with `model` primary; patients with a missing value in a covariate leave its model, and
    `n` and `events` are of those who stay
    """
    frame = frame.sort_values("patient_id")
    y = frame[outcome].to_numpy(float)
    rows = []
    for name, covariate in covariates.items():
        design = columns(frame, name, covariate)
        rows += _primary_rows("univariable", outcome, design, y, estimator, None)
    return rows


def multivariable_rows(
    frame: pd.DataFrame,
    outcome: str,
    covariates: Mapping[str, Mapping[str, Any]],
    multivariable: Sequence[str],
    estimator: str,
    centres: Mapping[str, Any] | None = None,
) -> list[Row]:
    """Odds ratios of covariates that are adjusted for each other.

    Parameters
    ----------
    frame, outcome, covariates, estimator : see `univariable_rows`
    multivariable : the covariates that enter together
    centres : the plan's section, where it treats centres: variable, fixed_effect, gee

    Returns
    -------
    rows
        `model` is primary, and `gee` where the plan asks for it; patients with a missing value in
        any of the covariates leave. With a fixed effect the primary model has a parameter for each
        centre but the first.
    """
    frame = frame.sort_values("patient_id")
    y = frame[outcome].to_numpy(float)
    design = [column for name in multivariable for column in columns(frame, name, covariates[name])]
    centre = frame[centres["variable"]] if centres else None
    fixed = centre if centres and centres["fixed_effect"] else None
    rows = _primary_rows("multivariable", outcome, design, y, estimator, fixed)
    if centres and centres["gee"] and centre is not None:
        identity = {"analysis": "multivariable", "model": "gee", "outcome": outcome}

        def clustered(
            X: np.ndarray, y: np.ndarray, used: list[Column], known: np.ndarray
        ) -> Fitted:
            _check(X, y, used, X)
            return gee.fit(X, y, centre.cat.codes.to_numpy()[known])

        rows += _rows(identity, "bias_reduced_t", design, y, centre.notna().to_numpy(), clustered)
    return rows


def _primary_rows(
    analysis: str,
    outcome: str,
    design: list[Column],
    y: np.ndarray,
    estimator: str,
    centre: pd.Series | None,
) -> list[Row]:
    """Fit the plan's estimator; the centre, where given, has parameters and no rows."""

    def fit(X: np.ndarray, y: np.ndarray, used: list[Column], known: np.ndarray) -> Fitted:
        whole, at = X, None
        if centre is not None:
            at = centre[known].cat.remove_unused_categories()
            whole = np.column_stack([X, pd.get_dummies(at, drop_first=True, dtype=float)])
        _check(X, y, used, whole)
        if estimator == "firth":
            found, notes = logistic.firth(whole, y), []
        else:
            notes = _separation(whole, y, used, at)
            found = (logistic.firth if notes else logistic.maximum_likelihood)(whole, y)
        fewest, parameters = int(min(y.sum(), (1 - y).sum())), whole.shape[1]
        if fewest < EVENTS_PER_PARAMETER * parameters:
            notes.append(
                f"{fewest} patients in the smaller outcome class for {parameters} "
                f"parameter{'s' if parameters > 1 else ''}, fewer than {EVENTS_PER_PARAMETER} "
                "each: such estimates vary widely from sample to sample."
            )
        return found, notes

    identity = {"analysis": analysis, "model": "primary", "outcome": outcome}
    method = "penalised_profile" if estimator == "firth" else "wald"
    everybody = np.ones(len(y), bool) if centre is None else centre.notna().to_numpy()
    return _rows(identity, method, design, y, everybody, fit)


def _rows(
    identity: Mapping[str, str],
    method: str,
    design: list[Column],
    y: np.ndarray,
    known: np.ndarray,
    fit: Callable[[np.ndarray, np.ndarray, list[Column], np.ndarray], Fitted],
) -> list[Row]:
    """The rows of one model.

    Parameters
    ----------
    identity : text fields of every row
    method : of rows that cannot be estimated
    design : columns of the model
    y : 0 or 1, shape (patients,)
    known : who has what the model needs beside its columns, boolean, shape (patients,)
    fit : from columns and outcome of those with all values, the columns in use and who those
        patients are, to the fit and its notes; raises NotEstimableError

    Returns
    -------
    one row per column; a level that nobody has is not estimable and leaves the others alone
    """
    X = np.column_stack([column.values for column in design])
    known = known & ~np.isnan(X).any(axis=1)
    X, y = X[known], y[known]
    there = [not c.level or not len(y) or bool(x.any()) for c, x in zip(design, X.T, strict=True)]
    used = [column for column, is_there in zip(design, there, strict=True) if is_there]
    found, reason = None, ""
    notes: list[str] = []
    if used:
        try:
            found, notes = fit(X[:, there], y, used, known)
        except NotEstimableError as error:
            reason = str(error)
    rows = []
    for column in design:
        common: dict[str, Any] = {
            **identity,
            "term": column.term,
            "level": column.level,
            "reference": column.reference,
            "unit": column.unit,
            "statistic": "odds_ratio",
            "n": len(y),
            "events": int(y.sum()),
        }
        if found is None or column not in used:
            note = reason if column in used else _NO_SUCH_LEVEL
            rows.append(Row(**common, method=method, status="not_estimable", note=note))
            continue
        i = used.index(column)
        rows.append(
            Row(
                **common,
                method=found.method,
                status="warning" if notes else "ok",
                note=" ".join(notes),
                estimate=float(np.exp(found.coefficients[i])),
                std_error=None if found.std_errors is None else float(found.std_errors[i]),
                df=found.df,
                conf_low=float(np.exp(found.low[i])),
                conf_high=float(np.exp(found.high[i])),
                conf_level=logistic.CONF_LEVEL,
                p_value=float(found.p_values[i]),
            )
        )
    return rows


def _check(X: np.ndarray, y: np.ndarray, used: list[Column], whole: np.ndarray) -> None:
    """What makes every fit meaningless; `whole` is the design with centres."""
    if len(y) == 0:
        raise NotEstimableError("Nobody has values of all covariates.")
    if y.min() == y.max():
        raise NotEstimableError("The outcome is the same in all patients with values.")
    constant = [_name(c) for c, x in zip(used, X.T, strict=True) if np.ptp(x) == 0]
    if constant:
        raise NotEstimableError(f"No variation in these patients: {', '.join(constant)}.")
    if not logistic.is_full_rank(whole):
        raise NotEstimableError("Covariates are linear combinations of each other in these data.")


def _separation(
    whole: np.ndarray, y: np.ndarray, used: list[Column], centre: pd.Series | None
) -> list[str]:
    """A note that names what separates the outcome; none where nothing does."""
    separating = logistic.separating(whole, y)
    if not separating.any():
        return []
    what = [_name(c) for c, infinite in zip(used, separating, strict=False) if infinite]
    if centre is not None:
        share = pd.Series(y).groupby(centre.to_numpy()).mean()
        what += [f"{centre.name} {level}" for level in share.index[share.isin([0, 1])]]
    return [
        f"Separation: {', '.join(what) or 'a combination of centres'} predicts the outcome "
        "perfectly in some of these patients, so that maximum likelihood has no finite estimate; "
        "this is Firth's estimate."
    ]


def _name(column: Column) -> str:
    return f"{column.term} {column.level}".strip().replace("_", " ")
