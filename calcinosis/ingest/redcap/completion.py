"""What a REDCap data dictionary says of a variable, for the empty cells of its codebook line."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calcinosis import hashes, made
from calcinosis.errors import nearest
from calcinosis.ingest.codebook import STRUCTURE_TYPES, Complete, Variable, fold, meaning, read
from calcinosis.ingest.redcap.dictionary import STRUCTURE, Choices, Column, Project, project

_LEVEL_TYPES = ("binary", "category", "ordinal")
_WORDS = {
    # Choices that are a yes or a no whatever their labels say.
    "truefalse": {"true": "yes", "false": "no"},
    "box": {"checked": "yes", "unchecked": "no"},
}
_IDENTIFYING = ("email", "phone", "ssn", "mrn")
"""Validations of what identifies a person, whether or not the field is flagged."""
_NO_DATA = ("descriptive", "file", "signature", "sql")
_LONGEST_LEVEL = 40


@dataclass(frozen=True)
class _Levels:
    """Levels in order, accepted spellings, spellings that are missing; what is wrong with them."""

    levels: tuple[str, ...]
    codes: dict[str, str]
    missing: tuple[str, ...]
    problems: tuple[str, ...] = ()


def read_codebook(
    path: str | Path, export: Mapping[str, Any], known: str = ""
) -> tuple[list[Variable], Project | None]:
    """A cohort's codebook, filled from the dictionary where the export is one of REDCap.

    Parameters
    ----------
    path : `codebook.csv`, with the dictionaries beside it
    export : the section `export` of the plan
    known : the fingerprint that it must have, where it was read before

    Returns
    -------
    the variables, and the project or None

    Raises
    ------
    InputError
        Codebook or dictionaries cannot be read, or do not fit each other; or they were replaced.
    """
    found = project(export, Path(path).parent)
    variables = read(path, completing(found) if found else None)
    if known and fingerprint(variables, found) != known:
        made.stop_as_replaced(str(path))
    return variables, found


def fingerprint(variables: list[Variable], found: Project | None) -> str:
    """Of what `read_codebook` has read, without labels."""
    return hashes.digest([meaning(variables), found and found.meaning()])


def completing(project: Project) -> Complete:
    """A function that fills the empty cells of a codebook line from the dictionary.

    What a line says itself stays. The lines of a wide form take their facts from the fields that
    the plan maps to them.
    """

    def complete(fields: dict[str, str]) -> list[str]:
        names = sources_of(fields["table"], fields["variable"], fields["source"], project.settings)
        columns = {name: project.column(name) for name in names}
        problems = _unknown(fields, columns, project) if not fields["type"] else []
        known = [column for column in columns.values() if column]
        if problems or not known:
            _add_missing_codes(fields, project)
            return problems
        facts = [_facts(fields, column) for column in known]
        for column, other in zip(known[1:], facts[1:], strict=True):
            same = {"label", "problems"} | {k for k in other if other[k] == facts[0][k]}
            differ = sorted(set(other) - same)
            if differ:
                problems.append(
                    f"'{fields['variable']}': the fields '{known[0].field.name}' and "
                    f"'{column.field.name}' have other {', '.join(differ)} in the dictionary; "
                    "give each its own line"
                )
        problems += [str(problem) for problem in facts[0].pop("problems")]
        for name, value in facts[0].items():
            fields[name] = value if name in ("codes", "missing_codes") else fields[name] or value
        _add_missing_codes(fields, project)
        return problems

    return complete


def sources_of(table: str, variable: str, source: str, settings: Mapping[str, Any]) -> list[str]:
    """The fields of the export that hold a variable, as codebook and plan say."""
    films = settings["films"] if table == "readings" else []
    if variable == "grade" and (fields := [field for film in films for field in film["grades"]]):
        return fields
    dates = [film["date"] for film in films if film["date"]] if variable == "film_date" else []
    if dates and len(dates) == len(films):
        return dates
    places = [place for film in films for place in film["grades"].values()]
    if places and all(place.get(variable) for place in places):
        return []
    return [*dates, *(filter(None, (s.strip() for s in source.split("|"))))] or [variable]


def ambiguous_labels(choices: Choices) -> set[str]:
    """Labels (folded) that do not lead to one choice: shared, or the code of another choice."""
    labels = [fold(label) for _, label in choices]
    codes = {fold(code): fold(label) for code, label in choices}
    return {
        label for label in labels if labels.count(label) > 1 or codes.get(label, label) != label
    }


def level_name(label: str) -> str:
    """A label in the alphabet of levels; empty where nothing of it is left."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    return name[:_LONGEST_LEVEL].rstrip("_")


def _unknown(
    fields: dict[str, str], columns: dict[str, Column | None], project: Project
) -> list[str]:
    """Fields that the dictionary does not have, or that are no column of an export."""
    problems = []
    for name, column in columns.items():
        if column is None and name in STRUCTURE:
            problems.append(
                f"'{fields['variable']}': '{name}' is not in the dictionary; write its type, and "
                "its levels where it is a category, in the codebook"
            )
        elif column is None:
            close = nearest(name, project.fields)
            problems.append(
                f"'{fields['variable']}': there is no field '{name}' in the dictionary: {close}"
            )
        elif column.field.kind == "checkbox":
            boxes = ", ".join(f"{name}___{code} ({label})" for code, label in column.field.choices)
            problems.append(
                f"'{fields['variable']}': '{name}' is a checkbox, with a column for each choice; "
                f"name one as its source: {boxes}"
            )
        elif column.field.kind in _NO_DATA:
            problems.append(
                f"'{fields['variable']}': '{name}' is a field of the kind {column.field.kind}, "
                "which cannot be read without a type in the codebook"
            )
    return problems


