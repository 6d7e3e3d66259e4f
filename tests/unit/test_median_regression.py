"""`calcinosis.estimate.median_regression`: R, the linear programme, properties."""

import numpy as np
import pytest
from scipy import optimize

from calcinosis.estimate import median_regression
from calcinosis.estimate.resample_counts import percentiles


def tied_rows(seed: int, n: int = 68) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    design = np.column_stack(
        [random.integers(0, 2, n), random.normal(60, 10, n).round() / 10, random.integers(0, 2, n)]
    )
    return design, (design @ [-0.5, 0.1, 0.0] + random.normal(0, 0.7, n)).round(1)


def least(design: np.ndarray, y: np.ndarray) -> float:
    """The least sum of absolute residuals: another form of the programme, by its dual."""
    whole = np.column_stack([np.ones(len(y)), design])
    zero = np.zeros(whole.shape[1])
    dual = optimize.linprog(-y, A_eq=whole.T, b_eq=zero, bounds=(-1, 1))
    return float(-dual.fun)


def residuals(design: np.ndarray, y: np.ndarray, coefficients: np.ndarray) -> float:
    return float(np.abs(y - coefficients[0] - design @ coefficients[1:]).sum())


@pytest.mark.parametrize("seed", range(6))
def test_nothing_fits_better_with_ties_too(seed):
    design, y = tied_rows(seed)
    found = median_regression.fit(design, y)
    assert residuals(design, y, found.coefficients) == pytest.approx(least(design, y), abs=1e-6)


def test_of_two_groups_it_is_the_difference_of_medians_also_where_they_lie_between_values():
    y = np.array([1.0, 2, 4, 9, 3, 5, 8, 20])
    design = np.repeat([0.0, 1.0], 4)[:, None]
    found = median_regression.fit(design, y)
    assert found.coefficients == pytest.approx([3.0, 3.5], abs=1e-6)
    assert not found.is_unique.any()
    assert (found.low[0], found.high[0]) == pytest.approx((2.0, 4.0), abs=1e-6)
    alone = median_regression.fit(design[1:-1], y[1:-1])
    assert alone.coefficients == pytest.approx([4.0, 1.0])
    assert alone.is_unique.all()


def test_moves_with_the_values_and_with_their_unit():
    design, y = tied_rows(1)
    y = y + np.random.default_rng(1).normal(0, 1e-3, len(y))
    found = median_regression.fit(design, y).coefficients
    shifted = median_regression.fit(design, 2 * y + design @ [1.0, 0, 3]).coefficients
    assert shifted == pytest.approx(2 * found + [0, 1, 0, 3], abs=1e-7)
    order = np.random.default_rng(2).permutation(len(y))
    assert median_regression.fit(design[order], y[order]).coefficients == pytest.approx(found)
    twice = median_regression.fit(np.tile(design, (2, 1)), np.tile(y, 2)).coefficients
    assert twice == pytest.approx(found)


@pytest.mark.parametrize(
    "design", [np.ones((9, 1)), np.column_stack([np.arange(9.0)] * 2), np.eye(9)[:, :8]]
)
def test_columns_that_tell_nothing_have_no_fit(design):
    assert median_regression.fit(design, np.arange(9.0)) is None


def test_every_resample_is_at_its_best():
    design, y = tied_rows(3)
    found = median_regression.resampled(design, y, seed=1, resamples=40)
    who = np.random.default_rng([1]).integers(len(y), size=(40, len(y)))
    for rows, coefficients in zip(who, found, strict=True):
        best = least(design[rows], y[rows])
        assert residuals(design[rows], y[rows], coefficients) == pytest.approx(best, abs=1e-7)


def test_a_resample_without_a_group_has_no_fit():
    design, y = np.eye(12)[:, :1], np.arange(12.0)
    found = median_regression.resampled(design, y, seed=1, resamples=60)
    who = np.random.default_rng([1]).integers(12, size=(60, 12))
    has_group = (who == 0).any(axis=1) & (who != 0).any(axis=1)
    assert (~np.isnan(found).any(axis=1) == has_group).all()
    assert not has_group.all()


def test_intervals_cover_what_was_planted():
    """Of 60 samples of 60 patients the 95 % intervals hold the true difference nearly always."""
    held = 0
    for seed in range(60):
        random = np.random.default_rng([seed, 9])
        design = np.column_stack([np.repeat([0.0, 1.0], 30), random.normal(0, 1, 60)])
        y = 0.8 * design[:, 0] + 0.3 * design[:, 1] + random.standard_t(3, 60)
        drawn = median_regression.resampled(design, y, seed, 300)[:, 1]
        low, high = np.quantile(drawn, [0.025, 0.975])
        held += low <= 0.8 <= high
    assert 53 <= held <= 60


def test_an_interval_needs_nine_tenths_of_the_resamples():
    found = np.arange(1001.0)
    limits, level, note = percentiles(found, 1001)
    assert (limits, level, note) == (pytest.approx((25.0, 975.0)), 0.95, "")
    limits, level, note = percentiles(found, 1101)
    assert (limits, level) == (pytest.approx((25.0, 975.0)), 0.95)
    assert note == "100 of 1101 resamples of the patients have no such number."
    limits, level, note = percentiles(found, 1200)
    assert (limits, level) == ((None, None), None)
    assert note.endswith("too many for an interval.")
    assert percentiles(found[:0], 0) == ((None, None), None, "")


@pytest.mark.filterwarnings("error")
def test_of_many_patients_whom_the_fit_meets_exactly_every_resample_has_it():
    design = np.random.default_rng(3).integers(0, 2, (median_regression.MOST + 500, 2)) * 1.0
    constant = median_regression.resampled(design, np.full(len(design), 2.0), 1, 4)
    np.testing.assert_allclose(constant, [[2, 0, 0]] * 4, atol=1e-12)


def test_where_the_solver_gives_up_there_is_no_fit_of_many_patients(monkeypatch):
    """Twice as many patients are asked until they are all, and not for ever."""
    asked = []

    def gives_up(design, *others):
        asked.append(len(design))
        assert len(asked) < 10

    monkeypatch.setattr(median_regression, "_fit", gives_up)
    random = np.random.default_rng(4)
    design, y = random.normal(size=(3_000, 1)), random.normal(size=3_000)
    assert median_regression.fit(design, y) is None
    assert asked == [median_regression.KEPT, 2 * median_regression.KEPT, 3_000]
