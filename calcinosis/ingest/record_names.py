"""The name of a record: its key as the export writes it."""

import numpy as np
import pandas as pd

from calcinosis.ingest.carriers.sheet import texts
from calcinosis.ingest.codebook import Variable
from calcinosis.ingest.parsing import parse_column

KEYS = {
    "patients": ("patient_id",),
    "readings": ("patient_id", "film_date", "film_day", "reader", "occasion", "side", "region"),
}
"""What identifies a row of each table (of the columns that the export has)."""

EVENT = ("film_date", "film_day")
"""Of these, what says when a row was recorded."""

SEPARATOR = " | "
NO_ID = "(no id)"


def record_names(
    cells: pd.DataFrame,
    at: np.ndarray | slice,
    table: str,
    variables: dict[str, Variable],
    *,
    qualify: bool,
) -> pd.Series:
    """The name of each record: its key as the export writes it, else what the row says.

    Parameters
    ----------
    cells : text, of one file
    at : positions of the rows that are asked for; of most columns nothing is looked at
    table : name of the file's table
    variables : the codebook's lines for that file, by name
    qualify : whether the centre comes first, because centres number alike

    Returns
    -------
    text per row asked for: the parts of the key in order, joined by ` | `; a row without patient id
    is named `(no id)` and by all its cells but those of identifying columns
    """
    keys = [key for key in KEYS[table] if key in cells]
    index, names = cells.index[at], _joined(cells, keys, at)
    blank = [i for i, text in enumerate(_joined(cells, ["patient_id"], at)) if not text]
    if blank:
        said = [n for n in cells if n != "patient_id" and not variables[n].identifier]
        of_nobody = _joined(cells.iloc[at].iloc[blank], said)
        for i, text in zip(blank, of_nobody, strict=True):
            names[i] = f"{NO_ID}{SEPARATOR}{text}"
    if qualify and "centre" in cells:
        read = parse_column(cells["centre"].iloc[at], variables["centre"], None).values
        centres = read.astype("object").fillna("")
        names = [f"{centre}{SEPARATOR}{name}" for centre, name in zip(centres, names, strict=True)]
    # As it comes back from a spreadsheet.
    return pd.Series([name.strip() for name in names], index, "object")


def _joined(
    cells: pd.DataFrame, names: list[str], at: np.ndarray | slice = slice(None)
) -> list[str]:
    columns = [[text.strip() for text in texts(cells[name].iloc[at])] for name in names]
    if not columns:
        return [""] * len(cells.index[at])
    return list(map(SEPARATOR.join, zip(*columns, strict=True)))
