"""A table in the making: which rows of a REDCap export it takes its cells from."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from calcinosis.ingest import headers
from calcinosis.ingest.carriers.sheet import Mark, Note, encoded, from_codes
from calcinosis.ingest.codebook import fold
from calcinosis.ingest.fates import Fate
from calcinosis.ingest.reading import Table
from calcinosis.ingest.redcap.cells import Cells


@dataclass
class Part:
    """A table in the making: rows by position, cells by variable.

    `from_rows` holds, for each variable, the position of the row that its cells stand on (-1
    where there is none); `source` the name of its column.
    """

    at: np.ndarray
    texts: dict[str, pd.Series] = field(default_factory=dict)
    from_rows: dict[str, np.ndarray] = field(default_factory=dict)
    source: dict[str, str] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    marks: dict[str, list[Mark]] = field(default_factory=dict)
    asked: dict[str, dict[int, tuple[str, Fate]]] = field(default_factory=dict)

    def take(self, cells: Cells, variable: str, column: str, rows: np.ndarray) -> None:
        """Fill a variable from a column at the given rows."""
        position = cells.columns[fold(column)]
        exported, entered = cells.sheet.columns[position], cells.text(column)
        text, there = entered.to_numpy(dtype=object), rows >= 0
        self.texts[variable] = encoded(np.where(there, text[rows], ""))
        self.from_rows[variable], self.source[variable] = rows, cells.names[position]
        if entered is not exported:
            taken = rows[there]
            changed = text[taken][exported.to_numpy(dtype=object)[taken] != text[taken]]
            known = cells.project.column(column)
            # A code for missing data in place of a box is counted where it is parsed.
            boxes = known is not None and known.box
            rule = "form_not_opened" if boxes else "time_of_day"
            if count := int((changed == "").sum()) if boxes else len(changed):
                self.notes.append(Note(rule, "", "", count, cells.names[position], variable))
        for mark in cells.sheet.marks.get(position, []):
            marked = np.flatnonzero(np.isin(rows, mark.positions))
            self.marks.setdefault(variable, []).append(Mark(marked, mark.fate))

    def constant(self, variable: str, value: str, column: str) -> None:
        """Give a variable one value in all rows, as a column of a wide form says by its name."""
        self.texts[variable] = from_codes(np.zeros(len(self.at), dtype="int8"), [value])
        self.source[variable] = column

    def table(self, cells: Cells) -> Table:
        """The finished table."""
        row = cells.sheet.rows
        places = {}
        for variable, rows in self.from_rows.items():
            # What one row says of all its regions is asked once; a grade is of its region.
            if variable != "grade":
                stands = np.where(rows >= 0, rows, self.at)
                places[variable] = pd.DataFrame(
                    {
                        "row": row[stands],
                        "name": cells.key[stands],
                        "event": [event_name(cells, i) for i in stands.tolist()],
                    }
                )
        return Table(
            file=cells.file.name,
            cells=pd.DataFrame(self.texts),
            row=pd.Series(row[self.at]),
            source={
                variable: headers.title(cells.sheet, cells.columns[fold(column)])
                for variable, column in self.source.items()
            },
            unknown=(),
            identifying=frozenset(),
            notes=tuple(self.notes),
            marks=self.marks,
            places=places,
            asked=self.asked,
            events=[event_name(cells, i) for i in self.at.tolist()],
        )


def rows_at(cells: Cells, event: str, records: np.ndarray) -> np.ndarray:
    """Position of the row of each record at an event, of forms that do not repeat; -1 if none."""
    there = np.flatnonzero((cells.instrument == "") & (cells.event == event))
    found = pd.Series(there, cells.record[there])
    return found[~found.index.duplicated()].reindex(records, fill_value=-1).to_numpy()


def event_name(cells: Cells, position: int) -> str:
    """Event, instrument and instance of a row, of those that it has."""
    parts = (cells.event[position], cells.instrument[position], cells.instance[position])
    return " ".join(part for part in parts if part)


def at_row(cells: Cells, text: str, position: int) -> str:
    """A text with the event of its row."""
    name = event_name(cells, position)
    return f"{text} ({name})" if name else text


def in_rows(cells: Cells, positions: Iterable[int]) -> str:
    """Physical rows as the end of a question; they are no part of what names it."""
    rows = sorted(int(cells.sheet.rows[position]) for position in positions)
    return f" (rows {', '.join(map(str, rows))})" if len(rows) > 1 else f" (row {rows[0]})"


def other_rows(cells: Cells, used: np.ndarray) -> list[Note]:
    """Rows of the file that are no rows of a table, counted by event and instrument."""
    left = np.setdiff1d(np.arange(len(cells.record)), used)
    kinds = pd.Series(cells.event[left] + " " + cells.instrument[left], dtype="object")
    return [
        Note("rows_of_other_events", kind.strip(), "", count)
        for kind, count in sorted(kinds.value_counts().items())
    ]
