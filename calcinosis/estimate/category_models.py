"""Regressions of a category with weights: multinomial logit and proportional odds.

statsmodels fits both, but takes no weights, which the imputation of separated categories needs.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy import special

from calcinosis.estimate.logistic import NotEstimableError

_TOLERANCE = 1e-10
"""Mean square change of linear predictors with which a fit ends, after that step."""
_ROUNDING = 1e-6
"""The same, where no shorter step leads up: as high as rounding lets it be, or lost."""
_MOST_STEPS = 100

_BLOCK = 4096
"""Rows that are worked on at a time: what is made of them stays in the processor's cache."""

Sums = tuple[float, np.ndarray, np.ndarray]
"""Log likelihood, score and expected information."""
OfBlock = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], Sums]
"""Of parameters, and of a block's columns, codes and weights."""


class Rows(NamedTuple):
    """Rows of a regression of a category.

    Parameters
    ----------
    X : design, shape (rows, columns); fastest where a column lies in one piece
    codes : the level of each row from 0, shape (rows,)
    weights : of the rows; those of weight 0 may have any level
    """

    X: np.ndarray
    codes: np.ndarray
    weights: np.ndarray


def multinomial(
    parts: Sequence[Rows],
    levels: int,
    start: np.ndarray | None = None,
    used: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Multinomial logit against the first level, by maximum likelihood.

    Parameters
    ----------
    parts : the rows, in as many parts as they are stored; the design with an intercept
    levels : how many there are, each of them in some row
    start : estimate to begin with
    used : positions of the columns that have coefficients; without it all

    Returns
    -------
    the coefficients of the second level, of the third and so on, one after another, and their
    covariance

    References
    ----------
    statsmodels: `MNLogit`, with weights of 1. R: `nnet::multinom(..., weights)`.
    """
    columns, others = parts[0].X.shape[1], range(levels - 1)

    def of_block(theta: np.ndarray, x: np.ndarray, codes: np.ndarray, weights: np.ndarray) -> Sums:
        logits = theta.reshape(levels - 1, -1) @ x
        top = np.maximum(logits.max(axis=0), 0)
        risk = np.exp(logits - top)
        total = risk.sum(axis=0) + np.exp(-top)
        risk /= total
        own = weights * (codes == np.arange(1, levels)[:, None])
        likelihood = float((own * logits).sum() - weights @ (top + np.log(total)))
        score = (own - weights * risk) @ x.T
        pairs = [[weights * risk[k] * ((k == j) - risk[j]) for k in others] for j in others]
        information = np.array([[(x * pair) @ x.T for pair in line] for line in pairs])
        return likelihood, score.ravel(), information.swapaxes(1, 2).reshape([len(theta)] * 2)

    used = np.arange(columns) if used is None else used
    free = (columns * np.arange(levels - 1)[:, None] + used).ravel()
    return _maximum(of_block, parts, np.zeros((levels - 1) * columns), free, start)


def multinomial_risks(theta: np.ndarray, X: np.ndarray, levels: int) -> np.ndarray:
    """The probability of each level, shape (rows, levels)."""
    logits = X @ theta.reshape(levels - 1, -1).T
    risks: np.ndarray = special.softmax(np.column_stack([np.zeros(len(X)), logits]), axis=1)
    return risks


def proportional_odds(
    parts: Sequence[Rows],
    levels: int,
    start: np.ndarray | None = None,
    used: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Proportional odds regression, by maximum likelihood.

    Parameters
    ----------
    parts : the rows, in as many parts as they are stored; codes in order of the levels
    levels : how many there are, each of them in some row
    start : estimate to begin with
    used : positions of the columns that have coefficients, no intercept among them; without it all

    Returns
    -------
    the thresholds, then the coefficients, of which positive ones go with higher levels; and their
    covariance by the expected information

    References
    ----------
    McCullagh P. J R Stat Soc B 1980;42:109-42. statsmodels: `OrderedModel(distr="logit")`, with
    weights of 1. R: `MASS::polr(..., weights)`.
    """
    columns, cuts = parts[0].X.shape[1], levels - 1
    tiny = np.finfo(float).tiny

    def of_block(theta: np.ndarray, x: np.ndarray, codes: np.ndarray, weights: np.ndarray) -> Sums:
        if (np.diff(theta[:cuts]) <= 0).any():
            return -np.inf, theta, np.eye(len(theta))
        at = theta[:cuts, None] - theta[cuts:] @ x
        below, above = special.expit(at), special.expit(-at)
        # A product, because a difference loses its digits where both are near 1, then all.
        risk = np.ones((levels, len(codes)))
        risk[:-1] *= below
        risk[1:] *= above
        risk[1:-1] *= -np.expm1(-np.diff(theta[:cuts]))[:, None]
        risk = np.maximum(risk, tiny)
        slope = below * above
        # Derivatives of each level's probability: by the thresholds, then by the linear predictor.
        by_cut = np.diff(slope[:, None] * np.eye(cuts)[:, :, None], axis=1, prepend=0, append=0)
        derivative = np.concatenate([by_cut, -by_cut.sum(axis=0, keepdims=True)])
        rows = np.arange(len(codes))
        own = risk[codes, rows]
        score = weights / own * derivative[:, codes, rows]
        pairs = np.einsum("ilr,jlr->ijr", derivative * (weights / risk), derivative)
        information = np.block(
            [
                [pairs[:cuts, :cuts].sum(axis=2), pairs[:cuts, cuts] @ x.T],
                [x @ pairs[cuts, :cuts].T, (x * pairs[cuts, cuts]) @ x.T],
            ]
        )
        likelihood = float(weights @ np.log(own))
        return likelihood, np.concatenate([score[:cuts].sum(axis=1), x @ score[cuts]]), information

    counts = sum(np.bincount(part.codes, part.weights, levels) for part in parts)
    begin = np.zeros(cuts + columns)
    begin[:cuts] = special.logit(np.cumsum(counts)[:-1] / np.sum(counts))
    used = np.arange(columns) if used is None else used
    free = np.concatenate([np.arange(cuts), cuts + used])
    return _maximum(of_block, parts, begin, free, start)


def proportional_odds_risks(theta: np.ndarray, X: np.ndarray, levels: int) -> np.ndarray:
    """The probability of each level, shape (rows, levels).

    Thresholds that a draw has put in the wrong order leave nothing between them.
    """
    cuts = np.maximum.accumulate(theta[: levels - 1])
    below = special.expit(cuts - (X @ theta[levels - 1 :])[:, None])
    return np.diff(below, axis=1, prepend=0, append=1)


def _summed(of_block: OfBlock, theta: np.ndarray, parts: Sequence[Rows]) -> Sums:
    """The sums of all rows, block by block."""
    blocks = [
        of_block(theta, X[first : first + _BLOCK].T, *(of[first : first + _BLOCK] for of in rest))
        for X, *rest in parts
        for first in range(0, len(X), _BLOCK)
    ]
    likelihood, score, information = (sum(found) for found in zip(*blocks, strict=True))
    return likelihood, score, information


def _maximum(
    of_block: OfBlock,
    parts: Sequence[Rows],
    theta: np.ndarray,
    free: np.ndarray,
    start: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Fisher scoring of free parameters with halved steps; both likelihoods have one maximum."""
    if start is not None:
        theta[free] = start
    likelihood, score, information = _summed(of_block, theta, parts)
    weight = sum(part.weights.sum() for part in parts)
    for _ in range(_MOST_STEPS):
        of_free, move = information[np.ix_(free, free)], np.zeros(len(theta))
        move[free] = np.linalg.solve(of_free, score[free])
        change = float(score @ move) / weight
        if change < _TOLERANCE:
            return (theta + move)[free], np.linalg.inv(of_free)
        for halving in 0.5 ** np.arange(30):
            tried = _summed(of_block, theta + halving * move, parts)
            if tried[0] > likelihood:
                break
        else:
            if change > _ROUNDING:
                break
            return theta[free], np.linalg.inv(of_free)
        theta = theta + halving * move
        likelihood, score, information = tried
    raise NotEstimableError("The regression of a category did not converge.")
