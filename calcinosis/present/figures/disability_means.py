"""Means of scores by group, crude beside adjusted."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes

from calcinosis import estimates
from calcinosis.estimates import Row
from calcinosis.present.figures import panels, style
from calcinosis.present.words import Book, Labels

COLUMNS = ("result_id", "score", "group", "model", "n", "mean", "conf_low", "conf_high")
_MODELS = {
    "crude": ("crude", style.SOFT, "white", 0.16),
    "adjusted": ("adjusted", style.BETTER, style.BETTER, -0.16),
}


def figure(table: str | Path, labels: Mapping[str, str]) -> style.Drawn:
    """Draw the means of each score with their intervals, one panel per score.

    Parameters
    ----------
    table : path of an estimates table, with rows `marginal_mean` of analysis `disability`
    labels : of variables and levels

    Returns
    -------
    style.Drawn
    """
    book, label = Book(estimates.read(table)), Labels(labels)
    rows = book.all(analysis="disability", statistic="marginal_mean")
    scores = list(dict.fromkeys(row.term for row in rows))
    groups = list(dict.fromkeys(row.group for row in rows))
    heights = _heights(groups)
    drawing, places = panels.of_scores(scores, heights, rows, label)
    for score, place in places.items():
        _draw(place, [row for row in rows if row.term == score], heights)
    models = dict.fromkeys(row.model for row in rows)
    for place in list(places.values())[:1]:
        for name, colour, face, _ in (_MODELS[model] for model in models):
            place.plot([], [], "o", color=colour, markerfacecolor=face, label=name)
        place.legend(
            loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, frameon=False, borderaxespad=0.2
        )
    numbers = ("n", "estimate", "conf_low", "conf_high")
    data = [
        [r.result_id, r.term, r.group, r.model, *(getattr(r, name) for name in numbers)]
        for r in rows
    ]
    return style.Drawn(drawing, COLUMNS, data)


def _heights(groups: Sequence[str]) -> dict[str, float]:
    """A gap lies between the groups of one variable and those of the next."""
    heights, variable, height = {}, "", 0.0
    for group in groups:
        of = group.partition("=")[0]
        height -= 1.0 if of == variable or not variable else 1.5
        heights[group], variable = height, of
    return heights


def _draw(axes: Axes, rows: Sequence[Row], heights: Mapping[str, float]) -> None:
    """One line per group: the mean and its interval, adjusted below crude."""
    for row in rows:
        _, colour, face, shift = _MODELS[row.model]
        y = heights[row.group] + shift
        if row.estimate is None:
            continue
        if row.conf_low is not None and row.conf_high is not None:
            axes.plot([row.conf_low, row.conf_high], [y, y], color=colour, linewidth=1.6)
        axes.plot(row.estimate, y, "o", color=colour, markerfacecolor=face, markersize=6)
    axes.set_xlim(left=min(0.0, *(row.conf_low or 0.0 for row in rows)) if rows else 0.0)
