"""Forest plot of the odds ratios, each covariate alone and adjusted."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from calcinosis import estimates
from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.figures import style
from calcinosis.present.words import Book, Labels

_LONGEST = 38
"""Characters of a label on one line."""
_KINDS = {
    "univariable": ("univariable", style.SOFT, "white", 0.17),
    "multivariable": ("adjusted", style.BETTER, style.BETTER, -0.17),
}


def figure(table: str | Path, labels: Mapping[str, str]) -> style.Drawn:
    """Draw odds ratios and counts from rows of `univariable` and `multivariable`, model `primary`.

    Parameters
    ----------
    table : path of an estimates table
    labels : of variables and levels

    Returns
    -------
    style.Drawn
    """
    book, label = Book(estimates.read(table)), Labels(labels)
    rows = [
        row
        for analysis in _KINDS
        for row in book.all(analysis=analysis, model="primary", statistic="odds_ratio")
    ]
    # In the order of the univariable rows, and then what is only in the adjusted model.
    terms = list(dict.fromkeys((row.term, row.level) for row in rows))
    figure, axes = style.canvas(9.2, 1.4 + 0.55 * len(terms))
    low, high = _limits(rows)
    for row in rows:
        _mark(axes, row, -terms.index((row.term, row.level)), low, high)
    axes.axvline(1, color=style.SOFT, linewidth=0.8, zorder=0)
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.set_ylim(-len(terms) + 0.4, 0.6)
    axes.xaxis.set_major_locator(FixedLocator([t for t in style.RATIO_TICKS if low <= t <= high]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: formats.as_given(value)))
    axes.set_xlabel("Odds ratio (log scale), 95% confidence interval")
    named = {(r.term, r.level): label.term(r) for r in rows}
    ticks = [fill(named[term], _LONGEST) for term in terms]
    axes.set_yticks([-i for i in range(len(terms))], ticks)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    for name, colour, face, _ in _KINDS.values():
        axes.plot([], [], "o", color=colour, markerfacecolor=face, label=name)
    _beside(axes, 0.7, ("events/n", "odds ratio (95% CI)"), style.SOFT)
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, frameon=False, borderaxespad=0.2
    )
    numbers = ("events", "n", "estimate", "conf_low", "conf_high")
    data = [
        [r.result_id, r.analysis, label.term(r), *(getattr(r, name) for name in numbers)]
        for r in rows
    ]
    names = ("events", "n", "odds_ratio", "conf_low", "conf_high")
    columns = ("result_id", "analysis", "term", *names)
    return style.Drawn(figure, columns, data)


def _limits(rows: list[Row]) -> tuple[float, float]:
    """The axis: all intervals, but never wider than is legible."""
    lows = [row.conf_low for row in rows if row.conf_low]
    highs = [row.conf_high for row in rows if row.conf_high]
    low = max(min([*lows, 0.5]) * 0.8, style.WIDEST_RATIO[0])
    high = min(max([*highs, 2.0]) * 1.25, style.WIDEST_RATIO[1])
    return low, high


def _mark(axes: Axes, row: Row, y: float, low: float, high: float) -> None:
    _, colour, face, shift = _KINDS[row.analysis]
    y += shift
    if row.estimate is None or row.conf_low is None or row.conf_high is None:
        axes.text(1.05, y, formats.NOT_ESTIMABLE, va="center", fontsize=8, color=style.SOFT)
        return
    start, end = max(row.conf_low, low), min(row.conf_high, high)
    axes.plot([start, end], [y, y], color=colour, linewidth=1.6, solid_capstyle="butt")
    for cut, limit, marker in ((row.conf_low, low, "<"), (row.conf_high, high, ">")):
        if (marker == "<" and cut < limit) or (marker == ">" and cut > limit):
            axes.plot(limit, y, marker, color=colour, markersize=6, clip_on=False)
    if low < row.estimate < high:
        axes.plot(row.estimate, y, "o", color=colour, markerfacecolor=face, markersize=6)
    colour = style.INK if row.analysis == "multivariable" else style.SOFT
    _beside(axes, y, (formats.fraction(row), formats.with_interval(row)), colour)


def _beside(axes: Axes, y: float, texts: tuple[str, str], colour: str) -> None:
    """Counts and odds ratio right of the axes, however wide these are."""
    for points, text in zip((8, 62), texts, strict=True):
        axes.annotate(
            text,
            (1, y),
            xycoords=("axes fraction", "data"),
            xytext=(points, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            color=colour,
            annotation_clip=False,
        )
