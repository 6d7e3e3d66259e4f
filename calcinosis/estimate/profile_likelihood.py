"""Logistic regression by profiles: Firth's penalised likelihood, profile intervals, ratio tests."""

import math
import warnings

import numpy as np
from scipy import special
from statsmodels.tools.tools import add_constant

from calcinosis.estimate.logistic import (
    Fit,
    NotEstimableError,
    log_likelihood,
    maximum_likelihood,
    maximum_likelihood_or_separation,
    predicted,
    solvable,
)
from calcinosis.estimate.patterns import Patterns, cases
from calcinosis.estimates import CONF_LEVEL

# firthmodels (with scikit-learn, a second) is imported where data separate or the plan asks for it.

_TOLERANCES = (1e-8, 1e-7, 1e-6)
"""Where rounding keeps a fit from the tightest, the next one is taken."""


def fit(data: Patterns) -> tuple[Fit, np.ndarray]:
    """Maximum likelihood, or Firth's estimate where the data are separated.

    Parameters
    ----------
    data : patterns of full rank with an intercept

    Returns
    -------
    the fit, and whose coefficients separate the data, boolean, shape (parameters,)
    """
    found, separates = maximum_likelihood_or_separation(data)
    return (firth(data) if found is None else found), separates


def firth(data: Patterns, *, measured: int | None = None) -> Fit:
    """Firth's penalised likelihood with profile intervals and likelihood ratio tests.

    Parameters
    ----------
    data : patterns of full rank with an intercept
    measured : how many coefficients, from the first, get an interval and a test; each costs many
        fits. Those of the others are NaN. None: all

    Returns
    -------
    Fit
        Without standard errors: intervals and tests are those of the profile. The covariance is
        the inverse of the information, as in R's brglm2.

    Raises
    ------
    NotEstimableError
        The fit or a profile did not converge.

    References
    ----------
    Heinze G, Schemper M. Stat Med 2002;21:2409-19, doi 10.1002/sim.1047. R: `logistf::logistf`.
    """
    return _profiled(data, 0.5, "penalised_profile", measured)


def profile(data: Patterns, *, measured: int | None = None) -> Fit:
    """Maximum likelihood with intervals of the profile likelihood and likelihood ratio tests.

    Parameters
    ----------
    data : patterns of full rank with an intercept, not separated
    measured : as in `firth`

    Raises
    ------
    NotEstimableError
        The fit or a profile did not converge.

    References
    ----------
    Venzon DJ, Moolgavkar SH. Appl Stat 1988;37:87-94, doi 10.2307/2347496. R: `confint(glm(...))`,
    which interpolates the profile (agreement to 1e-4 only); SAS: `clodds=pl`.
    """
    return _profiled(data, 0.0, "profile", measured)


