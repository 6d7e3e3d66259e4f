"""Tables and findings of bone density."""

from collections.abc import Mapping, Sequence
from typing import Any

from calcinosis.present import formats
from calcinosis.present.blocks import Entry, Sentence, Table, cell
from calcinosis.present.lines import described
from calcinosis.present.words import Book, Labels


def tables(book: Book, plan: Mapping[str, Any], label: Labels) -> list[Table]:
    """T-scores and classes by group, and who had densitometry."""
    analysis = "bone_density"
    groups = [r.group for r in book.all(analysis=analysis, term="t_score", statistic="median")]
    shift = book.one(analysis=analysis, term="t_score", statistic="median_difference")
    rows = described(book, analysis, "t_score", groups, label, "median_quartiles")
    if plan["who"]:
        rows += described(book, analysis, "who_class", groups, label, "median_quartiles")
    taken = book.one(analysis=analysis, term="densitometry")
    compared: list[Sequence[Entry]] = [
        [
            "Shift (Hodges–Lehmann)",
            cell(shift, formats.with_interval),
            cell(shift, formats.p_of),
            cell(shift, lambda r: formats.number(r.n or 0, 0)),
        ]
    ]
    notes = []
    if shift:
        first, second = label.group(shift.group), label.group(shift.reference)
        notes = [f"{first.capitalize()} against {second}.", shift.note]
    tables = [
        Table(
            "T-scores of those who had densitometry",
            ("", *(label.group(g).capitalize() for g in groups)),
            [row[:-1] for row in rows],  # these two differ in what the next table tells
            (_OF_THOSE_CLASSED,) if plan["who"] else (),
        ),
        *([_classed(book, label)] if plan["who"] else []),
        Table(
            "Shift of the T-score",
            ("", "Estimate (95% CI)", "p (rank sum)", "n"),
            compared,
            notes,
        ),
    ]
    if plan["selection"]:
        had = ["densitometry=yes", "densitometry=no"]
        lines: list[Sequence[Entry]] = [
            ["Had densitometry", cell(taken, formats.count_percent), "", ""]
        ]
        for variable in plan["selection"]:
            lines += described(book, analysis, variable, had, label, "median_quartiles")
        head = ("", "Had densitometry", "Had not", "SMD")
        tables.append(Table("Who had densitometry and who had not", head, lines))
    return tables


_OF_THOSE_CLASSED = "Classes: shares of those who could be classed."


def _classed(book: Book, label: Labels) -> Table:
    """Whom the WHO classes are meant for, of those who had densitometry."""
    eligible = book.one(analysis="bone_density", term="who_eligible")
    rows: list[Sequence[Entry]] = [["Classed", cell(eligible, formats.count_percent)]]
    for row in book.all(analysis="bone_density", term="who_group"):
        rows.append([f"– {label(row.level)}", cell(row)])
    notes = (
        "The WHO classes are meant for women after the menopause and men of 50 or more. Nobody "
        "else is classed: women before the menopause and men below 50 are judged by Z-scores. "
        "Those of whom it is not known may or may not be meant.",
    )
    return Table("Whom the WHO classes are meant for", ("", "n"), rows, notes)


def t_scores(book: Book, label: Labels) -> Sentence:
    """Median T-scores by group and their shift."""
    medians = book.all(analysis="bone_density", term="t_score", statistic="median")
    shift = book.one(analysis="bone_density", term="t_score", statistic="median_difference")
    if not medians or shift is None:
        return []
    parts: Sentence = ["Median T-score: "]
    for i, row in enumerate(medians):
        parts += ["; " if i else "", f"{label.group(row.group)} ", cell(row)]
    if shift.estimate is None:
        return [*parts, "."]
    return [*parts, "; shift ", cell(shift, formats.with_interval), " (95% CI)."]
