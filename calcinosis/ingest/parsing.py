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
_DIGITS = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
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
    fate : per row, the index into `fates`
    fates : fates of the distinct spellings that were not taken as they stand; the first stands for
        all that were
    raw : the spelling of each fate
    """

    values: pd.Series
    fate: np.ndarray
    fates: list[Fate]
    raw: list[str]

    def having(self, **facts: str) -> np.ndarray:
        """Which rows have a fate of this kind or rule; shape (rows,), boolean."""
        of_fates = [all(getattr(f, k) == v for k, v in facts.items()) for f in self.fates]
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
    codes, distinct = pd.factorize(cells, use_na_sentinel=False)
    texts = [str(text) for text in distinct]
    plain, values = _plain(texts, variable)
    parse = _parser(variable, texts, latest, partial)
    fates, raw = [AS_IT_STANDS], [""]
    of_text = np.zeros(len(texts), dtype="int64")
    for i in np.flatnonzero(~plain):
        fate = _parse_one(texts[i], variable, parse)
        values[i] = fate.value
        if fate.kind:
            of_text[i] = len(fates)
            fates.append(fate)
            raw.append(texts[i])
    parsed = typed(pd.Series(values, dtype="object"), variable).take(codes)
    parsed.index = cells.index
    return Parsed(parsed, of_text[codes], fates, raw)


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


def _plain(texts: list[str], variable: Variable) -> tuple[np.ndarray, np.ndarray]:
    """Which spellings surely stand for themselves, and their values; the others are looked at.

    A column of a million different numbers or ids would otherwise take a minute.
    """
    values = np.empty(len(texts), dtype="object")
    plain = np.zeros(len(texts), dtype=bool)
    if variable.type in ("id", "text"):
        values[:] = texts
        plain |= [text.strip() == text != "" and "\u00a0" not in text for text in texts]
        if variable.missing_codes:
            plain &= [fold(text) not in variable.missing_codes for text in texts]
        return plain, values
    if variable.type in ("integer", "number"):
        whole = variable.type == "integer" or variable.format == "decimal=comma"
        pattern = _DIGITS if whole else _DECIMAL
        plain |= [len(t) < 18 and pattern.fullmatch(t) is not None for t in texts]
        numbers = np.array([float(t) if p else np.nan for t, p in zip(texts, plain, strict=True)])
        codes = [float(code) for code in variable.missing_codes if _DECIMAL.fullmatch(code)]
        low = -np.inf if variable.low is None else variable.low
        high = np.inf if variable.high is None else variable.high
        plain &= (numbers >= low) & (numbers <= high) & ~np.isin(numbers, codes)
        plain &= ~np.isin(numbers, _ALL_CODES)
        values[plain] = numbers[plain]
    return plain, values


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
