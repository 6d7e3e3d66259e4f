"""What one case of the list says: a change to the clean export, and what must come of it."""

from collections.abc import Callable
from dataclasses import dataclass

from clean_export import PATIENTS, Change, cell, nothing
from harness import Run


@dataclass(frozen=True)
class Asked:
    """One question to a site, where it stands."""

    row: int
    rule: str
    column: str = ""
    raw: str = ""
    file: str = PATIENTS


@dataclass(frozen=True)
class Logged:
    """One kind of normalisation, and how many cells (or rows, or files) it touched."""

    rule: str
    column: str = ""
    count: int = 1
    file: str = PATIENTS


@dataclass(frozen=True)
class Case:
    """One mutation of the clean export, and what must come of it.

    Parameters
    ----------
    number, title : of the list of bad input, and which variant of it
    change : the mutation
    stop : what the message of the run that stops must match; empty where it must go on
    asked : exactly the queries that the run must have
    logged : exactly the normalisations that the run must have
    same_as : from the clean export to the one whose estimates the run must have: blank cells, or
        rows left out; None where the case is about how estimates look, which `also` checks
    start : what makes the clean export of this case, where the usual one cannot show it
    also : further checks of the run
    """

    number: int
    title: str
    change: Change
    stop: str = ""
    asked: tuple[Asked, ...] = ()
    logged: tuple[Logged, ...] = ()
    same_as: Change | None = nothing
    start: Change = nothing
    also: Callable[[Run], None] | None = None

    @property
    def name(self) -> str:
        """Number and title, as the table of what is not there yet and the tests call it."""
        return f"{self.number} {self.title}"

    @property
    def outcome(self) -> str:
        """What the run does, in one word."""
        if self.stop:
            return "stop"
        if self.asked:
            return "query"
        return "normalise" if self.logged else "accept"


def cell_asked(
    number: int, column: str, raw: str, rule: str, row: int = 7, file: str = PATIENTS
) -> Case:
    """One cell becomes a question: the estimates are those of the export with it blank."""
    return Case(
        number,
        f"`{raw}` in `{column}`",
        cell(row, column, raw, file),
        asked=(Asked(row, rule, column, raw, file),),
        same_as=cell(row, column, "", file),
    )


def cell_missing(number: int, column: str, raw: str, rule: str, row: int = 7) -> Case:
    """One cell becomes missing with its reason, without a question."""
    return Case(
        number,
        f"`{raw}` in `{column}`",
        cell(row, column, raw),
        logged=(Logged(rule, column),),
        same_as=cell(row, column, ""),
    )


def cell_rewritten(
    number: int, column: str, raw: str, value: str, rule: str, row: int = 7, file: str = PATIENTS
) -> Case:
    """One cell is another spelling of the value that the clean export has there."""
    return Case(
        number,
        f"`{raw}` in `{column}`",
        cell(row, column, raw, file),
        logged=(Logged(rule, column, file=file),),
        start=cell(row, column, value, file),
    )
