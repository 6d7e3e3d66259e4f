"""One dataset per analysis, each with only the columns that its analysis uses.

What an estimate depends on is exactly its dataset: a value elsewhere in the export may change, and
no estimate of another dataset is made again.
"""

import pandas as pd

from calcinosis.derive.eligibility import ANALYSED
from calcinosis.errors import InputError, nearest

BASELINE_GRADE = "baseline_grade"


def analysed(frame: pd.DataFrame, flow: pd.DataFrame) -> pd.DataFrame:
    """The rows of patients who are in the analysis."""
    ids = flow.loc[flow["left_at"] == ANALYSED, "patient_id"]
    return frame[frame["patient_id"].isin(ids)].reset_index(drop=True)


def records(quality: pd.DataFrame) -> pd.DataFrame:
    """Records of patients in the export, and those that ingest took out: kind, rule, count."""
    rows = quality["kind"].isin(["rows_in", "rows_excluded"]) & (quality["table"] == "patients")
    return quality.loc[rows, ["kind", "rule", "count"]].reset_index(drop=True)


def severity(intervals: pd.DataFrame, films: pd.DataFrame) -> pd.DataFrame:
    """Grades and worsening per interval, with what holds for the patient in each row.

    Returns
    -------
    frame with patient_id, interval, grade_from, grade_to, worsened, worsened_2_levels, improved,
    at_risk (baseline below the worst grade), grade_first and grade_last (of the patient)
    """
    frame = intervals.drop(columns="years").assign(at_risk=_at_risk(intervals))
    return frame.merge(films.drop(columns="films"), how="left", on="patient_id")


def incidence(intervals: pd.DataFrame) -> pd.DataFrame:
    """Person-time per interval: patient_id, interval, years, worsened, at_risk."""
    columns = ["patient_id", "interval", "years", "worsened"]
    return intervals[columns].assign(at_risk=_at_risk(intervals))


def _at_risk(intervals: pd.DataFrame) -> pd.Series:
    """Whether the patient's grade at the first interval leaves room to worsen."""
    worst = intervals["grade_from"].cat.categories[-1]
    first = intervals.sort_values("interval").groupby("patient_id")["grade_from"].first()
    return intervals["patient_id"].map(first != worst).astype(bool)


def models(
    patients: pd.DataFrame,
    intervals: pd.DataFrame,
    covariates: list[str],
    outcome: str,
    *,
    at_risk_only: bool,
) -> pd.DataFrame:
    """One row per patient: the outcome and the covariates.

    Parameters
    ----------
    patients : canonical table
    intervals : from `compare_films`, of analysed patients
    covariates : variables of the patients table, or `baseline_grade`
    outcome : progression or progression_2_levels (at any interval)
    at_risk_only : leave out patients whose baseline grade is the worst

    Returns
    -------
    frame with patient_id, the outcome (boolean) and the covariates

    Raises
    ------
    InputError
        A covariate is not in the patients table.
    """
    frame = intervals[_at_risk(intervals)] if at_risk_only else intervals
    column = {"progression": "worsened", "progression_2_levels": "worsened_2_levels"}[outcome]
    by_patient = frame.sort_values(["patient_id", "interval"]).groupby("patient_id")
    outcomes = pd.DataFrame(
        {outcome: by_patient[column].any(), BASELINE_GRADE: by_patient["grade_from"].first()}
    ).reset_index()
    available = outcomes.merge(patients, on="patient_id", how="left")
    for name in covariates:
        if name not in available:
            raise InputError(
                f"models.covariates: there is no variable '{name}' in the patients table: "
                + nearest(name, [*patients.columns, BASELINE_GRADE])
            )
    return available[["patient_id", outcome, *dict.fromkeys(covariates)]]
