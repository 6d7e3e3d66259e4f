"""`calcinosis.estimate.reader_statistics` and `clusters` against R and against each other."""

import json

import numpy as np
import pytest
from builders import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from calcinosis.estimate.clusters import clustered_share, jackknife
from calcinosis.estimate.proportions import proportion
from calcinosis.estimate.reader_statistics import (
    agreement_table,
    bland_altman,
    icc,
    kappa,
    t_interval,
)

REFERENCE = json.loads((ROOT / "tests/reference/agreement.json").read_text("utf-8"))
WEIGHTS = ("unweighted", "linear", "quadratic")
SCORES = [np.array(REFERENCE["scores"][name], float) for name in ("first", "second")]


@pytest.mark.parametrize("table", REFERENCE["kappa"])
@pytest.mark.parametrize("weights", WEIGHTS)
def test_kappa_against_R(table, weights):
    """`vcd::Kappa(table, weights)` and its `confint`."""
    expected = REFERENCE["kappa"][table]
    found = kappa(np.array(expected["table"], float), weights)
    assert found.estimate == pytest.approx(expected[weights]["estimate"], abs=1e-9)
    assert found.std_error == pytest.approx(expected[weights]["std_error"], abs=1e-9)
    assert [found.low, found.high] == pytest.approx(expected[weights]["interval"], abs=1e-8)


def test_a_grade_that_nobody_used_keeps_the_steps_between_its_neighbours():
    """None and moderate are two steps apart, also where nobody called a film mild."""
    first, second = np.array([0, 0, 2, 2, 2, 3]), np.array([0, 2, 2, 2, 3, 3])
    ones, twos = ((0, 2), (2, 3), (3, 1)), ((0, 1), (2, 3), (3, 2))
    chance = sum(abs(i - j) * a * b for i, a in ones for j, b in twos) / 36
    found = kappa(agreement_table(first, second, 4), "linear")
    assert found.estimate == pytest.approx(1 - (3 / 6) / chance, abs=1e-12)


def test_one_grade_for_all_leaves_no_kappa():
    assert kappa(agreement_table(np.zeros(9), np.zeros(9), 4), "linear") is None


def test_readings_that_never_differ_have_no_interval():
    codes = np.array([0, 1, 2, 3])
    found = kappa(agreement_table(codes, codes, 4), "quadratic")
    assert (found.estimate, found.low, found.high) == (1, None, None)


def test_icc_against_R():
    """`psych::ICC(cbind(first, second), lmer = FALSE)`, row ICC2."""
    found = icc(*SCORES)
    expected = REFERENCE["scores"]["icc"]
    assert [found.estimate, found.low, found.high] == pytest.approx(expected, abs=1e-9)


def test_icc_of_the_shrout_and_fleiss_kind_counts_a_shift_between_readers():
    first, _ = SCORES
    assert icc(first, first + 5).estimate < 1
    assert icc(first, first).estimate == pytest.approx(1)
    assert icc(np.ones(4), np.ones(4)) is None


@pytest.mark.parametrize("statistic", ["mean_difference", "limit_low", "limit_high"])
def test_bland_altman_against_R(statistic):
    """`t.test(second - first)`; limits by the closed formula in the R script."""
    found = bland_altman(*SCORES)[statistic]
    expected = REFERENCE["scores"][statistic]
    assert [found.estimate, found.low, found.high] == pytest.approx(expected, abs=1e-8)


def test_the_jackknife_of_a_mean_is_its_textbook_standard_error():
    values = SCORES[0]
    error, df = jackknife(lambda stay: float(values[stay].mean()), np.arange(len(values)))
    assert error == pytest.approx(values.std(ddof=1) / np.sqrt(len(values)), rel=1e-12)
    assert df == len(values) - 1


