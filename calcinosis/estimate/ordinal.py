"""Rows of an ordered outcome: proportional odds, the check of them, and each cut by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.estimate import logistic, profile_likelihood, proportional_odds
from calcinosis.estimate.design import model_columns
from calcinosis.estimate.logistic import NotEstimableError
from calcinosis.estimate.patterns import Patterns, collapse
from calcinosis.estimate.proportional_odds import Graded, ProportionalOdds
from calcinosis.estimate.proportions import proportion
from calcinosis.estimate.regression import Sample, check, coefficient_rows, column_name, sample
from calcinosis.estimates import Row

BUDGET = 10
"""Patients per parameter by Harrell's count, below which the rows carry a warning."""
MODEL = "proportional_odds"


def ordinal_rows(
    frame: pd.DataFrame,
    outcome: str,
    names: Sequence[str],
    covariates: Mapping[str, Mapping[str, Any]],
) -> list[Row]:
    """Odds ratios of a higher level of an ordered outcome.

    Parameters
    ----------
    frame : dataset `ordinal`: patient_id, the outcome (ordered category, always known) and the
        variables
    outcome : name of the outcome
    names : covariates of the model, adjusted for each other
    covariates : the plan's, see `design.columns`

    Returns
    -------
    rows of analysis `ordinal`: patients by level of the outcome; `proportional_odds` odds ratios
    with Wald and profile intervals, by term a likelihood ratio test and the score test of
    proportional odds, and that of all terms; `binary_logit` odds ratios of the outcome
    `<outcome>_above_<level>`, for each cut. Patients with a missing value leave.
    """
    frame = frame.sort_values("patient_id")
    design = model_columns(frame, names, covariates)
    codes = frame[outcome].cat.codes.to_numpy(float)
    of = sample(design, codes, np.ones(len(frame), bool))
    levels = [str(level) for level in frame[outcome].cat.categories]
    there = [i for i in range(len(levels)) if (of.y == i).any()]
    identity = {"analysis": "ordinal", "model": MODEL, "outcome": outcome}
    rows = [
        proportion(
            events=int((of.y == i).sum()),
            n=len(of.y),
            interval=False,
            level=level,
            unit="of patients",
            **identity,
        )
        for i, level in enumerate(levels)
    ]
    of = replace(of, y=np.searchsorted(there, of.y).astype(float))
    rows += _proportional_rows(identity, of, len(there))
    for j, level in enumerate(there[:-1]):
        rows += _cut_rows(of, j, f"{outcome}_above_{levels[level]}")
    return rows


def graded(of: Sample, levels: int) -> Graded:
    """The patients of a model by pattern and level of the outcome."""
    patterns = collapse(of.X, np.zeros(len(of.y)))
    counts = np.zeros((len(patterns.X), levels))
    np.add.at(counts, (patterns.of_row, of.y.astype(int)), 1)
    return Graded(patterns.X, counts)


def _proportional_rows(identity: dict[str, str], of: Sample, levels: int) -> list[Row]:
    effects = {**identity, "statistic": "odds_ratio"}
    try:
        check(of.X, of.y, of.used, of.X)
        data = graded(of, levels)
        _refuse_separation(data, of)
        found = proportional_odds.fit(data)
        fits = [proportional_odds.wald(found), proportional_odds.profile(data, found)]
    except NotEstimableError as error:
        rows = coefficient_rows(effects, "wald", of, None, [], str(error))
        return [replace(row, events=None) for row in rows]
    notes = _few(data)
    rows = [
        replace(row, events=None)
        for fit in fits
        for row in coefficient_rows(effects, fit.method, of, fit, notes, "")
    ]
    terms = [column.term for column in of.used]
    for term in dict.fromkeys(terms):
        tested = np.array([each == term for each in terms])
        rows.append(_test(identity, data, found, tested, "likelihood_ratio", term))
        rows.append(_test(identity, data, found, tested, "score", term))
    rows.append(_test(identity, data, found, np.ones(len(terms), bool), "score"))
    return rows


def _few(data: Graded) -> list[str]:
    of_level = data.counts.sum(axis=0)
    n, parameters = of_level.sum(), data.X.shape[1]
    # Harrell 2015, table 4.1: what an ordered outcome is worth, in patients with a number.
    worth = n - (of_level**3).sum() / n**2
    if worth >= BUDGET * parameters:
        return []
    return [
        f"{n:.0f} patients, of an effective sample size of {worth:.0f}, for {parameters} "
        f"parameter{'s' if parameters > 1 else ''}, fewer than {BUDGET} each: such estimates vary "
        "widely from sample to sample."
    ]


def _refuse_separation(data: Graded, of: Sample) -> None:
    design, events, trials = proportional_odds.above_cuts(data)
    some = trials > 0
    patterns = Patterns(design[some], events[some], trials[some], np.arange(some.sum()))
    _, infinite = logistic.maximum_likelihood_or_separation(patterns)
    infinite = infinite[data.cuts - 1 :]
    if infinite.any():
        named = [column_name(c) for c, is_it in zip(of.used, infinite, strict=True) if is_it]
        raise NotEstimableError(
            f"Separation: {', '.join(named)} predicts the level of some of these patients "
            "perfectly, so that an odds ratio common to all cuts has no finite estimate; those of "
            "the single cuts stand below."
        )


def _test(
    identity: dict[str, str],
    data: Graded,
    found: ProportionalOdds,
    tested: np.ndarray,
    method: str,
    term: str = "",
) -> Row:
    common: dict[str, Any] = {
        **identity,
        "term": term,
        "statistic": "chi_squared",
        "method": method,
        "n": int(data.counts.sum()),
    }
    tests = {
        "likelihood_ratio": proportional_odds.likelihood_ratio,
        "score": proportional_odds.proportionality_test,
    }
    try:
        chi_squared, df, p_value = tests[method](data, found, tested)
    except NotEstimableError as error:
        return Row(**common, status="not_estimable", note=str(error))
    return Row(**common, estimate=chi_squared, df=df, p_value=p_value)


def _cut_rows(of: Sample, cut: int, outcome: str) -> list[Row]:
    """Odds ratios of an outcome above one cut; by Firth where the two sides separate."""
    identity = {
        "analysis": "ordinal",
        "model": "binary_logit",
        "outcome": outcome,
        "statistic": "odds_ratio",
    }
    above = replace(of, y=(of.y > cut).astype(float))
    try:
        check(above.X, above.y, above.used, above.X)
        fit, separates = profile_likelihood.fit(collapse(above.X, above.y))
    except NotEstimableError as error:
        return coefficient_rows(identity, "wald", above, None, [], str(error))
    named = [column_name(c) for c, is_it in zip(of.used, separates, strict=True) if is_it]
    notes = [f"Separation by {', '.join(named)}: this is Firth's estimate."] if named else []
    return coefficient_rows(identity, "wald", above, fit, notes, "")
