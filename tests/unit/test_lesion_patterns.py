"""Shares of lesions, fingers in order, right and left, sites together: R, properties, planted."""

import csv
import itertools
import json

import numpy as np
import pandas as pd
import pytest
from builders import ROOT, one, rows_by

from calcinosis.estimate.finger_trend import finger_rows, odds_ratio_row, trend_row
from calcinosis.estimate.lesion_shares import _resampled, lesion_shares
from calcinosis.estimate.lesion_sides import mcnemar_row, side_rows
from calcinosis.estimate.lesions import lesions_rows
from calcinosis.estimate.site_combinations import OTHERS, combination_rows

HOME = ROOT / "tests" / "data" / "lesions"
FINGERS = ["thumb", "index", "middle", "ring", "fifth"]
SETTINGS = {
    "sites": [*FINGERS, "elbow"],
    "two_sided": FINGERS,
    "fingers": FINGERS,
    "site_groups": {"beyond": ["elbow"]},
    "among": "calcinosis",
    "complications": [],
    "bootstraps": 2000,
    "seed": 1,
    "smallest_combination": 5,
}
IDENTITY = {"analysis": "lesions", "term": "finger_trend", "unit": "per finger"}
SWAPPED = {"right": "left", "left": "right"}


REFERENCE = json.loads((HOME / "reference.json").read_text("utf-8"))
"""What R says; `tests/data/lesions/reference.R` made it."""


def places() -> pd.DataFrame:
    with (HOME / "lesions.csv").open(encoding="utf-8") as file:
        return pd.DataFrame(list(csv.DictReader(file))).set_index("patient_id")


def dataset(swap: bool = False) -> pd.DataFrame:
    """The patients of R's file as the dataset `lesions`."""
    frame = places()
    made = {"patient_id": frame.index, "calcinosis": "yes"}
    for finger in FINGERS:
        sides = {side: frame[f"{finger}_{side}"] == "1" for side in ("right", "left")}
        for side, there in sides.items():
            made[f"side_{SWAPPED[side] if swap else side}_{finger}"] = there.astype("boolean").array
        made[f"site_{finger}"] = sum(there.astype(int) for there in sides.values()).array
    made["site_elbow"] = (frame["elbow"] == "1").astype(int).array
    made |= {f"site_{site}_unknown": 0 for site in SETTINGS["sites"]}
    return pd.DataFrame(made).reset_index(drop=True)


def table() -> np.ndarray:
    return (dataset()[[f"site_{finger}" for finger in FINGERS]] > 0).to_numpy(float)


def interval(row) -> list:
    return [row.estimate, row.conf_low, row.conf_high]


class TestSharesOfLesions:
    def test_percentile_intervals_are_those_of_boot(self):
        """boot::boot.ci(type = "perc") of 20 000 resamples against 2 000: Monte Carlo error."""
        rows = rows_by(lesions_rows(dataset(), SETTINGS), unit="of lesions", term="site")
        for site, expected in REFERENCE["boot"].items():
            row = one(rows, level=site)
            assert row.method == "bootstrap_percentile"
            assert row.estimate == pytest.approx(expected[0], rel=1e-12)
            assert interval(row) == pytest.approx(expected, abs=0.006)

    def test_one_lesion_a_patient_is_a_binomial_share(self):
        """Then the bootstrap's interval is nearly Wilson's, and that of clusters is wider."""
        counts = np.repeat([[1], [0]], [40, 60], axis=0)
        given = {"unit": "of lesions", "bootstraps": 4000, "seed": 1}
        (alone,) = lesion_shares(counts, np.ones(100), [{"term": "site"}], **given)
        assert interval(alone)[1:] == pytest.approx([0.304, 0.497], abs=0.015)
        (five,) = lesion_shares(5 * counts, np.full(100, 5), [{"term": "site"}], **given)
        assert interval(five) == pytest.approx(interval(alone), abs=1e-12)
        assert (five.events, five.n) == (200, 500)

    def test_an_interval_without_width_is_none(self):
        given = {"unit": "of lesions", "bootstraps": 200, "seed": 1}
        counts = np.column_stack([np.ones(30), np.zeros(30)])
        rows = lesion_shares(counts, np.ones(30), [{"level": "all"}, {"level": "none"}], **given)
        assert [row.estimate for row in rows] == [1, 0]
        assert {(row.conf_low, row.status) for row in rows} == {(None, "warning")}

    def test_few_patients_are_a_warning(self):
        given = {"unit": "of lesions", "bootstraps": 200, "seed": 1}
        counts = np.column_stack([np.arange(19) % 2])
        (row,) = lesion_shares(counts, np.ones(19), [{}], **given)
        assert row.status == "warning"
        assert "19 patients" in row.note

    def test_without_lesions_nothing_is_estimable(self):
        given = {"unit": "of lesions", "bootstraps": 200, "seed": 1}
        for n in (0, 3):
            (row,) = lesion_shares(np.zeros((n, 1)), np.zeros(n), [{}], **given)
            assert row.status == "not_estimable"

    def test_another_seed_is_another_interval_of_the_same_share(self):
        rows = [
            one(
                lesions_rows(dataset(), SETTINGS | {"seed": seed}),
                unit="of lesions",
                level="thumb",
            )
            for seed in (1, 2)
        ]
        assert rows[0].estimate == rows[1].estimate
        assert rows[0].conf_low != rows[1].conf_low
        assert rows[0].conf_low == pytest.approx(rows[1].conf_low, abs=0.01)


