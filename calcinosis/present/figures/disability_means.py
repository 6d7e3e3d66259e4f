"""Means of scores by group, crude beside adjusted."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from calcinosis import estimates
from calcinosis.estimates import Row
from calcinosis.present.figures import style
from calcinosis.present.words import Book, Labels

COLUMNS = ("result_id", "score", "group", "model", "n", "mean", "conf_low", "conf_high")
_MODELS = {
    "crude": ("crude", style.SOFT, "white", 0.16),
    "adjusted": ("adjusted", style.BETTER, style.BETTER, -0.16),
}
IN_A_LINE = 2


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
    lines = -(-len(scores) // IN_A_LINE) or 1
    size = (11.0, lines * (1.4 + 0.42 * (len(groups) + 1)))
    drawing = Figure(figsize=size, layout="constrained")
    axes = drawing.subplots(lines, min(max(len(scores), 1), IN_A_LINE), squeeze=False).ravel()
    for place, score in zip(axes, scores, strict=False):
        _draw(place, [row for row in rows if row.term == score], groups, label)
        place.set_xlabel(label(score))
    for place in axes[len(scores) :]:
        place.set_axis_off()
    models = dict.fromkeys(row.model for row in rows)
    for place in axes[: len(models) and 1]:
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


def _draw(axes: Axes, rows: Sequence[Row], groups: Sequence[str], label: Labels) -> None:
    """One line per group; a gap between the groups of one variable and those of the next."""
    heights, variable, height = {}, "", 0.0
    for group in groups:
        of = group.partition("=")[0]
        height -= 1.0 if of == variable or not variable else 1.5
        heights[group], variable = height, of
    names = {}
    for row in rows:
        _, colour, face, shift = _MODELS[row.model]
        y = heights[row.group] + shift
        names[row.group] = f"{label.group(row.group)} (n={row.n or 0:.0f})"
        if row.estimate is None:
            continue
        if row.conf_low is not None and row.conf_high is not None:
            axes.plot([row.conf_low, row.conf_high], [y, y], color=colour, linewidth=1.6)
        axes.plot(row.estimate, y, "o", color=colour, markerfacecolor=face, markersize=6)
    axes.set_yticks([heights[group] for group in names], list(names.values()))
    axes.set_ylim(height - 0.6, -0.4)
    axes.set_xlim(left=min(0.0, *(row.conf_low or 0.0 for row in rows)) if rows else 0.0)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
