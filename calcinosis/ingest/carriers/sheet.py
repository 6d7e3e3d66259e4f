"""The one form of every carrier: columns of text with the physical row of each record."""

import datetime
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from calcinosis.errors import InputError
from calcinosis.ingest.codebook import fold
from calcinosis.ingest.fates import Fate

_HEAD = 20
"""So many rows from the top are looked at for a header."""
_TEXT = pd.StringDtype(na_value=np.nan)
"""What pandas calls `str`; by its name it would be looked up for each column."""
_WHITE = r"\t-\r\x1c-\x20\x{85}\pZ"
WHITE_SPACE, NOT_BLANK = f"[{_WHITE}]+", f"[^{_WHITE}]"
"""Patterns of Arrow, of what Python calls white space."""


@dataclass(frozen=True)
class ExportFile:
    """One file of the export, and how it is written.

    Parameters
    ----------
    path : the file
    sheet : of a workbook; None where it has one sheet
    encoding : of a text file, or of the texts in an old statistical file
    delimiter : of a text file; `sniffed` where the file decides
    """

    path: Path
    sheet: str | None = None
    encoding: str = "utf-8"
    delimiter: str = "sniffed"

    @classmethod
    def of(cls, entry: "ExportFile | str | Path | dict[str, Any]") -> "ExportFile":
        """An export file from its path, or from the mapping that the plan's facts hold."""
        if isinstance(entry, ExportFile):
            return entry
        facts = entry if isinstance(entry, dict) else {"path": entry}
        return cls(**(facts | {"path": Path(facts["path"])}))

    @property
    def name(self) -> str:
        """How messages and logs name the file."""
        return self.path.name + (f" [{self.sheet}]" if self.sheet else "")


@dataclass(frozen=True)
class Note:
    """What was normalised in a file as a whole, such as its line ends, or in its rows."""

    rule: str
    old: str
    new: str
    count: int
    column: str = ""
    variable: str = ""


@dataclass(frozen=True)
class Mark:
    """Cells of which the carrier itself says that they hold no value.

    Parameters
    ----------
    positions : of the records, from 0
    fate : missing with a reason, or a query
    """

    positions: np.ndarray
    fate: Fate


@dataclass(frozen=True)
class Sheet:
    """One file as text.

    Parameters
    ----------
    header : the columns' names as they stand
    columns : per column its texts, a dictionary-encoded (categorical) series
    rows : physical row of each record
    notes : normalisations of the file
    empty : number of empty rows that were left out
    marks : column to its marked cells
    labels : column to its value labels, code to label
    dates : column to the positions of its typed dates, whose texts are ISO
    letters : whether columns are named by letters, as in a workbook
    """

    header: list[str]
    columns: list[pd.Series]
    rows: np.ndarray
    notes: list[Note] = field(default_factory=list)
    empty: int = 0
    marks: dict[int, list[Mark]] = field(default_factory=dict)
    labels: dict[int, dict[str, str]] = field(default_factory=dict)
    dates: dict[int, np.ndarray] = field(default_factory=dict)
    letters: bool = False

    def place(self, position: int) -> str:
        """A column by its number, and in a workbook by its letter."""
        return f"{position + 1}" + (f" ({letter(position)})" if self.letters else "")


def encoded(texts: Sequence[str] | np.ndarray) -> pd.Series:
    """A dictionary-encoded column of texts; categories in the order in which they first stand."""
    codes, words = pd.factorize(np.asarray(texts, dtype="object"), use_na_sentinel=False)
    return from_codes(codes, words)


def from_codes(codes: np.ndarray, words: Iterable[str]) -> pd.Series:
    """A dictionary-encoded column from its codes and its different words.

    The public way would look at the words once more, and keep an object and a hash of each.
    """
    dtype = pd.CategoricalDtype._from_fastpath(pd.Index(words, dtype=_TEXT))
    return pd.Series(pd.Categorical.from_codes(codes, dtype=dtype, validate=False))


def recoded(column: pd.Series, words: Iterable[str]) -> pd.Series:
    """A dictionary-encoded column with another word for each of its different words."""
    codes, distinct = pd.factorize(np.array(list(words), dtype="object"), use_na_sentinel=False)
    return from_codes(codes[column.cat.codes], distinct)


def texts(column: pd.Series) -> np.ndarray:
    """The texts of a dictionary-encoded column; shape (rows,).

    For some rows of a long column: pandas would first make an object of each of its words.
    """
    return column.cat.categories.take(column.cat.codes.to_numpy()).to_numpy(dtype="object")


def stripped(column: pd.Series) -> np.ndarray:
    """The texts of a dictionary-encoded column without outer white space; shape (rows,)."""
    return column.cat.categories.str.strip().to_numpy(dtype="object")[column.cat.codes]


def among(column: pd.Series, words: Iterable[str]) -> np.ndarray:
    """Which cells of a dictionary-encoded column, without outer white space, are such words."""
    return column.cat.categories.str.strip().isin(list(words))[column.cat.codes]


def matching(words: pd.Index, pattern: str) -> np.ndarray:
    """In which words a pattern of Arrow (RE2) is found; shape (words,), boolean."""
    return pc.match_substring_regex(pa.array(words.array), pattern).to_numpy(zero_copy_only=False)


def longest(words: pd.Index) -> int:
    """The length of the longest word; 0 where there is none."""
    return pc.max(pc.utf8_length(pa.array(words.array))).as_py() or 0


def letter(position: int) -> str:
    """The letters of a workbook's column: A to Z, AA and on."""
    letters, position = "", position + 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_text(value: Any) -> str:
    """A typed cell as its shortest text: 3.0 is `3`, a date is ISO, an empty cell is empty."""
    if value is None or (isinstance(value, float | np.floating) and math.isnan(value)):
        return ""
    if isinstance(value, bool | np.bool_):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float | np.floating):
        value = value if isinstance(value, np.float32) else float(value)
        whole = math.isfinite(value) and value == math.floor(value) and abs(value) < 1e15
        return str(int(value)) if whole else str(value)
    if isinstance(value, datetime.datetime):
        if value.time() == datetime.time():
            return value.date().isoformat()
        return value.isoformat(sep=" ", timespec="seconds")
    return str(value)


def stop_at_titles(
    path: Path, rows: Sequence[Sequence[str]], numbers: Sequence[int], known: frozenset[str]
) -> None:
    """Stop where the first row is no header, and a row below it is.

    Parameters
    ----------
    path : the file
    rows, numbers : the first rows and their physical numbers
    known : names of columns in the codebook, folded

    Raises
    ------
    InputError
        No cell of the first row names a column of the codebook, and two or more of a later row do.
    """
    counts = [len(known.intersection(map(fold, row))) for row in rows[:_HEAD]]
    if counts and counts[0] == 0 and max(counts) >= 2:
        found = numbers[counts.index(max(counts))]
        raise InputError(
            f"{path}: the header looks like row {found}; delete the rows above it, so that the "
            "file begins with the names of the columns"
        )
