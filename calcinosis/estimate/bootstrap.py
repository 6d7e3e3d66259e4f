"""Patients drawn with replacement, and the model fitted anew: what both bootstraps share."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from calcinosis.estimate import logistic, profile_likelihood
from calcinosis.estimate.logistic import Fit, NotEstimableError
from calcinosis.estimate.model_rows import Model
from calcinosis.estimate.patterns import Patterns, independent
from calcinosis.estimate.standardisation import flic

_EQUAL = 1e-6
"""How far a dependent column may lie from what the others make of it, as a share of its values."""


@dataclass(frozen=True)
class Refit:
    """A model fitted to a resample.

    Parameters
    ----------
    intercept : of the log-odds; after Firth's fit by maximum likelihood
    coefficients : of all columns of the model, zero where `kept` has them not
    kept : positions of the columns that the resample tells apart
    by_firth : whether the estimate is Firth's
    """

    intercept: float
    coefficients: np.ndarray
    kept: np.ndarray
    by_firth: bool


def drawn(model: Model, seed: int, number: int) -> Patterns:
    """The patterns of the model with the patients of one resample; some may have nobody.

    Parameters
    ----------
    model : with data
    seed, number : of the plan and of the resample, on which alone the draw depends
    """
    assert model.data is not None
    data, y = model.data, model.of.y
    who = np.random.default_rng([seed, number]).integers(len(y), size=len(y))
    # Pattern and outcome in one short number, which is looked up once.
    kind = (2 * data.of_row + y).astype(np.int32)
    times = np.bincount(kind[who], minlength=2 * len(data.trials)).reshape(-1, 2).astype(float)
    return Patterns(data.X, times[:, 1], times.sum(axis=1), data.of_row)


def refit(data: Patterns, *, firth: bool) -> Refit:
    """The model in a resample: Firth's estimate where the model's is, or where data separate.

    Parameters
    ----------
    data : from `drawn`
    firth : whether the model's own estimate is Firth's

    Raises
    ------
    NotEstimableError
        The outcome is the same in all patients, or nothing converged.
    """
    there = data.trials > 0
    if data.events.sum() in (0, data.trials.sum()):
        raise NotEstimableError("The outcome is the same in all patients of the resample.")
    kept = independent(data.X[there])
    of = Patterns(data.X[there][:, kept], data.events[there], data.trials[there], data.of_row)
    coefficients = np.zeros(data.X.shape[1])
    if len(kept) == 0:
        overall = float(special.logit(of.events.sum() / of.trials.sum()))
        return Refit(overall, coefficients, kept, firth)
    plain = None if firth else _plain(of)
    found = profile_likelihood.firth(of, measured=0) if plain is None else plain
    coefficients[kept] = found.coefficients
    intercept = flic(of, found) if plain is None else found.intercept
    return Refit(intercept, coefficients, kept, plain is None)


def tells(data: Patterns, kept: np.ndarray, design: np.ndarray) -> bool:
    """Whether a resample says what the risks of a design are.

    It does not where it has no coefficient for what the design has: a column that does not vary
    is another constant there, or columns that depend on each other do so otherwise.

    Parameters
    ----------
    data : from `drawn`
    kept : from `refit`
    design : all columns of the model, shape (patterns, parameters)
    """
    there = data.trials > 0
    lost = np.setdiff1d(np.arange(data.X.shape[1]), kept)
    if not len(lost):
        return True
    base, wanted = (
        np.column_stack([np.ones(len(X)), X[:, kept]]) for X in (data.X[there], design[there])
    )
    made_of, *_ = np.linalg.lstsq(base, data.X[there][:, lost], rcond=None)
    apart = np.abs(wanted @ made_of - design[there][:, lost])
    return bool((apart <= _EQUAL * np.abs(data.X[:, lost]).max(axis=0)).all())


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
