"""The differences of all pairs of two groups, without writing them all down.

Scores have few different values: pairs of equal values are one difference with a count. Where even
the different ones are too many to list, those around a wanted place are found by bisection.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from calcinosis.estimate.ranks import Tally

LISTED = 1_000_000
"""Up to so many differences are listed at once."""
_FIRST_STEP, _GOLDEN = 2**-10 / 3, 0.3819660112501051
_DIGITS = 9
"""Differences that agree so far are one: a difference that is 0 on paper."""

Limits = tuple[float | None, float | None]


@dataclass(frozen=True)
class Differences:
    """All differences between a value of one group and one of another.

    Parameters
    ----------
    first, second : the different values of each group, with their counts
    listed : up to how many differences are listed at once
    """

    first: Tally
    second: Tally
    listed: int = LISTED

    def median(self) -> float:
        """The median of all differences: of an even number the mean of the two in the middle."""
        number = self.first.total * self.second.total
        ranks = np.array([(number - 1) // 2, number // 2])
        low, high = -np.inf, np.inf
        while self._size(low, high) > self.listed:
            middle = self._between(low, high)
            if not low < middle < high:
                break  # one difference that so many pairs have
            upto = self._upto(middle)
            if upto <= ranks[0]:
                low = middle
            elif upto > ranks[1]:
                high = middle
            else:  # one of the two on either side: the greatest up to there, the least above
                return (self._below(middle) + self._above(middle)) / 2
        values, counts = self._listed(low, high)
        order = values.argsort(kind="stable")
        passed = self._upto(low) + counts[order].cumsum()
        return float(values[order][np.searchsorted(passed, ranks, side="right")].mean())

    def not_rejected(self, p_value: Callable[[float], float], alpha: float) -> Limits:
        """The ends of the shifts whose p-value is at least `alpha`.

        Parameters
        ----------
        p_value : of a shift; constant between two differences, falling to both sides of the median
        alpha : the level of the test

        Returns
        -------
        the lowest and the highest such shift; None where nothing bounds them on that side
        """
        if len(self.first.values) * len(self.second.values) <= self.listed:
            return _ends(self._rounded(), self.median(), p_value, alpha)
        centre = self.median()
        low, high = (self._end(side, centre, p_value, alpha) for side in (-1, 1))
        return low, high

    def _end(
        self, side: int, centre: float, p_value: Callable[[float], float], alpha: float
    ) -> float | None:
        """The end on one side by bisection of shifts, of which none is a round number.

        At a difference itself values tie, and p is neither that before nor that behind it.
        """
        inner, far = centre, self._extreme(side) + side
        if p_value(far) >= alpha:
            return None
        outer = centre + (far - centre) * _FIRST_STEP
        while p_value(outer) >= alpha:
            inner, outer = outer, centre + 2 * (outer - centre)
        while abs(outer - inner) > self._step():
            middle = inner + (outer - inner) * _GOLDEN
            if p_value(middle) >= alpha:
                inner = middle
            else:
                outer = middle
        # A step outwards, because a shift as near to a difference as rounding goes ties there.
        bound = outer + side * self._step()
        return round(self._above(bound) if side < 0 else self._below(bound), _DIGITS)

    def _step(self) -> float:
        """What two shifts must differ by; of large numbers more, for rounding."""
        largest = max(np.abs(tally.values).max() for tally in (self.first, self.second))
        return max(10 ** (1 - _DIGITS), 8 * float(np.spacing(largest)))

    def _extreme(self, side: int) -> float:
        u, v = self.first.values, self.second.values
        return float(u[-1] - v[0] if side > 0 else u[0] - v[-1])

    def _between(self, low: float, high: float) -> float:
        return (max(low, self._extreme(-1) - 1) + min(high, self._extreme(1) + 1)) / 2

    def _places(self, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
        """For each value of the first group, from which of the second to which one to subtract."""
        of = (self.first.values - bound for bound in (high, low))
        from_, to = (np.searchsorted(self.second.values, value, side="left") for value in of)
        return from_, to

    def _size(self, low: float, high: float) -> int:
        """How many pairs of different values have a difference in (low, high]."""
        from_, to = self._places(low, high)
        return int((to - from_).sum())

    def _upto(self, bound: float) -> int:
        """How many pairs of patients have a difference of at most `bound`."""
        if bound == -np.inf:
            return 0
        from_ = np.searchsorted(self.second.values, self.first.values - bound, side="left")
        above = self.second.total - np.concatenate([[0], self.second.counts.cumsum()])[from_]
        return int((self.first.counts * above).sum())

    def _below(self, bound: float) -> float:
        """The greatest difference up to a bound."""
        from_ = np.searchsorted(self.second.values, self.first.values - bound, side="left")
        some = from_ < len(self.second.values)
        return float((self.first.values[some] - self.second.values[from_[some]]).max())

    def _above(self, bound: float) -> float:
        """The least difference above a bound."""
        from_ = np.searchsorted(self.second.values, self.first.values - bound, side="left")
        some = from_ > 0
        return float((self.first.values[some] - self.second.values[from_[some] - 1]).min())

    def _listed(self, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
        """The differences in (low, high] of different values, and how many pairs have them."""
        from_, to = self._places(low, high)
        sizes = to - from_
        i = np.repeat(np.arange(len(sizes)), sizes)
        j = np.arange(sizes.sum()) - np.repeat(sizes.cumsum() - sizes, sizes) + from_[i]
        counts = self.first.counts[i] * self.second.counts[j]
        return self.first.values[i] - self.second.values[j], counts

    def _rounded(self) -> np.ndarray:
        return np.unique(np.round(self._listed(-np.inf, np.inf)[0], _DIGITS))


def _ends(
    differences: np.ndarray, centre: float, p_value: Callable[[float], float], alpha: float
) -> Limits:
    """The ends of the shifts with p of at least alpha; p is constant between two differences.

    From `centre`, the estimate, p falls to both sides. Where the steps of a score are so coarse
    that the gaps on both sides of the estimate are rejected, the estimate is all that is left.
    """
    # Beyond all differences p does not change: where it is not rejected there, nothing bounds.
    bounded = [p_value(end) < alpha for end in (differences[0] - 1, differences[-1] + 1)]
    between = (differences[1:] + differences[:-1]) / 2
    at = int(np.searchsorted(differences, centre - 10**-_DIGITS / 2))
    beside = [i for i in (at - 1, at) if 0 <= i < len(between)]
    top = max(beside, key=lambda i: p_value(between[i]), default=None)
    if top is None or p_value(between[top]) < alpha:
        ends = centre, centre
    else:
        left = _first_accepted(between, np.arange(0, top + 1), p_value, alpha)
        right = _first_accepted(between, np.arange(len(between) - 1, top - 1, -1), p_value, alpha)
        ends = float(differences[left]), float(differences[right + 1])
    low, high = (end if is_bounded else None for end, is_bounded in zip(ends, bounded, strict=True))
    return low, high


def _first_accepted(
    between: np.ndarray, indices: np.ndarray, p_value: Callable[[float], float], alpha: float
) -> int:
    """Bisection: along `indices` p rises from rejected to accepted, which the last one is."""
    low, high = 0, len(indices) - 1
    while low < high:
        middle = (low + high) // 2
        if p_value(between[indices[middle]]) >= alpha:
            high = middle
        else:
            low = middle + 1
    return int(indices[low])
