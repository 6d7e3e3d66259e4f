"""From export files to typed canonical tables, a query log and a normalisation log.

Nothing is lost silently: rows in = rows used + rows excluded with a reason, and cells in = cells
used + missing + queried; `quality` counts both.
"""

import datetime
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from calcinosis.errors import InputError
from calcinosis.ingest.codebook import Variable
from calcinosis.ingest.parsing import Fate, Parsed, day_and_month_exchanged, parse_column, typed
from calcinosis.ingest.reading import Table, name_columns, read_sheet
from calcinosis.ingest.redcap import rows as redcap_rows
from calcinosis.ingest.redcap.dictionary import Project
from calcinosis.ingest.rows import KEYS, Log, ask, exclude_orphans, exclude_rows

QUERY_COLUMNS = (
    "query_id",
    "centre",
    "patient_id",
    "table",
    "variable",
    "file",
    "row",
    "column",
    "raw_value",
    "rule",
    "question",
)
NORMALISATION_COLUMNS = ("table", "file", "column", "variable", "rule", "old", "new", "count")
QUALITY_COLUMNS = ("kind", "table", "variable", "rule", "count")

FEWEST_QUERIED = 5
"""From so many cells on, a column that mostly cannot be read is the codebook's fault."""


@dataclass
class Cleaned:
    """What ingest hands on.

    Parameters
    ----------
    tables : typed tables by name, sorted by key, without identifiers
    queries : one row per question to a site
    normalisations : accepted spellings, old to new, with their counts
    quality : counts by kind: rows_in, rows_used, rows_excluded (by rule), cells_in, cells_used,
        cells_missing, cells_queried, queries (by rule), normalisations (by rule)
    """

    tables: dict[str, pd.DataFrame]
    queries: pd.DataFrame
    normalisations: pd.DataFrame
    quality: pd.DataFrame


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
    files: dict[str, list[str]],
    variables: list[Variable],
    *,
    latest: datetime.date | None,
    encoding: str = "utf-8",
    delimiter: str = ",",
    project: Project | None = None,
) -> Cleaned:
    """Read, parse and check all tables of an export.

    Parameters
    ----------
    files : table name to the paths of its files, in order
    variables : the codebook
    latest : the day of the export; None where the codebook has no dates
    encoding, delimiter : of the files
    project : where the files are exports of REDCap

    Returns
    -------
    Cleaned

    Raises
    ------
    InputError
        A file cannot be read as declared, or most of a column does not fit its codebook.
    """
    log = Log()
    frames: dict[str, pd.DataFrame] = {}
    several = any(len(paths) > 1 for paths in files.values())
    for name in sorted(files):
        of_table = [v for v in variables if v.table == name]
        parts = []
        for path in map(Path, files[name]):
            sheet = read_sheet(path, of_table, encoding=encoding, delimiter=delimiter)
            tables_of_file = (
                redcap_rows.tables(sheet, name, variables, project)
                if project
                else [name_columns(sheet, of_table)]
            )
            of_file = [v for v in of_table if v.file in ("", path.name)]
            parts += [
                _parse_file(table, of_file, latest, log, qualify=several)
                for table in tables_of_file
            ]
        frames[name] = exclude_rows(name, pd.concat(parts, ignore_index=True), log)
    exclude_orphans(frames, log)
    tables = {name: _finish(name, frame, variables, log) for name, frame in frames.items()}
    queries = pd.DataFrame(log.queries, columns=list(QUERY_COLUMNS))
    queries["centre"] = queries["centre"].where(
        queries["centre"] != "", _centres(queries, tables["patients"])
    )
    queries = queries.sort_values(["table", "file", "row", "variable", "query_id"])
    queries = queries.drop_duplicates("query_id")  # one question for a row that stands twice
    for (table, rule), count in queries.groupby(["table", "rule"]).size().items():
        log.count("queries", table, count, rule=rule)
    normalisations = pd.DataFrame(log.normalisations, columns=list(NORMALISATION_COLUMNS))
    what = list(NORMALISATION_COLUMNS[:-1])
    normalisations = normalisations.groupby(what, as_index=False)["count"].sum()
    for (table, rule), count in normalisations.groupby(["table", "rule"])["count"].sum().items():
        log.count("normalisations", table, count, rule=rule)
    return Cleaned(
        tables,
        queries.reset_index(drop=True),
        normalisations.sort_values(what[:6]).reset_index(drop=True),
        pd.DataFrame(log.quality, columns=list(QUALITY_COLUMNS)),
    )


