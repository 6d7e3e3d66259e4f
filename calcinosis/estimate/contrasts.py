"""Contrasts of numbers between groups by ranks.

Apart from the summaries, because `scipy.stats` takes longer to import than they to compute.
"""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from calcinosis.estimate.groups import EXACT_BELOW
from calcinosis.estimates import CONF_LEVEL, Row


def hodges_lehmann(
    first: np.ndarray, second: np.ndarray
) -> tuple[float, float | None, float | None, float, str]:
    """The shift of `first` against `second`, its interval, and the rank-sum p-value.

    The estimate is the median of all pairwise differences; the interval holds the shifts that the
    same rank-sum test does not reject, so that p below 0.05 and an interval without 0 agree. The
    test is exact when both groups have fewer than 50 values and none ties, otherwise normal with
    tie and continuity correction.

    Parameters
    ----------
    first, second : known values, at least one each

    Returns
    -------
    shift, low, high, p_value, method (rank_sum_exact or rank_sum); a limit is None where so few
    values cannot reject any shift on that side

    References
    ----------
    Hollander M, Wolfe DA. Nonparametric statistical methods. R: `wilcox.test(first, second,
    conf.int = TRUE)`. Without ties and below 50 values the two agree exactly; otherwise R's
    estimate and limits are roots of its normal approximation, found to the fourth digit, and its
    estimate is not the median of the pairwise differences but the shift with statistic 0.
    """
    tied = len(np.unique(np.concatenate([first, second]))) < len(first) + len(second)
    exact = not tied and max(len(first), len(second)) < EXACT_BELOW
    method = "exact" if exact else "asymptotic"

    def p_value(shift: float) -> float:
        # Rounded, so that a difference that is 0 on paper ties also after the subtraction.
        moved = np.round(first - shift, 9)
        fixed = np.round(second, 9)
        if np.ptp(np.concatenate([moved, fixed])) == 0:
            return 1.0  # everything ties
        return float(stats.mannwhitneyu(moved, fixed, method=method).pvalue)

    differences = np.unique(np.round(np.subtract.outer(first, second).ravel(), 9))
    pairwise = np.median(np.subtract.outer(first, second))
    between = (differences[1:] + differences[:-1]) / 2
    top = int(np.argmin(np.abs(between - pairwise))) if len(between) else 0
    low, high = _not_rejected(differences, between, top, p_value, 1 - CONF_LEVEL)
    return float(pairwise), low, high, p_value(0.0), "rank_sum_exact" if exact else "rank_sum"


def _not_rejected(
    differences: np.ndarray, between: np.ndarray, top: int, p_value: Any, alpha: float
) -> tuple[float | None, float | None]:
    """The ends of the shifts with p of at least alpha; p is constant between two differences.

    From `top`, next to the estimate, p falls to both sides.
    """

    def first_accepted(indices: np.ndarray) -> int | None:
        """Bisection: along `indices` p rises from rejected to accepted."""
        low, high = 0, len(indices) - 1
        if high < 0 or p_value(between[indices[high]]) < alpha:
            return None
        while low < high:
            middle = (low + high) // 2
            if p_value(between[indices[middle]]) >= alpha:
                high = middle
            else:
                low = middle + 1
        return int(indices[low])

    left = first_accepted(np.arange(0, min(top + 1, len(between))))
    right = first_accepted(np.arange(len(between) - 1, top - 1, -1))
    low = differences[0] if left is None else differences[left]
    high = differences[-1] if right is None else differences[right + 1]
    # Beyond all differences p does not change: where it is not rejected there, nothing bounds.
    bounded_below = p_value(differences[0] - 1) < alpha
    bounded_above = p_value(differences[-1] + 1) < alpha
    return float(low) if bounded_below else None, float(high) if bounded_above else None


def contrast_row(analysis: str, values: pd.Series, by: pd.Series, **identity: Any) -> Row:
    """The contrast of a number between groups: a shift of two, Kruskal-Wallis of more.

    Parameters
    ----------
    analysis : word of the estimates table
    values : numbers
    by : groups, an ordered category; the first level is the reference
    identity : further text fields of the row

    Returns
    -------
    Row
        `median_difference` with `method` rank_sum or rank_sum_exact for two groups (the test
        compares ranks, not medians), or `kruskal_wallis` with its statistic, degrees of freedom
        and p; not_estimable where fewer than two groups have a value.
    """
    known = values.notna() & by.notna()
    parts = {level: values[known & (by == level)].to_numpy(float) for level in by.cat.categories}
    filled = {level: part for level, part in parts.items() if len(part)}
    n = int(known.sum())
    if len(filled) < 2:
        return Row(
            analysis=analysis,
            statistic="median_difference",
            n=n,
            status="not_estimable",
            note="Fewer than two groups have a known value.",
            **identity,
        )
    if len(parts) > 2 and np.ptp(values[known].to_numpy(float)) == 0:
        note = "All known values are equal."
        return Row(
            analysis=analysis,
            statistic="kruskal_wallis",
            n=n,
            method="kruskal_wallis",
            status="not_estimable",
            note=note,
            **identity,
        )
    if len(parts) > 2:
        test = stats.kruskal(*filled.values())
        return Row(
            analysis=analysis,
            statistic="kruskal_wallis",
            estimate=float(test.statistic),
            df=len(filled) - 1,
            p_value=float(test.pvalue),
            n=n,
            method="kruskal_wallis",
            note="A test of ranks, not of medians.",
            **identity,
        )
    (reference, second), (level, first) = filled.items()
    shift, low, high, p, method = hodges_lehmann(first, second)
    return Row(
        analysis=analysis,
        statistic="median_difference",
        estimate=shift,
        conf_low=low,
        conf_high=high,
        conf_level=None if low is None or high is None else CONF_LEVEL,
        p_value=p,
        n=n,
        method=method,
        note="Hodges-Lehmann shift; the p-value compares ranks, not medians."
        + (" Too few values for a limit." if low is None or high is None else ""),
        **(identity | {"group": f"{by.name}={level}", "reference": f"{by.name}={reference}"}),
    )
