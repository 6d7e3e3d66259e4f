"""Standardised mean differences between two groups."""

import numpy as np
import pandas as pd


def standardised_difference(first: pd.Series, second: pd.Series) -> float | None:
    """How far two groups are apart, in units of their pooled spread.

    Numbers: the difference of means over the root of the mean of the two variances. Categories:
    the Mahalanobis distance of the two vectors of shares (their first level left out).

    Parameters
    ----------
    first, second : the values of the two groups: numbers, or categories with the same levels

    Returns
    -------
    the difference without sign; None where a group is empty, nothing varies within the groups, or
    categories separate them, which has no finite distance

    References
    ----------
    Yang D, Dalton JE. SAS Global Forum 2012, paper 335. R: `tableone::ExtractSmd`, `stddiff`.
    """
    first, second = first.dropna(), second.dropna()
    if first.empty or second.empty:
        return None
    if not isinstance(first.dtype, pd.CategoricalDtype):
        variance = (first.var(ddof=1) + second.var(ddof=1)) / 2
        return float(abs(first.mean() - second.mean()) / variance**0.5) if variance > 0 else None
    shares = [
        part.value_counts(normalize=True, sort=False).to_numpy(float) for part in (first, second)
    ]
    used = (shares[0] + shares[1]) > 0
    shares = [share[used][1:] for share in shares]
    if not len(shares[0]):
        return None
    covariances = [np.diag(share) - np.outer(share, share) for share in shares]
    difference = shares[0] - shares[1]
    spread = (covariances[0] + covariances[1]) / 2
    if np.linalg.matrix_rank(spread) < len(spread):
        return None
    return float(difference @ np.linalg.solve(spread, difference)) ** 0.5
