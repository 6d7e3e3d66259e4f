"""Totals of items, and what they may be where items are missing."""

from collections.abc import Mapping, Sequence

import pandas as pd


def total(patients: pd.DataFrame, items: Sequence[str], highest: float) -> pd.DataFrame:
    """The sum of items from 0 to `highest`, with its bounds.

    Parameters
    ----------
    patients : with the items as numbers
    items : their names
    highest : what a missing item may be at most

    Returns
    -------
    frame with score (missing when any item is: no other rule was found in a publication), lower
    (missing items at 0) and upper (missing items at `highest`); the sum of all items, were they
    known, lies within

    References
    ----------
    Modified Rodnan skin score: Clements 1993, 17 sites from 0 to 3. Cochin hand function scale:
    Duruöz MT et al. J Rheumatol 1996;23:1167-72, 18 items from 0 to 5.
    """
    parts = patients[list(items)].astype("float64")
    return pd.DataFrame(
        {
            "score": parts.sum(axis=1, skipna=False),
            "lower": parts.fillna(0.0).sum(axis=1),
            "upper": parts.fillna(float(highest)).sum(axis=1),
        }
    )


def named(scores: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Scores with their bounds as variables `<name>`, `<name>_lower` and `<name>_upper`."""
    columns: dict[str, pd.Series] = {}
    for name, frame in scores.items():
        columns[name] = frame["score"]
        columns |= {f"{name}_{end}": frame[end] for end in ("lower", "upper")}
    return pd.DataFrame(columns)
