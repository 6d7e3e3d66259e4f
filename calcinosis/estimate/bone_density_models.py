"""Differences of T-scores, and odds of osteoporosis, that are adjusted for covariates."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.estimate import linear, median_regression
from calcinosis.estimate.design import Column, columns, model_columns
from calcinosis.estimate.resample_counts import percentiles
from calcinosis.estimates import Row

ANALYSIS, OUTCOME = "bone_density", "t_score"
OSTEOPOROSIS = "osteoporosis"
_DEPENDENT = (
    "The patients with values of all covariates are too few for the covariates, or do not tell "
    "them apart."
)


def adjusted_rows(taken: pd.DataFrame, settings: Mapping[str, Any]) -> list[Row]:
    """Adjusted differences of the T-score between groups, and odds ratios of osteoporosis.

    Parameters
    ----------
    taken : those who had densitometry, with the grouping variable, t_score, the variables of the
        covariates, and who_class where they are classed
    settings : by, adjust (names of covariates), definitions (the covariates of the plan), models
        (how its logistic models are estimated), eligible, bootstraps, seed

    Returns
    -------
    rows of outcome `t_score`, each group against the first: `model` linear (least squares, HC3),
    median (linear programme, bootstrap), and of the same patients without the covariates
    linear_unadjusted; rows of outcome `osteoporosis`: logistic (the plan's estimator, among those
    who are classed)
    """
    design = _design(taken, settings)
    X = np.column_stack([column.values for column in design])
    known = ~np.isnan(X).any(axis=1) & taken[settings["by"]].notna().to_numpy()
    X, y = X[known], taken["t_score"].to_numpy(float)[known]
    there = np.array(
        [bool(x.any()) or not column.level for column, x in zip(design, X.T, strict=True)]
    )
    used = [column for column, is_there in zip(design, there, strict=True) if is_there]
    X = X[:, there]
    alone = [i for i, column in enumerate(used) if column.term == settings["by"]]
    problem = " ".join(dict.fromkeys(c.problem for c in used if c.problem)) or (
        "" if alone else "Fewer than two groups have patients with values of all covariates."
    )
    return [
        *_linear("linear", used, X, y, problem),
        *_linear("linear_unadjusted", [used[i] for i in alone], X[:, alone], y, problem),
        *_median(used, X, y, problem, settings),
        *_osteoporosis(taken, settings),
    ]


def _design(frame: pd.DataFrame, settings: Mapping[str, Any]) -> list[Column]:
    by = settings["by"]
    reference = str(frame[by].cat.categories[0])
    return [
        *columns(frame, by, {"reference": reference}),
        *model_columns(frame, settings["adjust"], settings["definitions"]),
    ]


def _identity(model: str, column: Column, statistic: str, n: int) -> dict[str, Any]:
    return {
        "analysis": ANALYSIS,
        "model": model,
        "outcome": OUTCOME,
        "term": column.term,
        "level": column.level,
        "reference": column.reference,
        "unit": column.unit,
        "statistic": statistic,
        "n": n,
    }


def _linear(
    model: str, used: list[Column], X: np.ndarray, y: np.ndarray, problem: str
) -> list[Row]:
    fit = None if problem else linear.fit(X, y)
    rows = []
    for i, column in enumerate(used):
        if column.kind == "curve":
            continue
        common = _identity(model, column, "mean_difference", len(y)) | {"method": "hc3_t"}
        if fit is None:
            rows.append(Row(**common, status="not_estimable", note=problem or _DEPENDENT))
            continue
        found = fit.combined(np.eye(len(used) + 1)[i + 1])
        rows.append(Row(**common, **found.fields()))
    return rows


def _median(
    used: list[Column], X: np.ndarray, y: np.ndarray, problem: str, settings: Mapping[str, Any]
) -> list[Row]:
    fit = None if problem else median_regression.fit(X, y)
    resamples, rows = settings["bootstraps"], []
    drawn = np.empty((0, len(used) + 1))
    if fit is not None and resamples:
        drawn = median_regression.resampled(X, y, settings["seed"], resamples)
    found = drawn[~np.isnan(drawn).any(axis=1)]
    for i, column in enumerate(used):
        if column.kind == "curve":
            continue
        common = _identity("median", column, "median_difference", len(y))
        common["method"] = "bootstrap_percentile" if resamples else "linear_programme"
        if fit is None:
            rows.append(Row(**common, status="not_estimable", note=problem or _DEPENDENT))
            continue
        notes = []
        if not fit.is_unique[i + 1]:
            low, high = (_written(end[i + 1]) for end in (fit.low, fit.high))
            notes.append(f"Every value from {low} to {high} fits equally well; this is the middle.")
        limits, level, lost = percentiles(found[:, i + 1], resamples)
        notes += [lost] if lost else []
        rows.append(
            Row(
                **common,
                estimate=float(fit.coefficients[i + 1]),
                conf_low=limits[0],
                conf_high=limits[1],
                conf_level=level,
                note=" ".join(notes),
            )
        )
    return rows


def _written(number: float) -> str:
    return f"{number:.3g}".replace("-", "\u2212")


def _osteoporosis(taken: pd.DataFrame, settings: Mapping[str, Any]) -> list[Row]:
    """Odds ratios of osteoporosis among those whom the WHO classes are meant for."""
    by = settings["by"]
    if not settings["eligible"]:
        return _no_odds(
            taken[by], 0, 0, "The plan does not say whom the WHO classes are meant for."
        )
    those = taken[taken["who_class"].notna() & taken[by].notna()]
    has_it = (those["who_class"] == OSTEOPOROSIS).to_numpy()
    n, events = len(those), int(has_it.sum())
    design = _design(those, settings)
    parameters, fewest = len(design), min(events, n - events)
    if not n:
        return _no_odds(taken[by], n, events, "Nobody who was measured could be classed.")
    if fewest <= parameters:
        note = (
            f"Of {n} who could be classed {events} have osteoporosis and {n - events} have not: "
            f"too few for {parameters} parameters."
        )
        return _no_odds(taken[by], n, events, note)
    # Takes most of a second to import, which a cohort with nobody to classify need not pay.
    from calcinosis.estimate import model_rows
    from calcinosis.estimate.models import Models

    of_models = {
        **settings["models"],
        "outcome": OSTEOPOROSIS,
        "covariates": {
            by: {"reference": str(taken[by].cat.categories[0])},
            **settings["definitions"],
        },
        "multivariable": [by, *settings["adjust"]],
    }
    model = Models(those.assign(**{OSTEOPOROSIS: has_it}), of_models).multivariable
    return [replace(row, analysis=ANALYSIS) for row in model_rows.rows(model, "logistic")]


def _no_odds(by: pd.Series, n: int, events: int, note: str) -> list[Row]:
    reference, *levels = by.cat.categories
    return [
        Row(
            analysis=ANALYSIS,
            model="logistic",
            outcome=OSTEOPOROSIS,
            term=str(by.name),
            level=str(level),
            reference=str(reference),
            statistic="odds_ratio",
            n=n,
            events=events,
            status="not_estimable",
            note=note,
        )
        for level in levels
    ]
