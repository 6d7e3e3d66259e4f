"""Rows of a raw REDCap export as rows of our tables.

A longitudinal export has a row per record and event, and one per instance of a repeating
instrument; one file holds the rows of all tables.
"""

from collections.abc import Sequence
from dataclasses import replace

from calcinosis.errors import InputError, nearest
from calcinosis.ingest.codebook import Variable, fold
from calcinosis.ingest.reading import (
    Table,
    identifying,
    notes_of_file,
    of_file,
    stop_at_identifier,
)
from calcinosis.ingest.redcap.cells import Cells
from calcinosis.ingest.redcap.completion import sources_of
from calcinosis.ingest.redcap.patients import patients_table
from calcinosis.ingest.redcap.readings import readings_tables


def tables(cells: Cells, name: str, variables: Sequence[Variable]) -> list[Table]:
    """The rows of one of our tables that one export file of a project holds.

    Parameters
    ----------
    cells : the export, which knows its project
    name : `patients` or `readings`
    variables : the whole codebook

    Returns
    -------
    one table; of readings in wide form one for each field that holds a grade

    Raises
    ------
    InputError
        The export does not have the events, fields or columns that plan and dictionary name, or a
        column identifies persons and is not declared to.
    """
    _check_events(cells)
    cells.spelled = {}  # the names of each table are noted with it
    chosen = of_file(cells.file, [v for v in variables if v.table == name])
    of_table = list(chosen.values())
    patients = name == "patients"
    first, *others = (
        [patients_table(cells, of_table)] if patients else readings_tables(cells, of_table)
    )
    for table in (first, *others):
        for variable, texts in table.cells.items():
            column = table.source[str(variable)]
            stop_at_identifier(cells.path, column, texts, chosen[str(variable)])
    unknown = _unknown(cells, variables) if patients else []
    first = replace(
        first,
        unknown=tuple(cells.names[i] for i in unknown),
        identifying=identifying(cells.sheet, unknown),
        notes=(*first.notes, *cells.spelled.values(), *notes_of_file(cells.sheet)),
    )
    return [first, *others]


def _check_events(cells: Cells) -> None:
    """Events that the plan names are there, and are named where the export has them."""
    settings, path = cells.project.settings, cells.path
    named = {
        "export.redcap.event": [settings["event"]] if settings["event"] else [],
        "export.redcap.other_events": list(settings["other_events"].values()),
        "export.redcap.films": [event for film in settings["films"] for event in film["events"]],
    }
    there = set(cells.event) - {""}
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


def _unknown(cells: Cells, variables: Sequence[Variable]) -> list[int]:
    """Positions of the columns of the file that neither codebook nor plan names, of any table."""
    settings = cells.project.settings
    known = cells.known_columns() | {
        fold(source)
        for v in variables
        for name in (v.sources, sources_of(v.table, v.name, "", settings))
        for source in name
    }
    known |= {fold(film["date"]) for film in settings["films"] if film["date"]}
    return [position for name, position in cells.columns.items() if name not in known]
