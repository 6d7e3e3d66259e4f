"""Bootstrap of standardised risks: patients drawn with replacement, the model fitted anew."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.estimate.bootstrap import drawn, refit, tells
from calcinosis.estimate.logistic import NotEstimableError
from calcinosis.estimate.model_rows import Model
from calcinosis.estimate.patterns import Patterns
from calcinosis.estimate.standardisation import Contrast, contrasts, mean_risks


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
        estimate: the outcome does not vary, or nothing tells the two ways of the contrast apart
    """
    assert model.data is not None
    designs = patterns_of(model.data, found)
    rows = {}
    for number in numbers:
        there = drawn(model, seed, number)
        risks, firth = _risks(there, designs, firth=model.by_firth)
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
    try:
        found = refit(data, firth=firth)
    except NotEstimableError:
        return np.full(len(designs), np.nan), False
    risks = mean_risks(found.intercept, found.coefficients, designs, data.trials)
    known = [tells(data, found.kept, design) for design in designs]
    both = np.repeat([a and b for a, b in zip(known[::2], known[1::2], strict=True)], 2)
    return np.where(both, risks, np.nan), found.by_firth and not firth
