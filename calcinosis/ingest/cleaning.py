"""From export files to typed canonical tables, a query log and a normalisation log.

Nothing is lost silently: rows in = rows used + rows excluded with a reason, and cells in = cells
used + missing + queried; `quality` counts both.
"""

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from calcinosis.errors import InputError
from calcinosis.ingest.codebook import Variable
from calcinosis.ingest.corrections import WITHHELD, confirm, correct, records, settle
from calcinosis.ingest.parsing import Parsed, day_and_month_exchanged, parse_column, typed
from calcinosis.ingest.questions import questions
from calcinosis.ingest.reading import Table, read_table
from calcinosis.ingest.rows import KEYS, Log, ask, exclude_orphans, exclude_rows
from calcinosis.side_files import Correction

QUERY_COLUMNS = (
    "query_id",
    "centre",
    "patient_id",
    "table",
    "record",
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
        cells_missing, cells_queried, queries (by rule), normalisations (by rule), corrections (by
        what became of them), column_not_in_export (rows, by variable)
    corrections : what became of each correction, by row
    """

    tables: dict[str, pd.DataFrame]
    queries: pd.DataFrame
    normalisations: pd.DataFrame
    quality: pd.DataFrame
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
    files: dict[str, list[str]],
    variables: list[Variable],
    *,
    latest: datetime.date | None,
    encoding: str = "utf-8",
    delimiter: str = ",",
    given: Sequence[Correction] = (),
) -> Cleaned:
    """Read, parse and check all tables of an export.

    Parameters
    ----------
    files : table name to the paths of its files, in order
    variables : the codebook
    latest : the day of the export; None where the codebook has no dates
    encoding, delimiter : of the files
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
    log = Log()
    several = any(len(paths) > 1 for paths in files.values())
    parts, answers, audit = parse(
        files,
        variables,
        log,
        latest=latest,
        encoding=encoding,
        delimiter=delimiter,
        given=given,
    )
    frames = {
        name: exclude_rows(name, pd.concat(of_table, ignore_index=True), log)
        for name, of_table in parts.items()
    }
    exclude_orphans(frames, log)
    ready = {name: _finish(name, frame, variables, log) for name, frame in frames.items()}
    asked = pd.DataFrame(log.queries, columns=list(QUERY_COLUMNS))
    asked["centre"] = asked["centre"].where(
        asked["centre"] != "", _centres(asked, ready["patients"])
    )
    queries = questions(asked, answers, qualify=several)
    settled = settle(audit, queries, log)
    for (table, rule), count in queries.groupby(["table", "rule"]).size().items():
        log.count("queries", table, count, rule=rule)
    normalisations = pd.DataFrame(log.normalisations, columns=list(NORMALISATION_COLUMNS))
    for (table, rule), count in normalisations.groupby(["table", "rule"])["count"].sum().items():
        log.count("normalisations", table, count, rule=rule)
    return Cleaned(
        ready,
        queries,
        normalisations.sort_values(list(NORMALISATION_COLUMNS[:6])).reset_index(drop=True),
        pd.DataFrame(log.quality, columns=list(QUALITY_COLUMNS)),
        settled,
    )


def parse(
    files: dict[str, list[str]],
    variables: list[Variable],
    log: Log,
    *,
    latest: datetime.date | None,
    encoding: str,
    delimiter: str,
    given: Sequence[Correction],
) -> tuple[dict[str, list[pd.DataFrame]], set[tuple[str, str, str]], list[dict[str, object]]]:
    """Read, correct and parse every file: the parts of each table, what is confirmed, the audit.

    Parameters are those of `clean`, whose first half this is, and the log to write to.

    Raises
    ------
    InputError
        See `clean`.
    """
    problems: list[str] = []
    tables: dict[str, list[Table]] = {name: [] for name in sorted(files)}
    for name, read in tables.items():
        of_table = [v for v in variables if v.table == name]
        for path in files[name]:
            try:
                read.append(read_table(path, of_table, encoding=encoding, delimiter=delimiter))
            except InputError as error:
                problems.append(error.message)
    several = any(len(paths) > 1 for paths in files.values())
    books = {
        name: [_lines_for(table, name, variables) for table in tables[name]] for name in tables
    }
    named = {
        name: [
            records(table.cells, name, book, qualify=several)
            for table, book in zip(tables[name], books[name], strict=True)
        ]
        for name in tables
    }
    # Beside a file that cannot be read, corrections of its records would look unknown.
    given = [] if problems else given
    corrected = correct(tables, named, variables, given, log, qualify=several)
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in tables}
    for name, read in corrected.tables.items():
        for i, table in enumerate(read):
            book = books[name][i]
            parsed = {
                variable: confirm(
                    parse_column(cells, book[variable], latest),
                    cells,
                    book[variable],
                    corrected.confirmed.get((name, i, str(variable)), []),
                )
                for variable, cells in table.cells.items()
            }
            problems += filter(None, (_misfit(table, book[v], parsed[v]) for v in parsed))
            parts[name].append(_frame(name, table, parsed, book, named[name][i], log, several))
    if problems:
        raise InputError("\n".join(problems))
    return parts, corrected.answers, corrected.audit


def _lines_for(table: Table, name: str, variables: list[Variable]) -> dict[str, Variable]:
    """The codebook's lines for one file: its own before those for all files."""
    lines = [v for v in variables if v.table == name and v.file in ("", table.file)]
    return {v.name: v for v in sorted(lines, key=lambda v: v.file)}


def _frame(
    name_of_table: str,
    table: Table,
    parsed: dict[str, Parsed],
    by_name: dict[str, Variable],
    named: pd.Series,
    log: Log,
    qualify: bool,
) -> pd.DataFrame:
    """One file's parsed columns, with `_file`, `_row` and `_key` of every record."""
    frame = pd.DataFrame({name: column.values for name, column in parsed.items()})
    frame["_file"], frame["_row"] = table.file, table.row
    frame["_key"] = named
    if qualify:
        frame = _qualify_ids(frame, name_of_table, log)
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
        log.count("column_not_in_export", name_of_table, len(frame), name)
    for name, column in parsed.items():
        _log_cells(name_of_table, table, by_name[name], column, frame, log)
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


def _misfit(table: Table, variable: Variable, column: Parsed) -> str:
    """What to look at where most of a column cannot be read: its coding is another one."""
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
        return (
            f"{table.file}: {exchanged} of {number} impossible dates of the column "
            f"'{table.source[variable.name]}' are dates with day and month exchanged; look at the "
            f"format {variable.format or 'yyyy-mm-dd'} of '{variable.name}' in the codebook"
        )
    few = of_kind[True] < FEWEST_QUERIED or of_kind[True] <= of_kind[False]
    if few or variable.identifier:
        return ""
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
    return (
        f"{table.file}: {of_kind[True]} of {sum(of_kind.values())} values of the column "
        f"'{table.source[variable.name]}' do not fit the codebook (mostly "
        f"{rule.replace('_', ' ')}); look at {wanted} of '{variable.name}' in the codebook"
    )


def _qualify_ids(frame: pd.DataFrame, table: str, log: Log) -> pd.DataFrame:
    """Put the centre before each id: centres that deliver files of their own number alike."""
    nobody = pd.Series(pd.NA, frame.index)
    centre = frame.get("centre", nobody).astype("string")
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
    return frame.assign(patient_id=qualified, _no_centre=centre.isna())


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
            raw = WITHHELD if variable.identifier else column.raw[index]
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
