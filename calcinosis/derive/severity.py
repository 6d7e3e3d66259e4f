"""From pairs of films to worsening.

Grades are the readers' own ordinal grades; here they are only compared. A region that was not read
has no grade, which is not grade 0.
"""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class Comparison:
    """Grades of pairs of films.

    Parameters
    ----------
    intervals : one row per compared pair of films: patient_id, interval (1, 2, ...), years,
        grade_from, grade_to (ordered categories: the patient's maximum), worsened, improved
        (booleans)
    regions : one row per interval and region with a grade at both ends: patient_id, interval,
        side, region, grade_from, grade_to, worsened
    first_last_regions : one row per patient and region with a grade on the first and on the last
        film, whatever the comparison: patient_id, side, region, grade_from, grade_to, worsened
    films : one row per patient: patient_id, films (with at least one region read), not_compared
        (films after the first without a region that was read before), grade_first, grade_last
        (ordered categories; missing where the two films cannot be compared), at_risk (the first
        comparison leaves room to worsen), worsened_2_levels (by two levels or more from the first
        grades, at the first worsening or later), rebound (the first worsening does not rise above
        the first grades: a fall came before it), years_first_last and worsened_first_last (by the
        first and the last film alone; missing where the two cannot be compared)
    grades : one row per film with a region read: patient_id, years (from the patient's first
        film), grade (ordered category: the maximum of the regions read on it)
    """

    intervals: pd.DataFrame
    regions: pd.DataFrame
    first_last_regions: pd.DataFrame
    films: pd.DataFrame
    grades: pd.DataFrame


def compare_films(
    grades: pd.DataFrame,
    levels: list[str],
    *,
    comparison: Literal["first_last", "consecutive"],
    unread_regions: Literal["paired", "ignored"],
    worsening: Literal["patient_maximum", "any_region"],
) -> Comparison:
    """Compare the films of each patient.

    Parameters
    ----------
    grades : from `combine_readers`
    levels : the grades in order
    comparison : first film against last, or each film against what was read before it; consecutive
        rows stop after a patient's first worsening, because what follows is not first progression
    unread_regions : whether a patient's grade uses only regions with a grade at both ends (paired)
    worsening : rise of the patient's maximum, or of any region with a grade at both ends

    Returns
    -------
    Comparison
        A film without a region that was read before is not compared. With `consecutive` each
        region is compared with its last reading, and one that is not read on a film keeps its last
        grade in the patient's maximum: a film with few regions neither hides nor makes worsening,
        and the interval to the next comparable film covers the time.
    """
    rules = (levels, unread_regions, worsening)
    films = (
        grades[["patient_id", "film_day"]].drop_duplicates().sort_values(["patient_id", "film_day"])
    )
    ends = films[~films["patient_id"].duplicated() | ~films["patient_id"].duplicated(keep="last")]
    whole, whole_regions = _compare(grades.merge(ends), *rules, carry=False)
    steps, regions = whole, whole_regions
    if comparison == "consecutive":
        steps, regions = _compare(grades, *rules, carry=True)
    worse = steps["rise"] >= 1
    before = worse.groupby(steps["patient_id"]).cumsum() - worse
    intervals = steps[before == 0]
    intervals = intervals.assign(
        interval=intervals.groupby("patient_id").cumcount() + 1,
        years=(intervals["film_day"] - intervals["day_from"]) / DAYS_PER_YEAR,
        worsened=intervals["rise"] >= 1,
        improved=intervals["grade_to"] < intervals["grade_from"],
    )
    by = ["patient_id", "interval"]
    regions = _worsened(regions.merge(intervals[[*by, "film_day"]], on=["patient_id", "film_day"]))
    ends_of_regions = _worsened(whole_regions).sort_values(["patient_id", "side", "region"])
    of_whole = whole.set_index("patient_id")
    counts = films.groupby("patient_id").size()
    compared = steps.groupby("patient_id").size().reindex(counts.index, fill_value=0)
    # With first_last the films between the two are left out by the plan, not for lack of regions.
    comparable = counts - 1 if comparison == "consecutive" else (counts > 1).astype("int64")
    rebounds = intervals[intervals["worsened"] & (intervals["rise_from_first"] < 1)]
    two_levels = steps[(before + worse >= 1) & (steps["rise_from_first"] >= 2)]
    of_patients = pd.DataFrame(
        {
            "films": counts,
            "not_compared": comparable - compared,
            "grade_first": of_whole["grade_from"],
            "grade_last": of_whole["grade_to"],
            "at_risk": intervals.groupby("patient_id")["room"].first(),
            "worsened_2_levels": counts.index.isin(two_levels["patient_id"]),
            "rebound": counts.index.isin(rebounds["patient_id"]),
            "years_first_last": (of_whole["film_day"] - of_whole["day_from"]) / DAYS_PER_YEAR,
            "worsened_first_last": (of_whole["rise"] >= 1).astype("boolean"),
        }
    )
    of_patients["at_risk"] = of_patients["at_risk"].fillna(False).astype(bool)
    columns = ["grade_from", "grade_to", "worsened"]
    return Comparison(
        _label(intervals[[*by, "years", *columns, "improved"]], levels),
        _label(regions.sort_values(by)[[*by, "side", "region", *columns]], levels),
        _label(ends_of_regions[["patient_id", "side", "region", *columns]], levels),
        _label(of_patients.reset_index(names="patient_id"), levels),
        _label(_films(grades), levels).rename(columns={"grade_": "grade"}),
    )


