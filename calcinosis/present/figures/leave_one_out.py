"""The adjusted odds ratios without each centre in turn, beside those of all."""

import math
import textwrap
from collections.abc import Mapping
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from calcinosis import estimates
from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.figures import style
from calcinosis.present.words import Book, Labels

_ACROSS = 3
_FINE_TICKS = (0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 2.5)


def figure(table: str | Path, labels: Mapping[str, str]) -> style.Drawn:
    """Draw one panel for each odds ratio, one line for each centre left out.

    Parameters
    ----------
    table : path of an estimates table
    labels : of variables and levels

    Returns
    -------
    style.Drawn
    """
    book, label = Book(estimates.read(table)), Labels(labels)
    rows = book.all(analysis="centres", model="leave_one_out", statistic="odds_ratio")
    terms = list(dict.fromkeys((row.term, row.level) for row in rows))
    groups = list(dict.fromkeys(row.group for row in rows))
    across, down = min(_ACROSS, max(1, len(terms))), max(1, math.ceil(len(terms) / _ACROSS))
    height = (0.9 + 0.26 * len(groups)) * down
    drawn = Figure(figsize=(2.2 + 2.6 * across, height), layout="constrained")
    panels = drawn.subplots(down, across, sharey=True, squeeze=False).ravel()
    for axes in panels[len(terms) :]:
        axes.set_visible(False)
    named = ["All centres" if g == "overall" else f"Without {label.group(g)}" for g in groups]
    for axes, term in zip(panels, terms, strict=False):
        of_term = [row for row in rows if (row.term, row.level) == term]
        _panel(axes, of_term, groups)
        axes.set_title(_wrapped(label.term(of_term[0])), fontsize=9, loc="left")
        axes.set_yticks([-i for i in range(len(groups))], named)
        axes.set_ylim(-len(groups) + 0.4, 0.6)
    drawn.supxlabel("Adjusted odds ratio (log scale), 95% confidence interval", fontsize=10)
    data = [
        [r.result_id, label.term(r), r.group, r.estimate, r.conf_low, r.conf_high] for r in rows
    ]
    columns = ("result_id", "term", "left_out", "odds_ratio", "conf_low", "conf_high")
    return style.Drawn(drawn, columns, data)


def _wrapped(name: str) -> str:
    """A name in lines; a unit of change stays together."""
    return textwrap.fill(name.replace(" per ", " per\u00a0"), 34)


def _panel(axes: Axes, rows: list[Row], groups: list[str]) -> None:
    limits = [r.conf_low for r in rows if r.conf_low] + [r.conf_high for r in rows if r.conf_high]
    low = max(min([*limits, 0.9]) * 0.9, style.WIDEST_RATIO[0])
    high = min(max([*limits, 1.1]) * 1.1, style.WIDEST_RATIO[1])
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.axvline(1, color=style.SOFT, linewidth=0.8, zorder=0)
    for row in rows:
        y = -groups.index(row.group)
        if row.estimate is None or row.conf_low is None or row.conf_high is None:
            axes.text(1, y, formats.NOT_ESTIMABLE, va="center", fontsize=7, color=style.SOFT)
            continue
        whole = row.group == "overall"
        colour = style.INK if whole else style.BETTER
        if whole:
            axes.axvspan(row.conf_low, row.conf_high, color=style.FAINT, zorder=-1)
            axes.axvline(row.estimate, color=style.INK, linewidth=0.8, linestyle=":", zorder=0)
        start, end = max(row.conf_low, low), min(row.conf_high, high)
        axes.plot([start, end], [y, y], color=colour, linewidth=1.4, solid_capstyle="butt")
        if low < row.estimate < high:
            axes.plot(row.estimate, y, "D" if whole else "o", color=colour, markersize=5)
    ticks = _FINE_TICKS if high / low < 5 else style.RATIO_TICKS
    axes.xaxis.set_major_locator(FixedLocator([t for t in ticks if low <= t <= high]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: formats.as_given(value)))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
