"""Groups of a category, and summaries of numbers in them."""

from typing import Any

import numpy as np
import pandas as pd

from calcinosis.estimates import Row

EXACT_BELOW = 50
"""R's rule of rank sums: exact when both groups are smaller than this and nothing ties."""


def summary_rows(analysis: str, values: pd.Series, **identity: Any) -> list[Row]:
    """Mean, SD, median and quartiles of known values, and how many are missing.

    Quartiles are R's type 7. With nobody known, the rows are not estimable; with one value the SD.
    """
    known = values.dropna().to_numpy(float)
    n = len(known)
    nothing = "One known value has no standard deviation." if n else "No known value in this group."
    absent: dict[str, Any] = {"status": "not_estimable", "note": nothing}
    if n:
        q1, median, q3 = np.quantile(known, [0.25, 0.5, 0.75])
        numbers: dict[str, Any] = {"mean": known.mean(), "median": median, "q1": q1, "q3": q3}
        numbers["sd"] = known.std(ddof=1) if n > 1 else None
    else:
        numbers = dict.fromkeys(("mean", "median", "q1", "q3", "sd"))
    rows = [
        Row(
            analysis=analysis,
            statistic=statistic,
            estimate=None if number is None else float(number),
            n=n,
            **identity,
            **(absent if number is None else {}),
        )
        for statistic, number in numbers.items()
    ]
    missing = int(values.isna().sum())
    return [
        *rows,
        Row(analysis=analysis, statistic="missing", estimate=missing, n=len(values), **identity),
    ]


def bound_rows(analysis: str, frame: pd.DataFrame, term: str, **identity: Any) -> list[Row]:
    """The least and the greatest mean and median of all patients that missing items allow.

    Parameters
    ----------
    analysis : word of the estimates table
    frame : the patients of a group, with `<term>_lower` and `<term>_upper` where the score has
        bounds
    term : the score
    identity : further text fields of the rows

    Returns
    -------
    rows `mean_at_least`, `mean_at_most`, `median_at_least`, `median_at_most`; none where the score
        has no bounds or nobody is in the group. Both grow with each patient's score, so that what
        complete answers would give lies between
    """
    if frame.empty or f"{term}_lower" not in frame:
        return []
    ends = (("at_least", frame[f"{term}_lower"]), ("at_most", frame[f"{term}_upper"]))
    return [
        Row(
            analysis=analysis,
            statistic=f"{statistic}_{end}",
            estimate=float(getattr(values, statistic)()),
            n=len(values),
            term=term,
            **identity,
        )
        for statistic in ("mean", "median")
        for end, values in ends
    ]


def groups(by: pd.Series) -> list[tuple[str, pd.Series]]:
    """The groups of a category as (name in the estimates, who is in it)."""
    return [(f"{by.name}={level}", (by == level).fillna(False)) for level in by.cat.categories]


def centres_of(centre: pd.Series) -> list[str]:
    """The centres that have patients, in the order of the codebook."""
    return list(centre.cat.remove_unused_categories().cat.categories)
