"""A number between groups in every way that a reader may ask for."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.estimate import mean_differences, permutation
from calcinosis.estimate.contrasts import contrast_row
from calcinosis.estimate.pairwise import pairwise_rows
from calcinosis.estimates import Row

_FEW = "A group has fewer than two known values, or nothing varies."


def contrast_rows(
    analysis: str, values: pd.Series, by: pd.Series, term: str, seed: int
) -> list[Row]:
    """Every pair of groups, and with more than two groups all of them together.

    Parameters
    ----------
    analysis : word of the estimates table
    values : numbers
    by : groups, a category; of two the first is the reference
    term : the measured variable
    seed : of random permutations, where there are too many to count

    Returns
    -------
    by pair `median_difference` (Hodges-Lehmann, rank sum), `permutation_test`, `mean_difference`
    (Welch) and `detectable_mean_difference`; with more than two groups also `kruskal_wallis` and
    `permutation_test` of all groups, and by pair `adjusted_p_value` of the rank sums (Holm)
    """
    levels, rows = list(by.cat.categories), []
    if len(levels) > 2:
        rows.append(contrast_row(analysis, values, by, term=term))
        parts = [values[by == level].dropna().to_numpy(float) for level in levels]
        identity = {"analysis": analysis, "term": term}
        rows.append(_permutation(parts, [seed], identity))
    rows += pairwise_rows(analysis, values, by, term=term)
    for i, (reference, level) in enumerate(itertools.combinations(levels, 2)):
        first, second = (values[by == name].dropna().to_numpy(float) for name in (level, reference))
        identity = {
            "analysis": analysis,
            "term": term,
            "group": f"{by.name}={level}",
            "reference": f"{by.name}={reference}",
        }
        rows += [
            _permutation([first, second], [seed, i], identity),
            _welch(first, second, identity),
            _detectable(first, second, identity),
        ]
    return rows


def _permutation(parts: Sequence[np.ndarray], seed: Sequence[int], identity: dict[str, Any]) -> Row:
    common = {**identity, "statistic": "permutation_test", "n": sum(map(len, parts))}
    found = permutation.rank_test(parts, seed)
    if found is None:
        note = "Fewer than two groups have a known value, or all values are equal."
        return Row(**common, method="permutation", status="not_estimable", note=note)
    if found.exact:
        note = "All ways to divide these ranks, ties included, between the groups are counted."
        return Row(**common, p_value=found.p_value, method="permutation_exact", note=note)
    if found.asymptotic:
        note = (
            f"More than {permutation.ASYMPTOTIC_ABOVE} values: the chi-squared limit of the law of "
            "all permutations of these ranks, ties included."
        )
        return Row(**common, p_value=found.p_value, method="permutation_asymptotic", note=note)
    note = (
        f"Monte Carlo from {permutation.DRAWN + 1} permutations of the ranks, the one seen among "
        f"them, with seed {seed[0]}; the standard error of the p-value is {found.std_error:.1g}."
    )
    return Row(**common, p_value=found.p_value, method="permutation_monte_carlo", note=note)


def _welch(first: np.ndarray, second: np.ndarray, identity: dict[str, Any]) -> Row:
    common = {
        **identity,
        "statistic": "mean_difference",
        "method": "welch_t",
        "n": len(first) + len(second),
    }
    found = mean_differences.welch(first, second)
    if found is None:
        return Row(**common, status="not_estimable", note=_FEW)
    return Row(**common, **found.fields())


def _detectable(first: np.ndarray, second: np.ndarray, identity: dict[str, Any]) -> Row:
    common = {
        **identity,
        "statistic": "detectable_mean_difference",
        "method": "noncentral_t",
        "n": len(first) + len(second),
    }
    found = mean_differences.detectable(first, second)
    if found is None:
        return Row(**common, status="not_estimable", note=_FEW)
    note = (
        "With a power of 80 % by a two-sided t test at 5 % (noncentral t, pooled standard "
        "deviation of these patients); a rank-sum test is as powerful with "
        f"{1 / mean_differences.RANKS:.3f} times as many patients where values are normal."
    )
    return Row(**common, estimate=found, note=note)
