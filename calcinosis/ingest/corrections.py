"""Corrections of the sites, applied to the text of the export before any rule sees it.

A correction names a record by its key as the export writes it, so that it says the same before and
after it is applied. What happens to each is an audit line; none is lost silently.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from calcinosis.errors import InputError, nearest
from calcinosis.ingest.carriers.sheet import Mark, encoded
from calcinosis.ingest.codebook import Variable, fold
from calcinosis.ingest.log import QUERY_COLUMNS, WITHHELD, Log, query_id
from calcinosis.ingest.parsing import open_ended, parse_column
from calcinosis.ingest.reading import Table
from calcinosis.ingest.record_names import KEYS, SEPARATOR, record_names
from calcinosis.side_files import Correction

AUDIT_COLUMNS = (
    *("status", "table", "record", "variable", "old_value", "new_value"),
    *("answered_by", "date", "why", "file", "row", "line"),
)


@dataclass
class Corrected:
    """An export after its corrections.

    Parameters
    ----------
    tables : by name, the files, with corrected cells
    confirmed : by table and file (its position), variable to the positions of rows whose value is
        right although it is not plausible; without a variable, rows that are right as they are
    audit : one line per correction and row, in the order of `corrections.csv`
    """

    tables: dict[str, list[Table]]
    confirmed: dict[tuple[str, int], dict[str, list[int]]] = field(default_factory=dict)
    audit: list[dict[str, object]] = field(default_factory=list)


def correct(
    tables: dict[str, list[Table]],
    books: dict[str, list[dict[str, Variable]]],
    given: Sequence[Correction],
    log: Log,
    *,
    qualify: bool,
) -> Corrected:
    """Apply corrections to the text of an export.

    Parameters
    ----------
    tables : by name, the files as read
    books : by name, the codebook's lines for each file, by variable
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
    if not given:
        return Corrected(tables)
    work = _Correcting(tables, books, log, qualify)
    for one in given:
        work.take(one)
    if work.problems:
        raise InputError("\n".join(work.problems))
    work.apply()
    return work.done


