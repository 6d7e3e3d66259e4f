"""Median regression by linear programming, and its bootstrap."""

from dataclasses import dataclass

import numpy as np

from calcinosis.estimate.resample_counts import counts

_SAME = 1e-9
"""Of the sum of absolute residuals: two fits are as good as each other within rounding."""
_UNIQUE = 1e-5
"""A range of coefficients so narrow, relative to them, is one of the solver's rounding."""
_JITTER = 1e-7
"""Of a standard deviation: moves tied values apart, so that a step of the bootstrap leads down."""
_MOST_STEPS = 200


@dataclass(frozen=True)
class Median:
    """A median regression.

    Parameters
    ----------
    coefficients : intercept first; where several fit equally well the middle of their range
    low, high : the range of each coefficient that fits equally well
    """

    coefficients: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def is_unique(self) -> np.ndarray:
        """Which coefficients no other value fits as well."""
        return np.asarray(self.low == self.high)


def fit(X: np.ndarray, y: np.ndarray) -> Median | None:
    """The coefficients with the least sum of absolute residuals.

    Weighting by residuals again and again, as `statsmodels.QuantReg` does, goes astray where the
    median is not unique; the linear programme says so.

    Parameters
    ----------
    X : without intercept and without missing values, shape (patients, parameters)
    y : numbers, shape (patients,)

    Returns
    -------
    None where columns depend on each other, or patients are no more than coefficients

    References
    ----------
    Koenker R, Bassett G. Econometrica 1978;46:33-50, doi 10.2307/1913643. R: `quantreg::rq(method
    = "br")`, which gives one of the coefficients that fit equally well.
    """
    from scipy import optimize, sparse

    design = np.column_stack([np.ones(len(y)), X])
    n, p = design.shape
    if n <= p or np.linalg.matrix_rank(design) < p:
        return None
    scale = np.abs(design).max(axis=0)
    standard = design / scale
    # y = standard @ beta + above - below, both at least 0.
    equal = sparse.hstack([standard, sparse.eye(n), -sparse.eye(n)], format="csr")
    bounds = [(None, None)] * p + [(0, None)] * (2 * n)
    cost = np.concatenate([np.zeros(p), np.ones(2 * n)])
    best = optimize.linprog(cost, A_eq=equal, b_eq=y, bounds=bounds, method="highs")
    least = best.fun + _SAME * max(1.0, best.fun)
    ends = np.empty((2, p))
    for j in range(p):
        for i, sign in enumerate((1.0, -1.0)):
            goal = np.zeros(p + 2 * n)
            goal[j] = sign
            found = optimize.linprog(
                goal,
                A_ub=cost[None, :],
                b_ub=[least],
                A_eq=equal,
                b_eq=y,
                bounds=bounds,
                method="highs",
            )
            ends[i, j] = sign * found.fun if found.status == 0 else best.x[j]
    low, high = ends / scale
    vertex = best.x[:p] / scale
    alone = high - low <= _UNIQUE * (1 + np.abs(vertex))
    low, high = np.where(alone, vertex, low), np.where(alone, vertex, high)
    return Median((low + high) / 2, low, high)


def resampled(X: np.ndarray, y: np.ndarray, seed: int, resamples: int) -> np.ndarray:
    """Coefficients in resamples of the patients, all of them at once.

    Each resample walks from vertex to vertex of its linear programme, from patients through whom
    the fit passes to others, down the steepest edge; a hundred programmes would take a second.

    Parameters
    ----------
    X, y : as in `fit`, of full rank
    seed : of the plan
    resamples : how many

    Returns
    -------
    shape (resamples, 1 + parameters); NaN where a resample has no fit, because its patients do not
    tell the columns apart
    """
    design = np.column_stack([np.ones(len(y)), X])
    scale = np.abs(design).max(axis=0)
    design = design / scale
    apart = y + _JITTER * y.std() * np.random.default_rng([seed, 1]).uniform(-1, 1, len(y))
    parts = [
        _best_vertices(design, y, apart, weights)
        for weights in counts(len(y), resamples, np.random.default_rng([seed]))
    ]
    return np.concatenate(parts) / scale


def _best_vertices(
    design: np.ndarray, y: np.ndarray, apart: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """The coefficients of each resample; `apart` are the values without ties."""
    found = np.full((len(weights), design.shape[1]), np.nan)
    bases = [_basis(design, np.flatnonzero(w)) for w in weights]
    usable = np.array([basis is not None for basis in bases])
    if usable.any():
        start = np.array([basis for basis in bases if basis is not None])
        last, arrived = _descend(design, apart, weights[usable], start)
        vertices = np.linalg.solve(design[last], y[last][..., None])[..., 0]
        found[usable] = np.where(arrived[:, None], vertices, np.nan)
    return found


def _basis(design: np.ndarray, there: np.ndarray) -> np.ndarray | None:
    """As many patients of a resample as coefficients whose columns are independent."""
    rows, chosen = design[there].copy(), []
    for _ in range(design.shape[1]):
        length = (rows**2).sum(axis=1)
        longest = int(length.argmax())
        if length[longest] < 1e-12:
            return None
        chosen.append(there[longest])
        unit = rows[longest] / length[longest] ** 0.5
        rows -= np.outer(rows @ unit, unit)
    return np.array(chosen)


def _descend(
    design: np.ndarray, y: np.ndarray, weights: np.ndarray, basis: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The basis of the best vertex of each programme, and which of them have arrived there."""
    every = np.arange(len(weights))
    for _ in range(_MOST_STEPS):
        edges = np.linalg.inv(design[basis])  # column k: leaves patient k of the basis
        beta = np.einsum("bij,bj->bi", edges, y[basis])
        residual = y - beta @ design.T
        np.put_along_axis(residual, basis, 0.0, axis=1)
        along = np.einsum("ni,bik->bnk", design, edges)
        slope = -np.einsum("bn,bnk->bk", weights * np.sign(residual), along)
        own = np.take_along_axis(weights, basis, axis=1)
        gain = np.abs(slope) - own
        leaving = gain.argmax(axis=1)
        moving = gain[every, leaving] > _SAME * weights.sum(axis=1)
        if not moving.any():
            break
        step = along[every, :, leaving] * -np.sign(slope[every, leaving])[:, None]
        entering = _first_rise(residual, step, weights, gain[every, leaving], basis)
        basis = basis.copy()
        basis[moving, leaving[moving]] = entering[moving]
    return basis, ~moving


def _first_rise(
    residual: np.ndarray,
    step: np.ndarray,
    weights: np.ndarray,
    gain: np.ndarray,
    basis: np.ndarray,
) -> np.ndarray:
    """Who stops the descent along an edge: there the sum of absolute residuals rises again."""
    with np.errstate(divide="ignore", invalid="ignore"):
        at = np.where(np.abs(step) > 1e-12, residual / step, np.inf)
    np.put_along_axis(at, basis, np.inf, axis=1)
    at = np.where((at > 0) & (weights > 0), at, np.inf)
    order = at.argsort(axis=1)
    turned = np.take_along_axis(2 * weights * np.abs(step), order, axis=1).cumsum(axis=1)
    first = (turned >= gain[:, None]).argmax(axis=1)
    stops: np.ndarray = np.take_along_axis(order, first[:, None], axis=1)[:, 0]
    return stops
