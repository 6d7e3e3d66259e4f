"""Means of groups and slopes from linear models, crude and adjusted, in the same patients."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.estimate import linear
from calcinosis.estimate.design import Column
from calcinosis.estimates import Row

METHOD = "least_squares_hc3"
FEWEST = 2
"""Patients of a group: with one its mean has no standard error."""


def mean_rows(
    analysis: str, values: pd.Series, by: pd.Series, covariates: Sequence[Column], **identity: Any
) -> list[Row]:
    """The mean of each group and its difference to the first, crude and adjusted.

    An adjusted mean is what the linear model predicts, on average over all patients in it, were
    each of them in the group (marginal standardisation); its interval takes the covariates of
    these patients as given. Crude means are those of the same patients.

    Parameters
    ----------
    analysis : word of the estimates table
    values : numbers, shape (patients,)
    by : groups, an ordered category; the first level with two patients or more is the reference
    covariates : columns of `design.model_columns`; empty where nothing is adjusted for
    identity : further text fields of the rows

    Returns
    -------
    rows with statistic `marginal_mean` (n: patients of the group) and `mean_difference` (n: all in
    the model), model crude and, where there are covariates, adjusted; method least_squares_hc3.
    Not estimable with a reason: a group of fewer than two, covariates that determine each other

    References
    ----------
    Lane PW, Nelder JA. Biometrics 1982;38:613-21. R: `lm`, `predict` for each group and all
    patients, averaged, with `sandwich::vcovHC(type = "HC3")`; `emmeans(weights = "proportional")`.
    """
    complete = _complete(values, by.notna().to_numpy(), covariates)
    y, of = values.to_numpy(float)[complete], by[complete]
    counts = of.value_counts(sort=False)
    levels = [level for level in by.cat.categories if counts[level] >= FEWEST]
    kept = of.isin(levels).to_numpy()
    others = _varying(covariates, complete, kept)
    indicators = [(of == level).to_numpy(float)[kept] for level in levels[1:]]
    models = {"crude": np.empty((int(kept.sum()), 0)), "adjusted": others}
    rows: list[Row] = []
    for model in models if covariates else ("crude",):
        fitted = _fit([*indicators, *models[model].T], y[kept]) if levels else None
        of_model = identity | {"analysis": analysis, "model": model, "method": METHOD}
        problem = _problem(covariates, model)
        for level in by.cat.categories:
            i = levels.index(level) if level in levels else None
            group, n = f"{by.name}={level}", int(counts[level])
            mine = of_model | {"group": group, "statistic": "marginal_mean", "n": n}
            if fitted is None or i is None or problem:
                rows.append(_none(mine, problem or (_FEW if i is None else _UNIDENTIFIED)))
                continue
            chosen = [float(j == i) for j in range(1, len(levels))]
            average = np.array([1.0, *chosen, *models[model].mean(axis=0)])
            note = _MEAN.format(n=fitted.n) if model == "adjusted" else ""
            rows.append(_row(mine | {"note": note}, fitted, average, tested=False))
            if i:
                against = {"reference": f"{by.name}={levels[0]}", "statistic": "mean_difference"}
                difference = np.array([0.0, *chosen, *np.zeros(models[model].shape[1])])
                mine = of_model | {"group": group, "n": fitted.n} | against
                rows.append(_row(mine, fitted, difference))
    return rows


def slope_rows(
    analysis: str,
    values: pd.Series,
    x: pd.Series,
    covariates: Sequence[Column],
    **identity: Any,
) -> list[Row]:
    """How much a number changes with another one, crude and adjusted, in the same patients.

    Parameters
    ----------
    analysis, values, covariates, identity : as of `mean_rows`
    x : numbers, shape (patients,)

    Returns
    -------
    rows with statistic `slope`, model crude and, where there are covariates, adjusted
    """
    complete = _complete(values, x.notna().to_numpy(), covariates)
    everyone = np.ones(int(complete.sum()), bool)
    others = _varying(covariates, complete, everyone)
    y, first = values.to_numpy(float)[complete], x.to_numpy(float)[complete]
    rows = []
    for model, columns in (("crude", []), ("adjusted", list(others.T))):
        if model == "adjusted" and not covariates:
            continue
        fitted = _fit([first, *columns], y)
        mine = identity | {"analysis": analysis, "model": model, "method": METHOD}
        mine |= {"statistic": "slope", "n": len(y)}
        problem = _problem(covariates, model)
        if fitted is None or problem:
            rows.append(_none(mine, problem or _UNIDENTIFIED))
        else:
            rows.append(_row(mine, fitted, np.array([0.0, 1.0, *np.zeros(len(columns))])))
    return rows


_MEAN = "The mean that the linear model predicts were all {n} patients in this group."
_FEW = "Fewer than two patients with all values."
_UNIDENTIFIED = (
    "Too few patients, or the group, the number or a covariate is determined by the others."
)


def _complete(values: pd.Series, known: np.ndarray, covariates: Sequence[Column]) -> np.ndarray:
    for column in covariates:
        known = known & ~np.isnan(column.values)
    return known & values.notna().to_numpy()


def _varying(covariates: Sequence[Column], complete: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Columns of those in the model; what is the same in all of them adjusts for nothing."""
    columns = [column.values[complete][kept] for column in covariates]
    varying = [values for values in columns if len(values) and np.ptp(values) > 0]
    return np.column_stack(varying) if varying else np.empty((int(kept.sum()), 0))


def _fit(columns: Sequence[np.ndarray], y: np.ndarray) -> linear.Fit | None:
    if not len(y):
        return None
    return linear.fit(np.column_stack(columns) if columns else np.empty((len(y), 0)), y)


def _problem(covariates: Sequence[Column], model: str) -> str:
    found = [column.problem for column in covariates if column.problem]
    return found[0] if found and model == "adjusted" else ""


def _none(fields: dict[str, Any], reason: str) -> Row:
    return Row(**fields | {"status": "not_estimable", "note": reason})


def _row(
    fields: dict[str, Any], fitted: linear.Fit, weights: np.ndarray, *, tested: bool = True
) -> Row:
    untested = {} if tested else {"p_value": None}
    return Row(**fields | fitted.combined(weights).fields() | untested)
