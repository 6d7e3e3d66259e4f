"""From text to values: each spelling is parsed once, by the codebook, and nothing is guessed.

A spelling has one of four fates: a value, a value after a normalisation (accepted, counted), a
missing value with its reason, or a query (the cell becomes missing, the site is asked).
"""

import datetime
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from calcinosis.ingest.carriers.sheet import encoded, matching
from calcinosis.ingest.codebook import Variable, fold
from calcinosis.ingest.dates import DateReader, Partial
from calcinosis.ingest.fates import Fate, query, read_as

MISSING_WORDS = frozenset(
    [
        *("", "-", "--", ".", "?", "n/a", "na", "null", "none", "unk", "unknown"),
        *("missing", "not known", "not done", "nd", "ไม่ทราบ", "ไม่มีข้อมูล"),
    ]
)
"""Spellings that mean missing everywhere, except where they are a level or an id (`NA`)."""

AS_IT_STANDS = Fate(None)
_OF_LEVELS = ("binary", "category", "ordinal")
_DIGITS = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_PLAIN_INTEGER, _PLAIN_NUMBER = r"^-?[0-9]{1,17}$", r"^-?[0-9]{1,9}(\.[0-9]{1,7})?$"
_WORDS = "^[!-~]+( [!-~]+)*$"
"""Patterns of Arrow for what needs no second look: printable ASCII, with single spaces."""
_SIGNS = str.maketrans("\u2212\uff0d\uff0b\uff0e", "--+.")
"""The minus sign of typesetters and full-width signs."""
_LOOKS_MISSING = {False: (-9.0, -99.0, -999.0, -9999.0), True: (999.0, 9999.0, 99999.0)}
"""Numbers that are codes where nobody set a lower (False) or an upper (True) bound."""
_ALL_CODES = sum(_LOOKS_MISSING.values(), ())


@dataclass(frozen=True)
class Parsed:
    """One parsed column.

    Parameters
    ----------
    values : typed series (text, float64, datetime64, or ordered categorical with all levels)
    fate : per row, the index into `fates`, of as few bytes as hold it
    fates : fates of the distinct spellings that were not taken as they stand; the first stands for
        all that were
    raw : the spelling of each fate
    """

    values: pd.Series
    fate: np.ndarray
    fates: list[Fate]
    raw: list[str]

    def with_fates(
        self, positions: Sequence[int] | np.ndarray, said: Sequence[tuple[Fate, str]], of: Any
    ) -> "Parsed":
        """The same column in which some rows have other fates.

        Parameters
        ----------
        positions : the rows
        said : the fates with their spellings
        of : the index of each row into `said`
        """
        fate = self.fate.astype("int64")
        fate[positions] = np.asarray(of) + len(self.fates)
        return Parsed(
            self.values,
            fate,
            [*self.fates, *(fate for fate, _ in said)],
            [*self.raw, *(raw for _, raw in said)],
        )

    def having(self, **facts: str) -> np.ndarray:
        """Which rows have a fate of this kind or rule; shape (rows,), boolean."""
        of_fates = [all(getattr(f, k) == v for k, v in facts.items()) for f in self.fates]
        if not any(of_fates):
            return np.zeros(len(self.fate), dtype=bool)
        return np.array(of_fates)[self.fate]


def parse_column(
    cells: pd.Series,
    variable: Variable,
    latest: datetime.date | None,
    partial: Partial = "query",
) -> Parsed:
    """Parse a text column, each distinct spelling once.

    Parameters
    ----------
    cells : text, shape (rows,)
    variable : its codebook entry
    latest : the day of the export; no date may lie after it
    partial : what a date without a day or month becomes

    Returns
    -------
    Parsed

    Raises
    ------
    InputError
        Dates without a declared format can be read in two orders.
    """
    codes, words = _distinct(cells)
    plain, values = _plain(words, variable)
    others = np.flatnonzero(~plain)
    texts = (words.take(others) if plain.any() else words).tolist()
    parse = _parser(variable, texts, latest, partial)
    found = [_parse_one(text, variable, parse) for text in texts]
    if texts:
        values[others] = [fate.value for fate in found]
    odd = [i for i, fate in enumerate(found) if fate.kind]
    of_word = np.zeros(len(words), dtype=np.min_scalar_type(len(odd)))
    of_word[others[odd]] = np.arange(1, len(odd) + 1)
    return Parsed(
        values=pd.Series(_typed_words(values, variable).take(codes), cells.index, copy=False),
        fate=of_word[codes],
        fates=[AS_IT_STANDS, *(found[i] for i in odd)],
        raw=["", *(texts[i] for i in odd)],
    )


def _distinct(cells: pd.Series) -> tuple[np.ndarray, pd.Index]:
    """The code of each cell, and its words: each that stands in the column, once."""
    if not isinstance(cells.dtype, pd.CategoricalDtype):
        cells = encoded(cells.to_numpy())
    codes, words = cells.array.codes, cells.array.categories
    there = np.bincount(codes, minlength=len(words)) > 0
    if there.all():
        return codes, words
    return (np.cumsum(there) - 1)[codes], words[there]


def open_ended(variable: Variable) -> Variable:
    """A variable without its plausible range."""
    return replace(variable, low=None, high=None)


Parser = Callable[[str], Fate]


def _parser(
    variable: Variable, texts: list[str], latest: datetime.date | None, partial: Partial
) -> Parser:
    if variable.type == "date":
        return DateReader(variable, map(_plain_text, texts), latest, partial)
    if variable.type in ("id", "text"):
        return Fate
    of_type = {"integer": _integer, "number": _number}.get(variable.type, _level)
    return lambda text: of_type(text, variable)


