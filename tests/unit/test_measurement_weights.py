"""`calcinosis.estimate.measurement_weights`: statsmodels, planted truth, degenerate input."""

import numpy as np
import pytest
from scipy import special
from statsmodels.genmod import families
from statsmodels.genmod.generalized_linear_model import GLM

from calcinosis.estimate import measurement_weights as of
from calcinosis.estimate.patterns import collapse


def selected(seed: int, n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    design = np.column_stack([random.normal(58, 11, n), random.integers(0, 2, n)])
    chance = special.expit(-1.5 + 0.08 * (design[:, 0] - 58) + 0.5 * design[:, 1])
    return design, random.random(n) < chance


@pytest.mark.parametrize("seed", range(4))
def test_the_chance_is_that_of_logistic_regression(seed):
    design, measured = selected(seed)
    whole = np.column_stack([np.ones(len(design)), design])
    expected = GLM(measured * 1.0, whole, family=families.Binomial()).fit(tol=1e-12)
    found = of.weights(design, measured, 0.0)
    assert found.chance == pytest.approx(np.asarray(expected.fittedvalues), rel=1e-7)
    raw = measured.mean() / found.chance[measured]
    assert found.values[measured] == pytest.approx(raw)
    assert not found.values[~measured].any()
    assert found.truncated == 0


def test_truncation_takes_the_ends_to_their_quantiles():
    design, measured = selected(1)
    whole, cut = of.weights(design, measured, 0.0), of.weights(design, measured, 0.05)
    ends = np.quantile(whole.values[measured], [0.05, 0.95])
    assert (cut.values[measured].min(), cut.values.max()) == pytest.approx(tuple(ends))
    assert cut.largest == pytest.approx(whole.values.max())
    assert cut.effective_n > whole.effective_n
    assert cut.truncated == (np.abs(cut.values - whole.values) > 1e-12).sum()


def test_equal_weights_lose_nobody():
    _, measured = selected(2)
    even = of.Weights(measured * 3.0, measured * 1.0, 0, 3.0)
    assert even.effective_n == pytest.approx(measured.sum())


def test_a_resample_of_everybody_once_has_the_same_weights():
    design, measured = selected(3)
    counts = np.ones((2, len(design)))
    counts[1, :50] = 2
    found = of.Selection(design, measured, counts[0]).weights(counts, 0.02)
    assert found[0] == pytest.approx(of.weights(design, measured, 0.02).values, rel=1e-7)
    rows = np.repeat(np.arange(len(design)), counts[1].astype(int))
    again = of.weights(design[rows], measured[rows], 0.02).values
    summed = np.bincount(rows, again, len(design))
    assert found[1] == pytest.approx(summed, rel=1e-7)


def test_patients_who_are_alike_may_be_counted_together():
    design, measured = selected(5)
    design[:, 0] = design[:, 0].round(-1)
    alike = collapse(np.column_stack([measured, design]), measured)
    had, kinds = alike.X[:, 0] == 1, alike.X[:, 1:]
    assert len(kinds) < 50
    once, drawn = np.ones(len(design)), np.random.default_rng(6).integers(0, 3, (2, len(design)))
    of_patients = of.Selection(design, measured, once).weights(drawn * 1.0, 0.02)
    counted, summed = (
        np.array([np.bincount(alike.of_row, each) for each in of_each])
        for of_each in (drawn, of_patients)
    )
    of_kinds = of.Selection(kinds, had, alike.trials).weights(counted, 0.02)
    assert of_kinds == pytest.approx(summed, rel=1e-9)


@pytest.mark.parametrize(
    ("design", "measured"),
    [
        (np.arange(20.0)[:, None], np.arange(20) > 9),
        (np.arange(20.0)[:, None], np.zeros(20, bool)),
        (np.arange(20.0)[:, None], np.ones(20, bool)),
        (np.column_stack([np.arange(20.0)] * 2), np.arange(20) % 2 == 0),
    ],
)
def test_no_weights_where_the_chance_is_0_or_1_or_columns_depend_on_each_other(design, measured):
    assert of.weights(design, measured, 0.01) is None


def test_weighted_medians_count_patients_as_often_as_they_weigh():
    random = np.random.default_rng(4)
    for _ in range(30):
        y, weights = random.integers(0, 9, 11).astype(float), random.integers(0, 4, 11)
        if weights.any():
            expected = np.median(np.repeat(y, weights))
            assert of.weighted_median(y, weights * 0.7) == pytest.approx(expected)


def test_weights_take_back_what_selection_did():
    """Those measured are older and have lower scores; the weighted mean is that of everybody."""
    apart = []
    for seed in range(40):
        design, measured = selected(seed, 600)
        y = -1.5 - 0.05 * (design[:, 0] - 58) + np.random.default_rng([seed, 1]).normal(0, 0.5, 600)
        values = of.weights(design, measured, 0.0).values[measured]
        y, everybody = y[measured], -1.5
        apart.append([y.mean() - everybody, np.average(y, weights=values) - everybody])
    plain, weighted = np.mean(apart, axis=0)
    assert plain < -0.2
    assert abs(weighted) < 0.05
