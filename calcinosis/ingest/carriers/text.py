"""Text files: delimiter, line ends, and a strict number of fields in each row.

A plain file (no line break within quotation marks, no empty line, as many fields everywhere) is
split by Arrow; any other by the csv module, which also finds the row that a message names. Both
give the same columns.
"""

import csv
import io
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from calcinosis.errors import InputError
from calcinosis.ingest.carriers.decoding import decoded, utf8
from calcinosis.ingest.carriers.sheet import (
    ExportFile,
    Note,
    Sheet,
    encoded,
    from_codes,
    stop_at_titles,
)
from calcinosis.ingest.codebook import fold

DELIMITERS = (",", ";", "\t", "|")
_HEAD = 1 << 18
"""So many characters from the top are looked at for the delimiter."""
_BLOCK = 1 << 22
"""Bytes that Arrow splits at once: larger is faster, and takes more memory."""
_WORTH_THREADS = 100_000
"""Rows from which on threads read faster than one alone."""
_QUOTES = 1 << 24
"""Bytes in which quotation marks are looked at together."""

Split = tuple[list[pd.Series], np.ndarray, int]
"""Columns, physical row of each record, number of empty lines."""


def read(file: ExportFile, known: frozenset[str]) -> Sheet:
    """Read a delimited text file.

    Parameters
    ----------
    file : the file, its encoding and delimiter
    known : names of columns in the codebook, folded

    Raises
    ------
    InputError
        Empty, of another encoding, without one clear delimiter, with rows above the header, an
        unbalanced quotation mark, or a row with more or fewer fields than the header.
    """
    content = file.path.read_bytes()
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise InputError(
            f"{file.path}: this is a workbook and no text; give it its ending, such as .xlsx"
        )
    if not content:
        raise InputError(f"{file.path}: the file has zero bytes; export it again")
    content, notes = utf8(file, content)
    top = content[:_HEAD].decode(errors="replace")
    cut = len(content) > _HEAD
    delimiter = file.delimiter
    if delimiter == "sniffed":
        delimiter = _sniffed(file.path, content, _heads(top, cut), known)
        if delimiter != ",":
            notes.append(Note("delimiter", "", _shown(delimiter), 1))
    records, lines = _head(top, delimiter, cut)
    if not records:
        raise InputError(f"{file.path}: the file is empty; export it again")
    stop_at_titles(file.path, records, lines, known)
    _stop_at_other_delimiter(file.path, records[0])
    columns, rows, empty = _plain(content, delimiter) or _strict(file.path, content, delimiter)
    return Sheet(
        header=_header(content, delimiter),
        columns=columns,
        rows=rows,
        notes=[*notes, *_line_ends(content)],
        empty=empty,
    )


def _shown(delimiter: str) -> str:
    return {"\t": "tab"}.get(delimiter, f"'{delimiter}'")


def _head(top: str, delimiter: str, cut: bool) -> tuple[list[list[str]], list[int]]:
    """The records at the top with their lines; the last is left out where the top was cut."""
    reader = csv.reader(io.StringIO(top, newline=""), delimiter=delimiter)
    records, lines, start = [], [], 1
    try:
        for record in reader:
            if record:
                records.append(record)
                lines.append(start)
            start = reader.line_num + 1
    except csv.Error:
        pass  # the strict reader says where
    return (records[:-1], lines[:-1]) if cut and len(records) > 1 else (records, lines)


def _heads(top: str, cut: bool) -> dict[str, list[list[str]]]:
    return {delimiter: _head(top, delimiter, cut)[0] for delimiter in DELIMITERS}


def _sniffed(
    path: Path, content: bytes, heads: dict[str, list[list[str]]], known: frozenset[str]
) -> str:
    """The one delimiter that splits every row into as many fields; else the best guess.

    With a guess the file cannot be read, and the strict reader names the row that does not fit.
    """
    widths = {delimiter: {len(record) for record in head} for delimiter, head in heads.items()}
    fit = [d for d in DELIMITERS if len(widths[d]) == 1 and widths[d] != {1}]
    if len(fit) > 1:
        fit = [d for d in fit if _splits(path, content, d)] or fit
    if len(fit) > 1:
        raise InputError(
            f"{path}: {' and '.join(map(_shown, fit))} both split every row into equally many "
            "fields; set `delimiter` of the file in export.tables of the cohort file"
        )
    if fit:
        return fit[0]
    return max(
        DELIMITERS,
        key=lambda d: (
            max((len(known.intersection(map(fold, record))) for record in heads[d]), default=0),
            len(heads[d][0]) if heads[d] else 0,
        ),
    )


def _splits(path: Path, content: bytes, delimiter: str) -> bool:
    try:
        return bool(_plain(content, delimiter) or _strict(path, content, delimiter))
    except InputError:
        return False


def _stop_at_other_delimiter(path: Path, header: list[str]) -> None:
    other = next((d for d in DELIMITERS if len(header) == 1 and d in header[0]), None)
    if other:
        raise InputError(
            f"{path}: the header is one field and has {_shown(other)} in it; set export.delimiter "
            f"to {_shown(other)} in the cohort file, or leave it out"
        )


