"""Disability and hand function by group."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes

from calcinosis import estimates
from calcinosis.present import formats
from calcinosis.present.figures import panels, style
from calcinosis.present.words import Book, Labels

COLUMNS = ("result_id", "group", "score", "statistic", "value")
_SUMMARY = ("median", "q1", "q3")


def figure(table: str | Path, labels: Mapping[str, str]) -> style.Drawn:
    """Draw medians and quartiles of each score from rows of analysis `disability`.

    Parameters
    ----------
    table : path of an estimates table
    labels : of variables and levels

    Returns
    -------
    style.Drawn
        One panel per score, one line per group.
    """
    book, label = Book(estimates.read(table)), Labels(labels)
    medians = book.all(analysis="disability", statistic="median")
    scores = list(dict.fromkeys(row.term for row in medians))
    groups = list(dict.fromkeys(row.group for row in medians if row.group != "overall"))
    heights = {group: -float(position) for position, group in enumerate(groups)}
    shown = [row for row in medians if row.group in heights]
    drawing, places = panels.of_scores(scores, heights, shown, label)
    data: list[list[object]] = []
    for score, axes in places.items():
        data += _draw(axes, book, score, heights)
        axes.set_xlim(left=0)
    return style.Drawn(drawing, COLUMNS, data)


def _draw(
    axes: Axes, book: Book, score: str, heights: Mapping[str, float]
) -> Sequence[list[object]]:
    """One line per group: quartiles as a bar, the median as a dot, both as text."""
    data: list[list[object]] = []
    for group, y in heights.items():
        found = {
            name: book.one(analysis="disability", term=score, group=group, statistic=name)
            for name in _SUMMARY
        }
        rows = {name: row for name, row in found.items() if row and row.estimate is not None}
        data += [[r.result_id, group, score, name, r.estimate] for name, r in rows.items()]
        if len(rows) < len(_SUMMARY):
            continue
        median, low, high = (float(rows[name].estimate or 0) for name in _SUMMARY)
        axes.plot([low, high], [y, y], color=style.SAME, linewidth=9, solid_capstyle="butt")
        axes.plot(median, y, "o", color=style.BETTER, markersize=8)
        text = formats.estimate(rows["median"])
        axes.annotate(
            text, (median, y), (0, 7), textcoords="offset points", ha="center", fontsize=9
        )
    return data
