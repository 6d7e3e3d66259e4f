"""The cells of a raw REDCap export as what was entered, before rows become tables.

A box that nobody has seen is exported as unchecked, a code for missing data of a checkbox has a
column of its own, and a date may carry a time; here each becomes what it means.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from calcinosis.errors import InputError
from calcinosis.ingest import headers
from calcinosis.ingest.carriers.sheet import (
    ExportFile,
    Note,
    Sheet,
    among,
    encoded,
    recoded,
    stripped,
)
from calcinosis.ingest.codebook import Variable, fold
from calcinosis.ingest.reading import of_file
from calcinosis.ingest.redcap.completion import ambiguous_labels
from calcinosis.ingest.redcap.dictionary import STRUCTURE, Column, Field, Project, box_suffixes

_WITH_TIME = r"^\s*(\d{4}-\d{2}-\d{2}) \d{2}:\d{2}(:\d{2})?\s*$"

_CHECKED, _UNCHECKED = ("1", "Checked"), ("0", "Unchecked", "")


class Cells:
    """An export of a project, column by column.

    Parameters
    ----------
    file, sheet : the export and its text
    project : its dictionary and settings

    Raises
    ------
    InputError
        The record's id is not there, or only a part of the columns of a checkbox.
    """

    def __init__(self, file: ExportFile, sheet: Sheet, project: Project):
        self.file, self.path, self.sheet, self.project = file, file.path, sheet, project
        self.names = headers.names(sheet)
        self.columns = {fold(name): position for position, name in enumerate(self.names)}
        """Position of each column by its folded name."""
        if project.record_id not in self.columns:
            raise InputError(
                f"{self.path}: there is no column '{project.record_id}', the first field of the "
                "dictionary; export raw data (not labels) of the same project"
            )
        self._stop_where_boxes_are_missing()
        self._texts: dict[str, pd.Series] = {}
        self._unseen: dict[str, np.ndarray] = {}
        self._opened: dict[str, np.ndarray] = {}
        self.spelled: dict[str, Note] = {}
        """What was normalised in the names of columns."""
        self.record = self._stripped(project.record_id)
        self.event, self.instrument, self.instance = map(self._stripped, STRUCTURE[:3])
        record_and_event = self.record + "\x1f" + self.event
        self.key = record_and_event + "\x1f" + self.instrument + "\x1f" + self.instance
        """What names each row in query ids."""
        home = pd.Series(np.flatnonzero(self.instrument == ""))
        home.index = record_and_event[home]
        twice = home.index[home.index.duplicated()]
        self.several_homes = np.asarray(pd.Series(record_and_event).isin(twice))
        """Which rows are of an event that has several such rows."""
        self.home = (
            home[~home.index.duplicated()].reindex(record_and_event, fill_value=-1).to_numpy()
        )
        """Position of the row of each row's event, of forms that do not repeat; -1 if none."""

    def sources(self, variables: Sequence[Variable]) -> dict[str, str]:
        """Our name to the column's name in the file, of the variables that are there.

        Raises
        ------
        InputError
            Names each required column that is not there, and a similar one.
        """
        chosen = of_file(self.file, variables)
        named = headers.name_columns(self.path, self.names, chosen)
        notes = headers.respelled(self.sheet, chosen, named)
        self.spelled |= {note.old: note for note in notes}
        return {variable: self.names[position] for variable, position in named.items()}

    def text(self, name: str) -> pd.Series:
        """A column by its name in the dictionary, as what was entered; dictionary-encoded."""
        if name not in self._texts:
            self._texts[name] = self._entered(name)
        return self._texts[name]

    def _entered(self, name: str) -> pd.Series:
        position = self.columns[fold(name)]
        text, column = self.sheet.columns[position], self.project.column(name)
        if column is None:
            return text
        if column.box:
            return self._boxes(text, column)
        self._stop_where_labels_are_ambiguous(self.names[position], text, column.field)
        if column.field.validation.startswith("datetime_"):
            return recoded(text, text.cat.categories.str.replace(_WITH_TIME, r"\1", regex=True))
        return text

    def known_columns(self) -> set[str]:
        """Folded names of the columns that REDCap adds, which the codebook need not name."""
        status = {f"{form}_complete" for form in self.project.forms}
        return {fold(name) for name in STRUCTURE} | status | set(self._missing_boxes())

    def _stripped(self, name: str) -> np.ndarray:
        position = self.columns.get(name)
        if position is None:  # REDCap leaves out what a project does not use
            return np.full(len(self.sheet.rows), "", dtype=object)
        return stripped(self.sheet.columns[position])

    def _says(self, name: str, words: tuple[str, ...]) -> np.ndarray:
        """On which rows a column says one of some words; one that is not there is blank."""
        position = self.columns.get(name)
        if position is None:
            return np.full(len(self.sheet.rows), "" in words)
        return among(self.sheet.columns[position], words)

    def _columns_of(self, field: Field) -> dict[str, str]:
        """Code to column of a checkbox, of those that are there."""
        return {
            code: f"{field.name}___{suffix}"
            for code, _ in field.choices
            for suffix in box_suffixes(code)
            if f"{field.name}___{suffix}" in self.columns
        }

    def _stop_where_boxes_are_missing(self) -> None:
        problems = []
        for field in self.project.fields.values():
            there = self._columns_of(field) if field.kind == "checkbox" else {}
            absent = [f"'{code}, {label}'" for code, label in field.choices if code not in there]
            if there and absent:
                problems.append(
                    f"{self.path}: the checkbox '{field.name}' has {len(there)} of its "
                    f"{len(field.choices)} columns; no column for {', '.join(absent)}. Export the "
                    "whole field, or take the dictionary of the day of the export."
                )
        if problems:
            raise InputError("\n".join(problems))

    def _missing_boxes(self) -> dict[str, tuple[str, str]]:
        """Column to field and code, of checkbox columns that stand for a code of missing data."""
        return {
            column: (field.name, code)
            for field in self.project.fields.values()
            if field.kind == "checkbox"
            for code in self.project.settings["missing_codes"]
            for suffix in box_suffixes(code)
            if (column := f"{field.name}___{suffix}") in self.columns
            and column not in self._columns_of(field).values()
        }

    def _boxes(self, text: pd.Series, column: Column) -> pd.Series:
        name = column.field.name.partition("___")[0]
        field = self.project.fields[name]
        if name not in self._unseen:  # one look at the form and all boxes of the field
            boxes = [self._says(box, _UNCHECKED) for box in self._columns_of(field).values()]
            if field.form not in self._opened:
                self._opened[field.form] = self._is_opened(field.form)
            self._unseen[name] = np.all(boxes, axis=0) & ~self._opened[field.form]
        unseen = self._unseen[name] & ~among(text, [""])
        seen = np.where(unseen, "", text.to_numpy(dtype=object))
        for box, (of, code) in self._missing_boxes().items():
            if of == name:
                seen[self._says(box, _CHECKED)] = code
        return encoded(seen)

    def _is_opened(self, form: str) -> np.ndarray:
        """Rows on which somebody has filled in a form, by the rule of the plan."""
        saved = ~self._says(f"{form}_complete", ("", "0", "Incomplete"))
        if self.project.settings["unopened_form"] == "incomplete":
            return saved
        for field in self.project.fields.values():
            if field.form != form or field.name == self.project.record_id or field.kind == "calc":
                continue
            if field.kind == "checkbox":
                for box in self._columns_of(field).values():
                    saved = saved | self._says(box, _CHECKED)
            else:
                saved = saved | ~self._says(field.name, ("",))
        for box, (of, _) in self._missing_boxes().items():
            if self.project.fields[of].form == form:
                saved = saved | self._says(box, _CHECKED)
        return saved

    def _stop_where_labels_are_ambiguous(self, shown: str, text: pd.Series, field: Field) -> None:
        ambiguous = ambiguous_labels(field.choices)
        if not ambiguous:
            return
        codes = {fold(code) for code, _ in field.choices}
        labels = {fold(label) for _, label in field.choices} - codes
        found = {fold(value) for value in text.cat.categories}
        if found & labels and found & ambiguous:
            word = next(label for _, label in field.choices if fold(label) in found & ambiguous)
            raise InputError(
                f"{self.path}: the column '{shown}' holds labels, and '{word}' may stand for "
                f"more than one choice of '{field.name}'; export raw data instead of labels"
            )
