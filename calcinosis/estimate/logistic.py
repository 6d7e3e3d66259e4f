"""Logistic regression by maximum likelihood, and what separates data.

On separated data maximum likelihood returns an enormous odds ratio without a word, so that no fit
is believed before it is known that nothing separates.
"""

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
from scipy import special
from statsmodels.genmod import families
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.tools.tools import add_constant

from calcinosis.estimate.patterns import Patterns, cases, many_and_independent
from calcinosis.estimates import Z

_TOLERANCE = 1e-10
_AT_MOST, _ENOUGH = 100, 30
"""Iterations: unseparated data need ten or so, separated ones never come to rest."""
_SEPARATES = 1e-6
"""Of a standardised coefficient of at most 1: above it a direction that separates has it."""


class NotEstimableError(Exception):
    """A model that has no estimate in these data; the message is a sentence for the reader."""


@contextmanager
def solvable(what: str) -> Iterator[None]:
    """Say of a fit that it has no estimate where its equations cannot be solved.

    Parameters
    ----------
    what : the fit, as the subject of the sentence
    """
    try:
        yield
    except np.linalg.LinAlgError:
        raise NotEstimableError(f"{what} did not converge.") from None


@dataclass(frozen=True)
class Fit:
    """A fitted regression; what has an intercept tells its own.

    Parameters
    ----------
    coefficients, low, high, p_values : shape (parameters,), on the log-odds scale
    std_errors : the same, where interval and p-value are made of them; None for profiles
    method : wald, profile, penalised_profile (of the penalised likelihood) or bias_reduced_t
    df : degrees of freedom of t, where they are used
    intercept : of a logistic regression
    covariance : of intercept and coefficients, shape (1 + parameters, 1 + parameters)
    log_likelihood : at the estimate; penalised after Firth's fit
    """

    coefficients: np.ndarray
    std_errors: np.ndarray | None
    low: np.ndarray
    high: np.ndarray
    p_values: np.ndarray
    method: str
    df: int | None = None
    intercept: float = math.nan
    covariance: np.ndarray | None = None
    log_likelihood: float = math.nan


def is_full_rank(X: np.ndarray) -> bool:
    """Whether the columns and an intercept are linearly independent."""
    if many_and_independent(X):
        return True
    with_intercept = add_constant(X, has_constant="add")
    return int(np.linalg.matrix_rank(with_intercept)) == with_intercept.shape[1]


def maximum_likelihood_or_separation(data: Patterns) -> tuple[Fit | None, np.ndarray]:
    """Maximum likelihood where it exists, and what separates the data where it does not.

    Parameters
    ----------
    data : patterns of full rank with an intercept

    Returns
    -------
    the fit, or None where the data are separated; and whose coefficients have no finite estimate,
    boolean, shape (parameters,)

    Notes
    -----
    A fit that solves the likelihood equations closely enough proves that nothing separates (see
    `_is_certain`), and costs less than the linear program that is asked otherwise.
    """
    nothing = np.zeros(data.X.shape[1], bool)
    try:
        found = maximum_likelihood(data, iterations=_ENOUGH)
        if _is_certain(data, found):
            return found, nothing
    except NotEstimableError:
        pass  # separated, most likely
    infinite = separating(data)
    if infinite.any():
        return None, infinite
    return maximum_likelihood(data), nothing


@solvable("The search for separation")
def separating(data: Patterns) -> np.ndarray:
    """What predicts the outcome, together, completely or quasi-completely.

    Parameters
    ----------
    data : patterns of full rank with an intercept

    Returns
    -------
    boolean, shape (parameters,): whose coefficient has no finite maximum likelihood estimate;
    none where the data are not separated

    Raises
    ------
    NotEstimableError
        The linear program has no solution.

    References
    ----------
    Konis K. Linear programming algorithms for detecting separated data in binary logistic
    regression models. DPhil thesis, Oxford 2007. R: `detectseparation::detect_separation`.
    """
    from firthmodels import detect_separation
    from scipy import optimize

    X, y, _ = cases(data)
    standard = (X - X.mean(axis=0)) / X.std(axis=0)
    try:
        infinite: np.ndarray = ~detect_separation(standard, y).is_finite[:-1]
    except RuntimeError:
        raise NotEstimableError("Whether the data are separated could not be found out.") from None
    if not infinite.any():
        return infinite
    # That is one direction which separates; others may be of columns that it leaves alone.
    design = np.column_stack([standard, np.ones(len(y))]) * np.where(y == 1, -1, 1)[:, None]
    zero = np.zeros(len(y))
    for j in np.flatnonzero(~infinite):
        for sign in (1.0, -1.0):
            goal = np.zeros(design.shape[1])
            goal[j] = -sign
            best = optimize.linprog(goal, A_ub=design, b_ub=zero, bounds=(-1, 1))
            infinite[j] |= best.status == 0 and -best.fun > _SEPARATES
    return infinite


