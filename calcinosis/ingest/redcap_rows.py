"""Rows of a REDCap export as rows of our tables: one per patient, one per reading.

A longitudinal export has a row per record and event, and one per instance of a repeating
instrument. Fields of other forms than the repeating one are taken from the row of its event.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.errors import InputError, nearest
from calcinosis.ingest.codebook import Variable, fold
from calcinosis.ingest.parsing import Fate
from calcinosis.ingest.reading import Sheet, Table, of_file, sources
from calcinosis.ingest.redcap import STRUCTURE, Project
from calcinosis.ingest.redcap_cells import Cells
from calcinosis.ingest.redcap_codebook import sources_of

FEWEST_ELSEWHERE = 5
"""From so many records on, a field mostly filled in at another event is the plan's fault."""


def tables(sheet: Sheet, name: str, variables: Sequence[Variable], project: Project) -> list[Table]:
    """The rows of one of our tables that one export file of a project holds.

    Parameters
    ----------
    sheet : the export as text
    name : `patients` or `readings`
    variables : the whole codebook
    project : its dictionary, and how the plan maps events and instruments

    Returns
    -------
    one table; of readings in wide form one for each field that holds a grade

    Raises
    ------
    InputError
        The export does not have the events, fields or columns that plan and dictionary name.
    """
    cells = Cells(sheet, project)
    _check_events(cells)
    of_table = of_file(sheet, [v for v in variables if v.table == name])
    if name == "patients":
        return [_patients(cells, of_table, _unknown(cells, variables))]
    parts = [part for film in project.settings["films"] for part in _film(cells, of_table, film)]
    notes = [note for part in parts for note in part.notes]
    notes += _other_rows(cells, name, {int(i) for part in parts for i in part.at})
    filled = [part.table(cells) for part in parts if len(part.at)]
    if not filled:
        raise InputError(
            f"{sheet.path}: none of the films that export.redcap.films names has a grade; does it "
            "name the right events and fields?"
        )
    return [replace(table, notes=() if i else tuple(notes)) for i, table in enumerate(filled)]


@dataclass
class _Part:
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
        for rule, found in (
            ("form_not_opened", (text == "") & (raw != "")),
            ("time_of_day", (text != "") & np.char.startswith(raw.astype(str), text.astype(str))),
        ):
            count = int((found & (raw != text))[rows[there]].sum())
            if count:
                self.notes.append(_note(cells, table, rule, count, column=shown, variable=variable))

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
                    "_key": cells.place(np.where(rows >= 0, rows, self.at)),
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


def _note(cells: Cells, table: str, rule: str, count: int, **more: str) -> dict[str, object]:
    entry = {"column": "", "variable": "", "old": "", "new": ""} | more
    return {"table": table, "file": cells.sheet.path.name, "rule": rule, "count": count} | entry


def _check_events(cells: Cells) -> None:
    """Events that the plan names are there, and are named where the export has them."""
    settings, path = cells.project.settings, cells.sheet.path
    named = {
        "export.redcap.event": [settings["event"]] if settings["event"] else [],
        "export.redcap.other_events": list(settings["other_events"].values()),
        "export.redcap.films": [event for film in settings["films"] for event in film["events"]],
    }
    there = {event for event in cells.event if event}
    problems = [
        f"{path}: {key} names the event '{event}', of which there is no row: "
        + nearest(event, there)
        for key, events in named.items()
        for event in events
        if event not in there
    ]
    if there and not settings["event"]:
        problems.append(
            f"{path}: the export has events; set export.redcap.event to the one at which patients "
            f"are described: {', '.join(sorted(there))}"
        )
    instruments = {film["instrument"] for film in settings["films"]} - {None}
    problems += [
        f"{path}: export.redcap.films names the instrument '{name}', which has no instance: "
        + nearest(name, set(cells.instrument) - {""})
        for name in sorted(instruments - set(cells.instrument))
    ]
    if there and any(not (f["events"] or f["instrument"]) for f in settings["films"]):
        problems.append(
            f"{path}: the export has events; name those of each film in export.redcap.films: "
            + ", ".join(sorted(there))
        )
    if problems:
        raise InputError("\n".join(problems))


def _rows_of(cells: Cells, event: str | None) -> dict[str, int]:
    """Record to the position of its row at an event, of forms that do not repeat."""
    wanted = np.flatnonzero((cells.instrument == "") & (cells.event == (event or "")))
    return {cells.record[i]: int(i) for i in reversed(wanted)}


