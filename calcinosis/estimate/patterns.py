"""Patients with equal covariates, counted once: what makes long cohorts fast.

The likelihood of a logistic regression is that of its distinct covariate patterns with their
numbers of events, so that a fit of the patterns is the fit of the rows.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

_MOST = 2**62
"""Codes of patterns stay below it, so that they fit into 64 bits."""
_DEPENDENT = 1e-8
"""Length that the columns before leave of a dependent column, as a share of its own."""
_TALL = 4096


@dataclass(frozen=True)
class Patterns:
    """The distinct rows of a design matrix.

    Parameters
    ----------
    X : the distinct rows in lexicographic order, without intercept, shape (patterns, parameters)
    events : patients with the outcome, shape (patterns,)
    trials : patients, shape (patterns,)
    of_row : which pattern each patient has, shape (patients,)
    """

    X: np.ndarray
    events: np.ndarray
    trials: np.ndarray
    of_row: np.ndarray

    def only(self, columns: np.ndarray) -> "Patterns":
        """With some of the columns only; patterns that become equal stay apart, which fits alike.

        Parameters
        ----------
        columns : boolean or positions, which columns stay
        """
        return Patterns(self.X[:, columns], self.events, self.trials, self.of_row)


def collapse(X: np.ndarray, y: np.ndarray) -> Patterns:
    """Count the distinct rows of a design matrix and their events.

    Parameters
    ----------
    X : shape (patients, parameters), without intercept and missing values
    y : 0 or 1, shape (patients,)

    Returns
    -------
    Patterns
        They do not depend on the order of the patients.
    """
    codes, size = np.zeros(len(y), np.int64), 1
    for column in X.T:
        of_column, values = pd.factorize(column, sort=True)
        if size * len(values) >= _MOST:
            codes, found = pd.factorize(codes, sort=True)
            size = len(found)
        codes = codes * len(values) + of_column
        size *= len(values)
    of_row, found = pd.factorize(codes, sort=True)
    number = len(found)
    member = np.empty(number, np.int64)
    member[of_row] = np.arange(len(y))
    return Patterns(
        X[member],
        np.bincount(of_row, y, number),
        np.bincount(of_row, minlength=number).astype(float),
        of_row,
    )


def independent(X: np.ndarray) -> np.ndarray:
    """Which columns vary and are no linear combination of those before them and an intercept.

    Parameters
    ----------
    X : shape (rows, columns), without intercept

    Returns
    -------
    positions of the columns, increasing
    """
    if many_and_independent(X):
        return np.arange(X.shape[1])
    kept = np.flatnonzero(np.ptp(X, axis=0) > 0)
    centred = X - X.mean(axis=0)
    lengths = np.linalg.norm(centred, axis=0)
    while len(kept):
        own = np.zeros(len(kept))
        triangle: np.ndarray = np.linalg.qr(centred[:, kept], mode="r")  # type: ignore[assignment]
        diagonal = triangle.diagonal()
        own[: len(diagonal)] = np.abs(diagonal)
        dependent = np.flatnonzero(own <= _DEPENDENT * lengths[kept])
        if not len(dependent):
            break
        # Behind the first dependent column the diagonal says nothing.
        kept = np.delete(kept, dependent[0])
    return kept


def clearly_independent(products: np.ndarray) -> bool:
    """Whether the products of columns leave no doubt, which cost less than their triangle.

    They have half of its digits: what is left of a column must be far more than `_DEPENDENT` of it.

    Parameters
    ----------
    products : X'X of a design, which may have an intercept
    """
    lengths = np.sqrt(products.diagonal())
    if not (lengths > 0).all():
        return False
    try:
        triangle = np.linalg.cholesky(products / np.outer(lengths, lengths))
    except np.linalg.LinAlgError:
        return False
    return bool(triangle.diagonal().min() > 1e-4)


def many_and_independent(X: np.ndarray) -> bool:
    """Whether many rows leave no doubt that columns and an intercept are independent.

    Parameters
    ----------
    X : shape (rows, columns), without intercept

    Returns
    -------
    False also of few rows, of which anything else costs little
    """
    if len(X) <= _TALL:
        return False
    products = np.zeros((1 + X.shape[1], 1 + X.shape[1]))
    for first in range(0, len(X), _TALL):
        # Columns counted from their first value keep the digits of what varies.
        block = X[first : first + _TALL] - X[0]
        design = np.column_stack([np.ones(len(block)), block])
        products += design.T @ design
    return clearly_independent(products)


def cases(data: Patterns) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The patterns with and without the outcome: design, outcome, and how many patients each."""
    with_it, without = data.events > 0, data.trials > data.events
    X = np.concatenate([data.X[with_it], data.X[without]])
    y = np.repeat([1.0, 0.0], [with_it.sum(), without.sum()])
    return X, y, np.concatenate([data.events[with_it], (data.trials - data.events)[without]])
