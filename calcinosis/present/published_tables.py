"""Published against ours: tables, finding and methods."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.blocks import Block, Entry, Paragraph, Sentence, Table, cell
from calcinosis.present.published_words import Numbers, found, shown
from calcinosis.present.words import Book, Labels

_PARTS = {
    "estimate": "value",
    "events": "events",
    "n": "denominator",
    "person_years": "person-years",
    "conf_low": "lower limit",
    "conf_high": "upper limit",
    "p_value": "p",
}

_METHODS = {
    "lognormal": "log-normal",
    "midp": "mid-P",
    "byar": "Byar",
    "wald": "Wald",
    "wilson": "Wilson",
    "rubin": "Rubin",
    "gee": "generalised estimating equations",
    "bias_reduced_t": "bias-reduced t",
    "interval_censored": "interval-censored",
    "interval_censored_at_risk": "interval-censored at risk",
}
"""Models and methods whose names are not their words."""


def blocks(book: Book, published: Mapping[str, Any], label: Labels) -> list[Block]:
    """All of the chapter.

    Parameters
    ----------
    book : the estimates of the cohort
    published : the content of the plan's file
    label : labels of variables and levels
    """
    numbers: Numbers = published["numbers"]
    tables = (
        _consistency(book, numbers),
        _methods_of_intervals(book, numbers, label),
        _variants(book, numbers, label),
    )
    found_tables = [table for table in tables if table]
    return [_against_ours(book, numbers), *found_tables, *_silent(book, numbers)]


def finding(book: Book, published: Mapping[str, Any] | None) -> Sentence:
    """Printed numbers that contradict each other; nothing where none do."""
    if not published:
        return []
    numbers = published["numbers"]
    said: Sentence = []
    for row in _found(book, "error"):
        said += [
            "; " if said else "Of the numbers that the paper prints, these cannot be right – ",
            f"{numbers[row.term]['says']}: ",
            *shown(book, row.term, numbers),
        ]
    return [*said, "."] if said else []


def methods(published: Mapping[str, Any] | None) -> list[Sentence]:
    """How the printed numbers were checked."""
    if not published:
        return []
    return [
        [
            f"The numbers of the paper: {published['citation'].rstrip('.')}. "
            "A printed number was taken as any number that rounds to it, halves either way. "
            "Printed numbers were held against each other and against our estimates; a method "
            "prints an interval when some person-years that round to the printed ones give both "
            "limits. Intervals that are not printed were derived from ratio and p-value as if the "
            "test were Wald's. Percentages that any count could round to were not judged."
        ]
    ]


def _found(book: Book, level: str) -> list[Row]:
    return book.all(analysis="published", model="consistency", statistic=level)


def _against_ours(book: Book, numbers: Numbers) -> Table:
    by_id = {row.result_id: row for row in book.rows}
    rows: list[Sequence[Entry]] = []
    for name, entry in numbers.items():
        verdicts = book.all(analysis="published", model="comparison", term=name)
        if not verdicts:
            continue
        own = by_id.get(entry["ours"] or "")
        ours = _OURS[entry["kind"]](own) if own else []
        whole, *parts = verdicts
        verdict = cell(whole, lambda row: row.statistic.replace("_", " "))
        what = f"{entry['says']} ({entry['where']})"
        rows.append([what, shown(book, name, numbers), ours, verdict, _differs(whole, parts)])
    notes = [
        "Intervals are 95% intervals. Reproduced: ours rounds to what is printed. Not comparable: "
        "no estimate of ours is the same quantity. Events and person-years stand before their rate."
    ]
    if any(row.statistic == "by_construction" for row in _comparisons(book)):
        notes.append(
            "By construction: this cohort is simulated from the paper, so that agreement says "
            "nothing about the paper; a difference is the chance of the simulation, an error of "
            "the paper, or of data that were changed since."
        )
    head = ("Number (where)", "Printed", "Ours", "Verdict", "Differs in")
    return Table("Printed numbers and ours", head, rows, notes)


def _comparisons(book: Book) -> list[Row]:
    return book.all(analysis="published", model="comparison")


def _differs(whole: Row, parts: Sequence[Row]) -> Sentence:
    """Which of the printed numbers ours does not round to."""
    if whole.status == "not_run":
        return [cell(whole, lambda _: "no such estimate")]
    said: Sentence = []
    for row in parts:
        if row.method == "beyond_rounding":
            said += [", " if said else "", cell(row, lambda r: _PARTS[r.level])]
    return said


def _share(row: Row) -> Sentence:
    if row.n is None:
        return [cell(row)]
    return [cell(row, lambda r: f"{formats.fraction(r)} ({formats.estimate(r)})")]


def _ratio(row: Row) -> Sentence:
    value = cell(row, formats.with_interval)
    return [value] if row.p_value is None else [value, "; p ", cell(row, formats.p_of)]


_OURS: dict[str, Callable[[Row], Sentence]] = {
    "count": lambda row: [cell(row)],
    "share": _share,
    "rate": lambda row: [cell(row, formats.with_interval)],
    "ratio": _ratio,
    "summary": lambda row: [cell(row)],
    "test": lambda row: ["p ", cell(row, formats.p_of)],
}
"""How ours stands beside a number of each kind."""


def _consistency(book: Book, numbers: Numbers) -> Table | None:
    rows: list[Sequence[Entry]] = []
    for level in ("error", "note"):
        for row in _found(book, level):
            says = numbers[row.term]["says"] if row.term else "the paper"
            number = shown(book, row.term, numbers) if row.term else []
            serious = cell(row, lambda r: r.statistic)
            rows.append([[f"{says}: ", *found(row, book, numbers)], number, serious])
    if not rows:
        return None
    return Table(
        "What the printed numbers say about each other",
        ("What was found", "Printed", "Level"),
        rows,
        (
            "Error: the numbers cannot all be right, or the form is not that of the statistic. "
            "Note: right as it stands, and easily misread.",
        ),
    )


def _silent(book: Book, numbers: Numbers) -> list[Paragraph]:
    """What was checked without a finding, and what the check could not judge."""
    sentences: list[Sentence] = []
    for level, said in (
        ("consistent", "Checked, and in agreement: "),
        ("uninformative", "Not to be judged from what is printed: "),
    ):
        parts: Sentence = []
        for row in _found(book, level):
            if row.term:
                start = "; " if parts else said
                parts += [f"{start}{numbers[row.term]['says']} – ", cell(row, _checked)]
        sentences += [[*parts, "."]] if parts else []
    return [Paragraph(sentences)] if sentences else []


_CHECKED = {
    "percent_of_count": "percentage of its counts",
    "whole_number": "whole number of its denominator",
    "interval_methods": "interval of a known method",
    "rate_of_person_years": "events over person-years",
    "follow_up": "person-years of patients and follow-up",
    "plus_minus": "form",
    "quartiles": "within its quartiles",
    "range": "within its range",
    "symmetry": "middle of its interval",
    "p_of_interval": "p-value of its interval",
    "events_per_parameter": "events per parameter",
    "common_outcome": "how common the outcome is",
    "sum_of_parts": "sum of percentages",
    "sum_of_counts": "sum of counts",
}


def _checked(row: Row) -> str:
    """Which check it was."""
    return _CHECKED[row.level]


def _methods_of_intervals(book: Book, numbers: Numbers, label: Labels) -> Table | None:
    rows: list[Sequence[Entry]] = []
    for row in book.all(analysis="published", model="interval_methods"):
        name = f"{numbers[row.term]['says']}: {_METHODS.get(row.method) or label(row.method)}"
        rows.append([name, cell(row, _limits), cell(row, _prints)])
    if not rows:
        return None
    return Table(
        "Which methods print the paper's interval",
        ("Method", "Value and 95% interval", "Prints it"),
        rows,
        ("From the printed events and person-years; what rounding allows is taken into account.",),
    )


def _limits(row: Row) -> str:
    """Two decimals: which method it was often shows in the second only."""
    scale, sign = (100, "%") if row.unit.startswith("of ") else (1, "")
    numbers = (row.estimate, row.conf_low, row.conf_high)
    shown = ("–" if v is None else f"{formats.number(scale * v, 2)}{sign}" for v in numbers)
    return "{} ({} to {})".format(*shown)


def _prints(row: Row) -> str:
    return "yes" if row.statistic == "prints" else "no"


def _variants(book: Book, numbers: Numbers, label: Labels) -> Table | None:
    by_id = {row.result_id: row for row in book.rows}
    rows: list[Sequence[Entry]] = []
    for name, entry in numbers.items():
        variants = book.all(analysis="published", model="variants", term=name)
        for row in variants if len(variants) > 1 else ():
            words = [word for word in (row.level, row.method) if word]
            how = ", ".join(_METHODS.get(word) or label(word) for word in words)
            ours = _OURS[entry["kind"]](by_id[_variant_id(entry["ours"], row)])
            rows.append([f"{entry['says']}: {how}", ours, cell(row, _prints)])
    if not rows:
        return None
    return Table(
        "Which of our estimates would print the paper's number",
        ("Model, method", "Ours", "Prints it"),
        rows,
        ("Value, interval and p-value must round to the printed ones, where they are printed.",),
    )


def _variant_id(ours: str, variant: Row) -> str:
    """The `result_id` of the estimate that a variant is: that of ours by other model and method."""
    parts = ours.split("/")
    return "/".join([parts[0], variant.level or "-", *parts[2:-1], variant.method or "-"])
