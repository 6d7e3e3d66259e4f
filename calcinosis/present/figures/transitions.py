"""From grade to grade: how the patients' grades moved between the films."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from calcinosis import estimates
from calcinosis.present import formats
from calcinosis.present.figures import style
from calcinosis.present.words import Book, Labels

_BAR, _GAP = 0.09, 0.03


def figure(table: str | Path, labels: Mapping[str, str], observation: str) -> style.Drawn:
    """Draw the transitions from rows of analysis `transitions`.

    Parameters
    ----------
    table : path of an estimates table
    labels : of grades
    observation : what one film is called

    Returns
    -------
    style.Drawn
    """
    rows = Book(estimates.read(table)).all(analysis="transitions", statistic="count")
    label = Labels(labels)
    levels = list(dict.fromkeys(row.level for row in rows if row.level))
    counted = np.array([row.estimate or 0 for row in rows] or [0]).reshape(len(levels) + 1, -1)
    counts, before, after = counted[:-1, :-1], counted[:-1, -1], counted[-1, :-1]
    figure, axes = style.canvas(7.0, 4.6)
    scale = (1 - _GAP * (len(levels) - 1)) / max(counted[-1, -1], 1)
    left, right = _bars(before, scale), _bars(after, scale)
    outgoing, incoming = left.copy(), right.copy()
    # Worst at the top on both sides, so that worsening climbs.
    for i in range(len(levels)):
        for j in range(len(levels)):
            height = counts[i, j] * scale
            if counts[i, j]:
                _ribbon(axes, outgoing[i], incoming[j], height, i, j, int(counts[i, j]))
            outgoing[i] += height
            incoming[j] += height
    for side, bars, totals in (("left", left, before), ("right", right, after)):
        for i, level in enumerate(levels):
            if totals[i]:
                _bar(axes, side, bars[i], totals[i] * scale, f"{label(level)}  {totals[i]:.0f}", i)
    one = rows[0].model == "first_last" if rows else True
    titles = ("First", "Last") if one else ("Earlier", "Later")
    for x, title in ((_BAR / 2, titles[0]), (1 - _BAR / 2, titles[1])):
        axes.text(x, 1.03, f"{title} {observation}", ha="center", va="bottom", weight="bold")
    _legend(axes)
    axes.set_xlim(-0.26, 1.26)
    axes.set_ylim(-0.09, 1.1)
    axes.set_axis_off()
    data = [
        [r.result_id, r.group.removeprefix("from_"), r.level or "overall", formats.estimate(r)]
        for r in rows
    ]
    return style.Drawn(figure, ("result_id", "from", "to", "count"), data)


def _bars(totals: np.ndarray, scale: float) -> np.ndarray:
    """Lower end of each bar, best grade at the bottom."""
    heights = totals * scale
    return np.concatenate([[0.0], np.cumsum(heights + _GAP)[:-1]])


def _colour(i: int, j: int) -> str:
    return style.WORSE if j > i else style.BETTER if j < i else style.SAME


def _ribbon(
    axes: Axes, start: float, end: float, height: float, i: int, j: int, count: int
) -> None:
    x = np.linspace(0, 1, 60)
    bend = (3 * x**2 - 2 * x**3) * (end - start) + start
    across = _BAR + x * (1 - 2 * _BAR)
    axes.fill_between(
        across,
        bend,
        bend + height,
        color=_colour(i, j),
        alpha=0.75 if j != i else 0.55,
        linewidth=0,
    )
    if height > 0.018:
        axes.text(
            across[4], bend[4] + height / 2, str(count), ha="center", va="center", fontsize=8.5
        )


def _bar(axes: Axes, side: str, low: float, height: float, text: str, grade: int) -> None:
    x = 0.0 if side == "left" else 1 - _BAR
    colour = style.GRADES[min(grade, len(style.GRADES) - 1)]
    axes.add_patch(
        Rectangle((x, low), _BAR, height, facecolor=colour, edgecolor=style.INK, linewidth=0.6)
    )
    place = -0.015 if side == "left" else 1.015
    axes.text(place, low + height / 2, text, ha="right" if side == "left" else "left", va="center")


def _legend(axes: Axes) -> None:
    for x, colour, text in (
        (0.16, style.WORSE, "worsened"),
        (0.42, style.SAME, "unchanged"),
        (0.70, style.BETTER, "improved"),
    ):
        axes.add_patch(Rectangle((x, -0.075), 0.03, 0.03, facecolor=colour, linewidth=0))
        axes.text(x + 0.04, -0.06, text, va="center", fontsize=9)
