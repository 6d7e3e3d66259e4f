"""Participant flow: from the records of the export to the patients analysed."""

from collections.abc import Mapping
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from calcinosis import estimates
from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.figures import style
from calcinosis.present.words import Book, Labels

_WIDTH = 3.6


def figure(table: str | Path, labels: Mapping[str, str]) -> style.Drawn:
    """Draw the flow from rows of analysis `flow`.

    Parameters
    ----------
    table : path of an estimates table
    labels : of steps and variables

    Returns
    -------
    style.Drawn
    """
    book, label = Book(estimates.read(table)), Labels(labels)
    rows = book.all(analysis="flow", statistic="count")
    boxes = [r for r in rows if r.term in ("records", "patients", "analysed")]
    leaving = {
        "records": [r for r in rows if r.term == "excluded_record"],
        "patients": [r for r in rows if r.term.startswith("criterion") or r.term == "excluded"],
    }
    figure, axes = style.canvas(8.0, 0.4 + 1.45 * len(boxes))
    axes.set_axis_off()
    y = 0.0
    for box in boxes:
        _box(axes, 0, y, 0.6, f"{formats.estimate(box)} {_title(box)}", bold=True)
        out = leaving.get(box.term, [])
        if box is boxes[-1]:
            break
        height = max(0.3 * len(out) + 0.25, 0.6)
        middle, below = y - 0.45 - height / 2, y - 0.9 - height
        _arrow(axes, (0, y - 0.3), (0, below + 0.3))
        if out:
            _arrow(axes, (0, middle), (2.05, middle))
            lines = [f"{formats.estimate(r)}  {label.reason(r)}" for r in out]
            _box(axes, 4.1, middle, height, "\n".join(lines), bold=False)
        y = below
    axes.set_xlim(-_WIDTH / 2 - 0.1, 6.3)
    axes.set_ylim(y - 0.4, 0.4)
    data = [[r.result_id, r.term, r.level, formats.estimate(r)] for r in rows]
    return style.Drawn(figure, ("result_id", "step", "reason", "count"), data)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": style.SOFT})


def _title(row: Row) -> str:
    return {
        "records": "records of patients in the export",
        "patients": "patients",
        "analysed": "patients analysed",
    }[row.term]


def _box(axes: Axes, x: float, y: float, height: float, text: str, *, bold: bool) -> None:
    width = _WIDTH if bold else 4.1
    axes.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - height / 2),
            width,
            height,
            boxstyle="round,pad=0,rounding_size=0.08",
            facecolor="#f5f7fa" if bold else "white",
            edgecolor=style.SOFT,
            linewidth=0.8,
        )
    )
    axes.text(
        x if bold else x - width / 2 + 0.15,
        y,
        text,
        ha="center" if bold else "left",
        va="center",
        weight="bold" if bold else "normal",
        fontsize=10.5 if bold else 9.5,
        linespacing=1.5,
    )
