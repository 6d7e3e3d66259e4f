"""Chained equations: what they draw, what they never do, and that only the seed decides."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import OLS

from calcinosis.estimate.draws import Given, draw_levels, draw_numbers
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
    """One predictor of a variable with gaps."""
    design = np.column_stack([np.ones(len(x)), x])
    return Given(design, ~gap, design[gap], np.array([1]), design[~gap].T @ design[~gap])


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
    ],
    ids=["all missing", "six patients"],
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
