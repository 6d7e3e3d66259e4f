"""Who had densitometry and who had not, and T-scores weighted by the chance of having had it."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.estimate import measurement_weights
from calcinosis.estimate.describe import smd_rows, variable_rows
from calcinosis.estimate.design import Column, columns
from calcinosis.estimate.groups import groups
from calcinosis.estimate.measurement_weights import (
    Selection,
    Weights,
    weighted_difference,
    weighted_median,
)
from calcinosis.estimate.patterns import collapse
from calcinosis.estimate.resample_counts import counts, percentiles
from calcinosis.estimate.student import by_t
from calcinosis.estimates import Row, count

ANALYSIS = "bone_density"
MEASURED = pd.CategoricalDtype(["no", "yes"], ordered=True)
_MODELS = ("unweighted", "weighted")
_NO_WEIGHTS = (
    "The chance of having had densitometry cannot be estimated: nobody or everybody had it, the "
    "variables depend on each other, or they separate those who had it from the others."
)


def selection_rows(frame: pd.DataFrame, settings: Mapping[str, Any]) -> list[Row]:
    """Compare those who had densitometry with those who had not, and weight them by its chance.

    Parameters
    ----------
    frame : dataset `bone_density`, sorted by patient_id
    settings : by, selection, weighting (variables, truncation; None where nothing is weighted),
        bootstraps, seed, centre (None where the plan treats none)

    Returns
    -------
    by group `densitometry=yes` or `=no` the variables of `selection` and their standardised
    differences; centres with nobody or everybody measured; and where the plan weights, of `model`
    unweighted and weighted, both of the patients with values of the weights' variables: how far
    those measured are from everybody (`smd`), differences of means and of medians between the
    groups, and the diagnostics of the weights
    """
    measured = frame["t_score"].notna()
    had = measured.map({False: "no", True: "yes"}).astype(MEASURED).rename("densitometry")
    rows = []
    for variable in settings["selection"]:
        for name, who in groups(had):
            rows += variable_rows(ANALYSIS, frame.loc[who, variable], group=name, term=variable)
        rows += smd_rows(ANALYSIS, frame[variable], had)
    if settings["centre"]:
        rows += _centres(frame[settings["centre"]], measured)
    return rows + (_weighted(frame, settings) if settings["weighting"] else [])


def _centres(centre: pd.Series, measured: pd.Series) -> list[Row]:
    """Centres whose patients say nothing of who is measured, because all or none are."""
    shares = measured.groupby(centre.astype(str).where(centre.notna())).mean()
    numbers = {
        "centres": len(shares),
        "centres_with_nobody_measured": int((shares == 0).sum()),
        "centres_with_everybody_measured": int((shares == 1).sum()),
    }
    rows = [count(ANALYSIS, number, term=term) for term, number in numbers.items()]
    return [rows[0], *(_beyond(row) if row.estimate else row for row in rows[1:])]


def _beyond(row: Row) -> Row:
    """Say of centres where chance had no part that no weight makes up for them."""
    note = (
        "Centres where nobody or everybody was measured: there densitometry does not depend on "
        "the patient, and no weight makes up for it."
    )
    return replace(row, status="warning", note=note)


def _columns(frame: pd.DataFrame, variables: Sequence[str]) -> list[Column]:
    found = []
    for name in variables:
        is_category = isinstance(frame[name].dtype, pd.CategoricalDtype)
        first = str(frame[name].cat.categories[0]) if is_category else None
        how = {"reference": first} if is_category else {"per": 1}
        found += columns(frame, name, how)
    return found


def _weighted(frame: pd.DataFrame, settings: Mapping[str, Any]) -> list[Row]:
    weighting = settings["weighting"]
    X = np.column_stack([c.values for c in _columns(frame, weighting["variables"])])
    known = ~np.isnan(X).any(axis=1)
    frame, X = frame[known], X[known]
    X = X[:, np.ptp(X, axis=0) > 0] if len(X) else X
    measured, truncation = frame["t_score"].notna().to_numpy(), weighting["truncation"]
    found = measurement_weights.weights(X, measured, truncation) if X.size else None
    common: dict[str, Any] = {"analysis": ANALYSIS, "model": "weighted", "term": "weights"}
    if found is None:
        note, n = _NO_WEIGHTS, len(frame)
        return [Row(**common, statistic="effective_n", n=n, status="not_estimable", note=note)]
    n = int(measured.sum())
    lowest, highest = found.chance.min(), found.chance.max()
    return [
        Row(**common, statistic="effective_n", estimate=found.effective_n, n=n, method="kish"),
        Row(**common, statistic="largest_weight", estimate=found.largest, n=n),
        Row(
            **common,
            statistic="largest_weight",
            level="truncated",
            estimate=float(found.values.max()),
            n=n,
        ),
        Row(**common, statistic="count", level="truncated", estimate=found.truncated, n=n),
        Row(**common, statistic="count", level="not_known", estimate=int((~known).sum())),
        *(
            Row(**common, statistic="predicted_risk", level=end, estimate=float(value), n=len(X))
            for end, value in (("lowest", lowest), ("highest", highest))
        ),
        *_balance(frame, found, measured, settings["selection"]),
        *_differences(frame, X, found, measured, settings),
    ]


def _balance(
    frame: pd.DataFrame, found: Weights, measured: np.ndarray, variables: Sequence[str]
) -> list[Row]:
    """How far the measured are from everybody, before and after weighting, column by column.

    In standard deviations of everybody, before as after, so that only means change (as
    `cobalt::bal.tab` does in R).
    """
    rows = []
    for column in _columns(frame, variables):
        known = ~np.isnan(column.values)
        values = column.values[known]
        spread = values.std() if len(values) else 0.0
        for model, weights in zip(_MODELS, (measured * 1.0, found.values), strict=True):
            row: dict[str, Any] = {
                "analysis": ANALYSIS,
                "model": model,
                "term": column.term,
                "level": column.level,
                "group": "measured",
                "reference": "everybody",
                "statistic": "smd",
                "n": int((known & measured).sum()),
            }
            some = weights[known]
            if not spread or not some.sum():
                note = "Nothing varies, or nobody who was measured has a value."
                rows.append(Row(**row, status="not_estimable", note=note))
                continue
            apart = abs(np.average(values, weights=some) - values.mean()) / spread
            rows.append(Row(**row, estimate=float(apart)))
    return rows


def _differences(
    frame: pd.DataFrame,
    X: np.ndarray,
    found: Weights,
    measured: np.ndarray,
    settings: Mapping[str, Any],
) -> list[Row]:
    by, resamples = frame[settings["by"]], settings["bootstraps"]
    used = measured & by.notna().to_numpy()
    t_scores = frame["t_score"].to_numpy(float)
    members = {name: used & (by == name).fillna(False).to_numpy() for name in by.cat.categories}
    drawn = _drawn(X, measured, t_scores, members, settings) if resamples else None
    rows = []
    for reference, level in itertools.combinations(by.cat.categories, 2):
        parts = [members[name] for name in (level, reference)]
        for model, weights in zip(_MODELS, (measured * 1.0, found.values), strict=True):
            identity: dict[str, Any] = {
                "analysis": ANALYSIS,
                "model": model,
                "group": f"{by.name}={level}",
                "reference": f"{by.name}={reference}",
                "term": "t_score",
                "n": int(sum(part.sum() for part in parts)),
            }
            if not all(part.sum() > 1 for part in parts):
                note = "A group has fewer than two patients with weights."
                identity |= {"status": "not_estimable", "note": note}
                rows += [Row(**identity, statistic=of) for of in _OF_DIFFERENCES]
                continue
            rows.append(_of_means(identity, t_scores, weights, parts))
            of_groups = None if drawn is None else drawn[model]
            differences = None if of_groups is None else of_groups[level] - of_groups[reference]
            rows.append(_of_medians(identity, t_scores, weights, parts, differences))
    return rows


_OF_DIFFERENCES = ("mean_difference", "difference_of_medians")


def _of_means(
    identity: dict[str, Any], y: np.ndarray, weights: np.ndarray, parts: Sequence[np.ndarray]
) -> Row:
    either = parts[0] | parts[1]
    group = parts[0][either][:, None].astype(float)
    coefficients, covariance = weighted_difference(group, y[either], weights[either])
    error, scale = float(covariance[1, 1] ** 0.5), float(np.abs(y[either]).max())
    found = by_t(float(coefficients[1]), error, int(either.sum()) - 2, scale)
    return Row(**identity, statistic="mean_difference", method="robust_t", **found.fields())


def _of_medians(
    identity: dict[str, Any],
    y: np.ndarray,
    weights: np.ndarray,
    parts: Sequence[np.ndarray],
    differences: np.ndarray | None,
) -> Row:
    first, second = (weighted_median(y[part], weights[part]) for part in parts)
    row = {**identity, "statistic": "difference_of_medians", "estimate": first - second}
    if differences is None:
        return Row(**row)
    found = differences[~np.isnan(differences)]
    (low, high), level, lost = percentiles(found, len(differences))
    return Row(
        **row,
        conf_low=low,
        conf_high=high,
        conf_level=level,
        method="bootstrap_percentile",
        note=lost,
    )


def _medians(values: np.ndarray, of_row: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The weighted median of a group in each resample; NaN where it has nobody.

    Of its patients `of_row` says which of the increasing values they have.
    """
    share = np.array([np.bincount(of_row, w, len(values)) for w in weights]).cumsum(axis=1)
    half = share[:, -1:] / 2
    # The first value that reaches half of the weight, and the first that passes it.
    reached = (share >= half * (1 - 1e-12)).argmax(axis=1)
    passed = (share > half * (1 + 1e-12)).argmax(axis=1)
    medians = (values[reached] + values[passed]) / 2
    return np.where(half[:, 0] > 0, medians, np.nan)