class TestFingers:
    def test_the_trend_is_that_of_r(self):
        rows = rows_by(finger_rows(dataset(), SETTINGS), term="finger_trend")
        test = one(rows, statistic="trend_test")
        assert (test.method, test.events) == ("within_patient_permutation", 48)
        assert test.estimate == pytest.approx(REFERENCE["z"], rel=1e-9)
        assert test.p_value == pytest.approx(REFERENCE["exact_p"], rel=1e-9)
        ratio = one(rows, statistic="odds_ratio")
        assert np.log(ratio.estimate) == pytest.approx(REFERENCE["log_odds"], rel=1e-6)
        assert ratio.std_error == pytest.approx(REFERENCE["robust_error"], rel=1e-5)
        slope = one(rows, statistic="risk_difference")
        assert [*interval(slope), slope.p_value] == pytest.approx(REFERENCE["slope"], rel=1e-9)

    def test_the_exact_p_is_a_count_of_all_permutations(self):
        """Three patients: every choice of their fingers, one by one."""
        small = np.array([[1, 1, 0, 0], [1, 0, 0, 0], [1, 0, 1, 0]], float)
        choices = [
            [sum(c) for c in itertools.combinations(range(4), int(m))] for m in small.sum(axis=1)
        ]
        sums = np.array([sum(chosen) for chosen in itertools.product(*choices)])
        observed, centre = (small @ np.arange(4)).sum(), sums.mean()
        expected = (abs(sums - centre) >= abs(observed - centre)).mean()
        row = trend_row(small, IDENTITY)
        assert row.p_value == pytest.approx(expected, rel=1e-12)
        assert row.estimate == pytest.approx((observed - centre) / sums.std(), rel=1e-12)

    def test_reversed_fingers_turn_the_trend_round(self):
        for of in (trend_row, odds_ratio_row):
            one_way, other = (of(t, IDENTITY) for t in (table(), table()[:, ::-1]))
            assert other.p_value == pytest.approx(one_way.p_value, rel=1e-9)
        assert other.estimate == pytest.approx(1 / one_way.estimate, rel=1e-9)
        assert other.conf_low == pytest.approx(1 / one_way.conf_high, rel=1e-9)

    def test_patients_with_all_or_no_fingers_say_nothing(self):
        more = np.vstack([table(), np.ones((7, 5)), np.zeros((9, 5))])
        for of in (trend_row, odds_ratio_row):
            assert of(more, IDENTITY).p_value == of(table(), IDENTITY).p_value

    def test_twice_the_patients_halve_the_variance(self):
        single, double = (odds_ratio_row(t, IDENTITY) for t in (table(), np.tile(table(), (2, 1))))
        assert double.estimate == pytest.approx(single.estimate, rel=1e-8)
        assert double.std_error == pytest.approx(single.std_error / 2**0.5, rel=1e-8)

    def test_beyond_a_thousand_patients_the_distribution_is_normal(self):
        many = np.tile(table(), (21, 1))
        exact = trend_row(many[:60], IDENTITY)
        row = trend_row(many, IDENTITY)
        assert row.method == "within_patient_permutation_normal"
        assert row.estimate == pytest.approx(21**0.5 * exact.estimate, rel=1e-9)

    def test_its_level_holds_where_fingers_are_exchangeable(self):
        """Patients differ in how many fingers they have, fingers do not: 400 cohorts of 30."""
        rng = np.random.default_rng(5)
        p_values, covered = [], []
        for _ in range(400):
            risk = rng.beta(0.8, 1.6, size=(30, 1))
            drawn = (rng.random((30, 5)) < risk).astype(float)
            p_values.append(trend_row(drawn, IDENTITY).p_value)
            ratio = odds_ratio_row(drawn, IDENTITY)
            covered.append(ratio.conf_low < 1 < ratio.conf_high)
        assert 0.02 < np.mean(np.array(p_values) <= 0.05) <= 0.065
        assert np.mean(covered) > 0.91

    def test_a_planted_odds_ratio_is_found(self):
        """Odds fall by a factor of 0.7 from finger to finger in 1000 patients who differ."""
        rng = np.random.default_rng(8)
        odds = np.exp(rng.normal(-1, 1.5, size=(1000, 1))) * 0.7 ** np.arange(5)
        drawn = (rng.random((1000, 5)) < odds / (1 + odds)).astype(float)
        row = odds_ratio_row(drawn, IDENTITY)
        assert row.conf_low < 0.7 < row.conf_high
        assert row.estimate == pytest.approx(0.7, rel=0.06)

    def test_all_at_one_end_has_a_p_value_and_no_odds_ratio(self):
        thumbs = np.tile([1.0, 0, 0, 0, 0], (4, 1))
        assert trend_row(thumbs, IDENTITY).p_value == pytest.approx(2 * 0.2**4)
        assert odds_ratio_row(thumbs, IDENTITY).status == "not_estimable"

    def test_a_patient_with_an_unknown_finger_is_left_out(self):
        frame = dataset()
        frame.loc[0, ["site_ring", "site_ring_unknown"]] = [0, 1]
        rows = finger_rows(frame, SETTINGS)
        assert one(rows, statistic="count").estimate == 1
        assert one(rows, statistic="risk_difference").n == 59

    @pytest.mark.parametrize("n", [0, 1])
    def test_nobody_and_one_patient_are_not_estimable(self, n):
        rows = rows_by(finger_rows(dataset().head(n), SETTINGS), term="finger_trend")
        assert {r.status for r in rows if r.statistic in ("odds_ratio", "risk_difference")} == {
            "not_estimable"
        }


