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
    named = _joined(cells, keys, at)
    blank = _joined(cells, ["patient_id"], at) == ""
    if blank.any():
        said = [n for n in cells if n != "patient_id" and not variables[n].identifier]
        of_nobody = cells.iloc[at].loc[blank]
        named[blank] = NO_ID + SEPARATOR + _joined(of_nobody, said, slice(None))
    if qualify and "centre" in cells:
        centre = parse_column(cells["centre"].iloc[at], variables["centre"], None).values
        named = centre.astype("object").fillna("") + SEPARATOR + named
    return named.str.strip()  # as it comes back from a spreadsheet


def _joined(cells: pd.DataFrame, names: list[str], at: np.ndarray | slice) -> pd.Series:
    index = cells.index[at]
    columns = [pd.Series(texts(cells[name].iloc[at]), index).str.strip() for name in names]
    first, *others = columns or [pd.Series("", index, dtype="object")]
    return first.str.cat(others, sep=SEPARATOR) if others else first
