"""Which fingers have lesions: the hands, shaded by the share of patients with lesions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path as File

from matplotlib.figure import Figure

from calcinosis import estimates
from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.figures import style
from calcinosis.present.figures.hand_shape import EXTENT, placed
from calcinosis.present.figures.hands import HANDS, draw_hands, scale, tenths_of, width_of
from calcinosis.present.words import Book, Labels, capital

_BOTTOM, _TOP = EXTENT[2:]
_INCHES = 4.4 / 306
_LEGEND, _BESIDE = 0.95, 3.0
"""Inches of the legend below the hands, and of the other sites on their right."""
_LINE = 15.0
"""Of a line of text, in units of the drawing."""


def figure(table: str | File, labels: Mapping[str, str]) -> style.Drawn:
    """Draw a pair of hands, or one hand where the plan does not tell sides apart.

    Parameters
    ----------
    table : path of an estimates table with rows of analysis `lesions`
    labels : of sites and sides

    Returns
    -------
    style.Drawn
        Each site of the hand is one patch, named `lesions-side-site`; the others are listed.
    """
    book, label = Book(estimates.read(table)), Labels(labels)
    everywhere = [
        row
        for row in book.all(analysis="lesions", term="site", statistic="proportion")
        if row.unit.startswith("of patients with ")
    ]
    unit = everywhere[0].unit if everywhere else ""
    sided = book.all(analysis="lesions", term="site_by_side", unit=unit, statistic="proportion")
    hands = HANDS if sided else ("only",)
    rows = sided or everywhere
    drawn = placed(list(dict.fromkeys(row.level for row in rows)))
    on_map = [row for row in rows if row.level in drawn]
    beside = [row for row in everywhere if row.level not in drawn]
    width, tall = width_of(hands), _TOP - _BOTTOM + 12
    inches = (width + 12) * _INCHES
    height = tall * _INCHES + _LEGEND
    drawing = Figure(figsize=(inches + _BESIDE, height))
    axes = drawing.add_axes((0, _LEGEND / height, 1, 1 - _LEGEND / height))
    axes.set_xlim(-6, width + 6 + _BESIDE / _INCHES)
    axes.set_ylim(_BOTTOM - 4, _TOP + 8)
    axes.set_axis_off()
    tenths = tenths_of(on_map)
    shown = on_map if sided else [replace(row, group="only") for row in on_map]
    draw_hands(axes, hands, "lesions", shown, drawn, tenths)
    for i, (text, weight) in enumerate(_lines(beside, label)):
        axes.text(width + 14, _TOP - 20 - i * _LINE, text, fontsize=11, weight=weight, va="top")
    scale(drawing, tenths, (0.06, 0.35 / height, 0.42, 0.17 / height))
    said = f"% {label(unit)}{_numbers(everywhere)}"
    drawing.text(0.06, 0.62 / height, said, fontsize=11, va="bottom")
    lie = "Palms down: the patient's right hand (R)\nis on the right. Dotted: no site of the plan."
    one = "Palm down; right and left are not told apart.\nDotted: no site of the plan."
    lie = lie if sided else one
    drawing.text(0.54, 0.36 / height, lie, fontsize=10, va="bottom", linespacing=1.4)
    data = [[r.result_id, r.group, r.level, r.events, r.n, r.estimate] for r in [*on_map, *beside]]
    return style.Drawn(drawing, ("result_id", "side", "site", "events", "n", "share"), data)


def _lines(beside: Sequence[Row], label: Labels) -> list[tuple[str, str]]:
    """What is not of the hand, with its share."""
    lines = [("Other sites, %", "bold")] if beside else []
    for row in beside:
        share = "–" if row.estimate is None else formats.number(100 * row.estimate, 0)
        lines.append((f"{capital(label(row.level))}: {share}", "normal"))
    return lines


def _numbers(rows: Sequence[Row]) -> str:
    numbers = sorted({int(row.n) for row in rows if row.n})
    ends = dict.fromkeys(numbers[:1] + numbers[-1:])
    return f" (n = {' to '.join(formats.number(n, 0) for n in ends)})" if ends else ""
