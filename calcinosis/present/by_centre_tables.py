"""Tables and findings of the centres side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

from calcinosis.estimates import CONF_LEVEL, Row
from calcinosis.present import ascertainment_tables, formats
from calcinosis.present.blocks import Block, Entry, Picture, Sentence, Table, cell
from calcinosis.present.words import Book, Labels

_ANALYSIS = "by_centre"


def blocks(book: Book, plan: Mapping[str, Any], label: Labels) -> list[Block]:
    """The chapter: the centres side by side, the funnel, and the other tables."""
    section = plan["by_centre"]
    caption = (
        f"Share with {label.inside(section['finding'])} of each centre against its patients, and "
        "the limits between which 95% and 99.8% of centres lie by chance."
    )
    picture = Picture("by_centre_figure", caption, finding(book, section, label))
    side_by_side, *others = tables(book, plan, label)
    return [side_by_side, picture, *others]


def tables(book: Book, plan: Mapping[str, Any], label: Labels) -> list[Table]:
    """Centres side by side, what is missing in each, and the main results without each."""
    section, groups = plan["by_centre"], _groups(book)
    lesions = plan["lesions"]
    found_how = ascertainment_tables.centres(book, lesions, label) if lesions else None
    return [
        _side_by_side(book, section, label, groups),
        *([found_how] if found_how else []),
        _missing(book, section, label, groups),
        _without(book, section, label, groups),
    ]


def finding(book: Book, section: Mapping[str, Any], label: Labels) -> Sentence:
    """The range of the shares, and which centres lie beyond what chance allows.

    With the numbers behind the shares, because the extremes are often the smallest centres; nothing
    of one centre, which has no range.
    """
    rows = [row for row in _shares(book) if row.group != "overall" and row.estimate is not None]
    if len(rows) < 2:
        return []
    lowest, highest = (f(rows, key=lambda r: r.estimate or 0) for f in (min, max))
    parts: Sentence = [
        f"{label(section['finding'])} in the centres: from ",
        cell(lowest),
        " (",
        cell(lowest, formats.fraction),
        f", {label.group(lowest.group)}) to ",
        cell(highest),
        " (",
        cell(highest, formats.fraction),
        f", {label.group(highest.group)}); ",
    ]
    beyond = [row.group for row in rows if _where(book, row) not in ("", _WITHIN)]
    said = "no centre lies outside the 95% limits of the funnel"
    if beyond:
        names = ", ".join(label.group(group) for group in beyond)
        said = f"outside the 95% limits of the funnel: {names}"
    return [*parts, f"{said}."]


def _groups(book: Book) -> list[str]:
    return [row.group for row in _shares(book) if row.group != "overall"]


def _shares(book: Book) -> list[Row]:
    return book.all(analysis=_ANALYSIS, model="", level="yes", statistic="proportion")


_WITHIN = "within"


def _where(book: Book, row: Row) -> str:
    """Where the share of a centre lies: within the 95% limits, or beyond them or the 99.8%."""
    limits = {
        limit: book.one(analysis=_ANALYSIS, group=row.group, statistic=f"funnel_{limit}")
        for limit in ("0.998", "0.95")
    }
    for limit, found in limits.items():
        if found is None or row.estimate is None:
            return ""
        percent = formats.number(100 * float(limit), 1 if limit == "0.998" else 0)
        if row.estimate < (found.conf_low or 0):
            return f"below {percent}%"
        if row.estimate > (found.conf_high if found.conf_high is not None else 1):
            return f"above {percent}%"
    return _WITHIN


def _side_by_side(
    book: Book, section: Mapping[str, Any], label: Labels, groups: Sequence[str]
) -> Table:
    lines: list[Sequence[Entry]] = []
    for group in ["overall", *groups]:
        share = book.one(
            analysis=_ANALYSIS, model="", group=group, level="yes", statistic="proportion"
        )
        absent = _absent(book, group, "missing_values", "")
        asked = book.one(analysis=_ANALYSIS, group=group, term="queries", statistic="rate")
        limits = book.one(analysis=_ANALYSIS, group=group, statistic="funnel_0.95")
        patients = _absent(book, group, section["variables"][0])
        lines.append(
            [
                _named_group(group, label),
                cell(patients, lambda r: formats.number(r.n or 0, 0)),
                cell(share, formats.fraction),
                cell(share, formats.with_interval),
                cell(limits, formats.interval),
                _where(book, share) if share and limits else "",
                cell(absent),
                cell(asked, _questions),
            ]
        )
    test = book.one(analysis=_ANALYSIS, statistic="chi_squared")
    if test:
        said = [cell(test, _chi_squared), ", p ", cell(test, formats.p_of)]
        lines.append(["Equal shares", "", "", said, "", "", "", ""])
    head = (
        "Centre",
        "Patients",
        f"With {label.inside(section['finding'])}",
        "% (95% CI)",
        "Funnel, 95%",
        "Against the funnel",
        "Values missing",
        "Open questions (per 100)",
    )
    notes = [
        "Funnel: where the share of a centre with so many patients lies with 95% probability when "
        "all centres have the share of all. Of many centres a few lie outside by chance; outside "
        "the 99.8% limits hardly any does. Centres may differ in whom they see and in how they "
        "look.",
        "Values missing: of the variables of the next table. Open questions: about all patients of "
        "the export, analysed or not.",
    ]
    unknown = book.one(analysis=_ANALYSIS, term=section["variable"], level="not_known")
    if unknown and unknown.estimate:
        number = formats.estimate(unknown)
        notes.append(f"Patients whose centre is not known, left out here: {number}.")
    lost = book.one(analysis=_ANALYSIS, term="queries", level="of_no_centre")
    if lost and lost.estimate:
        notes.append(f"Open questions that belong to no centre: {formats.estimate(lost)}.")
    notes += [test.note] if test and test.note else []
    return Table("Centres side by side", head, lines, notes)


def _named_group(group: str, label: Labels) -> str:
    return "All" if group == "overall" else label.group(group).replace(" ", "\u00a0")


def _absent(book: Book, group: str, term: str, level: str = "missing") -> Row | None:
    """How many values are missing of a variable; the finding has other shares beside it."""
    of = {"analysis": _ANALYSIS, "model": "", "group": group, "term": term, "level": level}
    return book.one(**of, statistic="proportion")


def _questions(row: Row) -> str:
    """`4 (7.1)`: the number, and how many for each 100 patients."""
    if row.estimate is None:
        return formats.NOT_ESTIMABLE
    return f"{formats.number(row.events or 0, 0)} ({formats.estimate(row)})"


def _chi_squared(row: Row) -> str:
    if row.estimate is None:
        return formats.NOT_ESTIMABLE
    return f"χ² {formats.estimate(row)}, df {formats.number(row.df or 0, 0)}"


def _missing(book: Book, section: Mapping[str, Any], label: Labels, groups: Sequence[str]) -> Table:
    """Which values each centre lacks."""
    lines: list[Sequence[Entry]] = [
        [
            _named_group(group, label),
            *(
                cell(_absent(book, group, name), formats.count_percent)
                for name in section["variables"]
            ),
        ]
        for group in ("overall", *groups)
    ]
    head = ["Centre", *map(label, section["variables"])]
    note = "Patients in whom the value is missing, of the centre's patients."
    return Table("Missing values in each centre", head, lines, (note,))


def _without(book: Book, section: Mapping[str, Any], label: Labels, groups: Sequence[str]) -> Table:
    """The main results of all centres, and without each."""
    whole = {"model": "leave_one_out", "group": "overall"}
    results = book.all(analysis=_ANALYSIS, **whole)
    ratios = [r for r in book.all(analysis="centres", **whole) if "_ratio" in r.statistic]
    lines: list[Sequence[Entry]] = []
    for group in ("overall", *groups):
        named = _named_group(group, label)
        line: list[Entry] = [named if group == "overall" else f"Without\u00a0{named}"]
        for row in (*results, *ratios):
            found = book.one(
                analysis=row.analysis,
                model="leave_one_out",
                group=group,
                term=row.term,
                level=row.level,
                statistic=row.statistic,
            )
            line.append(cell(found, _with_n if "difference" in row.statistic else _plain))
        lines.append(line)
    head = ["", *(_named(row, label, section) for row in results), *map(_odds_ratio(label), ratios)]
    notes = [
        "Shifts: Hodges–Lehmann, the second group against the first. Odds ratios: of the adjusted "
        "model.",
        *_changed(book, results, label),
    ]
    return Table("The main results without each centre", head, lines, notes)


_plain = formats.with_interval


def _with_n(row: Row) -> str:
    """A shift with its patients: some numbers are known of few."""
    return f"{formats.with_interval(row)}, n\u00a0=\u00a0{formats.number(row.n or 0, 0)}"


def _odds_ratio(label: Labels) -> Any:
    return lambda row: f"OR {label.term(row)}"


def _named(row: Row, label: Labels, section: Mapping[str, Any]) -> str:
    if row.term == section["finding"]:
        return f"{label(row.term)}, %"
    return f"Shift of {label(row.term)} by {label.inside(row.level)}"


def _changed(book: Book, results: Sequence[Row], label: Labels) -> list[str]:
    """Shifts whose interval includes 0 with all centres and not without one, or the reverse."""
    said = []
    for row in results:
        if row.statistic != "median_difference":
            continue
        others = [
            r
            for r in book.all(
                analysis=_ANALYSIS, model="leave_one_out", term=row.term, level=row.level
            )
            if r is not row and _excludes_0(r) is not None
        ]
        differ = [label.group(r.group) for r in others if _excludes_0(r) != _excludes_0(row)]
        if differ and _excludes_0(row) is not None:
            without = ", ".join(differ)
            said.append(
                f"Whether the interval of the shift of {label(row.term)} includes 0 changes "
                f"without {without}."
            )
    return said


def _excludes_0(row: Row) -> bool | None:
    """By the test that the interval inverts: of numbers that tie it may end at a rejected 0."""
    if row.conf_low is None or row.conf_high is None or row.p_value is None:
        return None
    return row.p_value < 1 - CONF_LEVEL
