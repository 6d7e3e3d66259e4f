"""Maximum likelihood of grouped yes/no outcomes by iteratively reweighted least squares."""

import numpy as np
from scipy import special

_TOLERANCE = 1e-10
_NEXT_TO = float(np.finfo(float).eps)
"""How far a risk stays from 0 and 1, where a patient has no weight left."""


def with_constant(X: np.ndarray) -> np.ndarray:
    """The columns behind one of ones, shape (rows, 1 + parameters)."""
    return np.column_stack([np.ones(len(X)), X])


def binomial(
    design: np.ndarray,
    events: np.ndarray,
    trials: np.ndarray,
    offset: np.ndarray | float,
    iterations: int,
) -> tuple[np.ndarray, np.ndarray, bool]:
    """Coefficients of a logistic regression.

    Own code: `statsmodels.GLM`, with which it agrees to ten digits, takes longer to import than all
    models of a cohort to fit.

    Parameters
    ----------
    design : with a column of ones, shape (patterns, coefficients)
    events, trials : of each pattern, shape (patterns,)
    offset : of the log-odds
    iterations : at most

    Returns
    -------
    coefficients, their covariance, and whether they have come to rest

    References
    ----------
    McCullagh P, Nelder JA. Generalized linear models. 2nd ed. 1989, section 2.5. R: `glm(cbind(
    events, trials - events) ~ X, family = binomial)`.
    """
    share = events / trials
    eta = special.logit((share + 0.5) / 2)
    before, rested = np.zeros(design.shape[1]), False
    for _ in range(iterations):
        risk = np.clip(special.expit(eta), _NEXT_TO, 1 - _NEXT_TO)
        spread = risk * (1 - risk)
        root = np.sqrt(trials * spread)
        weighted = design * root[:, None]
        working = eta + (share - risk) / spread - offset
        beta = np.linalg.lstsq(weighted, working * root, rcond=-1)[0]
        eta = design @ beta + offset
        rested = bool(np.abs(beta - before).max() <= _TOLERANCE)
        before = beta
        if rested:
            break
    inverse = np.linalg.pinv(weighted, rcond=1e-15)
    return beta, inverse @ inverse.T, rested
