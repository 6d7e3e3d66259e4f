"""Tables of risks beside odds ratios, and of an ordered outcome."""

from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.blocks import Entry, Paragraph, Part, Sentence, Table, cell
from calcinosis.present.words import Book, Labels


def common(book: Book, label: Labels) -> list[Paragraph]:
    """How common the outcome is, and what that does to an odds ratio."""
    share = book.one(analysis="risks", statistic="proportion")
    if share is None or share.estimate is None:
        return []
    said: Sentence = [
        f"Of the patients of the adjusted model {label.inside(share.outcome)} occurred in ",
        cell(share, lambda r: f"{formats.fraction(r)} ({formats.estimate(r)})"),
        ". The more common an outcome, the further an odds ratio lies from 1 than the ratio of the "
        "risks: an odds ratio must not be read as so many times the risk.",
    ]
    return [Paragraph([said])]


def risks(book: Book, label: Labels) -> list[Table]:
    """Each covariate's odds ratio, its risk ratios and its risk difference."""
    ratios = book.all(analysis="risks", model="standardised", statistic="risk_ratio")
    lines: list[list[Entry]] = []
    risks: list[list[Entry]] = []
    for row in ratios:
        of = {"term": row.term, "level": row.level}
        same = {"analysis": "risks", "model": "standardised", **of}
        odds = [
            r
            for r in book.all(analysis="multivariable", model="primary", **of)
            if r.statistic == "odds_ratio" and r.unit == row.unit
        ]
        lines.append(
            [
                label.term(row),
                cell(odds[0] if odds else None, formats.with_interval),
                cell(
                    book.one(analysis="risks", model="modified_poisson", **of),
                    formats.with_interval,
                ),
                cell(row, formats.with_interval),
            ]
        )
        risks.append(
            [
                label.term(row),
                cell(book.one(**same, statistic="reference_risk"), formats.with_interval),
                cell(book.one(**same, statistic="risk"), formats.with_interval),
                cell(book.one(**same, statistic="risk_difference"), formats.with_interval),
            ]
        )
    head = (
        "Covariate",
        "Adjusted OR (95% CI)",
        "RR, modified Poisson (95% CI)",
        "RR, standardised (95% CI)",
    )
    head_of_risks = (
        "Covariate",
        "Risk without (95% CI)",
        "Risk with (95% CI)",
        "Difference, percentage points (95% CI)",
    )
    notes = [
        "Risks: the mean of what the adjusted model predicts for these patients, were all of them "
        "with the level, or without it (at the reference); of a number, as they are, and with one "
        "unit more, up to the worst grade that any of them has. Intervals: percentiles of "
        "resamples.",
        *dict.fromkeys(
            f"{label.term(row)}: {row.note}"
            for row in book.all(analysis="risks", statistic="risk_ratio")
            if row.note
        ),
    ]
    return [
        Table("Ratios of risks beside the odds ratios", head, lines),
        Table("Standardised risks", head_of_risks, risks, notes),
    ]


def ordinal(book: Book, label: Labels, name: str) -> list[Table]:
    """Proportional odds of an outcome, and the odds ratios of the single cuts beside them.

    None where that failed.
    """
    mine = {"analysis": "ordinal", "model": "proportional_odds"}
    if not book.all(**mine):
        return []
    levels = [
        [label(row.level), cell(row, formats.count_percent)]
        for row in book.all(**mine, statistic="proportion")
    ]
    profiles = book.all(**mine, statistic="odds_ratio", method="profile")
    shown = profiles or book.all(**mine, statistic="odds_ratio")
    of_cuts = book.all(analysis="ordinal", model="binary_logit")
    cuts = list(dict.fromkeys(row.outcome for row in of_cuts))
    lines: list[list[Entry]] = []
    for i, row in enumerate(shown):
        first = i == 0 or shown[i - 1].term != row.term
        lines.append(
            [
                label.term(row),
                cell(row, formats.with_interval),
                _test(book, row, "likelihood_ratio") if first else "",
                _test(book, row, "score") if first else "",
            ]
        )
    single: list[list[Entry]] = [
        [label.term(row), *(_cut(book, row, cut) for cut in cuts)] for row in shown
    ]
    overall = book.one(**mine, term="", statistic="chi_squared", method="score")
    if overall:
        lines.append(["All covariates", "", "", cell(overall, _p)])
    head = (
        "Covariate",
        f"OR of a higher {label.inside(name)} (95% CI)",
        "p",
        "p, proportional odds",
    )
    notes = [
        "Adjusted for each other. The first odds ratio is common to all places where the levels "
        "can be cut in two; those of the single cuts, below, should be alike. p: "
        "likelihood ratio test of the covariate. p, proportional odds: score test of whether its "
        "odds ratio is the same at each cut; in small cohorts it is too often small, and a large "
        "one is no proof.",
        *dict.fromkeys(row.note for row in book.all(**mine) if row.note),
        *dict.fromkeys(f"{_above(row.outcome, label)}: {row.note}" for row in of_cuts if row.note),
    ]
    head_of_cuts = ("Covariate", *(f"{_above(cut, label)} (95% CI)" for cut in cuts))
    return [
        Table(f"{label(name)}: patients of the model", ("", "n"), levels),
        Table(f"{label(name)}: odds ratios of a higher level", head, lines, notes),
        *([Table(f"{label(name)}: odds ratios of each cut", head_of_cuts, single)] if cuts else []),
    ]


def _cut(book: Book, row: Row, outcome: str) -> Part:
    found = book.one(
        analysis="ordinal",
        model="binary_logit",
        outcome=outcome,
        term=row.term,
        level=row.level,
        unit=row.unit,
    )
    return cell(found, formats.with_interval)


def _above(cut: str, label: Labels) -> str:
    level = cut.split("_above_", 1)[1]
    return f"Above {label(level)}"


def _test(book: Book, row: Row, method: str) -> Part:
    found = book.one(
        analysis="ordinal",
        model="proportional_odds",
        term=row.term,
        statistic="chi_squared",
        method=method,
    )
    return cell(found, _p)


def _p(row: Row) -> str:
    return formats.NOT_ESTIMABLE if row.p_value is None else formats.p_value(row.p_value)
