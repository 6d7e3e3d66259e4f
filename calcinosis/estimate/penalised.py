"""Firth's estimates over imputations: with Wald's variances, or with combined profiles."""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True)
class Completed:
    """The model in a completed dataset.

    Parameters
    ----------
    X : design without intercept, shape (patients, parameters)
    y : 0 or 1, shape (patients,)
    """

    X: np.ndarray
    y: np.ndarray


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
    spread = data.X.std(axis=0)
    model = _fitted(data, np.zeros(len(data.y)))
    slopes = model.coef_ / spread
    beta = np.array([model.intercept_ - data.X.mean(axis=0) @ slopes, *slopes])
    design = add_constant(data.X, has_constant="add")
    risk = special.expit(design @ beta)
    return beta, np.linalg.inv(design.T @ (design * (risk * (1 - risk))[:, None]))


def combined_profile(
    completed: Sequence[Completed], column: int, estimate: float, std_error: float
) -> tuple[float, float, float]:
    """Interval and test of a coefficient from the mean of its profiles' distributions (CLIP).

    In each completed dataset the signed root of the penalised likelihood ratio, as a function of
    the coefficient, is taken for a normal deviate: its distribution function. The limits are where
    the mean of these functions is 2.5% and 97.5%, and the test is what it says of zero.

    Parameters
    ----------
    completed : the completed datasets
    column : the coefficient
    estimate, std_error : where to begin to look

    Returns
    -------
    lower and upper limit, p-value

    Raises
    ------
    NotEstimableError
        A profile did not converge, or does not reach a limit.

    References
    ----------
    Heinze G, Ploner M, Beyea J. Stat Med 2013;32:5062-76, doi 10.1002/sim.5899. R:
    `logistf::CLIP.confint`.
    """

    def deviate(value: float) -> float:
        """The combined distribution function, as a normal deviate: nearly a line."""
        shares = special.ndtr([_signed_root(data, column, value) for data in completed])
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


def _signed_root(data: Completed, column: int, value: float) -> float:
    """Root of the penalised likelihood ratio of a value, negative below the estimate."""
    # With the value as an offset, its test is the test of zero.
    values = data.X[:, column]
    model = _fitted(data, value * (values - values.mean()), tested=column)
    # The test's back-corrected standard error is the estimate over that root; there is none where
    # the value is the estimate.
    error = float(model.lrt_bse_[column])
    return 0.0 if math.isnan(error) else -float(model.coef_[column]) / error


def _fitted(data: Completed, offset: np.ndarray, tested: int | None = None) -> Any:
    """Firth's fit of standardised columns, which let tight tolerances be reached."""
    from firthmodels import FirthLogisticRegression

    standard = (data.X - data.X.mean(axis=0)) / data.X.std(axis=0)
    for tolerance in _TOLERANCES:
        model = FirthLogisticRegression(
            backend="numpy", max_iter=500, gtol=tolerance, xtol=tolerance
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what did not converge is seen below
            model.fit(standard, data.y, offset=offset)
            if tested is not None:
                model.lrt(tested)
        if model.converged_ and (tested is None or math.isfinite(model.lrt_pvalues_[tested])):
            return model
    raise NotEstimableError("A penalised fit did not converge.")
