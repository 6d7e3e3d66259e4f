"""T-scores by group, their classes, and who had densitometry."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from calcinosis.estimate.contrasts import contrast_row
from calcinosis.estimate.describe import smd_rows, variable_rows
from calcinosis.estimate.groups import groups, summary_rows
from calcinosis.estimate.proportions import proportion
from calcinosis.estimates import Row, count

ANALYSIS = "bone_density"
MEASURED = pd.CategoricalDtype(["no", "yes"], ordered=True)


def bone_density_rows(frame: pd.DataFrame, settings: Mapping[str, Any]) -> list[Row]:
    """Compare T-scores of those who had densitometry, and those who had with those who had not.

    Parameters
    ----------
    frame : dataset `bone_density`: patient_id, the grouping variable, t_score, the variables of
        `selection`, and who_group and who_class where they are classed
    settings : the plan's section: by, selection, eligible (the groups that the WHO classes are
        meant for; empty where nobody is classed)

    Returns
    -------
    rows of analysis `bone_density`: how many were measured; who of them can be classed; by group
    the T-score and its classes; the shift between the groups; by `densitometry=yes` or `=no` the
    variables of `selection`
    """
    measured = frame["t_score"].notna()
    taken = frame[measured]
    by = taken[settings["by"]]
    rows = [
        proportion(
            ANALYSIS, int(measured.sum()), len(frame), term="densitometry", unit="of patients"
        )
    ]
    if settings["eligible"]:
        rows += _classed(taken["who_group"], settings["eligible"])
    for name, who in groups(by):
        group = taken[who]
        rows += summary_rows(ANALYSIS, group["t_score"], group=name, term="t_score")
        if settings["eligible"]:
            rows += variable_rows(ANALYSIS, group["who_class"], group=name, term="who_class")
    rows.append(contrast_row(ANALYSIS, taken["t_score"], by, term="t_score"))
    had = measured.map({False: "no", True: "yes"}).astype(MEASURED).rename("densitometry")
    for variable in settings["selection"]:
        for name, who in groups(had):
            rows += variable_rows(ANALYSIS, frame.loc[who, variable], group=name, term=variable)
        rows += smd_rows(ANALYSIS, frame[variable], had)
    return rows


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
