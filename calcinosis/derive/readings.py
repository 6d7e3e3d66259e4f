"""Which reading counts where a film was read more than once, and pairs of readings.

Readings by several readers say how far readers agree; a reader who reads a film again (`occasion`
1, 2, ...) says how far he agrees with himself. His first reading counts for the analysis.
"""

from collections.abc import Mapping
from typing import Literal

import pandas as pd

from calcinosis.errors import InputError, nearest

ONLY = "only"
"""Reader, side or region of an export that does not tell them apart."""
GLOBAL = "global"
"""The region that holds a reader's grade of the whole film."""

_REGION = ["patient_id", "film_day", "side", "region"]
_READER = [*_REGION, "reader"]


def tidy(readings: pd.DataFrame) -> pd.DataFrame:
    """The canonical table with every column that tells readings apart.

    Parameters
    ----------
    readings : patient_id, film_date (or film_day), and reader, side, region, occasion where the
        export has several

    Returns
    -------
    the table with film_day (days), reader (text), side, region and occasion
    """
    only = dict.fromkeys({"reader", "side", "region"} - set(readings.columns), ONLY)
    frame = readings.assign(**only, film_day=_film_day(readings))
    if "occasion" not in frame:
        frame["occasion"] = 1
    if frame["side"].isna().any():  # a grade of the whole film need not name a side
        frame["side"] = frame["side"].astype("category").cat.add_categories(ONLY).fillna(ONLY)
    return frame.assign(reader=frame["reader"].astype("string"))


def of_regions(readings: pd.DataFrame, value: pd.Series) -> pd.DataFrame:
    """The readings that have a value: patient_id, film_day, side, region, reader, occasion, value.

    Parameters
    ----------
    readings : from `tidy`
    value : a number per reading, such as `grade_codes`; missing where a region was not read
    """
    frame = readings[[*_READER, "occasion"]].assign(value=value)
    return frame[frame["value"].notna()]


def grade_codes(readings: pd.DataFrame) -> pd.Series:
    """Grades as numbers from 0; missing where a region was not read."""
    codes = readings["grade"].cat.codes.astype("float64")
    return codes.mask(codes < 0)


def combine(
    readings: pd.DataFrame,
    disagreement: Literal["highest", "lowest", "primary"],
    primary: str | None = None,
) -> pd.DataFrame:
    """One value per patient, film, side and region.

    Parameters
    ----------
    readings : from `of_regions`
    disagreement : the highest or lowest value of the readers, or the primary reader's
    primary : name of that reader; a region that only others read takes their highest value

    Returns
    -------
    frame with patient_id, film_day, side, region, value
    """
    frame = readings.sort_values("occasion", kind="stable").drop_duplicates(_READER)
    if disagreement == "primary":
        theirs = frame.loc[frame["reader"] == primary, _REGION].assign(_read=True)
        marked = frame.merge(theirs, how="left", on=_REGION)
        frame = marked[marked["_read"].isna() | (marked["reader"] == primary)]
    how = "min" if disagreement == "lowest" else "max"
    return frame.groupby(_REGION, observed=True, as_index=False)["value"].agg(how)


def combine_readers(
    readings: pd.DataFrame,
    disagreement: Literal["highest", "lowest", "primary"],
    primary: str | None = None,
) -> pd.DataFrame:
    """One grade per patient, film, side and region; see `combine`.

    Parameters
    ----------
    readings : the canonical table with grade (ordered category)

    Returns
    -------
    frame with patient_id, film_day (days), side, region, grade (integer code from 0); regions
    that nobody read are left out

    Raises
    ------
    InputError
        No film was read by the primary reader.
    """
    frame = tidy(readings)
    everybody = set(frame["reader"].dropna())
    if disagreement == "primary" and primary not in everybody:
        raise InputError(
            f"readers.primary: no film was read by '{primary}': " + nearest(str(primary), everybody)
        )
    found = combine(of_regions(frame, grade_codes(frame)), disagreement, primary)
    return found.rename(columns={"value": "grade"}).astype({"grade": "int64"})


def double_readings(readings: pd.DataFrame, values: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Pairs of readings of one region of one film: of two readers, and of one reader twice.

    Parameters
    ----------
    readings : from `tidy`
    values : scale, such as grade, to its number per reading; missing where it was not read

    Returns
    -------
    frame with scale, patient_id, film_day, side, region, first and second (the readers in the
    order of their names, each at the first occasion; one name twice where a reader read the film
    again), value_first, value_second
    """
    names = {"reader_x": "first", "reader_y": "second"}
    names |= {"value_x": "value_first", "value_y": "value_second"}
    columns = ["scale", *_REGION, "first", "second", "value_first", "value_second"]
    parts = []
    for scale, value in values.items():
        ordered = of_regions(readings, value).sort_values("occasion", kind="stable")
        turn = ordered.groupby(_READER, observed=True).cumcount()
        once, again = (ordered[turn == n].drop(columns="occasion") for n in (0, 1))
        inter = once.merge(once, on=_REGION).query("reader_x < reader_y").rename(columns=names)
        intra = once.merge(again, on=_READER).rename(columns={**names, "reader": "first"})
        pairs = pd.concat([inter, intra.assign(second=intra["first"])])
        parts.append(pairs.assign(scale=scale)[columns])
    return pd.concat(parts).sort_values(columns[:7]).reset_index(drop=True)


def _film_day(readings: pd.DataFrame) -> pd.Series:
    if "film_date" in readings:
        return (readings["film_date"] - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)
    return readings["film_day"]
