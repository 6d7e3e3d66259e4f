"""One dataset per analysis, each with only the columns that its analysis uses.

What an estimate depends on is exactly its dataset: a value elsewhere in the export may change, and
no estimate of another dataset is made again.
"""

import pandas as pd

from calcinosis.derive.eligibility import ANALYSED
from calcinosis.derive.lesions import site_counts
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
    intervals: pd.DataFrame | None,
    *,
    covariates: list[str],
    outcome: str,
    centre: str | None,
    at_risk_only: bool,
) -> pd.DataFrame:
    """One row per patient: the outcome, the covariates and the centre.

    Parameters
    ----------
    patients : of the analysis, with derived variables
    intervals : from `compare_films`, of analysed patients; None where the plan compares no films
    covariates : variables of the patients table, or `baseline_grade`
    outcome : progression or progression_2_levels (at any interval), or a yes/no variable
    centre : variable that names the centre, where the plan treats centres
    at_risk_only : leave out patients whose baseline grade is the worst

    Returns
    -------
    frame with patient_id, the outcome (boolean), the covariates and the centre; patients without
    a known outcome are left out

    Raises
    ------
    InputError
        A variable is not in the patients table, or the outcome is not yes/no.
    """
    available = patients
    if intervals is not None:
        available = _film_outcomes(intervals, at_risk_only).merge(patients, on="patient_id")
    names = list(dict.fromkeys([*covariates, *([centre] if centre else [])]))
    frame = select(available, [outcome, *names], "models")
    if outcome not in FILM_OUTCOMES:
        levels = getattr(frame[outcome].dtype, "categories", ())
        if list(levels) != ["no", "yes"]:
            raise InputError(f"models.outcome: '{outcome}' is no yes/no variable (levels no|yes)")
        frame = frame[frame[outcome].notna()]
        frame = frame.assign(**{outcome: frame[outcome] == "yes"})
    return frame.reset_index(drop=True)


FILM_OUTCOMES = {"progression": "worsened", "progression_2_levels": "worsened_2_levels"}


def _film_outcomes(intervals: pd.DataFrame, at_risk_only: bool) -> pd.DataFrame:
    frame = intervals[_at_risk(intervals)] if at_risk_only else intervals
    by_patient = frame.sort_values(["patient_id", "interval"]).groupby("patient_id")
    outcomes = {name: by_patient[column].any() for name, column in FILM_OUTCOMES.items()}
    outcomes[BASELINE_GRADE] = by_patient["grade_from"].first()
    return pd.DataFrame(outcomes).reset_index()


def select(patients: pd.DataFrame, columns: list[str], section: str) -> pd.DataFrame:
    """The columns that an analysis uses, with patient_id.

    Raises
    ------
    InputError
        A column is not in the patients table.
    """
    for name in columns:
        if name not in patients:
            raise InputError(
                f"{section}: there is no variable '{name}' in the patients table: "
                + nearest(name, patients.columns)
            )
    return patients[["patient_id", *dict.fromkeys(columns)]]


def lesions(
    patients: pd.DataFrame,
    *,
    sites: dict[str, list[str]],
    among: str,
    complications: list[str],
) -> pd.DataFrame:
    """Lesions of each patient per site, whether the patient has any, and complications.

    Returns
    -------
    frame with patient_id, `among`, the complications, and one count column `site_<site>` per site
    """
    counts = site_counts(patients, sites).add_prefix("site_")
    return select(patients, [among, *complications], "lesions").join(counts)
