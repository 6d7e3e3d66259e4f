"""Tables of how the multivariable model predicts, on whom it hangs, and of adjusted p-values."""

from collections.abc import Sequence

from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.blocks import Entry, Sentence, Table, cell, span
from calcinosis.present.words import Book, Labels

MEASURES = {
    "auc": "Area under the ROC curve (c-statistic)",
    "brier": "Brier score",
    "calibration_intercept": "Calibration intercept",
    "calibration_slope": "Calibration slope",
}


_CUT = {"stata": "Stata", "r": "R"}
_OF_CENTRES = (
    "The model has a parameter for each {centre}: it cannot predict for patients of another one."
)


def performance(book: Book, centre: str) -> Table:
    """Measures in the patients of the model, their optimism, and corrected for it.

    `centre` is in the model, where it has a parameter for each.
    """
    lines: list[Sequence[Entry]] = []
    for statistic, name in MEASURES.items():
        found = [
            book.one(analysis="validation", model=model, statistic=statistic)
            for model in ("apparent", "optimism", "corrected")
        ]
        if any(found):
            lines.append([name, cell(found[0], formats.with_interval), *map(cell, found[1:])])
    tests = book.all(analysis="validation", model="apparent", statistic="hosmer_lemeshow")
    area = book.one(analysis="validation", model="apparent", statistic="auc")
    notes = [
        f"Area: {formats.as_given(0.5)} is chance, 1 perfect; interval by DeLong. Brier score: "
        "mean squared distance of outcome and predicted risk. Intercept and slope are 0 and 1 "
        "where predicted risks are true; in its own patients a model by maximum likelihood has "
        "them by construction. Optimism: how much better the model looks in patients that it was "
        "fitted to (Harrell's bootstrap); corrected values are what to expect in new patients "
        "like these.",
        *([area.note] if area and area.note else []),
        *([_OF_CENTRES.format(centre=centre)] if centre else []),
        "Hosmer and Lemeshow's test is a description, no proof of fit: in few patients it finds "
        "nothing, in many it finds what does not matter, and where groups are cut changes it.",
    ]
    for test in tests:
        name = f"Hosmer–Lemeshow, groups cut as in {_CUT[test.method]}"
        lines.append([name, cell(test, _chi_squared), "", ""])
    head = ("", "In these patients (95% CI)", "Optimism", "Corrected")
    return Table("How well the adjusted model predicts", head, lines, notes)


def _chi_squared(row: Row) -> str:
    if row.p_value is None:
        return formats.NOT_ESTIMABLE
    df = formats.number(row.df or 0, 0)
    return f"{formats.estimate(row)}, df {df}, p {formats.p_value(row.p_value)}"


def resamples(book: Book) -> Table | None:
    """What became of the resamples."""
    rows = book.all(analysis="validation", model="bootstrap", statistic="count")
    names = {
        "": "Resamples",
        "by_firth": "– fitted by Firth's penalised likelihood",
        "level_vanished": "– without a level that patients have",
        "left_out": "– left out",
        "no_calibration_line": "– without calibration line",
    }
    lines: list[Sequence[Entry]] = [[names[row.level], cell(row)] for row in rows]
    notes = [row.note for row in rows if row.note]
    return Table("Resamples", ("", "n"), lines, notes) if rows else None


def influence(book: Book, label: Labels) -> Table | None:
    """How many patients are influential, and the odds ratios without the most influential one."""
    rows = book.all(analysis="validation", model="influence")
    without = book.all(analysis="validation", model="without_one_patient")
    if not rows:
        return None
    lines: list[Sequence[Entry]] = []
    for row in rows:
        if row.term == "leverage":
            lines.append(["Leverage", cell(row), ""])
            continue
        low, high = (
            book.one(
                analysis="validation",
                model="without_one_patient",
                group=group,
                term=row.term,
                level=row.level,
            )
            for group in ("lowest", "highest")
        )
        lines.append([label.term(row), cell(row), span(cell(low), cell(high))])
    notes = (
        "Influential: leverage above twice the mean; a coefficient that moves by more than 2 over "
        "the root of the number of patients, in standard errors, without the patient (DFBETAS). "
        "Such patients are worth a second look, and no reason to leave anybody out. Who they are "
        "stands in private/influential_patients.csv.",
        *dict.fromkeys(row.note for row in without if row.note),
    )
    head = ("", "Influential patients", "Odds ratios without any one patient, least to most")
    return Table("Influence of single patients", head, lines, notes)


def multiplicity(book: Book, label: Labels) -> list[Table]:
    """Adjusted p-values beside the unadjusted ones, family by family."""
    rows = book.all(analysis="multiplicity", statistic="adjusted_p_value")
    made = []
    for family in dict.fromkeys(row.group for row in rows):
        lines: list[Sequence[Entry]] = []
        for row in rows:
            if row.group != family or row.method != "holm":
                continue
            other = book.one(
                analysis="multiplicity", group=family, term=row.term, method="benjamini_hochberg"
            )
            shown = cell(row, formats.p_of)
            lines.append([label(row.term), shown, cell(row), cell(other)])
        notes = (
            *dict.fromkeys(row.note for row in rows if row.group == family),
            "Each covariate has one test (likelihood ratio, all its levels together). Holm holds "
            "the chance of any false finding; Benjamini and Hochberg the share of false ones among "
            "the findings.",
        )
        head = ("Covariate", "Likelihood ratio p", "Holm", "Benjamini–Hochberg")
        caption = f"P-values adjusted for the number of tests, {family} models"
        made.append(Table(caption, head, lines, notes))
    return made


def finding(book: Book) -> Sentence:
    """How well the model tells patients apart, before and after correction."""
    apparent = book.one(analysis="validation", model="apparent", statistic="auc")
    if apparent is None or apparent.estimate is None:
        return []
    corrected = book.one(analysis="validation", model="corrected", statistic="auc")
    slope = book.one(analysis="validation", model="corrected", statistic="calibration_slope")
    parts: Sentence = [
        "The adjusted model's area under the ROC curve is ",
        cell(apparent, formats.with_interval),
        " (95% CI)",
    ]
    if corrected and corrected.estimate is not None:
        parts += [", corrected for optimism ", cell(corrected)]
        parts += [", with a calibration slope of ", cell(slope)] if slope else []
    return [*parts, "."]
