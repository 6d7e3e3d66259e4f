"""The main results where only patients count who were found in certain ways."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.estimate.lesions import OF_PATIENTS, complication_rows, site_rows
from calcinosis.estimate.proportions import proportion
from calcinosis.estimates import Row


def sensitivity_rows(
    frame: pd.DataFrame, settings: Mapping[str, Any], models: pd.DataFrame
) -> list[Row]:
    """Prevalence, sites, complications and adjusted odds ratios by way of finding.

    Parameters
    ----------
    frame : dataset `lesions`
    settings : the plan's section, with `model`: the adjusted model of who has lesions
    models : dataset `models`; of no meaning where `settings` has no model

    Returns
    -------
    rows of analysis `ascertainment`, whose `model` says who counts as having lesions: who was found
    by the first way of the plan, by the first or second, and so on (`imaging`,
    `imaging_or_examination`, ..., the last `any_way`). Who was found otherwise only counts as
    without, and who may have been found by a way that is not known is left out. Sites and
    complications are as recorded: no lesion says how it was found
    """
    modes, among = settings["ascertainment"], settings["among"]
    rows = []
    for name, variables in definitions(modes).items():
        counts = by_ways(frame, variables)
        known = counts.dropna()
        identity: dict[str, Any] = {"term": among, "level": "yes", "unit": OF_PATIENTS}
        found = [proportion("ascertainment", int((known == "yes").sum()), len(known), **identity)]
        as_if = frame.assign(**{among: counts})
        found += [*site_rows(as_if, settings), *complication_rows(as_if, settings)]
        if settings["model"]:
            outcome = counts.set_axis(frame["patient_id"])
            found += _odds_ratios(models, outcome, settings["model"])
        rows += [replace(row, analysis="ascertainment", model=name) for row in found]
    return rows


def definitions(modes: Mapping[str, str]) -> dict[str, list[str]]:
    """Who counts: name to the variables of which one must be yes, in the plan's order."""
    names, variables = list(modes), list(modes.values())
    found = {"_or_".join(names[: i + 1]): variables[: i + 1] for i in range(len(names) - 1)}
    return {**found, "any_way": variables}


def by_ways(frame: pd.DataFrame, variables: list[str]) -> pd.Series:
    """Yes where one of the variables is, no where all are known to be no, else missing."""
    parts = frame[variables]
    yes, known = (parts == "yes").any(axis=1), parts.notna().all(axis=1)
    codes = np.where(yes, 1, np.where(known, 0, -1))
    return pd.Series(pd.Categorical.from_codes(codes, ["no", "yes"]), index=frame.index)


def _odds_ratios(models: pd.DataFrame, counts: pd.Series, settings: Mapping[str, Any]) -> list[Row]:
    """The adjusted odds ratios of the plan with another outcome."""
    from calcinosis.estimate import model_rows  # takes longer to import than all counts together
    from calcinosis.estimate.models import Models

    outcome = models["patient_id"].map(counts)
    those = models.assign(**{settings["outcome"]: outcome == "yes"})[outcome.notna()]
    if those.empty:
        return []
    fitted = Models(those, settings, settings["centres"]).multivariable
    found = model_rows.rows(fitted)
    return [row for row in found if row.statistic == "odds_ratio"]