def _drawn(
    X: np.ndarray,
    measured: np.ndarray,
    y: np.ndarray,
    members: Mapping[str, np.ndarray],
    settings: Mapping[str, Any],
) -> dict[str, dict[str, np.ndarray]]:
    """By model and group the medians in resamples of all patients, whose weights are found anew."""
    # Patients who are alike in all of this are counted together.
    columns = [measured, *members.values(), np.where(measured, y, 0.0), X]
    alike = collapse(np.column_stack(columns), measured)
    had, *parts = alike.X[:, : 1 + len(members)].T == 1
    values, of_row = np.unique(alike.X[:, 1 + len(members)], return_inverse=True)
    selection = Selection(alike.X[:, 2 + len(members) :], had, alike.trials)
    groups = dict(zip(members, map(np.flatnonzero, parts), strict=True))
    rng = np.random.default_rng([settings["seed"], 2])
    truncation = settings["weighting"]["truncation"]
    medians: dict[tuple[str, str], list[np.ndarray]] = {}
    for drawn in counts(len(measured), settings["bootstraps"], rng, alike.of_row):
        found = selection.weights(drawn, truncation)
        for model, weights in zip(_MODELS, (drawn, found), strict=True):
            for name, who in groups.items():
                of_group = _medians(values, of_row[who], weights[:, who])
                medians.setdefault((model, name), []).append(of_group)
    return {
        model: {name: np.concatenate(medians[model, name]) for name in members} for model in _MODELS
    }
