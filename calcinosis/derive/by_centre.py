"""Questions by centre."""

from typing import Any

import pandas as pd


def questions_by_centre(
    queries: pd.DataFrame, patients: pd.DataFrame, variable: str
) -> pd.DataFrame:
    """How many patients each centre has in the export, and how many questions about them are open.

    Parameters
    ----------
    queries : open questions: patient_id and centre, empty where a question is of no patient or of
        no centre
    patients : of the whole export, whether they are analysed or not
    variable : of patients, a category that names the centre

    Returns
    -------
    frame with the centre (the levels of the codebook), patients and queries; last a line with a
    missing centre: the patients without one, and the questions that belong to no centre
    """
    levels = patients[variable].cat.categories
    of_patient = patients.set_index("patient_id")[variable].astype(object)
    # Of no question a known centre: the values would have no type that a centre fits into.
    centre = queries["patient_id"].map(of_patient).astype(object)
    # The question's own centre stands for patients whose row is out.
    centre = centre.fillna(queries["centre"].where(queries["centre"].isin(levels)))
    counts: dict[str, Any] = {
        "patients": patients[variable].value_counts(),
        "queries": centre.value_counts(),
    }
    made = pd.DataFrame(index=levels, data=counts).fillna(0).astype("int64")
    lost = [int(patients[variable].isna().sum()), int(centre.isna().sum())]
    made = made.rename_axis(variable).reset_index()
    made.loc[len(made)] = [None, *lost]
    return made
