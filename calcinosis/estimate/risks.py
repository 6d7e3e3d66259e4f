"""Risk ratios and differences beside the odds ratios of the plan's multivariable model."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.estimate.logistic import NotEstimableError
from calcinosis.estimate.model_rows import Model
from calcinosis.estimate.modified_poisson import modified_poisson, never
from calcinosis.estimate.proportions import proportion
from calcinosis.estimate.regression import NO_SUCH_LEVEL, coefficient_rows, column_name
from calcinosis.estimate.resamples import patterns_of
from calcinosis.estimate.standardisation import Contrast, contrasts, flic, mean_risks
from calcinosis.estimates import CONF_LEVEL, Row

FEWEST = 100
"""Resamples below which no percentile interval is given."""
MOST_KNOWN = 0.95
"""With a greater share of resamples lost, the others tell of samples unlike this one."""


def risk_rows(
    model: Model, covariates: Mapping[str, Mapping[str, Any]], resamples: pd.DataFrame
) -> list[Row]:
    """What the odds ratios of a model are as risks.

    Parameters
    ----------
    model : the plan's multivariable model
    covariates : the plan's covariates
    resamples : from `resampled`, all of them

    Returns
    -------
    rows of analysis `risks`: the share with the outcome among the patients of the model;
    `modified_poisson` risk ratios; and `standardised`, from the model itself, by contrast the
    `risk` and the `reference_risk`, `risk_ratio` and `risk_difference` with percentile intervals
    """
    outcome = model.identity["outcome"]
    share = proportion(
        "risks", int(model.of.y.sum()), len(model.of.y), outcome=outcome, unit="of patients"
    )
    return [share, *poisson_rows(model), *standardised_rows(model, covariates, resamples)]


def poisson_rows(model: Model) -> list[Row]:
    """Risk ratios by modified Poisson regression of the same patients and columns."""
    identity = {**model.identity, "analysis": "risks", "model": "modified_poisson"}
    identity["statistic"] = "risk_ratio"
    found, reason = None, model.reason
    if model.data is not None and not reason:
        X, y = model.data.X[model.data.of_row], model.of.y
        try:
            if model.separates is not None and model.separates.any():
                _refuse(model, never(X, y))
            found = modified_poisson(X, y)
        except NotEstimableError as error:
            reason = str(error)
    rows = coefficient_rows(identity, "wald_hc1", model.of, found, [], reason)
    return [row for row in rows if row.statistic == "risk_ratio"]


def _refuse(model: Model, zero: np.ndarray) -> None:
    if not zero.any():
        return
    named = [column_name(c) for c, is_zero in zip(model.of.used, zero, strict=False) if is_zero]
    raise NotEstimableError(
        f"Nobody among some of these patients has the outcome ({', '.join(named) or 'centres'}), "
        "so that a risk ratio would be zero; see the standardised ones."
    )


def standardised_rows(
    model: Model, covariates: Mapping[str, Mapping[str, Any]], resamples: pd.DataFrame
) -> list[Row]:
    """Risks, their ratio and difference by the model, averaged over its patients.

    References
    ----------
    Localio AR, Margolis DJ, Berlin JA. J Clin Epidemiol 2007;60:874-82, doi
    10.1016/j.jclinepi.2006.12.001. Intervals: percentiles (R's type 7) of the bootstrap.
    """
    common: dict[str, Any] = {
        "analysis": "risks",
        "model": "standardised",
        "outcome": model.identity["outcome"],
        "n": len(model.of.y),
        "events": int(model.of.y.sum()),
        "method": "bootstrap_percentile",
    }
    if model.fit is None or model.data is None:
        return [
            Row(
                **common,
                status="not_estimable",
                note=model.reason if column in model.of.used else NO_SUCH_LEVEL,
                statistic="risk_ratio",
                term=column.term,
                level=column.level,
                reference=column.reference,
                unit=column.unit,
            )
            for column in model.of.design
            if column.kind == "effect"
        ]
    found = contrasts(model.of, covariates)
    intercept = flic(model.data, model.fit) if model.by_firth else model.fit.intercept
    designs = patterns_of(model.data, found)
    risks = mean_risks(intercept, model.fit.coefficients, designs, model.data.trials)
    return [
        row
        for i, contrast in enumerate(found)
        for row in _contrast_rows(common, contrast, risks[2 * i : 2 * i + 2], i, resamples)
    ]


def _contrast_rows(
    common: dict[str, Any], contrast: Contrast, risks: np.ndarray, i: int, resamples: pd.DataFrame
) -> list[Row]:
    drawn = resamples[[f"{i}_with", f"{i}_without"]].to_numpy(float)
    known = ~np.isnan(drawn).any(axis=1)
    lost, few = known.sum() < MOST_KNOWN * len(known), known.sum() < FEWEST
    notes = []
    if not known.all():
        notes.append(
            f"{(~known).sum()} of {len(drawn)} resamples had no estimate (nobody, or everybody, "
            "had the outcome or the level, or the penalised fit did not converge)"
            + (", too many for an interval." if lost else " and are left out.")
        )
    if few and not lost:
        notes.append(
            f"{known.sum()} resamples have an estimate, fewer than the {FEWEST} of an interval."
        )
    if firth := int(resamples["firth"].sum()):
        notes.append(f"{firth} of {len(drawn)} resamples were separated and fitted by Firth.")
    with_it, without = drawn[known].T
    quantities = {
        "risk": (risks[0], with_it),
        "reference_risk": (risks[1], without),
        "risk_ratio": (risks[0] / risks[1], with_it / without),
        "risk_difference": (risks[0] - risks[1], with_it - without),
    }
    rows = []
    for statistic, (estimate, values) in quantities.items():
        limits = (
            np.quantile(values, [(1 - CONF_LEVEL) / 2, (1 + CONF_LEVEL) / 2])
            if not (lost or few)
            else None
        )
        rows.append(
            Row(
                **common,
                term=contrast.term,
                level=contrast.level,
                reference=contrast.reference,
                unit=contrast.unit,
                statistic=statistic,
                estimate=float(estimate),
                conf_low=None if limits is None else float(limits[0]),
                conf_high=None if limits is None else float(limits[1]),
                conf_level=None if limits is None else CONF_LEVEL,
                status="warning" if notes else "ok",
                note=" ".join(notes),
            )
        )
    return rows
