"""Files of Stata, SPSS and SAS transport, and Parquet: typed columns, value labels, missing codes.

A row is numbered by its place among the records, from 1, because there is no header line.
"""

import datetime
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from calcinosis.errors import InputError
from calcinosis.ingest.carriers.sheet import (
    ExportFile,
    Mark,
    Sheet,
    cell_text,
    from_codes,
)
from calcinosis.ingest.fates import Fate


def read(file: ExportFile) -> Sheet:
    """Read a file of a statistical package.

    Raises
    ------
    InputError
        The file is damaged or of another kind or encoding, or it has no record.
    """
    try:
        sheet = READERS[file.path.suffix.lower()](file)
    except Exception as error:  # libraries raise all kinds at a damaged file
        raise InputError(
            f"{file.path}: cannot be read ({type(error).__name__}); is it damaged, or do its texts "
            "have another encoding? An old file may need encoding: cp874 or cp1252 in export.tables"
        ) from None
    if not sheet.header:
        raise InputError(f"{file.path}: the file is empty; export it again")
    return sheet


def _stata(file: ExportFile) -> Sheet:
    import pyreadstat  # here and below: the library is loaded only for its files

    # Extended missing values come as letters among numbers.
    frame, about = pyreadstat.read_dta(file.path, user_missing=True, encoding=_encoding(file))
    tagged = {name: set(letters) for name, letters in about.missing_user_values.items()}
    return _sheet(frame, about, lambda name, value: value in tagged.get(name, ()), dot=".")


def _spss(file: ExportFile) -> Sheet:
    import pyreadstat

    frame, about = pyreadstat.read_sav(file.path, user_missing=True, encoding=_encoding(file))

    def is_missing(name: str, value: Any) -> bool:
        ranges: Any = about.missing_ranges.get(name, ())
        return any(type(r["lo"]) is type(value) and r["lo"] <= value <= r["hi"] for r in ranges)

    return _sheet(frame, about, is_missing)


def _sas(file: ExportFile) -> Sheet:
    import pyreadstat

    frame, about = pyreadstat.read_xport(file.path, encoding=_encoding(file))
    return _sheet(frame, about, lambda _name, _value: False)


def _encoding(file: ExportFile) -> str | None:
    """What is declared besides the default; most files say it themselves."""
    return None if file.encoding == "utf-8" else file.encoding


def _sheet(
    frame: pd.DataFrame, about: Any, is_missing: Callable[[str, Any], bool], dot: str = ""
) -> Sheet:
    columns: list[pd.Series] = []
    marks: dict[int, list[Mark]] = {}
    labels: dict[int, dict[str, str]] = {}
    dates: dict[int, np.ndarray] = {}
    for i, name in enumerate(frame.columns):
        single = about.readstat_variable_types[name] == "float"
        codes, values = pd.factorize(frame[name].astype("object"))
        missing = [is_missing(name, value) for value in values]
        words = [
            (dot if lost else "") + cell_text(np.float32(value) if single and not lost else value)
            for value, lost in zip(values, missing, strict=True)
        ]
        columns.append(_column(codes, words))
        typed = np.array([isinstance(value, datetime.date) for value in values], dtype=bool)
        if typed.any():  # a letter for missing stands in a column of dates too
            dates[i] = np.flatnonzero((codes >= 0) & typed[codes])
        named = about.variable_value_labels.get(name, {})
        texts = {
            (dot if value in about.missing_user_values.get(name, ()) else "")
            + cell_text(value): str(label)
            for value, label in named.items()
        }
        if texts:
            labels[i] = texts
        marks[i] = [
            Mark(np.flatnonzero(codes == at), _missing(texts.get(words[at], "")))
            for at in np.flatnonzero(missing)
        ]
    return Sheet(
        header=list(frame.columns),
        columns=columns,
        rows=np.arange(1, len(frame) + 1),
        marks=marks,
        labels=labels,
        dates=dates,
    )


def _missing(reason: str) -> Fate:
    return Fate(None, "missing_in_file", "missing", reason or "no label")


def _parquet(file: ExportFile) -> Sheet:
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(file.path)
    columns: list[pd.Series] = []
    dates: dict[int, np.ndarray] = {}
    for column in table.columns:
        single = pa.types.is_float32(column.type)
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        whole = column.unify_dictionaries().combine_chunks()
        values = whole.dictionary.to_pylist()
        words = [cell_text(np.float32(value) if single else value) for value in values]
        codes = whole.indices.fill_null(-1).to_numpy()
        if pa.types.is_date(whole.dictionary.type) or pa.types.is_timestamp(whole.dictionary.type):
            dates[len(columns)] = np.flatnonzero(codes >= 0)
        columns.append(_column(codes, words))
    return Sheet(
        header=list(table.column_names),
        columns=columns,
        rows=np.arange(1, table.num_rows + 1),
        dates=dates,
    )


def _column(codes: np.ndarray, words: list[str]) -> pd.Series:
    """A text column from codes (-1 is an empty cell), words that are equal made one."""
    again, distinct = pd.factorize(np.array([*words, ""], dtype="object"))
    return from_codes(again[codes], distinct)


READERS: dict[str, Callable[[ExportFile], Sheet]] = {
    ".dta": _stata,
    ".sav": _spss,
    ".zsav": _spss,
    ".xpt": _sas,
    ".parquet": _parquet,
}
