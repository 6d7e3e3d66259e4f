"""Who is in the analysis, and where each of the others left."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

ANALYSED = "analysed"
ONE_FILM = "excluded/fewer_than_two_films"
NOT_COMPARABLE = "excluded/no_region_read_twice"
IMPROVED = "excluded/improved"
NOT_MET, UNKNOWN = "criterion_not_met", "criterion_unknown"
UNKNOWN_KEPT = "unknown_kept"


def participant_flow(
    patients: pd.DataFrame,
    criteria: Sequence[Mapping[str, Any]],
    films: pd.DataFrame | None = None,
    intervals: pd.DataFrame | None = None,
    *,
    exclude_improved: bool = False,
) -> pd.DataFrame:
    """Where each patient left, the first reason in order counting.

    Parameters
    ----------
    patients : the canonical table, one row per patient
    criteria : the plan's criteria in order: name, variable, at_least, below, one_of, missing
    films, intervals : from `compare_films`, where the plan compares films: then patients with one
        film, and those without a region that was read on both films, leave after the criteria
    exclude_improved : whether patients whose maximum fell leave too

    Returns
    -------
    frame with patient_id; left_at (ordered category: the steps in order, each as kind/name with
    the kinds criterion_unknown, criterion_not_met and excluded; then `analysed`); and per criterion
    that keeps missing values the boolean unknown_kept/<name>: who passed it without a value
    """
    steps: list[tuple[str, pd.Series]] = []
    kept: dict[str, pd.Series] = {}
    here = pd.Series(True, patients.index)
    for criterion in criteria:
        fails = _fails(patients, criterion)
        unknown = patients[criterion["variable"]].isna()
        if criterion["missing"] == "exclude":
            steps.append((f"{UNKNOWN}/{criterion['name']}", unknown))
        else:
            kept[f"{UNKNOWN_KEPT}/{criterion['name']}"] = here & unknown
        steps.append((f"{NOT_MET}/{criterion['name']}", fails))
        here &= ~fails & ~(unknown & (criterion["missing"] == "exclude"))
    if films is not None and intervals is not None:
        count = patients["patient_id"].map(films.set_index("patient_id")["films"]).fillna(0)
        steps.append((ONE_FILM, count < 2))
        steps.append((NOT_COMPARABLE, ~patients["patient_id"].isin(intervals["patient_id"])))
        if exclude_improved:
            improved = set(intervals.loc[intervals["improved"], "patient_id"])
            steps.append((IMPROVED, patients["patient_id"].isin(improved)))
    left = pd.Series(ANALYSED, index=patients.index)
    for name, fails in reversed(steps):
        left = left.mask(fails, name)
    order = pd.CategoricalDtype([*(name for name, _ in steps), ANALYSED], ordered=True)
    return pd.DataFrame(
        {"patient_id": patients["patient_id"], "left_at": left.astype(order), **kept}
    )


def excluded(flow: pd.DataFrame) -> pd.DataFrame:
    """The patients who left, for the study team: patient_id, step and reason, in order of steps."""
    left = flow[flow["left_at"] != ANALYSED].sort_values(["left_at", "patient_id"])
    steps = left["left_at"].astype(str).str.split("/", n=1)
    return pd.DataFrame(
        {"patient_id": left["patient_id"], "step": steps.str[0], "reason": steps.str[1]}
    )


def _fails(patients: pd.DataFrame, criterion: Mapping[str, Any]) -> pd.Series:
    """Who has a value and does not meet the criterion."""
    values = patients[criterion["variable"]]
    passes = pd.Series(True, index=patients.index)
    if criterion.get("one_of"):
        passes &= values.isin(criterion["one_of"])
    if criterion.get("at_least") is not None:
        passes &= values >= criterion["at_least"]
    if criterion.get("below") is not None:
        passes &= values < criterion["below"]
    return ~passes.mask(values.isna(), True).astype(bool)
