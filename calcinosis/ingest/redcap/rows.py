"""Rows of a raw REDCap export as rows of our tables.

A longitudinal export has a row per record and event, and one per instance of a repeating
instrument; one file holds the rows of all tables.
"""

from collections.abc import Sequence

from calcinosis.errors import InputError, nearest
from calcinosis.ingest.codebook import Variable, fold
from calcinosis.ingest.reading import Sheet, Table, of_file
from calcinosis.ingest.redcap.cells import Cells
from calcinosis.ingest.redcap.completion import sources_of
from calcinosis.ingest.redcap.dictionary import Project
from calcinosis.ingest.redcap.patients import patients_table
from calcinosis.ingest.redcap.readings import readings_tables


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
        return [patients_table(cells, of_table, _unknown(cells, variables))]
    return readings_tables(cells, of_table)


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
