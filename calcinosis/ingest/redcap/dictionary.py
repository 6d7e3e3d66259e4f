"""A REDCap project: its data dictionary, and what each column of its raw export is."""

import csv
import html
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calcinosis.errors import InputError, nearest
from calcinosis.ingest.codebook import fold

_COLUMNS = {
    # our name: header on the web page (two spellings over the years), header from the API
    "name": ("Variable / Field Name", "field_name"),
    "form": ("Form Name", "form_name"),
    "kind": ("Field Type", "field_type"),
    "label": ("Field Label", "field_label"),
    "choices": (
        "Choices, Calculations, OR Slider Labels",
        "Choices OR Calculations",
        "select_choices_or_calculations",
    ),
    "validation": (
        "Text Validation Type OR Show Slider Number",
        "text_validation_type_or_show_slider_number",
    ),
    "low": ("Text Validation Min", "text_validation_min"),
    "high": ("Text Validation Max", "text_validation_max"),
    "identifier": ("Identifier?", "identifier"),
}
Choices = tuple[tuple[str, str], ...]
_FIXED_CHOICES: dict[str, Choices] = {
    "yesno": (("0", "No"), ("1", "Yes")),
    "truefalse": (("0", "False"), ("1", "True")),
}
BOX: Choices = (("0", "Unchecked"), ("1", "Checked"))
STATUS: Choices = (("0", "Incomplete"), ("1", "Unverified"), ("2", "Complete"))
_WITH_CHOICES = ("radio", "dropdown", "checkbox")
STRUCTURE = (
    *("redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"),
    *("redcap_data_access_group", "redcap_survey_identifier"),
)
"""Columns that REDCap adds to an export."""


@dataclass(frozen=True)
class Field:
    """One line of a data dictionary; `choices` are pairs of code and label, in order."""

    name: str
    form: str
    kind: str
    label: str
    choices: Choices
    validation: str
    low: str
    high: str
    identifier: bool
    file: str


@dataclass(frozen=True)
class Column:
    """One column of an export: its form, and its field as far as this column is concerned.

    A checkbox has a column per choice, each of which is a yes or no; `box` is then the code.
    """

    field: Field
    box: str = ""


@dataclass(frozen=True)
class Project:
    """A REDCap project as the plan declares it.

    Parameters
    ----------
    fields : by name, in the order of the dictionary; the first is the record's id
    settings : the section `export.redcap` of the plan
    """

    fields: dict[str, Field]
    settings: Mapping[str, Any]

    @property
    def record_id(self) -> str:
        """The field that names the record."""
        return next(iter(self.fields))

    @property
    def forms(self) -> set[str]:
        """The names of the forms."""
        return {field.form for field in self.fields.values()}

    def paths(self, home: Path) -> list[str]:
        """The files of the dictionary."""
        return [str(home / name) for name in self.settings["dictionary"]]

    def column(self, name: str) -> Column | None:
        """What a column of the export is; None where the dictionary does not have it."""
        name = fold(name)
        field, _, suffix = name.partition("___")
        if name in self.fields:
            return Column(self.fields[name])
        if field in self.fields and self.fields[field].kind == "checkbox":
            for code, label in self.fields[field].choices:
                if suffix in box_suffixes(code):
                    return Column(
                        Field(
                            name=name,
                            form=self.fields[field].form,
                            kind="box",
                            label=f"{self.fields[field].label}: {label}",
                            choices=BOX,
                            validation="",
                            low="",
                            high="",
                            identifier=self.fields[field].identifier,
                            file=self.fields[field].file,
                        ),
                        code,
                    )
        form = name.removesuffix("_complete")
        if form != name and form in self.forms:
            label = f"Status of the form {form.replace('_', ' ')}"
            return Column(Field(name, form, "status", label, STATUS, "", "", "", False, ""))
        return None

    def meaning(self) -> list[object]:
        """What reading rows depends on, without what only people read."""
        return [
            [f.name, f.form, f.kind, f.choices, f.validation, f.identifier]
            for f in self.fields.values()
        ]


def box_suffixes(code: str) -> set[str]:
    """How a choice stands behind the `___` of its column: small letters, a minus is a `_`."""
    plain = code.lower()
    return {re.sub(r"[^a-z0-9]", "_", plain), re.sub(r"[^a-z0-9_]", "", plain.replace("-", "_"))}


def project(export: Mapping[str, Any], home: str | Path) -> Project | None:
    """The REDCap project of a plan.

    Parameters
    ----------
    export : the section `export` of the plan
    home : the plan's folder, where its dictionaries lie

    Returns
    -------
    the project; None where the plan has no `redcap`

    Raises
    ------
    InputError
        A dictionary cannot be read, dictionaries disagree, or the plan names a form or field that
        no dictionary has.
    """
    settings = export["redcap"]
    if settings is None:
        return None
    dictionaries = [_read(Path(home) / name) for name in settings["dictionary"]]
    found = Project(_merged(dictionaries), settings)
    films = settings["films"]
    problems = [
        f"export.redcap: there is no form '{form}' in the dictionary: {nearest(form, found.forms)}"
        for form in [*settings["repeated_forms"], *(f["instrument"] for f in films)]
        if form and form not in found.forms
    ]
    if problems:
        raise InputError("\n".join(problems))
    return found


