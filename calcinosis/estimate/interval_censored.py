"""Constant rates from films that bracket the event, with and without covariates.

With a constant rate r, the chance of worsening within an interval of t years is
``1 - exp(-r t)``: a binomial model with complementary log-log link and offset log t. It is the
exact likelihood when progression is absorbing, the rate constant, the dates of films unrelated to
the state, and grades read without error.
"""

import math
from collections.abc import Callable

import numpy as np
from scipy import optimize, special
from statsmodels.genmod import families
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.tools.tools import add_constant

from calcinosis.estimate.logistic import Fit, NotEstimableError
from calcinosis.estimates import PROFILE_DROP, Z

_WIDEST = 20.0
"""Where a profile's limit is looked for, in logarithms: a ratio of half a thousand million."""


def interval_censored_rate(
    worsened: np.ndarray, years: np.ndarray
) -> tuple[float, float, float, float] | None:
    """Exponential rate from interval-censored events, by a complementary log-log regression.

    Parameters
    ----------
    worsened : boolean, shape (intervals,)
    years : length of each interval, shape (intervals,)

    Returns
    -------
    rate per year, standard error of its logarithm, low, high (Wald on the log scale); None when
    all or none worsened, because the likelihood then has no interior maximum

    References
    ----------
    R: `survreg(Surv(left, right, type = "interval2") ~ 1, dist = "exponential")`, or
    `glm(worsened ~ 1 + offset(log(years)), binomial("cloglog"))`.
    """
    if worsened.all() or not worsened.any():
        return None
    y, log_years = worsened.astype(float), np.log(years)
    (log_rate,) = _maximise(np.ones((len(y), 1)), y, log_years)
    # The link is not canonical: the observed information is that of the likelihood, as in R's
    # survreg; GLM reports the expected one.
    information = _information(np.ones((len(y), 1)), y, log_years, np.array([log_rate]))
    std_error = float(1 / math.sqrt(information[0, 0]))
    return (
        math.exp(log_rate),
        std_error,
        math.exp(log_rate - Z * std_error),
        math.exp(log_rate + Z * std_error),
    )


def profile_rate(worsened: np.ndarray, years: np.ndarray, rate: float) -> tuple[float, float]:
    """Limits of the rate by the profile of its likelihood.

    Parameters
    ----------
    worsened, years : see `interval_censored_rate`
    rate : the estimate, per year

    Returns
    -------
    low, high : per year

    References
    ----------
    R: `confint` of the same `glm`, which interpolates the profile; these are its roots.
    """
    y = worsened.astype(float)

    def fall(log_rate: float) -> float:
        at = _log_likelihood(log_rate + np.log(years), y)
        return _log_likelihood(math.log(rate) + np.log(years), y) - at - PROFILE_DROP

    low, high = _roots(fall, math.log(rate))
    return math.exp(low), math.exp(high)


def proportional_hazards(X: np.ndarray, y: np.ndarray, years: np.ndarray) -> Fit:
    """Hazard ratios at a constant baseline rate, with profile intervals and LR tests.

    Parameters
    ----------
    X : shape (intervals, parameters), without intercept, of full rank with one
    y : 0 or 1, whether the interval ended worse, shape (intervals,)
    years : length of each interval, shape (intervals,)

    Returns
    -------
    Fit
        Coefficients are logarithms of hazard ratios; standard errors are of the observed
        information, intervals and p-values of the profile.

    Raises
    ------
    NotEstimableError
        A fit did not converge, or a profile has no limit. Separation must be looked for before.

    References
    ----------
    R: `survreg(Surv(left, right, type = "interval2") ~ X, dist = "exponential")`, whose
    coefficients have the other sign; profile limits by constrained fits.
    """
    design, offset = add_constant(X, has_constant="add"), np.log(years)
    best = _maximise(design, y, offset)
    top = _log_likelihood(design @ best + offset, y)
    std_errors = np.sqrt(np.diag(np.linalg.inv(_information(design, y, offset, best))))
    low, high, p_values = [], [], []
    for j in range(1, design.shape[1]):
        others, x = np.delete(design, j, axis=1), design[:, j]

        def fall(value: float, others: np.ndarray = others, x: np.ndarray = x) -> float:
            shifted = offset + value * x
            there = _maximise(others, y, shifted)
            return top - _log_likelihood(others @ there + shifted, y)

        limits = _roots(lambda value: fall(value) - PROFILE_DROP, float(best[j]), std_errors[j])
        low.append(limits[0])
        high.append(limits[1])
        p_values.append(float(special.chdtrc(1, max(2 * fall(0.0), 0.0))))
    profiles = (np.array(low), np.array(high), np.array(p_values))
    return Fit(best[1:], std_errors[1:], *profiles, method="profile")


