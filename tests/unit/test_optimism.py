"""Bootstrap optimism: what it is, that it survives sparse resamples, and that it says so."""

import json

import numpy as np
import pandas as pd
import pytest
from builders import ROOT
from test_models import frame_of, random_frame, yes_no
from test_performance import birthwt

from calcinosis.estimate import logistic, optimism, profile_likelihood
from calcinosis.estimate.models import Models
from calcinosis.estimate.patterns import collapse
from calcinosis.estimate.standardisation import flic

R = json.loads((ROOT / "tests/data/validation/validation.json").read_text("utf-8"))
YES = {"reference": "no"}
COVARIATES = {"sex": YES, "ulcer": YES, "age": {"per": 10}}


def model_of(frame, covariates=COVARIATES, centres=None, **settings):
    section = {
        "outcome": "progression",
        "covariates": covariates,
        "multivariable": list(covariates),
        "estimator": "maximum_likelihood",
        "intervals": "wald",
        "events_per_parameter": 1,
        "over_budget": "firth",
    }
    return Models(frame, section | settings, centres).multivariable


def row_by_row(frame, model, number) -> list[float]:
    """The optimism of one resample, from its patients one by one."""
    rows = frame.sort_values("patient_id")
    x = np.column_stack([c.values for c in model.of.design])
    y = rows["progression"].to_numpy(float)
    drawn = np.random.default_rng([7, number]).integers(len(y), size=len(y))
    fit = logistic.maximum_likelihood(collapse(x[drawn], y[drawn]))

    def measures(x, y):
        log_odds = fit.intercept + x @ fit.coefficients
        risk = 1 / (1 + np.exp(-log_odds))
        pairs = log_odds[y == 1][:, None] - log_odds[y == 0][None, :]
        line = logistic.maximum_likelihood(collapse(log_odds[:, None], y))
        area = ((pairs > 1e-12) + 0.5 * (np.abs(pairs) <= 1e-12)).mean()
        return np.array([area, np.mean((y - risk) ** 2), line.intercept, line.coefficients[0]])

    return list(measures(x[drawn], y[drawn]) - measures(x, y))


def test_a_resample_is_what_it_says():
    frame = random_frame()
    model = model_of(frame)
    found = optimism.batch(model, 7, range(5))
    assert not found[["by_firth", "level_vanished", "left_out"]].any(axis=None)
    for row in found.itertuples():
        expected = row_by_row(frame, model, row.resample)
        measured = [getattr(row, name) for name in optimism.MEASURES]
        assert measured == pytest.approx(expected, abs=1e-8)


def test_neither_batches_nor_the_order_of_patients_matter():
    frame = random_frame()
    whole = optimism.batch(model_of(frame), 3, range(12))
    shuffled = model_of(frame.sample(frac=1, random_state=2))
    parts = [optimism.batch(shuffled, 3, numbers) for numbers in (range(5), range(5, 12))]
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), whole)
    assert not whole.equals(optimism.batch(model_of(frame), 4, range(12)))


def sparse(n: int = 60) -> pd.DataFrame:
    """One covariate whose only two patients differ, one level of two patients."""
    frame = random_frame(n)
    stage = np.array(["i"] * n, dtype=object)
    stage[:2], stage[2:4] = "ii", "iii"
    rare = pd.Categorical(stage, ["i", "ii", "iii"], ordered=True)
    frame.loc[:3, "progression"] = [True, False, True, False]
    return frame.assign(stage=rare)


def test_sparse_resamples_are_fitted_by_firth_and_counted():
    model = model_of(sparse(), {"stage": {"reference": "i"}, "age": {"per": 10}})
    assert not model.by_firth
    found = optimism.batch(model, 1, range(60))
    assert found["by_firth"].sum() > 20
    assert found["level_vanished"].sum() > 5
    assert found["left_out"].sum() == 0
    assert found[list(optimism.MEASURES)].notna().all(axis=None)


def test_a_resample_without_variation_is_left_out():
    frame = frame_of([True] + [False] * 29, sex=yes_no([0, 1] * 15))
    model = model_of(frame, {"sex": YES}, estimator="firth")
    found = optimism.batch(model, 1, range(40))
    without = found[found["left_out"]]
    assert 5 < len(without) < 30, "the only event is not drawn with chance (29/30)^30 = 0.36"
    assert without[list(optimism.MEASURES)].isna().all(axis=None)


def test_a_model_without_fit_has_no_resamples():
    model = model_of(random_frame().assign(progression=True))
    assert model.fit is None
    assert optimism.batch(model, 1, range(3)).empty


def test_firth_with_a_corrected_intercept_against_R():
    """`glm(method = "brglm_fit")`, then its intercept by `glm(low ~ offset(...))` (FLIC)."""
    data = collapse(*birthwt())
    found = profile_likelihood.firth(data, measured=0)
    coefficients = found.coefficients
    assert coefficients == pytest.approx(np.array(R["flic"][1:]), abs=1e-6)
    assert flic(data, found) == pytest.approx(R["flic"][0], abs=1e-6)
    risk = 1 / (1 + np.exp(-(R["flic"][0] + data.X @ coefficients)))
    assert (risk @ data.trials) == pytest.approx(data.events.sum(), abs=1e-3)


def test_the_optimism_of_a_large_sample_is_known():
    """Noise only: the area is 0.5 in truth, and the corrected one must be near it."""
    rng = np.random.default_rng(5)
    n = 400
    covariates = {f"x{i}": {"per": 1} for i in range(8)}
    values = {name: rng.normal(size=n).round(2) for name in covariates}
    frame = frame_of(rng.random(n) < 0.4, **values)
    model = model_of(frame, covariates)
    apparent = optimism.measures(
        model.fit.intercept + model.data.X @ model.fit.coefficients,
        model.data.events,
        model.data.trials,
    )
    mean = optimism.batch(model, 1, range(100))[list(optimism.MEASURES)].mean().to_numpy()
    area, brier, _, slope = apparent - mean
    assert apparent[0] > 0.57
    assert area == pytest.approx(0.5, abs=0.05)
    assert brier > apparent[1]
    assert slope < 0.6
