"""From text to values: each spelling is parsed once, by the codebook, and nothing is guessed.

A spelling has one of four fates: a value, a value after a normalisation (accepted, counted), a
missing value with its reason, or a query (the cell becomes missing, the site is asked).
"""

import datetime
import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from calcinosis.ingest.codebook import Variable, fold

Value = str | float | datetime.date | None

MISSING_WORDS = frozenset(
    [
        *("", "-", "--", ".", "?", "n/a", "na", "null", "none", "unk", "unknown"),
        *("missing", "not known", "not done", "nd", "ไม่ทราบ", "ไม่มีข้อมูล"),
    ]
)
"""Spellings that mean missing everywhere, except where they are a level or an id (`NA`)."""

BUDDHIST_OFFSET = 543
FIRST_BUDDHIST = 2400
FIRST_YEAR = 1900
"""Where the codebook has no minimum: earlier years are conversions gone wrong."""
_DIGITS = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")


@dataclass(frozen=True)
class Fate:
    """What became of one spelling."""

    value: Value
    rule: str = ""
    kind: str = ""
    """Empty (taken as it stands), `normalise`, `missing` or `query`."""
    question: str = ""


@dataclass(frozen=True)
class Parsed:
    """One parsed column.

    Parameters
    ----------
    values : typed series (text, float64, datetime64, or ordered categorical with all levels)
    fate : per row, the index into `fates`
    fates : the distinct spellings' fates
    raw : the distinct spellings
    """

    values: pd.Series
    fate: np.ndarray
    fates: list[Fate]
    raw: list[str]


def parse_column(cells: pd.Series, variable: Variable, latest: datetime.date | None) -> Parsed:
    """Parse a text column.

    Parameters
    ----------
    cells : text, shape (rows,)
    variable : its codebook entry
    latest : the day of the export; no date may lie after it

    Returns
    -------
    Parsed
    """
    codes, uniques = pd.factorize(cells, use_na_sentinel=False)
    parse = _PARSERS[variable.type]
    fates = [_parse_one(str(raw), variable, latest, parse) for raw in uniques]
    values = pd.Series([fate.value for fate in fates], dtype="object").iloc[codes]
    values.index = cells.index
    return Parsed(typed(values, variable), codes, fates, [str(raw) for raw in uniques])


Parser = Callable[[str, Variable, datetime.date | None], Fate]


def _parse_one(raw: str, variable: Variable, latest: datetime.date | None, parse: Parser) -> Fate:
    text = raw.replace("\u00a0", " ").strip()
    if fold(text) in variable.missing_codes:
        return Fate(None, "missing_code", "missing")
    if variable.type in ("id", "text"):
        if not text:
            return Fate(None, "blank", "missing")
        return Fate(text) if text == raw else Fate(text, "white_space", "normalise")
    plain = "".join(_ascii_digit(c) for c in text)
    if _is_missing_code(plain, variable):
        return Fate(None, "missing_code", "missing")
    if fold(plain) not in variable.codes and fold(plain) in MISSING_WORDS:
        return Fate(None, "missing_word" if text else "blank", "missing")
    fate = parse(plain, variable, latest)
    if not fate.kind and plain != text:
        return Fate(fate.value, "digits", "normalise")
    if not fate.kind and text != raw:
        return Fate(fate.value, "white_space", "normalise")
    return fate


def _is_missing_code(plain: str, variable: Variable) -> bool:
    """Whether a spelling is a missing code; of a number also when it is written another way."""
    if fold(plain) in variable.missing_codes:
        return True
    if variable.type not in ("integer", "number") or not _DECIMAL.fullmatch(
        plain.replace(",", ".", 1)
    ):
        return False
    number = float(plain.replace(",", ".", 1))
    codes = (code for code in variable.missing_codes if _DECIMAL.fullmatch(code))
    return any(number == float(code) for code in codes)


def _ascii_digit(character: str) -> str:
    return str(unicodedata.digit(character)) if character.isdecimal() else character


def _level(text: str, variable: Variable, _latest: datetime.date | None) -> Fate:
    level = variable.codes.get(fold(text))
    if level is None:
        shown = ", ".join(variable.levels)
        return Fate(None, "unknown_level", "query", f"is not one of: {shown}")
    return Fate(level) if text == level else Fate(level, "spelling", "normalise")


