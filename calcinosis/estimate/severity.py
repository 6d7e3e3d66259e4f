"""Grades at the first and last film, transitions, and the risk of progression."""

from typing import Any

import pandas as pd

from calcinosis.estimate.proportions import proportion
from calcinosis.estimates import Row, count

OUTCOMES = ("progression", "progression_2_levels")
OF_PATIENTS = "of patients"


def of_patients(intervals: pd.DataFrame) -> pd.DataFrame:
    """One row per patient of the dataset `severity`.

    Parameters
    ----------
    intervals : patient_id, interval, grade_from, grade_to, worsened, improved, and of the patient
        not_compared, grade_first, grade_last, at_risk, worsened_2_levels, rebound

    Returns
    -------
    frame with baseline, first and last grade, at_risk, not_compared, the two outcomes, and whether
    the maximum fell before progression and whether progression was such a rebound
    """
    by_patient = intervals.sort_values(["patient_id", "interval"]).groupby("patient_id")
    return pd.DataFrame(
        {
            "baseline": by_patient["grade_from"].first(),
            "first": by_patient["grade_first"].first(),
            "last": by_patient["grade_last"].first(),
            "at_risk": by_patient["at_risk"].first(),
            "not_compared": by_patient["not_compared"].first(),
            "progression": by_patient["worsened"].any(),
            "progression_2_levels": by_patient["worsened_2_levels"].first(),
            "fell": by_patient["improved"].any(),
            "rebound": by_patient["rebound"].first(),
        }
    )


def severity_rows(intervals: pd.DataFrame, comparison: str) -> list[Row]:
    """Share of patients at each grade, at the first and last film, of those with such a grade.

    Parameters
    ----------
    intervals : dataset `severity`, see `of_patients`
    comparison : first_last or consecutive; with the latter, also how many films were not compared

    Returns
    -------
    rows of analysis `severity`
    """
    patients = of_patients(intervals)
    rows = [
        proportion(
            "severity",
            int((patients[film] == level).sum()),
            int(patients[film].notna().sum()),
            group=f"{film}_film",
            term="grade",
            level=level,
            unit=OF_PATIENTS,
        )
        for film in ("first", "last")
        for level in _levels(intervals)
    ]
    if comparison == "first_last":
        return rows  # patients whose films cannot be compared leave; the flow counts them
    films, term = int(patients["not_compared"].sum()), "films_not_compared"
    return [*rows, count("severity", films, model=comparison, term=term, unit="films")]


def transition_rows(intervals: pd.DataFrame, comparison: str) -> list[Row]:
    """Counts of intervals from grade to grade, with the totals of each grade before and after."""
    levels = _levels(intervals)
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


def progression_rows(
    intervals: pd.DataFrame, definitions: pd.DataFrame, comparison: str
) -> list[Row]:
    """Risk of progression: all or at risk, by baseline grade, by definition.

    Parameters
    ----------
    intervals : dataset `severity`, see `of_patients`
    definitions : dataset `definitions`: patient_id, and whether the patient worsened by each
    comparison : first_last or consecutive, the `model` of the rows

    Returns
    -------
    rows of analysis `progression`; with `consecutive` also how many fell before they worsened or
    were last seen, and in how many the worsening is a rebound to no more than the first grades
    """
    patients = of_patients(intervals)
    rows = [
        *_risks(patients, _levels(intervals), comparison),
        *_new_or_more(patients, _levels(intervals)[0], comparison),
        *_by_definition(definitions, comparison),
    ]
    if comparison == "consecutive":
        for term in ("fell", "rebound"):
            number = int(patients[term].sum())
            rows.append(count("progression", number, model=comparison, term=term, unit=OF_PATIENTS))
    return rows


def _levels(intervals: pd.DataFrame) -> list[str]:
    return list(intervals["grade_from"].cat.categories)


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


def _new_or_more(patients: pd.DataFrame, lowest: str, comparison: str) -> list[Row]:
    """New onset, and worsening of what was there, each of the patients who can have it."""
    none = patients["baseline"] == lowest
    return [
        proportion(
            "progression",
            int(those["progression"].sum()),
            len(those),
            model=comparison,
            outcome=outcome,
            unit=OF_PATIENTS,
        )
        for outcome, those in (
            ("new_onset", patients[none]),
            ("worsening_of_existing", patients[~none]),
        )
    ]


def _by_definition(definitions: pd.DataFrame, comparison: str) -> list[Row]:
    """Who worsened by each definition that can be said of somebody."""
    known = {name: definitions[name].dropna() for name in definitions if name != "patient_id"}
    return [
        proportion(
            "progression",
            int(worsened.sum()),
            len(worsened),
            model=comparison,
            outcome="progression",
            term="definition",
            level=name,
            unit=OF_PATIENTS,
        )
        for name, worsened in known.items()
        if len(worsened)
    ]
