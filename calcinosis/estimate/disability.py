"""Disability and hand function by group."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import pandas as pd

from calcinosis.estimate.adjusted_means import mean_rows, slope_rows
from calcinosis.estimate.contrasts import contrast_row
from calcinosis.estimate.correlation import correlation_rows
from calcinosis.estimate.design import Column, model_columns
from calcinosis.estimate.groups import bound_rows, groups, summary_rows
from calcinosis.estimate.pairwise import pairwise_rows
from calcinosis.estimate.proportions import proportion
from calcinosis.estimate.trend import trend_row
from calcinosis.estimates import Row, count

ANALYSIS = "disability"
LOCATION, COUNT, COUNT_CLASS = "location_class", "lesion_count", "lesion_count_class"
WITH_LESIONS = "with_lesions"


def disability_rows(frame: pd.DataFrame, settings: Mapping[str, Any]) -> list[Row]:
    """Each score by each grouping variable, with the number of lesions, and the others.

    Parameters
    ----------
    frame : dataset `disability`: patient_id, the scores (with their bounds), the grouping
        variables, the covariates, and lesion_count and its class where the plan has lesions
    settings : of the plan's section: scores, by, ranges, important (minimal important
        differences), one_instrument (indices that are not correlated with each other), lesions,
        covariates

    Returns
    -------
    rows of analysis `disability`: `term` is the score, `group` overall, with_lesions or
    `<variable>=<level>`, `level` the grouping variable of a contrast; of nobody only the summaries
    of group overall
    """
    frame = frame.sort_values("patient_id", ignore_index=True)
    if frame.empty:  # of nobody a file keeps no levels either
        scores = settings["scores"]
        return [row for s in scores for row in summary_rows(ANALYSIS, frame[s], term=s)]
    by = [*settings["by"]]
    if settings["lesions"] and COUNT_CLASS not in by:
        by.append(COUNT_CLASS)
    rows: list[Row] = []
    for score in settings["scores"]:
        rows += _summaries(frame, score, by, settings["ranges"].get(score))
        if score in settings["important"]:
            important = settings["important"][score]
            name = "minimal_important_difference"
            rows.append(Row(analysis=ANALYSIS, statistic=name, term=score, estimate=important))
        for variable in settings["by"]:
            rows += _contrasts(frame, score, variable)
        for variable in by:
            columns = _columns(frame, settings["covariates"], variable)
            rows += mean_rows(ANALYSIS, frame[score], frame[variable], columns, term=score)
        if settings["lesions"]:
            rows += _with_lesion_count(frame, score, settings["covariates"])
    rows += _correlations(frame, settings)
    if settings["lesions"]:
        rows += _counted(frame)
    return rows


def _summaries(
    frame: pd.DataFrame, score: str, by: Sequence[str], ends: Sequence[float] | None
) -> list[Row]:
    """Summaries, bounds, and who has the least or the greatest possible score."""
    every = [("overall", pd.Series(True, index=frame.index))]
    for variable in by:
        every += groups(frame[variable])
    rows: list[Row] = []
    for name, who in every:
        part = frame[who]
        rows += summary_rows(ANALYSIS, part[score], group=name, term=score)
        rows += bound_rows(ANALYSIS, part, score, group=name)
        known = part[score].dropna()
        if ends is None or name.startswith(f"{COUNT_CLASS}="):
            continue
        for level, end in zip(("floor", "ceiling"), ends, strict=True):
            at_end = int((known == end).sum())
            rows.append(
                proportion(ANALYSIS, at_end, len(known), group=name, term=score, level=level)
            )
    return rows


def _contrasts(frame: pd.DataFrame, score: str, variable: str) -> list[Row]:
    """All groups of a variable together and, of three or more, each pair of them."""
    identity = {"term": score, "level": variable}
    known = frame[frame[variable].notna()]
    rows = [contrast_row(ANALYSIS, known[score], known[variable], **identity)]
    if len(known[variable].cat.categories) > 2:
        rows += pairwise_rows(ANALYSIS, known[score], known[variable], **identity)
    if variable == LOCATION:
        # Whether the place matters, apart from having lesions at all.
        known = known[known[variable] != "none"]
        places = known[variable].cat.remove_categories("none")
        identity["group"] = WITH_LESIONS
        rows.append(contrast_row(ANALYSIS, known[score], places, **identity))
    return rows


def _columns(
    frame: pd.DataFrame, covariates: Mapping[str, Mapping[str, Any]], grouping: str
) -> list[Column]:
    """The columns of the covariates but for those made of the grouping variable itself."""
    own = {name for name, of in covariates.items() if (of.get("variable") or name) == grouping}
    names = [
        name
        for name, of in covariates.items()
        if name not in own and not own & {*(of.get("interaction") or ())}
    ]
    return model_columns(frame, names, covariates)


def _with_lesion_count(
    frame: pd.DataFrame, score: str, covariates: Mapping[str, Mapping[str, Any]]
) -> list[Row]:
    """Trend with the number of lesions: in all, in those with lesions, and with unknown as none."""
    columns = _columns(frame, covariates, COUNT)
    fewest = frame[f"{COUNT}_lower"]
    rows: list[Row] = []
    for group, who in (("overall", fewest >= 0), (WITH_LESIONS, fewest >= 1)):
        values, lesions = frame.loc[who, score], frame.loc[who, COUNT]
        mine: dict[str, Any] = {"term": score, "level": COUNT, "group": group}
        rows.append(trend_row(ANALYSIS, values, frame.loc[who, COUNT_CLASS], **mine))
        rows += correlation_rows(ANALYSIS, values, lesions, reference=COUNT, **mine)
        some = [replace(column, values=column.values[who.to_numpy()]) for column in columns]
        rows += slope_rows(ANALYSIS, values, lesions, some, unit="per lesion", **mine)
    if frame[COUNT].isna().any():
        mine = {"term": score, "level": COUNT, "reference": COUNT, "model": "unknown_as_none"}
        rows += correlation_rows(ANALYSIS, frame[score], fewest, **mine)
    return rows


def _counted(frame: pd.DataFrame) -> list[Row]:
    """How many patients have a number of lesions, a class of it, and neither."""
    rows = [
        count(ANALYSIS, int(who.sum()), term=COUNT_CLASS, group=name)
        for name, who in groups(frame[COUNT_CLASS])
    ]
    return [
        *rows,
        *(
            Row(
                analysis=ANALYSIS,
                statistic="missing",
                term=name,
                estimate=int(frame[name].isna().sum()),
                n=len(frame),
            )
            for name in (COUNT, COUNT_CLASS)
        ),
    ]


def _correlations(frame: pd.DataFrame, settings: Mapping[str, Any]) -> list[Row]:
    """Each pair of scores, in all patients and in those with lesions."""
    same = set(settings["one_instrument"])
    parts = [("overall", frame)]
    if settings["lesions"]:
        parts.append((WITH_LESIONS, frame[frame[f"{COUNT}_lower"] >= 1]))
    return [
        row
        for first, second in combinations(settings["scores"], 2)
        if not {first, second} <= same
        for group, part in parts
        for row in correlation_rows(
            ANALYSIS, part[first], part[second], term=first, reference=second, group=group
        )
    ]
