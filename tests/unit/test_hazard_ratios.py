"""Hazard ratios and risks at a horizon: against R, by a likelihood written again, at the edges."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from builders import INCIDENCE, one, rows_by, simulated_intervals
from scipy import optimize

from calcinosis.estimate.hazard_ratios import hazard_rows
from calcinosis.estimate.interval_censored import interval_censored_rate, profile_rate

REFERENCE = json.loads((INCIDENCE / "reference.json").read_text("utf-8"))["exponential"]
COVARIATES = {"x": {"reference": "no"}, "z": {"per": 1.0}}
TOGETHER = "interval_censored_multivariable"


@pytest.fixture(scope="module")
def rows() -> list:
    return hazard_rows(simulated_intervals(), COVARIATES, 2.0)


def test_hazard_ratios_against_R(rows):
    """`survreg(Surv(left, right, type = "interval2") ~ x + z, dist = "exponential")`."""
    for i, term in enumerate(("x", "z")):
        row = one(rows, model=TOGETHER, term=term, statistic="hazard_ratio")
        assert math.log(row.estimate) == pytest.approx(REFERENCE["log_hazard"][i], abs=1e-6)
        assert row.std_error == pytest.approx(REFERENCE["std_error"][i], rel=1e-5)


def test_profile_limits_and_tests_against_R(rows):
    """Roots of constrained `survreg` fits; its coefficients have the other sign."""
    for term in ("x", "z"):
        row = one(rows, model=TOGETHER, term=term, statistic="hazard_ratio")
        low, high = sorted(-limit for limit in REFERENCE[term]["limits"])
        assert np.log([row.conf_low, row.conf_high]) == pytest.approx([low, high], abs=1e-6)
        assert row.p_value == pytest.approx(REFERENCE[term]["p"], rel=1e-5)
        assert row.method == "profile"


def test_the_constant_rate_against_R():
    frame = simulated_intervals()
    rate, *_ = interval_censored_rate(frame["worsened"].to_numpy(), frame["years"].to_numpy())
    assert rate == pytest.approx(REFERENCE["rate"], rel=1e-7)


def test_profile_limits_of_the_rate_lie_where_the_likelihood_has_fallen():
    frame = simulated_intervals()
    worsened, years = frame["worsened"].to_numpy(), frame["years"].to_numpy()
    rate, *_ = interval_censored_rate(worsened, years)

    def log_likelihood(r: float) -> float:
        return float(np.where(worsened, np.log1p(-np.exp(-r * years)), -r * years).sum())

    for limit in profile_rate(worsened, years, rate):
        fall = 2 * (log_likelihood(rate) - log_likelihood(limit))
        assert fall == pytest.approx(3.841458821, rel=1e-7)


def test_patients_are_counted_and_not_their_intervals(rows):
    assert {row.n for row in rows} == {150}
    assert {row.events for row in rows} == {simulated_intervals()["worsened"].sum()}


def test_risks_at_the_horizon_are_those_of_the_model_averaged_over_patients(rows):
    """Standardisation written again from the fitted hazards."""
    frame = simulated_intervals()
    alone = hazard_rows(frame, {"x": {"reference": "no"}}, 2.0)
    ratio = one(alone, statistic="risk_ratio")
    difference = one(alone, statistic="risk_difference")
    hazard = one(alone, model=TOGETHER, statistic="hazard_ratio").estimate
    without = frame[frame["x"] == "no"]
    base, *_ = interval_censored_rate(without["worsened"].to_numpy(), without["years"].to_numpy())
    risks = [1 - math.exp(-2 * base), 1 - math.exp(-2 * base * hazard)]
    assert ratio.estimate == pytest.approx(risks[1] / risks[0], rel=1e-6)
    assert difference.estimate == pytest.approx(risks[1] - risks[0], rel=1e-6)
    assert ratio.outcome == "progression_within_2_years"
    assert difference.conf_low < difference.estimate < difference.conf_high


def test_nobody_is_given_a_grade_beyond_the_worst():
    """Standardisation by hand: one grade more, and the worst as they are."""
    grade = pd.Categorical(["a", "b", "c"] * 40, ["a", "b", "c"], ordered=True)
    frame = constant_rates(120, 1.0, 3).assign(grade=grade)
    rows = hazard_rows(frame, {"grade": {"per": 1.0}}, 2.0)
    ratio = one(rows, model=TOGETHER, statistic="hazard_ratio").estimate
    risk = one(rows, statistic="risk_ratio").estimate
    ranks, worsened, years = grade.codes, frame["worsened"].to_numpy(), frame["years"].to_numpy()

    def minus(base: float) -> float:
        p = 1 - np.exp(-math.exp(base) * ratio**ranks * years)
        return -float(np.log(np.where(worsened, p, 1 - p)).sum())

    base = optimize.minimize_scalar(minus, bounds=(-6, 2), options={"xatol": 1e-10}).x
    higher = np.minimum(ranks + 1, 2)
    expected = [float(np.mean(1 - np.exp(-2 * math.exp(base) * ratio**r))) for r in (higher, ranks)]
    assert risk == pytest.approx(expected[0] / expected[1], rel=1e-5)


def constant_rates(n: int, ratio: float, seed: int) -> pd.DataFrame:
    """Two films each, a rate of 0.25 a year, and that times the ratio where x is yes."""
    rng = np.random.default_rng(seed)
    x, years = rng.random(n) < 0.5, rng.uniform(1.5, 4, n)
    hazard = 0.25 * np.where(x, ratio, 1.0)
    return pd.DataFrame(
        {
            "patient_id": np.arange(n),
            "interval": 1,
            "years": years,
            "worsened": rng.random(n) < 1 - np.exp(-hazard * years),
            "x": pd.Categorical(np.where(x, "yes", "no"), ["no", "yes"], ordered=True),
        }
    )


def test_the_delta_method_agrees_with_resampling():
    """A seeded bootstrap of patients; 600 resamples know a standard error to some 3 %."""
    frame = constant_rates(300, 1.65, 3)
    row = one(hazard_rows(frame, {"x": {"reference": "no"}}, 2.0), statistic="risk_difference")
    rng, found = np.random.default_rng(20250123), []
    for _ in range(600):
        sample = frame.iloc[rng.integers(0, len(frame), len(frame))]
        risks = []
        for level in ("yes", "no"):
            of = sample[sample["x"] == level]
            rate, *_ = interval_censored_rate(of["worsened"].to_numpy(), of["years"].to_numpy())
            risks.append(1 - math.exp(-2 * rate))
        found.append(risks[0] - risks[1])
    assert row.std_error == pytest.approx(np.std(found), rel=0.1)


def test_a_known_hazard_ratio_is_recovered():
    """A cohort of 4,000 with a hazard ratio of 1.65: within three standard errors."""
    frame = constant_rates(4000, 1.65, 5)
    row = one(hazard_rows(frame, {"x": {"reference": "no"}}, None), model=TOGETHER)
    assert abs(math.log(row.estimate / 1.65)) < 3 * row.std_error
    assert row.std_error < 0.06


def separated() -> pd.DataFrame:
    frame = simulated_intervals()
    yes = pd.Series(np.where(frame["worsened"], "yes", "no"), frame.index)
    return frame.assign(sign=yes.astype(frame["x"].dtype))


def test_separation_is_told_and_gives_no_number():
    rows = hazard_rows(separated(), {"sign": {"reference": "no"}, "z": {"per": 1.0}}, 2.0)
    for row in rows:
        alone = row.model == "interval_censored_univariable" and row.term == "z"
        assert (row.status == "not_estimable") != alone
    (sign, *_) = rows_by(rows, term="sign")
    assert "Separation: sign yes" in sign.note
    assert sign.estimate is None


def test_a_horizon_beyond_the_films_is_not_estimable(rows):
    far = hazard_rows(simulated_intervals(), COVARIATES, 30.0)
    for row in far:
        assert (row.status == "not_estimable") == row.statistic.startswith("risk_")
    assert {row.status for row in rows} == {"ok"}


def test_the_same_outcome_in_all_is_not_estimable():
    rows = hazard_rows(simulated_intervals().assign(worsened=False), COVARIATES, None)
    assert {row.status for row in rows} == {"not_estimable"}


def test_without_covariates_there_are_no_rows():
    assert hazard_rows(simulated_intervals(), {}, 2.0) == []
