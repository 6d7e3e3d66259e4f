"""Chained equations: the missing values of several variables, each drawn given all the others."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.estimate.draws import draw_levels, draw_numbers
from calcinosis.estimate.logistic import NotEstimableError

PROBLEM = "problem"
"""Column of a batch that stands for it where nothing can be imputed: why."""


def of_model(frame: pd.DataFrame, outcome: str, centre: str | None) -> pd.DataFrame:
    """The patients of the multivariable model, were nothing of its covariates missing.

    Parameters
    ----------
    frame : dataset `missing_data`
    outcome : a yes/no variable
    centre : the variable with a parameter for each centre, or None

    Returns
    -------
    those with outcome and centre, in the order of patient_id, the outcome as boolean
    """
    known = frame[outcome].notna()
    if centre:
        known &= frame[centre].notna()
    those = frame[known].sort_values("patient_id").reset_index(drop=True)
    return those.assign(**{outcome: those[outcome] == "yes"})


def batch(frame: pd.DataFrame, settings: Mapping[str, Any], number: int) -> pd.DataFrame:
    """One batch of imputations.

    Parameters
    ----------
    frame : patient_id and the variables of the imputation model, see `imputed_values`
    settings : size (imputations of a batch), ordered, iterations, donors, seed
    number : of the batch, from 0

    Returns
    -------
    the imputations one below the other; or the one column `problem`, in a sentence
    """
    of_all = {name: settings[name] for name in ("ordered", "iterations", "donors", "seed")}
    numbers = range(number * settings["size"], (number + 1) * settings["size"])
    try:
        return pd.concat([imputed_values(frame, **of_all, number=i) for i in numbers])
    except NotEstimableError as error:
        return pd.DataFrame({PROBLEM: [str(error)]})


def incomplete(frame: pd.DataFrame) -> list[str]:
    """Variables with missing values: those with fewest first, equal ones by name."""
    missing = frame.isna().sum()
    return sorted(missing.index[missing > 0], key=lambda name: (missing[name], name))


def imputed_values(
    frame: pd.DataFrame,
    *,
    ordered: Collection[str],
    iterations: int,
    donors: int,
    seed: int,
    number: int,
) -> pd.DataFrame:
    """One imputation of all missing values.

    Parameters
    ----------
    frame : patient_id and the variables of the imputation model: numbers and categories; the
        outcome is among them and known
    ordered : categories whose levels have an order
    iterations : how often each variable is drawn; the last draw counts
    donors : of predictive mean matching
    seed, number : of the random numbers: imputation `number` does not depend on what else is
        imputed, where, or how many

    Returns
    -------
    frame with imputation, patient_id and the variables that had missing values, complete; its order
    is that of patient_id

    Raises
    ------
    NotEstimableError
        Nobody has a value of a variable, or too few have for its imputation model.

    Notes
    -----
    Numbers are drawn by predictive mean matching, two levels by logistic regression, ordered ones
    by proportional odds, others by multinomial regression. Each variable's predictors are all the
    others: numbers as they are, categories with a column for each level but the first. What a model
    makes of a variable (a cut, a logarithm, a product) is made of the completed variable.

    References
    ----------
    White IR, Royston P, Wood AM. Stat Med 2011;30:377-99, doi 10.1002/sim.4067. R: `mice::mice`.
    """
    rng = np.random.default_rng([seed, number])
    frame = frame.sort_values("patient_id").reset_index(drop=True)
    names = sorted(name for name in frame if name != "patient_id")
    values = {name: _as_numbers(frame[name]) for name in names}
    gaps = {name: np.isnan(values[name]) for name in names}
    visited = incomplete(frame[names])
    for name in visited:
        known = values[name][~gaps[name]]
        if not len(known):
            raise NotEstimableError(f"Nobody has a value of {name.replace('_', ' ')}.")
        values[name][gaps[name]] = rng.choice(known, int(gaps[name].sum()))
    if not visited:
        return pd.DataFrame({"imputation": number, "patient_id": frame["patient_id"]})
    columns = {name: _predictors(values[name], frame[name]) for name in names}
    for _ in range(iterations):
        for name in visited:
            others, gap = [columns[other] for other in names if other != name], gaps[name]
            known, missing = (np.column_stack([of[who] for of in others]) for who in (~gap, gap))
            given = known, values[name][~gap], missing
            try:
                values[name][gap] = (
                    draw_levels(*given, name in ordered, rng)
                    if _is_category(frame[name])
                    else draw_numbers(*given, donors, rng)
                )
            except NotEstimableError as error:
                raise NotEstimableError(f"{name.replace('_', ' ')}: {error}") from None
            except np.linalg.LinAlgError:
                reason = "its imputation model has no solution in these data."
                raise NotEstimableError(f"{name.replace('_', ' ')}: {reason}") from None
            columns[name] = _predictors(values[name], frame[name])
    completed = {name: _as_before(values[name], frame[name]) for name in visited}
    return pd.DataFrame({"imputation": number, "patient_id": frame["patient_id"], **completed})


def _is_category(values: pd.Series) -> bool:
    return isinstance(values.dtype, pd.CategoricalDtype)


def _as_numbers(values: pd.Series) -> np.ndarray:
    """Numbers as they are, levels as their place; NaN where missing."""
    if not _is_category(values):
        return values.to_numpy(float, na_value=np.nan).copy()
    return np.where(values.isna(), np.nan, values.cat.codes.to_numpy(float))


def _as_before(values: np.ndarray, before: pd.Series) -> pd.Series:
    if not _is_category(before):
        return pd.Series(values)
    return pd.Series(pd.Categorical.from_codes(values.astype(int), dtype=before.dtype))


def _predictors(values: np.ndarray, of: pd.Series) -> np.ndarray:
    """A complete variable as standardised columns; what does not vary is left out."""
    columns = values[:, None]
    if _is_category(of):
        columns = (columns == np.arange(1, len(of.cat.categories))).astype(float)
    spread = columns.std(axis=0)
    varies = spread > 0
    standard: np.ndarray = (columns - columns.mean(axis=0))[:, varies] / spread[varies]
    return standard
