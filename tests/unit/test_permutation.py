"""`calcinosis.estimate.permutation`: all permutations by hand, exact without ties, random."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from calcinosis.estimate import permutation
from calcinosis.estimate.permutation import rank_test

TIED = st.lists(st.integers(-3, 3).map(float), min_size=1, max_size=5)


def by_hand(first: list[float], second: list[float]) -> float:
    ranks = stats.rankdata([*first, *second])
    middle = len(first) * (len(ranks) + 1) / 2
    sums = [sum(part) for part in itertools.combinations(ranks, len(first))]
    seen = abs(sum(ranks[: len(first)]) - middle)
    return float(np.mean([abs(each - middle) >= seen - 1e-9 for each in sums]))


@given(TIED, TIED)
@settings(max_examples=60, deadline=None)
def test_every_way_to_divide_tied_ranks_is_counted(first, second):
    found = rank_test([np.array(first), np.array(second)], [1])
    if len({*first, *second}) == 1:
        assert found is None
    else:
        assert found.exact
        assert found.p_value == pytest.approx(by_hand(first, second), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_without_ties_it_is_the_exact_rank_sum_test(seed):
    random = np.random.default_rng(seed)
    parts = [random.normal(shift, 1, size) for shift, size in ((0, 23), (0.6, 31))]
    expected = stats.mannwhitneyu(*parts, method="exact").pvalue
    assert rank_test(parts, [1]).p_value == pytest.approx(expected, rel=1e-9)


def test_ranks_alone_count_and_the_order_of_groups_and_patients_does_not():
    random = np.random.default_rng(4)
    parts = [random.normal(shift, 1, 20).round(1) for shift in (0, 0.5)]
    p = rank_test(parts, [1]).p_value
    others = (
        [3 + 2 * part for part in parts],
        [np.exp(part) for part in parts],
        [-part for part in parts],
        parts[::-1],
        [random.permutation(part) for part in parts],
    )
    for other in others:
        assert rank_test(other, [1]).p_value == pytest.approx(p, rel=1e-12)


def test_drawn_permutations_agree_with_all_of_them(monkeypatch):
    random = np.random.default_rng(5)
    parts = [random.normal(shift, 1, 25).round(1) for shift in (0, 0.5)]
    exact = rank_test(parts, [1])
    monkeypatch.setattr(permutation, "MOST_CELLS", 0)
    drawn = rank_test(parts, [1])
    assert (exact.exact, drawn.exact) == (True, False)
    assert drawn.p_value == pytest.approx(exact.p_value, abs=4 * drawn.std_error)
    assert rank_test([random.permutation(part) for part in parts], [1]) == drawn
    assert rank_test(parts, [2]) != drawn


def test_several_groups_are_drawn_and_a_group_of_nobody_is_none():
    random = np.random.default_rng(6)
    parts = [random.normal(shift, 1, 40) for shift in (0, 0.1, 0.4)]
    found = rank_test(parts, [1])
    assert not found.exact
    assert found.p_value == pytest.approx(stats.kruskal(*parts).pvalue, abs=0.02)
    assert rank_test([*parts, np.array([])], [1]) == found
    assert rank_test([parts[0], np.array([])], [1]) is None


def test_it_rejects_as_often_as_it_says_where_groups_do_not_differ():
    """Of 400 pairs of samples with ties, about 5 % are below 0.05; an exact test has no more."""
    random = np.random.default_rng(7)
    p = [
        rank_test([random.normal(0, 1, size).round(1) for size in (12, 15)], [1]).p_value
        for _ in range(400)
    ]
    assert 0.02 < np.mean(np.array(p) <= 0.05) < 0.08


@pytest.mark.parametrize("sizes", [(2_000, 4_000), (1_000, 60, 4_500)])
def test_of_many_values_it_is_the_limit_of_the_drawn_law(sizes, monkeypatch):
    """`scipy.stats.kruskal`, which corrects for ties; and the permutations that are not drawn."""
    random = np.random.default_rng(8)
    parts = [random.normal(0.04 * i, 1, size).round(1) for i, size in enumerate(sizes)]
    found = rank_test(parts, [1])
    assert found.asymptotic
    assert found.p_value == pytest.approx(stats.kruskal(*parts).pvalue, rel=1e-9)
    monkeypatch.setattr(permutation, "ASYMPTOTIC_ABOVE", 10_000)
    drawn = rank_test(parts, [1])
    assert not drawn.asymptotic
    assert found.p_value == pytest.approx(drawn.p_value, abs=4 * drawn.std_error + 0.001)


def test_a_few_among_thousands_are_drawn_because_their_mean_has_another_law():
    """The two lowest of 6,000: of all pairs one in nine million is as far from the middle."""
    parts = [np.array([-2.0, -1.0]), np.arange(5_998.0)]
    found = rank_test(parts, [1])
    assert not found.asymptotic
    assert found.p_value == pytest.approx(1e-4, abs=1e-4)
    assert stats.kruskal(*parts).pvalue > 0.01
