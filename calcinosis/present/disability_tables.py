"""Tables and findings of disability and hand function."""

from collections.abc import Mapping, Sequence
from typing import Any

from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.blocks import Entry, Sentence, Table, cell
from calcinosis.present.lines import bounds, of_group, summary
from calcinosis.present.words import Book, Labels


def tables(book: Book, plan: Mapping[str, Any], label: Labels) -> list[Table]:
    """Scores by group, and their contrasts."""
    rows: list[Sequence[Entry]] = []
    contrasts: list[Sequence[Entry]] = []
    everything = book.all(analysis="disability", group="overall", statistic="median")
    for score in [row.term for row in everything]:
        medians = book.all(analysis="disability", term=score, statistic="median")
        for row in medians:
            rows.append(
                [
                    f"{label(score)}: {label.group(row.group)}",
                    cell(row, lambda r: formats.number(r.n or 0, 0)),
                    summary(book, "disability", score, row.group, "median_quartiles"),
                    summary(book, "disability", score, row.group, "mean_sd"),
                    cell(of_group(book, "disability", score, row.group, "missing")),
                    bounds(book, "disability", score, row.group, "median_quartiles"),
                ]
            )
        for row in book.all(analysis="disability", term=score):
            if row.level:
                contrasts.append(
                    [
                        f"{label(score)} by {label(row.level)}",
                        "Kruskal–Wallis" if row.statistic == "kruskal_wallis" else "shift",
                        cell(row, _contrast),
                        cell(row, formats.p_of),
                    ]
                )
    head = ("", "n", "Median (quartiles)", "Mean (SD)", "Missing", "Median, whatever is missing")
    return [
        Table(
            "Disability and hand function by group",
            head,
            rows,
            (
                "Whatever is missing: between these two lies the median of all patients of the "
                "group, from every missing answer at its best to every one at its worst; empty "
                "where nothing is missing. The other columns are of patients who answered enough "
                "to be scored; where their median lies outside, those who did not differ, or an "
                "aid raises the bound of a category without answers.",
                *([_AIDS[plan["aids"]]] if "haq_di" in plan["scores"] else []),
            ),
        ),
        Table(
            "Contrasts between groups",
            ("", "", "Estimate (95% CI), or statistic", "p"),
            contrasts,
            (
                "Shift: Hodges–Lehmann, with against without; the tests compare ranks, not "
                "medians. Location classes are compared among patients with lesions.",
            ),
        ),
    ]


_AIDS = {
    True: "HAQ-DI: an aid, device or help raises a category to 2.",
    False: "HAQ-DI: aids, devices and help are not counted.",
}


def _contrast(row: Row) -> str:
    if row.statistic != "kruskal_wallis" or row.estimate is None:
        return formats.with_interval(row)
    return f"H = {formats.estimate(row)}, df {formats.number(row.df or 0, 0)}"


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
        other = book.one(
            analysis="disability",
            statistic="median",
            term=row.term,
            group=row.group.removesuffix("=yes") + "=no",
        )
        parts += ["Median " if not parts else "; ", f"{label(row.term)} {label.group(row.group)} "]
        parts += [cell(row), *_of_scored(row), ", without ", cell(other), *_of_scored(other)]
    return [*parts, "."] if parts else []


def _of_scored(row: Row | None) -> Sentence:
    """How many patients had a score."""
    return [" (n = ", cell(row, lambda r: formats.number(r.n or 0, 0)), ")"] if row else []
