"""How scores go together, and with the number of lesions."""

from collections.abc import Sequence

from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.blocks import Entry, Table, cell
from calcinosis.present.lines import under
from calcinosis.present.words import Book, Labels


def correlations(book: Book, scores: Sequence[str], label: Labels) -> Table | None:
    """Each pair of scores."""
    rows: list[Sequence[Entry]] = []
    for score in scores:
        for row in book.all(analysis="disability", term=score, statistic="spearman", level=""):
            pair = {"term": row.term, "reference": row.reference, "group": row.group}
            pearson = book.one(analysis="disability", level="", statistic="pearson", **pair)
            whose = "" if row.group == "overall" else f", {label.group(row.group)}"
            rows.append(
                [
                    f"{label(score)} and {label(row.reference)}{whose}",
                    cell(row, _n),
                    cell(row, formats.with_interval),
                    cell(pearson, formats.with_interval),
                ]
            )
    head = ("", "n", "Spearman (95% CI)", "Pearson (95% CI)")
    notes = (
        "Intervals: Fisher's transformation, for Spearman with the standard error of Bonett and "
        "Wright. With lesions: patients with at least one known lesion.",
    )
    return Table("Correlation of the scores", head, rows, notes) if rows else None


def trend(book: Book, scores: Sequence[str], label: Labels) -> Table | None:
    """Scores against the number of lesions."""
    rows: list[Sequence[Entry]] = []
    adjusted = bool(book.all(analysis="disability", model="adjusted", statistic="slope"))
    for score in scores:
        of_score = {"analysis": "disability", "term": score, "level": "lesion_count"}
        lines: list[Sequence[Entry]] = []
        for row in book.all(**of_score, statistic="spearman"):
            mine = of_score | {"group": row.group}
            others = not row.model
            slopes = [
                book.one(**mine, model=model, statistic="slope") if others else None
                for model in (("crude", "adjusted") if adjusted else ("crude",))
            ]
            fitted = next((slope for slope in slopes if slope), None)
            tested = book.one(**mine, statistic="jonckheere_terpstra") if others else None
            lines.append(
                [
                    f"– {_whose(row, label)}",
                    cell(row, _n),
                    cell(row, formats.with_interval),
                    cell(row, formats.p_of),
                    cell(tested, formats.p_of),
                    cell(fitted, _n),
                    *(cell(slope, formats.with_interval) for slope in slopes),
                ]
            )
        rows += under(label(score), lines)
    if not rows:
        return None
    head = [
        *("", "n", "Spearman (95% CI)", "p", "p of trend"),
        *("n", "Points per lesion, crude (95% CI)"),
        *(["adjusted (95% CI)"] if adjusted else []),
    ]
    return Table("Scores and the number of lesions", head, rows, _notes(book, adjusted))


def _notes(book: Book, adjusted: bool) -> list[str]:
    missing = book.one(analysis="disability", term="lesion_count", statistic="missing")
    notes = [
        "A lesion is a place of the plan that is marked yes; patients without any have 0. p of "
        "trend: Jonckheere–Terpstra over the classes none, one, two or three, four or more. A "
        "trend in all patients may come from having lesions at all; that in patients with lesions "
        "tells whether more of them go with a worse score.",
        "Points per lesion: linear regression with robust standard errors (HC3)"
        + (", both in the patients who have every covariate." if adjusted else "."),
    ]
    if missing and missing.estimate:
        notes.append(
            f"In {formats.estimate(missing)} of {formats.number(missing.n or 0, 0)} patients the "
            "number of lesions is not known, because a place is not or no place is marked; they "
            "are left out, but counted by what is known of them where unknown places are taken "
            "as free."
        )
    return notes


def _whose(row: Row, label: Labels) -> str:
    if row.model == "unknown_as_none":
        return "all, unknown places taken as free"
    return "all" if row.group == "overall" else label.group(row.group)


def _n(row: Row) -> str:
    return formats.number(row.n or 0, 0)
