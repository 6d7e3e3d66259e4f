"""A table in the making: which rows of a REDCap export it takes its cells from."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from calcinosis.ingest.codebook import fold
from calcinosis.ingest.parsing import Fate
from calcinosis.ingest.reading import Table
from calcinosis.ingest.redcap.cells import Cells


@dataclass
class Part:
    """A table in the making: rows by position, cells by variable.

    `from_rows` holds, for each variable, the position of the row that its cells stand on (-1
    where there is none); `source` the name of its column.
    """

    at: np.ndarray
    cells: dict[str, pd.Series] = field(default_factory=dict)
    from_rows: dict[str, np.ndarray] = field(default_factory=dict)
    source: dict[str, str] = field(default_factory=dict)
    notes: list[dict[str, object]] = field(default_factory=list)
    asked: dict[str, dict[int, tuple[str, Fate]]] = field(default_factory=dict)

    def take(self, cells: Cells, variable: str, column: str, rows: np.ndarray, table: str) -> None:
        """Fill a variable from a column at the given rows."""
        shown = cells.columns[fold(column)]
        raw, text = cells.sheet.cells[shown].to_numpy(), cells.text(column).to_numpy()
        there = rows >= 0
        self.cells[variable] = pd.Series(np.where(there, text[rows], ""), dtype="object")
        self.from_rows[variable], self.source[variable] = rows, shown
        taken = rows[there]
        changed = taken[raw[taken] != text[taken]]
        for rule, count in (
            ("form_not_opened", sum(text[changed] == "")),
            # A code for missing data in place of a box is counted where it is parsed.
            ("time_of_day", sum(raw[i].strip().startswith(text[i]) for i in changed if text[i])),
        ):
            if count:
                self.notes.append(note(cells, table, rule, count, column=shown, variable=variable))

    def constant(self, variable: str, value: str, column: str) -> None:
        """Give a variable one value in all rows, as a column of a wide form says by its name."""
        self.cells[variable] = pd.Series([value] * len(self.at), dtype="object")
        self.source[variable] = column

    def table(self, cells: Cells) -> Table:
        """The finished table."""
        row = cells.sheet.row.to_numpy()
        places = {
            variable: pd.DataFrame(
                {
                    "_row": np.where(rows >= 0, row[rows], row[self.at]),
                    "_key": cells.key[np.where(rows >= 0, rows, self.at)],
                }
            )
            for variable, rows in self.from_rows.items()
            # What one row says of all its regions is asked once; a grade is of its region.
            if variable != "grade"
        }
        return Table(
            file=cells.sheet.path.name,
            cells=pd.DataFrame(self.cells),
            row=pd.Series(row[self.at], dtype="int64"),
            source=self.source,
            unknown=(),
            places=places,
            asked=self.asked,
            notes=tuple(self.notes),
        )


def note(cells: Cells, table: str, rule: str, count: int, **more: str) -> dict[str, object]:
    """An entry of the normalisation log about rows or a column."""
    entry = {"column": "", "variable": "", "old": "", "new": ""} | more
    return {"table": table, "file": cells.sheet.path.name, "rule": rule, "count": count} | entry


def rows_at(cells: Cells, event: str | None) -> dict[str, int]:
    """Record to the position of its row at an event, of forms that do not repeat."""
    wanted = np.flatnonzero((cells.instrument == "") & (cells.event == (event or "")))
    return {cells.record[i]: int(i) for i in reversed(wanted)}


def name_of_row(cells: Cells, position: int) -> str:
    """Event, instrument and instance of a row, of those that it has."""
    parts = (cells.event[position], cells.instrument[position], cells.instance[position])
    return " ".join(part for part in parts if part)


def other_rows(cells: Cells, table: str, used: np.ndarray) -> list[dict[str, object]]:
    """Rows of the file that are no rows of a table, counted by event and instrument."""
    left = np.setdiff1d(np.arange(len(cells.record)), used)
    kinds = pd.Series(cells.event[left] + " " + cells.instrument[left], dtype="object")
    return [
        note(cells, table, "rows_of_other_events", count, old=kind.strip())
        for kind, count in sorted(kinds.value_counts().items())
    ]
