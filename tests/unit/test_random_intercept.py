"""Random intercepts against lme4, and against integrals by another rule."""

import json

import numpy as np
import pandas as pd
import pytest
from builders import ROOT
from scipy import integrate, special, stats

from calcinosis.estimate import logistic, random_intercept
from calcinosis.estimate.logistic import NotEstimableError
from calcinosis.estimate.patterns import collapse

FOLDER = ROOT / "tests/data/centres"
LME4 = json.loads((FOLDER / "random_intercept.json").read_text("utf-8"))


def case(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    data = pd.read_csv(FOLDER / f"{name}.csv")
    if name == "cbpp":
        x = pd.get_dummies(data["period"], drop_first=True, dtype=float).to_numpy()
        return x, data["outcome"].to_numpy(float), data["herd"].to_numpy()
    x = data[["age", "ulcer"]].to_numpy(float)
    return x, data["outcome"].to_numpy(float), data["centre"].to_numpy()


def errors(fit) -> np.ndarray:
    return np.sqrt(fit.covariance.diagonal())


@pytest.mark.parametrize("name", LME4)
def test_estimates_are_those_of_lme4(name):
    """`glmer(y ~ x + (1 | centre), binomial, nAGQ = 9)` of random_intercept.R.

    Coefficients to 1e-5 standard errors, which is where lme4's derivative-free search ends.
    """
    found, expected = random_intercept.fit(*case(name)), LME4[name]
    beta = np.array([found.fit.intercept, *found.fit.coefficients])
    distance = (beta - expected["estimate"]) / expected["std_error"]
    assert np.abs(distance).max() < 1e-5
    assert errors(found.fit) == pytest.approx(expected["std_error"], rel=1e-4)
    assert found.sd == pytest.approx(expected["sd"], abs=5e-5)
    assert found.log_likelihood == pytest.approx(expected["log_likelihood"], abs=1e-7)
    assert found.singular is expected["singular"]


@pytest.mark.parametrize("name", ["cbpp", "large", "small", "three"])
def test_the_interval_of_the_variance_is_that_of_lme4(name):
    """`confint(model, parm = "theta_", method = "profile")`, which interpolates."""
    found = random_intercept.fit(*case(name))
    assert [found.sd_low, found.sd_high] == pytest.approx(LME4[name]["sd_limits"], rel=2e-4)


def test_grouped_data_of_cbpp_as_lme4_prints_them():
    """`glmer(cbind(incidence, size - incidence) ~ period + (1 | herd), nAGQ = 9)`.

    lme4 then gives the log likelihood beside that of the saturated model.
    """
    x, y, herd = case("cbpp")
    found = random_intercept.fit(x, y, herd)
    expected = [-1.399219444, -0.9914086574, -1.127812837, -1.579487774]
    assert [found.fit.intercept, *found.fit.coefficients] == pytest.approx(expected, abs=3e-5)
    assert found.sd == pytest.approx(0.6475178611, abs=1e-5)
    data = collapse(np.column_stack([herd, x]), y)
    share = data.events / data.trials
    saturated = logistic.log_likelihood(data, share)
    assert found.log_likelihood - saturated == pytest.approx(-50.00501803, abs=1e-7)


def by_brute_force(x, y, centre, beta, sd) -> float:
    """The log likelihood with each centre's integral by an adaptive rule of another kind."""
    total = 0.0
    fixed = beta[0] + x @ beta[1:]
    for one in np.unique(centre):
        log_odds, outcome = fixed[centre == one], y[centre == one]
        sign = np.where(outcome == 1, 1, -1)

        def density(z, log_odds=log_odds, sign=sign):
            return np.exp(special.log_expit(sign * (log_odds + sd * z)).sum()) * stats.norm.pdf(z)

        value, _ = integrate.quad(density, -12, 12, points=(-2, 0, 2), epsabs=0, epsrel=1e-11)
        total += np.log(value)
    return total


@pytest.mark.parametrize("name", ["cbpp", "small", "three"])
def test_the_likelihood_is_the_integral(name):
    x, y, centre = case(name)
    found = random_intercept.fit(x, y, centre)
    beta = np.array([found.fit.intercept, *found.fit.coefficients])
    highest = by_brute_force(x, y, centre, beta, found.sd)
    assert found.log_likelihood == pytest.approx(highest, abs=2e-4)
    for i, error in enumerate(errors(found.fit)):
        for step in (-0.05, 0.05):
            moved = beta.copy()
            moved[i] += step * error
            assert by_brute_force(x, y, centre, moved, found.sd) < highest
    for sd in (found.sd * 0.95, found.sd * 1.05):
        assert by_brute_force(x, y, centre, beta, sd) < highest


def test_the_profile_falls_to_the_limit_of_chi_squared():
    """At the upper limit of the variance, by brute force and another maximiser."""
    from scipy import optimize

    x, y, centre = case("small")
    found = random_intercept.fit(x, y, centre)
    start = np.array([found.fit.intercept, *found.fit.coefficients])
    scale = errors(found.fit)

    def minus(steps):
        return -by_brute_force(x, y, centre, start + steps * scale, found.sd_high)

    best = optimize.minimize(minus, np.zeros(3), options={"eps": 1e-3, "gtol": 1e-3})
    drop = found.log_likelihood + best.fun
    assert 2 * drop == pytest.approx(stats.chi2.ppf(0.95, 1), abs=1e-3)


def test_neither_order_nor_names_of_centres_matter():
    x, y, centre = case("large")
    found = random_intercept.fit(x, y, centre)
    rng = np.random.default_rng(4)
    names, order = rng.permutation(centre.max() + 1), rng.permutation(len(y))
    other = random_intercept.fit(x[order], y[order], names[centre][order])
    assert other.fit.coefficients == pytest.approx(found.fit.coefficients, rel=1e-8)
    assert other.fit.std_errors == pytest.approx(found.fit.std_errors, rel=1e-8)
    assert other.sd == pytest.approx(found.sd, rel=1e-7)


def test_units_and_the_other_outcome():
    x, y, centre = case("large")
    found = random_intercept.fit(x, y, centre)
    other = random_intercept.fit(x * [0.1, 1] + [5, 0], 1 - y, centre)
    assert other.fit.coefficients == pytest.approx(-found.fit.coefficients * [10, 1], rel=1e-6)
    assert other.sd == pytest.approx(found.sd, rel=1e-6)


def test_without_variance_it_is_the_model_without_centres():
    x, y, centre = case("singular")
    found = random_intercept.fit(x, y, centre)
    plain = logistic.maximum_likelihood(collapse(x, y))
    assert (found.singular, found.sd, found.sd_low, found.sd_p_value) == (True, 0.0, 0.0, 1.0)
    assert found.fit.coefficients == pytest.approx(plain.coefficients)
    assert found.fit.std_errors == pytest.approx(plain.std_errors)
    assert 0 < found.sd_high < 1


def test_the_test_of_variance_is_half_of_chi_squared():
    x, y, centre = case("small")
    found = random_intercept.fit(x, y, centre)
    plain = logistic.maximum_likelihood(collapse(x, y)).log_likelihood
    half = stats.chi2.sf(2 * (found.log_likelihood - plain), 1) / 2
    assert found.sd_p_value == pytest.approx(half, rel=1e-9)


def test_a_centre_in_which_all_have_the_outcome_is_no_obstacle():
    x, y, centre = case("large")
    y = np.where(centre == 3, 1.0, y)
    found = random_intercept.fit(x, y, centre)
    assert np.isfinite(found.fit.std_errors).all()


def test_separated_data_and_a_single_centre_have_no_estimate():
    x, y, centre = case("large")
    with pytest.raises(NotEstimableError, match="One centre"):
        random_intercept.fit(x, y, np.zeros(len(y)))
    with pytest.raises(NotEstimableError, match="separate"):
        random_intercept.fit(x, np.where(x[:, 1] == 1, 1.0, y), centre)


def test_median_odds_ratio_and_icc():
    """Larsen and Merlo: exp(0.95 sd); and the median of simulated pairs of centres."""
    assert random_intercept.median_odds_ratio(1.0) == pytest.approx(np.exp(0.9539), rel=1e-4)
    pairs = np.random.default_rng(1).normal(0, 0.8, (400_000, 2))
    median = np.median(np.exp(np.abs(pairs[:, 0] - pairs[:, 1])))
    assert random_intercept.median_odds_ratio(0.8) == pytest.approx(median, rel=0.01)
    assert random_intercept.icc(0.0) == 0
    assert random_intercept.icc(np.pi / np.sqrt(3)) == pytest.approx(0.5)


def test_planted_values_are_found():
    """Bias of twenty samples of 60 centres below two of its own standard errors."""
    rng, found = np.random.default_rng(11), []
    for _ in range(20):
        centre = np.repeat(np.arange(60), 20)
        x = rng.integers(0, 2, len(centre)).astype(float)
        log_odds = -0.5 + 0.7 * x + rng.normal(0, 0.8, 60)[centre]
        y = (rng.random(len(x)) < special.expit(log_odds)).astype(float)
        fit = random_intercept.fit(x[:, None], y, centre)
        found.append([fit.fit.coefficients[0], fit.sd])
    mean = np.mean(found, axis=0)
    error = np.std(found, axis=0, ddof=1) / np.sqrt(20)
    assert (np.abs(mean - [0.7, 0.8]) < 2 * error).all()


def test_equations_that_cannot_be_solved_are_no_estimate(monkeypatch):
    def unsolvable(*_args, **_settings):
        raise np.linalg.LinAlgError("not positive definite")

    monkeypatch.setattr(random_intercept.linalg, "cho_factor", unsolvable)
    with pytest.raises(NotEstimableError, match="did not converge"):
        random_intercept.fit(*case("cbpp"))


def test_a_limit_that_is_not_found_takes_no_estimate_away():
    """Few centres that differ much: the search for the upper limit ends, the model stays."""
    rng = np.random.default_rng(1)
    centre, of_centre = np.repeat(np.arange(5), 24), rng.normal(0, 4, 5)
    x = rng.normal(size=(120, 1))
    y = (rng.random(120) < special.expit(x[:, 0] + of_centre[centre])).astype(int)
    found = random_intercept.fit(x, y, centre)
    assert found.sd_high is None
    assert 0 < found.sd_low < found.sd
    assert np.isfinite(found.fit.low).all()
