"""Leverage and DFBETA against R, and against fits without each patient."""

import json

import numpy as np
import pandas as pd
import pytest
from builders import ROOT
from test_centres import MODELS
from test_models import frame_of, random_frame, yes_no
from test_optimism import model_of
from test_performance import birthwt

from calcinosis.estimate import influence, logistic, profile_likelihood
from calcinosis.estimate.models import Models
from calcinosis.estimate.patterns import collapse

R = json.loads((ROOT / "tests/data/validation/validation.json").read_text("utf-8"))["birthwt"]


def model_of_birthwt():
    x, y = birthwt()
    covariates = {f"x{i}": {"per": 1} for i in range(x.shape[1])}
    return model_of(frame_of(y, **dict(zip(covariates, x.T, strict=True))), covariates)


def test_leverage_and_dfbeta_against_R():
    """`hatvalues(glm)`, and `dfbeta` of its last step; ids keep the order of the rows."""
    leverage, dfbeta = influence.influence(model_of_birthwt())
    assert leverage == pytest.approx(np.array(R["leverage"]), abs=1e-9)
    assert dfbeta == pytest.approx(np.array(R["dfbeta"]), abs=1e-9)
    assert leverage.sum() == pytest.approx(10)


def test_one_step_is_close_to_a_fit_without_the_patient():
    """`update(glm, data = birthwt[-1, ])`."""
    model = model_of_birthwt()
    _, dfbeta = influence.influence(model)
    moved = model.fit.coefficients - np.array(R["without_first"])
    assert dfbeta[0] == pytest.approx(moved, rel=0.15, abs=2e-4)


@pytest.mark.parametrize("estimator", ["maximum_likelihood", "firth"])
def test_dfbeta_follows_fits_without_each_patient(estimator):
    frame = random_frame(80)
    model = model_of(frame, estimator=estimator)
    _, dfbeta = influence.influence(model)
    fit = profile_likelihood.firth if estimator == "firth" else logistic.maximum_likelihood
    x, y = model.of.X, model.of.y
    exact = np.array(
        [
            model.fit.coefficients
            - fit(collapse(np.delete(x, i, axis=0), np.delete(y, i))).coefficients
            for i in range(0, 80, 4)
        ]
    )
    one_step = dfbeta[::4]
    assert np.corrcoef(exact.ravel(), one_step.ravel())[0, 1] > 0.995
    assert np.abs(exact - one_step).max() < 0.15 * np.abs(exact).max()


def test_the_private_list_names_those_beyond_the_bounds():
    frame = random_frame(100)
    model = model_of(frame)
    leverage, dfbeta = influence.influence(model)
    high, far = influence.bounds(model)
    assert (high, far) == pytest.approx((2 * 4 / 100, 2 / 10))
    scaled = np.abs(influence.in_errors(model, dfbeta)).max(axis=1)
    expected = set(frame["patient_id"][(leverage > high) | (scaled > far)])
    found = influence.influential(model, frame["patient_id"])
    assert tuple(found) == influence.PRIVATE_COLUMNS
    assert set(found["only_one"]) == {"no"}
    assert set(found["patient_id"]) == expected
    assert 0 < len(expected) < 60
    assert found["dfbetas"].abs().is_monotonic_decreasing
    first = found.iloc[0]
    at = list(frame["patient_id"]).index(first["patient_id"])
    without = logistic.maximum_likelihood(
        collapse(np.delete(model.of.X, at, axis=0), np.delete(model.of.y, at))
    )
    names = [column.term for column in model.of.used]
    exact = np.exp(without.coefficients[names.index(first["term"])])
    assert first["odds_ratio_without"] == pytest.approx(exact, rel=0.05)


def test_patients_with_missing_values_are_not_mistaken_for_others():
    frame = random_frame(100)
    frame.loc[[3, 50], "age"] = np.nan
    complete = frame.drop(index=[3, 50])
    found = influence.influential(model_of(frame), frame["patient_id"])
    expected = influence.influential(model_of(complete), complete["patient_id"])
    pd.testing.assert_frame_equal(found, expected)


def test_a_model_without_fit_lists_nobody():
    model = model_of(random_frame().assign(progression=False))
    found = influence.influential(model, random_frame()["patient_id"])
    assert tuple(found) == influence.PRIVATE_COLUMNS
    assert found.empty


def alone(frame, **column) -> tuple:
    """A model in which the first patient is the only one with a level, and what it lists."""
    frame = frame.assign(**column)
    covariates = {name: {"reference": "no"} for name in column} | {"age": {"per": 10}}
    model = model_of(frame, covariates)
    return model, influence.influential(model, frame["patient_id"])


@pytest.mark.parametrize("rare", ["yes", "no"])
@pytest.mark.parametrize("progressed", [True, False])
def test_the_only_one_with_a_level_or_its_reference_is_listed_as_such(rare, progressed):
    frame = random_frame(60)
    frame.loc[0, "progression"] = progressed
    model, listed = alone(frame, rare=yes_no(np.resize([rare == "yes", *[rare == "no"] * 59], 60)))
    leverage, dfbeta = influence.influence(model)
    assert leverage[0] == pytest.approx(1, abs=1e-8)
    assert np.isnan(dfbeta[0]).all()
    assert np.isfinite(dfbeta[1:]).all()
    assert list(listed["only_one"]) == ["yes", *["no"] * (len(listed) - 1)]
    assert tuple(listed.loc[0, ["patient_id", "term", "level"]]) == ("P0000", "rare", "yes")
    assert listed.loc[0, ["dfbetas", "odds_ratio_without"]].isna().all()


def test_the_only_one_of_a_centre_has_no_term():
    frame = random_frame(60)
    names = ["a", "b", "c"]
    settings = MODELS | {"covariates": {"age": {"per": 10}}, "multivariable": ["age"]}
    centres = {"variable": "centre", "fixed_effect": True, "gee": False}
    for at in ("a", "c"):
        others = np.resize([name for name in names if name != at], 59)
        frame["centre"] = pd.Categorical([at, *others], names, ordered=True)
        model = Models(frame, settings, centres).multivariable
        listed = influence.influential(model, frame["patient_id"])
        first = listed.iloc[0]
        assert (first["patient_id"], first["only_one"], first["term"]) == ("P0000", "yes", "")
        assert listed["only_one"].eq("yes").sum() == 1
