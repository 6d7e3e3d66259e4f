"""One dataset per analysis, each with only the columns that its analysis uses.

What an estimate depends on is exactly its dataset: a value elsewhere in the export may change, and
no estimate of another dataset is made again.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.derive.by_centre import questions_by_centre
from calcinosis.derive.definitions import YES_NO
from calcinosis.derive.eligibility import ANALYSED, ONE_FILM
from calcinosis.derive.lesions import sided, site_counts

BASELINE_GRADE, LAST_GRADE = "baseline_grade", "last_grade"
LOG_YEARS = "_log_years"
"""Of the time over which a patient's films are compared; no codebook can have such a name."""
OF_FIRST_AND_LAST = ("years_first_last", "worsened_first_last")


def build(
    tables: Mapping[str, pd.DataFrame], flow: pd.DataFrame, needs: Mapping[str, Any]
) -> dict[str, pd.DataFrame]:
    """All datasets that a plan needs.

    Parameters
    ----------
    tables : patients (with scores), quality, checks, queries, and, where films are compared,
        intervals, regions, first_last_regions, films, grades, definitions, sctc and double_readings
    flow : from `participant_flow`
    needs : analysis to what its dataset must hold

    Returns
    -------
    dataset by name; an analysis that the plan has not got is absent
    """
    patients, quality = analysed(tables["patients"], flow), tables["quality"]
    made = {"flow": flow, "quality": quality, "records": records(quality)}
    made["checks"] = tables["checks"]
    if "intervals" in tables:
        intervals, films = analysed(tables["intervals"], flow), tables["films"]
        patients = with_outcomes(patients, intervals, films)
        made["severity"] = severity(intervals, films)
        for name in ("regions", "first_last_regions", "definitions", "sctc"):
            made[name] = analysed(tables[name], flow)
        made["agreement"] = analysed(tables["double_readings"], flow)
        made["incidence"] = incidence(intervals, films, patients, **needs["incidence"])
        made["films"] = analysed(tables["grades"], flow)
    if "models" in needs:
        made["models"] = models(patients, **needs["models"])
    if "ordinal" in needs:
        made["ordinal"] = ordinal(patients, **needs["ordinal"])
    if "missing_data" in needs:
        made["missing_data"] = missing_data(
            patients, tables.get("intervals"), **needs["missing_data"]
        )
    if "lesions" in needs:
        made["lesions"] = lesions(patients, **needs["lesions"])
    if "describe" in needs and "intervals" in tables:
        made["one_film"] = one_film(tables["patients"], flow, needs["describe"]["columns"])
    if "by_centre" in needs:
        made["by_centre_questions"] = questions_by_centre(
            tables["queries"], tables["patients"], needs["by_centre"]["centre"]
        )
    for name in ("describe", "bone_density", "disability", "by_centre"):
        if name in needs:
            of = needs[name]
            made[name] = select(patients, [*of["columns"], *of.get("bounds", [])])
    return made


def analysed(frame: pd.DataFrame, flow: pd.DataFrame) -> pd.DataFrame:
    """The rows of patients who are in the analysis; an empty frame stays as it is."""
    if frame.empty:
        return frame
    ids = flow.loc[flow["left_at"] == ANALYSED, "patient_id"]
    # As objects: pandas looks for texts in a list that it makes of them, five times slower.
    there = frame["patient_id"].astype(object).isin(ids.astype(object))
    return frame[there].reset_index(drop=True)


def records(quality: pd.DataFrame) -> pd.DataFrame:
    """Records of patients in the export, and those that ingest took out: kind, rule, count."""
    rows = quality["kind"].isin(["rows_in", "rows_excluded"]) & (quality["table"] == "patients")
    return quality.loc[rows, ["kind", "rule", "count"]].reset_index(drop=True)


def severity(intervals: pd.DataFrame, films: pd.DataFrame) -> pd.DataFrame:
    """Grades and worsening per interval, with what holds for the patient in each row.

    Returns
    -------
    frame with patient_id, interval, grade_from, grade_to, worsened, improved, and of the patient
    not_compared, grade_first, grade_last, at_risk, worsened_2_levels
    """
    of_patient = films.drop(columns=["films", *OF_FIRST_AND_LAST])
    return intervals.drop(columns="years").merge(of_patient, how="left", on="patient_id")


def incidence(
    intervals: pd.DataFrame, films: pd.DataFrame, patients: pd.DataFrame, columns: list[str]
) -> pd.DataFrame:
    """Person-time per interval, with what the plan compares rates by.

    Parameters
    ----------
    intervals, films : from `compare_films`
    patients : of the analysis, with outcomes
    columns : variables of patients

    Returns
    -------
    frame with patient_id, interval, years, grade_from, grade_to, worsened, and of the patient
    at_risk, years_first_last, worsened_first_last and the columns
    """
    own = ["patient_id", "interval", "years", "grade_from", "grade_to", "worsened"]
    of_films = films[["patient_id", "at_risk", *OF_FIRST_AND_LAST]]
    return (
        intervals[own]
        .merge(of_films, how="left", on="patient_id")
        .merge(select(patients, columns), how="left", on="patient_id")
    )


