"""Logistic regression: maximum likelihood with Wald intervals, Firth where data separate.

Separation is looked for before fitting, because on separated data maximum likelihood returns an
enormous odds ratio without a word.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from firthmodels import FirthLogisticRegression, detect_separation
from statsmodels.genmod import families
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.tools.tools import add_constant

from calcinosis.estimates import CONF_LEVEL

_TOLERANCE = 1e-10
_FIRTH_TOLERANCES = (1e-8, 1e-7, 1e-6)


class NotEstimableError(Exception):
    """A model that has no estimate in these data; the message is a sentence for the reader."""


@dataclass(frozen=True)
class Fit:
    """A fitted logistic regression, without its intercept.

    Parameters
    ----------
    coefficients, low, high, p_values : shape (parameters,), on the log-odds scale
    std_errors : the same, where interval and p-value are made of them; None for profiles
    method : wald, penalised_profile (of the penalised likelihood) or bias_reduced_t
    df : degrees of freedom of t, where they are used
    """

    coefficients: np.ndarray
    std_errors: np.ndarray | None
    low: np.ndarray
    high: np.ndarray
    p_values: np.ndarray
    method: str
    df: int | None = None


def separating(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Which covariates predict the outcome, together, completely or quasi-completely.

    Parameters
    ----------
    X : shape (patients, parameters), of full rank with an intercept
    y : 0 or 1, shape (patients,)

    Returns
    -------
    boolean, shape (parameters,): whose coefficient has no finite maximum likelihood estimate;
    none where the data are not separated

    References
    ----------
    Konis K. Linear programming algorithms for detecting separated data in binary logistic
    regression models. DPhil thesis, Oxford 2007. R: `detectseparation::detect_separation`.
    """
    return ~detect_separation(X, y).is_finite[:-1]


def is_full_rank(X: np.ndarray) -> bool:
    """Whether the columns and an intercept are linearly independent."""
    with_intercept = add_constant(X, has_constant="add")
    return int(np.linalg.matrix_rank(with_intercept)) == with_intercept.shape[1]


def maximum_likelihood(X: np.ndarray, y: np.ndarray) -> Fit:
    """Maximum likelihood with Wald intervals and tests.

    Parameters
    ----------
    X : shape (patients, parameters), without intercept
    y : 0 or 1, shape (patients,)

    References
    ----------
    R: `glm(y ~ X, family = binomial)` with `confint.default`.
    """
    model = GLM(y, add_constant(X, has_constant="add"), family=families.Binomial())
    fit = model.fit(tol=_TOLERANCE, tol_criterion="params", maxiter=500)
    if not fit.converged:
        raise NotEstimableError("The maximum likelihood fit did not converge.")
    limits = fit.conf_int(1 - CONF_LEVEL)
    return Fit(fit.params[1:], fit.bse[1:], limits[1:, 0], limits[1:, 1], fit.pvalues[1:], "wald")


def firth(X: np.ndarray, y: np.ndarray) -> Fit:
    """Firth's penalised likelihood with profile intervals and likelihood ratio tests.

    Parameters
    ----------
    X : shape (patients, parameters), without intercept
    y : 0 or 1, shape (patients,)

    Returns
    -------
    Fit
        Without standard errors: intervals and tests are those of the profile.

    Raises
    ------
    NotEstimableError
        The fit or a profile did not converge.

    References
    ----------
    Heinze G, Schemper M. Stat Med 2002;21:2409-19, doi 10.1002/sim.1047. R: `logistf::logistf`.
    """
    # The penalty does not depend on units; standardised columns let tight tolerances be reached.
    # Where rounding keeps a constrained fit from the tightest, the next one is taken.
    spread = X.std(axis=0)
    standard = (X - X.mean(axis=0)) / spread
    for tolerance in _FIRTH_TOLERANCES:
        model = FirthLogisticRegression(
            backend="numpy", max_iter=500, gtol=tolerance, xtol=tolerance
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what did not converge is seen below
            model.fit(standard, y).lrt()
            limits = model.conf_int(1 - CONF_LEVEL, method="pl", max_iter=500, tol=tolerance)
        found = [model.coef_, limits[:-1, 0], limits[:-1, 1], model.lrt_pvalues_[:-1]]
        if model.converged_ and np.isfinite(found).all():
            break
    else:
        raise NotEstimableError("The penalised fit did not converge.")
    coefficients, low, high, p_values = found
    return Fit(
        coefficients / spread,
        None,
        low / spread,
        high / spread,
        p_values,
        "penalised_profile",
    )
