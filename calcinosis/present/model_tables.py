"""Tables of the logistic models: odds ratios, what stands beside them, and their checks."""

from collections.abc import Mapping
from typing import Any

from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.blocks import Entry, Part, Table, cell
from calcinosis.present.words import Book, Labels

EFFECTS = ("odds_ratio", "ratio_of_odds_ratios")
_HEAD = (
    "Covariate",
    "Events/n",
    "Univariable OR (95% CI)",
    "p",
    "Adjusted OR (95% CI)",
    "p",
)
_CONFOUNDER = "†"
_COMMON = 0.15
"""Share with the outcome above which odds ratios and risk ratios differ to the eye."""
_UNEQUAL = (
    "The time between observations differs from patient to patient; these models do not account "
    "for it, the hazard ratios do."
)
_CEILING = (
    "Patients who begin with the worst grade cannot worsen and are in the model: the odds ratio of "
    "the grade at baseline is this ceiling in part, or altogether."
)


def odds_ratios(
    book: Book, plan: Mapping[str, Any], label: Labels, outcome: str, centre: str
) -> Table:
    """Univariable and multivariable odds ratios side by side, of the same patients.

    Parameters
    ----------
    book, plan, label : of the cohort
    outcome : in words
    centre : in words, where the adjusted model has a parameter for each
    """
    lines: list[list[Entry]] = []
    available = bool(book.all(analysis="univariable", model="all_available"))
    together = _effects(book, "multivariable", "primary")
    if together:
        lines.append(
            ["Patients of the adjusted model", cell(together[0], formats.fraction), "", "", "", ""]
        )
    for term in plan["models"]["covariates"]:
        lines += _lines(book, term, label, confounder=term in plan["models"]["confounders"])
    head: tuple[str, ...] = _HEAD
    if available:
        head = (*_HEAD, "All available: events/n", "Univariable OR (95% CI)")
        lines = [[*line, *_available(book, line)] for line in lines]
    notes = _notes(book, plan, centre, available=available)
    return Table(f"Factors associated with {outcome}", head, lines, notes)


def _effects(book: Book, analysis: str, model: str) -> list[Row]:
    rows = book.all(analysis=analysis, model=model)
    return [row for row in rows if row.statistic in EFFECTS]


def _lines(book: Book, term: str, label: Labels, *, confounder: bool) -> list[list[Entry]]:
    """The lines of one covariate: its levels below its name, or one line."""
    of_term = {"term": term, "model": "primary"}
    alone = [r for r in _effects(book, "univariable", "primary") if r.term == term]
    both = [r for r in _effects(book, "multivariable", "primary") if r.term == term]
    name = label(term) + (f" {_CONFOUNDER}" if confounder else "")
    counts = book.all(analysis="univariable", statistic="proportion", **of_term)
    bends = [
        book.one(analysis=analysis, statistic="chi_squared", level="nonlinear", **of_term)
        for analysis in ("univariable", "multivariable")
    ]
    shown = alone or both
    if not counts and len(shown) == 1 and not any(bends):
        (row,) = shown
        unit = row.unit or "product"
        return [[f"{name}, {unit}", cell(row, formats.fraction), *_pair(alone), *_pair(both)]]
    overall = [
        book.one(analysis=analysis, statistic="chi_squared", level="", **of_term)
        for analysis in ("univariable", "multivariable")
    ]
    several = [row if row and (row.df or 0) > 1 else None for row in overall]
    lines: list[list[Entry]] = [
        [name, "", "", cell(several[0], formats.p_of), "", cell(several[1], formats.p_of)],
    ]
    of_level = {row.level: row for row in counts}
    reference = shown[0].reference if shown else ""
    if reference in of_level:
        here = "1 (reference)"
        lines.append(
            [
                f"– {label(reference)}",
                cell(of_level[reference], formats.fraction),
                *(here if alone else "", ""),
                *(here if both else "", ""),
            ]
        )
    for row in shown:
        same = [
            [r for r in rows if (r.level, r.unit) == (row.level, row.unit)]
            for rows in (alone, both)
        ]
        count = of_level.get(row.level)
        events = cell(row, formats.fraction) if count is None else cell(count, formats.fraction)
        lines.append([_level(row, label), events, *_pair(same[0]), *_pair(same[1])])
    if any(bends):
        lines.append(
            [
                "– departure from a line",
                "",
                "",
                cell(bends[0], formats.p_of),
                "",
                cell(bends[1], formats.p_of),
            ]
        )
    return lines


def _level(row: Row, label: Labels) -> str:
    if row.unit == "q3 v q1":
        return f"– {row.level} v {row.reference} (upper v lower quartile)"
    if row.statistic == "ratio_of_odds_ratios":
        return "– " + " × ".join(label(part) for part in row.level.split(" and "))
    return f"– {label(row.level)}"


def _pair(rows: list[Row]) -> list[Part]:
    row = rows[0] if rows else None
    return [cell(row, formats.with_interval), cell(row, formats.p_of)]


