"""Columns of a design matrix from a dataset and the plan's covariates.

No formula is built: names of an export never reach an interpreter (patsy evaluates them).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

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
    highest : of a grade, the worst that any patient has, in the scale of the values
    kind : what its coefficient is: the log odds ratio of its covariate; the log ratio of two odds
        ratios; nothing by itself (one part of a curve)
    knots : of a curve, on the scale of the variable
    problem : why there are no such values, in a sentence
    """

    term: str
    level: str
    reference: str
    unit: str
    values: np.ndarray
    highest: float = math.inf
    kind: Literal["effect", "interaction", "curve"] = "effect"
    knots: tuple[float, ...] = ()
    problem: str = ""


KNOTS = {
    3: (0.1, 0.5, 0.9),
    4: (0.05, 0.35, 0.65, 0.95),
    5: (0.05, 0.275, 0.5, 0.725, 0.95),
}
"""Quantiles at which a curve has its knots (Harrell, Regression Modeling Strategies, 2015)."""


def model_columns(
    frame: pd.DataFrame, names: Sequence[str], covariates: Mapping[str, Mapping[str, Any]]
) -> list[Column]:
    """The columns of several covariates, in order.

    Parameters
    ----------
    frame : dataset with the variables
    names : keys of the covariates that are in the model
    covariates : the plan's covariates, those of which an interaction is made included

    Returns
    -------
    the columns of `columns`; of an interaction the products of its two covariates' columns
    """
    found = []
    for name in names:
        pair = covariates[name].get("interaction")
        if pair:
            first, second = (columns(frame, each, covariates[each]) for each in pair)
            found += [_product(name, a, b) for a in first for b in second]
        else:
            found += columns(frame, name, covariates[name])
    return found


def _product(name: str, a: Column, b: Column) -> Column:
    level = " and ".join(column.level or column.unit for column in (a, b))
    problem = a.problem or b.problem
    return Column(name, level, "", "", a.values * b.values, kind="interaction", problem=problem)


def columns(frame: pd.DataFrame, term: str, covariate: Mapping[str, Any]) -> list[Column]:
    """The columns of one covariate.

    Parameters
    ----------
    frame : dataset with the variable as number or ordered category
    term : key of the covariate in the plan
    covariate : its settings: variable, and one of per, log, spline, at_least, reference

    Returns
    -------
    one column for a number, its logarithm, a grade or a cut; one per level but the reference for
    a category; one less than its knots for a curve
    """
    variable = covariate.get("variable") or term
    values = frame[variable]
    if covariate.get("reference") is not None:
        return _levels(values, term, covariate["reference"])
    numbers = _numbers(values)
    if covariate.get("at_least") is not None:
        above = np.where(np.isnan(numbers), np.nan, numbers >= covariate["at_least"])
        return [Column(term, "yes", "no", "", above)]
    if covariate.get("log") is not None:
        return [_logarithm(numbers, term, covariate["log"])]
    if covariate.get("spline") is not None:
        return _curve(numbers, term, covariate["spline"])
    per = covariate["per"]
    return [Column(term, "", "", f"per {plain(per)}", numbers / per, _highest(values) / per)]


def plain(number: float) -> str:
    """A number written out: an exponent would bring a '+' into the result's name."""
    return f"{Decimal(repr(number)):f}".removesuffix(".0")


def _logarithm(numbers: np.ndarray, term: str, base: float) -> Column:
    unit = "per doubling" if base == 2 else f"per {plain(base)}-fold"
    low = int((numbers <= 0).sum())
    problem = f"{term} has {low} values of 0 or less, which have no logarithm." if low else ""
    values = np.log(np.where(numbers > 0, numbers, np.nan)) / math.log(base)
    # Where there is a problem nothing is fitted; those patients must not leave unsaid.
    return Column(term, "", "", unit, np.where(numbers <= 0, 0.0, values), problem=problem)


def _curve(numbers: np.ndarray, term: str, knots: int) -> list[Column]:
    known = numbers[~np.isnan(numbers)]
    at = tuple(np.quantile(known, KNOTS[knots])) if len(known) else (0.0,) * knots
    problem = ""
    if len(set(at)) < knots:
        problem = f"{term} has too few different values for {knots} knots."
        at = tuple(float(i) for i in range(knots))
    return [
        Column(term, "", "", f"part {i}", values, kind="curve", knots=at, problem=problem)
        for i, values in enumerate(restricted_cubic_spline(numbers, at).T, 1)
    ]


def restricted_cubic_spline(x: np.ndarray, knots: Sequence[float]) -> np.ndarray:
    """The basis of a cubic spline that is linear beyond its outer knots.

    Own code, because the basis of patsy mixes the linear part with the others, so that departure
    from linearity could not be tested by leaving columns out.

    Parameters
    ----------
    x : numbers, shape (patients,)
    knots : increasing, shape (knots,)

    Returns
    -------
    shape (patients, knots - 1): first x itself, then the parts that bend it

    References
    ----------
    Harrell FE. Regression Modeling Strategies. Springer 2015, section 2.4.5. R:
    `Hmisc::rcspline.eval(x, knots, inclx = TRUE)`.
    """
    t = np.asarray(knots, float)
    last, before, scale = t[-1], t[-2], (t[-1] - t[0]) ** 2

    def cube(values: np.ndarray) -> np.ndarray:
        return np.where(np.isnan(values), np.nan, np.clip(values, 0, None) ** 3)

    bends = [
        (
            cube(x - knot)
            - cube(x - before) * (last - knot) / (last - before)
            + cube(x - last) * (before - knot) / (last - before)
        )
        / scale
        for knot in t[:-2]
    ]
    return np.column_stack([x, *bends])


def _numbers(values: pd.Series) -> np.ndarray:
    """Numbers as they are; an ordered category as its rank from 0."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.codes.astype("float64").where(values.notna()).to_numpy()
    return values.to_numpy("float64")


def _highest(values: pd.Series) -> float:
    """The rank of the worst grade that anybody of these patients has; a number has no worst.

    Where those who cannot worsen are left out, one grade more than the others' is no risk that the
    model knows.
    """
    if not isinstance(values.dtype, pd.CategoricalDtype) or values.isna().all():
        return math.inf
    return float(values.cat.codes.max())


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
