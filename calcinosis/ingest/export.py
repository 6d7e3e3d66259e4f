"""The files of an export, read, corrected and parsed: one frame per file, and what was noted."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.errors import InputError
from calcinosis.ingest.carriers.sheet import ExportFile, Sheet
from calcinosis.ingest.cells import log_cells, parse_cells
from calcinosis.ingest.codebook import Variable
from calcinosis.ingest.corrections import correct
from calcinosis.ingest.dates import Partial
from calcinosis.ingest.log import PLACE, Log, Source
from calcinosis.ingest.parsing import Parsed, typed
from calcinosis.ingest.reading import Table, name_columns, of_file, read_sheet
from calcinosis.ingest.record_names import KEYS
from calcinosis.ingest.redcap import rows as redcap_rows
from calcinosis.ingest.redcap.cells import Cells
from calcinosis.ingest.redcap.dictionary import Project
from calcinosis.side_files import Correction

IMPUTED = "partial_date_imputed"

Files = Mapping[str, Sequence[ExportFile | str | Path | dict[str, Any]]]


@dataclass
class Export:
    """An export as it is before any rule about rows.

    Parameters
    ----------
    parts : by table, typed frames; `_source`, `_row` and `_at` say where a record stands
    audit : one line per correction and row
    qualify : whether ids and record names begin with the centre, because centres number alike
    """

    parts: dict[str, list[pd.DataFrame]]
    audit: list[dict[str, object]]
    qualify: bool


def parse(
    files: Files,
    variables: list[Variable],
    log: Log,
    *,
    latest: datetime.date | None,
    partial: Partial,
    project: Project | None,
    given: Sequence[Correction],
) -> Export:
    """Read, correct and parse every file.

    Parameters are those of `cleaning.clean`, whose first half this is, and the log to write to.

    Raises
    ------
    InputError
        See `cleaning.clean`.
    """
    exported, books, problems = _read(files, variables, project)
    qualify = any(len(of_table) > 1 for of_table in files.values())
    # Beside a file that cannot be read, corrections of its records would look unknown.
    given = [] if problems else given
    corrected = correct(exported, books, given, log, qualify=qualify)
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in exported}
    for name, files_of_table in corrected.tables.items():
        for i, (table, book) in enumerate(zip(files_of_table, books[name], strict=True)):
            confirmed = corrected.confirmed.get((name, i), {})
            parsed: dict[str, Parsed] = {}
            for variable in table.cells:
                here = confirmed.get(variable, [])
                try:
                    parsed[variable] = parse_cells(table, book[variable], latest, partial, here)
                except InputError as error:
                    problems.append(error.message)
            if problems:
                continue
            log.sources.append(
                Source(
                    file=table.file,
                    cells=table.cells,
                    exported=exported[name][i].cells,
                    variables=book,
                    columns=table.source,
                    asked=_asked(parsed),
                    confirmed=confirmed,
                    events=table.events,
                    places=table.places,
                )
            )
            frame = _frame(name, table, parsed, book, log, qualify)
            parts[name].append(_with_imputed(frame, parsed, book) if partial == "impute" else frame)
    if problems:
        raise InputError("\n".join(problems))
    return Export(parts, corrected.audit, qualify)


def _read(
    files: Files, variables: Sequence[Variable], project: Project | None
) -> tuple[dict[str, list[Table]], dict[str, list[dict[str, Variable]]], list[str]]:
    """By table its files as text and the codebook's lines for each, and what cannot be read.

    A file that holds the rows of several tables is read once.
    """
    of_tables = {name: list(map(ExportFile.of, files[name])) for name in sorted(files)}

    @cache
    def sheet(file: ExportFile) -> Sheet:
        tables = {name for name, entries in of_tables.items() if file in entries}
        return read_sheet(file, [v for v in variables if v.table in tables])

    @cache
    def cells(file: ExportFile) -> Cells:
        assert project is not None
        return Cells(file, sheet(file), project)

    exported: dict[str, list[Table]] = {name: [] for name in of_tables}
    books: dict[str, list[dict[str, Variable]]] = {name: [] for name in of_tables}
    problems: list[str] = []
    for name, entries in of_tables.items():
        of_table = [v for v in variables if v.table == name]
        for file in entries:
            try:
                found = (
                    redcap_rows.tables(cells(file), name, variables)
                    if project
                    else [name_columns(file, sheet(file), of_table)]
                )
            except InputError as error:
                problems.append(error.message)
            else:
                exported[name] += found
                books[name] += [of_file(file, of_table)] * len(found)
    return exported, books, list(dict.fromkeys(problems))


def _frame(
    name_of_table: str,
    table: Table,
    parsed: dict[str, Parsed],
    by_name: dict[str, Variable],
    log: Log,
    qualify: bool,
) -> pd.DataFrame:
    """One file's parsed columns; `_source`, `_row` and `_at` say where each record stands."""
    # A copy of all columns would double what an export needs.
    frame = pd.DataFrame({name: column.values for name, column in parsed.items()}, copy=False)
    frame["_source"], frame["_row"] = len(log.sources) - 1, table.row
    frame["_at"] = np.arange(len(frame))
    if table.without_home is not None:
        frame["_without_home"] = table.without_home
    if qualify:
        frame = _qualify_ids(frame, name_of_table, table.file, log)
    optional = {name for name, variable in by_name.items() if not variable.identifier}
    for name in sorted(optional - set(parsed) - set(KEYS[name_of_table])):
        frame[name] = typed(pd.Series(None, frame.index, "object"), by_name[name])
        log.normalised(
            table=name_of_table,
            file=table.file,
            variable=name,
            rule="column_not_in_export",
            count=len(frame),
        )
        log.count("column_not_in_export", name_of_table, len(frame), name)
    places = frame[[name for name in PLACE if name in frame]]
    for name, column in parsed.items():
        log_cells(name_of_table, table, by_name[name], column, places, log)
    for unknown in table.unknown:
        looks = "identifying_column_dropped" if unknown in table.identifying else ""
        log.normalised(
            table=name_of_table,
            file=table.file,
            column=unknown,
            rule=looks or "column_not_in_codebook",
            count=len(frame),
        )
    for note in table.notes:
        log.normalised(table=name_of_table, file=table.file, **vars(note))
    return frame


