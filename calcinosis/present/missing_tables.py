"""Tables of missing data: how much, together with what, in whom, and both models side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.blocks import Block, Entry, Paragraph, Part, Sentence, Table, cell
from calcinosis.present.lines import described
from calcinosis.present.model_tables import EFFECTS
from calcinosis.present.words import Book, Labels

MOST_PATTERNS = 20
"""Lines of the table of patterns; the file of estimates holds all."""


def patterns(book: Book, label: Labels) -> list[Table]:
    """Missing values by variable, and which are missing together; none where that failed."""
    missing = book.all(analysis="missingness", statistic="missing", group="overall")
    if not missing:
        return []
    by_variable = Table(
        "Missing values",
        ("Variable", "Missing", "of patients"),
        [
            [label(row.term), cell(row), cell(row, lambda r: formats.number(r.n or 0, 0))]
            for row in missing
        ],
        (
            "The outcome: of all patients; the others: of patients with the outcome.",
            *(f"{label(row.term)}: {row.note}" for row in missing if row.note),
        ),
    )
    together = of_patterns(book)
    lines: list[Sequence[Entry]] = [
        [pattern(row, label), cell(row, formats.count_percent)] for row in together[:MOST_PATTERNS]
    ]
    left = len(together) - MOST_PATTERNS
    notes = (f"{left} rarer patterns are not shown.",) if left > 0 else ()
    return [
        by_variable,
        Table("What is missing together", ("Missing", "Patients"), lines, notes),
    ]


def of_patterns(book: Book) -> list[Row]:
    """The rows of patterns, the most frequent first."""
    return book.all(analysis="missingness", term="pattern", statistic="proportion")


def pattern(row: Row, label: Labels) -> str:
    """What a pattern lacks, in words."""
    if row.level == "none":
        return "Nothing"
    return ", ".join(label(name) for name in row.level.split("="))


def compared(book: Book, plan: Mapping[str, Any], label: Labels, by: str) -> Table | None:
    """Patients with and without missing values, or the outcome; None where all are alike."""
    counts = [
        row
        for row in book.all(analysis="missingness", term="patients", statistic="count")
        if row.group.startswith(f"{by}=")
    ]
    if not counts:
        return None
    groups = [row.group for row in counts]
    heads = {
        "values=complete": "All values known",
        "values=incomplete": "Some missing",
        "outcome=known": "Outcome known",
        "outcome=unknown": "Outcome not known",
    }
    numbers = plan["describe"]["numbers"] if plan["describe"] else "median_quartiles"
    lines: list[Sequence[Entry]] = []
    rows = book.all(analysis="missingness", group=groups[0])
    for variable in dict.fromkeys(row.term for row in rows if row.term != "patients"):
        lines += described(book, "missingness", variable, groups, label, numbers)
    how = {"mean_sd": "mean (SD)", "median_quartiles": "median (quartiles)"}[numbers]
    captions = {
        "values": "Patients with all values of the model and its imputation, and the others",
        "outcome": "Patients with the outcome, and those without",
    }
    notes = (
        f"Numbers: {how}; categories: n (% of known values). SMD: standardised mean difference.",
    )
    head: list[Entry] = [[f"{heads[row.group]} (n = ", cell(row), ")"] for row in counts]
    return Table(captions[by], ["", *head, "SMD"], lines, notes)


def side_by_side(book: Book, label: Labels, outcome: str) -> Table:
    """The adjusted model of patients with all values beside that over imputations."""
    imputed = [
        row
        for row in book.all(analysis="multivariable", model="imputed")
        if row.statistic in EFFECTS
    ]
    lines: list[Sequence[Entry]] = []
    for i, row in enumerate(imputed):
        same = {"term": row.term, "level": row.level, "reference": row.reference, "unit": row.unit}
        primary = book.one(
            analysis="multivariable", model="primary", statistic=row.statistic, **same
        )
        information = book.one(
            analysis="multivariable",
            model="imputed",
            statistic="fraction_of_missing_information",
            **same,
        )
        if i == 0:
            counted = ["", cell(row, formats.fraction), "", ""]
            lines.append(["Events/n", cell(primary, formats.fraction), *counted])
        lines.append([label.term(row), *_pair(primary), *_pair(row), cell(information)])
    for row in book.all(analysis="multivariable", model="imputed", statistic="f", level=""):
        lines.append(
            [
                f"{label(row.term)}: all levels",
                "",
                _test(book, row),
                "",
                cell(row, formats.p_of),
                "",
            ]
        )
    head = (
        "Covariate",
        "Complete cases, adjusted OR (95% CI)",
        "p",
        "Imputed, adjusted OR (95% CI)",
        "p",
        "FMI",
    )
    notes = [
        "Complete cases: the primary model, of patients with all values. Imputed: all patients "
        "with the outcome, and with the centre where it has a parameter for each. FMI: fraction of "
        "the information on a coefficient that is missing.",
        *dict.fromkeys(row.note for row in imputed if row.note),
    ]
    return Table(
        f"Factors associated with {outcome}, by handling of missing values", head, lines, notes
    )


def _test(book: Book, row: Row) -> Part:
    same = {"term": row.term, "level": "", "statistic": "chi_squared"}
    return cell(book.one(analysis="multivariable", model="primary", **same), formats.p_of)


def _pair(row: Row | None) -> list[Part]:
    return [cell(row, formats.with_interval), cell(row, formats.p_of)]


def finding(book: Book) -> Sentence:
    """How many patients have all values, and which share that is; nothing where that failed."""
    if not book.all(analysis="missingness", statistic="missing"):
        return []
    if not of_patterns(book):
        return ["No patient has the outcome."]
    complete = book.one(
        analysis="missingness", term="pattern", level="none", statistic="proportion"
    )
    if complete is None:
        return [
            "No patient with the outcome has all values of the model and of what helps to impute "
            "them."
        ]
    return [
        cell(complete, formats.fraction),
        " patients with the outcome (",
        cell(complete),
        ") have all values of the model and of what helps to impute them.",
    ]


def blocks(book: Book, plan: Mapping[str, Any], label: Labels, picture: Block) -> list[Block]:
    """The chapter, with its figure."""
    outcome, said = label.inside(plan["models"]["outcome"]), finding(book)
    tables = [compared(book, plan, label, by) for by in ("values", "outcome")]
    return [
        *([Paragraph([said])] if said else []),
        *patterns(book, label),
        picture,
        *(table for table in tables if table),
        side_by_side(book, label, outcome),
    ]
