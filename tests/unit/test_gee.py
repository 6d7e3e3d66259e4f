"""Generalised estimating equations against the formulas, written out."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from calcinosis.estimate import gee
from calcinosis.estimate.logistic import NotEstimableError


def sample(seed: int = 3, centres: int = 12, size: int = 25) -> tuple:
    rng = np.random.default_rng(seed)
    centre = np.repeat(np.arange(centres), size)
    x = np.column_stack([rng.normal(size=len(centre)), rng.integers(0, 2, len(centre))])
    shift = rng.normal(0, 0.7, centres)[centre]
    chance = 1 / (1 + np.exp(-(x @ [0.5, -0.7] + shift)))
    return x, (rng.random(len(centre)) < chance).astype(float), centre


def by_formula(x, y, centre) -> tuple[np.ndarray, np.ndarray]:
    """Fisher scoring with exchangeable correlation, then Mancl and DeRouen's covariance."""
    design = np.column_stack([np.ones(len(y)), x])
    parts = [(design[centre == c], y[centre == c]) for c in np.unique(centre)]
    beta, alpha = np.zeros(design.shape[1]), 0.0

    def pieces(block, of_centre):
        mu = 1 / (1 + np.exp(-block @ beta))
        spread = np.sqrt(mu * (1 - mu))
        n = len(mu)
        correlation = np.full((n, n), alpha) + (1 - alpha) * np.eye(n)
        return spread[:, None] ** 2 * block, np.outer(spread, spread) * correlation, of_centre - mu

    for _ in range(100):
        information, score, products, pairs, squares = 0, 0, 0.0, 0, 0.0
        for block, of_centre in parts:
            derivative, covariance, residual = pieces(block, of_centre)
            weighted = derivative.T @ np.linalg.inv(covariance)
            information, score = information + weighted @ derivative, score + weighted @ residual
        beta = beta + np.linalg.solve(information, score)
        for block, of_centre in parts:
            mu = 1 / (1 + np.exp(-block @ beta))
            pearson = (of_centre - mu) / np.sqrt(mu * (1 - mu))
            products += (pearson.sum() ** 2 - (pearson**2).sum()) / 2
            pairs += len(pearson) * (len(pearson) - 1) / 2
            squares += (pearson**2).sum()
        scale = squares / (len(y) - design.shape[1])
        alpha = products / (scale * (pairs - design.shape[1]))
    middle, bread = 0, np.linalg.inv(information)
    for block, of_centre in parts:
        derivative, covariance, residual = pieces(block, of_centre)
        inverse = np.linalg.inv(covariance)
        leverage = derivative @ bread @ derivative.T @ inverse
        corrected = np.linalg.solve(np.eye(len(residual)) - leverage, residual)
        half = derivative.T @ inverse @ corrected
        middle = middle + np.outer(half, half)
    return beta, np.sqrt(np.diag(bread @ middle @ bread))


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_estimates_and_errors_are_those_of_mancl_and_derouen(seed):
    x, y, centre = sample(seed)
    fit, notes = gee.fit(x, y, centre)
    beta, errors = by_formula(x, y, centre)
    assert fit.coefficients == pytest.approx(beta[1:], rel=1e-4)
    assert fit.std_errors == pytest.approx(errors[1:], rel=1e-4)
    assert fit.df == 12 - 3
    t = stats.t.ppf(0.975, fit.df)
    assert fit.low == pytest.approx(fit.coefficients - t * fit.std_errors)
    assert notes == ["12 centres; under 40 the interval is approximate."]


def test_forty_centres_are_enough():
    _, notes = gee.fit(*sample(centres=40, size=8))
    assert notes == []


def test_separated_data_have_no_estimate():
    x, y, centre = sample()
    y[x[:, 1] == 1] = 1
    with pytest.raises(NotEstimableError, match="separate"):
        gee.fit(x, y, centre)


def test_equations_that_cannot_be_solved_are_no_estimate(monkeypatch):
    def unsolvable(*_args, **_settings):
        raise np.linalg.LinAlgError("Singular matrix")

    monkeypatch.setattr(gee.exchangeable, "fit", unsolvable)
    with pytest.raises(NotEstimableError, match="did not converge"):
        gee.fit(*sample())


@pytest.mark.parametrize("seed", [6, 7])
def test_patients_with_equal_covariates_and_centres_of_all_sizes_against_statsmodels(seed):
    """`GEE(..., Exchangeable()).fit(cov_type="bias_reduced")`, patient by patient."""
    rng = np.random.default_rng(seed)
    centre = np.repeat(np.arange(14), rng.integers(1, 90, 14))
    x = np.column_stack([rng.integers(0, 3, len(centre)), rng.integers(0, 2, len(centre))])
    chance = 1 / (1 + np.exp(-(x @ [0.4, -0.6] + rng.normal(0, 0.8, 14)[centre])))
    y = (rng.random(len(centre)) < chance).astype(float)
    order = rng.permutation(len(y))
    fit, _ = gee.fit(x[order].astype(float), y[order], centre[order])
    design = sm.add_constant(x.astype(float))
    model = sm.GEE(
        y, design, centre, family=sm.families.Binomial(), cov_struct=sm.cov_struct.Exchangeable()
    )
    theirs = model.fit(cov_type="bias_reduced")
    assert fit.coefficients == pytest.approx(theirs.params[1:], rel=1e-6)
    assert fit.std_errors == pytest.approx(theirs.bse[1:], rel=1e-6)