def with_outcomes(
    patients: pd.DataFrame, intervals: pd.DataFrame, films: pd.DataFrame
) -> pd.DataFrame:
    """What the films say of each patient, as variables beside the others.

    Parameters
    ----------
    patients : of the analysis
    intervals, films : from `compare_films`

    Returns
    -------
    patients with progression (at any interval) and progression_2_levels (no, yes), baseline_grade
    (at the first interval), last_grade (at the last film, whatever came between) and at_risk
    (boolean)
    """
    by_patient = intervals.sort_values(["patient_id", "interval"]).groupby("patient_id")
    of_patient = films.set_index("patient_id")
    of_films = {
        "progression": _yes_no(by_patient["worsened"].any()),
        "progression_2_levels": _yes_no(of_patient["worsened_2_levels"]),
        BASELINE_GRADE: by_patient["grade_from"].first(),
        LAST_GRADE: of_patient["grade_last"],
        "at_risk": of_patient["at_risk"],
    }
    return patients.join(pd.DataFrame(of_films), on="patient_id")


def one_film(patients: pd.DataFrame, flow: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Patients who left for lack of a second film beside those analysed.

    Parameters
    ----------
    patients : all, with derived variables
    flow : from `participant_flow`
    columns : the variables of table 1; those that films tell are unknown for the former

    Returns
    -------
    frame with patient_id, films (category: fewer_than_two_films, compared) and the columns
    """
    words = {ONE_FILM: "fewer_than_two_films", ANALYSED: "compared"}
    group = flow.set_index("patient_id")["left_at"].astype("object").map(words)
    films = patients["patient_id"].map(group).astype(pd.CategoricalDtype(list(words.values())))
    known = [column for column in columns if column in patients]
    return select(patients, known).assign(films=films)[films.notna()].reset_index(drop=True)


def _yes_no(values: pd.Series) -> pd.Series:
    return values.map({False: "no", True: "yes"}).astype(YES_NO)


def models(
    patients: pd.DataFrame,
    *,
    covariates: list[str],
    outcome: str,
    centre: str | None,
    at_risk_only: bool,
) -> pd.DataFrame:
    """One row per patient: the outcome, the covariates and the centre.

    Parameters
    ----------
    patients : of the analysis, with derived variables and outcomes
    covariates : variables of patients
    outcome : a yes/no variable
    centre : variable that names the centre, where the plan treats centres
    at_risk_only : leave out patients who start without room to worsen

    Returns
    -------
    frame with patient_id, the outcome (boolean), the covariates and the centre; patients without
    a known outcome are left out
    """
    those = patients[patients["at_risk"]] if at_risk_only else patients
    frame = select(those, [outcome, *covariates, *([centre] if centre else [])])
    frame = frame[frame[outcome].notna()]
    return frame.assign(**{outcome: frame[outcome] == "yes"}).reset_index(drop=True)


def ordinal(patients: pd.DataFrame, *, covariates: list[str], outcome: str) -> pd.DataFrame:
    """One row per patient: an ordered outcome and the covariates.

    Returns
    -------
    frame with patient_id, the outcome (ordered category) and the covariates; patients without a
    known outcome are left out, and those who began with the worst grade stay
    """
    frame = select(patients, [outcome, *covariates])
    return frame[frame[outcome].notna()].reset_index(drop=True)


def missing_data(
    patients: pd.DataFrame,
    intervals: pd.DataFrame | None,
    *,
    columns: list[str],
    outcome: str,
    at_risk_only: bool,
    of_films: bool,
) -> pd.DataFrame:
    """One row per patient: the outcome, the variables of the model, and those that help to impute.

    Parameters
    ----------
    patients : of the analysis, with derived variables and outcomes
    intervals : from `compare_films`, where films are compared
    columns : variables of patients
    outcome : a yes/no variable, unknown in some
    at_risk_only : leave out patients who start without room to worsen
    of_films : whether the outcome is of films

    Returns
    -------
    frame with patient_id, the outcome (no, yes), the variables, and for an outcome of films the
    logarithm of the years compared
    """
    those = patients[patients["at_risk"]] if at_risk_only else patients
    frame = select(those, [outcome, *columns]).reset_index(drop=True)
    if of_films and intervals is not None:
        years = intervals.groupby("patient_id")["years"].sum()
        frame[LOG_YEARS] = np.log(frame["patient_id"].map(years).to_numpy(float))
    return frame


def select(patients: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The columns that an analysis uses, with patient_id."""
    return patients[["patient_id", *dict.fromkeys(columns)]]


def lesions(
    patients: pd.DataFrame,
    *,
    sites: dict[str, list[str]],
    two_sided: dict[str, dict[str, str]],
    columns: list[str],
) -> pd.DataFrame:
    """Lesions of each patient per site and side, whether the patient has any, and complications.

    Parameters
    ----------
    patients : of the analysis, with derived variables
    sites, two_sided : see `site_counts` and `sided`
    columns : variables of patients: who has lesions, how they were found, complications, the centre

    Returns
    -------
    frame with patient_id, the columns, two columns per site: `site_<site>`, the number of its
    lesions, and `site_<site>_unknown`, of how many sides nobody knows; and the columns of `sided`
    """
    counts = site_counts(patients, sites).add_prefix("site_")
    return select(patients, columns).join(counts).join(sided(patients, two_sided))
