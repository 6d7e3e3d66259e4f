"""Median regression of many patients: those far from the fit count by their side alone.

A patient whose residual keeps its sign pulls the fit with a constant force. The programme is that
of the few near the fit and one sum of the others, and exact as long as the others keep their side.

Portnoy S, Koenker R. Stat Sci 1997;12:279-300, doi 10.1214/ss/1030037960.
"""

import numpy as np
from scipy import special

_STEPS = 8
_DEVIATIONS = 7.0
"""Standard errors of a fitted value: how far a resample may move it, and more."""


def smoothed(design: np.ndarray, y: np.ndarray, left: int) -> np.ndarray:
    """Coefficients near those of the median, by Newton steps on ever less rounded residuals.

    Parameters
    ----------
    design : with intercept, of full rank, shape (patients, parameters)
    y : numbers
    left : the rounding ends where about as many patients feel it
    """
    beta = np.linalg.solve(design.T @ design, design.T @ y)
    width = widest = float((y - design @ beta).std())
    while width > 1e-6 * widest:
        for _ in range(_STEPS):
            at = (y - design @ beta) / width
            bend = np.exp(-0.5 * at**2) * (2 / np.pi) ** 0.5 / width
            bent = design.T @ (design * bend[:, None])
            score = design.T @ (2 * special.ndtr(at) - 1)
            if np.linalg.cond(bent) > 1e12:
                return beta
            step = np.linalg.solve(bent, score)
            if (y - design @ (beta + step)).std() > 2 * widest:
                return beta  # a step beyond where the curve is the same
            beta = beta + step
            if float(step @ bent @ step) < 1e-3 * width:
                break
        if (np.abs(at) < 1).sum() <= left:
            return beta
        width /= 2
    return beta


def nearest(residual: np.ndarray, number: int) -> np.ndarray:
    """Whether a patient is among those nearest to the fit, or as near as the last of them."""
    size = np.abs(residual)
    last = np.partition(size, number - 1)[number - 1]
    return np.asarray(size <= last + 1e-9 * size.std())


def within_reach(design: np.ndarray, residual: np.ndarray) -> np.ndarray:
    """Whether a resample may put the fit on the other side of a patient, shape (patients,)."""
    if not residual.any():
        return np.ones(len(residual), bool)
    inverse = np.linalg.inv(design.T @ design)
    spread = np.sqrt(((design @ inverse) * design).sum(axis=1))
    window = residual.std() * len(residual) ** -0.2
    density = max((np.abs(residual) <= window).mean() / (2 * window), 1 / len(residual))
    return np.asarray(np.abs(residual) <= _DEVIATIONS * spread / (2 * density))
