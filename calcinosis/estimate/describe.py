"""Table 1: the patients by group."""

import itertools
from collections.abc import Mapping
from typing import Any

import pandas as pd

from calcinosis.estimate.group_tests import test_row
from calcinosis.estimate.groups import bound_rows, groups, summary_rows
from calcinosis.estimate.proportions import proportion
from calcinosis.estimate.smd import standardised_difference
from calcinosis.estimates import Row, count


def describe_rows(frame: pd.DataFrame, settings: Mapping[str, Any]) -> list[Row]:
    """Summaries of each variable, overall and by group, and their standardised differences.

    Parameters
    ----------
    frame : dataset `describe`: patient_id, the grouping variable and the variables, with the
        bounds of scores
    settings : the plan's section: by, variables, and where tests are on `tests` (how each variable
        is summarised) and their seed

    Returns
    -------
    rows of analysis `describe`: `group` is overall or `<by>=<level>`; the number of patients,
    shares of known values of categories, summaries of numbers, missing values, `smd` of the groups
    and, where tests are on, their `group_test`
    """
    by = frame[settings["by"]]
    everyone = ("overall", pd.Series(True, index=frame.index))
    strata = [everyone, *groups(by)]
    rows = [
        count("describe", int(who.sum()), group=name, term="patients", unit="patients")
        for name, who in strata
    ]
    for variable in settings["variables"]:
        for name, who in strata:
            rows += variable_rows("describe", frame.loc[who, variable], group=name, term=variable)
            rows += bound_rows("describe", frame[who], variable, group=name)
        rows += smd_rows("describe", frame[variable], by)
    if settings.get("tests"):
        rows += [
            test_row(frame[variable], by, summary, settings["seed"])
            for variable, summary in settings["tests"].items()
        ]
    return rows


def one_film_rows(frame: pd.DataFrame) -> list[Row]:
    """How those who left for lack of a second film differ from those analysed.

    Parameters
    ----------
    frame : dataset `one_film`: patient_id, films (category), and variables; empty where no films
        are compared

    Returns
    -------
    rows of analysis `describe` as in `describe_rows`, of the groups `films=...` only
    """
    if frame.empty:
        return []
    variables = [name for name in frame if name not in ("patient_id", "films")]
    rows = []
    for name, who in groups(frame["films"]):
        rows.append(count("describe", int(who.sum()), group=name, term="patients", unit="patients"))
        for variable in variables:
            rows += variable_rows("describe", frame.loc[who, variable], group=name, term=variable)
    for variable in variables:
        rows += smd_rows("describe", frame[variable], frame["films"])
    return rows


def variable_rows(analysis: str, values: pd.Series, **identity: Any) -> list[Row]:
    """Summary of one variable in one group: shares of a category, or numbers."""
    if not isinstance(values.dtype, pd.CategoricalDtype):
        return summary_rows(analysis, values, **identity)
    known = values.dropna()
    rows = [
        proportion(
            analysis,
            int((known == level).sum()),
            len(known),
            level=level,
            unit="of known",
            **identity,
        )
        for level in values.cat.categories
    ]
    missing = int(values.isna().sum())
    return [
        *rows,
        Row(analysis=analysis, statistic="missing", estimate=missing, n=len(values), **identity),
    ]


def smd_rows(analysis: str, values: pd.Series, by: pd.Series) -> list[Row]:
    """The standardised difference of two groups; of more the mean of those of all pairs.

    References
    ----------
    R: `print(tableone::CreateTableOne(...), smd = TRUE)` prints the same mean.
    """
    strata = groups(by)
    if len(strata) < 2:
        return []
    found = [
        standardised_difference(values[first], values[second])
        for (_, second), (_, first) in itertools.combinations(strata, 2)
    ]
    identity: dict[str, Any] = {"term": str(values.name), "statistic": "smd"}
    if len(strata) == 2:
        identity |= {"group": strata[1][0], "reference": strata[0][0]}
    else:
        identity |= {"method": "mean_of_pairs"}
    known = [difference for difference in found if difference is not None]
    if len(known) < len(found):
        note = "A group is empty, nothing varies, or the groups share no level."
        return [Row(analysis=analysis, status="not_estimable", note=note, **identity)]
    return [Row(analysis=analysis, estimate=sum(known) / len(known), **identity)]
