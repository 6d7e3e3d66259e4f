"""Lists for people, as CSV that a spreadsheet opens and does not compute."""

from pathlib import Path

import pandas as pd

from calcinosis.side_files import as_written, formula_safe


def csv_text(frame: pd.DataFrame) -> str:
    """A list for people as text: commas, no cell that a spreadsheet would compute."""
    return frame.map(formula_safe).to_csv(index=False, lineterminator="\n")


def write_csv(frame: pd.DataFrame, path: str | Path) -> None:
    """Write a list for people in UTF-8."""
    Path(path).write_text(csv_text(frame), "utf-8")


def read_csv(path: str | Path) -> pd.DataFrame:
    """Read what `write_csv` has written: every cell as the text that it was."""
    return pd.read_csv(path, dtype="string", keep_default_na=False).map(as_written)