def _integer(text: str, variable: Variable, _latest: datetime.date | None) -> Fate:
    normalised = re.fullmatch(r"([+-]?[0-9]+)\.0+", text)
    number = normalised[1] if normalised else text
    if not _DIGITS.fullmatch(number):
        return Fate(None, "not_an_integer", "query", "is not a whole number")
    return _in_range(float(number), variable, "integer_with_decimals" if normalised else "")


def _number(text: str, variable: Variable, _latest: datetime.date | None) -> Fate:
    comma = "," in text and variable.format in ("decimal=comma", "decimal=either")
    number = text.replace(",", ".", 1) if comma else text
    if (variable.format == "decimal=comma" and "." in text) or not _DECIMAL.fullmatch(number):
        return Fate(None, "not_a_number", "query", "is not a number")
    return _in_range(float(number), variable, "decimal_comma" if comma else "")


def _in_range(number: float, variable: Variable, rule: str) -> Fate:
    low = -np.inf if variable.low is None else variable.low
    high = np.inf if variable.high is None else variable.high
    if not math.isfinite(number):
        return Fate(None, "not_a_number", "query", "is not a number")
    if not low <= number <= high:
        return Fate(
            None, "out_of_range", "query", f"is outside the plausible range {low:g} to {high:g}"
        )
    return Fate(number, rule, "normalise" if rule else "")


def _date(text: str, variable: Variable, latest: datetime.date | None) -> Fate:
    pattern, _, era = variable.format.partition(" era=")
    match = re.fullmatch(_date_pattern(pattern), text)
    if not match:
        return Fate(None, "not_a_date", "query", f"is not a date written {pattern}")
    year, month, day = (int(match[part]) for part in ("year", "month", "day"))
    buddhist = era == "buddhist" or (era == "either" and year >= FIRST_BUDDHIST)
    try:
        date = datetime.date(year - BUDDHIST_OFFSET * buddhist, month, day)
    except ValueError:
        return Fate(None, "impossible_date", "query", "is not a day of the calendar")
    if latest and date > latest:
        return Fate(None, "after_export", "query", f"lies after the day of the export, {latest}")
    low, high = variable.low or FIRST_YEAR, variable.high or datetime.MAXYEAR
    if not low <= date.year <= high or date == datetime.date(1900, 1, 1):
        return Fate(None, "out_of_range", "query", f"is not a day between {low:g} and {high:g}")
    return Fate(date, "buddhist_era", "normalise") if buddhist else Fate(date)


def date_text(date: datetime.date, variable: Variable) -> str:
    """A date as the codebook's format writes it: the inverse of parsing.

    Typed cells of workbooks and statistical files are days of the common calendar, or of the
    Buddhist one where somebody typed such a year; text of the format `era=buddhist` is always of
    the latter.
    """
    pattern, _, era = variable.format.partition(" era=")
    year = date.year + BUDDHIST_OFFSET * (era == "buddhist" and date.year < FIRST_BUDDHIST)
    text = (pattern or "yyyy-mm-dd").replace("yyyy", f"{year:04}")
    return text.replace("mm", f"{date.month:02}").replace("dd", f"{date.day:02}")


def day_and_month_exchanged(text: str, variable: Variable) -> bool:
    """Whether a date that is no day of the calendar is one with day and month exchanged."""
    match = re.fullmatch(_date_pattern(variable.format.partition(" era=")[0]), text.strip())
    return match is not None and int(match["month"]) > 12 >= int(match["day"])


def _date_pattern(pattern: str) -> str:
    parts = {"dd": r"(?P<day>\d{1,2})", "mm": r"(?P<month>\d{1,2})", "yyyy": r"(?P<year>\d{4})"}
    regex = re.escape(pattern or "yyyy-mm-dd")
    for token, part in parts.items():
        regex = regex.replace(token, part)
    return regex


_PARSERS: dict[str, Parser] = {
    "integer": _integer,
    "number": _number,
    "binary": _level,
    "category": _level,
    "ordinal": _level,
    "date": _date,
    "id": lambda text, *_: Fate(text),
    "text": lambda text, *_: Fate(text),
}


def typed(values: pd.Series, variable: Variable) -> pd.Series:
    """Parsed values as the type of their variable: categories with all levels, numbers, dates."""
    if variable.type in ("binary", "category", "ordinal"):
        levels = pd.CategoricalDtype(list(variable.levels), ordered=True)
        return values.astype(levels)
    if variable.type in ("integer", "number"):
        return values.astype("float64")
    if variable.type == "date":
        return pd.to_datetime(values)
    return values.astype("string")
