"""Which shares of false worsening a published kappa allows: a what-if, no estimate.

A kappa does not fix how readers err. Of all tables of two readings that have this cohort's grades
on both sides and that kappa, a linear programme finds those with the least and the most pairs in
which the second reading is worse.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from calcinosis.estimates import Row

_POWERS = {"kappa": 0, "kappa_linear": 1, "kappa_quadratic": 2}
"""Kappa by its weights of disagreement: all alike, by steps, by squared steps."""


def false_worsening(kappa: float, shares: np.ndarray, power: int) -> tuple[float, float] | None:
    """Least and most share of pairs with a worse second reading.

    Parameters
    ----------
    kappa : weighted kappa of two readings of one film
    shares : of the grades, in both readings, shape (levels,)
    power : of the steps between two grades, their weight of disagreement

    Returns
    -------
    lowest and highest share over all tables that are symmetric (no reading is systematically
    worse); None where no table has such a kappa
    """
    n = len(shares)
    steps = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    weight = np.where(steps > 0, steps.astype(float) ** power, 0.0)
    margins = [np.outer(np.arange(n) == i, np.ones(n)) for i in range(n)]
    symmetric = [
        np.outer(np.arange(n) == i, np.arange(n) == j) * 1.0
        - np.outer(np.arange(n) == j, np.arange(n) == i)
        for i in range(n)
        for j in range(i)
    ]
    left = np.array([table.ravel() for table in (*margins, *symmetric, weight)])
    chance = float((weight * np.outer(shares, shares)).sum())
    if chance == 0:
        return None
    right = np.array([*shares, *(0.0 for _ in symmetric), (1 - kappa) * chance])
    worse = np.triu(np.ones((n, n)), 1).ravel()
    ends = [linprog(sign * worse, A_eq=left, b_eq=right) for sign in (1, -1)]
    if not all(end.success for end in ends):
        return None
    return float(ends[0].fun), float(-ends[1].fun)


def what_if_rows(intervals: pd.DataFrame, kappas: Mapping[str, float]) -> list[Row]:
    """False worsening by published kappa, weights, and end of the range.

    Parameters
    ----------
    intervals : dataset `severity`; the grades are those of the first films
    kappas : name to kappa

    Returns
    -------
    rows of analysis `agreement` and model `what_if`: `group` the name of the kappa, `term` its
    weights, `level` lowest or highest; and the kappa itself
    """
    first = intervals.drop_duplicates("patient_id")["grade_first"].dropna()
    shares = first.value_counts(normalize=True, sort=False).to_numpy(float)
    rows = []
    for name, kappa in kappas.items():
        rows.append(
            Row(
                analysis="agreement",
                model="what_if",
                group=name,
                statistic="published_kappa",
                estimate=kappa,
            )
        )
        for term, power in _POWERS.items():
            ends = false_worsening(kappa, shares, power) if len(first) else None
            rows += [
                Row(
                    analysis="agreement",
                    model="what_if",
                    outcome="false_worsening",
                    group=name,
                    term=term,
                    level=level,
                    unit="of films",
                    statistic="proportion",
                    estimate=ends and min(1.0, max(0.0, ends[i])),
                    n=len(first),
                    method="linear_programme",
                    status="ok" if ends else "not_estimable",
                    note="" if ends else "No table with the grades of this cohort has this kappa.",
                )
                for i, level in enumerate(("lowest", "highest"))
            ]
    return rows
