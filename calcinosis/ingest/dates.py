"""Dates: as the codebook declares them, or in a form that can be read in one way only.

Accepted beside the declared pattern are `yyyy-mm-dd` (also with a time of day) and months in words;
both say themselves what is day, month and year. Where no pattern is declared, the whole column must
fit one order of day and month and no other.
"""

import datetime
import re
from collections.abc import Iterable, Iterator
from typing import Literal

from calcinosis.errors import InputError
from calcinosis.ingest.codebook import Variable, fold
from calcinosis.ingest.fates import Fate, query, read_as

BUDDHIST_OFFSET = 543
FIRST_BUDDHIST_YEAR = 2400
FIRST_YEAR = 1900
"""Where the codebook has no minimum: earlier years are conversions gone wrong."""
EXCEL_DAY_0 = datetime.date(1899, 12, 30)
"""Excel counts a 29 February 1900 that never was; from March 1900 on this is its day 0."""

Partial = Literal["query", "impute"]

_MONTHS = (
    "january jan มกราคม มค",
    "february feb กุมภาพันธ์ กพ",
    "march mar มีนาคม มีค",
    "april apr เมษายน เมย",
    "may may พฤษภาคม พค",
    "june jun มิถุนายน มิย",
    "july jul กรกฎาคม กค",
    "august aug สิงหาคม สค",
    "september sep sept กันยายน กย",
    "october oct ตุลาคม ตค",
    "november nov พฤศจิกายน พย",
    "december dec ธันวาคม ธค",
)
_MONTH_OF = {name: i for i, names in enumerate(_MONTHS, start=1) for name in names.split()}
_UNKNOWN = frozenset(["un", "unk", "uk", "nk", "xx", "??", "?"])
"""What stands for a day or month that nobody knows (`UN` is the convention of CDISC)."""

_TIME = r"([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s?(Z|[+-]\d{2}:?\d{2})?)?"
_ISO = re.compile(rf"(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d)(?P<time>{_TIME})")
_NAME = r"(?P<name>[^\d\s/,-]+)"  # Thai vowel signs are no `\w`
_NAMED = (
    re.compile(rf"(?P<day>\d{{1,2}})[\s/-]*{_NAME}[\s/,-]*(?P<year>\d{{4}})"),
    re.compile(rf"{_NAME}\s*(?P<day>\d{{1,2}})[\s,]+(?P<year>\d{{4}})"),
)
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})(?P<s>[/. -])(?P<month>\d{1,2})(?P=s)(?P<day>\d{1,2})")
_ORDERS = {
    "dd/mm/yyyy": re.compile(
        r"(?P<day>\d{1,2})(?P<s>[/. -])(?P<month>\d{1,2})(?P=s)(?P<year>\d{4})"
    ),
    "mm/dd/yyyy": re.compile(
        r"(?P<month>\d{1,2})(?P<s>[/. -])(?P<day>\d{1,2})(?P=s)(?P<year>\d{4})"
    ),
}
_TWO_DIGIT_YEAR = re.compile(rf"\d{{1,2}}[\s/.-]+(\d{{1,2}}|{_NAME})[\s/.-]+\d\d")
_SERIAL = re.compile(r"\d{5}(\.\d+)?")