def _patients(cells: Cells, variables: Sequence[Variable], unknown: tuple[str, ...]) -> Table:
    settings = cells.project.settings
    home = np.flatnonzero((cells.instrument == "") & (cells.event == (settings["event"] or "")))
    first = pd.Series(cells.record).drop_duplicates()
    lone = first.index[~first.isin(cells.record[home])].to_numpy(dtype=int)
    part = _Part(np.sort(np.concatenate([home, lone])))
    without = np.isin(part.at, lone)
    for variable, column in sources(cells.sheet, variables).items():
        event = settings["other_events"].get(variable)
        rows = np.where(without, -1, part.at)
        if fold(column) in (*STRUCTURE, cells.project.record_id):
            rows = part.at
        elif event:
            lookup = _rows_of(cells, event)
            rows = np.array([lookup.get(record, -1) for record in cells.record[part.at]], dtype=int)
        part.take(cells, variable, column, rows, "patients")
        known = cells.project.column(column)
        if known and rows is not part.at and known.field.form not in settings["repeated_forms"]:
            part.asked[variable] = _elsewhere(cells, part, variable, event)
    part.notes += _other_rows(cells, "patients", {int(i) for i in part.at})
    table = part.table(cells)
    key = cells.record[part.at]
    return replace(
        table,
        unknown=unknown,
        # A patient has one value of each variable: the record alone names it.
        places={v: place.assign(_key=key) for v, place in table.places.items()},
        without_home=pd.Series(without) if without.any() else None,
    )


def _elsewhere(
    cells: Cells, part: _Part, variable: str, other_event: str | None
) -> dict[int, tuple[str, Fate]]:
    """Values of a patient that stand at another event than theirs, or differ between rows."""
    text = cells.text(part.source[variable]).str.strip().to_numpy(dtype=object)
    event = other_event or cells.project.settings["event"] or ""
    own = (cells.instrument == "") & (cells.event == event)
    if other_event:  # of two rows of this event one is taken, and the other must say the same
        own = np.isin(np.arange(len(text)), part.from_rows[variable])
    others: dict[str, list[int]] = {}
    for i in np.flatnonzero((text != "") & ~own).tolist():
        others.setdefault(cells.record[i], []).append(i)
    row, rows = cells.sheet.row.to_numpy(), part.from_rows[variable].copy()
    asked: dict[int, tuple[str, Fate]] = {}
    same = 0
    for position, record in enumerate(cells.record[part.at]):
        value = text[rows[position]] if rows[position] >= 0 else ""
        differ = [i for i in others.get(record, []) if text[i] != value]
        same += len(others.get(record, [])) - len(differ)
        if not differ:
            continue
        stands = [f"{text[i]} (row {row[i]}, {_name(cells, i)})" for i in differ]
        if value:
            rule, said = "events_disagree", "is not the same at each event of this record"
            stands.insert(0, f"{value} (row {row[rows[position]]}, {event})")
        else:
            rule, said = "in_another_event", f"does not stand at {event}, where it is asked for"
            rows[position] = differ[0]
        asked[position] = ("; ".join(stands), Fate(None, rule, "query", said))
    part.from_rows[variable] = rows
    filled = sum(1 for i in rows if i >= 0 and text[i] != "")
    if len(asked) >= FEWEST_ELSEWHERE and len(asked) > filled / 2:
        shown = part.source[variable]
        column = cells.project.column(shown)
        raise InputError(
            f"{cells.sheet.path}: the column '{shown}' ({variable}) is filled in at other events "
            f"than {event} in {len(asked)} of {filled} records; name its event in "
            "export.redcap.other_events, or, where the form "
            f"'{column and column.field.form}' is meant to be filled in at several events, add it "
            "to export.redcap.repeated_forms"
        )
    if same:
        shown = part.source[variable]
        part.notes.append(
            _note(cells, "patients", "same_at_other_events", same, column=shown, variable=variable)
        )
    return asked


def _name(cells: Cells, position: int) -> str:
    """Event, instrument and instance of a row, of those that it has."""
    parts = (cells.event[position], cells.instrument[position], cells.instance[position])
    return " ".join(part for part in parts if part)


