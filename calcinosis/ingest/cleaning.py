"""From export files to typed canonical tables, a query log and a normalisation log.

Nothing is lost silently: rows in = rows used + rows excluded with a reason, and cells in = cells
used + missing + queried; `quality` counts both.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.errors import InputError
from calcinosis.ingest import export, rules
from calcinosis.ingest.codebook import Variable
from calcinosis.ingest.corrections import settle
from calcinosis.ingest.log import CHECK_COLUMNS, NORMALISATION_COLUMNS, QUALITY_COLUMNS, Log
from calcinosis.ingest.questions import questions
from calcinosis.ingest.record_names import KEYS
from calcinosis.ingest.redcap.dictionary import Project
from calcinosis.ingest.rows import (
    ask_near_duplicates,
    columns_of,
    exclude_orphans,
    exclude_rows,
    moved,
)
from calcinosis.side_files import Correction

SETTINGS: dict[str, Any] = {"partial_dates": "query", "same_person": [], "rules": []}


@dataclass
class Cleaned:
    """What ingest hands on.

    Parameters
    ----------
    tables : typed tables by name, sorted by key, without identifiers
    origins : by table, where each of its rows comes from, in their order: patient_id, file, row
    queries : one row per question to a site
    normalisations : accepted spellings, old to new, with their counts
    quality : counts by kind: rows_in, rows_used, rows_excluded (by rule), cells_in, cells_used,
        cells_missing, cells_queried, queries (by rule), normalisations (by rule), corrections (by
        what became of them), column_not_in_export (rows, by variable)
    checks : one row per table and rule: its class by Kahn, severity, and how many cells or rows
        fail, are judged (applicable), and are not
    corrections : what became of each correction, by row
    """

    tables: dict[str, pd.DataFrame]
    origins: dict[str, pd.DataFrame]
    queries: pd.DataFrame
    normalisations: pd.DataFrame
    quality: pd.DataFrame
    checks: pd.DataFrame
    corrections: pd.DataFrame


def stop_where_nothing_is_left(cleaned: Cleaned) -> None:
    """Stop when no row of a table can be used: no single site is at fault then.

    Raises
    ------
    InputError
        Names the table and why its rows are out, with their numbers.
    """
    for name, table in cleaned.tables.items():
        out = cleaned.quality.query("kind == 'rows_excluded' and table == @name")
        if table.empty:
            reasons = ", ".join(
                f"{row.count} {row.rule.replace('_', ' ')}" for row in out.itertuples()
            )
            raise InputError(
                f"No row of the table {name} can be used: {reasons}. Do both tables write the "
                "patient id alike, and does the codebook name the right columns?"
            )


def clean(
    files: export.Files,
    variables: list[Variable],
    *,
    latest: datetime.date | None,
    settings: Mapping[str, Any] | None = None,
    project: Project | None = None,
    given: Sequence[Correction] = (),
) -> Cleaned:
    """Read, parse and check all tables of an export.

    Parameters
    ----------
    files : table name to its files, in order: each a path, or a mapping with the arguments of
        `ExportFile`
    variables : the codebook
    latest : the day of the export; None where the codebook has no dates
    settings : the plan's section `cleaning`: partial_dates, same_person, rules
    project : where the files are exports of REDCap
    given : corrections of the sites, applied to the text before it is parsed

    Returns
    -------
    Cleaned

    Raises
    ------
    InputError
        Files that cannot be read as declared, columns of which most does not fit the codebook,
        corrections of what is not there: all problems at once.
    """
    settings = SETTINGS | dict(settings or {})
    log, partial = Log(), settings["partial_dates"]
    read = export.parse(
        files,
        variables,
        log,
        latest=latest,
        partial=partial,
        project=project,
        given=given,
    )
    frames = {name: _stacked(read.parts.pop(name)) for name in list(read.parts)}
    totals = {name: len(frame) for name, frame in frames.items()}
    frames = {name: exclude_rows(name, frames.pop(name), log) for name in list(frames)}
    ask_near_duplicates(frames["patients"], settings["same_person"], log, totals["patients"])
    exclude_orphans(frames, log)
    rules.apply(settings["rules"], frames, variables, totals, log)
    tables, origins = {}, {}
    for name in list(frames):
        finished = _finish(name, frames.pop(name), variables, log)
        origins[name] = _origin(finished, log)
        tables[name] = finished.drop(columns=["_source", "_row"])
    queries = questions(log.queries, tables["patients"], qualify=read.qualify)
    corrections = settle(read.audit, queries, log)
    normalisations = pd.DataFrame(log.normalisations, columns=list(NORMALISATION_COLUMNS))
    normalisations = _summed(normalisations, "count")
    for kind, found in (
        ("queries", queries.groupby(["table", "rule"]).size()),
        ("normalisations", normalisations.groupby(["table", "rule"])["count"].sum()),
    ):
        for (table, rule), count in found.items():
            log.count(kind, table, count, rule=rule)
    return Cleaned(
        tables,
        origins,
        queries,
        normalisations.sort_values(list(NORMALISATION_COLUMNS[:6])).reset_index(drop=True),
        _summed(pd.DataFrame(log.quality, columns=list(QUALITY_COLUMNS)), "count"),
        _summed(pd.DataFrame(log.checks, columns=list(CHECK_COLUMNS)), *CHECK_COLUMNS[-3:]),
        corrections,
    )


def _stacked(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """The rows of all files; those of a single file are not copied."""
    return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)


def _summed(frame: pd.DataFrame, *counts: str) -> pd.DataFrame:
    """Counts of several files and steps together; their order is not that of the export."""
    names = [name for name in frame if name not in counts]
    return frame.groupby(names, as_index=False)[list(counts)].sum()


def _finish(
    name: str, frame: pd.DataFrame, variables: Iterable[Variable], log: Log
) -> pd.DataFrame:
    """Drop identifiers; sort by key, so that no result depends on row order.

    Of the bookkeeping `_source` and `_row` stay, which say where a row comes from.
    """
    log.count("rows_used", name, len(frame))
    drop = {v.name for v in variables if v.table == name and v.identifier}
    kept = [column for column in frame if not column.startswith("_") and column not in drop]
    keys = [key for key in KEYS[name] if key in kept]
    _count_years(name, frame[kept], log)
    frame = frame[[*keys, *sorted(set(kept) - set(keys)), "_source", "_row"]]
    order = frame[keys].reset_index(drop=True).sort_values(keys).index.to_numpy()
    index, columns = frame.index, columns_of(frame)
    del frame
    return moved(columns, index, order).reset_index(drop=True)


def _count_years(name: str, frame: pd.DataFrame, log: Log) -> None:
    """The years from which and to which the dates of a table reach."""
    for column, dates in frame.select_dtypes("datetime").items():
        if dates.notna().any():
            log.count("first_year", name, dates.min().year, str(column))
            log.count("last_year", name, dates.max().year, str(column))


def _origin(frame: pd.DataFrame, log: Log) -> pd.DataFrame:
    """The file and the physical row that each row of a table comes from."""
    codes, files = pd.factorize(np.array([source.file for source in log.sources], dtype="object"))
    of_row = pd.Categorical.from_codes(codes[frame["_source"]], files)
    return pd.DataFrame({"patient_id": frame["patient_id"], "file": of_row, "row": frame["_row"]})
