"""What each patient is counted as, and who changed between two runs."""

import pandas as pd

WHAT = ("eligibility", "grade_first", "grade_last", "progression", "outcome")
"""Columns of the classes, where a cohort has them."""
FLIPPED = ("patient_id", "site", "what", "old", "new")


def classes(
    patients: pd.DataFrame,
    flow: pd.DataFrame,
    films: pd.DataFrame | None,
    intervals: pd.DataFrame | None,
    outcome: str | None,
) -> pd.DataFrame:
    """Eligibility, severity and progression of each patient.

    Parameters
    ----------
    patients : with scores; `centre` is the site
    flow : from `participant_flow`
    films, intervals : from `compare_films`, where the plan compares films
    outcome : of the plan's models, where it does not

    Returns
    -------
    frame of texts, missing where unknown: patient_id, site, eligibility (`analysed`, or the step
        and the reason), then grade_first, grade_last and progression (yes, no), or outcome
    """
    known = patients.drop_duplicates("patient_id").set_index("patient_id")
    found = pd.DataFrame(index=pd.Index(flow["patient_id"], name="patient_id"))
    found["site"] = known["centre"].astype("string") if "centre" in known else ""
    found["eligibility"] = flow.set_index("patient_id")["left_at"].astype("string")
    if films is not None and intervals is not None:
        of_films = films.set_index("patient_id")
        for name in ("grade_first", "grade_last"):
            found[name] = of_films[name].astype("string")
        worsened = intervals.groupby("patient_id")["worsened"].any()
        found["progression"] = worsened.map({True: "yes", False: "no"}).astype("string")
    elif outcome in known:
        found["outcome"] = known[outcome].astype("string")
    return found.astype("string").sort_index().reset_index()


def flipped(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Patients of both runs who are counted as something else now.

    Parameters
    ----------
    old, new : from `classes`

    Returns
    -------
    frame of texts with patient_id, site (as it is now), what (of `WHAT`), old and new, empty where
    unknown; in order of `WHAT` and patient
    """
    both = old.merge(new, on="patient_id", suffixes=("_old", "_new"))
    parts = []
    for what in WHAT:
        if what in old and what in new:
            before, after = both[f"{what}_old"].fillna(""), both[f"{what}_new"].fillna("")
            of = both[before != after]
            parts.append(
                pd.DataFrame(
                    {
                        **{"patient_id": of["patient_id"], "site": of["site_new"], "what": what},
                        **{"old": before[of.index], "new": after[of.index]},
                    }
                )
            )
    empty = pd.DataFrame(columns=list(FLIPPED))
    return pd.concat([empty, *parts]).astype("string").fillna("").reset_index(drop=True)
