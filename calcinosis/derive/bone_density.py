"""The T-score that is compared, and its class."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from calcinosis.derive.instruments import (
    WHO_CLASSES,
    WHO_ELIGIBLE,
    WHO_GROUPS,
    Z_CLASSES,
    Z_ELIGIBLE,
)

CLASSES = pd.CategoricalDtype(list(WHO_CLASSES), ordered=True)
GROUPS = pd.CategoricalDtype(list(WHO_GROUPS))
Z_CATEGORY = pd.CategoricalDtype(list(Z_CLASSES), ordered=True)
FIFTY = 50


def from_density(
    patients: pd.DataFrame, density: str, references: Sequence[Mapping[str, Any]]
) -> pd.Series:
    """T-score of one site: bone mineral density minus the reference's mean, over its SD.

    Parameters
    ----------
    patients : with the density and the variables of `when`
    density : variable with the bone mineral density, in the unit of the references
    references : each with mean, sd and when (variable to the levels of whom it is meant for; empty
        for everybody); the plan's choice, of which at most one is meant for a patient

    Returns
    -------
    T-scores; missing where the density is, or no reference is meant for the patient
    """
    values = patients[density].astype("float64")
    scores = pd.Series(float("nan"), index=patients.index)
    for reference in references:
        meant = pd.Series(True, index=patients.index)
        for variable, levels in reference["when"].items():
            meant &= patients[variable].isin(levels)
        scores = scores.mask(meant, (values - reference["mean"]) / reference["sd"])
    # Rounded, so that a density on the limit of a class on paper is on it here too.
    return scores.round(9)


def t_score(patients: pd.DataFrame, sites: Sequence[str], use: str) -> pd.Series:
    """The lowest T-score of the sites that were measured, or the one of a site.

    Parameters
    ----------
    patients : with the variables `sites`
    sites : variables with a T-score each
    use : `lowest`, or one of `sites`
    """
    return patients[list(sites)].min(axis=1) if use == "lowest" else patients[use]


def who_group(
    patients: pd.DataFrame,
    sex: str,
    women: str,
    men: str,
    age: str,
    postmenopausal: str | None,
) -> pd.Series:
    """Which group of the WHO's rule a patient belongs to.

    Parameters
    ----------
    patients : with the variables that the others name
    sex, women, men : the variable, and its levels
    age : years
    postmenopausal : no/yes variable; without one no woman's group is known

    Returns
    -------
    postmenopausal_woman, man_of_50_or_more, premenopausal_woman, man_below_50; who_not_known where
    sex, a woman's menopause or a man's age is missing
    """
    female, male, years = patients[sex] == women, patients[sex] == men, patients[age]
    groups = pd.Series("who_not_known", index=patients.index, dtype=object)
    if postmenopausal is not None:
        groups = groups.mask(female & (patients[postmenopausal] == "yes"), "postmenopausal_woman")
        groups = groups.mask(female & (patients[postmenopausal] == "no"), "premenopausal_woman")
    groups = groups.mask(male & (years >= FIFTY), "man_of_50_or_more")
    return groups.mask(male & (years < FIFTY), "man_below_50").astype(GROUPS)


def who_class(scores: pd.Series, groups: pd.Series) -> pd.Series:
    """Normal from -1.0 upwards, osteoporosis from -2.5 downwards, osteopenia between.

    Parameters
    ----------
    scores : T-scores
    groups : from `who_group`; only postmenopausal women and men of 50 or more are classed

    References
    ----------
    WHO criteria; for premenopausal women and men below 50 Z-scores are used instead.
    """
    classes = pd.Series(pd.NA, index=scores.index, dtype=object)
    classes = classes.mask(scores >= -1.0, "normal").mask(scores <= -2.5, "osteoporosis")
    classes = classes.mask((scores < -1.0) & (scores > -2.5), "osteopenia")
    return classes.where(groups.isin(WHO_ELIGIBLE)).astype(CLASSES)


def z_class(patients: pd.DataFrame, z_scores: Sequence[str], groups: pd.Series) -> pd.Series:
    """Whether the lowest Z-score is within the range expected for age: above -2.0.

    Parameters
    ----------
    patients : with the variables `z_scores`
    z_scores : variables with a Z-score each
    groups : from `who_group`; only women before the menopause and men below 50 are judged so

    References
    ----------
    International Society for Clinical Densitometry, official positions 2019: a Z-score of -2.0 or
    lower is "below the expected range for age".
    """
    lowest = patients[list(z_scores)].min(axis=1)
    classes = pd.Series(pd.NA, index=patients.index, dtype=object)
    classes = classes.mask(lowest > -2.0, Z_CLASSES[0]).mask(lowest <= -2.0, Z_CLASSES[1])
    return classes.where(groups.isin(Z_ELIGIBLE)).astype(Z_CATEGORY)