@solvable("The penalised fit")
def _profiled(data: Patterns, penalty: float, method: str, measured: int | None) -> Fit:
    # The penalty does not depend on units; standardised columns let tight tolerances be reached.
    from firthmodels import FirthLogisticRegression

    X, y, weights = cases(data)
    mean, spread = X.mean(axis=0), X.std(axis=0)
    standard = (X - mean) / spread
    those = range(X.shape[1] if measured is None else measured)
    for tolerance in _TOLERANCES:
        model = FirthLogisticRegression(
            backend="numpy",
            max_iter=500,
            gtol=tolerance,
            xtol=tolerance,
            penalty_weight=penalty,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what did not converge is seen below
            beta = model.fit(standard, y, sample_weight=weights).coef_
            low = high = p_values = np.full(len(beta), math.nan)
            if those:
                p_values = model.lrt(those).lrt_pvalues_[:-1]
                limits = model.conf_int(
                    1 - CONF_LEVEL, method="pl", features=those, max_iter=500, tol=tolerance
                )
                low, high = limits[:-1].T
        wanted = np.array([low, high, p_values])[:, those]
        # Where a profile has one limit only, both searches end at it.
        enclosed = ((low < beta) & (beta < high))[those].all()
        if model.converged_ and np.isfinite(beta).all() and np.isfinite(wanted).all() and enclosed:
            break
    else:
        raise NotEstimableError("The fit did not converge, or a profile has no limit on one side.")
    coefficients = beta / spread
    intercept = float(model.intercept_ - mean @ coefficients)
    unpenalised = Fit(coefficients, None, low, high, p_values, method, intercept=intercept)
    risk = predicted(unpenalised, data.X)
    information = _information(data, risk)
    return Fit(
        coefficients,
        None,
        low / spread,
        high / spread,
        p_values,
        method,
        intercept=intercept,
        covariance=np.linalg.inv(information),
        log_likelihood=log_likelihood(data, risk) + penalty * np.linalg.slogdet(information)[1],
    )


def _information(data: Patterns, risk: np.ndarray) -> np.ndarray:
    """Fisher's information of intercept and coefficients."""
    design = add_constant(data.X, has_constant="add")
    weighted: np.ndarray = design.T @ (design * (data.trials * risk * (1 - risk))[:, None])
    return weighted


def likelihood_ratio(
    data: Patterns, found: Fit, without: np.ndarray, *, penalised: bool
) -> tuple[float, int, float]:
    """Likelihood ratio test of several coefficients at once.

    Parameters
    ----------
    data : patterns
    found : the fit of all columns
    without : which columns are tested, boolean, shape (parameters,)
    penalised : whether the fit is Firth's; the penalty is then that of all columns in both
        likelihoods, as in R's logistf

    Returns
    -------
    chi-squared, its degrees of freedom, p-value

    Raises
    ------
    NotEstimableError
        The fit without the columns did not converge.

    References
    ----------
    R: `drop1(glm(...), test = "LRT")`; `logistf::logistftest`.
    """
    if penalised:
        other = _constrained(data, found, without)
    elif without.all():
        other = log_likelihood(data, np.full(len(data.trials), _overall(data)))
    else:
        other = maximum_likelihood(data.only(~without)).log_likelihood
    df = int(without.sum())
    chi_squared = max(0.0, 2 * (found.log_likelihood - other))
    return chi_squared, df, float(special.chdtrc(df, chi_squared))


def _overall(data: Patterns) -> float:
    return float(data.events.sum() / data.trials.sum())


@solvable("The penalised fit without a term")
def _constrained(data: Patterns, found: Fit, without: np.ndarray) -> float:
    """The highest penalised log likelihood at which some coefficients are zero.

    firthmodels holds one coefficient at zero, not several.
    """
    from scipy import optimize

    mean, spread = data.X.mean(axis=0), data.X.std(axis=0)
    standard = Patterns((data.X - mean) / spread, data.events, data.trials, data.of_row)
    design = add_constant(standard.X, has_constant="add")
    free = np.concatenate([[True], ~without])

    def minus_log_likelihood(beta: np.ndarray) -> tuple[float, np.ndarray]:
        risk = special.expit(design[:, free] @ beta)
        weight = data.trials * risk * (1 - risk)
        information = design.T @ (design * weight[:, None])
        leverage = weight * np.einsum("ij,ji->i", design, np.linalg.solve(information, design.T))
        score = data.events - data.trials * risk + leverage * (0.5 - risk)
        value = log_likelihood(data, risk) + 0.5 * np.linalg.slogdet(information)[1]
        return -value, -(design[:, free].T @ score)

    start = np.concatenate([[special.logit(_overall(data))], (found.coefficients * spread)])[free]
    best = optimize.minimize(minus_log_likelihood, start, jac=True, method="BFGS", tol=1e-8)
    # The precision of a line search ends before the tolerance where the maximum is flat.
    if np.abs(best.jac).max() > 1e-4:
        raise NotEstimableError("The penalised fit without a term did not converge.")
    # The penalty of the standardised columns differs from that of the columns by a constant.
    return float(-best.fun + np.log(spread).sum())
