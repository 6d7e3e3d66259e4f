"""Tables of bone density: adjusted and weighted differences, and who had densitometry."""

from collections.abc import Mapping, Sequence
from typing import Any

from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.blocks import Entry, Sentence, Table, cell
from calcinosis.present.lines import described
from calcinosis.present.words import Book, Labels

ANALYSIS = "bone_density"
MODELS = {
    "linear_unadjusted": "Mean, unadjusted, the same patients",
    "linear": "Mean, adjusted",
    "median": "Median, adjusted",
    "logistic": "Odds ratio of osteoporosis, adjusted",
}


UNBALANCED = 0.1
"""Standardised difference that is no longer small (Austin 2009)."""


def tables(book: Book, plan: Mapping[str, Any], label: Labels) -> list[Table]:
    """Adjusted differences, who had densitometry, and weighted differences: what the plan has."""
    found = [_adjusted(book, plan, label)] if plan["adjust"] else []
    if plan["selection"]:
        found.append(_selection(book, plan, label))
    if plan["weighting"]:
        found += [_weights(book), *_balance(book, plan["by"], label), _weighted(book, label)]
    return found


def _adjusted(book: Book, plan: Mapping[str, Any], label: Labels) -> Table:
    rows: list[Sequence[Entry]] = []
    notes: dict[str, None] = {}
    for model, name in MODELS.items():
        of_model = [
            row
            for row in book.all(analysis=ANALYSIS, model=model)
            if row.term == plan["by"] and row.statistic != "chi_squared"
        ]
        for i, row in enumerate(of_model):
            shown = [
                cell(row, formats.with_interval),
                cell(row, formats.p_of),
                cell(row, lambda r: formats.number(r.n or 0, 0)),
            ]
            rows.append(["" if i else name, label.term(row), *shown])
            notes |= dict.fromkeys([f"{name}: {row.note}"] if row.note else [])
    names = ", ".join(label.inside(name) for name in plan["adjust"])
    head = ("", "Groups", "Estimate (95% CI)", "p", "n")
    first = f"Adjusted for {names}; patients with a missing value in one of them leave."
    return Table("Adjusted differences of the T-score", head, rows, [first, *notes])


def _selection(book: Book, plan: Mapping[str, Any], label: Labels) -> Table:
    taken = book.one(analysis=ANALYSIS, term="densitometry")
    had = ["densitometry=yes", "densitometry=no"]
    lines: list[Sequence[Entry]] = [
        ["Had densitometry", cell(taken, formats.count_percent), "", ""]
    ]
    for variable in plan["selection"]:
        lines += described(book, ANALYSIS, variable, had, label, "median_quartiles")
    for term, said in _CENTRES.items():
        row = book.one(analysis=ANALYSIS, term=term)
        if row is not None:
            lines.append([said, cell(row), "", ""])
    head = ("", "Had densitometry", "Had not", "SMD")
    warned = [row.note for row in book.all(analysis=ANALYSIS, status="warning") if row.note]
    notes = [note for note in warned if note.startswith("Centre")]
    return Table("Who had densitometry and who had not", head, lines, notes)


_CENTRES = {
    "centres": "Centres",
    "centres_with_nobody_measured": "– where nobody was measured",
    "centres_with_everybody_measured": "– where everybody was measured",
}


def _weights(book: Book) -> Table:
    def row(statistic: str, level: str = "") -> Row | None:
        of = {"analysis": ANALYSIS, "model": "weighted", "term": "weights"}
        return book.one(**of, statistic=statistic, level=level)

    effective = row("effective_n")
    whole = cell(effective, lambda r: formats.number(r.n or 0, 0))
    chance: Sentence = [
        cell(row("predicted_risk", "lowest")),
        " to ",
        cell(row("predicted_risk", "highest")),
    ]
    rows: list[Sequence[Entry]] = [
        ["Measured, with values of what the weights depend on", whole],
        ["Effective number of patients (Kish)", cell(effective)],
    ]
    if effective is not None and effective.estimate is not None:
        rows += [
            ["Largest weight", cell(row("largest_weight"))],
            ["– after truncation", cell(row("largest_weight", "truncated"))],
            ["Weights that were cut", cell(row("count", "truncated"))],
            ["Chance of densitometry, lowest to highest", chance],
            ["Patients without such values, who leave", cell(row("count", "not_known"))],
        ]
    notes = [effective.note] if effective and effective.note else []
    return Table("Weights by the chance of densitometry", ("", "Value"), rows, notes)


def _balance(book: Book, by: str, label: Labels) -> list[Table]:
    """How far those measured are from everybody; none where there are no weights.

    Of the grouping it does not matter how many are in each group, which are compared.
    """
    rows: list[Sequence[Entry]] = []
    far: list[str] = []
    for row in book.all(analysis=ANALYSIS, model="unweighted", group="measured", statistic="smd"):
        weighted = book.one(
            analysis=ANALYSIS,
            model="weighted",
            group="measured",
            statistic="smd",
            term=row.term,
            level=row.level,
        )
        rows.append([column(row, label), cell(row), cell(weighted)])
        if weighted and row.term != by and (weighted.estimate or 0) >= UNBALANCED:
            far.append(label.inside(row.term))
    notes = ["In standard deviations of everybody."]
    if far:
        names = ", ".join(dict.fromkeys(far))
        notes.append(
            f"Still {UNBALANCED} or more away after weighting: {names}. The weighted differences "
            "are not those of everybody as far as these matter."
        )
    caption = "How far those measured are from everybody: standardised differences"
    return [Table(caption, ("", "Unweighted", "Weighted"), rows, notes)] if rows else []


def column(row: Row, label: Labels) -> str:
    """A variable of the weights, with its level."""
    if row.level in ("", "yes"):
        return label(row.term)
    return f"{label(row.term)}: {label(row.level)}"


def _weighted(book: Book, label: Labels) -> Table:
    rows: list[Sequence[Entry]] = []
    notes: dict[str, None] = {}
    for statistic, name in (
        ("mean_difference", "Difference of means"),
        ("difference_of_medians", "Difference of medians"),
    ):
        of = {"analysis": ANALYSIS, "term": "t_score", "statistic": statistic}
        for i, plain in enumerate(book.all(**of, model="unweighted")):
            pair = {"group": plain.group, "reference": plain.reference}
            weighted = book.one(**of, **pair, model="weighted")
            rows.append(
                [
                    "" if i else name,
                    f"{label.group(plain.group)} v {label.group(plain.reference)}",
                    cell(plain, formats.with_interval),
                    cell(weighted, formats.with_interval),
                    cell(weighted, formats.p_of),
                    cell(plain, lambda r: formats.number(r.n or 0, 0)),
                ]
            )
            notes |= dict.fromkeys(
                f"{name}, {row.model}: {row.note}" for row in (plain, weighted) if row and row.note
            )
    head = ("", "Groups", "Unweighted (95% CI)", "Weighted (95% CI)", "p (weighted)", "n")
    caption = "Differences of the T-score, weighted to be like everybody: sensitivity analysis"
    return Table(caption, head, rows, list(notes))