def _film(cells: Cells, variables: Sequence[Variable], film: dict[str, Any]) -> list[_Part]:
    """The readings of one kind of films: one part, or one for each field with a grade."""
    chosen = cells.instrument == (film["instrument"] or "")
    if film["events"]:
        chosen &= np.isin(cells.event, film["events"])
    at = np.flatnonzero(chosen)
    if not film["grades"]:
        part = _Part(at)
        _take_all(cells, part, variables, film)
        return [part]
    absent = [name for name in film["grades"] if fold(name) not in cells.columns]
    if absent:
        raise InputError(
            f"{cells.sheet.path}: export.redcap.films maps the field '{absent[0]}', which is no "
            f"column of the export: {nearest(absent[0], cells.columns)}"
        )
    parts = []
    for field_name, place in film["grades"].items():
        constants = {variable: level for variable, level in place.items() if level}
        of_reader = [
            name for name, other in film["grades"].items() if other["reader"] == place["reader"]
        ]
        read = np.any([(cells.text(n).str.strip() != "")[at] for n in of_reader], axis=0)
        part = _Part(at[read])
        for variable, level in constants.items():
            part.constant(variable, level, field_name)
        needed = [v for v in variables if v.name not in (*constants, "grade")]
        _take_all(cells, part, needed, film)
        part.take(cells, "grade", field_name, part.at, "readings")
        if not read.all() and field_name == of_reader[0]:
            count = int((~read).sum())
            part.notes.append(_note(cells, "readings", "film_not_read", count, column=field_name))
        parts.append(part)
    return parts


def _take_all(
    cells: Cells, part: _Part, variables: Sequence[Variable], film: dict[str, Any]
) -> None:
    """Fill the variables of readings, each from its own row or from that of its event."""
    named = {"film_date": film["date"]} if film["date"] else {}
    variables = [replace(v, sources=(named[v.name],)) if v.name in named else v for v in variables]
    for variable, column in sources(cells.sheet, variables).items():
        rows, known = part.at, cells.project.column(column)
        repeats = film["instrument"] and known and known.field.form != film["instrument"]
        if repeats and fold(column) != cells.project.record_id:
            lookups = {event: _rows_of(cells, event) for event in set(cells.event[part.at])}
            at_event = [lookups[cells.event[i]].get(cells.record[i], -1) for i in part.at]
            rows = np.array(at_event, dtype=int)
            part.asked[variable] = _disagreeing(cells, part, column)
        part.take(cells, variable, column, rows, "readings")


def _disagreeing(cells: Cells, part: _Part, column: str) -> dict[int, tuple[str, Fate]]:
    """Readings whose event has several rows that do not say the same of a column."""
    text, row = cells.text(column).str.strip().to_numpy(dtype=object), cells.sheet.row.to_numpy()
    said: dict[tuple[str, str], dict[str, str]] = {}
    for i in np.flatnonzero((cells.instrument == "") & (text != "")).tolist():
        values = said.setdefault((cells.record[i], cells.event[i]), {})
        values.setdefault(text[i], f"{text[i]} (row {row[i]}, {_name(cells, i)})")
    fate = Fate(None, "events_disagree", "query", "is not the same in each row of this event")
    values_of = [said.get((cells.record[i], cells.event[i]), {}) for i in part.at]
    return {i: ("; ".join(v.values()), fate) for i, v in enumerate(values_of) if len(v) > 1}


def _other_rows(cells: Cells, table: str, used: set[int]) -> list[dict[str, object]]:
    """Rows of the file that are no rows of a table, counted by event and instrument."""
    others = [_name_of_kind(cells, i) for i in range(len(cells.record)) if i not in used]
    return [
        _note(cells, table, "rows_of_other_events", count, old=kind)
        for kind, count in sorted(pd.Series(others, dtype="object").value_counts().items())
    ]


def _name_of_kind(cells: Cells, position: int) -> str:
    return " ".join(filter(None, (cells.event[position], cells.instrument[position])))


def _unknown(cells: Cells, variables: Sequence[Variable]) -> tuple[str, ...]:
    """Columns of the file that neither codebook nor plan names, of any table."""
    settings = cells.project.settings
    known = cells.known_columns() | {
        fold(source)
        for v in variables
        for name in (v.sources, sources_of(v.table, v.name, "", settings))
        for source in name
    }
    known |= {fold(film["date"]) for film in settings["films"] if film["date"]}
    return tuple(name for name in cells.sheet.cells if fold(name) not in known)
