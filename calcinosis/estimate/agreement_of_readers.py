"""How far two readings of the same films agree, and how often the second one is worse.

Where a patient has several films or regions that were read twice, limits are the jackknife's that
leaves out whole patients; with one pair a patient they are the textbook ones.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.estimate.clusters import clustered_share, jackknife
from calcinosis.estimate.reader_statistics import (
    Measured,
    Weights,
    agreement_table,
    bland_altman,
    icc,
    kappa,
    t_interval,
)
from calcinosis.estimates import CONF_LEVEL, Row, count

OF_REGIONS, OF_FILMS = "of regions", "of films"
_FILM = ["patient_id", "film_day"]
_KAPPAS: dict[str, Weights] = {
    "kappa": "unweighted",
    "kappa_linear": "linear",
    "kappa_quadratic": "quadratic",
}
_ANY_SIZE = ("mean_difference", "limit_low", "limit_high")
_OF_SCORES = {"icc": "mcgraw_wong", **dict.fromkeys(_ANY_SIZE, "bland_altman")}
"""Statistics of scores: the method of their textbook limits."""


def agreement_rows(pairs: pd.DataFrame, levels: Sequence[str]) -> list[Row]:
    """Agreement of each pair of readers, and of each reader with himself.

    Parameters
    ----------
    pairs : dataset `agreement`: scale (grade, sctc), patient_id, film_day, side, region, first,
        second, value_first, value_second
    levels : the grades in order

    Returns
    -------
    rows of analysis `agreement` with model inter_reader or intra_reader, `group` the first reader
    and `reference` the second; where no film was read twice, one row that says so
    """
    if pairs.empty:
        note = "No film of the analysed patients was read twice."
        return [
            Row(analysis="agreement", statistic="kappa", n=0, status="not_estimable", note=note)
        ]
    rows = []
    for (first, second), own in pairs.groupby(["first", "second"], sort=True):
        model = "intra_reader" if first == second else "inter_reader"
        identity = {"model": model, "group": str(first), "reference": str(second)}
        grades = own[own["scale"] == "grade"]
        whole = grades["region"].astype("string") == "global"
        regional = grades[~whole]
        films = _of_films(regional, "max")
        patients = int(own["patient_id"].nunique())
        rows.append(count("agreement", patients, unit="patients", **identity))
        several = len(regional) > len(films)
        for part, term, unit in (
            (regional if several else regional.iloc[:0], "grade", OF_REGIONS),
            (films, "grade", OF_FILMS),
            (grades[whole], "global_grade", OF_FILMS),
        ):
            if len(part):
                rows += _grade_rows(part, levels, {**identity, "term": term, "unit": unit})
        if several:
            affected = regional[["value_first", "value_second"]] > 0
            counts = _of_films(regional.assign(**affected.astype(float)), "sum")
            rows += _score_rows(counts, {**identity, "term": "regions_affected"})
        if (own["scale"] == "sctc").any():
            scores = _of_films(own[own["scale"] == "sctc"], "sum")
            rows += _score_rows(scores, {**identity, "term": "sctc_score"})
    return rows


def _of_films(regions: pd.DataFrame, how: str) -> pd.DataFrame:
    """One row per film, from the regions that both readings have."""
    return regions.groupby(_FILM, as_index=False)[["value_first", "value_second"]].agg(how)


def _grade_rows(pairs: pd.DataFrame, levels: Sequence[str], identity: dict[str, Any]) -> list[Row]:
    first, second = (pairs[f"value_{name}"].to_numpy() for name in ("first", "second"))
    patients, last = pairs["patient_id"].to_numpy(), len(levels) - 1
    rows = [
        _kappa_row(first, second, len(levels), patients, statistic, identity)
        for statistic in _KAPPAS
    ]
    for cut in sorted({0, last - 1}) if last > 1 else []:
        level = f"above_{levels[cut]}"
        parts = (first > cut, second > cut)
        rows.append(_kappa_row(*parts, 2, patients, "kappa", {**identity, "level": level}))
    for outcome, present in (
        ("same_grade", first == second),
        ("false_worsening", second > first),
        ("false_worsening_2_levels", second > first + 1),
        ("false_improvement", second < first),
    ):
        rows.append(clustered_share("agreement", present, patients, **identity, outcome=outcome))
    return rows


def _score_rows(films: pd.DataFrame, identity: dict[str, Any]) -> list[Row]:
    first, second = (films[f"value_{name}"].to_numpy(float) for name in ("first", "second"))
    patients, rows = films["patient_id"].to_numpy(), []
    for statistic, method in _OF_SCORES.items():

        def of(stay: np.ndarray, statistic: str = statistic) -> Measured | None:
            if stay.sum() < 2:
                return None
            if statistic == "icc":
                return icc(first[stay], second[stay])
            return bland_altman(first[stay], second[stay])[statistic]

        rows.append(_row(of, patients, statistic, method, {**identity, "unit": OF_FILMS}))
    return rows


def _kappa_row(
    first: np.ndarray,
    second: np.ndarray,
    levels: int,
    patients: np.ndarray,
    statistic: str,
    identity: dict[str, Any],
) -> Row:
    def of(stay: np.ndarray) -> Measured | None:
        return kappa(agreement_table(first[stay], second[stay], levels), _KAPPAS[statistic])

    return _row(of, patients, statistic, "asymptotic", identity)


def _row(
    of: Callable[[np.ndarray], Measured | None],
    patients: np.ndarray,
    statistic: str,
    method: str,
    identity: dict[str, Any],
) -> Row:
    """The statistic of all pairs with the limits of `method`, or, with clusters, the jackknife's.

    Parameters
    ----------
    of : the statistic of the pairs that a boolean array keeps
    patients : whose each pair is
    """
    clustered = len(np.unique(patients)) < len(patients)
    whole = of(np.ones(len(patients), bool))
    fields = {
        "analysis": "agreement",
        "statistic": statistic,
        "n": len(patients),
        "method": "jackknife" if clustered else method,
        **identity,
    }
    if whole is None:
        return Row(**fields, status="not_estimable", note=_NOTHING)
    low, high, std_error, df = whole.low, whole.high, whole.std_error, None
    if clustered:
        low = high = std_error = None
        found = jackknife(lambda stay: _estimate(of(stay)), patients)
        if found and found[0] > 0:
            std_error, df = found
            least, most = (-math.inf, math.inf) if statistic in _ANY_SIZE else (-1.0, 1.0)
            low, high = t_interval(whole.estimate, std_error, df, least, most)
    if low is None:
        return Row(**fields, estimate=whole.estimate, status="warning", note=_NO_LIMITS)
    return Row(
        **fields,
        estimate=whole.estimate,
        std_error=std_error,
        df=df,
        conf_low=low,
        conf_high=high,
        conf_level=CONF_LEVEL,
    )


def _estimate(found: Measured | None) -> float | None:
    return None if found is None else found.estimate


_NOTHING = "Fewer than two films, or all readings alike, so that nothing is left beyond chance."
_NO_LIMITS = "Too few patients, or too little disagreement, for an interval."
