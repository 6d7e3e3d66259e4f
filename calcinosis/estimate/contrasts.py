"""Contrasts of numbers between groups by ranks."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from calcinosis.estimate.groups import EXACT_BELOW
from calcinosis.estimate.pair_differences import Differences
from calcinosis.estimate.ranks import Tally, mid_ranks
from calcinosis.estimates import CONF_LEVEL, Row

_DIGITS = 9


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
    groups = Tally.of(first), Tally.of(second)

    def p_value(shift: float) -> float:
        # Rounded, so that a difference that is 0 on paper ties also after the subtraction.
        moved = groups[0].moved(shift, _DIGITS), groups[1].moved(0.0, _DIGITS)
        return (
            exact_p_value(*(part.values for part in moved)) if exact else rank_sum_p_value(*moved)
        )

    differences = Differences(*groups)
    low, high = differences.not_rejected(p_value, 1 - CONF_LEVEL)
    method = "rank_sum_exact" if exact else "rank_sum"
    return differences.median(), low, high, p_value(0.0), method


def rank_sum_p_value(first: Tally, second: Tally) -> float:
    """Two-sided p-value of the rank-sum test: normal, with tie and continuity correction.

    Own code, here and in `kruskal_wallis`, because `scipy.stats` takes longer to import than a
    step of the workflow to compute; only the exact test needs it.

    Parameters
    ----------
    first, second : known values, at least one each, with their counts

    Returns
    -------
    the p-value; 1 where all values tie

    References
    ----------
    R: `wilcox.test(first, second, exact = FALSE)`; `scipy.stats.mannwhitneyu(method="asymptotic")`.
    """
    m, n = first.total, second.total
    upto_place = np.concatenate([[0], second.counts.cumsum()])
    below, upto = (
        upto_place[np.searchsorted(second.values, first.values, side)] for side in ("left", "right")
    )
    apart = abs(int((first.counts * (below + upto)).sum()) / 2 - m * n / 2)
    variance = m * n / 12 * (m + n + 1) * _untied(first.joined(second).counts)
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
    ranks = np.split(mid_ranks(values), np.cumsum([len(group) for group in groups])[:-1])
    between = sum(len(r) * (r.mean() - (n + 1) / 2) ** 2 for r in ranks)
    statistic = float(12 * between / (n * (n + 1)) / _untied(Tally.of(values).counts))
    return statistic, float(special.chdtrc(len(groups) - 1, statistic))


def _untied(ties: np.ndarray) -> float:
    """By what ties lessen the variance of ranks: 1 without ties, 0 where all values are equal."""
    counts = ties.astype(float)
    n = counts.sum()
    return float(1 - (counts**3 - counts).sum() / (n**3 - n)) if n > 1 else 0.0


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
