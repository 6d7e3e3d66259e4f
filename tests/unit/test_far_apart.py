"""Median regression of many patients is the linear programme of all of them."""

import numpy as np
import pytest
from scipy import optimize

from calcinosis.estimate import far_apart, median_regression
from calcinosis.estimate.resample_counts import counts


def rows(n: int, digits: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n)
    x = np.column_stack([rng.integers(20, 80, n), rng.integers(0, 2, n)]).astype(float)
    return x, (x @ [-0.02, -0.4] + rng.normal(0, 0.7, n)).round(digits)


@pytest.mark.parametrize("digits", [1, 6])
def test_those_far_from_the_fit_count_by_their_side_alone(digits, monkeypatch):
    x, y = rows(1_500, digits)
    whole, resamples = median_regression.fit(x, y), median_regression.resampled(x, y, 1, 20)
    monkeypatch.setattr(median_regression, "MOST", 1_000)
    monkeypatch.setattr(median_regression, "KEPT", 200)
    some = median_regression.fit(x, y)
    for of in ("coefficients", "low", "high"):
        assert getattr(some, of) == pytest.approx(getattr(whole, of), abs=1e-7)
    # Where values tie several vertices are as good: what is compared is how good they are.
    design = np.column_stack([np.ones(len(y)), x])
    (weights,) = counts(len(y), 20, np.random.default_rng([1]))
    again = median_regression.resampled(x, y, 1, 20)
    best, found = (
        (weights * np.abs(y - beta @ design.T)).sum(axis=1) for beta in (resamples, again)
    )
    assert found == pytest.approx(best, rel=1e-6)


def test_a_level_whose_two_patients_lie_far_apart_has_the_whole_range_between_them(monkeypatch):
    """None of those near the fit has the level, so that they alone leave its coefficient free."""
    x, y = rows(1_500, 2)
    x[:, 1] = np.arange(len(x)) < 2
    y[:2] = x[:2, 0] * -0.02 + [4, -4]
    whole = median_regression.fit(x, y)
    monkeypatch.setattr(median_regression, "MOST", 1_000)
    monkeypatch.setattr(median_regression, "KEPT", 200)
    some = median_regression.fit(x, y)
    assert whole.is_unique.tolist() == some.is_unique.tolist() == [True, True, False]
    for of in ("coefficients", "low", "high"):
        assert getattr(some, of) == pytest.approx(getattr(whole, of), abs=1e-3)


def test_a_resample_whose_near_patients_tell_too_little_is_of_everybody(monkeypatch):
    x, y = rows(1_500, 2)
    x[:, 1] = np.arange(len(x)) < 6
    y[:6] = x[:6, 0] * -0.02 + [400, -400, 300, -300, 200, -200]
    whole = median_regression.resampled(x, y, 1, 12)
    assert not np.isnan(whole).any()
    monkeypatch.setattr(median_regression, "MOST", 1_000)
    assert median_regression.resampled(x, y, 1, 12) == pytest.approx(whole, abs=1e-6)


@pytest.mark.parametrize("reach", [0.005, 0.06])
def test_a_resample_whose_fit_far_patients_cross_is_of_everybody(monkeypatch, reach):
    """So few are taken for near here that many fits lie beyond them, or nothing holds them."""
    x, y = rows(1_500, 6)
    design = np.column_stack([np.ones(len(y)), x])
    (weights,) = counts(len(y), 40, np.random.default_rng([1]))

    def reached():
        found = median_regression.resampled(x, y, 1, 40)
        return (weights * np.abs(y - found @ design.T)).sum(axis=1)

    whole = reached()
    monkeypatch.setattr(median_regression, "MOST", 1_000)
    monkeypatch.setattr(far_apart, "within_reach", lambda _, residual: np.abs(residual) < reach)
    assert reached() == pytest.approx(whole, rel=1e-7)


@pytest.mark.parametrize("digits", [2, 9])
def test_of_four_thousand_nothing_fits_better(digits):
    """The least sum of absolute residuals is that of the dual programme, of all patients."""
    x, y = rows(4_000, digits)
    design = np.column_stack([np.ones(len(y)), x])

    def least(weights):
        dual = optimize.linprog(
            -y, A_eq=design.T, b_eq=np.zeros(3), bounds=np.column_stack([-weights, weights])
        )
        return -dual.fun

    def reached(weights, beta):
        return float(weights @ np.abs(y - design @ beta))

    once = np.ones(len(y))
    found = median_regression.fit(x, y)
    assert reached(once, found.coefficients) == pytest.approx(least(once), rel=1e-7)
    (drawn,) = counts(len(y), 5, np.random.default_rng([1]))
    for weights, beta in zip(drawn, median_regression.resampled(x, y, 1, 5), strict=True):
        assert reached(weights, beta) == pytest.approx(least(weights), rel=1e-6)


def test_where_thousands_lie_on_the_fit_all_of_them_are_kept(monkeypatch):
    monkeypatch.setattr(median_regression, "MOST", 500)
    monkeypatch.setattr(median_regression, "KEPT", 100)
    rng = np.random.default_rng(4)
    x = rng.integers(0, 2, (900, 2)).astype(float)
    y = np.where(rng.random(900) < 0.6, x[:, 0], rng.normal(size=900).round(1))
    assert median_regression.fit(x, y).coefficients == pytest.approx([0, 1, 0], abs=1e-9)
