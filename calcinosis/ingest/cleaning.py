"""From export files to typed canonical tables, a query log and a normalisation log.

Nothing is lost silently: rows in = rows used + rows excluded with a reason, and cells in = cells
used + missing + queried; `quality` counts both.
"""

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.errors import InputError
from calcinosis.ingest import rules
from calcinosis.ingest.built_in import RULES_OF
from calcinosis.ingest.carriers.sheet import ExportFile, Mark
from calcinosis.ingest.codebook import Variable
from calcinosis.ingest.dates import day_and_month_exchanged
from calcinosis.ingest.log import (
    CHECK_COLUMNS,
    KEYS,
    NORMALISATION_COLUMNS,
    PLACE,
    QUALITY_COLUMNS,
    QUERY_COLUMNS,
    WITHHELD,
    Log,
    Source,
    ask,
)
from calcinosis.ingest.parsing import Parsed, parse_column, typed
from calcinosis.ingest.reading import Table, read_table
from calcinosis.ingest.rows import ask_near_duplicates, exclude_orphans, exclude_rows

IMPUTED = "partial_date_imputed"
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
    checks : one row per table and rule: its class by Kahn, severity, and how many cells or rows
        fail, are judged (applicable), and are not
    """

    tables: dict[str, pd.DataFrame]
    queries: pd.DataFrame
    normalisations: pd.DataFrame
    quality: pd.DataFrame
    checks: pd.DataFrame


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
    files: dict[str, Sequence[ExportFile | str | Path | dict[str, Any]]],
    variables: list[Variable],
    *,
    latest: datetime.date | None,
    settings: Mapping[str, Any] | None = None,
) -> Cleaned:
    """Read, parse and check all tables of an export.

    Parameters
    ----------
    files : table name to its files, in order: each a path, or a mapping with the arguments of
        `ExportFile`
    variables : the codebook
    latest : the day of the export; None where the codebook has no dates
    settings : the plan's section `cleaning`: partial_dates, same_person, rules

    Returns
    -------
    Cleaned

    Raises
    ------
    InputError
        A file cannot be read as declared, or most of a column does not fit its codebook.
    """
    settings = {"partial_dates": "query", "same_person": [], "rules": []} | dict(settings or {})
    log = Log()
    frames: dict[str, pd.DataFrame] = {}
    several = any(len(paths) > 1 for paths in files.values())
    for name in sorted(files):
        of_table = [v for v in variables if v.table == name]
        parts = [
            _parse_file(
                read_table(file, of_table),
                [v for v in of_table if v.file in ("", file.path.name)],
                latest,
                log,
                qualify=several,
                partial=settings["partial_dates"],
            )
            for file in map(ExportFile.of, files[name])
        ]
        frames[name] = pd.concat(parts, ignore_index=True)
    totals = {name: len(frame) for name, frame in frames.items()}
    frames = {name: exclude_rows(name, frame, log) for name, frame in frames.items()}
    ask_near_duplicates(frames["patients"], settings["same_person"], log, totals["patients"])
    exclude_orphans(frames, log)
    rules.apply(settings["rules"], frames, variables, totals, log)
    tables = {name: _finish(name, frame, variables, log) for name, frame in frames.items()}
    queries = _all_queries(log, tables["patients"])
    normalisations = pd.DataFrame(log.normalisations, columns=list(NORMALISATION_COLUMNS))
    for kind, found in (
        ("queries", queries.groupby(["table", "rule"]).size()),
        ("normalisations", normalisations.groupby(["table", "rule"])["count"].sum()),
    ):
        for (table, rule), count in found.items():
            log.count(kind, table, count, rule=rule)
    return Cleaned(
        tables,
        queries,
        normalisations.sort_values(list(NORMALISATION_COLUMNS[:6])).reset_index(drop=True),
        _summed(pd.DataFrame(log.quality, columns=list(QUALITY_COLUMNS)), "count"),
        _summed(pd.DataFrame(log.checks, columns=list(CHECK_COLUMNS)), *CHECK_COLUMNS[-3:]),
    )


def _summed(frame: pd.DataFrame, *counts: str) -> pd.DataFrame:
    """Counts of several files and steps together, in the order of their first appearance."""
    names = [name for name in frame if name not in counts]
    return frame.groupby(names, sort=False, as_index=False)[list(counts)].sum()


def _all_queries(log: Log, patients: pd.DataFrame) -> pd.DataFrame:
    """All questions in the order of tables, files and rows, each with its centre."""
    queries = pd.concat([pd.DataFrame(columns=list(QUERY_COLUMNS)), *log.queries])
    if "centre" in patients:
        centre = patients.set_index("patient_id")["centre"].astype("object")
        known = queries["patient_id"].map(centre).fillna("")
        queries["centre"] = queries["centre"].where(queries["centre"] != "", known)
    queries = queries.sort_values(["table", "file", "row", "variable", "query_id"])
    # One question for a row that stands twice.
    return queries.drop_duplicates("query_id").reset_index(drop=True)


def _parse_file(
    table: Table,
    variables: list[Variable],
    latest: datetime.date | None,
    log: Log,
    *,
    qualify: bool,
    partial: Any,
) -> pd.DataFrame:
    """Parse one file's columns; `_file`, `_row` and `_at` say where each record stands."""
    by_name = {v.name: v for v in sorted(variables, key=lambda v: v.file)}
    parsed = {name: _parse(table, by_name[name], latest, partial) for name in table.cells}
    frame = pd.DataFrame({name: column.values for name, column in parsed.items()})
    name_of_table = variables[0].table
    frame["_file"], frame["_row"], frame["_at"] = table.file, table.row, np.arange(len(frame))
    source = Source(table.cells, table.source, _asked(parsed))
    log.sources[name_of_table, table.file] = source
    if qualify:
        frame = _qualify_ids(frame, name_of_table, log)
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
    places = frame[[name for name in PLACE if name in frame]]
    for name, column in parsed.items():
        _log_cells(name_of_table, table, by_name[name], column, places, log)
    if partial == "impute":
        dates = [v for v in by_name.values() if v.type == "date" and not v.identifier]
        flags = {f"{v.name}_imputed": _yes_no(parsed.get(v.name), len(frame)) for v in dates}
        frame = frame.assign(**flags)
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