def _ends(content: bytes) -> dict[str, int]:
    """How often each kind of line end stands."""
    returns = content.count(b"\r")
    windows = content.count(b"\r\n") if returns else 0
    return {"CRLF": windows, "CR": returns - windows, "LF": content.count(b"\n") - windows}


def _line_ends(content: bytes) -> list[Note]:
    ends = _ends(content)
    others = ends["CRLF"] + ends["CR"]
    kinds = "+".join(kind for kind, count in ends.items() if count)
    return [Note("line_ends", kinds, "LF", others)] if others else []


def _header(content: bytes, delimiter: str) -> list[str]:
    """The first record, once the whole file is known to be readable."""
    text = io.TextIOWrapper(io.BytesIO(content), "utf-8", newline="")
    return next(record for record in csv.reader(text, delimiter=delimiter) if record)


def _plain(content: bytes, delimiter: str) -> Split | None:
    """Split a plain file fast; None where the file may not be plain."""
    lines = sum(_ends(content).values()) + (not content.endswith((b"\n", b"\r")))
    first = content[: min((at for at in map(content.find, (b"\n", b"\r")) if at >= 0), default=0)]
    try:
        width = len(next(csv.reader([first.decode()], delimiter=delimiter, strict=True)))
    except (UnicodeDecodeError, csv.Error, StopIteration):
        return None
    if width < 2 or lines < 2 or not _quotes_are_plain(content, delimiter):
        return None
    names = [str(position) for position in range(width)]
    try:
        columns = pa.csv.read_csv(
            pa.py_buffer(content),
            pa.csv.ReadOptions(column_names=names, skip_rows=1, block_size=_BLOCK),
            pa.csv.ParseOptions(delimiter=delimiter),
            pa.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[],
                strings_can_be_null=False,
                quoted_strings_can_be_null=False,
            ),
        ).columns
    except pa.ArrowInvalid:
        return None
    if len(columns[0]) != lines - 1:  # an empty line, or a line break within quotation marks
        return None
    encoded_columns = _encoded(columns)
    pa.default_memory_pool().release_unused()
    return encoded_columns, np.arange(2, lines + 1), 0


def _encoded(texts: list[pa.ChunkedArray]) -> list[pd.Series]:
    """The columns, each dictionary-encoded by one thread, and its texts let go of.

    Threads cost more than they bring where a column is encoded at once.
    """

    def encode(position: int) -> pd.Series:
        column, texts[position] = texts[position], None
        column = column.dictionary_encode().combine_chunks()
        return from_codes(column.indices.to_numpy(), column.dictionary)

    if len(texts[0]) < _WORTH_THREADS:
        return list(map(encode, range(len(texts))))
    with ThreadPoolExecutor(pa.cpu_count()) as threads:
        return list(threads.map(encode, range(len(texts))))


def _quotes_are_plain(content: bytes, delimiter: str) -> bool:
    """Whether each quotation mark opens a field, closes one, or is doubled within one."""
    if b'"' not in content:
        return True
    quoted = False
    for start in range(0, len(content), _QUOTES):
        before = content[start - 1 : start] or b"\n"
        after = content[start + _QUOTES : start + _QUOTES + 1] or b"\n"
        block = np.frombuffer(before + content[start : start + _QUOTES] + after, "u1")
        at = np.flatnonzero(block[1:-1] == ord('"')) + 1
        opens = np.arange(len(at)) % 2 == int(quoted)
        neighbours = np.where(opens, block[at - 1], block[at + 1])
        if not np.isin(neighbours, list(b'\n\r"' + delimiter.encode())).all():
            return False
        quoted ^= bool(len(at) % 2)
    return not quoted


def _strict(path: Path, content: bytes, delimiter: str) -> Split:
    """Split by the rules of the csv module, with the number of each record's first line."""
    text = decoded(path, content, delimiter)
    csv.field_size_limit(sys.maxsize)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[list[str]] = []
    rows: list[int] = []
    start, empty = 1, 0
    try:
        for record in reader:
            if not record:
                empty += 1
            elif records and len(record) != len(records[0]):
                raise InputError(_uneven(path, start, record, records[0], text, reader))
            else:
                records.append(record)
                rows.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"{path}: row {start} cannot be read ({error}); look for a quotation mark that is "
            "opened and not closed"
        ) from None
    columns = [encoded(texts) for texts in zip(*records[1:], strict=True)]
    return columns, np.array(rows[1:], dtype="int64"), empty


def _uneven(
    path: Path, row: int, record: list[str], header: list[str], text: str, rest: Iterator[list[str]]
) -> str:
    words = "field" if len(record) == 1 else "fields"
    said = f"{path}: row {row} has {len(record)} {words}, the header has {len(header)}; "
    if len(record) < len(header) and not text.endswith(("\n", "\r")) and next(rest, None) is None:
        return said + "the file ends within this row: was it cut off? Export it again"
    return said + "look for a missing or an additional delimiter, or an unquoted text, in that row"
