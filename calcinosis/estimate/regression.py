"""From the columns of a model to its rows: what regression models of every kind share."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from calcinosis.estimate import logistic
from calcinosis.estimate.design import Column
from calcinosis.estimate.logistic import Fit, NotEstimableError
from calcinosis.estimates import Row

_NO_SUCH_LEVEL = "Nobody with values of all covariates has this level."

Fitted = tuple[Fit, list[str]]
"""A fit and what the reader must know of it."""


def term_rows(
    identity: Mapping[str, str],
    method: str,
    design: list[Column],
    y: np.ndarray,
    known: np.ndarray,
    fit: Callable[[np.ndarray, np.ndarray, list[Column], np.ndarray], Fitted],
    *,
    patients: np.ndarray | None = None,
    scale: Callable[[float], float] = math.exp,
) -> list[Row]:
    """The rows of one model.

    Parameters
    ----------
    identity : text fields of every row, with the statistic
    method : of rows that cannot be estimated
    design : columns of the model
    y : 0 or 1, shape (patients,)
    known : who has what the model needs beside its columns, boolean, shape (patients,)
    fit : from columns and outcome of those with all values, the columns in use and who those
        patients are, to the fit and its notes; raises NotEstimableError
    patients : who each row is of, where a patient may have several, shape (rows,)
    scale : from a coefficient to what is printed

    Returns
    -------
    one row per column; a level that nobody has is not estimable and leaves the others alone
    """
    X = np.column_stack([column.values for column in design])
    known = known & ~np.isnan(X).any(axis=1)
    X, y = X[known], y[known]
    n = len(y) if patients is None else len(np.unique(patients[known]))
    there = [not c.level or not len(y) or bool(x.any()) for c, x in zip(design, X.T, strict=True)]
    used = [column for column, is_there in zip(design, there, strict=True) if is_there]
    found, reason = None, ""
    notes: list[str] = []
    if used:
        try:
            found, notes = fit(X[:, there], y, used, known)
        except NotEstimableError as error:
            reason = str(error)
    rows = []
    for column in design:
        common: dict[str, Any] = {
            **identity,
            "term": column.term,
            "level": column.level,
            "reference": column.reference,
            "unit": column.unit,
            "n": n,
            "events": int(y.sum()),
        }
        if found is None or column not in used:
            note = reason if column in used else _NO_SUCH_LEVEL
            rows.append(Row(**common, method=method, status="not_estimable", note=note))
            continue
        i = used.index(column)
        rows.append(
            Row(
                **common,
                method=found.method,
                status="warning" if notes else "ok",
                note=" ".join(notes),
                estimate=scale(float(found.coefficients[i])),
                std_error=None if found.std_errors is None else float(found.std_errors[i]),
                df=found.df,
                conf_low=scale(float(found.low[i])),
                conf_high=scale(float(found.high[i])),
                conf_level=logistic.CONF_LEVEL,
                p_value=float(found.p_values[i]),
            )
        )
    return rows


def check(X: np.ndarray, y: np.ndarray, used: list[Column], whole: np.ndarray) -> None:
    """What makes every fit meaningless; `whole` is the design with centres."""
    if len(y) == 0:
        raise NotEstimableError("Nobody has values of all covariates.")
    if y.min() == y.max():
        raise NotEstimableError("The outcome is the same in all patients with values.")
    constant = [column_name(c) for c, x in zip(used, X.T, strict=True) if np.ptp(x) == 0]
    if constant:
        raise NotEstimableError(f"No variation in these patients: {', '.join(constant)}.")
    if not logistic.is_full_rank(whole):
        raise NotEstimableError("Covariates are linear combinations of each other in these data.")


def column_name(column: Column) -> str:
    """A column in words, for a note."""
    return f"{column.term} {column.level}".strip().replace("_", " ")
