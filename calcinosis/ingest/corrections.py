"""Corrections of the sites, applied to the text of the export before any rule sees it.

A correction names a record by its key as the export writes it, so that it says the same before and
after it is applied. What happens to each is an audit line; none is lost silently.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from calcinosis.errors import InputError, nearest
from calcinosis.ingest.codebook import Variable
from calcinosis.ingest.parsing import Parsed, parse_column
from calcinosis.ingest.reading import Table
from calcinosis.ingest.rows import KEYS, Log, ask
from calcinosis.side_files import Correction

AUDIT_COLUMNS = (
    *("status", "table", "record", "variable", "old_value", "new_value"),
    *("answered_by", "date", "why", "file", "row", "line"),
)
CONFIRMABLE = ("out_of_range", "near_duplicate_id", "exact_duplicate")
"""Rules about plausibility: what they ask about may be right, and a site can say so."""

SEPARATOR = " | "
NO_ID = "(no id)"
WITHHELD = "(withheld: identifying column)"


@dataclass
class Corrected:
    """An export after its corrections.

    Parameters
    ----------
    tables : by name, the files, with corrected cells
    confirmed : by table, file (its position) and variable, the rows whose value is right although
        it is not plausible
    answers : (table, record, variable) of everything that was confirmed
    audit : one line per correction and row, in the order of `corrections.csv`
    """

    tables: dict[str, list[Table]]
    confirmed: dict[tuple[str, int, str], list[int]] = field(default_factory=dict)
    answers: set[tuple[str, str, str]] = field(default_factory=set)
    audit: list[dict[str, object]] = field(default_factory=list)


def records(
    cells: pd.DataFrame, table: str, variables: dict[str, Variable], *, qualify: bool
) -> pd.Series:
    """The name of each record: its key as the export writes it, else what the row says.

    Parameters
    ----------
    cells : text, of one file
    table : its name
    variables : the codebook's lines for that file, by name
    qualify : whether the centre comes first, because centres number alike

    Returns
    -------
    text per row: the parts of the key in order, joined by ` | `; a row without patient id is named
    `(no id)` and by all its cells but those of identifying columns
    """
    keys = [key for key in KEYS[table] if key in cells]
    said = [n for n in cells if n != "patient_id" and not variables[n].identifier]
    blank = cells["patient_id"].str.strip() == ""
    named = _joined(cells[keys]).mask(blank, NO_ID + SEPARATOR + _joined(cells[said]))
    if qualify and "centre" in cells:
        centre = parse_column(cells["centre"], variables["centre"], None).values
        named = centre.astype("string").fillna("").astype("object") + SEPARATOR + named
    return named.str.strip()  # as it comes back from a spreadsheet


def _joined(cells: pd.DataFrame) -> pd.Series:
    first, *others = [cells[name].str.strip() for name in cells] or [pd.Series("", cells.index)]
    return first.str.cat(others, sep=SEPARATOR) if others else first


def correct(
    tables: dict[str, list[Table]],
    named: dict[str, list[pd.Series]],
    variables: list[Variable],
    given: Sequence[Correction],
    log: Log,
    *,
    qualify: bool,
) -> Corrected:
    """Apply corrections to the text of an export.

    Parameters
    ----------
    tables : by name, the files as read
    named : by name, the records of each file's rows (see `records`)
    variables : the codebook
    given : the corrections
    log : receives a query for each that is rejected
    qualify : whether record names begin with the centre

    Returns
    -------
    Corrected

    Raises
    ------
    InputError
        A correction names a table, variable or patient that is not there, or a cell that another
        one corrects too: all problems at once.
    """
    work = _Correcting(tables, named, variables, log, 2 if qualify else 1)
    for one in given:
        work.take(one)
    if work.problems:
        raise InputError("\n".join(work.problems))
    return work.done


def settle(audit: list[dict[str, object]], queries: pd.DataFrame, log: Log) -> pd.DataFrame:
    """The audit as a table, and its counts in the log.

    That a row was confirmed is known at the end only: where its question is still asked, it is none
    that can be confirmed.
    """
    of_rows = queries.loc[queries["variable"] == "", ["table", "record"]]
    asked = set(of_rows.itertuples(index=False, name=None))
    for line in audit:
        if line["variable"] == "" and (line["table"], line["record"]) in asked:
            line["status"] = "rejected"
    for status, number in Counter(str(line["status"]) for line in audit).items():
        log.count("corrections", "", number, rule=status)
    return pd.DataFrame(audit, columns=list(AUDIT_COLUMNS), dtype="string")


Place = tuple[int, int]
"""Of a row: the file of its table, and the position in it."""


class _Correcting:
    """The export as it stands, and what corrections make of it."""

    def __init__(
        self,
        tables: dict[str, list[Table]],
        named: dict[str, list[pd.Series]],
        variables: list[Variable],
        log: Log,
        depth: int,
    ):
        self.tables, self.log, self.depth = tables, log, depth
        self.names = {(v.table, v.name): v for v in variables}
        self.done = Corrected({name: list(files) for name, files in tables.items()})
        self.problems: list[str] = []
        self.by: dict[tuple[str, str, Place], str] = {}
        self.rows: dict[tuple[str, str], list[tuple[Place, str]]] = {}
        for name, files in named.items():
            for i, of_file in enumerate(files):
                for position, record in enumerate(of_file):
                    of_patient = self.rows.setdefault((name, self._patient(record)), [])
                    of_patient.append(((i, position), record))

    def take(self, one: Correction) -> None:
        """Apply one correction, or say why not."""
        at = self._rows(one.table, one.record)
        known = (one.table, self._patient(one.record)) in self.rows
        names = [name for table, name in self.names if table == one.table]
        if one.table not in self.tables:
            hint = nearest(one.table, self.tables)
            self.problems.append(f"{one.place}: table '{one.table}': {hint}")
        elif one.variable and one.variable not in names:
            hint = nearest(one.variable, names)
            self.problems.append(
                f"{one.place}: no variable '{one.variable}' of {one.table}: {hint}"
            )
        elif not known and one.variable != "patient_id":
            self.problems.append(
                f"{one.place}: {one.table} has no patient of this record; write the record as the "
                "list of queries does, or delete the line"
            )
        elif one.variable and self.names[one.table, one.variable].identifier:
            withheld = replace(one, old=WITHHELD, new=WITHHELD)
            self._reject(withheld, at, "the column is dropped and not analysed")
        elif not one.variable:
            self._of_row(one, at)
        else:
            self._of_cell(one, at)

    def _of_row(self, one: Correction, at: list[Place]) -> None:
        if one.confirms and at:
            self.done.answers.add((one.table, one.record, ""))
            self._note(one, "confirmed", at)
        else:
            self._reject(one, at, "it names no variable, and is not 'confirmed' of a row")

    def _of_cell(self, one: Correction, at: list[Place]) -> None:
        held = {place: self._cell(one, place) for place in at}
        hits = [place for place, text in held.items() if text == one.old]
        if not hits:
            # A key that was corrected at its source gives the record its new name.
            parts = one.record.split(SEPARATOR)
            moved = SEPARATOR.join(one.new if part == one.old else part for part in parts)
            of_new = self._rows(one.table, moved) if one.variable in KEYS[one.table] else []
            if of_new or (held and set(held.values()) == {one.new}):
                self._note(one, "already_in_export", of_new or at)
            else:
                said = f"'{held[at[0]]}'" if at else "no such record"
                self._reject(one, at, f"the export has {said} where '{one.old}' was")
        elif one.confirms:
            self._confirm(one, hits)
        else:
            self._change(one, hits)

    def _confirm(self, one: Correction, at: list[Place]) -> None:
        variable = _open(self.names[one.table, one.variable])
        (fate,) = parse_column(pd.Series([one.old], dtype="object"), variable, None).fates
        if fate.kind == "query":
            self._reject(one, at, f"'{one.old}' {fate.question}")
            return
        self.done.answers.add((one.table, one.record, one.variable))
        for i, position in at:
            self.done.confirmed.setdefault((one.table, i, one.variable), []).append(position)
        self._note(one, "confirmed", at)

    def _change(self, one: Correction, at: list[Place]) -> None:
        for place in at:
            first = self.by.setdefault((one.table, one.variable, place), one.place)
            if first != one.place:
                self.problems.append(f"{one.place}: {first} corrects the same cell; keep one")
                return
        files = self.done.tables[one.table]
        for i in {i for i, _ in at}:
            cells = files[i].cells.copy()
            rows = [position for file, position in at if file == i]
            cells.iloc[rows, cells.columns.get_loc(one.variable)] = one.new
            files[i] = replace(files[i], cells=cells)
        self._note(one, "applied", at)

    def _reject(self, one: Correction, at: list[Place], why: str) -> None:
        self._note(one, "rejected", at[:1])
        line = one.place.rpartition(":")[2]
        place = {"_file": "corrections.csv", "_row": int(line)}
        patient = self._patient(one.record).split(SEPARATOR)
        if at:
            table = self.tables[one.table][at[0][0]]
            place = {"_file": table.file, "_row": int(table.row.iloc[at[0][1]])}
            patient[-1] = str(table.cells["patient_id"].iloc[at[0][1]]).strip()
        ask(
            self.log,
            one.table,
            pd.Series(place | {"_key": one.record, "patient_id": "-".join(patient)}),
            rule="correction_rejected",
            question=f"The correction in line {line} of corrections.csv is not used: {why}. "
            f"It says {one.variable or 'of the row'}: '{one.new}'. What is right now?",
            variable=one.variable,
            raw=one.old,
        )

    def _note(self, one: Correction, status: str, at: list[Place]) -> None:
        """One audit line per row; one without a place where there is none."""
        files = self.tables[one.table]
        places = [(files[i].file, str(files[i].row.iloc[position])) for i, position in at]
        answer = (one.who, one.when, one.why)
        said = (status, one.table, one.record, one.variable, one.old, one.new, *answer)
        line = one.place.rpartition(":")[2]
        self.done.audit += [
            dict(zip(AUDIT_COLUMNS, (*said, *place, line), strict=True))
            for place in places or [("", "")]
        ]

    def _rows(self, table: str, record: str) -> list[Place]:
        """The rows of a record; a name without its last parts is every row that begins with it."""
        return [
            place
            for place, name in self.rows.get((table, self._patient(record)), [])
            if name == record or name.startswith(record + SEPARATOR)
        ]

    def _patient(self, record: str) -> str:
        return SEPARATOR.join(record.split(SEPARATOR, self.depth)[: self.depth])

    def _cell(self, one: Correction, place: Place) -> str:
        cells = self.tables[one.table][place[0]].cells
        return str(cells[one.variable].iloc[place[1]]).strip() if one.variable in cells else ""


def confirm(column: Parsed, cells: pd.Series, variable: Variable, rows: list[int]) -> Parsed:
    """A parsed column in which some values stand although they are out of range.

    Parameters
    ----------
    column : from `parse_column`
    cells : its text
    variable : its codebook entry
    rows : positions of the confirmed values; those that are plausible anyway stay as they are
    """
    rows = [row for row in rows if column.fates[column.fate[row]].rule == "out_of_range"]
    if not rows:
        return column
    again = parse_column(cells.iloc[rows], _open(variable), None)
    values, fate = column.values.copy(), column.fate.copy()
    values.iloc[rows] = again.values.to_numpy()
    fate[rows] = again.fate + len(column.fates)
    return Parsed(values, fate, column.fates + again.fates, column.raw + again.raw)


def _open(variable: Variable) -> Variable:
    return replace(variable, low=None, high=None)