def test_the_jackknife_of_equal_clusters_is_that_of_their_means():
    values = np.random.default_rng(1).normal(size=(12, 5)) + np.arange(12)[:, None]
    patients = np.repeat(np.arange(12), 5)
    error, _ = jackknife(lambda stay: float(values.ravel()[stay].mean()), patients)
    assert error == pytest.approx(values.mean(axis=1).std(ddof=1) / np.sqrt(12), rel=1e-12)


def test_the_jackknife_of_kappa_is_near_the_asymptotic_error_and_the_bootstrap_of_patients():
    """With one pair a patient both hold; with four, only the bootstrap of patients does."""
    rng = np.random.default_rng(7)
    table = np.array(REFERENCE["kappa"]["grades"]["table"], int)
    first, second = np.repeat(np.argwhere(table >= 0), table.ravel(), axis=0).T

    def of(rows) -> float:
        return kappa(agreement_table(first[rows], second[rows], 4), "linear").estimate

    alone, _ = jackknife(of, np.arange(len(first)))
    asymptotic = kappa(table.astype(float), "linear").std_error
    assert alone == pytest.approx(asymptotic, rel=0.05)

    first, second, patients = (np.repeat(x, 4) for x in (first, second, np.arange(len(first))))
    clustered, _ = jackknife(of, patients)
    draws = rng.integers(0, patients.max() + 1, size=(1000, patients.max() + 1))
    drawn = [of(np.concatenate([np.flatnonzero(patients == p)[:4] for p in d])) for d in draws]
    assert clustered == pytest.approx(np.std(drawn), rel=0.1)
    assert clustered == pytest.approx(alone, rel=1e-9), "copies of a row tell nothing new"


def test_without_two_patients_or_with_a_statistic_that_vanishes_there_is_no_jackknife():
    assert jackknife(lambda _: 1.0, np.zeros(5)) is None
    assert jackknife(lambda stay: None if not stay[0] else 1.0, np.arange(5)) is None


def test_an_interval_ends_where_the_statistic_does():
    assert t_interval(0.9, 0.2, 9, -1, 1)[1] == 1
    assert t_interval(0.0, 1.0, 1e9) == pytest.approx((-1.959964, 1.959964), abs=1e-5)


class TestShareOfRows:
    def share(self, present, patients):
        row = clustered_share("agreement", np.array(present, bool), np.array(patients))
        return row.estimate, row.conf_low, row.conf_high, row.method

    def test_one_row_a_patient_is_wilson(self):
        expected = proportion("agreement", 3, 10)
        found = self.share([1] * 3 + [0] * 7, range(10))
        assert found == (0.3, expected.conf_low, expected.conf_high, "wilson")

    def test_copies_of_a_row_tell_nothing_new(self):
        once = proportion("agreement", 12, 40)
        _, low, high, method = self.share(([1] * 12 + [0] * 28) * 5, list(range(40)) * 5)
        assert method == "wilson_effective_n"
        assert (low, high) == pytest.approx((once.conf_low, once.conf_high), abs=0.01)

    @pytest.mark.parametrize("all_alike", [0, 1])
    def test_where_all_rows_agree_the_interval_is_that_of_the_patients(self, all_alike):
        expected = proportion("agreement", all_alike * 8, 8)
        found = self.share([all_alike] * 80, list(range(8)) * 10)
        assert found[1:3] == (expected.conf_low, expected.conf_high)

    def test_nothing_is_not_estimable(self):
        assert clustered_share("agreement", np.zeros(0, bool), np.zeros(0)).status == (
            "not_estimable"
        )

    @settings(max_examples=50)
    @given(st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=1, max_size=40))
    def test_the_interval_is_between_that_of_rows_and_that_of_patients(self, rows):
        present, patients = zip(*rows, strict=True)
        share, low, high, _ = self.share(present, patients)
        independent = proportion("agreement", sum(present), len(present))
        assert 0 <= low <= share <= high <= 1
        assert high - low >= independent.conf_high - independent.conf_low - 1e-12
