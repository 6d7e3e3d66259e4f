"""Chained equations: what they draw, what they never do, and that only the seed decides."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from statsmodels.genmod import families
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.regression.linear_model import OLS

from calcinosis.estimate import imputation
from calcinosis.estimate.category_models import multinomial_risks
from calcinosis.estimate.draws import Estimate, Given, draw_levels, draw_numbers
from calcinosis.estimate.imputation import PROBLEM, batch, imputed_values, of_model
from calcinosis.estimate.logistic import NotEstimableError

SETTINGS = {"size": 5, "ordered": ["grade"], "iterations": 3, "donors": 5, "seed": 1}
LEVELS = {"sign": ["no", "yes"], "grade": ["low", "mid", "high"], "kind": ["a", "b", "c"]}


def category(codes, levels) -> pd.Categorical:
    return pd.Categorical.from_codes(np.asarray(codes, int), levels, ordered=True)


def cohort(n: int = 150, *, share: float = 0.15) -> pd.DataFrame:
    """Four kinds of variables that depend on each other, with values missing at random."""
    rng = np.random.default_rng(5)
    latent = rng.normal(size=n)
    of = {
        "sign": (latent + rng.logistic(size=n) > 0).astype(int),
        "grade": np.digitize(latent + rng.logistic(size=n), [-0.7, 0.9]),
        "kind": rng.integers(0, 3, n),
    }
    frame = pd.DataFrame(
        {
            "patient_id": [f"p{i:03d}" for i in range(n)],
            "outcome": latent + rng.logistic(size=n) > 0,
            "number": latent + rng.normal(size=n),
            **{name: category(codes, LEVELS[name]) for name, codes in of.items()},
        }
    )
    for name in ("number", *LEVELS):
        frame.loc[rng.random(n) < share, name] = None
    return frame


def impute(frame: pd.DataFrame, number: int = 0, **other) -> pd.DataFrame:
    settings = {name: value for name, value in (SETTINGS | other).items() if name != "size"}
    return imputed_values(frame, **settings, number=number)


def given(x: np.ndarray, gap: np.ndarray) -> Given:
    """A variable with gaps and its predictors."""
    design = np.column_stack([np.ones(len(x)), x])
    predictors = np.arange(1, design.shape[1])
    return Given(design, ~gap, design[gap], predictors, design[~gap].T @ design[~gap])


def test_known_values_stay_and_nothing_is_missing():
    frame = cohort()
    found = impute(frame)
    assert not found.isna().any().any()
    for name in ("number", *LEVELS):
        known = frame[name].notna()
        assert (found.loc[known, name] == frame.loc[known, name]).all()
        assert set(found[name]) <= set(frame.loc[known, name])


def test_only_variables_with_gaps_are_kept():
    frame = cohort()
    assert set(impute(frame)) == {"imputation", "patient_id", "number", *LEVELS}
    complete = frame.dropna()
    assert set(impute(complete)) == {"imputation", "patient_id"}


def test_an_imputation_depends_on_its_number_alone():
    frame = cohort()
    whole = batch(frame, SETTINGS | {"size": 4}, 1)
    halves = pd.concat([batch(frame, SETTINGS | {"size": 2}, i) for i in (2, 3)])
    pd.testing.assert_frame_equal(whole, halves)
    assert not impute(frame, 4)["number"].equals(impute(frame, 5)["number"])
    assert not impute(frame)["number"].equals(impute(frame, seed=2)["number"])


def test_neither_rows_nor_columns_in_another_order_change_it():
    frame = cohort()
    other = frame.sample(frac=1, random_state=0)[sorted(frame)]
    one, two = impute(frame), impute(other)
    pd.testing.assert_frame_equal(one, two[list(one)])


def test_other_words_for_levels_change_nothing():
    frame = cohort()
    words = {"a": "east", "b": "north", "c": "west"}
    other = frame.assign(kind=frame["kind"].cat.rename_categories(words))
    pd.testing.assert_series_equal(
        impute(frame)["kind"].cat.rename_categories(words), impute(other)["kind"]
    )


def test_another_unit_changes_nothing():
    frame = cohort()
    other = impute(frame.assign(number=frame["number"] * 8 + 16))
    np.testing.assert_allclose((other["number"] - 16) / 8, impute(frame)["number"], atol=1e-12)
    assert other["grade"].equals(impute(frame)["grade"])


def test_imputed_numbers_follow_the_regression():
    """The slope of completed data is the planted one, where missing depends on the predictor."""
    rng = np.random.default_rng(6)
    x = rng.normal(size=4000)
    y = 2 + 1.5 * x + rng.normal(size=4000)
    gap = rng.random(4000) < np.where(x > 0, 0.6, 0.1)
    drawn = draw_numbers(given(x, gap), y, 5, rng)
    completed = y.copy()
    completed[gap] = drawn
    fit = OLS(completed, np.column_stack([np.ones(4000), x])).fit()
    np.testing.assert_allclose(fit.params, [2, 1.5], atol=0.08)
    assert np.sqrt(fit.scale) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize(("levels", "ordered"), [(2, False), (3, True), (3, False)])
def test_imputed_levels_follow_their_model(levels, ordered):
    """Shares of levels among the imputed are those of the values that were taken away."""
    rng = np.random.default_rng(7)
    x = rng.normal(size=6000)
    codes = np.digitize(x + rng.logistic(size=6000), [0.0, 1.5][: levels - 1])
    if levels > 2 and not ordered:
        utilities = np.column_stack([np.zeros(6000), 0.5 - x, 0.8 * x])
        codes = (utilities + rng.gumbel(size=(6000, 3))).argmax(axis=1)
    gap = rng.random(6000) < np.where(x > 0, 0.7, 0.2)
    drawn, _ = draw_levels(given(x, gap), codes, levels, ordered, rng)
    shares = [np.bincount(found, minlength=levels) / gap.sum() for found in (drawn, codes[gap])]
    np.testing.assert_allclose(*shares, atol=0.035)


@pytest.mark.parametrize(("levels", "ordered"), [(2, False), (3, True), (3, False)])
def test_draws_of_separated_levels_stay_near_what_is_known(levels, ordered):
    """A predictor that tells the level: its own are drawn, and no coefficient explodes."""
    rng = np.random.default_rng(8)
    x = np.linspace(-2, 2, 90)
    codes = np.digitize(x, [-0.6, 0.6][: levels - 1])
    both = np.append(x, [-2.0, 2.0] * 50) / x.std()
    separated = given(both, np.arange(190) >= 90)
    drawn, _ = draw_levels(separated, np.append(codes, [0] * 100), levels, ordered, rng)
    assert (drawn.reshape(-1, 2) == [0, levels - 1]).mean() > 0.9


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("size", [1.0, 1e-300])
def test_where_all_predictions_are_zero_all_known_are_equally_near(size):
    rng, gap = np.random.default_rng(1), np.arange(200) >= 100
    nothing, values = given(np.ones((200, 0)), gap), np.array([-size, size] * 100)
    drawn = np.concatenate([draw_numbers(nothing, values, 5, rng) for _ in range(50)])
    assert set(drawn) == {-size, size}
    assert abs((drawn == size).mean() - 0.5) < 0.1


@pytest.mark.parametrize("levels", [2, 3])
def test_levels_are_fitted_to_the_known_and_the_added_rows(levels):
    """Against statsmodels of the known rows, and of added ones made here, with their weights."""
    rng = np.random.default_rng(9)
    x = rng.normal(size=(300, 2)) * [1, 3] + [2, 0]
    codes = np.digitize(x @ [0.8, -0.2] + rng.logistic(size=300), [1.0, 2.5][: levels - 1])
    gap = rng.random(300) < 0.3
    found = draw_levels(given(x, gap), np.where(gap, 0, codes), levels, False, rng)[1].coefficients
    sides = np.array([[1, 0], [0, 1], [-1, 0], [0, -1]]) / 2
    added = np.tile(x[~gap].mean(axis=0) + sides * x[~gap].std(axis=0), (levels, 1))
    rows = np.concatenate([x[~gap], added])
    outcome = np.concatenate([codes[~gap], np.repeat(np.arange(levels), 4)])
    times = np.concatenate([np.ones((~gap).sum()), np.full(len(added), 3 / len(added))])
    # Multinomial coefficients of one level are those that solve its own score equations.
    design = np.column_stack([np.ones(len(rows)), rows])
    if levels == 2:
        glm = GLM(outcome, design, family=families.Binomial(), freq_weights=times).fit(tol=1e-12)
        np.testing.assert_allclose(found, glm.params, atol=1e-7)
    risks = multinomial_risks(found, design, levels)
    left = (outcome[:, None] == np.arange(levels)) - risks
    np.testing.assert_allclose((left * times[:, None]).T @ design, 0, atol=1e-6)


def test_what_is_kept_between_draws_is_what_the_completed_values_give(monkeypatch):
    """The design, its products of the rows with a value, and the start of a fit change nothing."""
    checked = []

    def check(given: Given) -> None:
        rows = given.X[given.known]
        np.testing.assert_allclose(given.products, rows.T @ rows, rtol=1e-9, atol=1e-9)
        np.testing.assert_array_equal(given.missing, given.X[~given.known])
        checked.append(given)

    def numbers(given, *others):
        check(given)
        return draw_numbers(given, *others)

    def levels(given, codes, levels, ordered, rng, start):
        check(given)
        state = rng.bit_generator.state
        afresh = draw_levels(given, codes, levels, ordered, rng)
        rng.bit_generator.state = state
        found = draw_levels(given, codes, levels, ordered, rng, start)
        np.testing.assert_allclose(found[1].coefficients, afresh[1].coefficients, atol=1e-5)
        np.testing.assert_array_equal(found[0], afresh[0])
        return found

    frame = cohort()
    wanted = impute(frame)
    monkeypatch.setattr(imputation, "draw_numbers", numbers)
    monkeypatch.setattr(imputation, "draw_levels", levels)
    completed = impute(frame)
    pd.testing.assert_frame_equal(completed, wanted)
    assert len(checked) == 4 * SETTINGS["iterations"]
    # The last draw's columns of the others are those of what is written.
    x, predictors = checked[-1].X, checked[-1].predictors
    both = pd.get_dummies(completed.drop(columns=["imputation", "patient_id"]), drop_first=True)
    for name in both.columns.difference(["number"]):
        assert any((x[:, i] == both[name]).all() for i in range(x.shape[1])), name
    assert any(abs(np.corrcoef(x[:, i], both["number"])[0, 1]) > 1 - 1e-12 for i in predictors)


@pytest.mark.parametrize("ordered", [False, True])
def test_a_fit_begins_at_no_estimate_of_other_columns(ordered):
    rng = np.random.default_rng(2)
    x, gap = rng.normal(size=(80, 2)), np.arange(80) >= 60
    codes = np.digitize(x[:, 0] + rng.logistic(size=80), [-1.0, 1.0])
    _, afresh = draw_levels(given(x, gap), codes, 3, ordered, rng)
    far = Estimate(np.array([0, 1, 3]), 100 * np.arange(len(afresh.coefficients)))
    _, found = draw_levels(given(x, gap), codes, 3, ordered, rng, far)
    np.testing.assert_array_equal(found.coefficients, afresh.coefficients)
    np.testing.assert_array_equal(found.columns, [0, 1, 2])


def test_a_number_at_its_mean_in_all_who_are_known_predicts_nothing():
    """Sums that rows were taken from leave rounding where nothing varies."""
    rng = np.random.default_rng(4)
    apart = rng.normal(size=(30, 1))
    x = np.concatenate([np.zeros((20, 1)), apart, -apart])
    of_known = given(np.column_stack([x, rng.normal(size=80)]), np.arange(80) >= 20)
    rounded = of_known.products.copy()
    rounded[1] = rounded[:, 1] = [1e-15, 1e-14, -1e-14]
    rounded = dataclasses.replace(of_known, products=rounded)
    np.testing.assert_array_equal(rounded.usable(), [0, 2])


def test_what_says_the_same_twice_changes_nothing():
    frame = cohort()
    one = impute(frame.assign(twin=np.arange(150.0)))
    two = impute(frame.assign(twin=np.arange(150.0), twin_again=3 - 2 * np.arange(150.0)))
    pd.testing.assert_frame_equal(one, two)


def test_a_constant_variable_is_completed_with_its_one_value():
    frame = cohort()
    constant = frame.assign(number=np.where(frame["number"].isna(), np.nan, 7.0))
    assert (impute(constant)["number"] == 7).all()
    one_level = frame.assign(kind=frame["kind"].where(frame["kind"] == "b"))
    assert (impute(one_level)["kind"] == "b").all()


def test_a_number_that_is_another_in_other_units_is_completed_by_it():
    kilograms = np.linspace(40.0, 90.0, 150)
    pounds = np.where(np.arange(150) % 10 == 3, np.nan, 2.2 * kilograms)
    found = impute(cohort(share=0).assign(kilograms=kilograms, pounds=pounds), donors=1)
    np.testing.assert_allclose(found["pounds"], 2.2 * kilograms, atol=1)


@pytest.mark.parametrize("name", ["number", "sign", "grade", "kind"])
def test_without_anything_to_go_by_known_values_are_drawn(name):
    frame = cohort()[["patient_id", "outcome", name]].assign(outcome=True)
    found = impute(frame)
    assert not found[name].isna().any()
    assert len(set(found[name])) > 1


def test_a_level_that_nobody_has_is_never_drawn():
    frame = cohort()
    absent = frame.assign(grade=frame["grade"].where(frame["grade"] != "mid"))
    assert set(impute(absent)["grade"]) == {"low", "high"}


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (cohort().assign(number=np.nan), "Nobody has a value of number."),
        (cohort(6), "parameters of its imputation model"),
        (cohort().assign(number=[1.0] + [np.nan] * 149), "number: 1 patients with a value for 1 "),
    ],
    ids=["all missing", "six patients", "one has a number"],
)
def test_what_cannot_be_imputed_says_why(frame, reason):
    with pytest.raises(NotEstimableError, match=reason):
        impute(frame)
    assert list(batch(frame, SETTINGS, 0)) == [PROBLEM]


def test_more_levels_than_patients_say_why():
    n = 40
    names = [f"level_{i}" for i in range(60)]
    frame = cohort(n).assign(kind=category(np.arange(n), names))
    with pytest.raises(NotEstimableError, match="parameters of its imputation model"):
        impute(frame)


def test_patients_without_outcome_or_centre_leave():
    frame = pd.DataFrame(
        {
            "patient_id": ["c", "b", "a"],
            "outcome": pd.Categorical(["yes", None, "no"], ["no", "yes"]),
            "centre": pd.Categorical(["x", "x", None], ["x"]),
        }
    )
    assert of_model(frame, "outcome", None)["patient_id"].tolist() == ["a", "c"]
    assert of_model(frame, "outcome", "centre")["outcome"].tolist() == [True]