class DateReader:
    """Reads the dates of one column.

    Parameters
    ----------
    variable : its codebook entry
    texts : the distinct spellings of the column; they decide only where no pattern is declared
    latest : the day of the export
    partial : what a date without a day or month becomes

    Raises
    ------
    InputError
        No pattern is declared, and the column fits both orders of day and month, or neither.
    """

    def __init__(
        self,
        variable: Variable,
        texts: Iterable[str],
        latest: datetime.date | None,
        partial: Partial = "query",
    ):
        self.pattern, self.era, self.serial = split_format(variable.format)
        declared = bool(self.pattern)
        self.named = "mmm" in self.pattern
        self.shown = self.pattern or "yyyy-mm-dd"
        if not declared:
            self.era = self.era or "either"
            self.pattern = _only_order(list(texts), variable.name)
            self.forms = [_YEAR_FIRST, _ORDERS[self.pattern]]
        else:
            self.forms = [] if self.named else [_declared(self.pattern)]
        self.latest, self.partial = latest, partial
        self.low = int(variable.low or FIRST_YEAR)
        self.high = int(variable.high or datetime.MAXYEAR)

    def __call__(self, text: str) -> Fate:
        """The fate of one spelling, whose digits are 0 to 9."""
        for form in self.forms:
            if match := form.fullmatch(text):
                day = [int(match[part]) for part in ("year", "month", "day")]
                return self._judge(*day, era=self.era, rule="")
        if match := _ISO.fullmatch(text):
            day = [int(match[part]) for part in ("year", "month", "day")]
            rule = "time_of_day" if match["time"] else "iso_date"
            return self._judge(*day, era=self.era and "either", rule=rule)
        for form in _NAMED:
            match = form.fullmatch(text)
            month = match and _month(match["name"])
            if match and month:
                rule = "" if self.named else "month_name"
                day = [int(match["year"]), month, int(match["day"])]
                return self._judge(*day, era=self.era, rule=rule)
        if self.serial and _SERIAL.fullmatch(text):
            date = EXCEL_DAY_0 + datetime.timedelta(days=int(float(text)))
            return self._in_window(date, "excel_serial")
        match = _TWO_DIGIT_YEAR.fullmatch(text)
        if match and (not match["name"] or _month(match["name"])):
            return query("two_digit_year", "has a year of two digits, which may mean several years")
        if parts := self._parts(text):
            return self._judge(*parts, None, era=self.era, rule="partial_date_imputed")
        hint = ""
        if _SERIAL.fullmatch(text):
            hint = " (a day number of Excel? then add excel_serial to the format in the codebook)"
        return query("not_a_date", f"is not a date written {self.shown}{hint}")

    def _parts(self, text: str) -> tuple[int, int | None] | None:
        """Year and month of a date that has no day; None where it is no such date."""
        pieces = [piece for piece in re.split(r"[\s/,-]+|(?<=\d)\.(?=\d)", text) if piece]
        year_first = bool(re.match(r"\d{4}(\D|$)", text))
        if len(pieces) == 3 and any(fold(piece) in _UNKNOWN for piece in pieces):
            order = ["year", "month", "day"] if year_first else _order(self.pattern)
            named = dict(zip(order, pieces, strict=True))
            if fold(named["day"]) in _UNKNOWN or fold(named["month"]) in _UNKNOWN:
                pieces = [named["year"], named["month"]]
        elif len(pieces) == 2 and not year_first:
            pieces.reverse()
        if len(pieces) in (1, 2) and re.fullmatch(r"\d{4}", pieces[0]):
            known = [piece for piece in pieces[1:] if fold(piece) not in _UNKNOWN]
            month = _month(known[0]) if known else None
            if month or not known:
                return int(pieces[0]), month
        return None

    def _judge(self, year: int, month: int | None, day: int | None, *, era: str, rule: str) -> Fate:
        buddhist = era == "buddhist" or (era == "either" and year >= FIRST_BUDDHIST_YEAR)
        year -= BUDDHIST_OFFSET * buddhist
        if day == 0 or month == 0:
            return query("impossible_date", "is not a day of the calendar")
        if day is None and self.partial == "query":
            return query("partial_date", "is a date without a day, or without day and month")
        try:
            date = (
                self._middle(year, month) if day is None else datetime.date(year, month or 0, day)
            )
        except ValueError:
            return query("impossible_date", "is not a day of the calendar")
        if buddhist and rule != "partial_date_imputed":
            rule = "buddhist_era"
        return self._in_window(date, rule)

    def _middle(self, year: int, month: int | None) -> datetime.date:
        """The middle of a year or month, of its days up to the export where it began before."""
        start = datetime.date(year, month or 1, 1)
        after = datetime.date(year + (month in (None, 12)), (month or 12) % 12 + 1, 1)
        end = after - datetime.timedelta(days=1)
        if self.latest and start <= self.latest:
            end = min(end, self.latest)
        return start + (end - start) // 2

    def _in_window(self, date: datetime.date, rule: str) -> Fate:
        last = min(self.high, self.latest.year if self.latest else self.high)
        if self.latest and date > self.latest:
            hint = ""
            if self.low <= date.year - BUDDHIST_OFFSET <= last and self.era != "either":
                hint = " (a Buddhist year? then add era=either to the format in the codebook)"
            return query("after_export", f"lies after the day of the export, {self.latest}{hint}")
        if not self.low <= date.year <= self.high or date == datetime.date(1900, 1, 1):
            hint = ""
            if self.low <= date.year + BUDDHIST_OFFSET <= last:
                hint = f" ({date.year + BUDDHIST_OFFSET} less 543 years that were not to be taken?)"
            return query("out_of_range", f"is not a day between {self.low} and {self.high}{hint}")
        return read_as(date, rule)


