"""Planted odds ratios, values missing at random: what complete cases and imputations make of it.

Two covariates and a sign decide the outcome; the sign is lost more often in patients with the
outcome whose first covariate is high. Given what is seen that is missing at random, but complete
cases no longer have the planted odds ratio of the first covariate.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from calcinosis.estimate.imputation import batch, of_model
from calcinosis.estimate.imputed_models import imputed_rows
from calcinosis.estimate.models import Models
from calcinosis.estimates import Row

PLANTED = {"activity": math.log(1.6), "sign": math.log(2.0), "duration": math.log(1.25)}
"""Log odds ratios, per unit of a number and of a sign that is there."""
_LOST = (0.1, 0.75)
"""Share of signs lost: in others, and with the outcome and high activity."""
MODELS: dict[str, Any] = {
    "outcome": "outcome",
    "covariates": {
        "activity": {"per": 1.0},
        "sign": {"reference": "no"},
        "duration": {"per": 1.0},
    },
    "multivariable": list(PLANTED),
    "estimator": "maximum_likelihood",
    "intervals": "wald",
    "events_per_parameter": 10,
    "over_budget": "firth",
}
_YES_NO = ["no", "yes"]


def cohort(patients: int, rng: np.random.Generator) -> pd.DataFrame:
    """One cohort: patient_id, outcome (no, yes), activity, sign and duration with gaps."""
    activity, noise = rng.normal(size=(2, patients))
    duration = 0.6 * activity + 0.8 * noise
    sign = rng.random(patients) < special.expit(-0.3 + 0.8 * activity)
    logit = (
        -0.6
        + PLANTED["activity"] * activity
        + PLANTED["sign"] * sign
        + PLANTED["duration"] * duration
    )
    outcome = rng.random(patients) < special.expit(logit)
    lost = rng.random(patients) < np.where(outcome & (activity > 0), _LOST[1], _LOST[0])
    shorter = rng.random(patients) < special.expit(-2 + activity)
    return pd.DataFrame(
        {
            "patient_id": [f"p{i:05d}" for i in range(patients)],
            "outcome": pd.Categorical.from_codes(outcome.astype(int), _YES_NO, ordered=True),
            "activity": activity,
            "sign": pd.Categorical.from_codes(np.where(lost, -1, sign), _YES_NO, ordered=True),
            "duration": np.where(shorter, np.nan, duration),
        }
    )


@dataclass(frozen=True)
class Performance:
    """How an estimator does over cohorts.

    Parameters
    ----------
    term : covariate
    model : complete cases, or imputed
    bias : mean of the log odds ratio minus the planted one
    error : Monte Carlo standard error of the bias
    coverage : share of 95% intervals that hold the planted one
    """

    term: str
    model: str
    bias: float
    error: float
    coverage: float


def performance(
    cohorts: int, patients: int, *, imputations: int, iterations: int, seed: int = 1
) -> list[Performance]:
    """Bias and coverage of complete cases and of imputations.

    Parameters
    ----------
    cohorts : simulated, cohort i from `default_rng([seed, i])`
    patients : of each
    imputations, iterations : of each cohort
    seed : of the random numbers

    Returns
    -------
    by covariate and model
    """
    settings = {"ordered": [], "iterations": iterations, "donors": 5, "size": imputations}
    found: dict[tuple[str, str], list[Row]] = {}
    for i in range(cohorts):
        frame = cohort(patients, np.random.default_rng([seed, i]))
        of = of_model(frame, "outcome", None)
        imputed = batch(of, {**settings, "seed": 1000 * seed + i}, 0)
        rows = [
            *Models(of, MODELS).multivariable_rows(),
            *imputed_rows(frame, imputed, MODELS, {"pooling": "rubin", "centre": None}),
        ]
        for row in rows:
            if row.statistic == "odds_ratio" and row.model in ("primary", "imputed"):
                found.setdefault((row.term, row.model), []).append(row)
    return [_performance(term, model, rows) for (term, model), rows in found.items()]


def _performance(term: str, model: str, rows: Sequence[Row]) -> Performance:
    numbers = [[row.estimate, row.conf_low, row.conf_high] for row in rows]
    estimate, low, high = np.log(np.array(numbers, float)).T
    planted = PLANTED[term]
    return Performance(
        term,
        "complete cases" if model == "primary" else model,
        float(estimate.mean() - planted),
        float(estimate.std(ddof=1) / math.sqrt(len(rows))),
        float(((low <= planted) & (planted <= high)).mean()),
    )
