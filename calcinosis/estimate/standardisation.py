"""Standardised risks: the mean of what a model predicts, were all patients alike in one covariate.

Also called g-computation: the average is over the covariates as these patients have them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from calcinosis.estimate import logistic
from calcinosis.estimate.curves import quartiles
from calcinosis.estimate.design import plain, restricted_cubic_spline
from calcinosis.estimate.logistic import Fit
from calcinosis.estimate.patterns import Patterns
from calcinosis.estimate.regression import Sample

Values = list[np.ndarray]
"""The columns of one covariate, each of shape (patients,)."""


@dataclass(frozen=True)
class Contrast:
    """The same patients in two ways that differ in one covariate.

    Parameters
    ----------
    term, level, reference, unit : as in the estimates
    with_it, without : designs, shape (patients, columns in use): the level, or one unit more, up
        to the worst grade, against the reference, or the patients as they are
    """

    term: str
    level: str
    reference: str
    unit: str
    with_it: np.ndarray
    without: np.ndarray


def contrasts(of: Sample, covariates: Mapping[str, Mapping[str, Any]]) -> list[Contrast]:
    """What each covariate of a model is compared by.

    Parameters
    ----------
    of : the patients of the model
    covariates : the plan's; those of an interaction change with the two that it is made of

    Returns
    -------
    a contrast for each level but the reference of a category, for one unit of a number, for the
    upper against the lower quartile of a curve; levels that nobody has are left out
    """
    values: dict[str, Values] = {}
    for column in of.design:
        values.setdefault(column.term, []).append(column.values[of.known])
    nobody, everybody = np.zeros(len(of.y)), np.ones(len(of.y))

    def design(term: str, changed: Values) -> np.ndarray:
        return _design(of, covariates, {**values, term: changed})

    found = []
    for term in dict.fromkeys(c.term for c in of.used if c.kind != "interaction"):
        columns = [column for column in of.design if column.term == term]
        first = columns[0]
        if first.level:
            none = design(term, [nobody for _ in columns])
            for column in columns:
                if column in of.used:
                    there = [everybody if each is column else nobody for each in columns]
                    names = (term, column.level, column.reference, "")
                    found.append(Contrast(*names, design(term, there), none))
        elif first.kind == "curve":
            q1, _, q3 = quartiles(values[term][0])
            ends = [
                design(term, list(restricted_cubic_spline(x * everybody, first.knots).T))
                for x in (q3, q1)
            ]
            found.append(Contrast(term, plain(q3), plain(q1), "q3 v q1", *ends))
        else:
            more = design(term, [np.minimum(values[term][0] + 1, first.highest)])
            found.append(Contrast(term, "", "", first.unit, more, design(term, values[term])))
    return found


def _design(
    of: Sample, covariates: Mapping[str, Mapping[str, Any]], values: dict[str, Values]
) -> np.ndarray:
    """The columns in use, with the products of the covariates' values."""
    products = {
        name: [a * b for a in values[pair[0]] for b in values[pair[1]]]
        for name in values
        if (pair := covariates[name].get("interaction"))
    }
    parts = {name: iter(columns) for name, columns in {**values, **products}.items()}
    every = [(column, next(parts[column.term])) for column in of.design]
    return np.column_stack([value for column, value in every if column in of.used])


def flic(data: Patterns, found: Fit) -> float:
    """The intercept that makes the mean predicted risk the observed one, after Firth's fit.

    Firth's penalty draws all risks towards one half; odds ratios are better for it, predictions
    are not.

    Parameters
    ----------
    data, found : the patterns and their fit

    References
    ----------
    Puhr R, Heinze G, Nold M, Lusa L, Geroldinger A. Stat Med 2017;36:2302-17, doi
    10.1002/sim.7273. R: `logistf::flic`; `glm(y ~ 1, offset = X %*% b, family = binomial)`.
    """
    alone = data.only(np.zeros(data.X.shape[1], bool))
    return logistic.maximum_likelihood(alone, data.X @ found.coefficients).intercept


def mean_risks(
    intercept: float, coefficients: np.ndarray, designs: list[np.ndarray], weights: np.ndarray
) -> np.ndarray:
    """The mean predicted risk of each design, over patterns of so many patients."""
    linear = [intercept + design @ coefficients for design in designs]
    return np.array([weights @ special.expit(each) for each in linear]) / weights.sum()
