"""Resamples of patients, a part of them at a time, and the percentiles of what they say."""

from collections.abc import Iterator

import numpy as np

from calcinosis.estimates import CONF_LEVEL

_ENOUGH = 0.9
"""Of the resamples: where fewer say something there is no interval."""
_AT_ONCE = 1_000_000
"""Patients times resamples in one part, for memory."""


def counts(
    n: int, resamples: int, rng: np.random.Generator, of_row: np.ndarray | None = None
) -> Iterator[np.ndarray]:
    """Draw patients with replacement.

    Parameters
    ----------
    n : patients
    resamples : how many
    rng : whose numbers decide, however the resamples are divided
    of_row : which kind each patient is of, from 0 on, where patients of a kind are counted together

    Yields
    ------
    how often each patient (or kind) was drawn, shape (some resamples, patients or kinds)
    """
    # Short numbers, so that more of them are near the processor when they are looked up.
    kind_of = None if of_row is None else of_row.astype(np.int32)
    kinds = n if kind_of is None else int(kind_of.max()) + 1
    size = max(1, _AT_ONCE // n)
    for start in range(0, resamples, size):
        number = np.empty((min(size, resamples - start), kinds))
        for i in range(len(number)):
            who = rng.integers(n, size=n)
            number[i] = np.bincount(who if kind_of is None else kind_of[who], minlength=kinds)
        yield number


def percentiles(
    found: np.ndarray, resamples: int
) -> tuple[tuple[float | None, float | None], float | None, str]:
    """The percentile interval of a number.

    Parameters
    ----------
    found : the number in those resamples that have one
    resamples : how many there were

    Returns
    -------
    limits and confidence level, None without resamples or where fewer than nine tenths of them have
    the number; and a sentence where not all of them have
    """
    lost = f"{resamples - len(found)} of {resamples} resamples of the patients have no such number"
    if len(found) < _ENOUGH * resamples or not resamples:
        return (None, None), None, f"{lost}: too many for an interval." if resamples else ""
    low, high = np.quantile(found, [(1 - CONF_LEVEL) / 2, (1 + CONF_LEVEL) / 2])
    return (float(low), float(high)), CONF_LEVEL, f"{lost}." if len(found) < resamples else ""
