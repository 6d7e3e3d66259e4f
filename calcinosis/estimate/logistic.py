"""Logistic regression: maximum likelihood, Firth where data separate, and what compares fits.

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

from calcinosis.estimate.patterns import Patterns, many_and_independent
from calcinosis.estimates import CONF_LEVEL, Z

# firthmodels (with scikit-learn, a second) is imported where data separate or the plan asks for it.

_TOLERANCE = 1e-10
_AT_MOST, _ENOUGH = 100, 30
"""Iterations: unseparated data need ten or so, separated ones never come to rest."""
_SEPARATES = 1e-6
"""Of a standardised coefficient of at most 1: above it a direction that separates has it."""
_FIRTH_TOLERANCES = (1e-8, 1e-7, 1e-6)


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

    X, y, _ = _cases(data)
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
    # Where rounding keeps a constrained fit from the tightest, the next one is taken.
    from firthmodels import FirthLogisticRegression

    X, y, weights = _cases(data)
    mean, spread = X.mean(axis=0), X.std(axis=0)
    standard = (X - mean) / spread
    those = range(X.shape[1] if measured is None else measured)
    for tolerance in _FIRTH_TOLERANCES:
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
        if model.converged_ and np.isfinite(beta).all() and np.isfinite(wanted).all():
            break
    else:
        raise NotEstimableError("The penalised fit did not converge.")
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


def _cases(data: Patterns) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The patterns with and without the outcome: design, outcome, and how many patients each."""
    with_it, without = data.events > 0, data.trials > data.events
    X = np.concatenate([data.X[with_it], data.X[without]])
    y = np.repeat([1.0, 0.0], [with_it.sum(), without.sum()])
    return X, y, np.concatenate([data.events[with_it], (data.trials - data.events)[without]])


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
