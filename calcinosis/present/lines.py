"""Lines of tables and sentences that several chapters share."""

from collections.abc import Sequence

from calcinosis.estimates import CONF_LEVEL, Row
from calcinosis.present import formats
from calcinosis.present.blocks import Entry, Part, Sentence, cell, span
from calcinosis.present.words import Book, Labels


def side_of_1(row: Row | None) -> str:
    """Whether the interval of a ratio includes 1 or excludes it; nothing without an interval."""
    if row is None or row.conf_low is None or row.conf_high is None:
        return ""
    return "includes" if row.conf_low <= 1 <= row.conf_high else "excludes"


def described(
    book: Book,
    analysis: str,
    variable: str,
    groups: Sequence[str],
    label: Labels,
    numbers: str,
    *,
    intervals: bool = False,
) -> list[Sequence[Entry]]:
    """The lines of one variable, each with its SMD last.

    One line for a number, one per level for a category; then one for the missing values of each
    group, where any group has some. None without groups, as where the analysis failed.
    """
    if not groups:
        return []
    smds = book.all(analysis=analysis, term=variable, statistic="smd")
    smd = cell(next((row for row in smds if row.group in groups), None))
    empty = [""] * len(groups)
    shares = book.all(analysis=analysis, term=variable, group=groups[0], statistic="proportion")
    if shares:
        rows: list[Sequence[Entry]] = [[label(variable), *empty, smd]]
    else:
        parts = [summary(book, analysis, variable, group, numbers) for group in groups]
        rows = [[label(variable), *parts, smd]]
        within = [bounds(book, analysis, variable, group, numbers) for group in groups]
        rows += [["– bounds, whatever is missing", *within, ""]] if any(within) else []
    for share in shares:
        found = [
            book.one(
                analysis=analysis,
                term=variable,
                group=group,
                level=share.level,
                statistic="proportion",
            )
            for group in groups
        ]
        cells = [count_share(row, with_limits=intervals) for row in found]
        rows.append([f"– {label(share.level)}", *cells, ""])
    unknown = [of_group(book, analysis, variable, group, "missing") for group in groups]
    if any(row and row.estimate for row in unknown):
        rows.append(["– missing", *(cell(row) for row in unknown), ""])
    return rows


def count_share(row: Row | None, *, with_limits: bool) -> Entry:
    """`35 (66.0%)`, with the interval behind it where asked for."""
    counted = cell(row, formats.count_percent)
    limits = cell(row, formats.interval) if with_limits else ""
    return [counted, " [", limits, "]"] if limits else counted


def summary(book: Book, analysis: str, variable: str, group: str, numbers: str) -> Sentence:
    """`median (q1 to q3)` or `mean (SD)`: each number is its own row."""
    names = ("mean", "sd") if numbers == "mean_sd" else ("median", "q1", "q3")
    parts = [cell(of_group(book, analysis, variable, group, name)) for name in names]
    if numbers == "mean_sd":
        return [parts[0], " (", parts[1], ")"]
    return [parts[0], " (", *span(parts[1], parts[2]), ")"]


def bounds(book: Book, analysis: str, term: str, group: str, numbers: str) -> Sentence:
    """The least and the greatest mean or median that missing items allow; empty where none is.

    One number where the two are the same.
    """
    name = "mean" if numbers == "mean_sd" else "median"
    low, high = (
        of_group(book, analysis, term, group, f"{name}_{end}") for end in ("at_least", "at_most")
    )
    missing = of_group(book, analysis, term, group, "missing")
    if low is None or high is None or missing is None or not missing.estimate:
        return []
    same = low.estimate == high.estimate
    return [cell(low)] if same else span(cell(low), cell(high))


def of_group(book: Book, analysis: str, term: str, group: str, statistic: str) -> Row | None:
    """The row of one statistic of a term in a group."""
    return book.one(analysis=analysis, term=term, group=group, statistic=statistic)


def share(row: Row | None, *, with_limits: bool = False) -> list[Part]:
    """A proportion as n/N and %, and its interval where asked for."""
    parts = [cell(row, formats.fraction), cell(row)]
    return [*parts, cell(row, formats.interval)] if with_limits else parts


PANELS = {
    "first": {"analysis": "severity", "outcome": "affected_first_film"},
    "last": {"analysis": "severity", "outcome": "affected_last_film"},
    "worsened": {"analysis": "progression", "outcome": "progression"},
}
"""What the hand map shows, and in which rows."""


def of_panel(book: Book, panel: str) -> list[Row]:
    """Shares by side and region at the first film, at the last, or that worsened between them."""
    return book.all(**PANELS[panel], model="first_last", term="region", statistic="proportion")


def under(head: str, lines: Sequence[Sequence[Entry]]) -> list[Sequence[Entry]]:
    """Lines of a table below one that only names what they are of; nothing where there are none."""
    if not lines:
        return []
    return [[head, *[""] * (len(lines[0]) - 1)], *lines]


def source(text: str) -> list[Sentence]:
    """Where the choices of a section come from, as the plan says; empty where it does not."""
    return [[f"About these choices: {text.rstrip('.')}."]] if text else []


def ends_at_0(shifts: Sequence[Row]) -> list[str]:
    """What an interval says that ends at 0 beside a p-value below 0.05, where there is one."""
    for row in shifts:
        rejected = row.p_value is not None and row.p_value < 1 - CONF_LEVEL
        if rejected and 0 in (row.conf_low, row.conf_high):
            return [
                f"Where an interval ends at 0 and p is below {formats.as_given(0.05)}, the test "
                "rejects 0 itself, where values tie, and no shift just short of it."
            ]
    return []
