"""`calcinosis.estimate.misclassification` and `what_if`: what errors do to progression."""

import itertools
import json

import numpy as np
import pandas as pd
import pytest
from builders import ROOT, grades, one

from calcinosis.estimate.misclassification import (
    corrected_odds_ratio,
    corrected_rate,
    odds_ratio_rows,
    progression_rows,
    true_risk,
)
from calcinosis.estimate.proportions import wilson
from calcinosis.estimate.what_if import false_worsening, what_if_rows

REFERENCE = json.loads((ROOT / "tests/reference/agreement.json").read_text("utf-8"))


@pytest.mark.parametrize("case", REFERENCE["prevalence"])
def test_corrected_risk_against_R(case):
    """`epiR::epi.prev(pos, tested, se, sp, method = "wilson")`."""
    errors = (case["sensitivity"], case["specificity"])
    observed = [case["events"] / case["n"], *wilson(case["events"], case["n"])]
    found = [true_risk(share, *errors) for share in observed]
    assert found == pytest.approx([case["estimate"], *case["interval"]], abs=1e-9)


def test_corrected_odds_ratio_against_the_likelihood_in_R():
    """`optim` on the likelihood of logistic regression with misclassified outcome."""
    case = REFERENCE["odds_ratio"]
    errors = (case["sensitivity"], case["specificity"])
    ratio, error, low, high = corrected_odds_ratio(case["exposed"], case["others"], *errors)
    assert ratio == pytest.approx(case["estimate"], rel=1e-4)
    assert error == pytest.approx(case["std_error"], rel=1e-3)
    assert low * high == pytest.approx(ratio**2)


def test_readings_without_error_correct_nothing():
    ratio, _, low, high = corrected_odds_ratio((20, 27), (15, 26), 1, 1)
    assert ratio == pytest.approx(20 * 11 / (7 * 15))
    assert (low, high) == pytest.approx((0.6567, 6.6853), abs=1e-4)


@pytest.mark.parametrize("others", [(3, 30), (29, 30), (0, 0)])
def test_a_risk_that_no_true_risk_gives_has_no_odds_ratio(others):
    assert corrected_odds_ratio((20, 27), others, 0.9, 0.85) is None


def test_corrected_rate_against_R():
    """`optimize` and `uniroot` on the likelihood, see tests/reference/agreement.R."""
    case = REFERENCE["rate"]
    found = corrected_rate(
        np.array(case["worsened"], bool),
        np.array(case["years"]),
        case["sensitivity"],
        case["specificity"],
    )
    assert found == pytest.approx([case["estimate"], *case["interval"]], rel=1e-6)


def test_corrected_rate_with_equal_intervals_is_that_of_the_corrected_risk():
    worsened = np.arange(53) < 35
    rate, low, high = corrected_rate(worsened, np.full(53, 2.925), 0.9, 0.9)
    assert rate == pytest.approx(-np.log(1 - true_risk(35 / 53, 0.9, 0.9)) / 2.925, rel=1e-6)
    assert low < rate < high


def test_planted_errors_are_taken_back():
    """Readings of 20,000 patients with a known rate and errors, at unequal intervals."""
    rng = np.random.default_rng(11)
    years = rng.uniform(1, 5, 20_000)
    truth = rng.random(20_000) < 1 - np.exp(-0.25 * years)
    read = np.where(truth, rng.random(20_000) < 0.85, rng.random(20_000) < 0.1)
    rate, low, high = corrected_rate(read, years, 0.85, 0.9)
    assert low < 0.25 < high
    assert rate == pytest.approx(0.25, rel=0.05)
    assert abs(corrected_rate(read, years, 1, 1)[0] - 0.25) > 2 * abs(rate - 0.25)


@pytest.mark.parametrize("worsened", [0, 3, 29, 30])
def test_no_rate_gives_a_share_below_the_false_or_above_the_found_ones(worsened):
    assert corrected_rate(np.arange(30) < worsened, np.full(30, 2.0), 0.9, 0.85) is None


INTERVALS = pd.DataFrame(
    {
        "patient_id": [f"P{i}" for i in range(10)],
        "worsened": [True] * 6 + [False] * 4,
        "grade_first": grades(*["none"] * 5, *["mild"] * 3, "moderate", "severe"),
    }
)
PERSON_TIME = INTERVALS.assign(interval=1, years=2.0)
SETTINGS = {"sensitivity": 0.9, "specificity": 0.9, "per": 100}


def test_rows_of_progression_keep_the_observed_counts():
    risk, rate = progression_rows(INTERVALS, PERSON_TIME, SETTINGS)
    assert (risk.events, risk.n, risk.estimate) == (6, 10, pytest.approx(0.625))
    assert rate.estimate == pytest.approx(-100 * np.log(1 - 0.625) / 2, rel=1e-6)
    assert rate.unit == "per 100 person-years"


def test_an_observed_risk_below_the_false_one_is_not_estimable():
    rows = progression_rows(INTERVALS, PERSON_TIME, {**SETTINGS, "specificity": 0.35})
    assert [row.status for row in rows] == ["not_estimable"] * 2
    assert rows[0].estimate is None


