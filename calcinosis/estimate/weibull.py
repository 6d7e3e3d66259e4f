"""Weibull times from films that bracket the event: whether the rate rises or falls with time."""

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special
from statsmodels.tools.numdiff import approx_fprime

from calcinosis.estimate.logistic import NotEstimableError
from calcinosis.estimates import PROFILE_DROP, Z


@dataclass(frozen=True)
class Weibull:
    """A fit: cumulative hazard ``(t / scale) ** shape``; a shape above 1 is a rising rate.

    Parameters
    ----------
    log_scale, log_shape : the estimates
    covariance : of the two, shape (2, 2), of the observed information
    shape_low, shape_high : profile limits of the shape
    p_value : likelihood ratio test of shape 1, the constant rate
    log_likelihood : at the maximum
    """

    log_scale: float
    log_shape: float
    covariance: np.ndarray
    shape_low: float
    shape_high: float
    p_value: float
    log_likelihood: float

    def by(self, time: float) -> tuple[float, float, float]:
        """Cumulative incidence at a time, with limits that are Wald's on the log hazard scale."""
        shape = np.exp(self.log_shape)
        log_hazard = shape * (np.log(time) - self.log_scale)
        gradient = np.array([-shape, log_hazard])
        spread = Z * float(np.sqrt(gradient @ self.covariance @ gradient))
        values = -np.expm1(-np.exp(log_hazard + np.array([0.0, -spread, spread])))
        return float(values[0]), float(values[1]), float(values[2])


def weibull(left: np.ndarray, right: np.ndarray) -> Weibull:
    """Maximum likelihood of Weibull times in intervals.

    Parameters
    ----------
    left, right : each event lies in (left, right]; right is infinite where none was seen; shape
        (patients,)

    Returns
    -------
    Weibull

    Raises
    ------
    NotEstimableError
        Nobody or everybody has an event at any time, or nothing converged.

    References
    ----------
    R: `survreg(Surv(left, right, type = "interval2") ~ 1, dist = "weibull")`, whose intercept is
    `log_scale` and whose log(scale) is minus `log_shape`.
    """
    if np.isinf(right).all() or (left == 0).all():
        raise NotEstimableError("Where all or none worsened there is no Weibull distribution.")
    start = np.array([np.log(np.where(np.isinf(right), left, right).mean()), 0.0])
    fit = optimize.minimize(_minus, start, (left, right), jac=True, method="BFGS", tol=1e-9)
    if not np.isfinite(fit.x).all() or np.abs(fit.jac).max() > 1e-4:
        raise NotEstimableError("The Weibull fit did not converge.")
    information = approx_fprime(
        fit.x, lambda theta: _minus(theta, left, right)[1], epsilon=1e-5, centered=True
    )
    covariance = np.linalg.inv((information + information.T) / 2)

    def fall(log_shape: float) -> float:
        """How much the log-likelihood loses at a shape, the scale being free."""
        best = optimize.minimize_scalar(
            lambda log_scale: _minus(np.array([log_scale, log_shape]), left, right)[0],
            bracket=(fit.x[0] - 0.1, fit.x[0] + 0.1),
            tol=1e-10,
        )
        return float(best.fun - fit.fun)

    step = 2 * float(np.sqrt(covariance[1, 1]))
    limits = []
    for sign in (-1, 1):
        reach = step
        while fall(fit.x[1] + sign * reach) < PROFILE_DROP:
            reach *= 2
            if reach > 10:
                raise NotEstimableError("The profile of the Weibull shape has no limit.")
        ends = sorted((fit.x[1], fit.x[1] + sign * reach))
        limits.append(float(optimize.brentq(lambda x: fall(x) - PROFILE_DROP, *ends, xtol=1e-9)))
    return Weibull(
        float(fit.x[0]),
        float(fit.x[1]),
        covariance,
        float(np.exp(limits[0])),
        float(np.exp(limits[1])),
        float(special.chdtrc(1, max(2 * fall(0.0), 0.0))),
        -float(fit.fun),
    )


def _minus(theta: np.ndarray, left: np.ndarray, right: np.ndarray) -> tuple[float, np.ndarray]:
    """Minus the log-likelihood and its gradient in log scale and log shape."""
    before, slope_before = _hazard(theta, left)
    seen = np.isfinite(right)
    after, slope_after = _hazard(theta, right[seen])
    within, slope_within = after - before[seen], slope_after - slope_before[:, seen]
    value = -before.sum() + np.log(-np.expm1(-within)).sum()
    # 1 / expm1(x), written so that nothing overflows where x is large.
    gradient = -slope_before.sum(axis=1)
    gradient = gradient + (slope_within * np.exp(-within) / -np.expm1(-within)).sum(axis=1)
    return -float(value), -gradient


def _hazard(theta: np.ndarray, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cumulative hazard at times, shape (n,), and its derivatives, shape (2, n)."""
    log_times = np.log(np.where(times > 0, times, 1.0)) - theta[0]
    shape = np.exp(theta[1])
    hazard = np.where(times > 0, np.exp(shape * log_times), 0.0)
    return hazard, np.array([-shape * hazard, shape * log_times * hazard])
