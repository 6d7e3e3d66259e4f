"""Risk ratios of a common outcome by Poisson regression with robust standard errors."""

import numpy as np
from statsmodels.genmod import families
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.tools.tools import add_constant

from calcinosis.estimate.logistic import Fit, NotEstimableError, wald


def modified_poisson(X: np.ndarray, y: np.ndarray) -> Fit:
    """Logarithms of risk ratios by a log-linear model of the risk.

    The outcome is no count; the Poisson likelihood only weighs the patients, and the sandwich
    estimator makes standard errors that are right all the same. Of its kinds this is HC1 (times
    n / (n - parameters)), because the plain one (HC0) is too small in cohorts of some 50 patients.

    Parameters
    ----------
    X : shape (patients, parameters), without intercept, of full rank with one
    y : 0 or 1, shape (patients,)

    Raises
    ------
    NotEstimableError
        A column has no finite estimate, or the fit did not converge.

    References
    ----------
    Zou G. Am J Epidemiol 2004;159:702-6, doi 10.1093/aje/kwh090. R: `glm(y ~ X, family = poisson)`
    with `sandwich::vcovHC(type = "HC1")`.
    """
    design = add_constant(X, has_constant="add")
    model = GLM(y, design, family=families.Poisson())
    found = model.fit(tol=1e-10, tol_criterion="params", maxiter=100, cov_type="HC0")
    if not found.converged:
        raise NotEstimableError("The Poisson fit did not converge.")
    # statsmodels' GLM takes the word HC1 and leaves the factor out.
    n, parameters = design.shape
    beta, errors = found.params[1:], found.bse[1:] * (n / (n - parameters)) ** 0.5
    return wald(beta, errors, "wald_hc1")


def never(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Which columns mark patients none of whom has the outcome, so that a risk ratio is zero.

    Parameters
    ----------
    X, y : see `modified_poisson`

    Returns
    -------
    boolean, shape (parameters,): columns along which the likelihood grows for ever

    Notes
    -----
    Such a direction is the same for all patients with the outcome, and lower for some without. A
    linear program looks for the one that lowers most.

    References
    ----------
    Correia S, Guimaraes P, Zylkin T. Verifying the existence of maximum likelihood estimates for
    generalized linear models, 2019, arXiv 1903.01633.
    """
    from scipy import optimize  # asked only where the logistic regression is separated

    spread = X.std(axis=0)
    design = add_constant(
        (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1), has_constant="add"
    )
    fixed, free = design[y == 1], design[y == 0]
    best = optimize.linprog(
        free.sum(axis=0),
        A_ub=np.concatenate([free, -free]),
        b_ub=np.repeat([0.0, 1.0], len(free)),
        A_eq=fixed,
        b_eq=np.zeros(len(fixed)),
        bounds=(None, None),
    )
    if best.x is None or best.fun > -1e-6:
        return np.zeros(X.shape[1], bool)
    return np.abs(best.x[1:]) > 1e-6
