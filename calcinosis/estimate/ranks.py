"""Ranks in which equal values share the mean of theirs, and values counted once."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Tally:
    """The different values of a group in order, and how many patients have each.

    Tests of ranks need no more, and scores have few different values.
    """

    values: np.ndarray
    counts: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, counts: np.ndarray | None = None) -> "Tally":
        """Count equal values; `counts` where each stands for several patients already."""
        if counts is None:
            return cls(*np.unique(values, return_counts=True))
        different, place = np.unique(values, return_inverse=True)
        sums = np.zeros(len(different), dtype=counts.dtype)
        np.add.at(sums, place, counts)
        return cls(different, sums)

    @property
    def total(self) -> int:
        """How many patients."""
        return int(self.counts.sum())

    def joined(self, other: "Tally") -> "Tally":
        """The values of both groups together."""
        both = ((self.values, other.values), (self.counts, other.counts))
        return Tally.of(*(np.concatenate(part) for part in both))

    def moved(self, shift: float, digits: int) -> "Tally":
        """All values less a shift, rounded."""
        return Tally.of(np.round(self.values - shift, digits), self.counts)


def mid_ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1, ties sharing their mean. R: `rank`.

    Own code, because `scipy.stats` takes longer to import than a step of the workflow to compute.
    """
    tally = Tally.of(values)
    ranks: np.ndarray = tally.counts.cumsum() - (tally.counts - 1) / 2
    return ranks[np.searchsorted(tally.values, values)]