def _parse_file(
    table: Table,
    variables: list[Variable],
    latest: datetime.date | None,
    log: Log,
    *,
    qualify: bool,
) -> pd.DataFrame:
    """Parse one file's columns; the frame keeps `_file`, `_row` and `_key` of every record."""
    by_name = {v.name: v for v in sorted(variables, key=lambda v: v.file)}
    parsed = {name: parse_column(table.cells[name], by_name[name], latest) for name in table.cells}
    for name, column in parsed.items():
        _stop_where_most_is_queried(table, by_name[name], column)
    parsed |= {name: _set_aside(parsed[name], asked) for name, asked in table.asked.items()}
    frame = pd.DataFrame({name: column.values for name, column in parsed.items()})
    name_of_table = variables[0].table
    frame["_file"], frame["_row"] = table.file, table.row
    frame["_key"] = _raw_key(table.cells, name_of_table)
    if table.without_home is not None:
        frame["_without_home"] = table.without_home
    places = table.places
    if qualify:
        frame = _qualify_ids(frame, name_of_table, log)
        site = frame["centre"].astype("string").fillna("") + "\x1f"
        places = {name: place.assign(_key=site + place["_key"]) for name, place in places.items()}
    frame["_asked"] = _asked(table.cells, parsed)
    optional = {name for name, variable in by_name.items() if not variable.identifier}
    for name in sorted(optional - set(parsed) - set(KEYS[name_of_table])):
        frame[name] = typed(pd.Series(None, frame.index, "object"), by_name[name])
        log.normalisations.append(
            dict.fromkeys(NORMALISATION_COLUMNS, "")
            | {
                "table": name_of_table,
                "file": table.file,
                "variable": name,
                "rule": "column_not_in_export",
                "count": len(frame),
            }
        )
    for name, column in parsed.items():
        of_cells = frame.assign(**places[name]) if name in places else frame
        _log_cells(name_of_table, table, by_name[name], column, of_cells, log)
    log.normalisations += table.notes
    for unknown in table.unknown:
        log.normalisations.append(
            dict.fromkeys(NORMALISATION_COLUMNS, "")
            | {
                "table": name_of_table,
                "file": table.file,
                "column": unknown,
                "rule": "column_not_in_codebook",
                "count": len(frame),
            }
        )
    return frame


def _set_aside(column: Parsed, asked: dict[int, tuple[str, Fate]]) -> Parsed:
    """Turn cells that are questions for another reason than their spelling into queries."""
    if not asked:
        return column
    fate, values = column.fate.copy(), column.values.copy()
    positions = list(asked)
    fate[positions] = np.arange(len(positions)) + len(column.fates)
    values.iloc[positions] = None
    fates = [*column.fates, *(fate for _, fate in asked.values())]
    return Parsed(values, fate, fates, [*column.raw, *(raw for raw, _ in asked.values())])


def _stop_where_most_is_queried(table: Table, variable: Variable, column: Parsed) -> None:
    """A column of which most cannot be read has another coding than its codebook says."""
    counts = np.bincount(column.fate, minlength=len(column.fates))
    of_kind = {
        asked: sum(
            int(count)
            for count, fate in zip(counts, column.fates, strict=True)
            if fate.kind != "missing" and (fate.kind == "query") is asked
        )
        for asked in (True, False)
    }
    impossible = {
        column.raw[i]: int(counts[i])
        for i, fate in enumerate(column.fates)
        if fate.rule == "impossible_date"
    }
    number = sum(impossible.values())
    exchanged = sum(n for raw, n in impossible.items() if day_and_month_exchanged(raw, variable))
    if number >= FEWEST_QUERIED and exchanged >= 0.9 * number:
        raise InputError(
            f"{table.file}: {exchanged} of {number} impossible dates of the column "
            f"'{table.source[variable.name]}' are dates with day and month exchanged; look at the "
            f"format {variable.format or 'yyyy-mm-dd'} of '{variable.name}' in the codebook"
        )
    few = of_kind[True] < FEWEST_QUERIED or of_kind[True] <= of_kind[False]
    if few or variable.identifier:
        return
    rules = Counter[str]()
    for count, fate in zip(counts, column.fates, strict=True):
        if fate.kind == "query":
            rules[fate.rule] += int(count)
    (rule, _), *_ = rules.most_common(1)
    wanted = {
        "not_a_date": f"format {variable.format or 'yyyy-mm-dd'}",
        "impossible_date": f"format {variable.format or 'yyyy-mm-dd'}",
        "not_a_number": "format (decimal=comma?)",
        "unknown_level": f"levels {'|'.join(variable.levels)} and the codes",
        "out_of_range": "min and max",
    }.get(rule, f"type {variable.type}")
    raise InputError(
        f"{table.file}: {of_kind[True]} of {sum(of_kind.values())} values of the column "
        f"'{table.source[variable.name]}' do not fit the codebook (mostly "
        f"{rule.replace('_', ' ')}); look at {wanted} of '{variable.name}' in the codebook"
    )


