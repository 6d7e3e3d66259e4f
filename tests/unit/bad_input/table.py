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
    "files of every kind": (
        "3 byte order mark",
        "4 UTF-16 from Excel",
        "6 one byte of latin-1",
        "7 line ends: CRLF",
        "7 line ends: CR",
        "7 line ends: mixed",
        "8 semicolons in every row",
        "8 tabs in every row",
        "13 two title rows above the header",
        "14 a second header row with units",
        "15 a workbook without anything odd",
        "15 a formula without its value",
        "16 `#REF!` in a workbook",
        "17 two hidden rows in a workbook",
        "18 merged cells in the header of a workbook",
        "21 another case in a column's name",
        "21 spaces in a column's name",
        "21 a no-break space in a column's name",
        "24 a column that looks identifying: a name",
        "24 a column that looks identifying: a name in Thai",
        "24 a column that looks identifying: numbers of citizens",
        "24 a column that looks identifying: e-mail addresses",
        "24 a column that looks identifying: telephone numbers",
    ),
    "exports of REDCap": (
        "25 an export of REDCap with its dictionary",
        "25 a checkbox without one of its columns",
        "26 dictionaries of two sites with other choices",
    ),
    "dates and rules": (
        "28 a patient twice with different values",
        "29 ids `007` and `7`",
        "29 ids `007` and `007 ` with different values",
        "31 a patient without id",
        "33 readings of a patient who is not in the table of patients",
        "44 a total that is not the sum of its items",
        "47 `41671` as date of a film, declared",
        "48 `01/02/62` as date of a film",
        "50 `02/2014` as date of a film",
        "50 `2010` in `onset_date`",
        "50 `02/2014` as date of a film, imputed by plan",
        "52 a first visit before the onset",
        "52 a film before the onset",
    ),
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
