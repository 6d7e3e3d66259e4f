"""Draws of one incomplete variable, given complete predictors: the steps of chained equations.

Each draws the parameters of its regression from their approximate posterior first, so that
imputations differ by what the data leave uncertain. References: van Buuren S. Flexible imputation
of missing data. 2nd ed, Chapman & Hall 2018; R: `mice` with its methods pmm, logreg, polyreg, polr.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from calcinosis.estimate import category_models
from calcinosis.estimate.category_models import Rows
from calcinosis.estimate.logistic import NotEstimableError
from calcinosis.estimate.patterns import clearly_independent, independent

_DIGITS = 10
_VARIES = 1e-5
"""A column's sum of squares about its mean, per row: of less, products are asked no more."""


@dataclass(frozen=True)
class Given:
    """What an incomplete variable is drawn from.

    Parameters
    ----------
    X : the intercept, then standardised columns of all variables, shape (rows, columns); stored
        column by column
    known : which rows have a value of the variable
    missing : the other rows of X
    predictors : positions of the columns of other variables
    products : X'X of the rows with a value
    """

    X: np.ndarray
    known: np.ndarray
    missing: np.ndarray
    predictors: np.ndarray
    products: np.ndarray

    def usable(self) -> np.ndarray:
        """The intercept, and predictors that vary and are no linear combination of those before.

        Returns
        -------
        positions of their columns

        Raises
        ------
        NotEstimableError
            There are not more patients than parameters.
        """
        patients, lengths = self.products[0, 0], self.products.diagonal()
        # Products that rows were taken from are rounded as those of all rows.
        surely = lengths - self.products[0] ** 2 / patients > _VARIES * len(self.X)
        varying = [i for i in self.predictors if surely[i] or np.ptp(self.X[:, i][self.known]) > 0]
        used = np.array([0, *varying])
        if patients <= len(used):
            reason = f"{patients:.0f} patients with a value for {len(used)} parameters"
            raise NotEstimableError(f"{reason} of its imputation model.")
        if surely[varying].all() and clearly_independent(self.products[np.ix_(used, used)]):
            return used
        return used[[0, *(1 + independent(self.X[:, varying][self.known]))]]


class Estimate(NamedTuple):
    """Coefficients of a regression, as `category_models` returns them, and of which columns."""

    columns: np.ndarray
    coefficients: np.ndarray


def draw_numbers(
    given: Given, values: np.ndarray, donors: int, rng: np.random.Generator
) -> np.ndarray:
    """Numbers by predictive mean matching: each is that of a patient with a similar prediction.

    Parameters
    ----------
    given : the predictors
    values : of all rows, anything where they are not known, shape (rows,)
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
    used = given.usable()
    products = given.products[np.ix_(used, used)]
    beta, left = np.zeros(given.X.shape[1]), np.where(given.known, values, 0)
    # Once more on what is left, which gives back the digits that the products have lost.
    for _ in range(2):
        beta[used] += np.linalg.solve(products, (left @ given.X)[used])
        fitted = given.X @ beta
        left = np.where(given.known, values - fitted, 0)
    spread = float(left @ left) / rng.chisquare(products[0, 0] - len(used))
    drawn = beta[used] + spread**0.5 * _drawn(np.zeros(len(used)), np.linalg.inv(products), rng)
    # Equal predictions are many where predictors are categories: chance decides between them, not
    # the rounding of sums.
    prediction = fitted[given.known]
    size = float(np.abs(prediction).max()) or 1.0
    mixed = rng.permutation(len(prediction))
    # The place among the mixed in the last bits: one sort of whole numbers, without equal ones.
    bits = len(prediction).bit_length()
    whole = np.round(prediction[mixed] / size * 10**_DIGITS).astype(np.int64)
    both = np.sort((whole << bits) + np.arange(len(whole)))
    order = mixed[both & (2**bits - 1)]
    wanted = np.round(given.missing[:, used] @ drawn / size * 10**_DIGITS)
    near = _near((both >> bits).astype(float), wanted, donors, rng)
    return values[given.known][order[near]]


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
    given: Given,
    codes: np.ndarray,
    levels: int,
    ordered: bool,
    rng: np.random.Generator,
    before: Estimate | None = None,
) -> tuple[np.ndarray, Estimate]:
    """Levels of a category: by logistic, proportional odds or multinomial regression.

    Parameters
    ----------
    given : the predictors
    codes : levels of all rows from 0, any where they are not known, shape (rows,)
    levels : how many there are, two or more, each of them known of somebody
    ordered : whether three levels or more have an order
    rng : source of random numbers
    before : the estimate of an earlier draw, to begin with if it is of the same columns

    Returns
    -------
    a level for each of the others, shape (missing,), and the estimate

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
    columns = used = given.usable()
    # An estimate of other columns may lie so far off that no step leads back.
    start = before.coefficients if before and np.array_equal(before.columns, columns) else None
    parts = [Rows(given.X, codes, given.known), _added(given, used[1:], levels)]
    if ordered and levels > 2:
        used = used[1:]
        fitted = category_models.proportional_odds(parts, levels, start, used)
        risks_of = category_models.proportional_odds_risks
    else:
        fitted = category_models.multinomial(parts, levels, start, used)
        risks_of = category_models.multinomial_risks
    risks = risks_of(_drawn(*fitted, rng), given.missing[:, used], levels)
    below = np.cumsum(risks, axis=1)[:, :-1]
    return (rng.random(len(risks))[:, None] > below).sum(axis=1), Estimate(columns, fitted[0])


def _added(given: Given, predictors: np.ndarray, levels: int) -> Rows:
    """Rows of all levels to either side of each predictor's mean."""
    p, patients = len(predictors), given.products[0, 0]
    mean = given.products[0, predictors] / patients
    variance = given.products.diagonal()[predictors] / patients - mean**2
    half = np.diag(np.maximum(variance, 0)) ** 0.5 / 2  # rounding may leave less than 0
    X = np.zeros((levels * 2 * p, given.X.shape[1]))
    X[:, 0] = 1
    X[:, predictors] = np.tile(np.concatenate([half, -half]) + mean, (levels, 1))
    weights = np.full(len(X), (p + 1) / max(len(X), 1))
    return Rows(X, np.repeat(np.arange(levels), 2 * p), weights)


def _drawn(mean: np.ndarray, covariance: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One draw of a normal distribution; the root is Cholesky's, which has no choice of signs."""
    drawn: np.ndarray = mean + np.linalg.cholesky(covariance) @ rng.standard_normal(len(mean))
    return drawn
