"""Tables between steps: Parquet whose pages carry checksums, written and read here only."""

from pathlib import Path

import pandas as pd

from calcinosis import made
from calcinosis.errors import InputError


def write_frame(frame: pd.DataFrame | None, path: str | Path) -> None:
    """Write a table with a checksum on each page; an empty one where there is none."""
    made_of = pd.DataFrame() if frame is None else frame
    made_of.to_parquet(path, write_page_checksum=True)


def read_frame(path: str | Path) -> pd.DataFrame:
    """Read a table and verify its checksums.

    Raises
    ------
    InputError
        The file is damaged; libraries would quote what they find in it.
    """
    try:
        return pd.read_parquet(path, page_checksum_verification=True)
    except MemoryError:
        raise
    except Exception as error:
        raise InputError(
            f"{path} is damaged ({type(error).__name__}) and is not used. Make it again:\n"
            f"  {made.mending([path])}"
        ) from None
