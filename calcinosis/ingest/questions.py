"""From what the rules asked to the list of questions: one question for one thing that is wrong."""

from collections.abc import Set

import pandas as pd

from calcinosis.ingest.corrections import CONFIRMABLE, SEPARATOR
from calcinosis.ingest.rows import query_id

FILM_DATES = ("film_date", "film_day")
SORTING = ["table", "file", "row", "variable", "query_id"]


def questions(
    asked: pd.DataFrame, answers: Set[tuple[str, str, str]], *, qualify: bool
) -> pd.DataFrame:
    """What is asked, without what was confirmed, and once where several rows say the same.

    Parameters
    ----------
    asked : the query log
    answers : (table, record, variable) of what a site confirmed
    qualify : whether record names begin with the centre

    Returns
    -------
    the questions, sorted by place; a date that is wrong on all readings of one film is one
    question about the film, which names its rows
    """
    named = zip(asked["table"], asked["record"], asked["variable"], strict=True)
    plausibility = asked["rule"].isin(CONFIRMABLE)
    confirmed = pd.Series([name in answers for name in named], asked.index, dtype=bool)
    asked = _about_films(asked[~(confirmed & plausibility)].copy(), 3 if qualify else 2)
    asked = asked.sort_values(SORTING)
    rows = asked.groupby("query_id")["row"].agg(lambda rows: list(dict.fromkeys(rows))).to_dict()
    asked = asked.drop_duplicates("query_id").reset_index(drop=True)
    asked["question"] = [
        f"{question} ({_named(rows[name])})" if len(rows[name]) > 1 else question
        for name, question in zip(asked["query_id"], asked["question"], strict=True)
    ]
    return asked


def _about_films(asked: pd.DataFrame, depth: int) -> pd.DataFrame:
    """A date belongs to a film, whatever reader, side or region the row is of."""
    of_film = (asked["table"] == "readings") & asked["variable"].isin(FILM_DATES)
    for i in asked.index[of_film & (asked["patient_id"] != "")]:
        row = asked.loc[i]
        film = SEPARATOR.join(row["record"].split(SEPARATOR)[:depth])
        asked.loc[i, "record"] = film
        asked.loc[i, "query_id"] = query_id(
            row["table"], film, row["variable"], row["rule"], row["raw_value"]
        )
    return asked


def _named(rows: list[int]) -> str:
    *first, last = map(str, rows)
    return f"rows {', '.join(first)} and {last}"