def standardised_risks(
    X: np.ndarray,
    y: np.ndarray,
    years: np.ndarray,
    horizon: float,
    changes: list[tuple[np.ndarray, np.ndarray]],
) -> tuple[Fit, Fit]:
    """Ratio and difference of the risk at a horizon, averaged over the patients.

    Parameters
    ----------
    X, y, years : see `proportional_hazards`
    horizon : years
    changes : for each contrast, the designs (patients, parameters) with and without: the same
        patients as if all, and as if none, had the level or one unit more

    Returns
    -------
    logarithms of risk ratios, and risk differences, each with delta-method standard errors, Wald
    intervals and tests

    References
    ----------
    Standardisation: Localio AR et al. J Clin Epidemiol 2007;60:874-82,
    doi 10.1016/j.jclinepi.2006.12.001. R: `marginaleffects::avg_comparisons` of the cloglog model.
    """
    design, offset = add_constant(X, has_constant="add"), np.log(years)
    best = _maximise(design, y, offset)
    covariance = np.linalg.inv(_information(design, y, offset, best))
    ratios: list[tuple[float, float]] = []
    differences: list[tuple[float, float]] = []
    for with_it, without in changes:
        (risk_1, slope_1), (risk_0, slope_0) = (
            _mean_risk(add_constant(part, has_constant="add"), best, horizon)
            for part in (with_it, without)
        )
        for found, value, slope in (
            (ratios, math.log(risk_1 / risk_0), slope_1 / risk_1 - slope_0 / risk_0),
            (differences, risk_1 - risk_0, slope_1 - slope_0),
        ):
            found.append((value, math.sqrt(float(slope @ covariance @ slope))))
    return _wald(ratios), _wald(differences)


def _mean_risk(design: np.ndarray, best: np.ndarray, horizon: float) -> tuple[float, np.ndarray]:
    hazard = np.exp(design @ best) * horizon
    gradient = (hazard * np.exp(-hazard))[:, None] * design
    return float(-np.expm1(-hazard).mean()), gradient.mean(axis=0)


def _wald(found: list[tuple[float, float]]) -> Fit:
    value, std_error = np.array(found).T
    p_values = 2 * special.ndtr(-np.abs(value / std_error))
    return Fit(value, std_error, value - Z * std_error, value + Z * std_error, p_values, "delta")


def _maximise(design: np.ndarray, y: np.ndarray, offset: np.ndarray) -> np.ndarray:
    fit = _model(design, y, offset).fit(tol=1e-12, tol_criterion="params", maxiter=500)
    if not fit.converged:
        raise NotEstimableError("The interval-censored fit did not converge.")
    return np.asarray(fit.params)


def _information(
    design: np.ndarray, y: np.ndarray, offset: np.ndarray, params: np.ndarray
) -> np.ndarray:
    return np.asarray(-_model(design, y, offset).hessian(params, scale=1.0, observed=True))


def _model(design: np.ndarray, y: np.ndarray, offset: np.ndarray) -> GLM:
    family = families.Binomial(link=families.links.CLogLog())
    return GLM(y, design, family=family, offset=offset)


def _log_likelihood(linear: np.ndarray, y: np.ndarray) -> float:
    hazard = np.exp(linear)
    return float(np.where(y > 0, np.log(-np.expm1(-hazard)), -hazard).sum())


def _roots(fall: Callable[[float], float], best: float, step: float = 1.0) -> tuple[float, float]:
    """The two places around the best value where a profile has fallen far enough."""
    limits = []
    for sign in (-1, 1):
        reach = step
        while fall(best + sign * reach) < 0:
            reach *= 2
            if reach > _WIDEST:
                raise NotEstimableError("The profile of the likelihood has no limit.")
        ends = sorted((best, best + sign * reach))
        limits.append(float(optimize.brentq(fall, *ends, xtol=1e-10)))
    return limits[0], limits[1]
