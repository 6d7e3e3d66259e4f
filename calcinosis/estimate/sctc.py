"""SCTC scores by film, and progression by the change of the score."""

from typing import Any

import pandas as pd

from calcinosis.estimate.groups import summary_rows
from calcinosis.estimate.proportions import proportion
from calcinosis.estimate.severity import OF_PATIENTS
from calcinosis.estimates import Row

OUTCOME = "progression_sctc"
_BOUNDS = ("paired", "lowest", "highest")


def sctc_rows(frame: pd.DataFrame, comparison: str) -> list[Row]:
    """Scores at the first and last film, and the share of patients in each class of change.

    Parameters
    ----------
    frame : dataset `sctc`: patient_id, score_first, score_last, and the classes `paired`, `lowest`,
        `highest`
    comparison : first_last or consecutive

    Returns
    -------
    rows of analysis `severity` (scores) and `progression`: model `first_last` or `consecutive`,
    with `_lowest` and `_highest` where the unread regions of films are at the values that make the
    change lowest and highest; level improved, stable, progressive or new_onset; and without a
    level the progressive and the new ones together
    """
    rows = []
    for film in ("first", "last"):
        scores = frame[f"score_{film}"]
        rows += summary_rows("severity", scores, term="sctc_score", level=f"{film}_film")
    for name in _BOUNDS:
        classes = frame[name].dropna()
        identity: dict[str, Any] = {
            "model": comparison + ("" if name == "paired" else f"_{name}"),
            "outcome": OUTCOME,
            "unit": OF_PATIENTS,
        }
        worse = classes.isin(["progressive", "new_onset"])
        rows.append(proportion("progression", int(worse.sum()), len(classes), **identity))
        rows += [
            proportion(
                "progression",
                int((classes == level).sum()),
                len(classes),
                **identity,
                term="class_of_change",
                level=level,
            )
            for level in frame[name].cat.categories
        ]
    return rows
