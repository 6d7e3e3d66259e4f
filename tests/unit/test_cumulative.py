"""Cumulative incidence: Turnbull and Weibull against R and by what defines them; film times."""

import json

import numpy as np
import pandas as pd
import pytest
from builders import INCIDENCE, one, rows_by, simulated_intervals
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import isotonic_regression

from calcinosis.estimate.cumulative import curve_rows, curves, grid, shape_rows, times
from calcinosis.estimate.logistic import NotEstimableError
from calcinosis.estimate.turnbull import turnbull
from calcinosis.estimate.weibull import weibull

REFERENCE = json.loads((INCIDENCE / "reference.json").read_text("utf-8"))


def ends() -> tuple[np.ndarray, np.ndarray]:
    _, left, right = times(simulated_intervals())
    return left, right


def test_event_intervals_and_film_times():
    frame = pd.DataFrame(
        {
            "patient_id": ["a", "a", "b", "c", "c"],
            "interval": [1, 2, 1, 1, 2],
            "years": [1.0, 2.0, 1.5, 0.5, 0.25],
            "worsened": [False, True, True, False, False],
        }
    )
    films, left, right = times(frame.sample(frac=1, random_state=3))
    assert list(films) == [1.0, 3.0, 1.5, 0.5, 0.75]
    assert list(left) == [1.0, 0.0, 0.75]
    assert list(right) == [3.0, 1.5, np.inf]


def test_turnbull_against_R():
    """`survfit(Surv(left, right, type = "interval2") ~ 1)`, which stops a little earlier."""
    fit = turnbull(*ends())
    for time, risk in zip(*REFERENCE["turnbull"].values(), strict=True):
        at_least, at_most = fit.by(time)
        assert at_least - 2e-3 <= risk <= at_most + 2e-3


def derivative(left, right, fit) -> tuple[np.ndarray, np.ndarray]:
    """Of the mean log-likelihood in each mass, at the estimate."""
    inside = (fit.left >= left[:, None]) & (fit.right <= right[:, None])
    return (inside / (inside @ fit.mass)[:, None]).mean(axis=0), fit.mass


def test_turnbull_is_where_no_move_of_mass_raises_the_likelihood():
    """The Kuhn-Tucker conditions, which define the maximum."""
    slope, mass = derivative(*ends(), turnbull(*ends()))
    assert slope.max() < 1 + 1e-7
    assert slope[mass > 1e-3] == pytest.approx(1, abs=1e-3)
    assert mass.sum() == pytest.approx(1, abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_turnbull_of_two_films_is_an_isotonic_regression(seed):
    """With one later film each, the estimate is the pool-adjacent-violators fit of who worsened."""
    rng = np.random.default_rng(seed)
    film = rng.permutation(30) / 10 + 0.5
    worsened = rng.random(30) < 1 - np.exp(-0.3 * film)
    if worsened.all() or not worsened.any():
        return
    fit = turnbull(np.where(worsened, 0.0, film), np.where(worsened, film, np.inf))
    order = np.argsort(film)
    expected = isotonic_regression(worsened[order].astype(float)).x
    for time, share in zip(film[order], expected, strict=True):
        at_least, at_most = fit.by(time)
        assert at_least - 2e-3 <= share <= at_most + 2e-3


def test_weibull_against_R():
    """`survreg(... ~ 1, dist = "weibull")`: intercept, log(scale), standard errors, likelihood."""
    fit, reference = weibull(*ends()), REFERENCE["weibull"]
    assert fit.log_scale == pytest.approx(reference["intercept"], abs=1e-6)
    assert fit.log_shape == pytest.approx(-reference["log_scale"], abs=1e-6)
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(reference["std_error"], rel=1e-4)
    assert fit.log_likelihood == pytest.approx(reference["loglik"], abs=1e-7)
    assert fit.p_value == pytest.approx(reference["p"], rel=1e-4)


def test_weibull_profile_lies_where_the_likelihood_has_fallen():
    """Maximised over the scale by a fine grid."""
    left, right = ends()
    fit = weibull(left, right)
    for shape in (fit.shape_low, fit.shape_high):
        scales = np.exp(np.linspace(fit.log_scale - 1, fit.log_scale + 1, 4001))
        survival = [np.exp(-((t[:, None] / scales) ** shape)) for t in (left, right)]
        best = np.log(survival[0] - survival[1]).sum(axis=0).max()
        assert 2 * (fit.log_likelihood - best) == pytest.approx(3.8415, abs=1e-3)


def test_weibull_of_a_constant_rate_has_shape_one():
    rng = np.random.default_rng(11)
    event = rng.exponential(4, 6000)
    left = np.minimum(np.floor(event), 6)
    fit = weibull(left, np.where(left == 6, np.inf, left + 1))
    assert fit.shape_low < 1 < fit.shape_high
    assert fit.shape_high - fit.shape_low < 0.15
    assert fit.by(2.0)[0] == pytest.approx(1 - np.exp(-0.5), abs=0.02)


@pytest.mark.parametrize("worsened", [True, False])
def test_weibull_needs_both_those_who_worsened_and_others(worsened):
    film = np.array([1.0, 2.0, 3.0])
    with pytest.raises(NotEstimableError):
        weibull(*((film * 0, film) if worsened else (film, film * np.inf)))


def two_films(spread: float) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    years = rng.normal(2.9, spread, 60).clip(0.3)
    return pd.DataFrame(
        {
            "patient_id": [f"P{i:02}" for i in range(60)],
            "interval": 1,
            "years": years,
            "worsened": rng.random(60) < 1 - np.exp(-0.3 * years),
        }
    )


def test_films_that_are_alike_carry_no_shape():
    rows = shape_rows(two_films(0.4))
    assert [(row.model, row.status) for row in rows] == [
        ("weibull", "not_estimable"),
        ("turnbull", "not_estimable"),
    ]
    assert "equally far apart" in rows[0].note


@pytest.mark.parametrize("frame", [two_films(1.2), simulated_intervals()])
def test_films_that_are_spread_or_several_carry_it(frame):
    rows = shape_rows(frame)
    assert {row.status for row in rows} == {"ok"}
    shape = one(rows, statistic="shape")
    assert shape.conf_low < shape.estimate < shape.conf_high
    for row in rows_by(rows, term="years"):
        assert float(row.level) >= times(frame)[0].min()


def test_curves_end_with_the_films_and_tell_what_rests_on_the_constant_rate():
    frame = simulated_intervals()
    films, _, _ = times(frame)
    rows = curve_rows(frame, 2.1)
    assert [float(row.level) for row in rows] == grid(films, 2.1)
    assert max(float(row.level) for row in rows) <= films.max()
    for row in rows:
        assert bool(row.note) == (float(row.level) < films.min())
        assert row.conf_low < row.estimate < row.conf_high
    estimates = [row.estimate for row in rows]
    assert estimates == sorted(estimates)


def test_a_horizon_beyond_the_films_is_not_in_the_curve():
    assert max(grid(np.array([1.0, 2.6]), 3.0)) == 2.5
    assert grid(np.array([1.0, 13.2]), None)[:2] == [1.0, 2.0]


def test_nobody_and_no_event_have_no_curve():
    frame = simulated_intervals()
    assert curve_rows(frame.assign(worsened=False)) == []
    assert [row.status for row in curves(frame.iloc[:0], [], None)] == ["not_estimable"] * 2
