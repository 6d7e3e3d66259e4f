"""The tables of the report, each from rows of the estimates table."""

from collections.abc import Sequence

from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.blocks import Part, Table, cell
from calcinosis.present.words import Book, Labels

_RATES = {
    "full_interval": "Full interval",
    "midpoint": "Mid-point of the interval",
    "interval_censored": "Interval-censored, constant rate",
}
_INTERVALS = {"lognormal": "log-normal", "exact": "exact", "wald": "Wald, log scale"}


def flow(book: Book, label: Labels) -> Table:
    """Participant flow as a table."""
    names = {
        "records": "Records of patients in the export",
        "patients": "Patients",
        "analysed": "Patients analysed",
    }
    rows = [
        [names.get(row.term) or f"– {label.reason(row)}", cell(row)]
        for row in book.all(analysis="flow", statistic="count")
    ]
    return Table("Participant flow", ("Step", "n"), rows)


def grades(book: Book, label: Labels, observation: str) -> Table:
    """Grades at the first and last film."""
    first = book.all(analysis="severity", group="first_film")
    rows = []
    for row in first:
        last = book.one(analysis="severity", group="last_film", level=row.level)
        rows.append([label(row.level).capitalize(), *_share(row), *_share(last)])
    head = ("Grade", f"First {observation}, n/N", "%", f"Last {observation}, n/N", "%")
    return Table("Patients by grade (the patient's maximum)", head, rows)


def transitions(book: Book, label: Labels) -> Table:
    """Counts from grade to grade."""
    rows = book.all(analysis="transitions")
    levels = list(dict.fromkeys(row.level for row in rows))
    groups = list(dict.fromkeys(row.group for row in rows))
    table = [
        [
            "Total" if group == "overall" else label(group.removeprefix("from_")).capitalize(),
            *(cell(book.one(analysis="transitions", group=group, level=level)) for level in levels),
        ]
        for group in groups
    ]
    head = ("From", *(f"to {label(level)}" if level else "Total" for level in levels))
    return Table("Intervals by grade before and after", head, table)


def risks(book: Book, comparison: str, label: Labels) -> Table:
    """Risk of progression, all and at risk, by baseline grade."""
    rows: list[Sequence[Part]] = []
    for model, name in ((comparison, "All patients"), (f"{comparison}_at_risk", "At risk")):
        rows.append([name, *_outcomes(book, model=model, term="")])
    levels = [r.level for r in book.all(analysis="severity", group="first_film")]
    for level in levels:
        rows.append(
            [
                f"– {label(level)} at the start",
                *_outcomes(book, model=comparison, term="baseline_grade", level=level),
            ]
        )
    head = ("Patients", "One level or more, n/N", "%", "95% CI", "Two or more, n/N", "%", "95% CI")
    notes = (
        "At risk: without patients who had the worst grade at the start and cannot worsen.",
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
            label(region).capitalize(),
            *(
                part
                for side in sides
                for part in _share(
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
        head += [f"{label(side).capitalize()}, n/N", "%", "95% CI"]
    notes = ("The denominator is all analysed patients. Intervals: Wilson.",)
    return Table("Where it progressed: patients whose region worsened", head, table, notes)


def incidence(book: Book) -> Table:
    """The rates side by side."""
    rows: list[Sequence[Part]] = []
    for row in book.all(analysis="incidence", statistic="rate"):
        model = row.model.removesuffix("_at_risk")
        who = "at risk" if row.model.endswith("_at_risk") else "all"
        rows.append(
            [
                _RATES[model],
                who,
                _INTERVALS[row.method],
                cell(row, lambda r: formats.number(r.events or 0, 0)),
                cell(row, lambda r: formats.number(r.person_years, 1) if r.person_years else ""),
                cell(row),
                cell(row, formats.interval),
            ]
        )
    unit = next((r.unit for r in book.all(analysis="incidence", statistic="rate")), "")
    head = ("Estimator", "Patients", "Interval", "Events", "Person-years", f"Rate {unit}", "95% CI")
    return Table("Incidence of progression", head, rows)


def models(book: Book, label: Labels) -> Table:
    """Univariable and multivariable odds ratios side by side."""
    alone = book.all(analysis="univariable", model="primary", statistic="odds_ratio")
    rows: list[Sequence[Part]] = []
    for row in alone:
        both = book.one(analysis="multivariable", model="primary", term=row.term, level=row.level)
        rows.append([label.term(row), *_odds_ratio(row), *_odds_ratio(both)])
    head = (
        "Covariate",
        "n (events)",
        "Univariable OR (95% CI)",
        "p",
        "n (events)",
        "Adjusted OR (95% CI)",
        "p",
    )
    named = [r for r in (*alone, *book.all(analysis="multivariable", model="primary")) if r.note]
    notes = [
        "Adjusted odds ratios are adjusted for each other; each is not the total effect of its "
        "covariate.",
        *dict.fromkeys(f"{r.analysis.capitalize()}: {r.note}" for r in named),
    ]
    return Table("Factors associated with progression", head, rows, notes)


def quality(book: Book, label: Labels) -> list[Table]:
    """Rows and cells accounted for, queries and normalisations by rule."""
    tables = sorted({r.group for r in book.all(analysis="quality", term="rows_in")})
    rows: list[Sequence[Part]] = []
    for table in tables:
        for term, name in (("rows_in", "rows in the export"), ("rows_used", "rows used")):
            rows.append([f"{label(table)}: {name}", cell(_quality(book, table, term))])
        for row in book.all(analysis="quality", term="rows_excluded", group=table):
            rows.append([f"– out: {label(row.level)}", cell(row)])
    cells = [
        [
            f"{label(table)}: {label(row.level)}",
            cell(row),
            *(
                cell(_quality(book, table, term, row.level))
                for term in ("cells_used", "cells_missing", "cells_queried")
            ),
        ]
        for table in tables
        for row in book.all(analysis="quality", term="cells_in", group=table)
    ]
    return [
        Table("Rows: in = used + out", ("Rows", "n"), rows),
        Table(
            "Cells: in = used + missing + queried",
            ("Variable", "In", "Used", "Missing", "Queried"),
            cells,
        ),
        *(
            Table(
                caption,
                ("Rule", "n"),
                [
                    [f"{label(row.group)}: {label(row.level)}", cell(row)]
                    for row in book.all(analysis="quality", term=term)
                ],
            )
            for term, caption in (
                ("queries", "Open queries by rule"),
                ("normalisations", "Accepted spellings by rule (cells)"),
            )
        ),
    ]


def _quality(book: Book, table: str, term: str, level: str = "") -> Row | None:
    return book.one(analysis="quality", group=table, term=term, level=level)


def _share(row: Row | None, *, with_limits: bool = False) -> list[Part]:
    parts = [cell(row, formats.fraction), cell(row)]
    return [*parts, cell(row, formats.interval)] if with_limits else parts


def _outcomes(book: Book, **match: str) -> list[Part]:
    return [
        part
        for outcome in ("progression", "progression_2_levels")
        for part in _share(
            book.one(analysis="progression", outcome=outcome, group="overall", **match),
            with_limits=True,
        )
    ]


def _odds_ratio(row: Row | None) -> list[Part]:
    return [
        cell(row, lambda r: f"{formats.number(r.n or 0, 0)} ({formats.number(r.events or 0, 0)})"),
        cell(row, formats.with_interval),
        cell(row, lambda r: "" if r.p_value is None else formats.p_value(r.p_value)),
    ]
