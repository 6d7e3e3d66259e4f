"""Tables of reader agreement, reading errors, and progression by each definition."""

from collections.abc import Mapping, Sequence
from typing import Any

from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.blocks import Entry, Table, cell, span
from calcinosis.present.lines import share
from calcinosis.present.words import Book, Labels, capital

_DEFINITIONS = {
    "patient_maximum": "Rise of the patient's maximum",
    "any_region": "Rise of any region",
    "global_grade": "Rise of the grade of the whole film",
    "regions_affected": "More regions affected than at first",
}
_METHODS = {
    "jackknife": "by leaving out one patient after the other",
    "asymptotic": "asymptotic",
    "mcgraw_wong": "McGraw and Wong",
    "bland_altman": "Bland and Altman",
    "wilson": "Wilson",
    "wilson_effective_n": "Wilson, for as many independent readings as the clustering leaves",
}


def agreement(book: Book, label: Labels) -> Table:
    """Kappas of each pair of readings, for regions, films, and grades cut in two."""
    lines: list[Sequence[Entry]] = []
    shown: list[Row] = []
    for plain in book.all(analysis="agreement", statistic="kappa"):
        same = {name: getattr(plain, name) for name in _SAME}
        weighted = [book.one(**same, statistic=f"kappa_{w}") for w in ("linear", "quadratic")]
        shown += [row for row in (plain, *weighted) if row]
        lines.append(
            [
                _what(plain, label),
                cell(plain, lambda r: formats.number(r.n or 0, 0)),
                *(cell(row, formats.with_interval) for row in (plain, *weighted)),
            ]
        )
    head = ("Readings", "Pairs", "Kappa (95% CI)", "Linear weights", "Quadratic weights")
    return Table("Agreement of readers", head, lines, _notes(shown))


def scores(book: Book, label: Labels) -> Table | None:
    """Intraclass correlation, mean difference and limits of agreement of scores."""
    lines: list[Sequence[Entry]] = []
    shown: list[Row] = []
    for row in book.all(analysis="agreement", statistic="icc"):
        same = {name: getattr(row, name) for name in _SAME}
        names = ("mean_difference", "limit_low", "limit_high")
        found = [row, *(book.one(**same, statistic=name) for name in names)]
        shown += [r for r in found if r]
        lines.append([_what(row, label), *(cell(r, formats.with_interval) for r in found)])
    if not lines:
        return None
    head = (
        *("Score", "Intraclass correlation (95% CI)", "Second minus first (95% CI)"),
        *("Lower limit of agreement", "Upper limit of agreement"),
    )
    return Table("Agreement of scores of a film", head, lines, _notes(shown))


def errors(book: Book, label: Labels) -> Table | None:
    """How often the second reading of a film is worse than the first, and what kappas allow."""
    lines: list[Sequence[Entry]] = []
    shown = []
    for row in book.all(analysis="agreement", outcome="false_worsening"):
        if row.model == "what_if":
            continue
        same = {name: getattr(row, name) for name in (*_SAME, "statistic")}
        two = book.one(**same, outcome="false_worsening_2_levels")
        better = book.one(**same, outcome="false_improvement")
        shown.append(row)
        limits = [cell(row, formats.interval), cell(two), cell(better)]
        lines.append([_what(row, label), *share(row), *limits])
    if not lines:
        return None
    head = ("Readings", "Second worse, n/N", "%", "95% CI", "By two or more, %", "Second better, %")
    return Table("Errors of reading: the same film read twice", head, lines, _notes(shown))


def what_if(book: Book, plan: Mapping[str, Any], label: Labels) -> Table | None:
    """False worsening that published kappas allow."""
    lines: list[Sequence[Entry]] = []
    for name in plan["published_kappas"]:
        kappa = book.one(analysis="agreement", group=name, statistic="published_kappa")
        line: list[Entry] = [[f"{capital(label(name))}: ", cell(kappa)]]
        for term in ("kappa", "kappa_linear", "kappa_quadratic"):
            ends = [
                cell(
                    book.one(analysis="agreement", model="what_if", group=name, term=term, level=e)
                )
                for e in ("lowest", "highest")
            ]
            line.append(span(ends[0], ends[1]))
        lines.append(line)
    notes = (
        "A what-if and no estimate: the least and the most share of films whose second reading is "
        "worse, over all ways of erring with that kappa, the grades of the first films in both "
        "readings and no reading systematically worse.",
    )
    head = ("Published kappa", "if unweighted", "if linear weights", "if quadratic weights")
    caption = "What published kappas allow: second reading worse"
    return Table(caption, head, lines, notes) if lines else None


