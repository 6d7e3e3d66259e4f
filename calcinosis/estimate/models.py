"""Odds ratios: each covariate alone, and the plan's covariates together."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.estimate import gee, logistic
from calcinosis.estimate.design import Column, columns
from calcinosis.estimate.regression import Fitted, check, column_name, term_rows
from calcinosis.estimates import Row

EVENTS_PER_PARAMETER = 10
"""Below this the table carries a warning (Peduzzi 1996, doi 10.1016/S0895-4356(96)00236-3)."""


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
        identity = {
            "analysis": "multivariable",
            "model": "gee",
            "outcome": outcome,
            "statistic": "odds_ratio",
        }

        def clustered(
            X: np.ndarray, y: np.ndarray, used: list[Column], known: np.ndarray
        ) -> Fitted:
            check(X, y, used, X)
            return gee.fit(X, y, centre.cat.codes.to_numpy()[known])

        known = centre.notna().to_numpy()
        rows += term_rows(identity, "bias_reduced_t", design, y, known, clustered)
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
        check(X, y, used, whole)
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

    identity = {
        "analysis": analysis,
        "model": "primary",
        "outcome": outcome,
        "statistic": "odds_ratio",
    }
    method = "penalised_profile" if estimator == "firth" else "wald"
    everybody = np.ones(len(y), bool) if centre is None else centre.notna().to_numpy()
    return term_rows(identity, method, design, y, everybody, fit)


def _separation(
    whole: np.ndarray, y: np.ndarray, used: list[Column], centre: pd.Series | None
) -> list[str]:
    """A note that names what separates the outcome; none where nothing does."""
    separating = logistic.separating(whole, y)
    if not separating.any():
        return []
    what = [column_name(c) for c, infinite in zip(used, separating, strict=False) if infinite]
    if centre is not None:
        share = pd.Series(y).groupby(centre.to_numpy()).mean()
        what += [f"{centre.name} {level}" for level in share.index[share.isin([0, 1])]]
    return [
        f"Separation: {', '.join(what) or 'a combination of centres'} predicts the outcome "
        "perfectly in some of these patients, so that maximum likelihood has no finite estimate; "
        "this is Firth's estimate."
    ]
