"""Tables of centres: their patients, models with centres, and how their odds ratios differ."""

from collections.abc import Mapping, Sequence
from typing import Any

from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.blocks import Entry, Part, Table, cell
from calcinosis.present.lines import side_of_1
from calcinosis.present.words import Book, Labels

BESIDE = {
    "gee": ("multivariable", "GEE"),
    "random_intercept": ("centres", "Random intercept"),
}
"""Models that stand beside the primary one: the analysis of their rows, and their name."""
_HOW = {
    "gee": "GEE: population-averaged odds ratios with exchangeable correlation within centres; "
    "standard errors by Mancl and DeRouen's bias-reduced sandwich, intervals and p by t with "
    "centres minus parameters as degrees of freedom.",
    "random_intercept": "Random intercept: odds ratios within a centre, whose intercepts are "
    "normal; maximum likelihood by adaptive Gauss–Hermite quadrature with nine points, Wald "
    "intervals.",
}
_BETWEEN = {
    "standard_deviation": "Standard deviation of the centres' intercepts (log-odds)",
    "icc": "Share of the latent variance that lies between centres (ICC)",
    "median_odds_ratio": "Median odds ratio of like patients from two centres",
}


def sizes(book: Book, label: Labels) -> Table:
    """Patients of each centre, and how many have the outcome."""
    rows = book.all(analysis="centres", model="", statistic="proportion")
    number = book.one(analysis="centres", model="", statistic="count")
    lines: list[Sequence[Entry]] = [
        [
            label(row.level),
            cell(row, lambda r: formats.number(r.n or 0, 0)),
            cell(row, lambda r: formats.number(r.events or 0, 0)),
            cell(row, formats.with_interval),
            row.note,
        ]
        for row in rows
    ]
    lines.append(["Number of centres", cell(number), "", "", ""])
    outcome = label.inside(rows[0].outcome) if rows else ""
    head = ("Centre", "Patients", f"With {outcome}", "% (95% CI)", "")
    return Table("Centres", head, lines, [number.note] if number and number.note else [])


def clustered(book: Book, label: Labels) -> Table | None:
    """The multivariable model with centres as clusters beside the primary one."""
    models = [name for name, (analysis, _) in BESIDE.items() if _of(book, name, analysis)]
    if not models:
        return None
    lines: list[Sequence[Entry]] = []
    for row in _of(book, "primary", "multivariable"):
        line: list[Entry] = [label.term(row), *_ratio(row)]
        for name in models:
            found = _of(book, name, BESIDE[name][0], term=row.term, level=row.level)
            line += [*_ratio(found[0] if found else None), side_of_1(found[0] if found else None)]
        lines.append(line)
    head = ["Covariate", "Primary OR (95% CI)", "p"]
    for name in models:
        head += [f"{BESIDE[name][1]} OR (95% CI)", "p", "Interval and 1"]
    notes = [_HOW[name] for name in models]
    for name in models:
        noted = dict.fromkeys(r.note for r in _of(book, name, BESIDE[name][0]) if r.note)
        notes += [f"{BESIDE[name][1]}: {note}" for note in noted]
    return Table("Adjusted odds ratios with centres as clusters", head, lines, notes)


def between(book: Book) -> Table | None:
    """The variance between centres of the random intercept model."""
    rows = [
        (name, book.one(analysis="centres", model="random_intercept", statistic=statistic))
        for statistic, name in _BETWEEN.items()
    ]
    lines: list[Sequence[Entry]] = [
        [name, cell(row, formats.with_interval)] for name, row in rows if row
    ]
    if not lines:
        return None
    test = rows[0][1]
    if test is not None and test.p_value is not None:
        shown = cell(test, formats.p_of)
        lines.append(["Likelihood ratio test against no variance, p", shown])
    notes = [
        "Intervals: profile likelihood. The test halves the p of chi-squared with one degree of "
        "freedom, because no variance is the edge of what there may be.",
        *([test.note] if test is not None and test.note else []),
    ]
    return Table("Variance between centres", ("", "Estimate (95% CI)"), lines, notes)


