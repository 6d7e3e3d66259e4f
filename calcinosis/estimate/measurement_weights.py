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
    once = np.ones(len(measured))
    chance = Selection(X, measured, once).chances(once[None])
    if np.isnan(chance).any():
        return None
    raw = measured.mean() / chance[0][measured]
    low, high = np.quantile(raw, [truncation, 1 - truncation])
    values = np.zeros(len(measured))
    values[measured] = np.clip(raw, low, high)
    cut = int(((raw < low) | (raw > high)).sum())
    return Weights(values, chance[0], cut, float(raw.max()))


class Selection:
    """Who was measured, ready to be resampled many times.

    Parameters
    ----------
    X, measured : as in `weights`, by patient or by kind of patient
    times : how many patients there are of each kind, shape (kinds,)
    """

    def __init__(self, X: np.ndarray, measured: np.ndarray, times: np.ndarray) -> None:
        data = collapse(X, measured)
        self._of_row, self._measured = data.of_row, np.flatnonzero(measured)
        mean = np.average(X, axis=0, weights=times)
        spread = np.average((X - mean) ** 2, axis=0, weights=times) ** 0.5
        standard = (data.X - mean) / np.where(spread > 0, spread, 1.0)
        self._design = np.column_stack([np.ones(len(standard)), standard])
        parameters = self._design.shape[1]
        self._has_fit = np.linalg.matrix_rank(self._design) == parameters
        # Resamples begin at the estimate of everybody.
        self._start = np.zeros(parameters)
        chance, beta = self._fitted(times[None])
        self._start = np.where(np.isnan(chance[0, 0]), 0.0, beta[0])

    def chances(self, counts: np.ndarray) -> np.ndarray:
        """The chance of being measured by logistic regression, in each resample.

        Own code: the resamples are fitted at once, and no library that fits models is imported.

        Parameters
        ----------
        counts : how often each patient or kind is in each resample, shape (resamples, kinds)

        Returns
        -------
        shape (resamples, kinds); NaN where a fit does not come to rest, or columns depend on each
        other
        """
        return self._fitted(counts)[0][:, self._of_row]

    def weights(self, counts: np.ndarray, truncation: float) -> np.ndarray:
        """The weights in resamples, from the chances found anew in each.

        Parameters
        ----------
        counts : as in `chances`
        truncation : as in the function `weights`

        Returns
        -------
        weight times count, shape (resamples, kinds), 0 of those not measured; NaN where a resample
        has no weights
        """
        found = np.zeros(counts.shape)
        drawn, those = counts[:, self._measured], self._of_row[self._measured]
        share = drawn.sum(axis=1) / counts.sum(axis=1)
        raw = share[:, None] / self._fitted(counts)[0]
        for i, (of, times) in enumerate(zip(raw, drawn, strict=True)):
            each = np.repeat(of, np.bincount(those, times, len(of)).astype(int))
            if not len(each) or np.isnan(each).any():
                found[i] = np.nan
                continue
            low, high = np.quantile(each, [truncation, 1 - truncation])
            found[i, self._measured] = np.clip(of, low, high)[those] * times
        return found

    def _fitted(self, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The chance of each pattern in each resample, as in `chances`, and the coefficients."""
        beta = np.tile(self._start, (len(counts), 1))
        if not self._has_fit:
            return np.full((len(counts), len(self._design)), np.nan), beta
        trials, events = (
            np.array([np.bincount(self._of_row[who], n[who], len(self._design)) for n in counts])
            for who in (slice(None), self._measured)
        )
        beta, settled = _newton(self._design, events, trials, beta)
        chance = special.expit(beta @ self._design.T)
        return np.where(settled[:, None], chance, np.nan), beta


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
