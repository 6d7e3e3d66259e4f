"""Median regression by linear programming, and its bootstrap."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from calcinosis.estimate import far_apart
from calcinosis.estimate.resample_counts import counts

MOST, KEPT = 2_000, 1_000
"""Of more patients those are kept that are nearest to the fit, and the others summed up."""
_SAME = 1e-9
"""Of the sum of absolute residuals: two fits are as good as each other within rounding."""
_UNIQUE = 1e-5
"""A range of coefficients so narrow, relative to them, is one of the solver's rounding."""
_JITTER = 1e-7
"""Of a standard deviation: moves tied values apart, so that a step of the bootstrap leads down."""
_MOST_STEPS = 200
_UNBOUNDED = 3
"""Status of a linear programme."""


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
    None where columns depend on each other, patients are no more than coefficients, or the solver
    finds no solution

    References
    ----------
    Koenker R, Bassett G. Econometrica 1978;46:33-50, doi 10.2307/1913643. R: `quantreg::rq(method
    = "br")`, which gives one of the coefficients that fit equally well.
    """
    design = np.column_stack([np.ones(len(y)), X])
    n, p = design.shape
    if n <= p or np.linalg.matrix_rank(design) < p:
        return None
    if n <= MOST:
        return _fit(design, y, np.zeros(p), 0.0)
    residual = y - design @ far_apart.smoothed(design, y, KEPT // 4)
    near, side = far_apart.nearest(residual, KEPT), np.sign(residual)
    while True:
        far = np.where(near, 0.0, side)
        found = _fit(design[near], y[near], far @ design, float(far @ y))
        if found is None and near.all():
            return None
        if found is None:  # so few cannot hold the others: twice as many
            near = far_apart.nearest(residual, min(2 * int(near.sum()), n))
            continue
        # The others must stay on their side in every fit that is as good.
        residual = y - design @ found.coefficients
        reach = np.abs(design) @ (found.high - found.low)
        strays = ~near & ((residual * side <= 0) | (np.abs(residual) <= reach))
        if not strays.any():
            return found
        near |= strays


def _fit(design: np.ndarray, y: np.ndarray, pull: np.ndarray, constant: float) -> Median | None:
    """The linear programme of some patients, and of others that keep their side.

    None where those others pull more than these hold, or these leave a coefficient free.

    Of the others `pull` is the sum of their signed rows, `constant` that of their signed values.
    """
    from scipy import optimize, sparse

    n, p = design.shape
    scale = np.abs(design).max(axis=0)
    scale = np.where(scale > 0, scale, 1.0)  # a column that only the others have
    standard = design / scale
    # y = standard @ beta + above - below, both at least 0.
    equal = sparse.hstack([standard, sparse.eye(n), -sparse.eye(n)], format="csr")
    bounds = [(None, None)] * p + [(0, None)] * (2 * n)
    cost = np.concatenate([-pull / scale, np.ones(2 * n)])
    best = optimize.linprog(cost, A_eq=equal, b_eq=y, bounds=bounds, method="highs")
    if best.fun is None:
        return None
    least = best.fun + _SAME * max(1.0, best.fun + constant)
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
            if found.status == _UNBOUNDED:
                return None
            ends[i, j] = sign * found.fun if found.status == 0 else best.x[j]
    low, high = ends / scale
    vertex = best.x[:p] / scale
    alone = high - low <= _UNIQUE * (1 + np.abs(vertex))
    low, high = np.where(alone, vertex, low), np.where(alone, vertex, high)
    return Median((low + high) / 2, low, high)


def resampled(X: np.ndarray, y: np.ndarray, seed: int, resamples: int) -> np.ndarray:
    """Coefficients in resamples of the patients, all of them at once.

    Each resample walks from vertex to vertex of its linear programme, from patients through whom
    the fit passes to others, down the steepest edge; of many patients it begins at the fit of
    everybody, which is near. A hundred programmes would take a second.

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
    of_part = partial(_best_vertices, design, y, apart)
    some = _basis(design, np.arange(len(y))) if len(y) > MOST else None
    if some is not None:
        everybody, nothing = np.ones((1, len(y))), np.zeros((1, len(scale)))
        (begin,), _ = _descend(design, apart, everybody, some[None], nothing)
        residual = y - design @ np.linalg.solve(design[begin], y[begin])
        near = far_apart.within_reach(design, residual)
        near[begin] = True
        side = np.where(near, 0.0, np.sign(residual))
        of_part = partial(_from_everybody, design, y, apart, begin, side)
    drawn = counts(len(y), resamples, np.random.default_rng([seed]))
    parts = [of_part(weights) for weights in drawn]
    return np.concatenate(parts) / scale


