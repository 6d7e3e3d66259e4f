"""Columns of a design matrix from a dataset and the plan's covariates.

No formula is built: names of an export never reach an interpreter (patsy evaluates them).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Column:
    """One column of a design matrix: one parameter of a model.

    Parameters
    ----------
    term : covariate of the plan
    level, reference : of a category; `yes` against `no` for a number above a cut
    unit : of a number, such as `per 10`
    values : shape (patients,), NaN where missing
    highest : of a grade, the worst there is, in the scale of the values
    """

    term: str
    level: str
    reference: str
    unit: str
    values: np.ndarray
    highest: float = math.inf


def columns(frame: pd.DataFrame, term: str, covariate: Mapping[str, Any]) -> list[Column]:
    """The columns of one covariate.

    Parameters
    ----------
    frame : dataset with the variable as number or ordered category
    term : key of the covariate in the plan
    covariate : its settings: variable, and one of per, at_least, reference

    Returns
    -------
    one column for a number, a grade or a cut; one per level but the reference for a category
    """
    variable = covariate.get("variable") or term
    values = frame[variable]
    if covariate.get("reference") is not None:
        return _levels(values, term, covariate["reference"])
    numbers = _numbers(values)
    if covariate.get("at_least") is not None:
        above = np.where(np.isnan(numbers), np.nan, numbers >= covariate["at_least"])
        return [Column(term, "yes", "no", "", above)]
    per = covariate["per"]
    # Written out: an exponent would bring a '+' into the result's name.
    unit = f"per {Decimal(repr(per)):f}".removesuffix(".0")
    return [Column(term, "", "", unit, numbers / per, _highest(values) / per)]


def _numbers(values: pd.Series) -> np.ndarray:
    """Numbers as they are; an ordered category as its rank from 0."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.codes.astype("float64").where(values.notna()).to_numpy()
    return values.to_numpy("float64")


def _highest(values: pd.Series) -> float:
    """The rank of the last level of an ordered category."""
    is_grade = isinstance(values.dtype, pd.CategoricalDtype)
    return len(values.cat.categories) - 1.0 if is_grade else math.inf


def _levels(values: pd.Series, term: str, reference: str) -> list[Column]:
    levels = list(values.cat.categories)
    missing = values.isna().to_numpy()
    return [
        Column(
            term, level, reference, "", np.where(missing, np.nan, (values == level).to_numpy(float))
        )
        for level in levels
        if level != reference
    ]
