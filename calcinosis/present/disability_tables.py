"""Tables and findings of disability and hand function by group."""

from collections.abc import Mapping, Sequence
from typing import Any

from calcinosis.estimates import Row
from calcinosis.present import disability_means_tables, disability_trend_tables, formats
from calcinosis.present.blocks import Block, Entry, Sentence, Table, cell
from calcinosis.present.important import beside, judgement
from calcinosis.present.lines import bounds, ends_at_0, of_group, share, summary, under
from calcinosis.present.words import Book, Labels


def blocks(book: Book, plan: Mapping[str, Any], label: Labels) -> list[Block]:
    """Scores by group, their contrasts, means, ends of the scales, correlations and trends."""
    medians = book.all(analysis="disability", group="overall", statistic="median")
    scores = [row.term for row in medians]
    found = [
        _contrasts(book, scores, label),
        *disability_means_tables.blocks(book, scores, label),
        _ends(book, scores, label),
        disability_trend_tables.correlations(book, scores, label),
        disability_trend_tables.trend(book, scores, label),
    ]
    return [_by_group(book, plan, scores, label), *(block for block in found if block)]


def _by_group(book: Book, plan: Mapping[str, Any], scores: Sequence[str], label: Labels) -> Table:
    rows: list[Sequence[Entry]] = []
    for score in scores:
        lines = [
            [
                f"– {label.group(row.group)}",
                cell(row, _n),
                summary(book, "disability", score, row.group, "median_quartiles"),
                summary(book, "disability", score, row.group, "mean_sd"),
                cell(of_group(book, "disability", score, row.group, "missing")),
                bounds(book, "disability", score, row.group, "median_quartiles"),
            ]
            for row in book.all(analysis="disability", term=score, statistic="median")
        ]
        rows += under(label(score), lines)
    head = ("", "n", "Median (quartiles)", "Mean (SD)", "Missing", "Median, whatever is missing")
    notes = (
        "Whatever is missing: between these two lies the median of all patients of the group, from "
        "every missing answer at its best to every one at its worst; empty where nothing is "
        "missing. The other columns are of patients who answered enough to be scored; where their "
        "median lies outside, those who did not differ, or an aid raises the bound of a category "
        "without answers.",
        *([_AIDS[plan["aids"]]] if "haq_di" in plan["scores"] else []),
    )
    return Table("Disability and hand function by group", head, rows, notes)


_AIDS = {
    True: "HAQ-DI: an aid, device or help raises a category to 2.",
    False: "HAQ-DI: aids, devices and help are not counted.",
}


def _contrasts(book: Book, scores: Sequence[str], label: Labels) -> Table:
    """Shifts of two groups, the test of several, and each pair of these."""
    rows: list[Sequence[Entry]] = []
    for score in scores:
        lines: list[Sequence[Entry]] = [
            [
                f"– {_what(row, label)}",
                cell(row, _n),
                cell(row, _contrast),
                cell(row, formats.p_of),
                cell(_holm(book, row)),
                beside(book, row),
            ]
            for row in book.all(analysis="disability", term=score)
            if row.statistic in ("median_difference", "kruskal_wallis")
        ]
        rows += under(label(score), lines)
    several = book.all(analysis="disability", statistic="kruskal_wallis")
    head = (
        *("", "n", "Shift (95% CI), or statistic", "p", "p (Holm)"),
        "Minimal important difference",
    )
    notes = [
        "Shift: Hodges–Lehmann, of the group named first against the second. All p-values are of "
        "tests that compare ranks, not medians.",
        *ends_at_0(book.all(analysis="disability", model="", statistic="median_difference")),
        *disability_means_tables.important_notes(book, label),
    ]
    if several:
        notes.insert(
            1,
            "Several groups: Kruskal–Wallis over all of them, then each pair; p by Holm allows "
            "for the pairs of one grouping variable in one score, and intervals are of each pair "
            "alone. With lesions: only those who have some, so that the place is compared apart "
            "from having any.",
        )
    return Table("Contrasts between groups", head, rows, notes)


def _holm(book: Book, row: Row) -> Row | None:
    return book.one(
        analysis=row.analysis,
        term=row.term,
        level=row.level,
        group=row.group,
        reference=row.reference,
        statistic="adjusted_p_value",
    )


def _what(row: Row, label: Labels) -> str:
    if row.statistic == "median_difference":
        levels = [name.partition("=")[2] for name in (row.group, row.reference)]
        if "none" in levels:
            return " v ".join(map(label, levels))
        return f"{label.group(row.group)} v {label.group(row.reference)}"
    whose = "" if row.group == "overall" else f", {label.group(row.group)}"
    return f"by {label.inside(row.level)}{whose}"


def _contrast(row: Row) -> str:
    if row.statistic != "kruskal_wallis" or row.estimate is None:
        return formats.with_interval(row)
    return f"H = {formats.estimate(row)}, df {formats.number(row.df or 0, 0)}"


def _ends(book: Book, scores: Sequence[str], label: Labels) -> Table | None:
    """Who has the least and the greatest possible score."""
    rows: list[Sequence[Entry]] = []
    for score in scores:
        lines: list[Sequence[Entry]] = []
        for row in book.all(analysis="disability", term=score, level="floor"):
            greatest = book.one(analysis="disability", term=score, level="ceiling", group=row.group)
            ends = (share(row, with_limits=True), share(greatest, with_limits=True))
            lines.append([f"– {label.group(row.group)}", *ends[0], *ends[1]])
        rows += under(label(score), lines)
    head = (
        *("", "Least score: n/N", "%", "95% CI"),
        *("Greatest score: n/N", "%", "95% CI"),
    )
    notes = (
        "Of those with a score. From 15% on at an end, a scale is commonly held to tell patients "
        "there apart no longer (Terwee CB et al. J Clin Epidemiol 2007;60:34-42); such a share "
        "can pull differences of means and medians towards zero. Intervals: Wilson.",
    )
    return Table("At the ends of the scales", head, rows, notes) if rows else None


def scores(book: Book, section: Mapping[str, Any] | None, label: Labels) -> Sentence:
    """Median of the plan's scores by group; not of the HAQ-DI that stands beside its own."""
    rows = [
        row
        for score in (section["scores"] if section else [])
        for row in book.all(analysis="disability", statistic="median", term=score)
        if row.group.endswith("=yes")
    ]
    parts: Sentence = []
    for row in rows:
        variable = row.group.removesuffix("=yes")
        other = book.one(
            analysis="disability", statistic="median", term=row.term, group=f"{variable}=no"
        )
        parts += ["Median " if not parts else "; ", f"{label(row.term)} {label.group(row.group)} "]
        parts += [cell(row), *_of_scored(row), ", without ", cell(other), *_of_scored(other)]
        parts += _shift(book, row.term, variable)
    return [*parts, "."] if parts else []


def _of_scored(row: Row | None) -> Sentence:
    """How many patients had a score."""
    return [" (n = ", cell(row, _n), ")"] if row else []


def _shift(book: Book, score: str, variable: str) -> Sentence:
    """The shift, and what it is against the minimal important difference."""
    shift = book.one(
        analysis="disability", statistic="median_difference", term=score, level=variable
    )
    if shift is None or shift.estimate is None:
        return []
    parts: Sentence = [", shift ", cell(shift, formats.with_interval)]
    said, important = judgement(book, shift)
    return [*parts, f" ({said} of ", cell(important), ")"] if said else parts


def _n(row: Row) -> str:
    return formats.number(row.n or 0, 0)
