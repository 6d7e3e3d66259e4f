"""Tables of the progression study."""

from collections.abc import Sequence

from calcinosis.present.blocks import Entry, Part, Table, cell
from calcinosis.present.lines import share
from calcinosis.present.words import Book, Labels, capital


def grades(book: Book, label: Labels, observation: str, *, whole_films: bool) -> Table:
    """Grades at the first and last film: of the whole film, or the highest of its regions."""
    first = book.all(analysis="severity", group="first_film")
    rows = []
    for row in first:
        last = book.one(analysis="severity", group="last_film", level=row.level)
        rows.append([capital(label(row.level)), *share(row), *share(last)])
    head = ("Grade", f"First {observation}, n/N", "%", f"Last {observation}, n/N", "%")
    grade = (
        f"the reader's grade of the whole {observation}" if whole_films else "the patient's maximum"
    )
    return Table(f"Patients by grade ({grade})", head, rows)


def transitions(book: Book, label: Labels) -> Table:
    """Counts from grade to grade."""
    rows = book.all(analysis="transitions")
    levels = list(dict.fromkeys(row.level for row in rows))
    groups = list(dict.fromkeys(row.group for row in rows))
    table = [
        [
            "Total" if group == "overall" else capital(label(group.removeprefix("from_"))),
            *(cell(book.one(analysis="transitions", group=group, level=level)) for level in levels),
        ]
        for group in groups
    ]
    head = ("From", *(f"to {label(level)}" if level else "Total" for level in levels))
    return Table("Intervals by grade before and after", head, table)


def risks(book: Book, comparison: str, label: Labels, observation: str, observations: str) -> Table:
    """Risk of progression, all and at risk, by baseline grade."""
    rows: list[Sequence[Entry]] = []
    rows.append(["All patients", *_outcomes(book, model=comparison, term="")])
    levels = [r.level for r in book.all(analysis="severity", group="first_film")]
    for level in levels:
        rows.append(
            [
                f"– {label(level)} at the start",
                *_outcomes(book, model=comparison, term="baseline_grade", level=level),
            ]
        )
    rows.append(["At risk", *_outcomes(book, model=f"{comparison}_at_risk", term="")])
    for term, name in (("rebound", "– not above the first grade"), ("fell", "Fell before")):
        row = book.one(analysis="progression", model=comparison, term=term)
        if row:
            rows.append([name, cell(row), "", "", "", "", ""])
    head = ("Patients", "One level or more, n/N", "%", "95% CI", "Two or more, n/N", "%", "95% CI")
    notes = (
        "At risk: patients whose grades at the start leave room to worsen.",
        *(
            [
                f"Two or more: over all {observations}, from the first grades. Not above the first "
                "grade: worsened after a fall, which may be a reading error; such worsening raises "
                "the rate. Fell before: fell before the first worsening or the last "
                f"{observation}."
            ]
            if comparison == "consecutive"
            else []
        ),
        "Intervals: Wilson.",
    )
    return Table("Progression: patients who worsened", head, rows, notes)


def where(book: Book, comparison: str, label: Labels) -> Table | None:
    """Where it progressed, by side; None where only one region is read."""
    rows = book.all(analysis="progression", model=comparison, term="region")
    regions = list(dict.fromkeys(row.level for row in rows))
    sides = list(dict.fromkeys(row.group for row in rows))
    if len(rows) < 2:
        return None
    table = [
        [
            capital(label(region)),
            *(
                part
                for side in sides
                for part in share(
                    book.one(
                        analysis="progression",
                        model=comparison,
                        term="region",
                        group=side,
                        level=region,
                    ),
                    with_limits=True,
                )
            ),
        ]
        for region in regions
    ]
    head = ["Region"]
    for side in sides:
        whose = "" if side == "only" else f"{capital(label(side))}, "
        head += [f"{whose}n/N", "%", "95% CI"]
    notes = ("The denominator is the patients with the region read twice. Intervals: Wilson.",)
    return Table("Where it progressed: patients whose region worsened", head, table, notes)


def _outcomes(book: Book, **match: str) -> list[Part]:
    return [
        part
        for outcome in ("progression", "progression_2_levels")
        for part in share(
            book.one(analysis="progression", outcome=outcome, group="overall", **match),
            with_limits=True,
        )
    ]
