"""What a difference is, in words, against the least one that matters to patients."""

from calcinosis.estimates import Row
from calcinosis.present.blocks import Sentence, cell
from calcinosis.present.words import Book

SMALLER = "smaller than the minimal important difference"
GREATER = "at least the minimal important difference"
OPEN = "the interval includes the minimal important difference"


def judgement(book: Book, row: Row) -> tuple[str, Row | None]:
    """What the interval of a difference says of it, and the minimal important difference.

    Either direction counts: an interval from -0.3 to 0.05 holds -0.14.

    Parameters
    ----------
    book : the estimates
    row : a difference of a score between two groups, with its interval

    Returns
    -------
    words, empty where the plan names no minimal important difference or the row has no interval;
    and the row of the minimal important difference
    """
    important = book.one(
        analysis=row.analysis, term=row.term, statistic="minimal_important_difference"
    )
    low, high = row.conf_low, row.conf_high
    if important is None or important.estimate is None or low is None or high is None:
        return "", important
    least = important.estimate
    if -least < low and high < least:
        return SMALLER, important
    if low >= least or high <= -least:
        return GREATER, important
    return OPEN, important


def beside(book: Book, row: Row) -> Sentence:
    """The judgement as a cell of a table."""
    said, important = judgement(book, row)
    words = {SMALLER: "smaller than ", GREATER: "at least ", OPEN: "includes "}
    return [words[said], cell(important)] if said else []
