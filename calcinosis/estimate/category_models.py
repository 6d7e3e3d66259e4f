"""Regressions of a category with weights: multinomial logit and proportional odds.

statsmodels fits both, but takes no weights, which the imputation of separated categories needs.
"""

from collections.abc import Callable

import numpy as np
from scipy import special

from calcinosis.estimate.logistic import NotEstimableError

_TOLERANCE = 1e-9
_MOST_STEPS = 100

_BLOCK = 4096
"""Rows that are worked on at a time: what is made of them stays in the processor's cache."""

Sums = tuple[float, np.ndarray, np.ndarray]
"""Log likelihood, score and expected information."""


def multinomial(
    X: np.ndarray,
    codes: np.ndarray,
    levels: int,
    weights: np.ndarray,
    start: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Multinomial logit against the first level, by maximum likelihood.

    Parameters
    ----------
    X : design with an intercept, shape (rows, parameters)
    codes : the level of each row from 0, each of them somewhere, shape (rows,)
    levels : how many there are
    weights : of the rows
    start : parameters to begin with

    Returns
    -------
    the coefficients of the second level, of the third and so on, one after another, and their
    covariance

    References
    ----------
    statsmodels: `MNLogit`, with weights of 1. R: `nnet::multinom(..., weights)`.
    """

    def of_block(theta: np.ndarray, block: slice) -> Sums:
        x, code, weight = X[block], codes[block], weights[block]
        # Levels first: sums over a few levels are then sums of long rows.
        logits = np.concatenate([np.zeros((1, len(x))), theta.reshape(levels - 1, -1) @ x.T])
        top = logits.max(axis=0)
        logits -= top + np.log(np.exp(logits - top).sum(axis=0))
        risk = np.exp(logits[1:])
        likelihood = float(weight @ logits[code, np.arange(len(x))])
        own = np.arange(1, levels)[:, None] == code
        score = ((own - risk) * weight) @ x
        pairs = [
            [weight * risk[k] * ((k == other) - risk[other]) for other in range(levels - 1)]
            for k in range(levels - 1)
        ]
        information = np.block([[x.T @ (x * pair[:, None]) for pair in line] for line in pairs])
        return likelihood, score.ravel(), information

    begin = np.zeros((levels - 1) * X.shape[1]) if start is None else start
    return _maximum(lambda theta: _summed(of_block, theta, len(X)), begin)


def multinomial_risks(theta: np.ndarray, X: np.ndarray, levels: int) -> np.ndarray:
    """The probability of each level, shape (rows, levels)."""
    logits = X @ theta.reshape(levels - 1, -1).T
    risks: np.ndarray = special.softmax(np.column_stack([np.zeros(len(X)), logits]), axis=1)
    return risks


def proportional_odds(
    X: np.ndarray,
    codes: np.ndarray,
    levels: int,
    weights: np.ndarray,
    start: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Proportional odds regression, by maximum likelihood.

    Parameters
    ----------
    X : design without intercept, shape (rows, parameters)
    codes : the level of each row from 0 in order, each of them somewhere, shape (rows,)
    levels : how many there are
    weights : of the rows
    start : parameters to begin with

    Returns
    -------
    the thresholds, then the coefficients, of which positive ones go with higher levels; and their
    covariance by the expected information

    References
    ----------
    McCullagh P. J R Stat Soc B 1980;42:109-42. statsmodels: `OrderedModel(distr="logit")`, with
    weights of 1. R: `MASS::polr(..., weights)`.
    """
    cuts = levels - 1

    def of_block(theta: np.ndarray, block: slice) -> Sums:
        x, code, weight = X[block], codes[block], weights[block]
        rows = np.arange(len(x))
        below = special.expit(theta[:cuts] - (x @ theta[cuts:])[:, None])
        risk = np.diff(below, axis=1, prepend=0, append=1)
        slope = below * (1 - below)
        # Derivatives of each level's probability: by the thresholds, then by the coefficients.
        by_cut = np.diff(slope[:, :, None] * np.eye(cuts), axis=1, prepend=0, append=0)
        by_x = -np.diff(slope, axis=1, prepend=0, append=0)[:, :, None] * x[:, None, :]
        derivative = np.concatenate([by_cut, by_x], axis=2)
        own = np.maximum(risk[rows, code], np.finfo(float).tiny)
        score = (weight / own) @ derivative[rows, code]
        per_risk = np.sqrt(weight[:, None] / np.maximum(risk, np.finfo(float).tiny))
        scaled = (derivative * per_risk[:, :, None]).reshape(-1, len(theta))
        return float(weight @ np.log(own)), score, scaled.T @ scaled

    def step(theta: np.ndarray) -> Sums:
        if (np.diff(theta[:cuts]) <= 0).any():
            return -np.inf, theta, np.eye(len(theta))
        return _summed(of_block, theta, len(X))

    shares = np.cumsum(np.bincount(codes, weights, levels))[:-1] / weights.sum()
    begin = np.concatenate([special.logit(shares), np.zeros(X.shape[1])])
    return _maximum(step, begin if start is None else start)


def proportional_odds_risks(theta: np.ndarray, X: np.ndarray, levels: int) -> np.ndarray:
    """The probability of each level, shape (rows, levels).

    Thresholds that a draw has put in the wrong order leave nothing between them.
    """
    cuts = np.maximum.accumulate(theta[: levels - 1])
    below = special.expit(cuts - (X @ theta[levels - 1 :])[:, None])
    return np.diff(below, axis=1, prepend=0, append=1)


def _summed(of_block: Callable[[np.ndarray, slice], Sums], theta: np.ndarray, rows: int) -> Sums:
    """The sums of all rows, block by block."""
    likelihood, score, information = of_block(theta, slice(0, _BLOCK))
    for first in range(_BLOCK, rows, _BLOCK):
        more = of_block(theta, slice(first, first + _BLOCK))
        likelihood, score, information = (
            likelihood + more[0],
            score + more[1],
            information + more[2],
        )
    return likelihood, score, information


def _maximum(
    step: Callable[[np.ndarray], Sums], theta: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Fisher scoring with halved steps; both likelihoods have one maximum."""
    likelihood, score, information = step(theta)
    for _ in range(_MOST_STEPS):
        move = np.linalg.solve(information, score)
        if float(score @ move) < _TOLERANCE:
            return theta + move, np.linalg.inv(information)
        for halving in 0.5 ** np.arange(30):
            tried = step(theta + halving * move)
            if tried[0] > likelihood:
                break
        else:
            return theta, np.linalg.inv(information)  # as high as rounding lets it be
        theta = theta + halving * move
        likelihood, score, information = tried
    raise NotEstimableError("The regression of a category did not converge.")
