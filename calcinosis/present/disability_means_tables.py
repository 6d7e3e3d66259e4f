"""Means of scores by group, crude and adjusted."""

from collections.abc import Sequence

from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.blocks import Block, Entry, Picture, Sentence, Table, cell
from calcinosis.present.important import beside
from calcinosis.present.lines import under
from calcinosis.present.words import Book, Labels


def blocks(book: Book, scores: Sequence[str], label: Labels) -> list[Block]:
    """The figure of the means, and their table; adjusted ones where the plan adjusts."""
    adjusted = bool(book.all(analysis="disability", model="adjusted", statistic="marginal_mean"))
    models = ("crude", "adjusted") if adjusted else ("crude",)
    rows: list[Sequence[Entry]] = []
    for score in scores:
        means = book.all(
            analysis="disability", term=score, model="crude", statistic="marginal_mean"
        )
        lines: list[Sequence[Entry]] = []
        for row in means:
            line: list[Entry] = [
                f"– {label.group(row.group)}",
                cell(row, lambda r: formats.number(r.n or 0, 0)),
            ]
            for model in models:
                mean = _one(book, row, model, "marginal_mean")
                line.append(cell(mean, formats.with_interval))
            difference = _one(book, row, models[-1], "mean_difference")
            line += [cell(difference, formats.with_interval), cell(difference, formats.p_of)]
            lines.append([*line, beside(book, difference) if difference else ""])
        rows += under(label(score), lines)
    head = [
        *("", "n", *(f"{model.capitalize()} mean (95% CI)" for model in models)),
        *(f"{models[-1].capitalize()} difference (95% CI)", "p"),
        "Minimal important difference",
    ]
    caption = "Means by group, crude and adjusted" if adjusted else "Means by group"
    finding = differences(book, label)
    return [
        Picture("disability_means_figure", f"{caption}, with 95% confidence intervals.", finding),
        Table(caption, head, rows, _notes(book, label, adjusted)),
    ]


def differences(book: Book, label: Labels) -> Sentence:
    """Difference of the means between those with and without, by score."""
    adjusted = book.all(analysis="disability", model="adjusted", statistic="mean_difference")
    crude = book.all(analysis="disability", model="crude", statistic="mean_difference")
    rows = [row for row in adjusted or crude if row.group.endswith("=yes")]
    parts: Sentence = []
    for row in rows:
        start = f"{'Adjusted difference' if adjusted else 'Difference'} of means "
        parts += ["; " if parts else start, f"{label(row.term)} {label.group(row.group)} "]
        parts.append(cell(row, formats.with_interval))
    return [*parts, "."] if parts else []


def _notes(book: Book, label: Labels, adjusted: bool) -> list[str]:
    notes = [
        "Differences: to the first group of the same grouping variable.",
        "Scores are bounded, and many patients are near their lower end: robust standard errors "
        "(HC3) allow for unequal spread between groups and large groups for skewness, but the mean "
        "remains a summary of a skewed score, and in a small group its interval is approximate.",
    ]
    if adjusted:
        notes.insert(
            0,
            "Adjusted mean: what a linear model predicts, on average over the patients in it, were "
            "all of them in the group; crude means are those of the same patients, who have the "
            "score, the group and every covariate.",
        )
    return notes + important_notes(book, label)


def important_notes(book: Book, label: Labels) -> list[str]:
    """What the last column says, where the plan names a minimal important difference."""
    rows = book.all(analysis="disability", statistic="minimal_important_difference")
    if not rows:
        return []
    shared = [row for row in rows if row.term.startswith("haq_di_")]
    names = ", ".join(label(row.term) for row in rows if row not in shared)
    also = "".join(f" That of {label('haq_di')} is taken for {label(r.term)} too." for r in shared)
    return [
        "Minimal important difference: the whole interval is smaller than it in either direction; "
        "the whole interval is at least as great; or the interval includes it, so that it cannot "
        f"be told. The plan has one for {names}.{also}"
    ]


def _one(book: Book, row: Row, model: str, statistic: str) -> Row | None:
    return book.one(
        analysis="disability", term=row.term, group=row.group, model=model, statistic=statistic
    )
