"""How much better a model looks in the patients that it was fitted to than in others.

The model is fitted to patients drawn with replacement, and measured in them and in all patients;
the mean difference is the optimism (Harrell FE, Lee KL, Mark DB. Stat Med 1996;15:361-87,
doi 10.1002/(SICI)1097-0258(19960229)15:4<361::AID-SIM168>3.0.CO;2-4; R: `rms::validate`).
"""

import warnings
from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy import special

from calcinosis.estimate import logistic, performance
from calcinosis.estimate.logistic import Fit, NotEstimableError
from calcinosis.estimate.model_rows import Model
from calcinosis.estimate.patterns import Patterns

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


def corrected(data: Patterns, coefficients: np.ndarray) -> float:
    """The intercept by maximum likelihood with Firth's coefficients (FLIC).

    Firth's own intercept pulls the mean risk towards a half.

    References
    ----------
    Puhr R et al. Stat Med 2017;36:2302-17, doi 10.1002/sim.7273. R: `logistf::flic`.
    """
    nothing = Patterns(np.empty((len(data.trials), 0)), data.events, data.trials, data.of_row)
    return logistic.maximum_likelihood(nothing, offset=data.X @ coefficients).intercept


def _resample(model: Model, seed: int, number: int) -> list[object]:
    assert model.data is not None
    data, y = model.data, model.of.y
    drawn = np.random.default_rng([seed, number]).integers(len(y), size=len(y))
    pattern, size = data.of_row[drawn], len(data.trials)
    events = np.bincount(pattern, y[drawn], size)
    trials = np.bincount(pattern, minlength=size).astype(float)
    in_it = trials > 0
    there = Patterns(data.X[in_it], events[in_it], trials[in_it], data.of_row)
    known = np.ptp(there.X, axis=0) > 0
    vanished = not known.all()
    try:
        _check(there.only(known))
        plain = _plain(there.only(known)) if not model.by_firth else None
        if plain:
            intercept, coefficients = plain.intercept, plain.coefficients
        else:
            coefficients = _penalised(there.only(known))
            intercept = corrected(there.only(known), coefficients)
        log_odds = intercept + data.X[:, known] @ coefficients
        apparent = measures(log_odds, events, trials)
        optimism = apparent - measures(log_odds, data.events, data.trials)
    except NotEstimableError:
        return [number, False, vanished, True, *[np.nan] * len(MEASURES)]
    return [number, plain is None, vanished, False, *optimism]


def _check(data: Patterns) -> None:
    """What leaves a resample without any fit."""
    if data.events.sum() in (0, data.trials.sum()):
        raise NotEstimableError("The outcome is the same in all patients of the resample.")
    standard = (data.X - data.X.mean(axis=0)) / data.X.std(axis=0)
    if np.linalg.eigvalsh(standard.T @ standard)[0] < 1e-8 * len(standard):
        raise NotEstimableError("Covariates are linear combinations of each other.")


def _plain(data: Patterns) -> Fit | None:
    """Maximum likelihood; None where the resample separates.

    Most do so by one level, which costs less to see than the linear program.
    """
    for column in data.X.T:
        high = column == column.max()
        if not (high | (column == column.min())).all():
            continue
        for side in (high, ~high):
            if data.events[side].sum() in (0, data.trials[side].sum()):
                return None
    return logistic.maximum_likelihood_or_separation(data)[0]


def _penalised(data: Patterns) -> np.ndarray:
    """Firth's coefficients without their profiles, which take most of the time."""
    from firthmodels import FirthLogisticRegression  # a second, which most models do not need

    spread = data.X.std(axis=0)
    X = np.tile((data.X - data.X.mean(axis=0)) / spread, (2, 1))
    y = np.repeat([1.0, 0.0], len(data.trials))
    weights = np.concatenate([data.events, data.trials - data.events])
    counted = weights > 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what did not converge is seen below
        found = FirthLogisticRegression(backend="numpy", max_iter=500, gtol=1e-6, xtol=1e-6)
        found.fit(X[counted], y[counted], sample_weight=weights[counted])
    if not found.converged_:
        raise NotEstimableError("The penalised fit did not converge.")
    coefficients: np.ndarray = found.coef_ / spread
    return coefficients
