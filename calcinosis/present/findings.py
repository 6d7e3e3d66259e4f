"""Sentences that state a finding, filled from rows; also the alternative texts of figures."""

from collections.abc import Mapping
from typing import Any

from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.blocks import Paragraph, Sentence, cell, span
from calcinosis.present.lines import side_of_1
from calcinosis.present.words import Book, Labels

RATES = {
    "full_interval": "everybody at risk for the full interval",
    "midpoint": "progression in the middle of its interval",
    "interval_censored": "progression somewhere within its interval",
}


def participants(book: Book) -> Sentence:
    """How many are analysed, of how many."""
    return [
        cell(book.one(analysis="flow", term="analysed")),
        " of ",
        cell(book.one(analysis="flow", term="patients")),
        " patients are analysed.",
    ]


def dates(book: Book, label: Labels) -> list[Sentence]:
    """From which year to which the dates of each variable reach."""
    years = book.all(analysis="quality", statistic="year", term="first_year")
    return [
        [f"{label(first.level)}: ", *span(cell(first), cell(last)), "."]
        for first in years
        for last in book.all(
            analysis="quality", term="last_year", group=first.group, level=first.level
        )
    ]


def risk(book: Book, comparison: str, at_risk: bool) -> Sentence:
    """The share that progressed: what two films show with the fewest assumptions."""
    model = comparison + ("_at_risk" if at_risk else "")
    row = book.one(
        analysis="progression", model=model, outcome="progression", group="overall", term=""
    )
    if row is None:
        return []
    who = "patients at risk" if at_risk else "patients"
    return [
        cell(row, lambda r: f"{formats.fraction(r)} {who} ({formats.estimate(r)})"),
        " progressed (95% CI ",
        cell(row, formats.interval),
        ").",
    ]


def not_compared(book: Book, observations: str) -> list[Paragraph]:
    """Films that no comparison uses, where there are any."""
    row = book.one(analysis="severity", term="films_not_compared")
    if not row or not row.estimate:
        return []
    said = f"Not compared, because none of their regions had been read before: {observations} "
    return [Paragraph([[said, cell(row), "."]])]


def by_two_levels(book: Book, comparison: str, label: Labels) -> Sentence:
    """Who worsened by more than one level, of those without a finding at the first film."""
    levels = [r.level for r in book.all(analysis="severity", group="first_film")]
    row = levels and book.one(
        analysis="progression",
        model=comparison,
        outcome="progression_2_levels",
        term="baseline_grade",
        level=levels[0],
    )
    if not row:
        return []
    return [
        f"Of those with grade {label(row.level)} at the start, ",
        cell(row, lambda r: f"{formats.fraction(r)} ({formats.estimate(r)})"),
        " worsened by more than one level.",
    ]


def headline_rate(book: Book, incidence: Mapping[str, Any] | None, at_risk: bool) -> Sentence:
    """The plan's headline rate."""
    if not incidence:
        return []
    model = incidence["headline"] + ("_at_risk" if at_risk else "")
    rows = book.all(analysis="incidence", model=model, statistic="rate", group="overall")
    if not rows:
        return []
    return [
        "The incidence of progression is ",
        cell(rows[0], formats.with_interval),
        f" {rows[0].unit} (95% CI; {RATES[incidence['headline']]}).",
    ]


def where(book: Book, comparison: str, label: Labels) -> Sentence:
    """The region that worsened in most patients."""
    rows = [
        r for r in book.all(analysis="progression", model=comparison, term="region") if r.events
    ]
    if len(rows) < 2:
        return []
    most = max(rows, key=lambda r: r.events or 0)
    place = " ".join(label(name) for name in (most.group, most.level) if name != "only")
    return [
        f"The region that worsened most often is the {place}: ",
        cell(most, lambda r: f"{formats.fraction(r)} ({formats.estimate(r)})"),
        " of the patients with it read twice.",
    ]


def associated(book: Book, label: Labels) -> Sentence:
    """Which adjusted odds ratios have an interval that excludes 1."""
    rows = [
        r
        for r in book.all(analysis="multivariable", model="primary", statistic="odds_ratio")
        if r.estimate is not None
    ]
    if not rows:
        return []
    clear = [r for r in rows if _excludes_1(r)]
    if not clear:
        return [
            "No adjusted odds ratio has a 95% interval that excludes 1, which is no evidence that "
            "there is no association."
        ]
    return ["Adjusted odds ratios whose 95% interval excludes 1 – ", *_listed(clear, label)]


def clustered(book: Book, label: Labels) -> Sentence:
    """What the same covariates are with centres as clusters, so that nobody quotes one only."""
    rows = [
        r
        for r in book.all(analysis="multivariable", model="gee", statistic="odds_ratio")
        if r.estimate is not None and _excludes_1(book.one(**_primary_of(r)))
    ]
    if not rows:
        return []
    how = (
        "With centres as clusters (generalised estimating equations, Mancl and DeRouen's "
        "bias-reduced standard errors, t with centres minus parameters) these are – "
    )
    parts: Sentence = [how]
    for i, row in enumerate(rows):
        includes = "" if _excludes_1(row) else ", which includes 1"
        parts += ["; " if i else "", f"{label.term(row)}: ", cell(row, formats.with_interval)]
        parts.append(includes)
    shown = [book.one(**_random(row)) for row in rows]
    if any(shown):
        parts.append(". With a random intercept – ")
        for i, other in enumerate(row for row in shown if row):
            parts += ["; " if i else "", f"{label.term(other)}: "]
            parts.append(cell(other, formats.with_interval))
    if any(row.status == "warning" for row in rows):
        parts.append(". Few centres make intervals wide, which is no evidence of no association")
    return [*parts, "."]


def _random(row: Row) -> dict[str, str]:
    same = {"statistic": row.statistic, "term": row.term, "level": row.level, "unit": row.unit}
    return {"analysis": "centres", "model": "random_intercept", **same}


def curves(book: Book, label: Labels) -> Sentence:
    """Whether the curves of the adjusted model bend."""
    rows = book.all(analysis="multivariable", model="primary", level="nonlinear") or book.all(
        analysis="univariable", model="primary", level="nonlinear"
    )
    parts: Sentence = []
    for i, row in enumerate(rows):
        shown = cell(row, formats.p_of)
        parts += ["; " if i else "", f"{label(row.term)}: p ", shown]
    return ["Departure from a line – ", *parts, "."] if parts else []


def _primary_of(row: Row) -> dict[str, str]:
    return {
        "analysis": row.analysis,
        "model": "primary",
        "statistic": row.statistic,
        "term": row.term,
        "level": row.level,
    }


def _excludes_1(row: Row | None) -> bool:
    return side_of_1(row) == "excludes"


def _listed(rows: list[Row], label: Labels) -> Sentence:
    parts: Sentence = []
    for i, row in enumerate(rows):
        parts += ["; " if i else "", f"{label.term(row)}: ", cell(row, formats.with_interval)]
    return [*parts, "."]


def transitions(book: Book, label: Labels, observation: str) -> Sentence:
    """The transitions in one sentence."""
    rows = [
        r
        for r in book.all(analysis="transitions")
        if r.level and r.group == f"from_{r.level}" and r.estimate
    ]
    parts: Sentence = [f"Grades before and after each interval between {observation}; unchanged: "]
    for i, row in enumerate(rows):
        parts += [", " if i else "", f"{label(row.level)} ", cell(row)]
    return [*parts, "."]
