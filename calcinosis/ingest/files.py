"""One file of a table: its columns parsed, and what became of each cell written down."""

import datetime
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.errors import InputError
from calcinosis.ingest.built_in import RULES_BETWEEN_EVENTS, RULES_OF
from calcinosis.ingest.carriers.sheet import Mark
from calcinosis.ingest.codebook import Variable
from calcinosis.ingest.dates import day_and_month_exchanged
from calcinosis.ingest.fates import Fate
from calcinosis.ingest.log import KEYS, PLACE, WITHHELD, Log, Source, ask
from calcinosis.ingest.parsing import Parsed, parse_column, typed
from calcinosis.ingest.reading import Table

IMPUTED = "partial_date_imputed"
FEWEST_QUERIED = 5
"""From so many cells on, a column that mostly cannot be read is the codebook's fault."""


def parse_file(
    table: Table,
    variables: list[Variable],
    latest: datetime.date | None,
    log: Log,
    *,
    qualify: bool,
    partial: Any,
) -> pd.DataFrame:
    """Parse one file's columns; `_source`, `_row` and `_at` say where each record stands.

    Parameters
    ----------
    table : the file as text
    variables : the codebook's lines of this table and file
    latest : the day of the export
    log : where queries, normalisations and counts go
    qualify : whether ids need the centre before them
    partial : what a date without a day or month becomes

    Returns
    -------
    typed frame, one row per row of the table

    Raises
    ------
    InputError
        Most of a column does not fit its codebook.
    """
    by_name = {v.name: v for v in sorted(variables, key=lambda v: v.file)}
    parsed = {name: _parse(table, by_name[name], latest, partial) for name in table.cells}
    frame = pd.DataFrame({name: column.values for name, column in parsed.items()})
    name_of_table = variables[0].table
    frame["_source"], frame["_row"] = len(log.sources), table.row
    frame["_at"] = np.arange(len(frame))
    source = Source(table.file, table.cells, table.source, _asked(parsed), table.places)
    log.sources.append(source)
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
    return _set_aside(column, table.asked.get(variable.name, {}))


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


def _qualify_ids(frame: pd.DataFrame, table: str, file: str, log: Log) -> pd.DataFrame:
    """Put the centre before each id: centres that deliver files of their own number alike."""
    centre = frame["centre"].astype("string")
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
    between = RULES_BETWEEN_EVENTS[table_name] if variable.name in table.asked else ()
    for rule in (*between, *RULES_OF[variable.type]):
        log.check(table_name, rule, of_rule[rule], judged, len(places))
        judged -= of_rule[rule]


def _frequent(count: int, rule: str) -> str:
    """A hint where one spelling stands in so many rows that it looks like a code."""
    if count < FEWEST_QUERIED or rule != "unknown_level":
        return ""
    return f" (It stands in {count} rows: if it is a code, add it to the codebook instead.)"
