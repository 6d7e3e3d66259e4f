"""Grades at the first and last film, transitions, and the risk of progression."""

from typing import Any

import pandas as pd

from calcinosis.estimate.proportions import proportion
from calcinosis.estimates import Row, count

OUTCOMES = {"progression": "worsened", "progression_2_levels": "worsened_2_levels"}
OF_PATIENTS = "of patients"


def severity_rows(intervals: pd.DataFrame, regions: pd.DataFrame, comparison: str) -> list[Row]:
    """All rows of the severity chapter.

    Parameters
    ----------
    intervals : dataset `severity`: patient_id, interval, grade_from, grade_to, worsened,
        worsened_2_levels, improved, at_risk, grade_first, grade_last
    regions : dataset `regions`: patient_id, interval, side, region, grade_from, grade_to, worsened
    comparison : first_last or consecutive, the `model` of the rows

    Returns
    -------
    rows of severity (share of patients at each grade, first and last film), transitions (counts
    of intervals from grade to grade) and progression (risk by outcome, at risk or all, by baseline
    grade, by region)
    """
    intervals = intervals.sort_values(["patient_id", "interval"])
    levels = list(intervals["grade_from"].cat.categories)
    by_patient = intervals.groupby("patient_id")
    patients = pd.DataFrame(
        {
            "baseline": by_patient["grade_from"].first(),
            "first": by_patient["grade_first"].first(),
            "last": by_patient["grade_last"].first(),
            "at_risk": by_patient["at_risk"].first(),
            **{outcome: by_patient[column].any() for outcome, column in OUTCOMES.items()},
        }
    )
    return [
        *_grades(patients, levels),
        *_transitions(intervals, levels, comparison),
        *_risks(patients, levels, comparison),
        *_where(patients, regions, comparison),
    ]


def _grades(patients: pd.DataFrame, levels: list[str]) -> list[Row]:
    return [
        proportion(
            "severity",
            int((patients[film] == level).sum()),
            len(patients),
            group=f"{film}_film",
            term="grade",
            level=level,
            unit=OF_PATIENTS,
        )
        for film in ("first", "last")
        for level in levels
    ]


def _transitions(intervals: pd.DataFrame, levels: list[str], comparison: str) -> list[Row]:
    """Counts from grade to grade, with the totals of each grade before (rows) and after."""
    table = pd.crosstab(intervals["grade_from"], intervals["grade_to"], margins=True).reindex(
        index=[*levels, "All"], columns=[*levels, "All"], fill_value=0
    )
    return [
        count(
            "transitions",
            int(table.loc[start, end]),
            model=comparison,
            term="grade",
            group="overall" if start == "All" else f"from_{start}",
            level="" if end == "All" else end,
            unit="intervals",
        )
        for start in table.index
        for end in table.columns
    ]


def _risks(patients: pd.DataFrame, levels: list[str], comparison: str) -> list[Row]:
    rows = []
    for suffix, those in (("", patients), ("_at_risk", patients[patients["at_risk"]])):
        for outcome in OUTCOMES:
            identity: dict[str, Any] = {
                "model": comparison + suffix,
                "outcome": outcome,
                "unit": OF_PATIENTS,
            }
            rows.append(
                proportion("progression", int(those[outcome].sum()), len(those), **identity)
            )
            if suffix:
                continue
            for level in levels:
                of_level = those[those["baseline"] == level]
                rows.append(
                    proportion(
                        "progression",
                        int(of_level[outcome].sum()),
                        len(of_level),
                        term="baseline_grade",
                        level=level,
                        **identity,
                    )
                )
    return rows


def _where(patients: pd.DataFrame, regions: pd.DataFrame, comparison: str) -> list[Row]:
    """Share of patients whose region worsened, of all analysed; nothing where only one is read."""
    worsened = regions.groupby(["side", "region", "patient_id"], observed=True)["worsened"].any()
    counts = worsened.groupby(level=["side", "region"], observed=True).sum()
    if len(counts) < 2:
        return []
    return [
        proportion(
            "progression",
            int(number),
            len(patients),
            model=comparison,
            outcome="progression",
            group=str(side),
            term="region",
            level=str(region),
            unit=OF_PATIENTS,
        )
        for (side, region), number in counts.items()
    ]
