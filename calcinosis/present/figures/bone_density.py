"""T-scores by group, and their classes."""

from collections.abc import Mapping
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from calcinosis import estimates
from calcinosis.present import formats
from calcinosis.present.figures import ranges, style
from calcinosis.present.words import Book, Labels

_CLASSES = ("#dfe7ee", "#8fb3cf", "#1f5f8b")


def figure(table: str | Path, labels: Mapping[str, str]) -> style.Drawn:
    """Draw T-scores and their classes from rows of analysis `bone_density`.

    Parameters
    ----------
    table : path of an estimates table
    labels : of variables and levels

    Returns
    -------
    style.Drawn
    """
    book, label = Book(estimates.read(table)), Labels(labels)
    medians = book.all(analysis="bone_density", term="t_score", statistic="median")
    groups = [row.group for row in medians]
    drawing = Figure(figsize=(8.2, 1.6 + 0.7 * len(groups)), layout="constrained")
    shares = book.all(analysis="bone_density", term="who_class", statistic="proportion")
    left, *others = drawing.subplots(1, 2 if shares else 1, squeeze=False)[0]
    data = ranges.draw(left, book, "bone_density", "t_score", groups, label)
    if others:
        data += _classes(others[0], book, shares, groups, label)
        others[0].set_ylim(left.get_ylim())
    return style.Drawn(drawing, ranges.COLUMNS, data)


def _classes(
    right: Axes, book: Book, shares: list[estimates.Row], groups: list[str], label: Labels
) -> list[list[object]]:
    """One bar per group: the shares of the classes; returns the figure's data."""
    data: list[list[object]] = []
    levels = list(dict.fromkeys(row.level for row in shares))
    for i, group in enumerate(groups):
        start = 0.0
        # Not all who were measured are classed.
        classed = formats.number(next(row.n or 0 for row in shares if row.group == group), 0)
        right.text(1.02, -i, f"n={classed}", va="center", fontsize=9)
        for colour, level in zip(_CLASSES, levels, strict=False):
            row = book.one(
                analysis="bone_density",
                term="who_class",
                group=group,
                level=level,
                statistic="proportion",
            )
            if row is None or not row.estimate:
                continue
            right.barh(-i, row.estimate, 0.55, left=start, color=colour)
            ink = "white" if colour == _CLASSES[2] else style.INK
            if row.estimate > 0.09:
                middle = start + row.estimate / 2
                text = formats.estimate(row)
                right.text(middle, -i, text, ha="center", va="center", fontsize=8.5, color=ink)
            data.append([row.result_id, group, level, "proportion", row.estimate])
            start += row.estimate
    for colour, level in zip(_CLASSES, levels, strict=False):
        right.barh([0], [0], color=colour, label=label(level))
    right.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False, fontsize=9)
    right.set_xlim(0, 1)
    right.set_yticks([])
    right.set_xticks([0, 0.5, 1], ["0%", "50%", "100%"])
    right.spines["left"].set_visible(False)
    return data
