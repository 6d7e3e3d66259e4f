"""Regressions of a category with weights: multinomial logit and proportional odds.

statsmodels fits both, but takes no weights, which the imputation of separated categories needs.
"""

from collections.abc import Callable

import numpy as np
from scipy import special

from calcinosis.estimate.logistic import NotEstimableError

_TOLERANCE = 1e-9
_MOST_STEPS = 100

Step = Callable[[np.ndarray], tuple[float, np.ndarray, np.ndarray]]
"""From parameters to log likelihood, score and expected information."""


def multinomial(
    X: np.ndarray, codes: np.ndarray, levels: int, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Multinomial logit against the first level, by maximum likelihood.

    Parameters
    ----------
    X : design with an intercept, shape (rows, parameters)
    codes : the level of each row from 0, each of them somewhere, shape (rows,)
    levels : how many there are
    weights : of the rows

    Returns
    -------
    the coefficients of the second level, of the third and so on, one after another, and their
    covariance

    References
    ----------
    statsmodels: `MNLogit`, with weights of 1. R: `nnet::multinom(..., weights)`.
    """
    is_level = np.eye(levels)[codes][:, 1:]

    def step(theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        logits = X @ theta.reshape(levels - 1, -1).T
        log_risk = special.log_softmax(np.column_stack([np.zeros(len(X)), logits]), axis=1)
        risk = np.exp(log_risk[:, 1:])
        likelihood = float(weights @ log_risk[np.arange(len(X)), codes])
        score = ((is_level - risk) * weights[:, None]).T @ X
        pairs = [
            [weights * risk[:, k] * ((k == other) - risk[:, other]) for other in range(levels - 1)]
            for k in range(levels - 1)
        ]
        information = np.block([[X.T @ (X * pair[:, None]) for pair in line] for line in pairs])
        return likelihood, score.ravel(), information

    return _maximum(step, np.zeros((levels - 1) * X.shape[1]))


def multinomial_risks(theta: np.ndarray, X: np.ndarray, levels: int) -> np.ndarray:
    """The probability of each level, shape (rows, levels)."""
    logits = X @ theta.reshape(levels - 1, -1).T
    risks: np.ndarray = special.softmax(np.column_stack([np.zeros(len(X)), logits]), axis=1)
    return risks


def proportional_odds(
    X: np.ndarray, codes: np.ndarray, levels: int, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Proportional odds regression, by maximum likelihood.

    Parameters
    ----------
    X : design without intercept, shape (rows, parameters)
    codes : the level of each row from 0 in order, each of them somewhere, shape (rows,)
    levels : how many there are
    weights : of the rows

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
    rows = np.arange(len(X))

    def step(theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        if (np.diff(theta[:cuts]) <= 0).any():
            return -np.inf, theta, np.eye(len(theta))
        below = special.expit(theta[:cuts] - (X @ theta[cuts:])[:, None])
        risk = np.diff(below, axis=1, prepend=0, append=1)
        slope = below * (1 - below)
        # Derivatives of each level's probability: by the thresholds, then by the coefficients.
        by_cut = np.diff(slope[:, :, None] * np.eye(cuts), axis=1, prepend=0, append=0)
        by_x = -np.diff(slope, axis=1, prepend=0, append=0)[:, :, None] * X[:, None, :]
        derivative = np.concatenate([by_cut, by_x], axis=2)
        own = np.maximum(risk[rows, codes], np.finfo(float).tiny)
        score = (weights / own) @ derivative[rows, codes]
        per_risk = np.sqrt(weights[:, None] / np.maximum(risk, np.finfo(float).tiny))
        scaled = (derivative * per_risk[:, :, None]).reshape(-1, len(theta))
        return float(weights @ np.log(own)), score, scaled.T @ scaled

    shares = np.cumsum(np.bincount(codes, weights, levels))[:-1] / weights.sum()
    return _maximum(step, np.concatenate([special.logit(shares), np.zeros(X.shape[1])]))


def proportional_odds_risks(theta: np.ndarray, X: np.ndarray, levels: int) -> np.ndarray:
    """The probability of each level, shape (rows, levels).

    Thresholds that a draw has put in the wrong order leave nothing between them.
    """
    cuts = np.maximum.accumulate(theta[: levels - 1])
    below = special.expit(cuts - (X @ theta[levels - 1 :])[:, None])
    return np.diff(below, axis=1, prepend=0, append=1)


def _maximum(step: Step, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
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