def _records(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Physical line and cells of each field, named by `_COLUMNS`."""
    try:
        text = path.read_text("utf-8-sig")
        lines = csv.reader(io.StringIO(text, newline=""), strict=True)
        header = [fold(name) for name in next(lines, [])]
        rows = [(lines.line_num, row) for row in lines if row]
    except FileNotFoundError:
        raise InputError(
            f"{path}: there is no such data dictionary; download it from REDCap, or change "
            "export.redcap.dictionary in the cohort file"
        ) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: cannot be read ({error}); download it again") from None
    places = {
        ours: next((header.index(fold(name)) for name in names if fold(name) in header), None)
        for ours, names in _COLUMNS.items()
    }
    absent = [f"'{_COLUMNS[ours][0]}'" for ours, place in places.items() if place is None]
    if absent:
        raise InputError(
            f"{path}: this is no REDCap data dictionary: it has no column {', '.join(absent)}; "
            "download it from the page 'Data Dictionary' of the project"
        )
    for line, row in rows:
        if len(row) != len(header):
            raise InputError(
                f"{path}: row {line} has {len(row)} fields, the header has {len(header)}; download "
                "the dictionary again"
            )
    if not rows:
        raise InputError(f"{path}: there is no field below the header; download it again")
    return [
        (line, {ours: row[place].strip() for ours, place in places.items() if place is not None})
        for line, row in rows
    ]


def _read(path: Path) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    problems = []
    for line, cells in _records(path):
        name, kind = cells["name"], cells["kind"]
        choices, wrong = _FIXED_CHOICES.get(kind, ()), ""
        if kind in _WITH_CHOICES:
            choices, wrong = _choices(cells["choices"])
        if name in fields:
            wrong = "the field stands twice"
        if wrong:
            problems.append(f"{path}: row {line}: '{name}': {wrong}")
        fields[name] = Field(
            name=name,
            form=cells["form"],
            kind=kind,
            label=plain_text(cells["label"]),
            choices=choices,
            validation=cells["validation"],
            low=cells["low"],
            high=cells["high"],
            identifier=cells["identifier"].lower() in ("y", "yes", "1"),
            file=path.name,
        )
    if problems:
        raise InputError("\n".join(problems))
    return fields


def plain_text(text: str) -> str:
    """A label without the tags of rich text."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def _choices(text: str) -> tuple[Choices, str]:
    """The choices `1, Yes | 2, No` as pairs, and what is wrong with them."""
    pairs = []
    for part in filter(None, (part.strip() for part in text.split("|"))):
        code, comma, label = part.partition(",")
        if not comma:
            return (), f"the choice '{part}' is not written code, label"
        pairs.append((code.strip(), plain_text(label)))
    codes = [code for code, _ in pairs]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if not pairs:
        return (), "there are no choices"
    return tuple(pairs), f"the choice {twice[0]} stands twice" if twice else ""


def _merged(dictionaries: Sequence[dict[str, Field]]) -> dict[str, Field]:
    """The fields of all dictionaries; those of one name must mean the same."""
    merged = dict(dictionaries[0])
    problems: list[str] = []
    for other in dictionaries[1:]:
        for name, field in other.items():
            first = merged.setdefault(name, field)
            if first.identifier != field.identifier:
                # A field that one site calls identifying is treated so at all.
                merged[name] = first if first.identifier else field
            problems += _differences(first, field)
    if problems:
        raise InputError("\n".join(problems))
    return merged


def _differences(first: Field, second: Field) -> Iterable[str]:
    advice = "make them equal in REDCap, export both again, and keep one dictionary"
    if _folded(first.choices) != _folded(second.choices):
        yield (
            f"the field '{first.name}' has the choices '{_shown(first.choices)}' in {first.file} "
            f"and '{_shown(second.choices)}' in {second.file}; {advice}"
        )
    for fact in ("kind", "validation", "low", "high", "form"):
        ours, theirs = getattr(first, fact), getattr(second, fact)
        alike = {ours, theirs} <= {"radio", "dropdown", "yesno"} or (
            # A date stands alike in every raw export, in whatever order it was typed.
            ours[:5] == theirs[:5] == "date_"
        )
        if ours != theirs and not alike:
            yield (
                f"the field '{first.name}' has the {fact} '{ours}' in {first.file} and "
                f"'{theirs}' in {second.file}; {advice}"
            )


def _folded(choices: Choices) -> dict[str, str]:
    return {code: fold(label) for code, label in choices}


def _shown(choices: Choices) -> str:
    return " | ".join(f"{code}, {label}" for code, label in choices)
