"""What is missing: per variable, together, and in whom."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.estimate.describe import smd_rows, variable_rows
from calcinosis.estimate.groups import groups
from calcinosis.estimate.patterns import collapse
from calcinosis.estimates import Row, count

WITH_WITHOUT = {
    "values": ("complete", "incomplete"),
    "outcome": ("known", "unknown"),
}
"""Who is compared: patients with and without missing values, and without the outcome."""

_LEAVE = "Patients without it leave the model, also that over imputations."


def missingness_rows(
    frame: pd.DataFrame, outcome: str, variables: Sequence[str], centre: str | None = None
) -> list[Row]:
    """How much is missing, which variables are missing together, and whether it is chance.

    Parameters
    ----------
    frame : dataset `missing_data`: patient_id, the outcome and the variables
    outcome : a yes/no variable; patients without it are in no model
    variables : of the model and those that help to impute it, in the order of the tables
    centre : that has a parameter in the model and is not imputed, or None

    Returns
    -------
    rows of analysis `missingness`, all of counts of patients: `missing` of each variable and of the
    centre; patterns
    (term `pattern`, level the missing variables joined by `=`, or `none`) of patients with the
    outcome, the most frequent first; and, where there are both, patients with and without missing
    values (`values=complete`, `values=incomplete`) and with and without the outcome described as in
    Table 1, with `smd`
    """
    with_outcome = frame[frame[outcome].notna()].reset_index(drop=True)
    rows = [_missing(frame[outcome], outcome)]
    rows += [_missing(with_outcome[name], name) for name in variables]
    if centre:
        of_centre = _missing(with_outcome[centre], centre)
        rows = [row for row in rows if row.term != centre]
        rows.append(replace(of_centre, note=_LEAVE if of_centre.estimate else ""))
    missing = with_outcome[list(variables)].isna()
    rows += _patterns(missing)
    rows += _compared(with_outcome, "values", missing.any(axis=1).to_numpy(), [outcome, *variables])
    rows += _compared(frame, "outcome", frame[outcome].isna().to_numpy(), variables)
    return rows


def _missing(values: pd.Series, name: str) -> Row:
    return Row(
        analysis="missingness",
        statistic="missing",
        term=name,
        estimate=int(values.isna().sum()),
        n=len(values),
    )


def _patterns(missing: pd.DataFrame) -> list[Row]:
    names = np.array(missing.columns)
    found = collapse(missing.to_numpy(), np.zeros(len(missing)))
    named = ["=".join(sorted(names[gaps])) or "none" for gaps in found.X]
    number = dict(zip(named, found.trials.astype(int).tolist(), strict=True))
    return [
        Row(
            analysis="missingness",
            statistic="proportion",
            term="pattern",
            level=pattern,
            unit="of patients",
            estimate=number[pattern] / len(missing),
            n=len(missing),
            events=number[pattern],
        )
        for pattern in sorted(number, key=lambda pattern: (-number[pattern], pattern))
    ]


def _compared(
    frame: pd.DataFrame, name: str, without: np.ndarray, variables: Sequence[str]
) -> list[Row]:
    """Patients with and without; no rows where all are of one kind."""
    if without.all() or not without.any():
        return []
    by = pd.Series(pd.Categorical.from_codes(without.astype(int), WITH_WITHOUT[name]), name=name)
    common: dict[str, Any] = {"analysis": "missingness", "term": "patients", "unit": "patients"}
    rows = [count(number=int(who.sum()), group=group, **common) for group, who in groups(by)]
    for variable in variables:
        for group, who in groups(by):
            values = frame.loc[who, variable]
            rows += variable_rows("missingness", values, group=group, term=variable)
        rows += smd_rows("missingness", frame[variable], by)
    return rows
