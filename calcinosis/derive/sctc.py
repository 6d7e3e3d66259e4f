"""Radiographic score of the Scleroderma Clinical Trials Consortium: coverage times density.

Chung 2015 (doi 10.1002/acr.22434) scores area coverage, density and place. The weights of places
are the user's: the plan gives them with their source. Changes are classed as by Valenzuela 2022
(Semin Arthritis Rheum 53:151980): a rise by more than 25 % is progressive, a fall by more than 25 %
improved.
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd

from calcinosis.derive.progression import against_first

MAXIMUM = 100 * 3
"""Of one region with weight 1: coverage in per cent times density from 1 to 3."""
CHANGE = 0.25
CLASSES = ("improved", "stable", "progressive", "new_onset")
_FILM = ["patient_id", "film_day"]


def region_scores(readings: pd.DataFrame, weights: Mapping[str, float]) -> pd.Series:
    """Weight times coverage times density of each reading of a region.

    Parameters
    ----------
    readings : from `tidy`, with coverage (per cent) and density (1 to 3; of no meaning, and 0 or
        missing, where coverage is 0)
    weights : region to weight; a region without one, such as the whole film, has no score

    Returns
    -------
    numbers; missing where coverage, or the density of some coverage, is missing
    """
    coverage = readings["coverage"].astype("float64")
    score = (coverage * readings["density"].astype("float64")).mask(coverage == 0, 0.0)
    return score * readings["region"].astype("object").map(weights).astype("float64")


def changes(
    scores: pd.DataFrame,
    weights: Mapping[str, float],
    comparison: Literal["first_last", "consecutive"],
) -> pd.DataFrame:
    """Scores of each patient's first and last film, and the class of the change.

    Parameters
    ----------
    scores : one row per patient_id, film_day, side and region that was read, with value
    weights : see `region_scores`
    comparison : each later film is compared with the first one; with `consecutive` the first film
        that is progressive or a new onset decides, otherwise, and with first_last, the last film

    Returns
    -------
    frame with patient_id; score_first, score_last (missing where a region of that film was not
        read); and the class of the change (see `change_class`) by the regions read on both films
        (`paired`), and with the unread regions of each film at the values that make the change
        lowest and highest (`lowest`, `highest`); missing where no film can be compared
    """
    films = _films(scores, weights)
    of_patient = films.groupby("patient_id")
    pairs = against_first(scores, comparison).groupby(_FILM)[["value_from", "value_to"]].sum()
    first = films.drop_duplicates("patient_id").drop(columns="film_day")
    later = (
        pairs.reset_index()
        .merge(films, on=_FILM)
        .merge(first, on="patient_id", suffixes=("", "_first"))
        .sort_values(_FILM)
    )
    classes = pd.DataFrame(
        {
            "paired": change_class(later["value_from"], later["value_to"]),
            "lowest": change_class(later["high_first"], later["low"]),
            "highest": change_class(later["low_first"], later["high"]),
        }
    )
    found = pd.DataFrame(
        {
            "score_first": of_patient["score"].agg(lambda values: values.iloc[0]),
            "score_last": of_patient["score"].agg(lambda values: values.iloc[-1]),
            **classes.groupby(later["patient_id"]).agg(_decisive),
        }
    )
    for name in classes:
        found[name] = found[name].astype(pd.CategoricalDtype(CLASSES))
    return found.rename_axis("patient_id").reset_index()


def change_class(start: pd.Series, end: pd.Series) -> np.ndarray:
    """Class of the change from one score to another.

    Returns
    -------
    improved (a fall by more than a quarter), stable, progressive (a rise by more than a quarter);
    new_onset where the start is 0 and the end is not, because 0 has no percentage
    """
    # Rounded, so that exactly a quarter is stable whatever the weights' decimals.
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.round((end - start) / start, 9)
    return np.select(
        [(start == 0) & (end > 0), start == 0, change > CHANGE, change < -CHANGE],
        ["new_onset", "stable", "progressive", "improved"],
        "stable",
    )


def _films(scores: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """Score of each film with its bounds: patient_id, film_day, score, low, high, in order."""
    places = scores[["side", "region"]].drop_duplicates()
    films = scores[_FILM].drop_duplicates()
    every = films.merge(places, how="cross").merge(scores, how="left")
    top = every["region"].astype("object").map(weights).astype("float64") * MAXIMUM
    low, high = every["value"].fillna(0.0), every["value"].fillna(top)
    every = every.assign(low=low, high=high, unread=every["value"].isna())
    found = every.groupby(_FILM, as_index=False)[["low", "high", "unread"]].sum()
    return found.assign(score=found["low"].mask(found["unread"] > 0)).drop(columns="unread")


def _decisive(classes: pd.Series) -> str:
    worse = classes[classes.isin(["progressive", "new_onset"])]
    return str((worse if len(worse) else classes.iloc[-1:]).iloc[0])
