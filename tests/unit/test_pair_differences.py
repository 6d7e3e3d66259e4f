"""The differences of all pairs: few values counted, many found by bisection."""

import numpy as np
import pytest

from calcinosis.estimate.contrasts import hodges_lehmann, rank_sum_p_value
from calcinosis.estimate.pair_differences import Differences
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
            return rank_sum_p_value(np.round(first - shift, 9), np.round(second, 9))

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
