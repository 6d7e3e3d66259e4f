"""Table 1, and those who left beside those compared."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.blocks import Entry, Table, cell
from calcinosis.present.lines import described, of_group
from calcinosis.present.words import Book, Labels, capital

_SUMMARIES = {"mean_sd": "mean (SD)", "median_quartiles": "median (quartiles)"}
_TESTS = {
    "welch_t": "Welch's t",
    "welch_anova": "Welch's analysis of variance",
    "rank_sum": "rank sum",
    "rank_sum_exact": "exact rank sum",
    "kruskal_wallis": "Kruskal–Wallis",
    "chi_squared": "chi-squared",
    "fisher_exact": "Fisher's exact",
    "fisher_monte_carlo": "Fisher's exact, Monte Carlo",
}
_HOW_TESTED = (
    "Tests: where means are given, Welch's t, or Welch's analysis of variance of more than two "
    "groups; where medians are, rank sums (exact where both groups have fewer than 50 values and "
    "none ties) or Kruskal–Wallis; of categories, chi-squared without correction where at least 5 "
    "patients are expected in every cell, otherwise Fisher's exact test, over all tables with the "
    "same margins or, where these are too many, over random ones. No p-value is adjusted for the "
    "others, and a small one is no measure of how far groups differ: the SMD is."
)


def describe(book: Book, plan: Mapping[str, Any], label: Labels, note: str = "") -> Table | None:
    """Table 1: the patients, overall and by group, with their tests where the plan has them on.

    None where that failed.
    """
    groups = _groups(book, "overall", f"{plan['by']}=")
    if not groups:
        return None
    table = _table(book, plan, label, groups, f"Patients by {label.inside(plan['by'])}")
    own = [note] if note else []
    if not plan["tests"]:
        return replace(table, notes=[*table.notes, *own])
    tests = {row.term: row for row in book.all(analysis="describe", statistic="group_test")}
    lines = [
        [*line, *_tested(tests.get(variable) if first else None)]
        for variable in plan["variables"]
        for first, line in _lines(book, plan, label, groups, variable)
    ]
    notes = dict.fromkeys(row.note for row in tests.values() if row.note)
    return Table(
        table.caption, [*table.head, "p", "Test"], lines, [*table.notes, _HOW_TESTED, *notes, *own]
    )


def one_film(book: Book, plan: Mapping[str, Any], label: Labels) -> Table | None:
    """Those who left for lack of a second film beside those analysed; None where nobody did."""
    groups = _groups(book, "films=")
    number = of_group(book, "describe", "patients", groups[0], "count") if groups else None
    if number is None or not number.estimate:
        return None
    caption = f"Patients with {label('fewer_than_two_films')} and those compared"
    return _table(book, plan, label, groups, caption)


def _groups(book: Book, *starts: str) -> list[str]:
    rows = book.all(analysis="describe", term="patients", statistic="count")
    return [row.group for row in rows if row.group.startswith(starts)]


def _table(
    book: Book, plan: Mapping[str, Any], label: Labels, groups: Sequence[str], caption: str
) -> Table:
    head: list[Entry] = [""]
    for group in groups:
        number = cell(of_group(book, "describe", "patients", group, "count"))
        head.append([f"{capital(label.group(group))} (n = ", number, ")"])
    rows = [
        line
        for variable in plan["variables"]
        for _, line in _lines(book, plan, label, groups, variable)
    ]
    others = " unless said otherwise" if plan["summaries"] else ""
    pairs = " (mean of those of all pairs of groups)" if len(groups) > 3 else ""
    intervals = ", with 95% Wilson intervals" if plan["proportion_intervals"] else ""
    notes = (
        f"Numbers: {_SUMMARIES[plan['numbers']]}{others}; categories: n (% of known "
        f"values){intervals}. Variables without a line of missing values are complete. SMD: "
        f"standardised mean difference{pairs}.",
    )
    return Table(caption, [*head, "SMD"], rows, notes)


def _lines(
    book: Book, plan: Mapping[str, Any], label: Labels, groups: Sequence[str], variable: str
) -> list[tuple[bool, Sequence[Entry]]]:
    """The lines of a variable, and whether each is its first."""
    if not book.all(analysis="describe", term=variable, group=groups[-1]):
        return []
    own = plan["summaries"].get(variable)
    lines = described(
        book,
        "describe",
        variable,
        groups,
        label,
        own or plan["numbers"],
        intervals=plan["proportion_intervals"],
    )
    if own:
        lines[0] = [f"{label(variable)}, {_SUMMARIES[own]}", *lines[0][1:]]
    return [(position == 0, line) for position, line in enumerate(lines)]


def _tested(row: Row | None) -> list[Entry]:
    if row is None or row.p_value is None:
        return [cell(row, lambda _: formats.NOT_ESTIMABLE), ""]
    return [cell(row, formats.p_of), _TESTS[row.method]]
