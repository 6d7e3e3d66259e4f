"""Sentences that state a finding, filled from rows; also the alternative texts of figures."""

from collections.abc import Mapping
from typing import Any

from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.blocks import Paragraph, Sentence, cell
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


def prevalence(book: Book, label: Labels) -> Sentence:
    """How many have lesions."""
    row = next((r for r in book.all(analysis="lesions", level="yes") if r.term != "site"), None)
    if row is None:
        return []
    return [
        f"{label(row.term).capitalize()}: ",
        cell(row, lambda r: f"{formats.fraction(r)} patients ({formats.estimate(r)})"),
        " (95% CI ",
        cell(row, formats.interval),
        ").",
    ]


def where_lesions(book: Book, label: Labels) -> Sentence:
    """The share of the fingers together, and the sites in order of their lesions."""
    rows = book.all(analysis="lesions", term="site", unit="of lesions")
    fingers = next((r for r in rows if r.level == "fingers"), None)
    sites = sorted(
        (r for r in rows if r.level != "fingers" and r.estimate),
        key=lambda r: -(r.estimate or 0),
    )
    if fingers is None or not sites:
        return []
    parts: Sentence = ["Of the lesions, ", cell(fingers), " are on fingers and thumbs"]
    for row in sites[:3]:
        parts += [f"; {label(row.level)} ", cell(row)]
    return [*parts, "."]


def lost_lesions(book: Book, label: Labels) -> list[Paragraph]:
    """What the counts of lesions leave out, where there is such a thing."""
    sentences: list[Sentence] = []
    unknown = book.one(analysis="lesions", term="unknown_places")
    if unknown and unknown.estimate:
        sentences.append(
            ["Places of patients with lesions that nobody knows, not counted: ", cell(unknown), "."]
        )
    contradictory = book.one(analysis="lesions", term="contradictory")
    among = next((r for r in book.all(analysis="lesions", level="yes") if r.term != "site"), None)
    if among and contradictory and contradictory.estimate:
        sentences.append(
            [
                f"Patients without {label.inside(among.term)} who have a lesion or complication "
                "recorded all the same, not counted: ",
                cell(contradictory),
                ".",
            ]
        )
    return [Paragraph(sentences)] if sentences else []


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
