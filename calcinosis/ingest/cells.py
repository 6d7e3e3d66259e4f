"""The cells of one column: parsed, judged as a column, asked about, and counted."""

import datetime
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd

from calcinosis.errors import InputError
from calcinosis.ingest.built_in import RULES_BETWEEN_EVENTS, RULES_OF
from calcinosis.ingest.carriers.sheet import Mark, texts
from calcinosis.ingest.codebook import Variable
from calcinosis.ingest.dates import Partial, day_and_month_exchanged
from calcinosis.ingest.fates import Fate
from calcinosis.ingest.log import WITHHELD, Log, ask
from calcinosis.ingest.parsing import Parsed, open_ended, parse_column
from calcinosis.ingest.reading import Table

FEWEST_QUERIED = 5
"""From so many cells on, a column that mostly cannot be read is the codebook's fault."""


def parse_cells(
    table: Table,
    variable: Variable,
    latest: datetime.date | None,
    partial: Partial,
    confirmed: list[int],
) -> Parsed:
    """Parse a column of a file.

    Parameters
    ----------
    table : the file
    variable : of the codebook, for this file
    latest : the day of the export
    partial : what a date without a day or month becomes
    confirmed : positions of values that stand although they are out of range

    Raises
    ------
    InputError
        Most of the column does not fit its codebook; the message names the file and the column.
    """
    cells = table.cells[variable.name]
    try:
        marks = table.marks.get(variable.name, [])
        column = _parse_marked(cells, variable, latest, partial, marks)
        column = _confirm(column, cells, variable, partial, confirmed)
    except InputError as error:
        place = f"{table.file}, column '{table.source[variable.name]}'"
        raise InputError(f"{place}: {error}") from None
    _stop_where_most_is_queried(table, variable, column)
    return _set_aside(column, table.asked.get(variable.name, {}))


def _set_aside(column: Parsed, asked: dict[int, tuple[str, Fate]]) -> Parsed:
    """Turn cells that are questions for another reason than their spelling into queries."""
    if not asked:
        return column
    positions = list(asked)
    values = column.values.copy()
    values.iloc[positions] = None
    said = [(fate, raw) for raw, fate in asked.values()]
    return replace(column, values=values).with_fates(positions, said, range(len(said)))


def _parse_marked(
    cells: pd.Series,
    variable: Variable,
    latest: datetime.date | None,
    partial: Partial,
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
        codes, words = pd.factorize(texts(cells.iloc[mark.positions]))
        reason = f" ({mark.fate.question})" if mark.fate.kind == "missing" else ""
        said = [(mark.fate, f"{word}{reason}") for word in words]
        parsed = parsed.with_fates(mark.positions, said, codes)
    return parsed


def _confirm(
    column: Parsed, cells: pd.Series, variable: Variable, partial: Partial, rows: list[int]
) -> Parsed:
    """A parsed column in which some values stand although they are out of range."""
    rows = [row for row in rows if column.fates[column.fate[row]].rule == "out_of_range"]
    if not rows:
        return column
    again = parse_column(cells, open_ended(variable), None, partial)
    values = column.values.copy()
    values.iloc[rows] = again.values.iloc[rows].to_numpy()
    new, of_row = np.unique(again.fate[rows], return_inverse=True)
    said = [(again.fates[i], again.raw[i]) for i in new]
    return replace(column, values=values).with_fates(rows, said, of_row)


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


def log_cells(
    table_name: str,
    table: Table,
    variable: Variable,
    column: Parsed,
    places: pd.DataFrame,
    log: Log,
) -> None:
    """Write down what became of a column's cells: questions, normalisations, counts, checks.

    Parameters
    ----------
    table_name, table, variable, column : which column of which file, and what it was parsed to
    places : whose rows they are and where they stand (`log.PLACE`)
    log : what is written to
    """
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
    if said:
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
    rules = (*between, *RULES_OF[variable.type])
    of_file = [rule for rule in of_rule if rule not in rules]  # what the carrier itself asks
    for rule in (*of_file, *rules):
        log.check(table_name, rule, of_rule[rule], judged, len(places))
        judged -= of_rule[rule]


def _frequent(count: int, rule: str) -> str:
    """A hint where one spelling stands in so many rows that it looks like a code."""
    if count < FEWEST_QUERIED or rule != "unknown_level":
        return ""
    return f" (It stands in {count} rows: if it is a code, add it to the codebook instead.)"