def split_format(text: str) -> tuple[str, str, bool]:
    """Pattern, era and whether day numbers of Excel are read, of a format of the codebook."""
    text, serial = text.removesuffix("excel_serial"), text.endswith("excel_serial")
    pattern, _, era = text.partition("era=")
    return pattern.strip(), era.strip(), serial


def date_text(date: datetime.date, variable: Variable) -> str:
    """A date as the codebook's format writes it: the inverse of reading.

    Typed cells of workbooks and statistical files are days of the common calendar, or of the
    Buddhist one where somebody typed such a year; text of the format `era=buddhist` is always of
    the latter.
    """
    pattern, era, _ = split_format(variable.format)
    year = date.year + BUDDHIST_OFFSET * (era == "buddhist" and date.year < FIRST_BUDDHIST_YEAR)
    if not pattern or "mmm" in pattern:
        return date.isoformat()
    text = pattern.replace("yyyy", f"{year:04}")
    return text.replace("mm", f"{date.month:02}").replace("dd", f"{date.day:02}")


def day_and_month_exchanged(text: str, variable: Variable) -> bool:
    """Whether a date that is no day of the calendar is one with day and month exchanged."""
    pattern = split_format(variable.format)[0]
    match = _declared(pattern).fullmatch(text.strip()) if pattern else None
    return match is not None and int(match["month"]) > 12 >= int(match["day"])


def _declared(pattern: str) -> re.Pattern[str]:
    parts = {"dd": r"(?P<day>\d{1,2})", "mm": r"(?P<month>\d{1,2})", "yyyy": r"(?P<year>\d{4})"}
    regex = re.escape(pattern)
    for token, part in parts.items():
        regex = regex.replace(token, part)
    return re.compile(regex)


def _order(pattern: str) -> list[str]:
    names = {"day": "dd", "month": "mm", "year": "yyyy"}
    return sorted(names, key=lambda name: pattern.index(names[name]))


def _month(text: str) -> int | None:
    """A month in words or as a number from 1 to 12."""
    if re.fullmatch(r"\d{1,2}", text):
        return int(text) if 1 <= int(text) <= 12 else None
    return _MONTH_OF.get(fold(text.replace(".", "")))


def _only_order(texts: list[str], name: str) -> str:
    """The one order of day and month in which all dates of a column are days of the calendar."""
    read = {order: dict(_calendar(texts, form)) for order, form in _ORDERS.items()}
    everything = set().union(*read.values())
    fits = [order for order, found in read.items() if len(found) == len(everything)]
    if len(fits) == 1 or (fits and read[fits[0]] == read[fits[1]]):
        return fits[0]
    first, second = read
    if fits:
        why = f"every date can be read as {first} and as {second}"
    else:
        only = [len(everything) - len(read[other]) for other in (second, first)]
        why = f"{only[0]} of the dates fit only {first}, and {only[1]} only {second}"
    raise InputError(
        f"{why}, and the codebook does not say which is meant; write it as the format of '{name}'"
    )


def _calendar(texts: list[str], form: re.Pattern[str]) -> Iterator[tuple[str, datetime.date]]:
    for match in filter(None, map(form.fullmatch, texts)):
        year = int(match["year"]) - BUDDHIST_OFFSET * (int(match["year"]) >= FIRST_BUDDHIST_YEAR)
        try:
            yield match[0], datetime.date(year, int(match["month"]), int(match["day"]))
        except ValueError:
            continue
