"""Differences of the means of two groups, and the difference that they could detect."""

import numpy as np
from scipy import special

from calcinosis.estimate.student import ByT, by_t
from calcinosis.estimates import CONF_LEVEL

POWER = 0.8
RANKS = 3 / np.pi
"""Asymptotic relative efficiency of the rank-sum test where values are normal (0.955)."""


def welch(first: np.ndarray, second: np.ndarray) -> ByT | None:
    """The mean of `first` minus that of `second`, whose spreads may differ.

    Own code, because `scipy.stats` takes longer to import than a step of the workflow to compute.

    Parameters
    ----------
    first, second : known values

    Returns
    -------
    None where a group has fewer than two values, or nothing varies in both

    References
    ----------
    Welch BL. Biometrika 1947;34:28-35, doi 10.1093/biomet/34.1-2.28. R: `t.test(first, second)`.
    """
    if min(len(first), len(second)) < 2:
        return None
    parts = [values.var(ddof=1) / len(values) for values in (first, second)]
    error = float(sum(parts) ** 0.5)
    if not (np.ptp(first) or np.ptp(second)):
        return None
    df = error**4 / sum(
        part**2 / (len(values) - 1) for part, values in zip(parts, (first, second), strict=True)
    )
    scale = float(max(np.abs(first).max(), np.abs(second).max()))
    return by_t(float(first.mean() - second.mean()), error, df, scale)


def detectable(first: np.ndarray, second: np.ndarray) -> float | None:
    """The difference of means that a two-sided t test at 5 % detects with a power of 80 %.

    Parameters
    ----------
    first, second : known values, whose numbers and pooled standard deviation count

    Returns
    -------
    in the unit of the values; None where there are fewer than three values, or nothing varies
    within the groups

    References
    ----------
    Cohen J. Statistical power analysis for the behavioral sciences. 2nd ed. 1988, chapter 2 (the
    noncentral t distribution). R: `power.t.test(n, sd, power = 0.8, strict = TRUE)` where the
    groups are of equal size.
    """
    from scipy import optimize

    m, n = len(first), len(second)
    df = m + n - 2
    if min(m, n) < 1 or df < 1:
        return None
    squares = sum(((values - values.mean()) ** 2).sum() for values in (first, second))
    if not (np.ptp(first) or np.ptp(second)):
        return None
    limit = special.stdtrit(df, (1 + CONF_LEVEL) / 2)

    def short_of_power(noncentrality: float) -> float:
        tails = special.nctdtr(df, noncentrality, np.array([limit, -limit]))
        below, other = np.nan_to_num(tails)  # not a number where nothing is left of a tail
        return float(1 - below + other - POWER)

    # With few degrees of freedom the limit itself is far out.
    noncentrality = optimize.brentq(short_of_power, 0, 5 * limit, xtol=1e-10)
    return float(noncentrality * (1 / m + 1 / n) ** 0.5 * (squares / df) ** 0.5)
