"""Ranks in which equal values share the mean of theirs."""

import numpy as np


def mid_ranks(values: np.ndarray, among: np.ndarray | None = None) -> np.ndarray:
    """Ranks from 1, ties sharing their mean. R: `rank`.

    Own code, because `scipy.stats` takes longer to import than a step of the workflow to compute.

    Parameters
    ----------
    values : numbers
    among : all numbers, of which `values` are a part; themselves where it is not given
    """
    ordered = np.sort(values if among is None else among)
    below, upto = (np.searchsorted(ordered, values, side) for side in ("left", "right"))
    ranks: np.ndarray = (below + upto + 1) / 2
    return ranks