class TestSides:
    def test_they_are_compared_as_r_does(self):
        rows = rows_by(side_rows(dataset(), SETTINGS), term="sides", reference="left")
        ratio = one(rows, statistic="odds_ratio")
        assert [*interval(ratio), ratio.p_value] == pytest.approx(REFERENCE["mcnemar"], rel=1e-9)
        more = one(rows, statistic="mean_difference")
        assert [*interval(more), more.p_value] == pytest.approx(REFERENCE["difference"], rel=1e-9)
        assert one(rows, statistic="sign_test").p_value == pytest.approx(REFERENCE["sign_p"])

    def test_swapped_sides_turn_the_comparison_round(self):
        as_is, swapped = (side_rows(dataset(swap), SETTINGS) for swap in (False, True))
        of = {"term": "sides", "reference": "left"}
        ratios, means, signs = (
            [one(rows_by(rows, **of), statistic=name) for rows in (as_is, swapped)]
            for name in ("odds_ratio", "mean_difference", "sign_test")
        )
        assert ratios[1].estimate == pytest.approx(1 / ratios[0].estimate)
        assert ratios[1].conf_low == pytest.approx(1 / ratios[0].conf_high)
        assert means[1].estimate == pytest.approx(-means[0].estimate)
        assert signs[1].estimate == pytest.approx(1 - signs[0].estimate)
        for first, second in (ratios, means, signs):
            assert first.p_value == pytest.approx(second.p_value)

    def test_shares_of_the_two_sides_add_up(self):
        rows = rows_by(side_rows(dataset(), SETTINGS), unit="of lesions of sites with two sides")
        right, left = (one(rows, term="side", level=side) for side in ("right", "left"))
        assert right.estimate + left.estimate == pytest.approx(1)
        assert right.conf_low + left.conf_high == pytest.approx(1)
        by_site = rows_by(rows, term="site_by_side")
        assert sum(row.events for row in by_site) == right.n

    def test_nobody_on_the_left_only_has_a_p_value(self):
        row = mcnemar_row(6, 0, 20)
        assert (row.status, row.p_value) == ("not_estimable", pytest.approx(2 * 0.5**6))
        none_right = mcnemar_row(0, 6, 20)
        assert (none_right.estimate, none_right.conf_low) == (0, 0)
        assert mcnemar_row(0, 0, 20).status == "not_estimable"

    def test_without_sides_there_are_no_rows(self):
        assert side_rows(dataset(), SETTINGS | {"two_sided": []}) == []

    def test_an_unknown_side_leaves_the_pair(self):
        frame = dataset()
        frame.loc[:4, "side_left_thumb"] = pd.NA
        rows = side_rows(frame, SETTINGS)
        assert one(rows, term="sides", statistic="mean_difference").n == 55

    def test_nobody_is_not_estimable(self):
        rows = rows_by(side_rows(dataset().head(0), SETTINGS), reference="left")
        assert {row.status for row in rows} == {"not_estimable"}


