"""Disability and hand function by group."""

from collections.abc import Mapping
from pathlib import Path

from matplotlib.figure import Figure

from calcinosis import estimates
from calcinosis.present.figures import ranges, style
from calcinosis.present.words import Book, Labels

IN_A_LINE = 2
"""Scores side by side; more would leave no room for the names of the groups."""


def figure(table: str | Path, labels: Mapping[str, str]) -> style.Drawn:
    """Draw medians and quartiles of each score from rows of analysis `disability`.

    Parameters
    ----------
    table : path of an estimates table
    labels : of variables and levels

    Returns
    -------
    style.Drawn
    """
    book, label = Book(estimates.read(table)), Labels(labels)
    medians = book.all(analysis="disability", statistic="median")
    scores = list(dict.fromkeys(row.term for row in medians))
    groups = list(dict.fromkeys(row.group for row in medians if row.group != "overall"))
    lines = -(-len(scores) // IN_A_LINE) or 1
    size = (11.0, lines * (1.2 + 0.55 * len(groups)))
    drawing = Figure(figsize=size, layout="constrained")
    axes = drawing.subplots(lines, min(max(len(scores), 1), IN_A_LINE), squeeze=False).ravel()
    data: list[list[object]] = []
    for place, score in zip(axes, scores, strict=False):
        data += ranges.draw(place, book, "disability", score, groups, label)
        place.set_xlim(left=0)
    for place in axes[len(scores) :]:
        place.set_axis_off()
    return style.Drawn(drawing, ranges.COLUMNS, data)