def _plain(words: pd.Index, variable: Variable) -> tuple[np.ndarray, Any]:
    """Which words surely stand for themselves, and their values; the others are looked at.

    A column of a million different numbers or ids would otherwise take a minute.
    """
    texts = pa.array(words.array)
    if variable.type in ("id", "text"):
        plain = matching(words, _WORDS)
        if variable.missing_codes:
            plain = plain & ~_among(pc.ascii_lower(texts), variable.missing_codes)
        return plain, words.array.astype("string")
    if variable.type in ("integer", "number"):
        whole = variable.type == "integer" or variable.format == "decimal=comma"
        plain = matching(words, _PLAIN_INTEGER if whole else _PLAIN_NUMBER)
        surely = pc.if_else(pa.array(plain), texts, None).cast("float64")
        numbers = surely.to_numpy(zero_copy_only=False).copy()
        codes = [float(code) for code in variable.missing_codes if _DECIMAL.fullmatch(code)]
        low = -np.inf if variable.low is None else variable.low
        high = np.inf if variable.high is None else variable.high
        plain = plain & (numbers >= low) & (numbers <= high)
        plain &= ~np.isin(numbers, (*codes, *_ALL_CODES))
        return plain, numbers
    return np.zeros(len(words), dtype=bool), np.empty(len(words), dtype="object")


def _among(texts: pa.Array, known: Iterable[str]) -> np.ndarray:
    return pc.is_in(texts, pa.array(sorted(known), texts.type)).to_numpy(zero_copy_only=False)


def _plain_text(raw: str) -> str:
    """A spelling without outer space, with the digits 0 to 9 and simple signs."""
    text = raw.replace("\u00a0", " ").strip()
    if text.isascii():
        return text
    return "".join(map(_ascii_digit, text)).translate(_SIGNS)


def _parse_one(raw: str, variable: Variable, parse: Parser) -> Fate:
    text = raw.replace("\u00a0", " ").strip()
    if fold(text) in variable.missing_codes:
        return Fate(None, "missing_code", "missing")
    if variable.type in ("id", "text"):
        if not text:
            return Fate(None, "blank", "missing")
        return read_as(text, "" if text == raw else "white_space")
    plain = _plain_text(raw)
    if _is_missing_code(plain, variable):
        return Fate(None, "missing_code", "missing")
    if fold(plain) not in variable.codes and fold(plain) in MISSING_WORDS:
        return Fate(None, "missing_word" if text else "blank", "missing")
    fate = parse(plain)
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


def _level(text: str, variable: Variable) -> Fate:
    level = variable.codes.get(fold(text))
    if level is None:
        return query("unknown_level", f"is not one of: {', '.join(variable.levels)}")
    return read_as(level, "" if text == level else "spelling")


def _integer(text: str, variable: Variable) -> Fate:
    normalised = re.fullmatch(r"([+-]?[0-9]+)\.0+", text)
    number = normalised[1] if normalised else text
    if not _DIGITS.fullmatch(number):
        return query("not_an_integer", "is not a whole number")
    return _in_range(float(number), variable, "integer_with_decimals" if normalised else "")


def _number(text: str, variable: Variable) -> Fate:
    comma = "," in text and variable.format in ("decimal=comma", "decimal=either")
    number = text.replace(",", ".", 1) if comma else text
    if (variable.format == "decimal=comma" and "." in text) or not _DECIMAL.fullmatch(number):
        return query("not_a_number", "is not a number")
    return _in_range(float(number), variable, "decimal_comma" if comma else "")


def _in_range(number: float, variable: Variable, rule: str) -> Fate:
    low = -np.inf if variable.low is None else variable.low
    high = np.inf if variable.high is None else variable.high
    if not math.isfinite(number):
        return query("not_a_number", "is not a number")
    if not low <= number <= high:
        hint = ""
        other = [n for n in (number * 100, number / 100) if low <= n <= high]
        if other and low > 0 and math.isfinite(high) and number not in _ALL_CODES:
            hint = f" (in another unit? {other[0]:g} would be inside)"
        return query("out_of_range", f"is outside the plausible range {low:g} to {high:g}{hint}")
    bound = variable.high if number > 0 else variable.low
    if bound is None and number in _LOOKS_MISSING[number > 0]:
        return query(
            "out_of_range",
            "looks like a code for missing; if it is, name it in missing_codes of the codebook, "
            "else give the variable a range",
        )
    return read_as(number, rule)


def _typed_words(values: Any, variable: Variable) -> Any:
    """As `typed`, of few different values: columns of numbers and levels without a series."""
    if variable.type in ("integer", "number"):
        return values
    if variable.type not in _OF_LEVELS:
        return typed(pd.Series(values, copy=False), variable).array
    number = {level: i for i, level in enumerate(variable.levels)}
    codes = [-1 if value is None else number[value] for value in values]
    return pd.Categorical.from_codes(np.array(codes, "int64"), dtype=_of_levels(variable.levels))


@cache
def _of_levels(levels: tuple[str, ...]) -> pd.CategoricalDtype:
    return pd.CategoricalDtype(list(levels), ordered=True)


def typed(values: pd.Series, variable: Variable) -> pd.Series:
    """Parsed values as the type of their variable: categories with all levels, numbers, dates."""
    if variable.type in _OF_LEVELS:
        return values.astype(_of_levels(variable.levels))
    if variable.type in ("integer", "number"):
        return values.astype("float64")
    if variable.type == "date":
        return pd.to_datetime(values)
    return values.astype("string")