def definitions(book: Book, comparison: str) -> Table:
    """Progression by each definition that the readings allow."""
    lines: list[Sequence[Entry]] = []

    def line(name: str, **match: str) -> None:
        row = book.one(analysis="progression", group="overall", **match)
        if row:
            lines.append([name, *share(row, with_limits=True)])

    same = {"model": comparison, "outcome": "progression"}
    for level, name in _DEFINITIONS.items():
        line(name, **same, term="definition", level=level)
    line("By two levels or more", model=comparison, outcome="progression_2_levels", term="")
    for suffix, name in (
        ("", "SCTC score: rise by more than a quarter, or new"),
        ("_lowest", "– unread regions at the values that lower it"),
        ("_highest", "– unread regions at the values that raise it"),
    ):
        line(name, model=comparison + suffix, outcome="progression_sctc", term="")
    for outcome, name in (
        ("new_onset", "New onset, of those at the lowest grade"),
        ("worsening_of_existing", "Worsening, of those above it"),
    ):
        line(name, model=comparison, outcome=outcome, term="")
    for outcome, name in (
        ("progression", "Regions that worsened"),
        ("new_onset", "– of regions at the lowest grade"),
        ("worsening_of_existing", "– of regions above it"),
    ):
        line(name, model=comparison, outcome=outcome, term="regions")
    notes = [
        "The plan says which definition counts; the others stand beside it.",
        "Intervals: Wilson.",
    ]
    if book.all(analysis="progression", term="regions"):
        notes += ["Of regions: for as many independent ones as their clustering leaves."]
    head = ("Definition", "n/N", "%", "95% CI")
    return Table("Progression by definition", head, lines, notes)


def sctc(book: Book, comparison: str, label: Labels) -> list[Table]:
    """Scores at the first and last film, and the classes of change."""
    films: list[Sequence[Entry]] = []
    for film in ("first_film", "last_film"):
        found = {
            name: book.one(analysis="severity", term="sctc_score", level=film, statistic=name)
            for name in ("median", "q1", "q3", "missing")
        }
        median, q1, q3, missing = map(cell, found.values())
        n = cell(found["median"], lambda r: formats.number(r.n or 0, 0))
        films.append([capital(label(film)), n, [median, " (", *span(q1, q3), ")"], missing])
    classes = [
        [capital(label(row.level)), *share(row, with_limits=True)]
        for row in book.all(
            analysis="progression", model=comparison, outcome="progression_sctc", term=_CLASS
        )
    ]
    head = ("Film", "Patients", "Median (quartiles)", "Not complete")
    return [
        Table("SCTC score of films with all regions read", head, films),
        Table("Change of the SCTC score", ("Change", "n/N", "%", "95% CI"), classes, (_RULE,)),
    ]


def corrected(book: Book, comparison: str, label: Labels) -> Table:
    """Observed and corrected risk, rate and odds ratios."""
    lines: list[Sequence[Entry]] = []
    for row in book.all(analysis="agreement", model="misclassification"):
        observed = book.one(**_observed(row, comparison))
        name = {"proportion": "Risk", "rate": f"Rate {row.unit}"}.get(row.statistic)
        shown = [cell(r, formats.with_interval) for r in (observed, row)]
        lines.append([name or label.term(row), *shown])
    notes = tuple(
        dict.fromkeys(
            row.note
            for row in book.all(analysis="agreement", model="misclassification")
            if row.note
        )
    )
    head = ("Progression", "As read (95% CI)", "Corrected (95% CI)")
    return Table("Progression corrected for errors of reading", head, lines, notes)


def _observed(row: Row, comparison: str) -> dict[str, str]:
    if row.statistic == "proportion":
        found = {"analysis": "progression", "model": comparison, "outcome": row.outcome}
        return {**found, "group": "overall", "term": ""}
    if row.statistic == "rate":
        found = {"analysis": "incidence", "model": "interval_censored", "statistic": "rate"}
        return {**found, "group": "overall", "method": "wald"}
    same = {name: getattr(row, name) for name in ("term", "level", "statistic")}
    return {"analysis": "univariable", "model": "primary", **same}


def _what(row: Row, label: Labels) -> str:
    """Whose readings, of what, on which scale."""
    if not row.reference:
        return "Films read twice"
    readers = f"{label(row.group)} v {label(row.reference)}" if row.group != row.reference else ""
    who = readers or f"{label(row.group)} twice"
    what = {"global_grade": "whole film"}.get(row.term, row.unit.removeprefix("of "))
    if row.term == "grade" and row.unit == "of films":
        what = "films (maximum)"
    elif row.term not in ("grade", "global_grade"):
        what = label.inside(row.term)
    return f"{who}: {what}{', ' + label(row.level) if row.level else ''}"


def _notes(rows: Sequence[Row]) -> list[str]:
    methods = dict.fromkeys(_METHODS[row.method] for row in rows if row.method)
    return [
        *([f"Intervals: {'; '.join(methods)}."] if methods else []),
        *dict.fromkeys(row.note for row in rows if row.note),
    ]


_CLASS = "class_of_change"
_SAME = ("analysis", "model", "group", "reference", "term", "level", "unit")
_RULE = (
    "Against the first film, by the regions read on both: improved and progressive by more than a "
    "quarter; new where the first score is zero, of which there is no share."
)
