"""What becomes of one spelling of a cell."""

import datetime
from dataclasses import dataclass

Value = str | float | datetime.date | None


@dataclass(frozen=True)
class Fate:
    """What became of one spelling.

    Parameters
    ----------
    value : of the cell; None where it is missing or queried
    rule : of the normalisation, the missing value or the query
    kind : empty (taken as it stands), `normalise`, `missing` or `query`
    question : what is wrong with a queried spelling, as the end of a sentence
    """

    value: Value
    rule: str = ""
    kind: str = ""
    question: str = ""


def query(rule: str, question: str) -> Fate:
    """The fate of a spelling that cannot be used."""
    return Fate(None, rule, "query", question)


def read_as(value: Value, rule: str) -> Fate:
    """The fate of a spelling that is read; with a rule it counts as a normalisation."""
    return Fate(value, rule, "normalise" if rule else "")
