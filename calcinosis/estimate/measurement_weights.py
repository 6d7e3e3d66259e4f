"""Weights by the chance of having been measured."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from calcinosis.estimate.patterns import collapse

_STEPS = 30
_TOLERANCE = 1e-8
_FARTHEST = 12.0
"""Log-odds on standardised columns: those who separate the measured from the others pass it."""


@dataclass(frozen=True)
class Weights:
    """Stabilised weights of the measured.

    Parameters
    ----------
    values : of all patients, 0 of those not measured, shape (patients,)
    chance : that each patient was measured
    truncated : how many of the measured have a weight that was cut
    largest : weight before truncation
    """

    values: np.ndarray
    chance: np.ndarray
    truncated: int
    largest: float

    @property
    def effective_n(self) -> float:
        """Patients of equal weight that would say as much as the measured.

        References
        ----------
        Kish L. Survey sampling. Wiley 1965, section 11.7.
        """
        return float(self.values.sum() ** 2 / (self.values**2).sum())


def weights(X: np.ndarray, measured: np.ndarray, truncation: float) -> Weights | None:
    """Stabilised inverse-probability-of-measurement weights, truncated at quantiles.

    Parameters
    ----------
    X : what the chance depends on, without intercept and missing values, shape (patients,
        parameters)
    measured : boolean, shape (patients,)
    truncation : share of the weights of the measured to be cut at either end, to its quantile
        (R's type 7)

    Returns
    -------
    None where nobody or everybody is measured, columns depend on each other, or the columns
    separate the measured from the others

    References
    ----------
    Cole SR, Hernan MA. Am J Epidemiol 2008;168:656-64, doi 10.1093/aje/kwn164. R: `glm(measured ~
    X, family = binomial)`.
    """
    ones = np.ones((1, len(measured)))
    chance = chances(X, measured, ones)
    if chance is None or np.isnan(chance).any():
        return None
    raw = measured.mean() / chance[0][measured]
    low, high = np.quantile(raw, [truncation, 1 - truncation])
    values = np.zeros(len(measured))
    values[measured] = np.clip(raw, low, high)
    cut = int(((raw < low) | (raw > high)).sum())
    return Weights(values, chance[0], cut, float(raw.max()))


def resampled(
    X: np.ndarray, measured: np.ndarray, counts: np.ndarray, truncation: float
) -> np.ndarray:
    """The weights in resamples, from the chances found anew in each.

    Parameters
    ----------
    X, measured, truncation : as in `weights`
    counts : how often each patient is in each resample, shape (resamples, patients)

    Returns
    -------
    weight times count, shape (resamples, patients); NaN where a resample has no weights
    """
    chance = chances(X, measured, counts)
    if chance is None:
        return np.full(counts.shape, np.nan)
    share = (counts @ measured) / counts.sum(axis=1)
    found = np.zeros(counts.shape)
    raw = share[:, None] / chance[:, measured]
    for i, (of, times) in enumerate(zip(raw, counts[:, measured].astype(int), strict=True)):
        drawn = np.repeat(of, times)
        if not len(drawn) or np.isnan(drawn).any():
            found[i] = np.nan
            continue
        low, high = np.quantile(drawn, [truncation, 1 - truncation])
        found[i, measured] = np.clip(of, low, high) * times
    return found


def chances(X: np.ndarray, measured: np.ndarray, counts: np.ndarray) -> np.ndarray | None:
    """The chance of being measured by logistic regression, in each resample.

    Own code: the resamples are fitted at once, and no library that fits models is imported.

    Parameters
    ----------
    X, measured, counts : as in `resampled`

    Returns
    -------
    shape (resamples, patients), NaN where a fit does not come to rest; None where columns depend on
    each other
    """
    data = collapse(X, measured)
    standard = (data.X - X.mean(axis=0)) / _spread(X)
    design = np.column_stack([np.ones(len(standard)), standard])
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    size, beta = len(design), np.zeros((len(counts), design.shape[1]))
    # Resamples begin at the estimate of everybody.
    everybody, at_rest = _newton(design, data.events[None], data.trials[None], beta[:1])
    beta = beta + np.where(at_rest[:, None], everybody, 0.0)
    trials = np.array([np.bincount(data.of_row, times, size) for times in counts])
    events = np.array([np.bincount(data.of_row, times * measured, size) for times in counts])
    beta, settled = _newton(design, events, trials, beta)
    chance = np.where(settled[:, None], special.expit(beta @ design.T), np.nan)
    return chance[:, data.of_row]


def _newton(
    design: np.ndarray, events: np.ndarray, trials: np.ndarray, beta: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of each resample, and whether they have come to rest."""
    pairs = (design[:, :, None] * design[:, None, :]).reshape(len(design), -1)
    settled, n = np.zeros(len(trials), bool), trials.sum(axis=1)[:, None, None]
    for _ in range(_STEPS):
        chance = special.expit(beta @ design.T)
        score = (events - trials * chance) @ design
        information = ((trials * chance * (1 - chance)) @ pairs).reshape(*beta.shape, -1)
        # A resample that does not tell columns apart, or separates, is left where it is.
        size = np.abs(np.linalg.det(information / n))
        solvable = (size > 1e-14) & (np.abs(beta).max(axis=1) < _FARTHEST)
        safe = np.where(solvable[:, None, None], information, np.eye(beta.shape[1]))
        step = np.linalg.solve(safe, score[..., None])[..., 0]
        beta = beta + np.where(solvable[:, None], step, 0.0)
        settled = solvable & (np.abs(step).max(axis=1) < _TOLERANCE)
        if (settled | ~solvable).all():
            break
    return beta, settled


def _spread(X: np.ndarray) -> np.ndarray:
    spread = X.std(axis=0)
    return np.where(spread > 0, spread, 1.0)


def weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    """The value with half of the weight below it; between two values their mean.

    With equal weights it is the median.

    Parameters
    ----------
    values, weights : shape (patients,), some weight above 0
    """
    there = weights > 0
    order = values[there].argsort(kind="stable")
    ordered, share = values[there][order], weights[there][order].cumsum()
    half = share[-1] / 2
    first = int(np.searchsorted(share, half * (1 - 1e-12)))
    level = abs(share[first] - half) <= half * 1e-12
    return float((ordered[first] + ordered[first + 1]) / 2 if level else ordered[first])


def weighted_difference(
    X: np.ndarray, y: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Weighted least squares with robust standard errors, the weights taken as known.

    Parameters
    ----------
    X : groups as columns of 0 and 1 without the reference, shape (patients, parameters)
    y : numbers
    weights : above 0

    Returns
    -------
    coefficients and their covariance, intercept first

    References
    ----------
    Binder DA. Int Stat Rev 1983;51:279-92, doi 10.2307/1402588. R: `survey::svyglm` of
    `svydesign(ids = ~1, weights = ~w)`.
    """
    design, n = np.column_stack([np.ones(len(y)), X]), len(y)
    inverse = np.linalg.inv(design.T @ (design * weights[:, None]))
    coefficients = inverse @ (design.T @ (weights * y))
    scores = design * (weights * (y - design @ coefficients))[:, None]
    return coefficients, inverse @ (scores.T @ scores) @ inverse * n / (n - 1)
