"""Permutation tests of ranks: exact also where values tie, or from random permutations."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from calcinosis.estimate.ranks import mid_ranks

MOST_CELLS = 100_000_000
"""Up to so many additions the distribution is computed exactly; beyond, permutations are drawn."""
DRAWN = 9_999
ASYMPTOTIC_ABOVE = 5_000
"""With more values the law of all permutations is its limit within a thousandth, as long as no
group is small: the mean of few ranks is not normal, however many the others are."""
SMALL = 60
"""Below so many values a group is small."""
_SAME = 1e-9
"""Two statistics are equal within rounding."""
_AT_ONCE = 2_000_000
"""Ranks permuted at once, for memory."""


@dataclass(frozen=True)
class Permuted:
    """The p-value of a permutation test.

    Parameters
    ----------
    p_value : two-sided
    exact : whether all permutations count; otherwise `DRAWN` were drawn, or their limit taken
    std_error : of the p-value where they were drawn, else 0
    asymptotic : whether the limit was taken
    """

    p_value: float
    exact: bool
    std_error: float = 0.0
    asymptotic: bool = False


def rank_test(groups: Sequence[np.ndarray], seed: Sequence[int]) -> Permuted | None:
    """Whether the ranks of groups differ, by all or by random permutations of the groups.

    Two groups are compared by the sum of ranks, as far from its mean as the one seen or farther;
    more by the statistic of Kruskal and Wallis. Ties share the mean of their ranks, and the
    distribution is the one given these ties. Of more than `ASYMPTOTIC_ABOVE` values they are
    neither counted nor drawn, unless a group is `SMALL`: the statistic's limit is chi-squared.

    Parameters
    ----------
    groups : known values of each group
    seed : of the random permutations, where there are too many to count

    Returns
    -------
    None where fewer than two groups have a value, or all values are equal

    References
    ----------
    Streitberg B, Roehmel J. Statistical Software Newsletter 1986;12:10-7 (the exact distribution).
    R: `coin::wilcox_test(distribution = "exact")`; drawn: `coin::kruskal_test(distribution =
    approximate())`, with the statistic that was seen counted among the permutations.
    """
    filled = [group for group in groups if len(group)]
    if len(filled) < 2 or np.ptp(np.concatenate(filled)) == 0:
        return None
    doubled, sizes = _doubled_ranks(np.concatenate(filled)), [len(group) for group in filled]
    if len(filled) == 2:
        m, n = min(sizes), sum(sizes)
        if m * n * int(np.sort(doubled)[-m:].sum()) <= MOST_CELLS:
            return Permuted(_exact(doubled, sizes), exact=True)
    if len(doubled) > ASYMPTOTIC_ABOVE and min(sizes) >= SMALL:
        return Permuted(_limit(doubled, sizes), exact=False, asymptotic=True)
    return _drawn(doubled, sizes, seed)


def _doubled_ranks(values: np.ndarray) -> np.ndarray:
    """Twice the ranks, which are whole numbers also where values tie."""
    return (2 * mid_ranks(values)).astype(int)


def _exact(doubled: np.ndarray, sizes: Sequence[int]) -> float:
    """Count the subsets of each sum of ranks, as shares of those of their size."""
    n = len(doubled)
    m = min(sizes)
    smaller = doubled[: sizes[0]] if sizes[0] == m else doubled[sizes[0] :]
    most = int(np.sort(doubled)[-m:].sum())
    # chance[k, s]: that k of the values so far are drawn and their ranks sum to s.
    chance = np.zeros((m + 1, most + 1))
    chance[0, 0] = 1.0
    for i, rank in enumerate(doubled):
        # Draw without replacement: k of m places are taken when n - i values are left.
        taken = (m - np.arange(m + 1)) / (n - i)
        drawn = chance[:-1, : most + 1 - rank] * taken[:-1, None]
        chance *= np.clip(1 - taken, 0, None)[:, None]
        chance[1:, rank:] += drawn
    sums = np.arange(most + 1)
    middle = m * (n + 1)  # doubled, as the ranks are
    far = np.abs(sums - middle) >= abs(int(smaller.sum()) - middle)
    return float(min(1.0, chance[m, far].sum()))


def _limit(doubled: np.ndarray, sizes: Sequence[int]) -> float:
    """Kruskal and Wallis's test with the variance of these ranks, ties included."""
    n, of_size = len(doubled), np.array(sizes)
    sums = np.add.reduceat(doubled.astype(float), np.cumsum([0, *sizes[:-1]]))
    between = ((sums - of_size * (n + 1)) ** 2 / of_size).sum()
    return float(special.chdtrc(len(sizes) - 1, between / doubled.var(ddof=1)))


def _drawn(doubled: np.ndarray, sizes: Sequence[int], seed: Sequence[int]) -> Permuted:
    rng, starts = np.random.default_rng(list(seed)), np.cumsum([0, *sizes[:-1]])
    # In order, so that the draw depends on the values and not on who has them.
    ranks, of_size = np.sort(doubled).astype(float), np.array(sizes)
    middle = of_size * (len(ranks) + 1)

    def distance(sums: np.ndarray) -> np.ndarray:
        apart: np.ndarray = ((sums - middle) ** 2 / of_size).sum(axis=-1)
        return apart

    seen = float(distance(np.add.reduceat(doubled, starts)))
    reached, left = 0, DRAWN
    while left:
        batch = min(left, max(1, _AT_ONCE // len(ranks)))
        permuted = rng.permuted(np.broadcast_to(ranks, (batch, len(ranks))), axis=1)
        found = distance(np.add.reduceat(permuted, starts, axis=1))
        reached += int((found >= seen * (1 - _SAME)).sum())
        left -= batch
    p = (1 + reached) / (1 + DRAWN)
    return Permuted(p, exact=False, std_error=float((p * (1 - p) / (1 + DRAWN)) ** 0.5))
