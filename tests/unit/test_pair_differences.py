"""The differences of all pairs: few values counted, many found by bisection."""

import numpy as np
import pytest
from scipy import stats

from calcinosis.estimate.contrasts import hodges_lehmann, rank_sum_p_value
from calcinosis.estimate.pair_differences import LISTED, Differences
from calcinosis.estimate.ranks import Tally

KINDS = {
    "whole": lambda rng, n: rng.integers(0, 6, n).astype(float),
    "tenths": lambda rng, n: rng.normal(size=n).round(1),
    "eighths": lambda rng, n: rng.integers(0, 25, n) / 8,
    "any": lambda rng, n: rng.normal(size=n),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("listed", [5, 40])
def test_bisection_finds_what_the_list_of_all_pairs_shows(kind, listed):
    rng = np.random.default_rng(5)
    for _ in range(20):
        first, second = (KINDS[kind](rng, int(rng.integers(20, 60))) for _ in range(2))
        first = np.append(first, first[:1]) + 0.5  # one tie, so that the test is the normal one

        def p_value(shift, first=first, second=second):
            return rank_sum_p_value(Tally.of(first).moved(shift, 9), Tally.of(second).moved(0, 9))

        differences = Differences(Tally.of(first), Tally.of(second), listed)
        shift, low, high, *_ = hodges_lehmann(first, second)
        assert shift == np.median(np.subtract.outer(first, second))
        assert differences.median() == pytest.approx(shift, abs=1e-12)
        assert differences.not_rejected(p_value, 0.05) == pytest.approx((low, high), abs=1e-9)


def test_a_hundred_thousand_patients_have_a_shift_without_all_their_pairs():
    rng = np.random.default_rng(6)
    first, second = rng.normal(0.1, 1, 50_000), rng.normal(0, 1, 50_000)
    shift, low, high, *_ = hodges_lehmann(first, second)
    assert shift == pytest.approx(0.1, abs=0.02)
    # The standard error of the shift of normal values: a twentieth more than that of means.
    spread = (high - low) / (2 * 1.96)
    assert spread == pytest.approx((2 / 50_000 * np.pi / 3) ** 0.5, rel=0.03)


@pytest.mark.parametrize(("digits", "n"), [(12, 1_100), (3, 2_500)])
def test_of_a_million_pairs_it_is_what_all_of_them_sorted_say(digits, n):
    """The median, and the gaps between differences in which the normal test does not reject.

    In a gap the rank sum is the number of differences above it, and only values within a group tie.
    """
    rng = np.random.default_rng(8)
    first, second = (rng.normal(shift, 1, n).round(digits) for shift in (0.1, 0.0))
    first[0] = first[1]
    tallies = Tally.of(first), Tally.of(second)
    assert len(tallies[0].values) * len(tallies[1].values) > LISTED
    every = np.subtract.outer(first, second).ravel()
    different, counts = np.unique(every.round(9), return_counts=True)
    above = n * n - counts.cumsum()[:-1]
    ties = np.concatenate([tally.counts for tally in tallies]).astype(float)
    variance = n * n / 12 * (2 * n + 1) * (1 - (ties**3 - ties).sum() / ((2 * n) ** 3 - 2 * n))
    z = (np.abs(above - n * n / 2) - 0.5) / variance**0.5
    accepted = np.flatnonzero(2 * stats.norm.sf(z) >= 0.05)
    shift, low, high, p, method = hodges_lehmann(first, second)
    assert shift == pytest.approx(np.median(every), abs=1e-12)
    assert low == pytest.approx(different[accepted[0]], abs=1e-9)
    assert high == pytest.approx(different[accepted[-1] + 1], abs=1e-9)
    assert p == pytest.approx(stats.mannwhitneyu(first, second, method="asymptotic").pvalue)
    assert method == "rank_sum"


def test_bisection_of_large_numbers_ends_where_no_number_lies_between():
    """Cells per litre: their differences are farther apart than the bisection's last step."""
    rng = np.random.default_rng(5)
    first, second = (rng.normal(3e9, 1e9, 40).round(3) for _ in range(2))
    first[0] = first[1]
    asked = []

    def p_value(shift):
        asked.append(shift)
        assert len(asked) < 1_000, "endless"
        return rank_sum_p_value(Tally.of(first).moved(shift, 9), Tally.of(second).moved(0, 9))

    _, low, high, *_ = hodges_lehmann(first, second)
    found = Differences(Tally.of(first), Tally.of(second), 5).not_rejected(p_value, 0.05)
    assert found == pytest.approx((low, high), rel=1e-12)