def _available(book: Book, line: list[Entry]) -> list[Part]:
    """The fit of all who have a value, beside the odds ratio that a line shows."""
    shown = getattr(line[2], "row", None)
    row = shown and book.one(
        analysis="univariable",
        model="all_available",
        statistic=shown.statistic,
        term=shown.term,
        level=shown.level,
        unit=shown.unit,
    )
    return [cell(row, formats.fraction), cell(row, formats.with_interval)]


def _notes(book: Book, plan: Mapping[str, Any], centre: str, *, available: bool) -> list[str]:
    section = plan["models"]
    rows = [
        row
        for analysis in ("univariable", "multivariable")
        for row in book.all(analysis=analysis, model="primary")
        if row.note and row.statistic in (*EFFECTS, "chi_squared")
    ]
    others = f"each other and {centre}" if centre else "each other"
    notes = [
        f"Adjusted odds ratios are mutually adjusted, for {others}; univariable ones for nothing. "
        "Both columns are of the same patients and by the same estimator, where a covariate is in "
        "both."
    ]
    if plan["about"]["form"] != "trial":
        notes.append("None is the total effect of its covariate.")
    whole = book.all(analysis="multivariable", model="primary", statistic="odds_ratio")
    if whole and (whole[0].n or 0) * _COMMON < (whole[0].events or 0):
        notes.append(
            "The outcome is common: an odds ratio lies further from 1 than the ratio of the risks."
        )
    if plan["severity"]:
        notes.append(_UNEQUAL)
        at_risk = plan["severity"]["worst_grade_at_baseline"] == "not_at_risk"
        adjusted = {section["covariates"][k]["variable"] or k for k in section["multivariable"]}
        notes += [] if at_risk or "baseline_grade" not in adjusted else [_CEILING]
    if section["confounders"]:
        notes.append(
            f"{_CONFOUNDER} In the model as a confounder of the others; its own odds ratio is not "
            "what the model is for."
        )
    if any(
        row.statistic == "chi_squared" and (row.df or 0) > 1 for row in book.all(model="primary")
    ):
        notes.append("p beside the name of a covariate: likelihood ratio test of all its levels.")
    if any(covariate["interaction"] for covariate in section["covariates"].values()):
        notes.append("A product's number is the ratio of two odds ratios.")
    if available:
        notes.append(
            "All available: every patient who has a value of the covariate, whatever else is "
            "missing."
        )
    return [*notes, *dict.fromkeys(f"{r.analysis.capitalize()}: {r.note}" for r in rows)]


def beside(book: Book, label: Labels) -> Table | None:
    """Maximum likelihood beside Firth's estimate, where the plan does not ask for that."""
    rows = [
        row
        for analysis in ("univariable", "multivariable")
        for row in _effects(book, analysis, "ml")
    ]
    if not rows:
        return None
    named = list(dict.fromkeys((r.statistic, r.term, r.level, r.unit) for r in rows))
    lines: list[list[Entry]] = []
    for statistic, term, level, unit in named:
        line: list[Entry] = []
        for analysis in ("univariable", "multivariable"):
            for model in ("primary", "ml"):
                row = book.one(
                    analysis=analysis,
                    model=model,
                    statistic=statistic,
                    term=term,
                    level=level,
                    unit=unit,
                )
                line.append(cell(row, formats.with_interval))
                shown = row or next(r for r in rows if r.term == term)
        lines.append([label.term(shown), *line])
    head = (
        "Covariate",
        "Univariable, Firth",
        "maximum likelihood",
        "Adjusted, Firth",
        "maximum likelihood",
    )
    notes = list(dict.fromkeys(row.note for row in rows if row.note))
    return Table(
        "Firth's estimates and maximum likelihood, odds ratios (95% CI)", head, lines, notes
    )


def checks(book: Book, label: Labels) -> Table | None:
    """Collinearity, and what could have been detected."""
    inflation = {
        row.term: row for row in book.all(analysis="multivariable", statistic="gvif_scaled")
    }
    seen = book.all(analysis="univariable", statistic="detectable_odds_ratio")
    detectable = {(row.term, row.unit): row for row in seen}
    terms = dict.fromkeys([*inflation, *(row.term for row in seen)])
    if not terms:
        return None
    lines: list[list[Entry]] = [
        [
            label(term),
            cell(inflation.get(term)),
            *(cell(detectable.get((term, unit))) for unit in ("above 1", "below 1")),
        ]
        for term in terms
    ]
    notes = (
        "Widening: the factor by which the other covariates widen the interval of the log odds "
        "ratio: the root of the variance inflation factor (generalised, by Fox and "
        "Monette, to the power of 1/(2 df)); 1 is none.",
        "Detectable: of a covariate of two levels alone, the odds ratios nearest to 1 that a test "
        "at 5% finds in 80% of studies of these numbers (Wald's test, Woolf's standard error, risk "
        "of the reference as it was found). That there is none nearer to 1 is not shown by a test "
        "that is not significant.",
    )
    head = ("Covariate", "Widening by the others (√VIF)", "Detectable OR above 1", "below 1")
    return Table("Checks of the models", head, lines, notes)
