"""What the plan derives from items, added to the patients table."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from calcinosis.derive import bone_density, classification, definitions, disability, lesions
from calcinosis.derive.instruments import COCHIN
from calcinosis.derive.totals import named, total


def add(patients: pd.DataFrame, plan: Mapping[str, Any]) -> pd.DataFrame:
    """Add composites, totals, classification, questionnaires, T-scores and classes.

    Parameters
    ----------
    patients : with the items
    plan : definitions, totals, classification, lesions, bone_density and disability; empty where
        the plan has none

    Returns
    -------
    patients with the derived variables; scores with their bounds `_lower` and `_upper`
    """
    frame = definitions.define(patients, plan["definitions"])
    scores = {name: total(frame, **parts) for name, parts in plan["totals"].items()}
    frame = frame.assign(**named(scores | _disability(frame, plan["disability"])))
    if plan["classification"]:
        frame = frame.assign(**classification.acr_eular_2013(frame))
    if plan["lesions"]:
        frame = _lesions(frame, plan["lesions"])
    return _bone_density(frame, plan["bone_density"]) if plan["bone_density"] else frame


def _lesions(frame: pd.DataFrame, plan: Mapping[str, Any]) -> pd.DataFrame:
    count = lesions.lesion_count(frame, plan["sites"], plan["among"])
    return frame.assign(
        location_class=lesions.location_class(frame, **plan),
        lesion_count_class=lesions.lesion_count_class(count),
        **named({"lesion_count": count}),
    )


def _disability(frame: pd.DataFrame, plan: Mapping[str, Any] | None) -> dict[str, pd.DataFrame]:
    if not plan:
        return {}
    scores = {name: disability.haq_di(frame, aids=aids) for name, aids in plan["haq_di"].items()}
    if plan["cochin"]:
        scores["cochin"] = total(frame, COCHIN.items, COCHIN.highest)
    for name, scale in plan["visual_scales"].items():
        scores[name] = disability.visual_scale(frame[scale["variable"]], scale["length"])
    return scores


def _bone_density(frame: pd.DataFrame, plan: Mapping[str, Any]) -> pd.DataFrame:
    for name, site in plan["densities"].items():
        frame[name] = bone_density.from_density(frame, site["variable"], site["references"])
    frame["t_score"] = bone_density.t_score(frame, plan["sites"], plan["use"])
    if plan["who"]:
        frame["who_group"] = bone_density.who_group(frame, **plan["who"])
        frame["who_class"] = bone_density.who_class(frame["t_score"], frame["who_group"])
    if plan["z_scores"]:
        frame["z_class"] = bone_density.z_class(frame, plan["z_scores"], frame["who_group"])
    return frame
