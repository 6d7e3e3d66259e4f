"""Each table of the report as CSV, as it is printed, and the names of its numbers beside it."""

import csv
import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from calcinosis.present import formats
from calcinosis.present.blocks import Cell, Entry, Table, plain
from calcinosis.side_files import formula_safe

_LONGEST_NAME = 48
_CONTENTS = ("number", "file", "caption", "notes")


def write_tables(folder: str | Path, tables: Sequence[Table]) -> None:
    """Write `NN_<caption>.csv` and `NN_<caption>_result_ids.csv` of each table, and a contents.

    The second file has the same rows and columns; where the first prints numbers it has the
    `result_id` of each, parted by spaces. UTF-8 with a byte order mark, without which Excel takes
    the minus sign and every accent for other letters; no text is taken for a formula.

    Parameters
    ----------
    folder : is made where it is not there
    tables : in the order of their numbers
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    contents: list[Sequence[str]] = [_CONTENTS]
    for number, table in enumerate(tables, 1):
        name = f"{number:02d}_{_slug(table.caption)}"
        lines = [table.head, *table.rows]
        _write(folder / f"{name}.csv", [[plain(entry) for entry in line] for line in lines])
        ids = [[_result_ids(entry) for entry in line] for line in lines]
        _write(folder / f"{name}_result_ids.csv", ids)
        contents.append((str(number), f"{name}.csv", table.caption, " ".join(table.notes)))
    _write(folder / "00_contents.csv", contents)


def _write(path: Path, lines: Iterable[Iterable[str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=formats.profile().separator, lineterminator="\r\n")
        writer.writerows([formula_safe(text) for text in line] for line in lines)


def _result_ids(entry: Entry) -> str:
    parts = entry if isinstance(entry, list) else [entry]
    return " ".join(part.result_id for part in parts if isinstance(part, Cell))


def _slug(caption: str) -> str:
    """A caption as the name of a file: plain letters and digits, cut at a word."""
    letters = unicodedata.normalize("NFKD", caption).encode("ascii", "ignore").decode().lower()
    name = ""
    for word in re.findall(r"[a-z0-9]+", letters):
        longer = f"{name}_{word}" if name else word
        if len(longer) > _LONGEST_NAME:
            break
        name = longer
    return name or "table"
