"""Bootstrap of standardised risks: patients drawn with replacement, the model fitted anew."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.estimate import logistic
from calcinosis.estimate.logistic import NotEstimableError
from calcinosis.estimate.model_rows import Model
from calcinosis.estimate.patterns import Patterns
from calcinosis.estimate.standardisation import Contrast, contrasts, flic, mean_risks


def batch(
    model: Model, covariates: Mapping[str, Mapping[str, Any]], seed: int, numbers: Iterable[int]
) -> pd.DataFrame:
    """The resamples of one job; none where the model has no estimate.

    Parameters
    ----------
    model : the plan's multivariable model
    covariates : the plan's
    seed : of the plan
    numbers : of the resamples
    """
    if model.fit is None:
        return pd.DataFrame({"firth": []})
    found = contrasts(model.of, covariates)
    return resampled(model, found, seed, numbers)


def resampled(
    model: Model, found: Sequence[Contrast], seed: int, numbers: Iterable[int]
) -> pd.DataFrame:
    """Standardised risks in resamples of the patients.

    Parameters
    ----------
    model : a fitted model, whose estimator is used in every resample; where data separate, Firth
    found : its contrasts
    seed : of the plan
    numbers : of the resamples; each has its own random numbers, so that no result depends on
        which are drawn together

    Returns
    -------
    frame by number of the resample: firth (whether separation made it Firth's although the plan
        does not), and `<i>_with`, `<i>_without` of contrast i; NaN where the resample has no
        estimate: the outcome or the covariate does not vary, or nothing tells covariates apart
    """
    data = model.data
    assert data is not None
    designs = patterns_of(data, found)
    cells = np.concatenate([data.events, data.trials - data.events])
    n = int(cells.sum())
    rows = {}
    for number in numbers:
        drawn = np.random.default_rng([seed, number]).multinomial(n, cells / n)
        events, others = np.split(drawn.astype(float), 2)
        there = events + others > 0
        of = Patterns(data.X[there], events[there], (events + others)[there], data.of_row)
        risks, firth = _risks(of, [design[there] for design in designs], firth=model.by_firth)
        rows[number] = [firth, *risks]
    names = [f"{i}_{way}" for i in range(len(found)) for way in ("with", "without")]
    return pd.DataFrame.from_dict(rows, orient="index", columns=["firth", *names])


def patterns_of(data: Patterns, found: Sequence[Contrast]) -> list[np.ndarray]:
    """The two designs of each contrast by pattern: with, without; centres are as they are."""
    member = np.zeros(len(data.X), np.int64)
    member[data.of_row] = np.arange(len(data.of_row))
    designs = []
    for contrast in found:
        for design in (contrast.with_it, contrast.without):
            centres = data.X[:, design.shape[1] :]
            designs.append(np.column_stack([design[member], centres]))
    return designs


def _risks(data: Patterns, designs: list[np.ndarray], *, firth: bool) -> tuple[np.ndarray, bool]:
    nothing = np.full(len(designs), np.nan)
    varies = np.ptp(data.X, axis=0) > 0
    of = data.only(varies)
    if data.events.sum() in (0, data.trials.sum()) or not logistic.is_full_rank(of.X):
        return nothing, False
    try:
        plain = None if firth else logistic.maximum_likelihood_or_separation(of)[0]
        if plain is not None:
            intercept, coefficients = plain.intercept, plain.coefficients
        else:
            penalised = logistic.firth(of, intervals=False)
            intercept, coefficients = flic(of, penalised), penalised.coefficients
    except NotEstimableError:
        return nothing, False
    risks = mean_risks(intercept, coefficients, [d[:, varies] for d in designs], of.trials)
    # A covariate that does not vary here has no coefficient, hence no contrast.
    lost = [
        (np.abs(first - second)[:, ~varies] > 0).any()
        for first, second in zip(designs[::2], designs[1::2], strict=True)
    ]
    return np.where(np.repeat(lost, 2), np.nan, risks), plain is None and not firth