def _qualify_ids(frame: pd.DataFrame, table: str, log: Log) -> pd.DataFrame:
    """Put the centre before each id: centres that deliver files of their own number alike."""
    centre = frame["centre"].astype("string")
    qualified = (centre + "-" + frame["patient_id"]).where(centre.notna(), frame["patient_id"])
    log.normalisations.append(
        dict.fromkeys(NORMALISATION_COLUMNS, "")
        | {
            "table": table,
            "file": frame["_file"].iloc[0],
            "variable": "patient_id",
            "rule": "site_qualified_id",
            "count": int(qualified.notna().sum()),
        }
    )
    key = centre.fillna("") + "\x1f" + frame["_key"]
    return frame.assign(patient_id=qualified, _key=key, _no_centre=centre.isna())


def _raw_key(cells: pd.DataFrame, table: str) -> pd.Series:
    """The name of a record in query ids: its key as the export writes it, else the whole row."""
    keys = [key for key in KEYS[table] if key in cells]
    named = cells[keys].agg(lambda row: "\x1f".join(row.str.strip()), axis=1)
    whole = cells.agg("\x1f".join, axis=1)
    return named.where(cells["patient_id"].str.strip() != "", whole)


def _asked(cells: pd.DataFrame, parsed: dict[str, Parsed]) -> pd.Series:
    """What each row says in cells that become queries: two such rows are equal only if it is."""
    texts = pd.Series("", index=cells.index)
    for name, column in parsed.items():
        queried = np.array([fate.kind == "query" for fate in column.fates])[column.fate]
        texts = texts + (name + "=" + cells[name] + "\x1f").where(queried, "")
    return texts


def _log_cells(
    table_name: str,
    table: Table,
    variable: Variable,
    column: Parsed,
    frame: pd.DataFrame,
    log: Log,
) -> None:
    counts = np.bincount(column.fate, minlength=len(column.fates))
    totals = dict.fromkeys(("used", "missing", "queried"), 0)
    words = {"": "used", "normalise": "used", "missing": "missing", "query": "queried"}
    for index, fate in enumerate(column.fates):
        totals[words[fate.kind]] += int(counts[index])
        if fate.kind in ("normalise", "missing") and fate.rule != "blank":
            log.normalisations.append(
                {
                    "table": table_name,
                    "file": table.file,
                    "column": table.source[variable.name],
                    "variable": variable.name,
                    "rule": fate.rule,
                    "old": "" if variable.identifier else column.raw[index],
                    "new": "" if variable.identifier or fate.value is None else str(fate.value),
                    "count": int(counts[index]),
                }
            )
        if fate.kind == "query":
            raw = "(withheld: identifying column)" if variable.identifier else column.raw[index]
            for position in np.flatnonzero(column.fate == index):
                ask(
                    log,
                    table_name,
                    frame.iloc[position],
                    rule=fate.rule,
                    question=f"{variable.label or variable.name}: '{raw}' {fate.question}. "
                    "What is the right value?" + _frequent(int(counts[index]), fate.rule),
                    variable=variable.name,
                    column=table.source[variable.name],
                    raw=raw,
                )
    log.count("cells_in", table_name, len(frame), variable.name)
    for word, total in totals.items():
        log.count(f"cells_{word}", table_name, total, variable.name)


def _frequent(count: int, rule: str) -> str:
    """A hint where one spelling stands in so many rows that it looks like a code."""
    if count < FEWEST_QUERIED or rule != "unknown_level":
        return ""
    return f" (It stands in {count} rows: if it is a code, add it to the codebook instead.)"


def _finish(
    name: str, frame: pd.DataFrame, variables: Iterable[Variable], log: Log
) -> pd.DataFrame:
    """Drop identifiers and bookkeeping; sort by key, so that no result depends on row order."""
    log.count("rows_used", name, len(frame))
    drop = {v.name for v in variables if v.table == name and v.identifier and v.name in frame}
    frame = frame.drop(columns=[*sorted(drop), *(name for name in frame if name.startswith("_"))])
    keys = [key for key in KEYS[name] if key in frame]
    columns = [*keys, *sorted(set(frame.columns) - set(keys))]
    return frame[columns].sort_values(keys).reset_index(drop=True)


def _centres(queries: pd.DataFrame, patients: pd.DataFrame) -> pd.Series:
    if "centre" not in patients:
        return pd.Series("", index=queries.index)
    centre = patients.set_index("patient_id")["centre"].astype("string")
    return queries["patient_id"].map(centre).fillna("")
