"""The readings of a REDCap export: events or instances that are films, one field per region or not.

Fields of other forms than a repeating one are taken from the row of its event.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from calcinosis.errors import InputError, nearest
from calcinosis.ingest.carriers.sheet import Note, stripped
from calcinosis.ingest.codebook import Variable, fold
from calcinosis.ingest.fates import Fate, query
from calcinosis.ingest.reading import Table
from calcinosis.ingest.redcap.cells import Cells
from calcinosis.ingest.redcap.part import Part, at_row, in_rows, other_rows


def readings_tables(cells: Cells, variables: Sequence[Variable]) -> list[Table]:
    """One table of readings, or one for each field of a wide form that holds a grade.

    Parameters
    ----------
    cells : the export
    variables : the codebook's lines of readings for this file

    Raises
    ------
    InputError
        A field that the plan maps is no column of the export, or no film has a grade.
    """
    films = cells.project.settings["films"]
    parts = [part for film in films for part in _parts(cells, variables, film)]
    notes = [entry for part in parts for entry in part.notes]
    notes += other_rows(cells, np.concatenate([part.at for part in parts]))
    filled = [part.table(cells) for part in parts if len(part.at)]
    if not filled:
        raise InputError(
            f"{cells.path}: none of the films that export.redcap.films names has a grade; "
            "does it name the right events and fields?"
        )
    return [replace(table, notes=() if i else tuple(notes)) for i, table in enumerate(filled)]


def _parts(cells: Cells, variables: Sequence[Variable], film: dict[str, Any]) -> list[Part]:
    """The readings of one kind of films: one part, or one for each field with a grade."""
    chosen = cells.instrument == (film["instrument"] or "")
    if film["events"]:
        chosen &= np.isin(cells.event, film["events"])
    at = np.flatnonzero(chosen)
    if not film["grades"]:
        part = Part(at)
        _take_all(cells, part, variables, film)
        return [part]
    absent = [name for name in film["grades"] if fold(name) not in cells.columns]
    if absent:
        raise InputError(
            f"{cells.path}: export.redcap.films maps the field '{absent[0]}', which is no "
            f"column of the export: {nearest(absent[0], cells.columns)}"
        )
    parts = []
    for field_name, place in film["grades"].items():
        constants = {variable: level for variable, level in place.items() if level}
        of_reader = [
            name for name, other in film["grades"].items() if other["reader"] == place["reader"]
        ]
        read = np.any([stripped(cells.text(name))[at] != "" for name in of_reader], axis=0)
        part = Part(at[read])
        for variable, level in constants.items():
            part.constant(variable, level, field_name)
        needed = [v for v in variables if v.name not in (*constants, "grade")]
        _take_all(cells, part, needed, film)
        part.take(cells, "grade", field_name, part.at)
        if not read.all() and field_name == of_reader[0]:
            count = int((~read).sum())
            part.notes.append(Note("film_not_read", "", "", count, column=field_name))
        parts.append(part)
    return parts


def _take_all(
    cells: Cells, part: Part, variables: Sequence[Variable], film: dict[str, Any]
) -> None:
    """Fill the variables of readings, each from its own row or from that of its event."""
    named = {"film_date": film["date"]} if film["date"] else {}
    variables = [replace(v, sources=(named[v.name],)) if v.name in named else v for v in variables]
    for variable, column in cells.sources(variables).items():
        rows, known = part.at, cells.project.column(column)
        repeats = film["instrument"] and known and known.field.form != film["instrument"]
        if repeats and fold(column) != cells.project.record_id:
            rows = cells.home[part.at]
            part.asked[variable] = _disagreeing(cells, part, column)
        part.take(cells, variable, column, rows)


def _disagreeing(cells: Cells, part: Part, column: str) -> dict[int, tuple[str, Fate]]:
    """Readings whose event has several rows that do not say the same of a column."""
    text = stripped(cells.text(column))
    said: dict[tuple[str, str], list[int]] = {}
    several = cells.several_homes & (cells.instrument == "") & (text != "")
    for i in np.flatnonzero(several).tolist():
        said.setdefault((cells.record[i], cells.event[i]), []).append(i)
    asked = {}
    for position in np.flatnonzero(cells.several_homes[part.at]).tolist():
        i = part.at[position]
        rows = said.get((cells.record[i], cells.event[i]), [])
        if len({text[row] for row in rows}) > 1:
            words = "; ".join(sorted({at_row(cells, text[row], row) for row in rows}))
            where = "is not the same in each row of this event" + in_rows(cells, rows)
            asked[position] = (words, query("events_disagree", where))
    return asked
