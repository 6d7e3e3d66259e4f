"""Whether a number grows from one ordered group to the next."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from calcinosis.estimates import Row


def jonckheere_terpstra(groups: Sequence[np.ndarray]) -> tuple[float, float, float]:
    """The statistic of Jonckheere and Terpstra, its mean and its variance without a trend.

    Parameters
    ----------
    groups : known values of the groups in order, at least one each

    Returns
    -------
    statistic (pairs of patients in different groups in which the later group has the greater value,
    ties as a half), mean, variance corrected for ties

    References
    ----------
    Hollander M, Wolfe DA. Nonparametric statistical methods, section 6.2, with the variance for
    ties.
    """
    statistic = 0.0
    for i, later in enumerate(groups):
        before = np.sort(np.concatenate(groups[:i])) if i else np.empty(0)
        below, upto = (np.searchsorted(before, later, side) for side in ("left", "right"))
        statistic += float((below + upto).sum()) / 2
    sizes = np.array([len(group) for group in groups], float)
    ties = np.unique(np.concatenate(groups), return_counts=True)[1].astype(float)
    n = float(sizes.sum())

    def powers(counts: np.ndarray) -> tuple[float, float, float]:
        pairs = counts * (counts - 1)
        triples = pairs * (counts - 2)
        return float((pairs * (2 * counts + 5)).sum()), float(pairs.sum()), float(triples.sum())

    of_n, of_sizes, of_ties = powers(np.array([n])), powers(sizes), powers(ties)
    variance = (of_n[0] - of_sizes[0] - of_ties[0]) / 72
    if n > 2:
        variance += of_sizes[2] * of_ties[2] / (36 * of_n[2])
    variance += of_sizes[1] * of_ties[1] / (8 * of_n[1])
    return statistic, float((n**2 - (sizes**2).sum()) / 4), variance


def trend_row(analysis: str, values: pd.Series, by: pd.Series, **identity: Any) -> Row:
    """Whether a number grows or falls over the levels of an ordered category.

    Parameters
    ----------
    analysis : word of the estimates table
    values : numbers
    by : groups, an ordered category
    identity : further text fields of the row

    Returns
    -------
    row `jonckheere_terpstra`: the standardised statistic, positive where the number grows, with its
    two-sided normal p-value; not estimable where fewer than two groups have a value or all values
    are equal
    """
    known = (values.notna() & by.notna()).to_numpy()
    kept, of = values.to_numpy(float)[known], by.cat.codes.to_numpy()[known]
    groups = [part for i in range(len(by.cat.categories)) if len(part := kept[of == i])]
    fields = identity | {
        "analysis": analysis,
        "statistic": "jonckheere_terpstra",
        "method": "jonckheere_terpstra",
        "n": len(kept),
    }
    statistic, mean, variance = jonckheere_terpstra(groups) if len(groups) > 1 else (0.0, 0.0, 0.0)
    if variance <= 1e-9:
        reason = "Fewer than two groups have a known value, or all values are equal."
        return Row(**fields, status="not_estimable", note=reason)
    z = (statistic - mean) / variance**0.5
    note = "Standardised; normal approximation with the variance for ties."
    p = float(2 * special.ndtr(-abs(z)))
    return Row(**fields, estimate=z, p_value=p, df=None, note=note)
