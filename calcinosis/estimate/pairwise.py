"""Every pair of groups compared, with p-values adjusted for the number of pairs."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.estimate.contrasts import contrast_row
from calcinosis.estimates import Row


def pairwise_rows(analysis: str, values: pd.Series, by: pd.Series, **identity: Any) -> list[Row]:
    """The shift between each pair of groups, and its p-value by Holm's method.

    Parameters
    ----------
    analysis : word of the estimates table
    values : numbers
    by : groups, an ordered category; of each pair the earlier level is the reference
    identity : further text fields of the rows

    Returns
    -------
    per pair a row of `contrast_row`, and of more than one pair a row `adjusted_p_value` (method
    holm) whose `estimate` is the adjusted and whose `p_value` the unadjusted p-value, and whose `n`
    is the number of tests in the family: all pairs of this variable for this number that can be
    tested

    References
    ----------
    Holm S. Scand J Stat 1979;6:65-70. R: `pairwise.wilcox.test(values, by, exact = FALSE)`.
    """
    shifts = []
    for reference, level in combinations(by.cat.categories, 2):
        pair = by.cat.set_categories([reference, level], ordered=True)
        row = contrast_row(analysis, values, pair, **identity)
        group, against = f"{by.name}={level}", f"{by.name}={reference}"
        shifts.append(replace(row, group=group, reference=against))
    tested = [row for row in shifts if row.p_value is not None and len(shifts) > 1]
    adjusted = holm([row.p_value for row in tested if row.p_value is not None])
    note = f"The family: {len(tested)} pairs of groups for this number."
    return [
        *shifts,
        *(
            replace(
                row,
                statistic="adjusted_p_value",
                method="holm",
                estimate=p,
                conf_low=None,
                conf_high=None,
                conf_level=None,
                n=len(tested),
                note=note,
            )
            for row, p in zip(tested, adjusted, strict=True)
        ),
    ]


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values adjusted by Holm's method, in their order.

    Own code, because statsmodels takes longer to import than the step that needs these four lines.

    References
    ----------
    Holm S. Scand J Stat 1979;6:65-70. R: `p.adjust(p, "holm")`.
    """
    p = np.asarray(p_values, float)
    order = np.argsort(p, kind="stable")
    adjusted = np.empty(len(p))
    adjusted[order] = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return [float(value) for value in np.minimum(adjusted, 1.0)]
