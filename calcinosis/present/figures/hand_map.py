"""Where on the hands: regions shaded by the share of patients, at two films and between them."""

from collections.abc import Mapping, Sequence
from pathlib import Path as File

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from calcinosis import estimates
from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.figures import style
from calcinosis.present.figures.hand_shape import EXTENT, placed
from calcinosis.present.figures.hands import (
    BLANK,
    DOTTED,
    HANDS,
    HATCHED,
    draw_hands,
    scale,
    tenths_of,
    width_of,
)
from calcinosis.present.lines import PANELS, of_panel
from calcinosis.present.words import Book, Labels

_LEFT, _RIGHT, _BOTTOM, _TOP = EXTENT
_INCHES = 4.0 / 306
"""Of a unit of the drawing."""
_LINE, _BELOW = 16.0, 8.0
"""Of a line of text below the hands, and from the hands to that text; in units."""
_LEGEND, _TITLE = 1.05, 0.4
"""Inches of the legend below and the titles above."""


def figure(table: str | File, labels: Mapping[str, str], observation: str) -> style.Drawn:
    """Draw a pair of hands for the first film, the last, and the worsening between them.

    Parameters
    ----------
    table : path of an estimates table
    labels : of regions and sides
    observation : what one film is called

    Returns
    -------
    style.Drawn
        Each region is one patch, named `panel-side-region`. Regions that are not of the hand, or
        overlap with smaller ones, are listed below the hands; where sides are not told apart, one
        hand is drawn.
    """
    book, label = Book(estimates.read(table)), Labels(labels)
    panels = {panel: of_panel(book, panel) for panel in PANELS}
    rows = [row for rows in panels.values() for row in rows]
    drawn = placed(list(dict.fromkeys(row.level for row in rows)))
    hands = HANDS if any(row.group in HANDS for row in rows) else ("only",)
    on_map = {row.result_id: row.group in hands and row.level in drawn for row in rows}
    beside = {
        panel: [row for row in rows if not on_map[row.result_id]] for panel, rows in panels.items()
    }
    lines = max(map(len, beside.values()))
    wide = width_of(hands)
    margin = 7.0 if len(hands) > 1 else 84.0
    low = _BOTTOM - _BELOW - (lines + 1) * _LINE * bool(lines)
    height = (_TOP + _BELOW - low) * _INCHES + _LEGEND + _TITLE
    drawing = Figure(figsize=(3 * (wide + 2 * margin) * _INCHES, height))
    tenths = tenths_of(rows)
    titles = {
        "first": f"Affected, first {observation}",
        "last": f"Affected, last {observation}",
        "worsened": "Worsened between them",
    }
    looks: set[str] = set()
    for i, (panel, title) in enumerate(titles.items()):
        axes = drawing.add_axes((i / 3, _LEGEND / height, 1 / 3, 1 - (_LEGEND + _TITLE) / height))
        axes.set_xlim(-margin, wide + margin)
        axes.set_ylim(low, _TOP + _BELOW)
        axes.set_axis_off()
        axes.set_title(title, fontsize=13, weight="bold")
        looks |= draw_hands(axes, hands, panel, panels[panel], drawn, tenths)
        _list(axes, beside[panel], label)
    _legend(drawing, tenths, rows, observation)
    _keys(drawing, hands, looks)
    columns = ("result_id", "panel", "side", "region", "shown", "events", "n", "share")
    data = [
        [r.result_id, panel, r.group, r.level, shown, r.events, r.n, r.estimate]
        for panel, rows in panels.items()
        for r in rows
        for shown in ["on the hand" if on_map[r.result_id] else "below the hands"]
    ]
    return style.Drawn(drawing, columns, data)


def _list(axes: Axes, rows: Sequence[Row], label: Labels) -> None:
    """What cannot be drawn on the hands, line by line."""
    if not rows:
        return
    lines = ["Not drawn on the hands, %"]
    for row in rows:
        name = " ".join(label(part) for part in (row.group, row.level) if part != "only")
        share = "–" if row.estimate is None else formats.number(100 * row.estimate, 0)
        lines.append(f"{name.capitalize()}: {share}")
    for i, line in enumerate(lines):
        weight = "normal" if i else "bold"
        y = _BOTTOM - _BELOW - i * _LINE
        axes.text(8, y, line, fontsize=11, weight=weight, va="top")


def _legend(drawing: Figure, tenths: int, rows: Sequence[Row], observation: str) -> None:
    """The scale, and of whom the shares are."""
    height = drawing.get_figheight()
    scale(drawing, tenths, (0.03, 0.42 / height, 0.42, 0.18 / height))
    said = f"% of patients with the region read at first and last {observation}"
    numbers = sorted({int(row.n) for row in rows if row.n})
    if numbers:
        ends = dict.fromkeys((numbers[0], numbers[-1]))
        said += f" (n = {' to '.join(formats.number(n, 0) for n in ends)})"
    drawing.text(0.03, 0.72 / height, said, fontsize=11, va="bottom")


def _keys(drawing: Figure, hands: Sequence[str], looks: set[str]) -> None:
    """How to read the hands."""
    width, height = drawing.get_figwidth(), drawing.get_figheight()
    words = (
        "Palms down: the patient's right hand (R) is on the right."
        if hands == HANDS
        else "Palm down; right and left are not told apart.",
        "All bones of a region have its shade; one bears its number.",
    )
    drawing.text(0.55, 0.94 / height, "\n".join(words), fontsize=11, va="top", linespacing=1.4)
    x = 0.55
    for look, style_of, meaning in (
        ("hatched", HATCHED, "no share to show"),
        ("dotted", DOTTED, "not a region that was read"),
    ):
        if look in looks:
            size = (0.25 / width, 0.14 / height)
            key = Path.unit_rectangle().transformed(
                Affine2D().scale(*size).translate(x, 0.2 / height)
            )
            drawing.add_artist(PathPatch(key, facecolor=BLANK, linewidth=0.6, **style_of))
            middle = 0.2 / height + size[1] / 2
            drawing.text(x + 1.4 * size[0], middle, meaning, fontsize=11, va="center")
            x += 2.4 / width