def _facts(fields: dict[str, str], column: Column) -> dict[str, Any]:
    """The cells of a codebook line as the dictionary knows them."""
    field = column.field
    structural = STRUCTURE_TYPES.get((fields["table"], fields["variable"]), ())
    found = _levels(fields, column) if field.choices else None
    kind, style = _type_and_format(column, len(found.levels) if found else 0)
    if structural and kind not in structural:
        kind, style = structural[0], ""
    kind = fields["type"] or kind
    facts: dict[str, Any] = {"type": kind, "label": field.label, "problems": ()}
    facts["format"] = style if kind in ("date", "number") else ""
    identifying = field.identifier or field.validation.startswith(_IDENTIFYING)
    facts["identifier"] = "yes" if identifying and not structural else ""
    if kind in ("integer", "number", "date"):
        facts["min"], facts["max"] = _bounds(column, kind)
    if kind in _LEVEL_TYPES and found:
        facts["levels"] = "|".join(found.levels)
        facts["codes"] = "|".join(f"{spelling}={level}" for spelling, level in found.codes.items())
        facts["missing_codes"] = "|".join(found.missing)
        facts["problems"] = found.problems
    return facts


def _type_and_format(column: Column, levels: int) -> tuple[str, str]:
    kind, validation = column.field.kind, column.field.validation
    if column.field.choices:
        return ("binary" if levels == 2 and kind != "status" else "category"), ""
    if kind == "calc":
        return "number", ""
    if kind == "slider" or validation == "integer":
        return "integer", ""
    if validation.startswith("number"):
        return "number", "decimal=comma" if validation.endswith("comma_decimal") else ""
    if validation.startswith(("date_", "datetime_")):
        return "date", "yyyy-mm-dd"  # however it is typed, a raw export has it so
    return "text", ""


def _bounds(column: Column, kind: str) -> tuple[str, str]:
    """The range that REDCap warns about; of dates the years; limits that are formulas are none."""
    limits = []
    for limit, end in ((column.field.low, "0"), (column.field.high, "100")):
        if kind == "date":
            year = re.match(r"\d{4}(?=-)", limit)
            limits.append(year[0] if year else "")
            continue
        number = limit.replace(",", ".")
        if column.field.kind == "slider" and not number:
            number = end
        limits.append(number if re.fullmatch(r"[+-]?\d*\.?\d+", number) else "")
    return limits[0], limits[1]


def _levels(fields: dict[str, str], column: Column) -> _Levels:
    """The choices of a field as levels, accepted spellings and missing codes of a codebook line."""
    choices = column.field.choices
    missing = [code for code in fields["missing_codes"].split("|") if code.strip()]
    folded = {fold(code) for code in missing}
    gone = [c for c in choices if folded & {fold(c[0]), fold(c[1])}]
    live = [choice for choice in choices if choice not in gone]
    given = _given_codes(fields["codes"])
    wanted = [level.strip() for level in fields["levels"].split("|") if level.strip()]
    names = {
        code: given.get(fold(code)) or given.get(fold(label)) or _derived(code, label, live, column)
        for code, label in live
    }
    problems = [
        f"'{fields['variable']}': the choice '{code}, {label}' of '{column.field.name}' is none "
        f"of its levels {'|'.join(wanted)}; write {code}= and its level into `codes`, or {code} "
        "into `missing_codes`"
        for code, label in live
        if wanted and names[code] not in wanted
    ]
    levels = list(dict.fromkeys(names.values()))
    if set(levels) == {"no", "yes"}:
        levels = ["no", "yes"]
    ambiguous = ambiguous_labels(choices)
    codes = {fold(code): names[code] for code, _ in live}
    spoken = [(fold(label), code) for code, label in live]
    codes |= {s: names[code] for s, code in spoken if s not in ambiguous and s not in codes}
    more = [label for _, label in gone if fold(label) not in ambiguous]
    return _Levels(
        tuple(wanted or levels),
        # What the line says itself comes last and also holds spellings that REDCap does not know.
        codes | given,
        tuple(dict.fromkeys([*missing, *(code for code, _ in gone), *more])),
        tuple(problems),
    )


def _given_codes(text: str) -> dict[str, str]:
    parts = [part.rpartition("=") for part in text.split("|") if "=" in part]
    return {fold(spelling): level.strip() for spelling, _, level in parts}


def _derived(code: str, label: str, live: list[tuple[str, str]], column: Column) -> str:
    """The level that a choice makes: its label, with its code where that is not unique."""
    words = _WORDS.get(column.field.kind, {})
    name = words.get(level_name(label), level_name(label))
    suffix = re.sub(r"[^a-z0-9]", "_", code.lower())
    if not name:
        return f"code_{suffix}"
    alike = [other for other, text in live if level_name(text) == level_name(label)]
    unique = len(alike) == 1 and fold(label) not in ambiguous_labels(column.field.choices)
    return name if unique else f"{name}_{suffix}"


def _add_missing_codes(fields: dict[str, str], project: Project) -> None:
    """The project's codes for missing data may stand in any field."""
    codes = [*fields["missing_codes"].split("|"), *project.settings["missing_codes"]]
    fields["missing_codes"] = "|".join(dict.fromkeys(filter(None, codes)))
