"""Firth's estimates over imputations: with Wald's variances, or with combined profiles."""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special
from statsmodels.tools.tools import add_constant

from calcinosis.estimate.logistic import NotEstimableError
from calcinosis.estimates import CONF_LEVEL

# firthmodels (with scikit-learn, a second) is imported where the estimate is Firth's.

_TOLERANCES = (1e-8, 1e-7, 1e-6, 1e-5)
"""Where rounding keeps a fit from the tightest, the next one is taken."""
_OF_LIMITS = 1e-6
"""Tolerance of limits, in standard errors."""
_WIDEST = 40.0
"""Standard errors from the estimate beyond which no limit is looked for."""
_MOST_STEPS = 200
_LONGEST_STEP = 3.0
_GAIN = 1e-12
"""Of the likelihood, below which a step is the last."""


@dataclass(frozen=True)
class Completed:
    """The model in a completed dataset.

    Parameters
    ----------
    own : design of what is completed, without intercept, shape (patients, parameters)
    y : 0 or 1, shape (patients,)
    shared : columns behind it that all completed datasets have alike and hold once; or None
    """

    own: np.ndarray
    y: np.ndarray
    shared: np.ndarray | None = None

    @property
    def whole(self) -> np.ndarray:
        """The whole design, made when it is asked for."""
        return self.own if self.shared is None else np.column_stack([self.own, self.shared])


def firth(data: Completed) -> tuple[np.ndarray, np.ndarray]:
    """Firth's estimate without its profiles, which take much longer.

    Parameters
    ----------
    data : of full rank with an intercept

    Returns
    -------
    intercept and coefficients, and their covariance by the inverse of the information

    Raises
    ------
    NotEstimableError
        The fit did not converge.

    References
    ----------
    R: `glm(..., method = brglm2::brglm_fit, type = "AS_mean")`.
    """
    from firthmodels import FirthLogisticRegression

    # Standardised columns let tight tolerances be reached.
    X = data.whole
    mean, spread = X.mean(axis=0), X.std(axis=0)
    standard = (X - mean) / spread
    for tolerance in _TOLERANCES:
        model = FirthLogisticRegression(
            backend="numpy", max_iter=500, gtol=tolerance, xtol=tolerance
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what did not converge is seen below
            model.fit(standard, data.y)
        if model.converged_:
            break
    else:
        raise NotEstimableError("A penalised fit did not converge.")
    slopes = model.coef_ / spread
    beta = np.array([model.intercept_ - mean @ slopes, *slopes])
    design = add_constant(X, has_constant="add")
    return beta, np.linalg.inv(_at(design, data.y, beta)[2])


def combined_profiles(
    completed: Sequence[Completed], columns: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Intervals and tests from the mean of the profiles' distributions (CLIP).

    In each completed dataset the signed root of the penalised likelihood ratio, as a function of
    a coefficient, is taken for a normal deviate: its distribution function. The limits are where
    the mean of these functions is 2.5% and 97.5%, and the test is what it says of zero.

    Parameters
    ----------
    completed : the completed datasets
    columns : of how many coefficients, from the first

    Returns
    -------
    lower limits, upper limits, p-values, shape (columns,)

    Raises
    ------
    NotEstimableError
        A profile did not converge, or does not reach a limit.

    References
    ----------
    Heinze G, Ploner M, Beyea J. Stat Med 2013;32:5062-76, doi 10.1002/sim.5899. R:
    `logistf::CLIP.confint`.
    """
    profiles = [_Profile(data) for data in completed]
    low, high, p_values = np.array([_combined(profiles, i) for i in range(columns)]).T
    return low, high, p_values


def _combined(profiles: Sequence["_Profile"], column: int) -> tuple[float, float, float]:
    std_error = float(np.mean([profile.std_errors[column] for profile in profiles]))
    estimate = float(np.mean([profile.coefficients[column] for profile in profiles]))

    def deviate(value: float) -> float:
        """The combined distribution function, as a normal deviate: nearly a line."""
        shares = special.ndtr([profile.signed_root(column, value) for profile in profiles])
        return float(special.ndtri(np.clip(shares.mean(), 1e-300, 1 - 1e-16)))

    def limit(wanted: float) -> float:
        near, reach = estimate, 1.25 * wanted * std_error
        while abs(reach) < _WIDEST * std_error:
            far = near + reach
            if (deviate(far) - wanted) * wanted > 0:
                found = optimize.brentq(
                    lambda value: deviate(value) - wanted,
                    *sorted([near, far]),
                    xtol=_OF_LIMITS * std_error,
                )
                return float(found)
            near, reach = far, 2 * reach
        raise NotEstimableError("A combined profile does not reach its limit.")

    z = float(special.ndtri((1 + CONF_LEVEL) / 2))
    return limit(-z), limit(z), 2 * float(special.ndtr(-abs(deviate(0.0))))


class _Profile:
    """The penalised likelihood of a completed dataset along each coefficient.

    firthmodels holds a coefficient at zero only, and fits anew for each value.
    """

    def __init__(self, data: Completed):
        beta, _ = firth(data)
        X = data.whole
        mean, self._spread = X.mean(axis=0), X.std(axis=0)
        self.coefficients = beta[1:]
        self._design = add_constant((X - mean) / self._spread, has_constant="add")
        self._y = data.y
        self._beta = np.array([beta[0] + mean @ beta[1:], *(beta[1:] * self._spread)])
        self._likelihood, _, information = _at(self._design, self._y, self._beta)
        self._covariance = np.linalg.inv(information)
        self.std_errors = np.sqrt(self._covariance.diagonal()[1:]) / self._spread

    def signed_root(self, column: int, value: float) -> float:
        """Root of the penalised likelihood ratio of a value, negative below the estimate."""
        j, of_column = 1 + column, self._covariance[:, 1 + column]
        away = value * self._spread[column] - self._beta[j]
        start = self._beta + away * of_column / of_column[j]
        drop = self._likelihood - _highest(self._design, self._y, start, j)
        return math.copysign(math.sqrt(max(0.0, 2 * drop)), away)


def _at(
    design: np.ndarray, y: np.ndarray, beta: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Penalised log likelihood, its modified score, and the information."""
    logit = design @ beta
    risk = special.expit(logit)
    weight = risk * (1 - risk)
    information = design.T @ (design * weight[:, None])
    sign, log_determinant = np.linalg.slogdet(information)
    if sign <= 0:
        return -math.inf, np.zeros(len(beta)), information
    likelihood = float(y @ logit - np.logaddexp(0, logit).sum() + log_determinant / 2)
    leverage = weight * (design @ np.linalg.inv(information) * design).sum(axis=1)
    return likelihood, design.T @ (y - risk + leverage * (0.5 - risk)), information


def _highest(design: np.ndarray, y: np.ndarray, beta: np.ndarray, fixed: int) -> float:
    """The highest penalised log likelihood with one coefficient as it is."""
    free = np.arange(len(beta)) != fixed
    likelihood, score, information = _at(design, y, beta)
    for _ in range(_MOST_STEPS):
        move = np.zeros(len(beta))
        move[free] = np.linalg.solve(information[np.ix_(free, free)], score[free])
        move /= max(1.0, np.abs(move).max() / _LONGEST_STEP)
        if float(score @ move) < _GAIN:
            return likelihood
        for part in 0.5 ** np.arange(30):
            tried = _at(design, y, beta + part * move)
            if tried[0] > likelihood:
                break
        else:
            return likelihood  # as high as rounding lets it be
        beta = beta + part * move
        likelihood, score, information = tried
    raise NotEstimableError("A penalised profile did not converge.")