def _with_imputed(
    frame: pd.DataFrame, parsed: dict[str, Parsed], by_name: dict[str, Variable]
) -> pd.DataFrame:
    """With `<date>_imputed` beside each date that is kept."""
    dates = [v.name for v in by_name.values() if v.type == "date" and not v.identifier]
    flags = {f"{name}_imputed": _yes_no(parsed.get(name), len(frame)) for name in dates}
    return frame.assign(**flags)


def _yes_no(column: Parsed | None, rows: int) -> pd.Categorical:
    """Whether a date of each row was imputed; missing where the date is."""
    if column is None:
        return pd.Categorical.from_codes(np.full(rows, -1), ["no", "yes"], ordered=True)
    codes = column.having(rule=IMPUTED).astype("int64")
    codes[column.values.isna()] = -1
    return pd.Categorical.from_codes(codes, ["no", "yes"], ordered=True)


def _qualify_ids(frame: pd.DataFrame, table: str, file: str, log: Log) -> pd.DataFrame:
    """Put the centre before each id: centres that deliver files of their own number alike."""
    nobody = pd.Series(pd.NA, frame.index)
    centre = frame.get("centre", nobody).astype("string")
    qualified = (centre + "-" + frame["patient_id"]).where(centre.notna(), frame["patient_id"])
    log.normalised(
        table=table,
        file=file,
        variable="patient_id",
        rule="site_qualified_id",
        count=int(qualified.notna().sum()),
    )
    return frame.assign(patient_id=qualified, _no_centre=centre.isna())


def _asked(parsed: dict[str, Parsed]) -> dict[int, str]:
    """What rows say in cells that become queries: two such rows are equal only if it is."""
    texts: dict[int, str] = {}
    for name, column in parsed.items():
        for at in np.flatnonzero(column.having(kind="query")):
            said = f"{name}={column.raw[column.fate[at]]}\x1f"
            texts[int(at)] = texts.get(int(at), "") + said
    return texts
