"""Small cohorts of every shape: whatever the data, a model has rows or says why it has none."""

import math

import numpy as np
import pandas as pd
import pytest
from test_models import YES, frame_of

from calcinosis.estimate import resamples
from calcinosis.estimate.centres import centre_rows
from calcinosis.estimate.influence import influential
from calcinosis.estimate.models import Models
from calcinosis.estimate.ordinal import ordinal_rows
from calcinosis.estimate.risks import risk_rows
from calcinosis.estimate.validation import validation_rows
from calcinosis.estimates import Row

COVARIATES = {
    "age": {"per": 10},
    "ulcer": YES,
    "rare": YES,
    "grade": {"reference": "none"},
    "both": {"interaction": ["age", "ulcer"]},
}
SETTINGS = {
    "outcome": "progression",
    "covariates": COVARIATES,
    "intervals": "wald",
    "events_per_parameter": 1,
    "over_budget": "firth",
}
TOGETHER = (["age", "ulcer"], ["ulcer", "rare"], ["age", "grade", "rare"], ["age", "ulcer", "both"])


def category(rng, n: int, levels: list[str], shares: list[float], missing: float) -> pd.Categorical:
    codes = np.where(rng.random(n) < missing, -1, rng.choice(len(levels), n, p=shares))
    return pd.Categorical.from_codes(codes, levels, ordered=True)


def small_cohort(seed: int) -> tuple[pd.DataFrame, dict, dict]:
    """Patients, and the plan's sections `models` and `centres`."""
    rng = np.random.default_rng([20250123, seed])
    n = int(rng.integers(8, 45))
    missing = float(rng.choice([0, 0.05, 0.2]))
    age = rng.normal(55, 10, n).round()
    frame = frame_of(
        rng.random(n) < rng.choice([0.05, 0.3, 0.5, 0.9]),
        age=np.where(rng.random(n) < missing, np.nan, age),
        ulcer=category(rng, n, ["no", "yes"], [0.6, 0.4], missing),
        rare=category(rng, n, ["no", "yes"], [0.95, 0.05], missing),
        grade=category(rng, n, ["none", "mild", "severe"], [0.6, 0.3, 0.1], missing),
        centre=category(rng, n, ["a", "b", "c"], [0.6, 0.35, 0.05], missing / 2),
        disease=category(rng, n, ["low", "mid", "high"], [0.5, 0.4, 0.1], 0),
    )
    models = SETTINGS | {
        "multivariable": TOGETHER[seed % len(TOGETHER)],
        "estimator": ["maximum_likelihood", "maximum_likelihood", "firth"][seed % 3],
    }
    centres = {"variable": "centre", "fixed_effect": bool(rng.integers(2)), "gee": True}
    return frame, models, centres | {"random_intercept": True}


def validated(frame, models, centres) -> list[Row]:
    model = Models(frame, models, centres).multivariable
    listed = influential(model, frame["patient_id"])
    assert listed["patient_id"].is_unique
    return validation_rows(model, [], 10)


def as_risks(frame, models, centres) -> list[Row]:
    model = Models(frame, models, centres).multivariable
    drawn = resamples.batch(model, COVARIATES, 1, range(3))
    return risk_rows(model, COVARIATES, drawn)


ANALYSES = {
    "univariable": lambda *of: Models(*of).univariable_rows(),
    "multivariable": lambda *of: Models(*of).multivariable_rows(),
    "centres": centre_rows,
    "validation": validated,
    "risks": as_risks,
    "ordinal": lambda frame, models, _: ordinal_rows(
        frame, "disease", models["multivariable"], COVARIATES
    ),
}


@pytest.mark.parametrize("analysis", ANALYSES)
@pytest.mark.parametrize("seed", range(40))
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_every_row_of_a_small_cohort_has_a_number_or_a_reason(seed, analysis):
    rows = ANALYSES[analysis](*small_cohort(seed))
    assert rows
    assert len({row.result_id for row in rows}) == len(rows)
    for row in rows:
        if row.status == "not_estimable":
            assert row.estimate is None, row
            assert row.note, row
        else:
            assert row.status in ("ok", "warning"), row
            assert row.estimate is not None and math.isfinite(row.estimate), row
        if row.conf_low is not None and row.conf_high is not None:
            rounding = 1e-9 * max(1, abs(row.estimate))
            assert row.conf_low - rounding <= row.estimate <= row.conf_high + rounding, row