def _parse(table: Table, variable: Variable, latest: datetime.date | None, partial: Any) -> Parsed:
    marks = table.marks.get(variable.name, [])
    try:
        column = _parse_marked(table.cells[variable.name], variable, latest, partial, marks)
    except InputError as error:
        place = f"{table.file}, column '{table.source[variable.name]}'"
        raise InputError(f"{place}: {error}") from None
    _stop_where_most_is_queried(table, variable, column)
    return column


def _yes_no(column: Parsed | None, rows: int) -> pd.Categorical:
    """Whether a date of each row was imputed; missing where the date is."""
    if column is None:
        return pd.Categorical.from_codes(np.full(rows, -1), ["no", "yes"], ordered=True)
    codes = column.having(rule=IMPUTED).astype("int64")
    codes[column.values.isna()] = -1
    return pd.Categorical.from_codes(codes, ["no", "yes"], ordered=True)


def _parse_marked(
    cells: pd.Series,
    variable: Variable,
    latest: datetime.date | None,
    partial: Any,
    marks: list[Mark],
) -> Parsed:
    """Parse a column; cells that the file itself marks have the fate of their mark."""
    if not marks:
        return parse_column(cells, variable, latest, partial)
    plain = cells.astype("object")
    for mark in marks:
        plain.iloc[mark.positions] = ""
    parsed = parse_column(plain, variable, latest, partial)
    for mark in marks:
        codes, words = pd.factorize(cells.astype("object").iloc[mark.positions])
        parsed.fate[mark.positions] = len(parsed.fates) + codes
        parsed.fates.extend([mark.fate] * len(words))
        reason = f" ({mark.fate.question})" if mark.fate.kind == "missing" else ""
        parsed.raw.extend(f"{word}{reason}" for word in words)
    return parsed


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
    log.normalised(
        table=table,
        file=frame["_file"].iloc[0],
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


def _log_cells(
    table_name: str,
    table: Table,
    variable: Variable,
    column: Parsed,
    places: pd.DataFrame,
    log: Log,
) -> None:
    counts = np.bincount(column.fate, minlength=len(column.fates))
    totals = dict.fromkeys(("used", "missing", "queried"), 0)
    of_rule = Counter[str]()
    words = {"": "used", "normalise": "used", "missing": "missing", "query": "queried"}
    for index, fate in enumerate(column.fates):
        totals[words[fate.kind]] += int(counts[index])
        if fate.kind in ("normalise", "missing") and fate.rule != "blank":
            log.normalised(
                table=table_name,
                file=table.file,
                column=table.source[variable.name],
                variable=variable.name,
                rule=fate.rule,
                old="" if variable.identifier else column.raw[index],
                new="" if variable.identifier or fate.value is None else str(fate.value),
                count=int(counts[index]),
            )
        if fate.kind == "query":
            of_rule[fate.rule] += int(counts[index])
    rows = np.flatnonzero(column.having(kind="query"))
    said = [(column.raw[i], column.fates[i], int(counts[i])) for i in column.fate[rows]]
    raws = [WITHHELD if variable.identifier else raw for raw, _, _ in said]
    questions = [
        f"{variable.label or variable.name}: '{raw}' {fate.question}. What is the right value?"
        + _frequent(count, fate.rule)
        for raw, (_, fate, count) in zip(raws, said, strict=True)
    ]
    ask(
        log,
        table_name,
        places.iloc[rows],
        rule=[fate.rule for _, fate, _ in said],
        question=questions,
        variable=variable.name,
        raw=raws,
    )
    log.count("cells_in", table_name, len(places), variable.name)
    for word, total in totals.items():
        log.count(f"cells_{word}", table_name, total, variable.name)
    judged = len(places) - totals["missing"]
    for rule in RULES_OF[variable.type]:
        log.check(table_name, rule, of_rule[rule], judged, len(places))
        judged -= of_rule[rule]


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
