"""Progression by each definition that the readings allow, for the same patients."""

from dataclasses import replace
from typing import Literal

import pandas as pd

from calcinosis.derive.readings import GLOBAL, ONLY
from calcinosis.derive.severity import Comparison, compare_films

Films = Literal["first_last", "consecutive"]
Worsening = Literal["patient_maximum", "any_region", "global_grade"]
_PLACE = ["patient_id", "side", "region"]


def compare(
    grades: pd.DataFrame,
    levels: list[str],
    *,
    comparison: Films,
    unread_regions: Literal["paired", "ignored"],
    worsening: Worsening,
) -> Comparison:
    """Compare the films of each patient by the plan's definition; see `compare_films`.

    Parameters
    ----------
    grades : from `combine_readers`; grades of the whole film have the region `global`
    worsening : as `compare_films`, or a rise of the grade of the whole film

    Returns
    -------
    Comparison
        With `global_grade` the grades are those of whole films; regions are compared all the same.
    """
    whole = grades["region"].astype("string") == GLOBAL
    regional = _of_regions(grades)
    if worsening != "global_grade":
        return compare_films(
            regional,
            levels,
            comparison=comparison,
            unread_regions=unread_regions,
            worsening=worsening,
        )
    of_films, of_regions = (
        compare_films(
            part,
            levels,
            comparison=comparison,
            unread_regions=unread_regions,
            worsening="patient_maximum",
        )
        for part in (grades[whole], regional)
    )
    return replace(
        of_films,
        regions=of_regions.regions,
        first_last_regions=of_regions.first_last_regions,
    )


def _of_regions(grades: pd.DataFrame) -> pd.DataFrame:
    """The grades of regions; that of the whole film is no level of theirs."""
    region = grades["region"]
    if isinstance(region.dtype, pd.CategoricalDtype):
        region = region.cat.remove_categories(region.cat.categories.intersection([GLOBAL]))
    whole = grades["region"].astype("string") == GLOBAL
    return grades.assign(region=region)[~whole]


def by_definition(
    grades: pd.DataFrame,
    levels: list[str],
    *,
    comparison: Films,
    unread_regions: Literal["paired", "ignored"],
) -> pd.DataFrame:
    """Whether each patient worsened by each definition; missing where that cannot be said.

    Returns
    -------
    frame with patient_id and patient_maximum, any_region, global_grade (a rise of the patient's
        maximum, of any region, of the grade of the whole film), regions_affected (more regions
        above the lowest grade than at the first film, of those read on both); without those of
        regions where films are read as a whole, without regions
    """
    regional = grades[grades["region"].astype("string") != GLOBAL]
    several = not regional["region"].astype("string").eq(ONLY).all()
    ways: list[Worsening] = ["patient_maximum", "global_grade"]
    if several:
        ways.insert(1, "any_region")
    found: dict[str, pd.Series] = {}
    for worsening in ways:
        intervals = compare(
            grades,
            levels,
            comparison=comparison,
            unread_regions=unread_regions,
            worsening=worsening,
        ).intervals
        found[worsening] = intervals.groupby("patient_id")["worsened"].any().astype("boolean")
    if not several:
        return pd.DataFrame(found).rename_axis("patient_id").reset_index()
    affected = against_first(regional.assign(value=regional["grade"] > 0), comparison)
    counts = affected.groupby(["patient_id", "film_day"])[["value_from", "value_to"]].sum()
    more = counts["value_to"] > counts["value_from"]
    found["regions_affected"] = more.groupby("patient_id").any().astype("boolean")
    return pd.DataFrame(found).rename_axis("patient_id").reset_index()


def against_first(values: pd.DataFrame, comparison: Films) -> pd.DataFrame:
    """Regions of each later film beside the same regions of the patient's first film.

    Parameters
    ----------
    values : patient_id, film_day, side, region, value
    comparison : with first_last only the last film is a later film

    Returns
    -------
    frame with patient_id, film_day (of the later film), side, region, value_from, value_to: the
    regions that were read on both
    """
    of_patient = values.groupby("patient_id")["film_day"]
    first = values["film_day"] == of_patient.transform("min")
    later = ~first
    if comparison == "first_last":
        later &= values["film_day"] == of_patient.transform("max")
    pairs = values[later].merge(
        values.loc[first, [*_PLACE, "value"]], on=_PLACE, suffixes=("_to", "_from")
    )
    return pairs[[*_PLACE, "film_day", "value_from", "value_to"]]