class TestCombinations:
    def test_phi_is_the_correlation_of_r(self):
        row = one(combination_rows(dataset(), SETTINGS), level="thumb.index", statistic="phi")
        assert row.estimate == pytest.approx(REFERENCE["phi"], rel=1e-12)

    def test_each_patient_is_in_one_combination(self):
        rows = rows_by(combination_rows(dataset(), SETTINGS), term="combination")
        shares = [row for row in rows if row.statistic == "proportion"]
        assert sum(row.events for row in shares) == 60
        assert sum(row.estimate for row in shares) == pytest.approx(1)

    def test_a_pair_is_counted_by_hand(self):
        frame = dataset()
        both = ((frame["site_thumb"] > 0) & (frame["site_elbow"] > 0)).sum()
        row = one(combination_rows(frame, SETTINGS), level="thumb.elbow", statistic="count")
        assert (row.estimate, row.n) == (both, 60)

    def combined(self, sizes: dict[str, int], smallest: int = 5) -> dict[str, float]:
        """The combinations of patients with these, each named by its sites."""
        patients = [name.split(".") for name, size in sizes.items() for _ in range(size)]
        frame = pd.DataFrame({"patient_id": range(len(patients)), "calcinosis": "yes"})
        sites = ["thumb", "elbow", "knee"]
        for site in sites:
            frame[f"site_{site}"] = [int(site in there) for there in patients]
            frame[f"site_{site}_unknown"] = 0
        settings = SETTINGS | {"sites": sites, "fingers": ["thumb"]}
        rows = combination_rows(frame, settings | {"smallest_combination": smallest})
        rows = rows_by(rows, term="combination", statistic="proportion")
        return {row.level: row.events for row in rows}

    def test_rare_combinations_are_counted_together(self):
        sizes = {"thumb": 20, "elbow": 9, "knee": 3, "elbow.knee": 2, "thumb.knee": 1}
        assert self.combined(sizes) == {"fingers": 20, "elbow": 9, OTHERS: 6}

    def test_nobody_is_found_by_subtraction(self):
        """Two alone would be told by what is left of all: the next smallest goes with them."""
        found = self.combined({"thumb": 20, "elbow": 9, "knee": 6, "elbow.knee": 2})
        assert found == {"fingers": 20, "elbow": 9, OTHERS: 8}

    def test_few_patients_are_all_together(self):
        assert self.combined({"thumb": 2, "elbow": 1}) == {OTHERS: 3}
        assert self.combined({}) == {}

    def test_an_unknown_site_leaves_the_combinations(self):
        frame = dataset()
        frame["site_elbow_unknown"] = [1] * 3 + [0] * 57
        known = int((frame["site_elbow"].head(3) > 0).sum())
        rows = rows_by(combination_rows(frame, SETTINGS), term="combination")
        assert one(rows, unit="patients with unknown sites").estimate == 3 - known


@pytest.mark.parametrize("rows_of", [lesions_rows, finger_rows, side_rows, combination_rows])
def test_the_order_of_patients_changes_nothing(rows_of):
    frame = dataset()
    turned = frame.sample(frac=1, random_state=3).reset_index(drop=True)
    assert rows_of(turned, SETTINGS) == rows_of(frame, SETTINGS)


def test_resamples_of_kinds_of_rows_vary_as_those_of_patients():
    """Of drawing n patients with replacement: the mean of a sum, and its variance of n patients."""
    counts = np.random.default_rng(3).integers(0, 3, (500, 4)).astype(float)
    counts[:, 1] = 2 - counts[:, 0]
    drawn = _resampled(counts, 20_000, 7)
    assert (drawn[:, 0] + drawn[:, 1] == 2 * 500).all()
    assert drawn.mean(axis=0) == pytest.approx(counts.sum(axis=0), rel=0.002)
    assert np.cov(drawn.T) == pytest.approx(500 * np.cov(counts.T, bias=True), rel=0.05, abs=10)
    order = np.random.default_rng(4).permutation(500)
    assert (_resampled(counts[order], 20_000, 7) == drawn).all()