def _worsened(regions: pd.DataFrame) -> pd.DataFrame:
    return regions.assign(worsened=regions["grade_to"] > regions["grade_from"])


def _films(grades: pd.DataFrame) -> pd.DataFrame:
    """Each film with its highest grade, as `grade_`, and its years from the patient's first."""
    films = grades.groupby(["patient_id", "film_day"], as_index=False)["grade"].max()
    first = films.groupby("patient_id")["film_day"].transform("min")
    years = (films["film_day"] - first) / DAYS_PER_YEAR
    return pd.DataFrame(
        {"patient_id": films["patient_id"], "years": years, "grade_": films["grade"]}
    )


def _compare(
    grades: pd.DataFrame, levels: list[str], unread_regions: str, worsening: str, *, carry: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Each film against what was read before it; with `carry`, unread regions keep their grade.

    Returns
    -------
    steps : one row per film that can be compared: patient_id, film_day, day_from (of the film that
        could be compared last, or the first), grade_from, grade_to, rise, rise_from_first, room
        (whether a grade at the start is below the worst)
    regions : one row per such film and region with an earlier grade: patient_id, film_day, side,
        region, grade_from, grade_to
    """
    # One row per film and region known by then; `grade` is missing where it was not read.
    region = ["patient_id", "side", "region"]
    films = grades[["patient_id", "film_day"]].drop_duplicates()
    state = films.merge(grades[region].drop_duplicates(), on="patient_id").merge(
        grades, how="left", on=[*region, "film_day"]
    )
    state = state.sort_values(["patient_id", "film_day", "side", "region"])
    of_region = state.groupby(region, observed=True)["grade"]
    known = of_region.ffill()
    state = state.assign(grade_to=known, grade_first=of_region.transform("first"))
    state["grade_from"] = known.groupby([state[key] for key in region], observed=True).shift()
    before = state[state["grade_from"].notna()]
    before = before.assign(
        read=before["grade"].notna(),
        rise=before["grade_to"] - before["grade_from"],
        rise_from_first=before["grade_to"] - before["grade_first"],
    )
    if not carry:
        before = before[before["read"]]
    film = ["patient_id", "film_day"]
    regions = before[before["read"]].astype({"grade_from": "int64", "grade_to": "int64"})
    of_film = before.groupby(film).agg(
        read=("read", "any"),
        grade_from=("grade_from", "max"),
        grade_to=("grade_to", "max"),
        grade_first=("grade_first", "max"),
        lowest=("grade_from", "min"),
        rise=("rise", "max"),
        rise_from_first=("rise_from_first", "max"),
    )
    steps = of_film[of_film["read"].astype(bool)]
    if unread_regions == "ignored":
        maxima = grades.groupby(film)["grade"].max()
        everything = worsening == "patient_maximum"
        ends = maxima if everything else maxima[maxima.index.isin(steps.index) | _first(maxima)]
        patient = ends.groupby("patient_id")
        own = pd.DataFrame(
            {
                "grade_from": patient.shift(),
                "grade_to": ends,
                "grade_first": patient.transform("first"),
            }
        )[~_first(ends)]
        steps = own.join(steps[["rise", "rise_from_first", "lowest"]])
    if worsening == "patient_maximum":
        steps = steps.assign(
            rise=steps["grade_to"] - steps["grade_from"],
            rise_from_first=steps["grade_to"] - steps["grade_first"],
            lowest=steps["grade_from"],
        )
    steps = steps.assign(room=steps["lowest"] < len(levels) - 1).reset_index()
    day = steps.groupby("patient_id")["film_day"].shift()
    first_day = steps["patient_id"].map(grades.groupby("patient_id")["film_day"].min())
    return steps.assign(day_from=day.fillna(first_day)), regions


def _first(maxima: pd.Series) -> pd.Series:
    """Whether a row is the first of its patient."""
    return ~maxima.index.get_level_values("patient_id").duplicated()


def _label(frame: pd.DataFrame, levels: list[str]) -> pd.DataFrame:
    """Integer codes of grades as ordered categories, in every column called grade_..."""
    for column in [name for name in frame if name.startswith("grade_")]:
        codes = frame[column].fillna(-1).astype("int64")
        labelled = pd.Categorical.from_codes(codes, categories=levels, ordered=True)
        frame = frame.assign(**{column: labelled})
    return frame.reset_index(drop=True)
