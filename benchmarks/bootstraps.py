"""A thousand bootstraps of 568 patients, beside a plain loop of statsmodels' Logit over rows.

`python benchmarks/bootstraps.py` prints seconds of both, in the same run. The library's loop also
looks for separation and measures area, Brier score and calibration twice in each resample, on the
distinct covariate patterns; the peer only fits, so that it may well be the faster one.
"""

import time
import warnings

import numpy as np
import pandas as pd
from statsmodels.discrete.discrete_model import Logit

from calcinosis.estimate import optimism
from calcinosis.estimate.models import Models

PATIENTS, RESAMPLES = 568, 1000
SETTINGS = {
    "outcome": "calcinosis",
    "covariates": {
        "duration": {"per": 10},
        "ischaemia": {"reference": "no"},
        "osteolysis": {"reference": "no"},
    },
    "multivariable": ["duration", "ischaemia", "osteolysis"],
    "estimator": "maximum_likelihood",
    "intervals": "wald",
    "events_per_parameter": 10,
    "over_budget": "firth",
}


def patients() -> pd.DataFrame:
    """Whole years and two signs, with odds ratios of 1.2, 1.8 and 2.9."""
    rng = np.random.default_rng(568)
    years, signs = rng.integers(0, 40, PATIENTS), rng.random((PATIENTS, 2)) < (0.4, 0.06)
    log_odds = -1.0 + 0.018 * years + signs @ np.log([1.8, 2.9])
    outcome = rng.random(PATIENTS) < 1 / (1 + np.exp(-log_odds))
    words = [pd.Categorical(np.where(s, "yes", "no"), ["no", "yes"], ordered=True) for s in signs.T]
    return pd.DataFrame(
        {
            "patient_id": [f"P{i:04d}" for i in range(PATIENTS)],
            "calcinosis": outcome,
            "duration": years.astype(float),
            "ischaemia": words[0],
            "osteolysis": words[1],
        }
    )


def plain_loop(x: np.ndarray, y: np.ndarray) -> None:
    """The peer: the same resamples, each fitted row by row and nothing else."""
    design = np.column_stack([np.ones(len(y)), x])
    for number in range(RESAMPLES):
        drawn = np.random.default_rng([1, number]).integers(len(y), size=len(y))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            Logit(y[drawn], design[drawn]).fit(disp=0)


def main() -> None:
    model = Models(patients(), SETTINGS).multivariable
    assert model.data is not None
    started = time.perf_counter()
    found = optimism.batch(model, 1, range(RESAMPLES))
    ours = time.perf_counter()
    plain_loop(model.of.X, model.of.y)
    theirs = time.perf_counter()
    print(f"{PATIENTS} patients, {len(model.data.trials)} patterns, {RESAMPLES} resamples")
    print(f"fits and measures of the library: {ours - started:.2f} s")
    print(f"fits alone, Logit row by row:     {theirs - ours:.2f} s")
    print(f"by Firth {found['by_firth'].sum()}, left out {found['left_out'].sum()}")


if __name__ == "__main__":
    main()
