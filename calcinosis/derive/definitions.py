"""Composite yes/no variables: present when any of their components is."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from calcinosis.derive.totals import named, total

YES_NO = pd.CategoricalDtype(["no", "yes"], ordered=True)


def any_of(frame: pd.DataFrame, components: Sequence[str]) -> pd.Series:
    """Whether any component is `yes`.

    Parameters
    ----------
    frame : patients, with the components as no/yes categories
    components : their names

    Returns
    -------
    ordered category no|yes; `no` only when all components are known to be no, missing when none
    is yes and one is not known
    """
    parts = frame[list(components)]
    known_no = (parts == "no").all(axis=1)
    present = (parts == "yes").any(axis=1)
    result = pd.Series(pd.NA, index=frame.index, dtype=object)
    return result.mask(known_no, "no").mask(present, "yes").astype(YES_NO)


def present(frame: pd.DataFrame, components: Sequence[str], at_least: float) -> pd.DataFrame:
    """Graded components as no/yes: yes from the grade `at_least` on, missing where ungraded."""
    grades = frame[list(components)].astype("float64")
    answers = (grades >= at_least).astype("object").replace({True: "yes", False: "no"})
    return answers.mask(grades.isna()).astype(YES_NO)


def composite(frame: pd.DataFrame, name: str, parts: Mapping[str, Any]) -> pd.DataFrame:
    """Whether any component is present, how many are, and how severe the worst is.

    Parameters
    ----------
    frame : patients
    name : of the composite
    parts : the plan's definition: any_of (names), and where they are graded at_least and highest

    Returns
    -------
    frame with `<name>` (see `any_of`) and `<name>_count`, the number of components that are
    present, missing when one is not known; of graded components `<name>_worst`, the highest grade,
    too. Both with bounds `_lower` and `_upper`: a missing component absent, or present and of the
    highest grade

    References
    ----------
    Number of digits as severity of digital ischaemia: Baron 2016, Rheumatology 55:2148.
    Grades of acro-osteolysis by digit: Johnstone 2012, Rheumatology 51:2234.
    """
    components, scores = parts["any_of"], {}
    answers = frame
    if parts["at_least"] is not None:
        answers = present(frame, components, parts["at_least"])
        scores[f"{name}_worst"] = _worst(frame[components], parts["highest"])
    ones = answers[components].apply(lambda part: part.astype("object").map({"no": 0, "yes": 1}))
    scores = {f"{name}_count": total(ones, components, 1), **scores}
    return pd.concat([any_of(answers, components).rename(name), named(scores)], axis=1)


def _worst(grades: pd.DataFrame, highest: float) -> pd.DataFrame:
    """The highest grade; known also when one is missing, once another is the highest there is."""
    numbers = grades.astype("float64")
    lower = numbers.fillna(0.0).max(axis=1)
    upper = numbers.fillna(float(highest)).max(axis=1)
    return pd.DataFrame({"score": lower.where(lower == upper), "lower": lower, "upper": upper})


def define(frame: pd.DataFrame, definitions: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Add the plan's composites to the patients table, in order: one may build on another."""
    for name, parts in definitions.items():
        frame = frame.assign(**composite(frame, name, parts))
    return frame
