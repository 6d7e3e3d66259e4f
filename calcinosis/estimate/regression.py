"""From the columns of a model to its rows: what regression models of every kind share."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from calcinosis.estimate import logistic
from calcinosis.estimate.design import Column
from calcinosis.estimate.logistic import Fit, NotEstimableError
from calcinosis.estimates import CONF_LEVEL, Row

NO_SUCH_LEVEL = "Nobody with values of all covariates has this level."

Fitted = tuple[Fit, list[str]]
"""A fit and what the reader must know of it."""


@dataclass(frozen=True)
class Sample:
    """The patients of one model.

    Parameters
    ----------
    design : columns of the model
    used : those of which the patients have more than the reference
    X : values of the columns in use, shape (patients, columns in use)
    y : 0 or 1, shape (patients,)
    known : who of all patients they are, boolean
    """

    design: list[Column]
    used: list[Column]
    X: np.ndarray
    y: np.ndarray
    known: np.ndarray


def sample(design: list[Column], y: np.ndarray, known: np.ndarray) -> Sample:
    """Those who have a value in every column of a model.

    Parameters
    ----------
    design : columns of the model
    y : 0 or 1, shape (patients,)
    known : who has what the model needs beside its columns, boolean, shape (patients,)
    """
    X = np.column_stack([column.values for column in design])
    known = known & ~np.isnan(X).any(axis=1)
    X, y = X[known], y[known]
    there = [not c.level or not len(y) or bool(x.any()) for c, x in zip(design, X.T, strict=True)]
    used = [column for column, is_there in zip(design, there, strict=True) if is_there]
    return Sample(design, used, X[:, there], y, known)


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
    """Fit one model and give its rows.

    Parameters
    ----------
    identity : text fields of every row, with the statistic
    method : of rows that cannot be estimated
    design, y, known : see `sample`
    fit : from columns and outcome of those with all values, the columns in use and who those
        patients are, to the fit and its notes; raises NotEstimableError
    patients : who each row is of, where a patient may have several, shape (rows,)
    scale : from a coefficient to what is printed

    Returns
    -------
    the rows of `coefficient_rows`
    """
    of = sample(design, y, known)
    found, notes, reason = None, list[str](), ""
    if of.used:
        try:
            found, notes = fit(of.X, of.y, of.used, of.known)
        except NotEstimableError as error:
            reason = str(error)
    n = None if patients is None else len(np.unique(patients[of.known]))
    return coefficient_rows(identity, method, of, found, notes, reason, n=n, scale=scale)


def coefficient_rows(
    identity: Mapping[str, str],
    method: str,
    of: Sample,
    found: Fit | None,
    notes: list[str],
    reason: str,
    *,
    n: int | None = None,
    scale: Callable[[float], float] = math.exp,
) -> list[Row]:
    """The rows of one fitted model.

    Parameters
    ----------
    identity : text fields of every row, with the statistic of an effect
    method : of rows that cannot be estimated
    of : its patients
    found : the fit, or None
    notes : what the reader must know of it
    reason : why there is none
    n : patients, where not every row of the sample is one
    scale : from a coefficient to what is printed

    Returns
    -------
    one row per column but the parts of curves, whose coefficients mean nothing by themselves; a
    level that nobody has is not estimable and leaves the others alone
    """
    rows = []
    for column in of.design:
        if column.kind == "curve":
            continue
        common: dict[str, Any] = {
            **identity,
            "term": column.term,
            "level": column.level,
            "reference": column.reference,
            "unit": column.unit,
            "n": len(of.y) if n is None else n,
            "events": int(of.y.sum()),
        }
        if column.kind == "interaction":
            common["statistic"] = f"ratio_of_{common['statistic']}s"
        if found is None or column not in of.used:
            note = reason if column in of.used else NO_SUCH_LEVEL
            rows.append(Row(**common, method=method, status="not_estimable", note=note))
            continue
        i = of.used.index(column)
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
                conf_level=CONF_LEVEL,
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
    problems = dict.fromkeys(column.problem for column in used if column.problem)
    if problems:
        raise NotEstimableError(" ".join(problems))
    constant = [column_name(c) for c, x in zip(used, X.T, strict=True) if np.ptp(x) == 0]
    if constant:
        raise NotEstimableError(f"No variation in these patients: {', '.join(constant)}.")
    if not logistic.is_full_rank(whole):
        raise NotEstimableError("Covariates are linear combinations of each other in these data.")


def column_name(column: Column) -> str:
    """A column in words, for a note."""
    return f"{column.term} {column.level}".strip().replace("_", " ")
