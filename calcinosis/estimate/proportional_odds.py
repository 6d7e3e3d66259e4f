"""The proportional odds model of an ordered outcome, and a test of its assumption.

Own code, because statsmodels' `OrderedModel` takes neither weights nor patterns, finds four digits
and takes a second for an interval that needs a hundred fits; the tests compare the two.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from calcinosis.estimate import logistic
from calcinosis.estimate.logistic import Fit, NotEstimableError, solvable
from calcinosis.estimates import PROFILE_DROP, Z

_TOLERANCE, _FLAT, _STEPS, _HALVINGS, _WIDEST = 1e-10, 1e-9, 100, 50, 1e3


@dataclass(frozen=True)
class Graded:
    """Patients with equal covariates, counted by their outcome.

    Parameters
    ----------
    X : distinct rows of the design, without intercept, shape (patterns, parameters)
    counts : patients of each pattern by level of the outcome, which somebody has each, shape
        (patterns, levels)
    """

    X: np.ndarray
    counts: np.ndarray

    @property
    def cuts(self) -> int:
        """The places between two levels."""
        return self.counts.shape[1] - 1


@dataclass(frozen=True)
class ProportionalOdds:
    """A fitted model: log odds of an outcome above cut j = x @ coefficients - thresholds[j].

    Parameters
    ----------
    thresholds : increasing, shape (cuts,)
    coefficients : shape (parameters,)
    covariance : of thresholds and coefficients, from the observed information
    log_likelihood : at the estimate
    """

    thresholds: np.ndarray
    coefficients: np.ndarray
    covariance: np.ndarray
    log_likelihood: float


@solvable("The proportional odds fit")
def fit(data: Graded, offset: np.ndarray | float = 0.0) -> ProportionalOdds:
    """Maximum likelihood by Newton's method; the likelihood is concave (Pratt 1981).

    Parameters
    ----------
    data : patterns of full rank with an intercept, not separated
    offset : of the log odds, shape (patterns,)

    Raises
    ------
    NotEstimableError
        The fit did not converge.

    References
    ----------
    McCullagh P. J R Stat Soc B 1980;42:109-42, doi 10.1111/j.2517-6161.1980.tb01109.x. R:
    `MASS::polr(Hess = TRUE)`, whose standard errors are also of the observed information.
    """
    # Standardised columns and a centred offset: the first guess is then near any estimate.
    weights = data.counts.sum(axis=1)
    mean = np.average(data.X, axis=0, weights=weights)
    spread = np.sqrt(np.average((data.X - mean) ** 2, axis=0, weights=weights))
    standard = Graded((data.X - mean) / spread, data.counts)
    middle = np.average(np.broadcast_to(offset, weights.shape), weights=weights)
    at, covariance, value = _maximise(standard, offset - middle)
    back = np.diag(np.concatenate([np.ones(data.cuts), 1 / spread]))
    back[: data.cuts, data.cuts :] = mean / spread
    thresholds, coefficients = np.split(back @ at, [data.cuts])
    return ProportionalOdds(thresholds + middle, coefficients, back @ covariance @ back.T, value)


def _maximise(data: Graded, offset: np.ndarray | float) -> tuple[np.ndarray, np.ndarray, float]:
    """The estimate, its covariance and its log likelihood, of standardised columns."""
    shares = data.counts.sum(axis=0).cumsum()[:-1] / data.counts.sum()
    at = np.concatenate([special.logit(shares), np.zeros(data.X.shape[1])])
    design = _design(data.X, data.cuts)
    value = _log_likelihood(data, at, offset)
    for _ in range(_STEPS):
        score, information = _slopes(data, design, at, offset)
        # Far from the maximum the likelihood is flat in some directions but for rounding.
        ridge = _FLAT * np.trace(information) * np.eye(len(at))
        step = np.linalg.solve(information + ridge, score)
        for _ in range(_HALVINGS):
            new = _log_likelihood(data, at + step, offset)
            if new >= value - 1e-9 * abs(value) or np.abs(step).max() < _TOLERANCE:
                break
            step = step / 2
        else:
            break  # among them steps that are no number
        at, value = at + step, new
        if np.abs(step).max() < _TOLERANCE:
            _, information = _slopes(data, design, at, offset)
            return at, np.linalg.inv(information), value
    raise NotEstimableError("The proportional odds fit did not converge.")


def wald(found: ProportionalOdds) -> Fit:
    """The coefficients with Wald intervals and tests."""
    errors = np.sqrt(found.covariance.diagonal())[len(found.thresholds) :]
    return logistic.wald(found.coefficients, errors)


def profile(data: Graded, found: ProportionalOdds) -> Fit:
    """The coefficients with intervals of the profile likelihood and likelihood ratio tests.

    Raises
    ------
    NotEstimableError
        A profile has no limit.

    References
    ----------
    R: `confint(MASS::polr(...))`, which interpolates the profile; these are its roots.
    """
    plain = wald(found)
    assert plain.std_errors is not None
    limits, p_values = [], []
    for j, best in enumerate(found.coefficients):
        others, x = Graded(np.delete(data.X, j, axis=1), data.counts), data.X[:, j]

        def fall(value: float, others: Graded = others, x: np.ndarray = x) -> float:
            there = fit(others, x * value).log_likelihood
            return float(found.log_likelihood - there) - PROFILE_DROP

        for sign in (-1, 1):
            reach = sign * Z * plain.std_errors[j]
            while fall(best + reach) < 0:
                reach *= 2
                if abs(reach) > _WIDEST * plain.std_errors[j]:
                    raise NotEstimableError("The profile of the likelihood has no limit.")
            limits.append(optimize.brentq(fall, best, best + reach, xtol=1e-10))
        p_values.append(special.chdtrc(1, max(0.0, 2 * (fall(0.0) + PROFILE_DROP))))
    low, high = np.array(limits).reshape(-1, 2).T
    return Fit(found.coefficients, None, low, high, np.array(p_values), "profile")


def likelihood_ratio(
    data: Graded, found: ProportionalOdds, tested: np.ndarray
) -> tuple[float, int, float]:
    """Likelihood ratio test of several coefficients: chi-squared, degrees of freedom, p-value.

    Parameters
    ----------
    tested : which columns, boolean, shape (parameters,)

    References
    ----------
    R: `drop1(MASS::polr(...), test = "Chisq")`.
    """
    without = fit(Graded(data.X[:, ~tested], data.counts)).log_likelihood
    chi_squared, df = max(0.0, 2 * (found.log_likelihood - without)), int(tested.sum())
    return chi_squared, df, float(special.chdtrc(df, chi_squared))


def proportionality_test(
    data: Graded, found: ProportionalOdds, tested: np.ndarray
) -> tuple[float, int, float]:
    """Score test of whether odds ratios are the same at every cut.

    The alternative gives each tested column its own coefficient at each cut; nothing of it is
    fitted, so that sparse cells do no harm where a likelihood ratio test would have no estimate.

    Parameters
    ----------
    data, found : patterns with three levels or more, and the fit of them
    tested : which columns, boolean, shape (parameters,)

    Returns
    -------
    chi-squared, its degrees of freedom (tested columns times cuts but one), p-value

    Raises
    ------
    NotEstimableError
        The outcome has two levels, or the data carry no coefficient per cut.

    References
    ----------
    Peterson B, Harrell FE. Appl Stat 1990;39:205-17, doi 10.2307/2347760. R: the
    information and score of `VGAM::vglm(cumulative(parallel = FALSE))` at the parallel fit.
    """
    if data.cuts < 2:
        raise NotEstimableError("The outcome has two levels only, so that there is one cut.")
    of_cut = np.zeros((len(data.X), data.cuts, data.cuts - 1, int(tested.sum())))
    for j in range(1, data.cuts):
        of_cut[:, j, j - 1, :] = -data.X[:, tested]
    own = of_cut.reshape(len(data.X), data.cuts, -1)
    whole = np.concatenate([_design(data.X, data.cuts), own], axis=2)
    at = np.concatenate([found.thresholds, found.coefficients])
    score, information = _slopes(data, whole, at, 0.0, expected=True)
    spread = np.sqrt(information.diagonal())
    if not spread.all() or np.linalg.cond(information / np.outer(spread, spread)) > 1e10:
        raise NotEstimableError("The data are too sparse for an odds ratio at each cut.")
    chi_squared, df = float(score @ np.linalg.solve(information, score)), own.shape[2]
    return chi_squared, df, float(special.chdtrc(df, chi_squared))


def above_cuts(data: Graded) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each pattern once per cut, as a binary outcome above it or not.

    The proportional odds model has a finite estimate where the logistic regression of these has.

    Returns
    -------
    design with a column for each cut but the first before the covariates, and how many patients
    are above the cut, and of how many
    """
    n, cuts = len(data.X), data.cuts
    design = np.column_stack(
        [np.repeat(np.eye(cuts)[:, 1:], n, axis=0), np.tile(data.X, (cuts, 1))]
    )
    # A patient tells about the cuts next to the own level only: others follow from these.
    above = [data.counts[:, j + 1] for j in range(cuts)]
    at_most = [data.counts[:, j] for j in range(cuts)]
    events = np.concatenate(above)
    return design, events, events + np.concatenate(at_most)


