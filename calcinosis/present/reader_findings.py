"""Sentences on the readers: how far they agree, and what that means for progression."""

from collections.abc import Mapping
from typing import Any

from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.blocks import Paragraph, Sentence, cell
from calcinosis.present.words import Book, Labels

LOW = 0.4
"""Agreement below it is poor by the bands of Chung 2015 (doi 10.1002/acr.22434)."""


def agreement(book: Book, label: Labels) -> Sentence:
    """Kappa of the grades of films, by steps, of each pair of readings."""
    parts: Sentence = []
    for row in kappas(book):
        parts += ["; " if parts else "Agreement on the grade of a film (linear weights): "]
        parts += [f"{who(row, label)} ", cell(row, formats.with_interval)]
    return [*parts, "."] if parts else []


def low(book: Book, label: Labels) -> list[Paragraph]:
    """A warning where agreement may be poor."""
    rows = [r for r in kappas(book) if r.conf_low is not None and r.conf_low < LOW]
    sentences: list[Sentence] = [
        [
            f"Agreement of {who(row, label)} may be poor: the interval of ",
            cell(row, formats.with_interval),
            f" reaches below {LOW}. A change by one level may then be an error of reading.",
        ]
        for row in rows
    ]
    return [Paragraph(sentences)] if sentences else []


def false_worsening(book: Book, comparison: str, label: Labels) -> Sentence:
    """Worsening between two readings of one film beside worsening between films."""
    rows = book.all(analysis="agreement", outcome="false_worsening", term="grade", unit="of films")
    observed = book.one(
        analysis="progression",
        model=comparison,
        outcome="progression",
        group="overall",
        term="definition",
        level="patient_maximum",
    )
    if not rows or observed is None:
        return []
    parts: Sentence = ["On one and the same film "]
    for i, row in enumerate(rows):
        again = row.group == row.reference
        who = f"{label(row.group)} on reading again" if again else label(row.reference)
        parts += ["; " if i else "", f"{who} graded worse in ", *_found(row)]
        if not again:  # which of two readers comes second is an accident of their names
            same = {"term": row.term, "unit": row.unit, "outcome": "false_improvement"}
            pair = {"model": row.model, "group": row.group, "reference": row.reference}
            better = book.one(analysis="agreement", **pair, **same)
            parts += [f", {label(row.group)} in ", *_found(better)]
    return [*parts, "; between films the maximum rose in ", cell(observed), " of patients."]


def _found(row: Row | None) -> Sentence:
    return [cell(row, formats.fraction), " (", cell(row), ")"]


def unconfirmed(section: Mapping[str, Any]) -> list[Paragraph]:
    """That the weights of the score are not confirmed."""
    if section["confirmed"]:
        return []
    said = "The weights of the regions have not been confirmed against their source; scores and "
    return [Paragraph([[f"{said}changes below depend on them."]])]


def kappas(book: Book) -> list[Row]:
    """Agreement on the grade of a film, by steps, of each pair of readings that has one."""
    return [
        row
        for row in book.all(
            analysis="agreement", statistic="kappa_linear", term="grade", unit="of films"
        )
        if row.estimate is not None
    ]


def who(row: Row, label: Labels) -> str:
    """The two readers, or one reading again."""
    if row.group == row.reference:
        return f"{label(row.group)} with the own first reading"
    return f"{label(row.group)} and {label(row.reference)}"