def settle(audit: list[dict[str, object]], queries: pd.DataFrame, log: Log) -> pd.DataFrame:
    """The audit as a table, and its counts in the log.

    What is confirmed and still asked about cannot be confirmed: that is known at the end only.
    """
    names = ["table", "record", "variable"]
    asked = set(queries[names].itertuples(index=False, name=None))
    for line in audit:
        if line["status"] == "confirmed" and tuple(line[name] for name in names) in asked:
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
        books: dict[str, list[dict[str, Variable]]],
        log: Log,
        qualify: bool,
    ):
        self.tables, self.log, self.depth = tables, log, 2 if qualify else 1
        self.names = {
            (name, variable): line
            for name, of_files in books.items()
            for book in of_files
            for variable, line in {**_of_patients(books), **book}.items()
        }
        self.done = Corrected({name: list(files) for name, files in tables.items()})
        self.problems: list[str] = []
        self.by: dict[tuple[str, str, Place], str] = {}
        self.changes: dict[tuple[str, int, str], dict[int, str]] = {}
        self.rows: dict[tuple[str, str], list[tuple[Place, str]]] = {}
        for name, files in tables.items():
            for i, (table, book) in enumerate(zip(files, books[name], strict=True)):
                names = record_names(table.cells, slice(None), name, book, qualify=qualify)
                for position, record in enumerate(names):
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
        elif self.names[one.table, one.variable].type == "id" and fold(one.new) in ("yes", "no"):
            self._reject(one, at, "an id is asked for: write the right id, or 'confirmed'")
        else:
            self._of_cell(one, at)

    def _of_row(self, one: Correction, at: list[Place]) -> None:
        if one.confirms and at:
            self._confirmed(one, at)
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
        variable = open_ended(self.names[one.table, one.variable])
        (file, position), *_ = at
        cells = self.tables[one.table][file].cells
        if one.variable in cells:  # else it is a variable of the row's patient
            try:
                parsed = parse_column(cells[one.variable], variable, None)
            except InputError:  # said with file and column where the column is parsed
                return
            fate = parsed.fates[parsed.fate[position]]
            if fate.kind == "query":
                self._reject(one, at, f"'{one.old}' {fate.question}")
                return
        self._confirmed(one, at)

    def _confirmed(self, one: Correction, at: list[Place]) -> None:
        for i, position in at:
            of_file = self.done.confirmed.setdefault((one.table, i), {})
            of_file.setdefault(one.variable, []).append(position)
        self._note(one, "confirmed", at)

    def _change(self, one: Correction, at: list[Place]) -> None:
        for place in at:
            first = self.by.setdefault((one.table, one.variable, place), one.place)
            if first != one.place:
                self.problems.append(f"{one.place}: {first} corrects the same cell; keep one")
                return
        files = self.done.tables[one.table]
        if any(one.variable not in files[i].cells for i, _ in at):
            self._reject(one, at, f"{files[at[0][0]].file} has no such column")
            return
        for i, position in at:
            self.changes.setdefault((one.table, i, one.variable), {})[position] = one.new
        self._note(one, "applied", at)

    def apply(self) -> None:
        """Write the corrected texts, each column once."""
        for (name, i, variable), new in self.changes.items():
            table, rows = self.done.tables[name][i], list(new)
            texts = table.cells[variable].to_numpy(dtype="object", copy=True)
            texts[rows] = list(new.values())
            asked = dict(table.asked)
            if variable in asked:
                of_cells = asked[variable].items()
                asked[variable] = {at: said for at, said in of_cells if at not in new}
            marks = [_without(mark, rows) for mark in table.marks.get(variable, [])]
            self.done.tables[name][i] = replace(
                table,
                cells=table.cells.assign(**{variable: encoded(texts)}),
                marks={**table.marks, variable: [m for m in marks if len(m.positions)]},
                asked=asked,
            )

    def _reject(self, one: Correction, at: list[Place], why: str) -> None:
        self._note(one, "rejected", at[:1])
        file, row = "corrections.csv", int(one.line)
        patient = self._patient(one.record).split(SEPARATOR)
        if at:
            table = self.tables[one.table][at[0][0]]
            file, row = table.file, int(table.row.iloc[at[0][1]])
            patient[-1] = str(table.cells["patient_id"].iloc[at[0][1]]).strip()
        identity = (one.table, one.record, one.variable, "correction_rejected", one.old)
        names = ("table", "record", "variable", "rule", "raw_value")
        query = dict(zip(names, identity, strict=True)) | {
            "query_id": query_id(*identity),
            "event": "",
            "centre": "",
            "patient_id": "-".join(patient),
            "file": file,
            "row": row,
            "column": "",
            "severity": "query",
            "question": f"The correction in line {one.line} of corrections.csv is not used: {why}. "
            f"It says {one.variable or 'of the row'}: '{one.new}'. What is right now?",
        }
        self.log.queries.append(pd.DataFrame([query], columns=list(QUERY_COLUMNS)))

    def _note(self, one: Correction, status: str, at: list[Place]) -> None:
        """One audit line per row; one without a place where there is none."""
        files = self.tables[one.table]
        places = [(files[i].file, str(files[i].row.iloc[position])) for i, position in at]
        answer = (one.who, one.when, one.why)
        said = (status, one.table, one.record, one.variable, one.old, one.new, *answer)
        self.done.audit += [
            dict(zip(AUDIT_COLUMNS, (*said, *place, one.line), strict=True))
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
        """What the cell says, as its question shows it: of several events, all of them."""
        (file, position), variable = place, one.variable
        table = self.tables[one.table][file]
        if variable not in table.cells:
            return ""
        said = table.asked.get(variable, {}).get(position)
        return str(said[0] if said else table.cells[variable].iloc[position]).strip()


def _of_patients(books: Mapping[str, list[dict[str, Variable]]]) -> dict[str, Variable]:
    """The variables of patients, which a rule about another table may ask about."""
    return {name: line for book in books.get("patients", []) for name, line in book.items()}


def _without(mark: Mark, rows: list[int]) -> Mark:
    """A mark of the file without the cells that are corrected."""
    return replace(mark, positions=np.setdiff1d(mark.positions, rows))
