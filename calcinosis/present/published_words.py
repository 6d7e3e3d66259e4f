"""The numbers of a paper as it prints them, and what was found of them, in words."""

from collections.abc import Callable, Mapping
from typing import Any

from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.blocks import Cell, Sentence, cell
from calcinosis.present.words import Book

Numbers = Mapping[str, Mapping[str, Any]]


def _interval(entry: Mapping[str, Any], unit: str = "") -> str:
    if not entry["interval"]:
        return ""
    low, high = entry["interval"]
    return f" ({low} to {high}{unit})"


def _p(text: str | None, before: str = "; ") -> str:
    if not text:
        return ""
    return f"{before}p {text}" if text[0] in "<>" else f"{before}p = {text}"


def _share(entry: Mapping[str, Any]) -> str:
    events, n, percent = entry["events"], entry["n"], entry["percent"]
    counts = f"{events} of {n}" if events and n else events or ""
    share = f"{percent}%" if percent else ""
    both = f"{counts} ({share})" if counts and share else counts or share
    return both + _interval(entry, "%")


def _rate(entry: Mapping[str, Any]) -> str:
    events, time = entry["events"], entry["person_years"]
    counts = f"{events}/{time}: " if events and time else f"{events} events, " if events else ""
    return f"{counts}{entry['rate']}{_interval(entry)} per {entry['per']} person-years"


def _ratio(entry: Mapping[str, Any]) -> str:
    per = f" per {entry['per']}" if entry["per"] else ""
    return f"{entry['value']}{per}{_interval(entry)}{_p(entry['p'])}"


def _summary(entry: Mapping[str, Any]) -> str:
    return f"{entry['statistic']} {entry['value']}"


_PRINTED: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "count": lambda entry: str(entry["count"]),
    "share": _share,
    "rate": _rate,
    "ratio": _ratio,
    "summary": _summary,
    "test": lambda entry: _p(entry["p"], ""),
    "model": lambda entry: f"{entry['covariates']} parameters",
    "parts": lambda _entry: "",
}


def as_printed(entry: Mapping[str, Any]) -> str:
    """A number as the paper prints it."""
    return _PRINTED[entry["kind"]](entry)


def shown(book: Book, name: str, numbers: Numbers) -> Sentence:
    """A printed number with what is printed beside it, each linked to its row."""
    rows = {
        row.statistic: row for row in book.all(analysis="published", model="printed", term=name)
    }
    entry = numbers[name]
    if not rows:
        return []
    said: Sentence = [Cell(as_printed(entry), next(iter(rows.values())))]
    if entry["kind"] != "summary":
        return said
    if entry["plus_minus"]:
        said += [" ± ", Cell(entry["plus_minus"], rows["plus_minus"])]
    for key, (low, high) in (("quartiles", ("q1", "q3")), ("range", ("least", "greatest"))):
        if entry[key]:
            limits = [
                Cell(text, rows[end]) for text, end in zip(entry[key], (low, high), strict=True)
            ]
            said += [f" ({key} ", limits[0], " to ", limits[1], ")"]
    return said + ([f" {entry['unit']}"] if entry["unit"] else [])


def found(row: Row, book: Book, numbers: Numbers) -> Sentence:
    """What a check found, in words."""
    return FOUND[row.level](row, book, numbers)


def _whole(value: float | None) -> str:
    return "" if value is None else formats.number(value, 0)


def _one(value: float | None) -> str:
    return "" if value is None else formats.number(value, 1)


def _percent(value: float | None) -> str:
    return "" if value is None else formats.percent(value)


def _percent_of_count(row: Row, book: Book, numbers: Numbers) -> Sentence:
    said: Sentence = [
        cell(row, formats.fraction),
        " is ",
        cell(row, lambda r: _percent(r.estimate)),
    ]
    if not row.reference:
        return [*said, "; no other number of the paper is the denominator."]
    of = f"; of all {numbers[row.reference]['says']} ("
    return [*said, of, *shown(book, row.reference, numbers), ") it is the printed share."]


def _denominator_as_rate(row: Row, book: Book, numbers: Numbers) -> Sentence:
    return [
        "As a rate it would mean ",
        cell(row, lambda r: _one(r.estimate)),
        f" person-years; it is the denominator of the {numbers[row.reference]['says']}: ",
        *shown(book, row.reference, numbers),
        ".",
    ]


def _follow_up(row: Row, _book: Book, _numbers: Numbers) -> Sentence:
    return [
        cell(row, lambda r: _whole(r.n)),
        " patients followed as long as is printed have about ",
        cell(row, lambda r: _one(r.person_years)),
        " person-years, not ",
        cell(row, lambda r: _one(r.estimate)),
        ".",
    ]


