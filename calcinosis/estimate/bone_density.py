"""T-scores by group, their classes, and who had densitometry."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from calcinosis.estimate.bone_density_models import adjusted_rows
from calcinosis.estimate.bone_density_selection import selection_rows
from calcinosis.estimate.describe import variable_rows
from calcinosis.estimate.group_contrasts import contrast_rows
from calcinosis.estimate.group_tests import exact_row
from calcinosis.estimate.groups import groups, summary_rows
from calcinosis.estimate.proportions import proportion
from calcinosis.estimates import Row, count

ANALYSIS = "bone_density"


def bone_density_rows(frame: pd.DataFrame, settings: Mapping[str, Any]) -> list[Row]:
    """Compare T-scores of those who had densitometry, and those who had with those who had not.

    Parameters
    ----------
    frame : dataset `bone_density`: patient_id, the grouping variable, t_score, the T-scores of
        `sites`, the variables of `selection`, and, where the plan has them, who_group, who_class,
        z_class, the device, the centre and the variables of covariates
    settings : of the plan's section: by, sites (beside the one that is compared), selection,
        eligible (the groups that the WHO classes are meant for; empty where nobody is classed),
        z_scores (whether there are some), device, device_has_reference, adjust, definitions and
        models (of the covariates, and of the logistic model), weighting, bootstraps, seed, centre

    Returns
    -------
    rows of analysis `bone_density`: how many were measured; who of them can be classed; by group
    the T-score of each site and its contrasts, the classes and their exact test, the Z-scores of
    those who are not classed, and the devices; adjusted differences; by `densitometry=yes` or `=no`
    the variables of `selection`; and differences weighted by the chance of being measured. Of
    nobody only the first
    """
    frame = frame.sort_values("patient_id")
    measured = frame["t_score"].notna()
    taken, seed = frame[measured], settings["seed"]
    by = taken[settings["by"]]
    rows = [
        proportion(
            ANALYSIS, int(measured.sum()), len(frame), term="densitometry", unit="of patients"
        )
    ]
    if frame.empty:  # of nobody a file keeps no levels either
        return rows
    if settings["eligible"]:
        rows += _classed(taken["who_group"], settings["eligible"])
    for term in ("t_score", *settings["sites"]):
        for name, who in groups(by):
            rows += summary_rows(ANALYSIS, taken.loc[who, term], group=name, term=term)
        rows += contrast_rows(ANALYSIS, taken[term], by, term, seed)
    if settings["eligible"]:
        rows += _classes(taken, by, "who_class", seed)
    if settings["z_scores"]:
        rows += _classes(taken, by, "z_class", seed)
    if settings["device"]:
        rows += _devices(taken, by, settings)
    if settings["adjust"]:
        rows += adjusted_rows(taken, settings)
    return rows + selection_rows(frame, settings)


def _classed(who_group: pd.Series, eligible: Sequence[str]) -> list[Row]:
    """How many of the measured the WHO classes are meant for, and who they are."""
    classed, n = int(who_group.isin(eligible).sum()), len(who_group)
    counts = who_group.value_counts()
    return [
        proportion(ANALYSIS, classed, n, term="who_eligible", unit="of measured"),
        *(
            count(ANALYSIS, int(counts[level]), term="who_group", level=level)
            for level in who_group.cat.categories
        ),
    ]


def _classes(taken: pd.DataFrame, by: pd.Series, term: str, seed: int) -> list[Row]:
    rows = []
    for name, who in groups(by):
        rows += variable_rows(ANALYSIS, taken.loc[who, term], group=name, term=term)
    return [*rows, exact_row(ANALYSIS, taken[term], by, seed)]


def _devices(taken: pd.DataFrame, by: pd.Series, settings: Mapping[str, Any]) -> list[Row]:
    """Who was measured by which device, and whether their references tell devices apart."""
    device, rows = taken[settings["device"]], []
    for name, who in groups(by):
        rows += variable_rows(ANALYSIS, device[who], group=name, term="device")
    used = int(device.nunique())
    row = count(ANALYSIS, used, term="devices")
    if used > 1 and not settings["device_has_reference"]:
        note = (
            "T-scores of several devices are compared, and the plan has no reference by device: "
            "devices differ in the densities that they give, so that a part of a difference "
            "between groups may be one between devices."
        )
        row = replace(row, status="warning", note=note)
    return [*rows, row, exact_row(ANALYSIS, device.rename("device"), by, settings["seed"])]