def _from_everybody(
    design: np.ndarray,
    y: np.ndarray,
    apart: np.ndarray,
    begin: np.ndarray,
    side: np.ndarray,
    weights: np.ndarray,
) -> np.ndarray:
    """The coefficients of each resample of many patients, from those near everybody's fit.

    `begin` are the patients on that fit, `side` is 0 of those near it, the sign of their residuals
    of the others. Where these cross a resample's fit, or those near do not tell the columns apart,
    everybody is asked.
    """
    near, far = side == 0, side != 0
    some = weights[:, near]
    last = np.tile(np.searchsorted(np.flatnonzero(near), begin), (len(weights), 1))
    pull = (weights[:, far] * side[far]) @ design[far]
    last, arrived = _descend(design[near], apart[near], some, last, pull)
    found = np.linalg.solve(design[near][last], y[near][last][..., None])[..., 0]
    crossed = (y[far] - found @ design[far].T) * side[far] <= 0
    again = (crossed & (weights[:, far] > 0)).any(axis=1) | ~arrived
    again |= (np.take_along_axis(some, last, axis=1) == 0).any(axis=1)
    if again.any():
        found[again] = _best_vertices(design, y, apart, weights[again])
    return found


def _best_vertices(
    design: np.ndarray, y: np.ndarray, apart: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """The coefficients of each resample; `apart`: the values without ties."""
    found = np.full((len(weights), design.shape[1]), np.nan)
    bases = [_basis(design, np.flatnonzero(w)) for w in weights]
    usable = np.array([basis is not None for basis in bases])
    if usable.any():
        start = np.array([basis for basis in bases if basis is not None])
        last, arrived = _descend(design, apart, weights[usable], start, np.zeros(start.shape))
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
    design: np.ndarray,
    y: np.ndarray,
    weights: np.ndarray,
    basis: np.ndarray,
    pull: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """The basis of the best vertex of each programme, and which of them have arrived there.

    `basis` are the patients whom each fit passes through at first, `pull` is as in `_fit`.
    """
    every, unbounded = np.arange(len(weights)), np.zeros(len(weights), bool)
    for _ in range(_MOST_STEPS):
        edges = np.linalg.inv(design[basis])  # column k: leaves patient k of the basis
        beta = np.einsum("bij,bj->bi", edges, y[basis])
        residual = y - beta @ design.T
        np.put_along_axis(residual, basis, 0.0, axis=1)
        force = (weights * np.sign(residual)) @ design + pull
        slope = -np.einsum("bi,bik->bk", force, edges)
        own = np.take_along_axis(weights, basis, axis=1)
        gain = np.abs(slope) - own
        leaving = gain.argmax(axis=1)
        moving = (gain[every, leaving] > _SAME * weights.sum(axis=1)) & ~unbounded
        if not moving.any():
            break
        edge = edges[every, :, leaving] * -np.sign(slope[every, leaving])[:, None]
        step = edge @ design.T
        entering, stops = _first_rise(residual, step, weights, gain[every, leaving], basis)
        unbounded |= moving & ~stops
        moving &= stops
        basis = basis.copy()
        basis[moving, leaving[moving]] = entering[moving]
    return basis, ~moving & ~unbounded


def _first_rise(
    residual: np.ndarray,
    step: np.ndarray,
    weights: np.ndarray,
    gain: np.ndarray,
    basis: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Who stops the descent along an edge: there the sum of absolute residuals rises again.

    And whether anybody does, which those near alone may not.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        at = np.where(np.abs(step) > 1e-12, residual / step, np.inf)
    np.put_along_axis(at, basis, np.inf, axis=1)
    at = np.where((at > 0) & (weights > 0), at, np.inf)
    order = at.argsort(axis=1)
    turned = np.take_along_axis(2 * weights * np.abs(step), order, axis=1).cumsum(axis=1)
    first = (turned >= gain[:, None]).argmax(axis=1)
    entering = np.take_along_axis(order, first[:, None], axis=1)
    return entering[:, 0], np.isfinite(np.take_along_axis(at, entering, axis=1)[:, 0])