def heterogeneity(book: Book, label: Labels) -> Table | None:
    """How much the odds ratios of single centres differ."""
    rows = book.all(analysis="centres", model="heterogeneity", statistic="cochran_q")
    if not rows:
        return None
    lines: list[Sequence[Entry]] = []
    for q in rows:
        others = {
            statistic: book.one(
                analysis="centres",
                model="heterogeneity",
                term=q.term,
                level=q.level,
                statistic=statistic,
            )
            for statistic in ("count", "odds_ratio", "i_squared", "tau_squared")
        }
        lines.append(
            [
                label.term(q),
                cell(others["count"]),
                cell(others["odds_ratio"], formats.with_interval),
                cell(q, _q),
                cell(q, formats.p_of),
                cell(others["i_squared"]),
                cell(others["tau_squared"]),
            ]
        )
    head = ("Covariate", "Centres", "Mean OR (95% CI)", "Q", "p", "I²", "τ²")
    notes = [
        "Each covariate alone within each centre where maximum likelihood has an estimate; Q "
        "(Cochran) and its p by chi-squared; I² (Higgins and Thompson) is the share of the "
        "variation beyond chance; τ² is the variance of the log odds ratios and the mean over "
        "centres with it (Paule and Mandel). Few or small centres leave Q little power.",
        *dict.fromkeys(f"{label.term(row)}: {row.note}" for row in rows if row.status != "ok"),
    ]
    return Table("Heterogeneity between centres", head, lines, notes)


def _of(book: Book, name: str, analysis: str, **match: str) -> list[Row]:
    """Odds ratios, and ratios of them where covariates interact."""
    rows = book.all(analysis=analysis, model=name, **match)
    return [row for row in rows if row.statistic in ("odds_ratio", "ratio_of_odds_ratios")]


def _ratio(row: Row | None) -> list[Part]:
    return [
        cell(row, formats.with_interval),
        cell(row, formats.p_of),
    ]


def _q(row: Row) -> str:
    if row.estimate is None:
        return formats.NOT_ESTIMABLE
    return f"{formats.estimate(row)}, df {formats.number(row.df or 0, 0)}"


def left_out(book: Book, label: Labels) -> list[Part]:
    """In words: whose odds ratios change their side of 1 without one centre."""
    changed: list[str] = []
    every = book.all(analysis="centres", model="leave_one_out")
    whole = [row for row in every if row.group == "overall"]
    for row in whole:
        others = [
            r
            for r in book.all(analysis="centres", model="leave_one_out", term=row.term)
            if r.level == row.level and r is not row and side_of_1(r)
        ]
        differ = [label.group(r.group) for r in others if side_of_1(r) != side_of_1(row)]
        if side_of_1(row) and differ:
            changed.append(f"{label.term(row)} without {', '.join(differ)}")
    if not whole:
        return []
    if not any(map(side_of_1, whole)):
        return ["The adjusted model has no estimate that leaving a centre out could change."]
    groups = dict.fromkeys(row.group for row in every if row.group != "overall")
    there = {row.group for row in every if side_of_1(row)}
    said = []
    if changed:
        said.append(f"Whether the interval includes 1 changes: {'; '.join(changed)}.")
    elif there - {"overall"}:
        said.append(
            "No odds ratio's interval includes or excludes 1 otherwise when a centre is left."
        )
    if lost := [label.group(group) for group in groups if group not in there]:
        said.append(f"The adjusted model has no estimate without {', without '.join(lost)}.")
    return [" ".join(said)]


def of_plan(centres: Mapping[str, Any] | None, label: Labels) -> str:
    """The centre of the primary model, where it has a parameter for each."""
    return label.inside(centres["variable"]) if centres and centres["fixed_effect"] else ""
