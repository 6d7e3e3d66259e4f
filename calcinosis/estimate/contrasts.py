"""Contrasts of numbers between groups by ranks."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from calcinosis.estimate.groups import EXACT_BELOW
from calcinosis.estimate.ranks import mid_ranks
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
    test = exact_p_value if exact else rank_sum_p_value

    def p_value(shift: float) -> float:
        # Rounded, so that a difference that is 0 on paper ties also after the subtraction.
        return test(np.round(first - shift, 9), np.round(second, 9))

    differences = np.unique(np.round(np.subtract.outer(first, second).ravel(), 9))
    pairwise = np.median(np.subtract.outer(first, second))
    between = (differences[1:] + differences[:-1]) / 2
    top = int(np.argmin(np.abs(between - pairwise))) if len(between) else 0
    low, high = _not_rejected(differences, between, top, p_value, 1 - CONF_LEVEL)
    return float(pairwise), low, high, p_value(0.0), "rank_sum_exact" if exact else "rank_sum"


def rank_sum_p_value(first: np.ndarray, second: np.ndarray) -> float:
    """Two-sided p-value of the rank-sum test: normal, with tie and continuity correction.

    Own code, here and in `kruskal_wallis`, because `scipy.stats` takes longer to import than a
    step of the workflow to compute; only the exact test needs it.

    Parameters
    ----------
    first, second : known values, at least one each

    Returns
    -------
    the p-value; 1 where all values tie

    References
    ----------
    R: `wilcox.test(first, second, exact = FALSE)`; `scipy.stats.mannwhitneyu(method="asymptotic")`.
    """
    m, n = len(first), len(second)
    ordered = np.sort(second)
    below, upto = (np.searchsorted(ordered, first, side) for side in ("left", "right"))
    apart = abs((below.sum() + upto.sum()) / 2 - m * n / 2)
    variance = m * n / 12 * (m + n + 1) * _untied(np.concatenate([first, second]))
    if variance == 0:
        return 1.0
    return min(1.0, float(2 * special.ndtr(-(apart - 0.5) / variance**0.5)))


def exact_p_value(first: np.ndarray, second: np.ndarray) -> float:
    """Two-sided exact p-value of the rank-sum test, for values without ties."""
    from scipy import stats

    return float(stats.mannwhitneyu(first, second, method="exact").pvalue)


def kruskal_wallis(groups: Sequence[np.ndarray]) -> tuple[float, float]:
    """Statistic and p-value of the test of Kruskal and Wallis, corrected for ties.

    Parameters
    ----------
    groups : known values of two groups or more, at least one each, not all equal

    References
    ----------
    R: `kruskal.test`; `scipy.stats.kruskal`.
    """
    values = np.concatenate(groups)
    n = len(values)
    ranks = [mid_ranks(group, values) for group in groups]
    between = sum(len(r) * (r.mean() - (n + 1) / 2) ** 2 for r in ranks)
    statistic = float(12 * between / (n * (n + 1)) / _untied(values))
    return statistic, float(special.chdtrc(len(groups) - 1, statistic))


def _untied(values: np.ndarray) -> float:
    """By what ties lessen the variance of ranks: 1 without ties, 0 where all values are equal."""
    n, counts = len(values), np.unique(values, return_counts=True)[1].astype(float)
    return float(1 - (counts**3 - counts).sum() / (float(n) ** 3 - n)) if n > 1 else 0.0


def _not_rejected(
    differences: np.ndarray,
    between: np.ndarray,
    top: int,
    p_value: Callable[[float], float],
    alpha: float,
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
        statistic, p = kruskal_wallis(list(filled.values()))
        return Row(
            analysis=analysis,
            statistic="kruskal_wallis",
            estimate=statistic,
            df=len(filled) - 1,
            p_value=p,
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
