"""The share of each centre against its number of patients, with what chance allows."""

from collections.abc import Mapping
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from calcinosis import estimates
from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.figures import style
from calcinosis.present.words import Book, Labels

_LINES = {"funnel_0.95": ("--", "95%"), "funnel_0.998": ("-", "99.8%")}


def figure(table: str | Path, labels: Mapping[str, str]) -> style.Drawn:
    """Draw the funnel plot of the finding.

    Parameters
    ----------
    table : path of an estimates table
    labels : of variables and levels

    Returns
    -------
    style.Drawn
    """
    book, label = Book(estimates.read(table)), Labels(labels)
    drawing, axes = style.canvas(7.6, 4.6)
    shares = book.all(analysis="by_centre", model="", statistic="proportion", level="yes")
    whole = [row for row in shares if row.group == "overall"]
    centres = [row for row in shares if row.group != "overall" and row.estimate is not None]
    data = _limits(axes, book)
    axes.set_xlim(0, axes.get_xlim()[1])
    for row in whole:
        if row.estimate is None:
            continue
        axes.axhline(row.estimate, color=style.INK, linewidth=0.8)
        said = f"all {formats.estimate(row)}"
        axes.text(1, row.estimate, said, transform=axes.get_yaxis_transform(), va="center")
        data.append([row.result_id, row.group, "share", row.n, row.estimate, None, None])
    for row in centres:
        axes.plot(row.n or 0, row.estimate or 0, "o", color=style.BETTER, markersize=6)
        data.append([row.result_id, row.group, "share", row.n, row.estimate, None, None])
    _name(axes, centres, next((row.estimate or 0 for row in whole), 0), label)
    name = label.inside(shares[0].term) if shares else "the finding"
    axes.set_xlabel("Patients of the centre in whom it is known")
    axes.set_ylabel(f"Share with {name}")
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    columns = ("result_id", "group", "curve", "n", "estimate", "conf_low", "conf_high")
    return style.Drawn(drawing, columns, data)


_LETTER, _LINE = 0.012, 0.028
"""Width of a letter and half the height of a line, as shares of the axes."""


def _name(axes: Axes, centres: list[Row], whole: float, label: Labels) -> None:
    """Name each centre right of its point, higher or lower where something else stands."""
    widest = axes.get_xlim()[1]
    points = [((row.n or 0) / widest, row.estimate or 0) for row in centres]
    # From, to and height of what stands there, as shares of the axes.
    taken = [(0, 1, whole), *((x - _LETTER, x + _LETTER, y) for x, y in points)]
    for row, (x, y) in sorted(zip(centres, points, strict=True), key=lambda pair: pair[1]):
        name = label.group(row.group)
        start, end = x + _LETTER, x + _LETTER * (len(name) + 2)
        free = [
            y + step
            for step in (0, 0.03, -0.03, 0.06, -0.06, 0.09, -0.09, 0.12, -0.12)
            if not any(
                start < b and a < end and abs(y + step - height) < _LINE for a, b, height in taken
            )
        ]
        height = free[0] if free else y + _LINE
        taken.append((start, end, height))
        axes.text(start * widest, height, name, va="center", fontsize=8.5)


def _limits(axes: Axes, book: Book) -> list[list[object]]:
    data: list[list[object]] = []
    for statistic, (line, name) in _LINES.items():
        rows = [
            row
            for row in book.all(analysis="by_centre", statistic=statistic)
            if row.group.startswith("patients=")
        ]
        sizes = [row.n or 0 for row in rows]
        ends = ([row.conf_low or 0 for row in rows], [row.conf_high or 0 for row in rows])
        for i, limits in enumerate(ends):
            said = f"{name} of centres by chance" if i == 0 else None
            axes.plot(sizes, limits, line, color=style.SOFT, linewidth=1.2, label=said)
        data += [
            [r.result_id, r.group, statistic, r.n, r.estimate, r.conf_low, r.conf_high]
            for r in rows
        ]
    if data:
        axes.legend(
            frameon=False, fontsize=9, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2
        )
    return data
