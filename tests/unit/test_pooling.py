"""Rubin's rules and D1: against R's mice, and against what they must be by construction."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats
from statsmodels.regression.linear_model import OLS

from calcinosis.estimate.pooling import joint_test, rubin

DATA = Path("tests/data/imputation")
REFERENCE = json.loads((DATA / "nhanes2_pooled.json").read_text())["nhanes2_lm"]


def nhanes_fits() -> tuple[np.ndarray, np.ndarray]:
    """Of `lm(chl ~ age + bmi)` in the 20 completed datasets: coefficients and covariances."""
    completed = pd.read_csv(DATA / "nhanes2_completed.csv")
    beta, covariances = [], []
    for _, data in completed.groupby(".imp"):
        ages = [(data["age"] == level).astype(float) for level in ("40-59", "60-99")]
        fit = OLS(data["chl"], np.column_stack([np.ones(len(data)), *ages, data["bmi"]])).fit()
        beta.append(fit.params.to_numpy())
        covariances.append(fit.cov_params().to_numpy())
    return np.array(beta), np.array(covariances)


@pytest.fixture(scope="module", name="fits")
def _fits():
    return nhanes_fits()


def test_pooled_lm_against_mice(fits):
    """`summary(pool(with(imp, lm(chl ~ age + bmi))), conf.int = TRUE)` of mice 3.15.0, R 4.2.2.

    To the ten digits of the reference.
    """
    beta, covariances = fits
    found = rubin(beta, covariances.diagonal(axis1=1, axis2=2), 21)
    summary = pd.DataFrame(REFERENCE["summary"])
    pooled = pd.DataFrame(REFERENCE["pooled"])
    np.testing.assert_allclose(found.coefficients, summary["estimate"], rtol=1e-9)
    np.testing.assert_allclose(found.std_errors, summary["std.error"], rtol=1e-9)
    np.testing.assert_allclose(found.df, summary["df"], rtol=1e-9)
    np.testing.assert_allclose(found.missing_information, pooled["fmi"], rtol=1e-9)
    t = found.coefficients / found.std_errors
    np.testing.assert_allclose(2 * stats.t.sf(abs(t), found.df), summary["p.value"], rtol=1e-8)
    reach = stats.t.ppf(0.975, found.df) * found.std_errors
    np.testing.assert_allclose(found.coefficients - reach, summary["2.5 %"], rtol=1e-8)
    np.testing.assert_allclose(found.coefficients + reach, summary["97.5 %"], rtol=1e-8)


@pytest.mark.parametrize("df_complete", [5, 21, 150, 1e9])
def test_barnard_rubin_df_is_the_harmonic_sum_of_both_sources(df_complete):
    """Computed from the textbook's quantities: nu_m, nu_obs and 1 / (1/nu_m + 1/nu_obs)."""
    rng = np.random.default_rng(1)
    estimates, variances = rng.normal(size=(8, 3)), rng.uniform(0.5, 2, (8, 3))
    found = rubin(estimates, variances, df_complete)
    for i in range(3):
        b, u = np.var(estimates[:, i], ddof=1), np.mean(variances[:, i])
        r = (1 + 1 / 8) * b / u
        nu_m = (8 - 1) * (1 + 1 / r) ** 2
        gamma = r / (1 + r)
        nu_obs = df_complete * (df_complete + 1) / (df_complete + 3) * (1 - gamma)
        assert found.df[i] == pytest.approx(1 / (1 / nu_m + 1 / nu_obs), rel=1e-12)
        assert found.df[i] < min(nu_m, nu_obs)


def test_equal_imputations_pool_to_the_fit_of_one():
    found = rubin(np.full((5, 1), 0.7), np.full((5, 1), 0.04), 100)
    assert found.coefficients[0] == pytest.approx(0.7)
    assert found.std_errors[0] == pytest.approx(0.2)
    assert found.df[0] == pytest.approx(100 * 101 / 103)


def test_pooling_does_not_depend_on_the_order_of_imputations(fits):
    beta, covariances = fits
    other = np.random.default_rng(0).permutation(len(beta))
    one = joint_test(beta[:, 1:3], covariances[:, 1:3, 1:3], 21)
    two = joint_test(beta[other, 1:3], covariances[other][:, 1:3, 1:3], 21)
    np.testing.assert_allclose(one, two, rtol=1e-12)


def test_joint_test_does_not_depend_on_the_reference_level(fits):
    """Ages against 20-39, or against 60-99: the hypothesis and D1 are the same."""
    beta, covariances = fits
    change = np.array([[0.0, -1.0], [1.0, -1.0]])
    one = joint_test(beta[:, 1:3], covariances[:, 1:3, 1:3], 21)
    two = joint_test(beta[:, 1:3] @ change.T, change @ covariances[:, 1:3, 1:3] @ change.T, 21)
    np.testing.assert_allclose(one, two, rtol=1e-9)


def test_joint_test_of_one_coefficient_is_the_square_of_its_t(fits):
    beta, covariances = fits
    f, df, p = joint_test(beta[:, 3:], covariances[:, 3:, 3:], 21)
    bmi = REFERENCE["summary"][3]
    assert f == pytest.approx(bmi["statistic"] ** 2, rel=1e-8)
    assert df == pytest.approx(bmi["df"], rel=1e-8)
    assert p == pytest.approx(bmi["p.value"], rel=1e-8)


def test_joint_test_of_equal_imputations_is_the_wald_test_of_one():
    beta, covariance = np.array([0.8, -0.3]), np.array([[0.09, 0.02], [0.02, 0.04]])
    f, df, _ = joint_test(np.tile(beta, (10, 1)), np.tile(covariance, (10, 1, 1)), 500)
    assert f == pytest.approx(beta @ np.linalg.solve(covariance, beta) / 2)
    small = 500 * 501 / 503
    assert df == pytest.approx(small, rel=0.001)  # Reiter's: 4 + (small - 4)


def test_reiter_df_is_that_of_li_and_colleagues_where_the_sample_is_large():
    rng = np.random.default_rng(2)
    estimates = rng.normal(1, 0.2, (20, 3))
    covariances = np.tile(np.eye(3) * 0.1, (20, 1, 1))
    _, df, _ = joint_test(estimates, covariances, 1e12)
    between = np.cov(estimates, rowvar=False)
    r, t = (1 + 1 / 20) * np.trace(between) / 0.1 / 3, 3 * 19
    assert df == pytest.approx(4 + (t - 4) * (1 + (1 - 2 / t) / r) ** 2, rel=1e-6)


def test_p_of_the_joint_test_is_the_area_under_the_density_of_f(fits):
    beta, covariances = fits
    f, df, p = joint_test(beta[:, 1:3], covariances[:, 1:3, 1:3], 21)
    area, _ = integrate.quad(lambda x: stats.f.pdf(x, 2, df), f, np.inf, epsabs=1e-12)
    assert p == pytest.approx(area, rel=1e-8)


def test_joint_test_with_few_patients_has_degrees_of_freedom():
    rng = np.random.default_rng(3)
    f, df, p = joint_test(rng.normal(size=(5, 2)), np.tile(np.eye(2), (5, 1, 1)), 3)
    assert 0 < df <= 3
    assert f >= 0
    assert 0 <= p <= 1
