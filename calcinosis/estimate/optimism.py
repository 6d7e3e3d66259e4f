"""How much better a model looks in the patients that it was fitted to than in others.

The model is fitted to patients drawn with replacement, and measured in them and in all patients;
the mean difference is the optimism (Harrell FE, Lee KL, Mark DB. Stat Med 1996;15:361-87,
doi 10.1002/(SICI)1097-0258(19960229)15:4<361::AID-SIM168>3.0.CO;2-4; R: `rms::validate`).
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy import special

from calcinosis.estimate import performance
from calcinosis.estimate.bootstrap import drawn, refit
from calcinosis.estimate.logistic import NotEstimableError
from calcinosis.estimate.model_rows import Model

MEASURES = ("auc", "brier", "calibration_intercept", "calibration_slope")


def batch(model: Model, seed: int, numbers: Iterable[int]) -> pd.DataFrame:
    """The optimism of each of some resamples.

    Parameters
    ----------
    model : fitted to all patients; where it has no fit, no resample has one
    seed : of the plan; a resample depends on it and on its own number, not on the batch
    numbers : of the resamples

    Returns
    -------
    frame with resample, by_firth, level_vanished, left_out (boolean) and the optimism of each of
    `MEASURES`, NaN where the resample is left out or a measure has no value
    """
    if model.fit is None:
        numbers = []
    columns = ["resample", "by_firth", "level_vanished", "left_out", *MEASURES]
    return pd.DataFrame([_resample(model, seed, number) for number in numbers], columns=columns)


def measures(log_odds: np.ndarray, events: np.ndarray, trials: np.ndarray) -> np.ndarray:
    """The values of `MEASURES` for predicted log-odds of patterns.

    Where the outcome is separated, or all risks are the same, there is no calibration line: NaN.
    """
    there = trials > 0
    log_odds, events, trials = log_odds[there], events[there], trials[there]
    risk = special.expit(log_odds)
    try:
        intercept, slope = performance.calibration(log_odds, events, trials)
    except NotEstimableError:
        intercept = slope = np.nan
    return np.array(
        [
            performance.auc(performance.ranked(log_odds, events, trials)),
            performance.brier(risk, events, trials),
            intercept,
            slope,
        ]
    )


def _resample(model: Model, seed: int, number: int) -> list[object]:
    assert model.data is not None
    data, there = model.data, drawn(model, seed, number)
    try:
        found = refit(there, firth=model.by_firth)
    except NotEstimableError:
        return [number, False, False, True, *[np.nan] * len(MEASURES)]
    log_odds = found.intercept + data.X @ found.coefficients
    apparent = measures(log_odds, there.events, there.trials)
    optimism = apparent - measures(log_odds, data.events, data.trials)
    vanished = len(found.kept) < data.X.shape[1]
    return [number, found.by_firth, vanished, False, *optimism]
