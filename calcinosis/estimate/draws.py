"""Draws of one incomplete variable, given complete predictors: the steps of chained equations.

Each draws the parameters of its regression from their approximate posterior first, so that
imputations differ by what the data leave uncertain. References: van Buuren S. Flexible imputation
of missing data. 2nd ed, Chapman & Hall 2018; R: `mice` with its methods pmm, logreg, polyreg, polr.
"""

from collections.abc import Callable

import numpy as np

from calcinosis.estimate import category_models
from calcinosis.estimate.logistic import NotEstimableError
from calcinosis.estimate.patterns import independent

_DIGITS = 10
_SOME = 20_000
"""Rows to begin a fit with, where there are more."""


def draw_numbers(
    known: np.ndarray,
    values: np.ndarray,
    missing: np.ndarray,
    donors: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Numbers by predictive mean matching: each is that of a patient with a similar prediction.

    Parameters
    ----------
    known : predictors of those with a value, standardised, shape (known, predictors)
    values : their values, shape (known,)
    missing : predictors of the others, shape (missing, predictors)
    donors : among how many nearest patients one is drawn
    rng : source of random numbers

    Returns
    -------
    a value for each of the others, shape (missing,), always one that somebody has

    References
    ----------
    Little RJA. J Bus Econ Stat 1988;6:287-96, doi 10.1080/07350015.1988.10509663. Predictions of
    those with a value take the estimate, those of the others the draw (type 1 of `mice`).
    """
    used = _usable(known)
    X, new = _with_intercept(_of(known, used)), _with_intercept(_of(missing, used))
    products = X.T @ X
    beta = np.linalg.solve(products, X.T @ values)
    # Once more on what is left, which gives back the digits that the products have lost.
    beta += np.linalg.solve(products, X.T @ (values - X @ beta))
    residual = values - X @ beta
    spread = float(residual @ residual) / rng.chisquare(len(values) - X.shape[1])
    drawn = beta + spread**0.5 * _drawn(np.zeros_like(beta), np.linalg.inv(products), rng)
    # Equal predictions are many where predictors are categories: chance decides between them, not
    # the rounding of sums.
    size = max(float(np.abs(X @ beta).max()), np.finfo(float).tiny)
    prediction, wanted = (np.round(found / size, _DIGITS) for found in (X @ beta, new @ drawn))
    mixed = rng.permutation(len(values))
    order = mixed[np.argsort(prediction[mixed], kind="stable")]
    return values[order[_near(prediction[order], wanted, donors, rng)]]


def _near(
    sorted_predictions: np.ndarray, wanted: np.ndarray, donors: int, rng: np.random.Generator
) -> np.ndarray:
    """A place among the `donors` nearest predictions for each wanted one."""
    n = len(sorted_predictions)
    k = min(donors, n)
    # The nearest lie within k places on either side of where the wanted one would stand.
    at = np.searchsorted(sorted_predictions, wanted)[:, None] + np.arange(-k, k)
    distance = np.where(
        (at >= 0) & (at < n),
        np.abs(sorted_predictions[np.clip(at, 0, n - 1)] - wanted[:, None]),
        np.inf,
    )
    nearest = np.argsort(distance, axis=1, kind="stable")[:, :k]
    chosen = rng.integers(0, k, len(wanted))
    rows = np.arange(len(wanted))
    return at[rows, nearest[rows, chosen]]


def draw_levels(
    known: np.ndarray,
    codes: np.ndarray,
    missing: np.ndarray,
    ordered: bool,
    rng: np.random.Generator,
) -> np.ndarray:
    """Levels of a category: by logistic, proportional odds or multinomial regression.

    Parameters
    ----------
    known : predictors of those with a value, standardised, shape (known, predictors)
    codes : their levels as numbers, shape (known,)
    missing : predictors of the others, shape (missing, predictors)
    ordered : whether three levels or more have an order
    rng : source of random numbers

    Returns
    -------
    a level for each of the others, shape (missing,), always one that somebody has

    Notes
    -----
    Where predictors separate the levels, coefficients have no end and draws no sense. A few rows of
    little weight are therefore added for each level, half a standard deviation to either side of
    the mean of one predictor; together they weigh as much as there are coefficients and one. With
    patients enough they change nothing that can be seen.

    References
    ----------
    White IR, Daniel R, Royston P. Comput Stat Data Anal 2010;54:2267-75, doi
    10.1016/j.csda.2010.04.005: augmentation.
    """
    there, at = np.unique(codes, return_inverse=True)
    levels = len(there)
    if levels == 1:
        return np.full(len(missing), there[0])
    used = _usable(known)
    X, at, weights = _augmented(_of(known, used), at, levels)
    new = _with_intercept(_of(missing, used))
    if ordered and levels > 2:
        fitted = _fitted(category_models.proportional_odds, X[:, 1:], at, levels, weights)
        risks = category_models.proportional_odds_risks(_drawn(*fitted, rng), new[:, 1:], levels)
    else:
        fitted = _fitted(category_models.multinomial, X, at, levels, weights)
        risks = category_models.multinomial_risks(_drawn(*fitted, rng), new, levels)
    below = np.cumsum(risks, axis=1)[:, :-1]
    return there[(rng.random(len(missing))[:, None] > below).sum(axis=1)]


def _augmented(
    X: np.ndarray, codes: np.ndarray, levels: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of all levels to either side of each predictor's mean, and the weights of all rows.

    The design has the intercept first.
    """
    p = X.shape[1]
    around = np.concatenate([np.diag(X.std(axis=0)), -np.diag(X.std(axis=0))]) / 2 + X.mean(axis=0)
    added = np.tile(around, (levels, 1))
    of_level = np.repeat(np.arange(levels), 2 * p)
    weights = np.concatenate([np.ones(len(X)), np.full(len(added), (p + 1) / max(len(added), 1))])
    design = np.ones((len(X) + len(added), 1 + p))
    design[: len(X), 1:], design[len(X) :, 1:] = X, added
    return design, np.concatenate([codes, of_level]), weights


def _fitted(
    fit: Callable[..., tuple[np.ndarray, np.ndarray]],
    X: np.ndarray,
    codes: np.ndarray,
    levels: int,
    weights: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """The fit of all rows, of very many begun at the fit of some.

    The added rows are among them, and a row of each level.
    """
    some = (weights != 1) | (np.arange(len(codes)) % (len(codes) // _SOME + 1) == 0)
    some[np.unique(codes, return_index=True)[1]] = True
    if some.all():
        return fit(X, codes, levels, weights)
    start, _ = fit(X[some], codes[some], levels, weights[some])
    return fit(X, codes, levels, weights, start)


def _of(X: np.ndarray, used: np.ndarray) -> np.ndarray:
    """Some columns, without a copy where they are all."""
    return X if len(used) == X.shape[1] else X[:, used]


def _usable(X: np.ndarray) -> np.ndarray:
    """Which predictors vary and are no linear combination of those before them, as positions.

    Raises
    ------
    NotEstimableError
        There are not more patients than parameters.
    """
    patients, parameters = len(X), 1 + int((np.ptp(X, axis=0) > 0).sum())
    if patients <= parameters:
        raise NotEstimableError(
            f"{patients} patients with a value for {parameters} parameters of its imputation model."
        )
    return independent(X)


def _with_intercept(X: np.ndarray) -> np.ndarray:
    design = np.ones((len(X), 1 + X.shape[1]))
    design[:, 1:] = X
    return design


def _drawn(mean: np.ndarray, covariance: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One draw of a normal distribution; the root is Cholesky's, which has no choice of signs."""
    drawn: np.ndarray = mean + np.linalg.cholesky(covariance) @ rng.standard_normal(len(mean))
    return drawn