def test_several_comparisons_of_a_patient_have_no_corrected_risk():
    """Nobody progresses, each comparison errs: who has more of them is misread more often."""
    rng = np.random.default_rng(5)
    wrong = pd.DataFrame(
        {
            "patient_id": [f"P{i}" for i in range(400) for _ in range(4)],
            "worsened": rng.random(1600) < 0.05,
        }
    )
    settings = {**SETTINGS, "specificity": 0.95}
    risk, _ = progression_rows(wrong, wrong.assign(interval=1, years=1.0), settings)
    assert (risk.status, risk.estimate) == ("not_estimable", None)
    assert "several comparisons" in risk.note


def test_nobody_has_no_corrected_risk_and_the_note_says_so():
    rows = progression_rows(INTERVALS[:0], PERSON_TIME[:0], SETTINGS)
    assert [row.note for row in rows] == ["Nobody is in the denominator."] * 2


def test_odds_ratios_are_of_categories_against_their_reference_alone():
    levels = pd.Categorical(["a", "b", "c"] * 20, categories=["a", "b", "c"])
    frame = pd.DataFrame({"centre": levels, "age": 50.0})
    frame["progression"] = [i % 5 < 2 + (i % 3) for i in range(60)]
    models = {
        "outcome": "progression",
        "covariates": {
            "centre": {"reference": "a"},
            "age": {"per": 10},
            "both": {"interaction": ["centre", "age"]},
        },
    }
    unknown = odds_ratio_rows(frame, {**SETTINGS, "models": models}, several=True)
    assert {row.status for row in unknown} == {"not_estimable"}
    rows = odds_ratio_rows(frame, {**SETTINGS, "models": models}, several=False)
    assert [(row.level, row.reference) for row in rows] == [("b", "a"), ("c", "a")]
    risks = frame.groupby("centre", observed=True)["progression"].agg(["sum", "size"])
    pairs = [tuple(map(int, risks.loc[level])) for level in ("b", "a")]
    assert one(rows, level="b").estimate == corrected_odds_ratio(*pairs, 0.9, 0.9)[0]


class TestWhatIf:
    SHARES = np.array([0.45, 0.25, 0.2, 0.1])

    def test_an_unweighted_kappa_fixes_the_share(self):
        low, high = false_worsening(0.39, self.SHARES, 0)
        expected = (1 - 0.39) * (1 - (self.SHARES**2).sum()) / 2
        assert (low, high) == pytest.approx((expected, expected))

    @pytest.mark.parametrize("power", [1, 2])
    def test_tables_with_that_kappa_lie_within_the_range(self, power):
        """Errors by chance alone, and errors to the next grade only."""
        mixed = 0.39 * np.diag(self.SHARES) + 0.61 * np.outer(self.SHARES, self.SHARES)
        low, high = false_worsening(0.39, self.SHARES, power)
        assert low <= np.triu(mixed, 1).sum() <= high
        steps = np.abs(np.subtract.outer(range(4), range(4))) ** power
        near = np.diag([0.05, 0.04, 0.03], 1)
        near += near.T
        near += np.diag(self.SHARES - near.sum(axis=1))
        kappa = 1 - (steps * near).sum() / (steps * np.outer(self.SHARES, self.SHARES)).sum()
        low, high = false_worsening(kappa, self.SHARES, power)
        assert low <= 0.12 + 1e-9
        assert high >= 0.12 - 1e-9

    def test_the_ends_are_those_of_a_search_over_all_symmetric_tables_of_three_grades(self):
        """Three shares of disagreement, two of them free: every pair on a fine grid."""
        shares, kappa = np.array([0.5, 0.3, 0.2]), 0.5
        chance = sum(abs(i - j) * shares[i] * shares[j] for i in range(3) for j in range(3))
        grid, found = np.linspace(0, 0.3, 301), []
        for one_up, two_up in itertools.product(grid, grid):
            last = (1 - kappa) * chance / 2 - one_up - 2 * two_up
            off = [one_up + two_up, one_up + last, two_up + last]
            if last >= 0 and all(o <= s for o, s in zip(off, shares, strict=True)):
                found.append(one_up + two_up + last)
        assert false_worsening(kappa, shares, 1) == pytest.approx(
            (min(found), max(found)), abs=2e-3
        )

    def test_a_kappa_that_the_grades_do_not_allow_is_not_estimable(self):
        assert false_worsening(-3.0, self.SHARES, 2) is None
        rows = what_if_rows(INTERVALS.iloc[:5], {"inter_reader": 0.39})
        assert set(INTERVALS["grade_first"].iloc[:5]) == {"none"}
        assert {row.status for row in rows if row.term} == {"not_estimable"}

    def test_rows_name_the_kappa_its_weights_and_the_end(self):
        rows = what_if_rows(INTERVALS, {"inter_reader": 0.39, "intra_reader": 0.67})
        assert len(rows) == 14
        low = one(rows, group="inter_reader", term="kappa_linear", level="lowest")
        high = one(rows, group="inter_reader", term="kappa_linear", level="highest")
        assert 0 < low.estimate < high.estimate < 1
        assert len({row.result_id for row in rows}) == len(rows)
