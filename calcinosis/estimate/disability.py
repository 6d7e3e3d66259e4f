"""Disability and hand function by group."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from calcinosis.estimate.contrasts import contrast_row
from calcinosis.estimate.groups import bound_rows, groups, summary_rows
from calcinosis.estimates import Row

ANALYSIS = "disability"
LOCATION = "location_class"


def disability_rows(frame: pd.DataFrame, settings: Mapping[str, Any]) -> list[Row]:
    """Summaries of each score by each grouping variable, and their contrasts.

    Parameters
    ----------
    frame : dataset `disability`: patient_id, the scores (with their bounds) and the
        grouping variables
    settings : the plan's section: scores, by

    Returns
    -------
    rows of analysis `disability`: `term` is the score, `group` overall or `<variable>=<level>`;
    location classes are contrasted among patients with lesions
    """
    rows: list[Row] = []
    for score in settings["scores"]:
        rows += summary_rows(ANALYSIS, frame[score], term=score)
        rows += bound_rows(ANALYSIS, frame, score)
        for variable in settings["by"]:
            for name, who in groups(frame[variable]):
                rows += summary_rows(ANALYSIS, frame.loc[who, score], group=name, term=score)
                rows += bound_rows(ANALYSIS, frame[who], score, group=name)
            identity = {"term": score, "level": variable}
            known = frame[frame[variable].notna()]
            if variable == LOCATION:
                # Those without lesions would only repeat the contrast with and without.
                known = known[known[variable] != "none"]
                left = known[variable].cat.remove_categories("none")
                known = known.assign(**{variable: left})
            rows.append(contrast_row(ANALYSIS, known[score], known[variable], **identity))
    return rows
