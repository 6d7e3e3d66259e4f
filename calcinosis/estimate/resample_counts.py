"""How often each patient is in each of many resamples, a part of the resamples at a time."""

from collections.abc import Iterator

import numpy as np

_AT_ONCE = 1_000_000
"""Patients times resamples in one part, for memory."""


def counts(n: int, resamples: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Draw patients with replacement.

    Parameters
    ----------
    n : patients
    resamples : how many
    rng : whose numbers decide, however the resamples are divided

    Yields
    ------
    how often each patient was drawn, shape (some resamples, n)
    """
    size = max(1, _AT_ONCE // n)
    for start in range(0, resamples, size):
        some = min(size, resamples - start)
        who = rng.integers(n, size=(some, n)) + n * np.arange(some)[:, None]
        yield np.bincount(who.ravel(), minlength=some * n).reshape(some, n).astype(float)
