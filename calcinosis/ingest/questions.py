"""From what the rules asked to the list of questions: one question for one thing that is wrong."""

from collections.abc import Iterable, Sequence

import pandas as pd

from calcinosis.ingest.log import QUERY_COLUMNS, query_id
from calcinosis.ingest.record_names import EVENT, SEPARATOR

SORTING = ["table", "file", "row", "variable", "query_id"]


def questions(
    asked: Sequence[pd.DataFrame], patients: pd.DataFrame, *, qualify: bool
) -> pd.DataFrame:
    """What is asked, each with its centre, and once where several rows say the same.

    Parameters
    ----------
    asked : the queries of the log
    patients : the finished table, which knows the centre of a patient
    qualify : whether record names begin with the centre

    Returns
    -------
    the questions, sorted by place; a date that is wrong on all readings of one film is one
    question about the film, which names its rows
    """
    found = pd.concat([pd.DataFrame(columns=list(QUERY_COLUMNS)), *asked], ignore_index=True)
    if "centre" in patients:
        asked_about = patients[patients["patient_id"].isin(found["patient_id"])]
        centre = asked_about.set_index("patient_id")["centre"].astype("object")
        known = found["patient_id"].map(centre).astype("object").fillna("")
        found["centre"] = found["centre"].where(found["centre"] != "", known)
    found = _about_films(found, 3 if qualify else 2).sort_values(SORTING)
    rows: dict[str, dict[int, None]] = {}
    for name, row in zip(found["query_id"], found["row"], strict=True):
        rows.setdefault(name, {})[row] = None
    found = found.drop_duplicates("query_id").reset_index(drop=True)
    found["question"] = [
        f"{question} ({_named(rows[name])})" if len(rows[name]) > 1 else question
        for name, question in zip(found["query_id"], found["question"], strict=True)
    ]
    return found


def _about_films(asked: pd.DataFrame, depth: int) -> pd.DataFrame:
    """A date belongs to a film, whatever reader, side or region the row is of."""
    of_film = (asked["table"] == "readings") & asked["variable"].isin(EVENT)
    of_film &= asked["patient_id"] != ""
    rows = asked[of_film]
    films = [SEPARATOR.join(name.split(SEPARATOR)[:depth]) for name in rows["record"]]
    facts = zip(films, rows["variable"], rows["rule"], rows["raw_value"], strict=True)
    asked.loc[of_film, "query_id"] = [query_id("readings", *identity) for identity in facts]
    asked.loc[of_film, "record"] = films
    return asked


def _named(rows: Iterable[int]) -> str:
    *first, last = map(str, rows)
    return f"rows {', '.join(first)} and {last}"
