"""From readings to grades per region, and from pairs of films to worsening.

Grades are the readers' own ordinal grades; here they are only combined and compared. A region that
was not read has no grade, which is not grade 0.
"""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from calcinosis.errors import InputError, nearest

DAYS_PER_YEAR = 365.25
ONLY = "only"
"""Reader, side or region of an export that does not tell them apart."""

_REGION = ["patient_id", "film_day", "side", "region"]


@dataclass(frozen=True)
class Comparison:
    """Grades of pairs of films.

    Parameters
    ----------
    intervals : one row per compared pair of films: patient_id, interval (1, 2, ...), years,
        grade_from, grade_to (ordered categories: the patient's maximum), worsened,
        worsened_2_levels, improved (booleans)
    regions : one row per interval and region read on both films: patient_id, interval, side,
        region, grade_from, grade_to, worsened
    films : one row per patient: patient_id, films (with at least one region read), grade_first,
        grade_last (ordered categories; missing where the two cannot be compared)
    """

    intervals: pd.DataFrame
    regions: pd.DataFrame
    films: pd.DataFrame


def combine_readers(
    readings: pd.DataFrame,
    disagreement: Literal["highest", "lowest", "primary"],
    primary: str | None = None,
) -> pd.DataFrame:
    """One grade per patient, film, side and region.

    Parameters
    ----------
    readings : the canonical table: patient_id, film_date (or film_day), grade (ordered category),
        and reader, side, region where the export has several
    disagreement : the highest or lowest grade of the readers, or the primary reader's
    primary : name of that reader; a region that only others read takes their highest grade

    Returns
    -------
    frame with patient_id, film_day (days), side, region, grade (integer code from 0); regions
    that nobody read are left out
    """
    only = dict.fromkeys({"reader", "side", "region"} - set(readings.columns), ONLY)
    frame = readings.assign(
        **only, film_day=_film_day(readings), grade=readings["grade"].cat.codes.astype("int64")
    )
    everybody = frame["reader"].astype("string").dropna()
    frame = frame[frame["grade"] >= 0]
    if disagreement == "primary" and primary not in set(everybody):
        raise InputError(
            f"readers.primary: no film was read by '{primary}': "
            + nearest(str(primary), set(everybody))
        )
    if disagreement == "primary":
        theirs = frame.loc[frame["reader"].astype("string") == primary, _REGION]
        marked = frame.merge(theirs.assign(_read=True), how="left", on=_REGION)
        by_primary = marked["_read"].notna()
        frame = marked[~by_primary | (marked["reader"].astype("string") == primary)]
    how = "min" if disagreement == "lowest" else "max"
    return frame.groupby(_REGION, observed=True, as_index=False)["grade"].agg(how)


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
    comparison : first film against last, or each against the one before it; consecutive rows stop
        after a patient's first worsening, because what follows is not first progression
    unread_regions : whether a patient's grade uses only regions read on both films (paired)
    worsening : rise of the patient's maximum, or of any region read on both films

    Returns
    -------
    Comparison
        Intervals without a comparable grade (no region read on both films) are left out.
    """
    films = (
        grades[["patient_id", "film_day"]].drop_duplicates().sort_values(["patient_id", "film_day"])
    )
    counts = films.groupby("patient_id", as_index=False).size().rename(columns={"size": "films"})
    by = ["patient_id", "interval"]
    _, ends = _maxima(_pairs(films, "first_last"), grades, unread_regions)
    ends = ends.reset_index("interval", drop=True).set_axis(["grade_first", "grade_last"], axis=1)
    pairs = _pairs(films, comparison)
    paired, maxima = _maxima(pairs, grades, unread_regions)
    rises = (paired["grade_to"] - paired["grade_from"]).groupby([paired[k] for k in by]).max()
    intervals = pairs.set_index(by).join(maxima, how="inner")
    change = intervals["grade_to"] - intervals["grade_from"]
    rise = change if worsening == "patient_maximum" else rises.reindex(intervals.index)
    intervals, change, rise = (part[rise.notna()] for part in (intervals, change, rise))
    intervals = intervals.assign(
        years=(intervals["day_to"] - intervals["day_from"]) / DAYS_PER_YEAR,
        worsened=rise >= 1,
        worsened_2_levels=rise >= 2,
        improved=change <= -1,
    ).reset_index()
    if comparison == "consecutive":
        before = intervals.groupby("patient_id")["worsened"].cumsum() - intervals["worsened"]
        intervals = intervals[before == 0].reset_index(drop=True)
    regions = paired.merge(intervals[by], on=by).assign(
        worsened=lambda frame: frame["grade_to"] > frame["grade_from"]
    )
    columns = ["grade_from", "grade_to", "worsened"]
    return Comparison(
        _label(intervals[[*by, "years", *columns, "worsened_2_levels", "improved"]], levels),
        _label(regions[[*by, "side", "region", *columns]], levels),
        _label(counts.merge(ends, how="left", on="patient_id"), levels),
    )


def _film_day(readings: pd.DataFrame) -> pd.Series:
    if "film_date" in readings:
        return (readings["film_date"] - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)
    return readings["film_day"]


def _pairs(films: pd.DataFrame, comparison: str) -> pd.DataFrame:
    """Pairs of films of one patient: patient_id, interval, day_from, day_to."""
    day = films.groupby("patient_id")["film_day"]
    if comparison == "first_last":
        pairs = day.agg(day_from="min", day_to="max").reset_index()
        pairs = pairs[pairs["day_to"] > pairs["day_from"]].assign(interval=1)
    else:
        pairs = films.assign(day_from=day.shift(), interval=day.cumcount()).rename(
            columns={"film_day": "day_to"}
        )
        pairs = pairs[pairs["interval"] > 0]
    return pairs[["patient_id", "interval", "day_from", "day_to"]].reset_index(drop=True)


def _pair_regions(pairs: pd.DataFrame, grades: pd.DataFrame) -> pd.DataFrame:
    """Grades of each region on both films of each pair; absent where it was not read."""
    by = ["patient_id", "interval", "side", "region"]
    ends = []
    for end in ("from", "to"):
        joined = pairs.merge(
            grades, left_on=["patient_id", f"day_{end}"], right_on=["patient_id", "film_day"]
        )
        ends.append(joined[[*by, "grade"]].rename(columns={"grade": f"grade_{end}"}))
    return ends[0].merge(ends[1], how="outer", on=by)


def _maxima(
    pairs: pd.DataFrame, grades: pd.DataFrame, unread_regions: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Regions read on both films of each pair, and the patient's maximum on each of the two."""
    both = _pair_regions(pairs, grades)
    paired = both.dropna(subset=["grade_from", "grade_to"])
    used = paired if unread_regions == "paired" else both
    maxima = used.groupby(["patient_id", "interval"])[["grade_from", "grade_to"]].max().dropna()
    return paired, maxima


def _label(frame: pd.DataFrame, levels: list[str]) -> pd.DataFrame:
    """Integer codes of grades as ordered categories, in every column called grade_..."""
    for column in [name for name in frame if name.startswith("grade_")]:
        codes = frame[column].fillna(-1).astype("int64")
        labelled = pd.Categorical.from_codes(codes, categories=levels, ordered=True)
        frame = frame.assign(**{column: labelled})
    return frame.reset_index(drop=True)
