"""The whole list of bad input in its order, and what is not there yet."""

import cases_cells
import cases_content
import cases_files
import cases_tables

CASES = sorted(
    [*cases_files.CASES, *cases_tables.CASES, *cases_cells.CASES, *cases_content.CASES],
    key=lambda case: case.number,
)

_WAITING = {
    "lists of questions for people": (
        "53 `=1+1` where a number should be",
        "53 `+1+1` where a number should be",
        "53 `-1+1` where a number should be",
        "53 `@SUM(1)` where a number should be",
        "53 `=HYPERLINK(0)` where a number should be",
    ),
}
NOT_YET = {name: part for part, names in _WAITING.items() for name in names}
"""Cases whose behaviour is still to be built: name of the case to the part that it waits for."""