def _rate_of_person_years(row: Row, _book: Book, _numbers: Numbers) -> Sentence:
    rate = cell(row, lambda r: _one(r.estimate))
    return ["Events over person-years are ", rate, "."]


def _symmetry(row: Row, _book: Book, _numbers: Numbers) -> Sentence:
    middle = cell(row, lambda r: formats.ratio(r.estimate or 0))
    return [
        "On the logarithmic scale the middle of the interval is ",
        middle,
        ", not the ratio, as it is where the interval is Wald's.",
    ]


def _p_of_interval(row: Row, _book: Book, _numbers: Numbers) -> Sentence:
    low = cell(row, lambda r: formats.p_value(r.conf_low or 0))
    high = cell(row, lambda r: formats.p_value(r.conf_high or 0))
    return ["Ratio and interval have p-values from ", low, " to ", high, "."]


def _no_interval(row: Row, book: Book, numbers: Numbers) -> Sentence:
    said: Sentence = [
        cell(row, lambda r: f"{_whole(r.estimate)} of {_whole(r.n)}"),
        " ratios have no interval",
    ]
    implied = [r for r in book.all(analysis="published", model="implied") if r.estimate is not None]
    for i, other in enumerate(implied):
        begin = "; if their tests are Wald's, the p-values mean – " if i == 0 else "; "
        said += [f"{begin}{numbers[other.term]['says']}: ", cell(other, formats.with_interval)]
    return [*said, "."]


def _mixed_denominators(_row: Row, book: Book, numbers: Numbers) -> Sentence:
    said: Sentence = ["Shares stand side by side that cannot be compared – "]
    shares = {name: entry for name, entry in numbers.items() if entry["kind"] == "share"}
    for i, unit in enumerate(dict.fromkeys(entry["unit"] for entry in shares.values())):
        said.append(f"{'; ' if i else ''}of {unit}: ")
        for j, name in enumerate(n for n, entry in shares.items() if entry["unit"] == unit):
            said += [", " if j else "", *shown(book, name, numbers)]
    return [*said, "."]


def _events_per_parameter(row: Row, _book: Book, _numbers: Numbers) -> Sentence:
    return [
        cell(row, lambda r: _whole(r.events)),
        " patients of the smaller outcome class are ",
        cell(row, lambda r: _one(r.estimate)),
        " for each parameter: odds ratios are unstable, and what is not significant may be there "
        "all the same.",
    ]


def _common_outcome(row: Row, _book: Book, _numbers: Numbers) -> Sentence:
    return [
        cell(row, lambda r: _percent(r.estimate)),
        " have the outcome: odds ratios are further from 1 than ratios of risks.",
    ]


def _sum_of_parts(row: Row, _book: Book, _numbers: Numbers) -> Sentence:
    return ["Parts that exclude each other sum to ", cell(row, lambda r: _percent(r.estimate)), "."]


def _sum_of_counts(row: Row, _book: Book, _numbers: Numbers) -> Sentence:
    return ["Parts that exclude each other sum to ", cell(row, formats.fraction), "."]


def _words(text: str) -> Callable[[Row, Book, Numbers], Sentence]:
    return lambda row, _book, _numbers: [Cell(text, row)]


FOUND: dict[str, Callable[[Row, Book, Numbers], Sentence]] = {
    "percent_of_count": _percent_of_count,
    "impossible_share": _words("More than all, or a share of nobody."),
    "whole_number": _words("No whole number of patients has this percentage."),
    "outside_interval": _words("The value lies outside of its own interval."),
    "interval_methods": _words("None of the usual methods prints this interval."),
    "rate_of_person_years": _rate_of_person_years,
    "denominator_as_rate": _denominator_as_rate,
    "follow_up": _follow_up,
    "plus_minus": _words("A median has quartiles or a range; ± belongs to a mean."),
    "quartiles": _words("The median lies outside of its quartiles."),
    "range": _words("The value lies outside of its range."),
    "symmetry": _symmetry,
    "p_of_interval": _p_of_interval,
    "impossible_p": _words("No p-value: it lies outside of 0 to 1."),
    "impossible_ratio": _words("No ratio: it is not above 0."),
    "unit_of_change": _words("The step of which it is the ratio is not printed."),
    "no_interval": _no_interval,
    "mixed_denominators": _mixed_denominators,
    "events_per_parameter": _events_per_parameter,
    "common_outcome": _common_outcome,
    "sum_of_parts": _sum_of_parts,
    "sum_of_counts": _sum_of_counts,
}
"""Check to the words of what it found."""