def _is_certain(data: Patterns, found: Fit) -> bool:
    """Whether a fit proves that the data are not separated.

    If a direction separated them, every pattern with one outcome only would pull the score along
    it, by at least its residual times its distance: the score could not be shorter than the
    smallest such residual times the square root of the design's smallest eigenvalue. A fit with a
    shorter score, which a finite maximum has, excludes it; the factor is for rounding.
    """
    spread = data.X.std(axis=0)
    standard = add_constant((data.X - data.X.mean(axis=0)) / spread, has_constant="add")
    risk = predicted(found, data.X)
    score = standard.T @ (data.events - data.trials * risk)
    one_sided = (data.events == 0) | (data.events == data.trials)
    if not one_sided.any():
        return True
    residual = np.where(data.events == 0, risk, 1 - risk)[one_sided].min()
    smallest = np.linalg.eigvalsh(standard.T @ (standard * data.trials[:, None]))[0]
    return bool(100 * np.linalg.norm(score) < residual * math.sqrt(max(smallest, 0)))


def predicted(found: Fit, X: np.ndarray) -> np.ndarray:
    """The risk of each row of a design matrix without intercept."""
    risk: np.ndarray = special.expit(found.intercept + X @ found.coefficients)
    return risk


@solvable("The maximum likelihood fit")
def maximum_likelihood(
    data: Patterns,
    offset: np.ndarray | None = None,
    *,
    iterations: int = _AT_MOST,
    limit: bool = False,
) -> Fit:
    """Maximum likelihood with Wald intervals and tests.

    Parameters
    ----------
    data : patterns; without columns, the intercept alone
    offset : of the log-odds, shape (patterns,)
    iterations : at most
    limit : of separated data, whose coefficients without an estimate grow for ever, while the
        others come to rest

    Raises
    ------
    NotEstimableError
        The fit did not converge, as on many separated data.

    References
    ----------
    R: `glm(cbind(events, trials - events) ~ X, family = binomial)` with `confint.default`.
    """
    outcome = np.column_stack([data.events, data.trials - data.events])
    design = add_constant(data.X, has_constant="add") if data.X.size else np.ones((len(outcome), 1))
    with warnings.catch_warnings():
        # As many patterns as parameters are no separation, nor is a scale needed, which is 1.
        warnings.simplefilter("ignore")
        model = GLM(outcome, design, family=families.Binomial(), offset=offset)
        found = model.fit(
            tol=_TOLERANCE, tol_criterion="params", maxiter=_ENOUGH if limit else iterations
        )
    if not found.converged and not limit:
        raise NotEstimableError("The maximum likelihood fit did not converge.")
    covariance = np.asarray(found.normalized_cov_params)
    beta = np.asarray(found.params)
    eta = design @ beta + (0.0 if offset is None else offset)
    return with_intercept(beta, covariance, log_likelihood(data, special.expit(eta)))


def wald(beta: np.ndarray, errors: np.ndarray, method: str = "wald") -> Fit:
    """Wald intervals and tests of coefficients, from their standard errors, shape (parameters,)."""
    p_values = 2 * special.ndtr(-np.abs(beta / errors))
    return Fit(beta, errors, beta - Z * errors, beta + Z * errors, p_values, method)


def with_intercept(beta: np.ndarray, covariance: np.ndarray, log_likelihood: float) -> Fit:
    """The fit of an intercept and coefficients, shape (1 + parameters,), by their covariance."""
    return replace(
        wald(beta[1:], np.sqrt(covariance.diagonal())[1:]),
        intercept=float(beta[0]),
        covariance=covariance,
        log_likelihood=log_likelihood,
    )


def log_likelihood(data: Patterns, risk: np.ndarray) -> float:
    """The log likelihood of the patients' outcomes, given the risk of each pattern."""
    events = special.xlogy(data.events, risk)
    return float((events + special.xlog1py(data.trials - data.events, -risk)).sum())
