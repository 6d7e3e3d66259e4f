"""The patients of a REDCap export: one row a record, as one event describes it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from calcinosis.errors import InputError
from calcinosis.ingest.carriers.sheet import Note, stripped
from calcinosis.ingest.codebook import Variable, fold
from calcinosis.ingest.fates import Fate, query
from calcinosis.ingest.reading import Table
from calcinosis.ingest.redcap.cells import Cells
from calcinosis.ingest.redcap.dictionary import STRUCTURE
from calcinosis.ingest.redcap.part import Part, at_row, in_rows, other_rows, rows_at

FEWEST_ELSEWHERE = 5
"""From so many records on, a field mostly filled in at another event is the plan's fault."""


def patients_table(cells: Cells, variables: Sequence[Variable]) -> Table:
    """One row for each record: the row of its event, with values of other events where declared.

    Parameters
    ----------
    cells : the export
    variables : the codebook's lines of patients for this file

    Returns
    -------
    the table; values that stand at another event, or differ between events, are asked about

    Raises
    ------
    InputError
        A field is filled in at other events than declared in most records.
    """
    settings = cells.project.settings
    home = np.flatnonzero((cells.instrument == "") & (cells.event == (settings["event"] or "")))
    first = pd.Series(cells.record).drop_duplicates()
    lone = first.index[~first.isin(cells.record[home])].to_numpy(dtype=int)
    part = Part(np.sort(np.concatenate([home, lone])))
    without = np.isin(part.at, lone)
    for variable, column in cells.sources(variables).items():
        event = settings["other_events"].get(variable)
        rows = np.where(without, -1, part.at)
        if fold(column) in (*STRUCTURE, cells.project.record_id):
            rows = part.at
        elif event:
            rows = rows_at(cells, event, cells.record[part.at])
        part.take(cells, variable, column, rows)
        known = cells.project.column(column)
        if known and rows is not part.at and known.field.form not in settings["repeated_forms"]:
            part.asked[variable] = _elsewhere(cells, part, variable, event)
    part.notes += other_rows(cells, part.at)
    table = part.table(cells)
    key = cells.record[part.at]
    return replace(
        table,
        # A patient has one value of each variable: the record alone names it.
        places={v: place.assign(name=key) for v, place in table.places.items()},
        without_home=without if without.any() else None,
    )


def _elsewhere(
    cells: Cells, part: Part, variable: str, other_event: str | None
) -> dict[int, tuple[str, Fate]]:
    """Values of a patient that stand at another event than theirs, or differ between rows."""
    text = stripped(cells.text(part.source[variable]))
    event = other_event or cells.project.settings["event"] or ""
    rows = part.from_rows[variable].copy()
    own = (cells.instrument == "") & (cells.event == event)
    if other_event:  # of two rows of this event one is taken, and the other must say the same
        own = np.isin(np.arange(len(text)), rows)
    others: dict[str, list[int]] = {}
    for i in np.flatnonzero((text != "") & ~own).tolist():
        others.setdefault(cells.record[i], []).append(i)
    records = cells.record[part.at]
    asked: dict[int, tuple[str, Fate]] = {}
    same = 0
    for position in np.flatnonzero(pd.Series(records).isin(others)).tolist():
        value = text[rows[position]] if rows[position] >= 0 else ""
        of_record = others[records[position]]
        differ = [i for i in of_record if text[i] != value]
        same += len(of_record) - len(differ)
        if not differ:
            continue
        stands = sorted(at_row(cells, text[i], i) for i in differ)
        if value:
            rule, said = "events_disagree", "is not the same at each event of this record"
            stands.insert(0, f"{value} ({event})")
            said += in_rows(cells, [rows[position], *differ])
        else:
            rule, said = "in_another_event", f"does not stand at {event}, where it is asked for"
            said += in_rows(cells, differ)
            rows[position] = differ[0]
        asked[position] = ("; ".join(stands), query(rule, said))
    part.from_rows[variable] = rows
    filled = int((text[rows[rows >= 0]] != "").sum())
    if len(asked) >= FEWEST_ELSEWHERE and len(asked) > filled / 2:
        shown = part.source[variable]
        column = cells.project.column(shown)
        raise InputError(
            f"{cells.path}: the column '{shown}' ({variable}) is filled in at other events "
            f"than {event} in {len(asked)} of {filled} records; name its event in "
            "export.redcap.other_events, or, where the form "
            f"'{column and column.field.form}' is meant to be filled in at several events, add it "
            "to export.redcap.repeated_forms"
        )
    if same:
        shown = part.source[variable]
        part.notes.append(Note("same_at_other_events", "", "", same, shown, variable))
    return asked