def _design(X: np.ndarray, cuts: int) -> np.ndarray:
    """From the parameters to `threshold - x @ coefficients`, shape (patterns, cuts, parameters)."""
    thresholds = np.broadcast_to(np.eye(cuts), (len(X), cuts, cuts))
    slopes = np.broadcast_to(-X[:, None, :], (len(X), cuts, X.shape[1]))
    return np.concatenate([thresholds, slopes], axis=2)


def _ends(
    data: Graded, at: np.ndarray, offset: np.ndarray | float
) -> tuple[np.ndarray, np.ndarray]:
    """Between which values of the latent outcome's error each level lies."""
    linear = at[: data.cuts] - (data.X @ at[data.cuts :] + offset)[:, None]
    infinite = np.full((len(linear), 1), math.inf)
    return np.hstack([-infinite, linear]), np.hstack([linear, infinite])


def _log_chances(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Of each level: as a product, because a difference of expits loses its digits, then all."""
    found: np.ndarray = special.log_expit(high) + special.log_expit(-low)
    return found + np.log(-np.expm1(low - high))


def _log_likelihood(data: Graded, at: np.ndarray, offset: np.ndarray | float) -> float:
    if (np.diff(at[: data.cuts]) <= 0).any():
        return -math.inf
    log_chances = _log_chances(*_ends(data, at, offset))
    there = data.counts > 0
    return float(data.counts[there] @ log_chances[there])


def _slopes(
    data: Graded,
    design: np.ndarray,
    at: np.ndarray,
    offset: np.ndarray | float,
    *,
    expected: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Score and information of a design's parameters, observed or expected."""
    low, high = _ends(data, at, offset)
    log_chances = _log_chances(low, high)
    # The density at either end over the chance is bounded, however small both are.
    at_high, at_low = (
        np.exp(special.log_expit(cut) + special.log_expit(-cut) - of_level)
        for cut, of_level in ((high[:, :-1], log_chances[:, :-1]), (low[:, 1:], log_chances[:, 1:]))
    )
    total = data.counts.sum(axis=1, keepdims=True)
    counts = np.exp(log_chances) * total if expected else data.counts
    gap = data.counts[:, :-1] * at_high - data.counts[:, 1:] * at_low
    score = np.einsum("ij,ija->a", gap, design)
    curved = 0.0 if expected else (1 - 2 * special.expit(high[:, :-1])) * gap
    own = counts[:, :-1] * at_high**2 + counts[:, 1:] * at_low**2 - curved
    information = np.einsum("ija,ij,ijb->ab", design, own, design)
    if data.cuts > 1:
        beside = counts[:, 1:-1] * at_low[:, :-1] * at_high[:, 1:]
        mixed = np.einsum("ija,ij,ijb->ab", design[:, :-1], beside, design[:, 1:])
        information -= mixed + mixed.T
    return score, information
