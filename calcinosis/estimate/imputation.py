"""Chained equations: the missing values of several variables, each drawn given all the others."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.estimate.draws import Estimate, Given, draw_levels, draw_numbers
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
    frame = frame.sort_values("patient_id").reset_index(drop=True)
    found: dict[str, Any] = {"imputation": number, "patient_id": frame["patient_id"]}
    names = sorted(name for name in frame if name != "patient_id")
    visited = incomplete(frame[names])
    if not visited:
        return pd.DataFrame(found)
    chain = _Chain(frame[names], visited, np.random.default_rng([seed, number]))
    for name in visited * iterations:
        try:
            chain.draw(name, name in ordered, donors)
        except NotEstimableError as error:
            raise NotEstimableError(f"{name.replace('_', ' ')}: {error}") from None
        except np.linalg.LinAlgError:
            reason = "its imputation model has no solution in these data."
            raise NotEstimableError(f"{name.replace('_', ' ')}: {reason}") from None
    return pd.DataFrame(found | {name: chain.variables[name].completed() for name in visited})


class _Variable:
    """A variable as numbers: its values, or places of its levels among those that somebody has.

    A number that does not vary is a category of one level.
    """

    def __init__(self, of: pd.Series) -> None:
        self.known = of.notna().to_numpy()
        self.estimate: Estimate | None = None
        self.gaps = np.flatnonzero(~self.known)
        self._dtype, self.levels = of.dtype, None
        if not self.known.any():
            raise NotEstimableError(f"Nobody has a value of {str(of.name).replace('_', ' ')}.")
        self.is_category = isinstance(of.dtype, pd.CategoricalDtype)
        values = of.cat.codes if self.is_category else of.astype(float)
        self.values = values.to_numpy(copy=True)
        if self.is_category or np.ptp(self.values[self.known]) == 0:
            self.levels = np.unique(self.values[self.known])
            self.values = np.searchsorted(self.levels, self.values)
        known = self.values[self.known]
        self._middle, self._spread = known.mean(), known.std()
        self.width = 1 if self.levels is None else len(self.levels) - 1

    def columns(self, values: np.ndarray) -> np.ndarray:
        """Numbers, standardised by those known, or a column for each level but the first."""
        if self.levels is None:
            return ((values - self._middle) / self._spread)[None]
        return values == np.arange(1, len(self.levels))[:, None]

    def completed(self) -> pd.Series:
        if self.levels is None:
            return pd.Series(self.values)
        values = self.levels[self.values]
        if not self.is_category:
            return pd.Series(values)
        return pd.Series(pd.Categorical.from_codes(values, dtype=self._dtype))


class _Chain:
    """The variables, begun at known values drawn at random, and their columns and products.

    A draw changes few rows of few columns: both are kept, and brought up to date.
    """

    def __init__(
        self, frame: pd.DataFrame, visited: Sequence[str], rng: np.random.Generator
    ) -> None:
        self._rng = rng
        self.variables = {name: _Variable(frame[name]) for name in frame}
        for variable in (self.variables[name] for name in visited):
            known = variable.values[variable.known]
            variable.values[variable.gaps] = rng.choice(known, len(variable.gaps))
        widths = [variable.width for variable in self.variables.values()]
        self._X = np.ones((1 + sum(widths), len(frame)))
        places = np.split(np.arange(1, len(self._X)), np.cumsum(widths)[:-1])
        self._places = dict(zip(self.variables, places, strict=True))
        for name, variable in self.variables.items():
            self._X[self._places[name]] = variable.columns(variable.values)
        self._products = self._X @ self._X.T

    def draw(self, name: str, ordered: bool, donors: int) -> None:
        """Draw the missing values of a variable given the others."""
        variable, place = self.variables[name], self._places[name]
        missing = self._X[:, variable.gaps]
        self._products -= missing @ missing.T
        predictors = np.setdiff1d(np.arange(1, len(self._X)), place)
        given = Given(self._X.T, variable.known, missing.T, predictors, self._products)
        if not len(place):
            drawn = variable.values[variable.gaps]
            if not variable.is_category:
                given.usable()  # that few have the same number does not say that all have it
        elif variable.levels is None:
            drawn = draw_numbers(given, variable.values, donors, self._rng)
        else:
            levels = len(variable.levels)
            drawn, variable.estimate = draw_levels(
                given, variable.values, levels, ordered, self._rng, variable.estimate
            )
        variable.values[variable.gaps] = drawn
        missing[place] = variable.columns(drawn)
        self._X[place[:, None], variable.gaps] = missing[place]
        self._products += missing @ missing.T
