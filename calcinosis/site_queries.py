"""One workbook of questions for each site, whose rows come back as `corrections.csv`."""

from pathlib import Path

import pandas as pd

from calcinosis.side_files import ANSWER_COLUMNS, CONFIRMED, PLACE_COLUMNS, QUESTION_COLUMNS
from calcinosis.workbooks import file_name, write_workbook

WIDTHS = {
    "query_id": 12,
    "site": 10,
    "patient_id": 12,
    "table": 10,
    "record": 32,
    "event": 18,
    "variable": 18,
    "field": 24,
    "old_value": 18,
    "rule": 18,
    "severity": 10,
    "state": 11,
    "question": 60,
    "new_value": 18,
    "answered_by": 18,
    "date": 12,
    "why": 32,
    "file": 18,
    "row": 8,
}
COLUMNS = (*QUESTION_COLUMNS, *ANSWER_COLUMNS, *PLACE_COLUMNS)
INSTRUCTIONS = (
    "Each row of the sheet 'questions' is one question about a value or a row of your export.",
    "Answer in the yellow columns and leave the others as they are:",
    f"new_value: the right value, written as in your export; or the word {CONFIRMED} where the "
    "value is right although it looks implausible; or unknown where nobody can tell.",
    "answered_by, date, why: who says so, when, and on what ground (such as: chart, film, typing "
    "error). An answer without them is not used.",
    "Where two rows disagree, copy the row of the question, write the variable that is wrong and "
    "its old value, and then the new value.",
    "Rows without a new_value stay open. The states: open (asked for the first time), persisting "
    "(asked before), answered (by a correction), resolved (the export has changed), withdrawn (no "
    "longer asked).",
    "Send the file back as it is; the questions are confidential.",
)


def write(states: pd.DataFrame, folder: str | Path) -> list[Path]:
    """Write the workbook of each site that was ever asked, and no other.

    Parameters
    ----------
    states : from `records.questions.states`
    folder : for the workbooks; those of former runs are removed. `no_site.xlsx`, with the
        questions that name no site, is always there

    Returns
    -------
    paths of the workbooks
    """
    for former in Path(folder).glob("*.xlsx"):
        former.unlink()
    written = []
    for site in {"", *states["site"]}:
        rows = states[states["site"] == site]
        written.append(Path(folder) / f"{file_name(site)}.xlsx")
        write_workbook(
            written[-1],
            rows[list(COLUMNS)].to_dict("records"),
            {name: WIDTHS[name] for name in COLUMNS},
            INSTRUCTIONS,
            fill_in=ANSWER_COLUMNS,
        )
    return written
