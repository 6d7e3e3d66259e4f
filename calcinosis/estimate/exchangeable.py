"""Estimating equations of a yes/no outcome with one correlation within centres.

Own code, because `statsmodels` writes a matrix of all patients of a centre by all patients for the
bias-reduced sandwich: of a centre of ten thousand nearly a gigabyte, solved in minutes. With one
correlation the inverse of the working covariance has a closed form, and all that is needed are sums
over the patients of each centre, hence over patterns with counts.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from calcinosis.estimate.logistic import NotEstimableError

_TOLERANCE = 1e-6
"""Length of the score; R's `geepack` and statsmodels stop at similar ones."""
_MOST_STEPS = 200


@dataclass(frozen=True)
class Exchangeable:
    """A fit.

    Parameters
    ----------
    coefficients : intercept first
    covariance : Mancl and DeRouen's bias-reduced sandwich
    correlation : within centres
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    correlation: float


@dataclass(frozen=True)
class _Sums:
    """Sums over the patients of each centre, of columns weighted by standard deviations.

    Parameters
    ----------
    squares : of pairs of columns, shape (centres, parameters, parameters)
    columns : shape (centres, parameters)
    crossed : of columns times Pearson residuals, shape (centres, parameters)
    residuals, squared : Pearson residuals, and their squares, shape (centres,)
    """

    squares: np.ndarray
    columns: np.ndarray
    crossed: np.ndarray
    residuals: np.ndarray
    squared: np.ndarray


def fit(X: np.ndarray, events: np.ndarray, trials: np.ndarray, centre: np.ndarray) -> Exchangeable:
    """Solve the equations, estimating the correlation after each step.

    Parameters
    ----------
    X : distinct covariates within a centre, without intercept, shape (patterns, parameters)
    events, trials : patients with the outcome, and patients
    centre : of each pattern; more than one, some with two patients or more

    Raises
    ------
    NotEstimableError
        It did not converge.

    References
    ----------
    Liang KY, Zeger SL. Biometrika 1986;73:13-22, doi 10.1093/biomet/73.1.13. Mancl LA, DeRouen TA.
    Biometrics 2001;57:126-34. statsmodels: `GEE(..., Exchangeable()).fit(cov_type="bias_reduced")`.
    """
    design = np.column_stack([np.ones(len(X)), X])
    order = np.argsort(centre, kind="stable")
    starts = np.flatnonzero(np.diff(centre[order], prepend=np.nan) != 0)
    data = design[order], events[order], trials[order], starts
    sizes = np.add.reduceat(trials[order], starts)
    beta, correlation, updated = _independent(design, events, trials), 0.0, False
    for _ in range(_MOST_STEPS):
        sums = _sums(*data, beta)
        parts, scores = _of_centres(sums, sizes, correlation)
        score = scores.sum(axis=0)
        beta = beta + np.linalg.solve(parts.sum(axis=0), score)
        sums = _sums(*data, beta)
        if updated and np.linalg.norm(score) < _TOLERANCE:
            return Exchangeable(beta, _bias_reduced(sums, sizes, correlation), correlation)
        correlation, updated = _correlation(sums, sizes, design.shape[1]), True
    raise NotEstimableError("The estimating equations did not converge.")


def _independent(design: np.ndarray, events: np.ndarray, trials: np.ndarray) -> np.ndarray:
    """Where to begin: maximum likelihood without a correlation, which exists here."""
    beta = np.zeros(design.shape[1])
    for _ in range(50):
        risk = special.expit(design @ beta)
        information = design.T @ (design * (trials * risk * (1 - risk))[:, None])
        step = np.linalg.solve(information, design.T @ (events - trials * risk))
        beta = beta + step
        if np.abs(step).max() < 1e-8:
            break
    return beta


def _sums(
    design: np.ndarray, events: np.ndarray, trials: np.ndarray, starts: np.ndarray, beta: np.ndarray
) -> _Sums:
    risk = special.expit(design @ beta)
    spread = np.sqrt(risk * (1 - risk))
    scaled = design * spread[:, None]
    of_pattern = (events - trials * risk) / spread
    squared = (events * (1 - risk) ** 2 + (trials - events) * risk**2) / spread**2
    ends = [*starts[1:], len(design)]
    pairs = [
        scaled[a:b].T @ (scaled[a:b] * trials[a:b, None]) for a, b in zip(starts, ends, strict=True)
    ]
    return _Sums(
        np.array(pairs),
        np.add.reduceat(scaled * trials[:, None], starts),
        np.add.reduceat(scaled * of_pattern[:, None], starts),
        np.add.reduceat(of_pattern, starts),
        np.add.reduceat(squared, starts),
    )


def _of_centres(
    sums: _Sums, sizes: np.ndarray, correlation: float
) -> tuple[np.ndarray, np.ndarray]:
    """D'V⁻¹D and the score of each centre; the inverse of the correlation is 1 and a constant."""
    shared = correlation / (1 + (sizes - 1) * correlation)
    outer = sums.columns[:, :, None] * sums.columns[:, None, :]
    parts = (sums.squares - shared[:, None, None] * outer) / (1 - correlation)
    scores = sums.crossed - shared[:, None] * sums.columns * sums.residuals[:, None]
    return parts, scores / (1 - correlation)


def _correlation(sums: _Sums, sizes: np.ndarray, parameters: int) -> float:
    """The mean product of the Pearson residuals of two patients of a centre, over their scale."""
    n, pairs = sizes.sum(), (sizes * (sizes - 1) / 2).sum()
    scale = sums.squared.sum() / (n - parameters)
    products = ((sums.residuals**2 - sums.squared) / 2).sum()
    return float(products / scale / (pairs - parameters))


def _bias_reduced(sums: _Sums, sizes: np.ndarray, correlation: float) -> np.ndarray:
    """The sandwich with residuals divided by one minus their leverage.

    The inverse of a matrix of patients is written by one of parameters (Woodbury's identity).
    """
    parts, scores = _of_centres(sums, sizes, correlation)
    whole = parts.sum(axis=0)
    bread = np.linalg.inv(whole)
    raised = scores + np.array(
        [
            part @ np.linalg.solve(whole - part, score)
            for part, score in zip(parts, scores, strict=True)
        ]
    )
    return np.asarray(bread @ (raised.T @ raised) @ bread)
