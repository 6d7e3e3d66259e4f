"""Logistic regression with a random intercept for each centre, by adaptive quadrature.

No library of Python is right here: statsmodels' mixed logistic models are Bayesian approximations
(variational, Laplace), without the likelihood that R's lme4 and Stata's melogit maximise.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy import linalg, optimize, special

from calcinosis.estimate import logistic
from calcinosis.estimate.logistic import Fit, NotEstimableError, solvable, with_intercept
from calcinosis.estimate.patterns import collapse
from calcinosis.estimates import PROFILE_DROP

POINTS = 9
_NODES, _WEIGHTS = np.polynomial.hermite.hermgauss(POINTS)
_START = 0.5
_STEPS = 200
_CLOSE = 1e-12
"""Squared length of the last step, in standard errors."""
_ROUGHLY = 1e-4
"""How far the log likelihood may fall in a step: nine points know it no better where the
intercepts vary widely, and their score is zero beside their maximum."""
_NO_VARIANCE = 1e-4
_WIDEST = 50.0


@dataclass(frozen=True)
class RandomIntercept:
    """A fitted model: log-odds are X b plus an intercept of each centre, normal with mean 0.

    Parameters
    ----------
    fit : coefficients with Wald intervals and tests
    sd, sd_low, sd_high : standard deviation of the centres' intercepts, and its profile interval;
        the upper limit is None where the profile could not be followed to it: with few centres
        that differ much, nine points for each leave it rough
    sd_p_value : likelihood ratio test against no variance, half of chi-squared with 1 degree of
        freedom because no variance is the edge of what there may be
    singular : whether the likelihood is highest without variance
    log_likelihood : of the outcomes
    """

    fit: Fit
    sd: float
    sd_low: float
    sd_high: float | None
    sd_p_value: float
    singular: bool
    log_likelihood: float


@dataclass(frozen=True)
class _Data:
    """Covariate patterns within centres, sorted by centre; `start` is each centre's first."""

    design: np.ndarray
    events: np.ndarray
    trials: np.ndarray
    centre: np.ndarray
    start: np.ndarray

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sums over the patterns of each centre."""
        summed: np.ndarray = np.add.reduceat(values, self.start, axis=0)
        return summed


@solvable("The random intercept model")
def fit(X: np.ndarray, y: np.ndarray, centre: np.ndarray) -> RandomIntercept:
    """Maximise the likelihood, integrated over the intercepts with nine points for each centre.

    Parameters
    ----------
    X : shape (patients, parameters), without intercept, of full rank with one
    y : 0 or 1, shape (patients,)
    centre : code of the centre, shape (patients,)

    Returns
    -------
    RandomIntercept
        Standard errors are of the information of coefficients and standard deviation together.

    Raises
    ------
    NotEstimableError
        There is one centre only, the covariates separate the outcome, or nothing converged.

    References
    ----------
    Pinheiro JC, Bates DM. J Comput Graph Stat 1995;4:12-35, doi 10.1080/10618600.1995.10474663.
    R: `lme4::glmer(y ~ X + (1 | centre), family = binomial, nAGQ = 9)`, which leaves the
    likelihood of the saturated model out where patients are counted in groups.
    """
    if len(np.unique(centre)) < 2:
        raise NotEstimableError("One centre has no variance between centres.")
    plain, _ = logistic.maximum_likelihood_or_separation(collapse(X, y))
    if plain is None:
        raise NotEstimableError(
            "The covariates separate the outcome; the random intercept has no penalised form."
        )
    found = collapse(np.column_stack([centre, X]), y)  # the first column sorts
    codes = np.unique(found.X[:, 0], return_inverse=True)[1]
    data = _Data(
        np.column_stack([np.ones(len(codes)), found.X[:, 1:]]),
        found.events,
        found.trials,
        codes,
        np.flatnonzero(np.diff(codes, prepend=-1)),
    )
    without = np.array([plain.intercept, *plain.coefficients, 0.0])
    start = np.array([*without[:-1], _START])
    theta, log_likelihood, information = _maximise(data, start, fixed_sd=False)
    sd = float(abs(theta[-1]))
    singular = sd < _NO_VARIANCE or log_likelihood <= plain.log_likelihood
    if singular:
        sd, theta, log_likelihood, of_fit = 0.0, without, plain.log_likelihood, plain
    else:
        covariance = np.linalg.inv(information)[:-1, :-1]
        of_fit = with_intercept(theta[:-1], covariance, log_likelihood)
    profile = partial(_drop, data, theta, log_likelihood)
    low = 0.0
    if log_likelihood - plain.log_likelihood > PROFILE_DROP:
        low = optimize.brentq(profile, 0.0, sd)
    ratio = 2 * (log_likelihood - plain.log_likelihood)
    return RandomIntercept(
        fit=of_fit,
        sd=sd,
        sd_low=low,
        sd_high=_upper_limit(profile, sd),
        sd_p_value=1.0 if singular else 0.5 * float(special.chdtrc(1, ratio)),
        singular=singular,
        log_likelihood=log_likelihood,
    )


def _upper_limit(profile: Callable[[float], float], sd: float) -> float | None:
    """Where the profile has fallen far enough; None where it is lost on the way."""
    above = sd + 1.0
    try:
        while profile(above) < 0:
            above *= 2
            if above > _WIDEST:
                return None
        return float(optimize.brentq(profile, sd, above))
    except NotEstimableError:
        return None


def icc(sd: float) -> float:
    """Share of the variance of the latent (logistic) outcome that lies between centres.

    References
    ----------
    Snijders TAB, Bosker RJ. Multilevel Analysis. Sage 1999, section 14.3. Stata: `estat icc`.
    """
    return sd**2 / (sd**2 + math.pi**2 / 3)


def median_odds_ratio(sd: float) -> float:
    """Odds ratio of two patients alike from two random centres, the higher against the lower.

    References
    ----------
    Larsen K, Merlo J. Am J Epidemiol 2005;161:81-8, doi 10.1093/aje/kwi017.
    """
    return math.exp(math.sqrt(2) * sd * float(special.ndtri(0.75)))


def _drop(data: _Data, theta: np.ndarray, highest: float, sd: float) -> float:
    """How far the profile at a standard deviation lies below the limit of the interval."""
    start = np.array([*theta[:-1], sd])
    return highest - PROFILE_DROP - _maximise(data, start, fixed_sd=True)[1]


def _maximise(
    data: _Data, theta: np.ndarray, *, fixed_sd: bool
) -> tuple[np.ndarray, float, np.ndarray]:
    """Newton's steps to the maximum: the estimate, its log likelihood and its information.

    Where the curvature is not that of a maximum, the information of the outcomes and intercepts
    together takes its place, which leads uphill (Lange K. J R Stat Soc B 1995;57:425-37,
    doi 10.1111/j.2517-6161.1995.tb02037.x).
    """
    free = slice(0, len(theta) - 1) if fixed_sd else slice(0, len(theta))
    value, score, information, complete = _likelihood(data, theta)
    for _ in range(_STEPS):
        try:
            solve = linalg.cho_factor(information[free, free])
        except linalg.LinAlgError:
            solve = linalg.cho_factor(complete[free, free])
        step = linalg.cho_solve(solve, score[free])
        if score[free] @ step < _CLOSE:
            return theta, value, information
        for halving in range(30):
            there = theta.copy()
            there[free] += step / 2**halving
            found = _likelihood(data, there)
            if found[0] >= value - _ROUGHLY:
                break
        theta, (value, score, information, complete) = there, found
    raise NotEstimableError("The random intercept model did not converge.")


def _likelihood(data: _Data, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """Log likelihood, score, information, and the information were the intercepts known.

    The integral over each centre's standard normal deviate is a sum over nodes around its mode;
    score and information are averages over the same nodes (Louis 1982).
    """
    beta, sd = theta[:-1], theta[-1]
    fixed = data.design @ beta
    mode, spread = _modes(data, fixed, sd)
    deviates = mode[:, None] + math.sqrt(2) * spread[:, None] * _NODES
    of_pattern = deviates[data.centre]
    log_odds = fixed[:, None] + sd * of_pattern
    outcomes = data.events[:, None] * log_odds - data.trials[:, None] * np.logaddexp(0, log_odds)
    terms = data.sums(outcomes) - deviates**2 / 2 + _NODES**2 + np.log(_WEIGHTS)
    of_centre = special.logsumexp(terms, axis=1)
    weight = np.exp(terms - of_centre[:, None])
    value = (of_centre + np.log(spread) - math.log(math.pi) / 2).sum()

    risk = special.expit(log_odds)
    residual = data.events[:, None] - data.trials[:, None] * risk
    scores = np.empty((*deviates.shape, len(theta)))
    ends = [*data.start[1:], len(fixed)]
    for i, (first, last) in enumerate(zip(data.start, ends, strict=True)):
        scores[i, :, :-1] = residual[first:last].T @ data.design[first:last]
    scores[:, :, -1] = deviates * data.sums(residual)
    mean = (weight[:, :, None] * scores).sum(axis=1)
    each = weight[data.centre] * data.trials[:, None] * risk * (1 - risk)
    complete = np.empty((len(theta), len(theta)))
    complete[:-1, :-1] = data.design.T @ (data.design * each.sum(axis=1)[:, None])
    complete[-1, :-1] = complete[:-1, -1] = (each * of_pattern).sum(axis=1) @ data.design
    complete[-1, -1] = (each * of_pattern**2).sum()
    around = np.sqrt(weight)[:, :, None] * (scores - mean[:, None, :])
    around = around.reshape(-1, len(theta))
    return float(value), mean.sum(axis=0), complete - around.T @ around, complete


def _modes(data: _Data, fixed: np.ndarray, sd: float) -> tuple[np.ndarray, np.ndarray]:
    """Each centre's likeliest deviate, and the standard deviation of a normal curve around it."""
    mode = np.zeros(len(data.start))
    for _ in range(_STEPS):
        risk = special.expit(fixed + sd * mode[data.centre])
        slope = sd * data.sums(data.events - data.trials * risk) - mode
        curvature = sd**2 * data.sums(data.trials * risk * (1 - risk)) + 1
        step = slope / curvature
        # Within one unit of log-odds the curvature cannot change much: no step overshoots.
        step /= np.maximum(1, np.abs(sd * step))
        mode = mode + step
        if np.abs(step).max() < 1e-10:
            break
    return mode, 1 / np.sqrt(curvature)
