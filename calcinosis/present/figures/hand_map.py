"""Where on the hands: regions shaded by the share of patients, at two films and between them."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path as File
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Affine2D, Transform
from matplotlib.typing import ColorType

from calcinosis import estimates
from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.figures import style
from calcinosis.present.figures.hand_shape import BONES, CENTRES, EXTENT, SKIN, placed
from calcinosis.present.lines import PANELS, of_panel
from calcinosis.present.words import Book, Labels

HANDS = ("left", "right")
"""As they lie on the page: palms down, seen from above."""
_LEFT, _RIGHT, _BOTTOM, _TOP = EXTENT
_INCHES = 4.0 / 306
"""Of a unit of the drawing."""
_GAP, _LINE, _BELOW = 4.0, 16.0, 8.0
"""Between hands, of a line of text below them, and from the hands to that text; in units."""
_LEGEND, _TITLE = 1.05, 0.4
"""Inches of the legend below and the titles above."""
_FLESH, _BLANK, _DOTS = "#eef1f4", "#ffffff", "#6b7785"
_HATCHED: dict[str, Any] = {"hatch": "//////", "edgecolor": style.SOFT}
_DOTTED: dict[str, Any] = {"linestyle": ":", "edgecolor": _DOTS}
_DARK = matplotlib.colormaps["magma_r"]
_SHADES = LinearSegmentedColormap.from_list("hand_map", [_DARK(i / 100) for i in range(0, 81, 5)])
"""A perceptually uniform scale, pale to dark also in grey and to colour-blind eyes; it ends before
black, in which outlines would drown."""


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
    wide = (_RIGHT - _LEFT) * len(hands) + _GAP * (len(hands) - 1)
    margin = 7.0 if len(hands) > 1 else 84.0
    low = _BOTTOM - _BELOW - (lines + 1) * _LINE * bool(lines)
    height = (_TOP + _BELOW - low) * _INCHES + _LEGEND + _TITLE
    drawing = Figure(figsize=(3 * (wide + 2 * margin) * _INCHES, height))
    largest = max([row.estimate or 0 for row in rows], default=0)
    tenths = max(math.ceil(round(10 * largest, 6)), 1)
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
        for j, hand in enumerate(hands):
            mirrored = hand == "left"
            place = Affine2D().scale(-1 if mirrored else 1, 1)
            place.translate(j * (_RIGHT - _LEFT + _GAP) + (_RIGHT if mirrored else -_LEFT), 0)
            regions = {row.level: row for row in panels[panel] if row.group == hand}
            shown = {name: (regions[name], drawn[name]) for name in drawn if name in regions}
            looks |= _hand(axes, place, f"{panel}-{hand}", shown, tenths)
            if hand in HANDS:
                x = wide * j + 6 * (1 - 2 * j)
                axes.text(x, _TOP, hand[0].upper(), fontsize=16, weight="bold", ha=hand, va="top")
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


def _hand(
    axes: Axes,
    place: Affine2D,
    name: str,
    regions: Mapping[str, tuple[Row, Sequence[str]]],
    tenths: int,
) -> set[str]:
    """One hand with its regions, each a row and its bones; returns the looks that need a key."""
    to_page = place + axes.transData
    for piece in SKIN:
        axes.add_patch(PathPatch(piece, transform=to_page, facecolor=_FLESH, linewidth=0))
    outside = set(BONES).difference(*(bones for _, bones in regions.values()))
    for bone in BONES:
        if bone in outside:
            _patch(axes, BONES[bone], to_page, facecolor="none", **_DOTTED)
    looks = {"dotted"} if outside else set()
    for region, (row, bones) in regions.items():
        shape = Path.make_compound_path(*(BONES[bone] for bone in bones))
        if row.estimate is None:
            looks.add("hatched")
            patch = _patch(axes, shape, to_page, facecolor=_BLANK, **_HATCHED)
        else:
            colour = to_rgb(_SHADES(10 * row.estimate / tenths))
            patch = _patch(axes, shape, to_page, facecolor=colour, edgecolor=style.INK)
            _number(axes, row.estimate, bones, place, colour)
        patch.set_gid(f"{name}-{region}")
    return looks


def _patch(axes: Axes, shape: Path, to_page: Transform, **look: Any) -> PathPatch:
    patch = PathPatch(shape, transform=to_page, linewidth=0.6, **look)
    axes.add_patch(patch)
    return patch


def _number(
    axes: Axes, share: float, bones: Sequence[str], place: Affine2D, colour: ColorType
) -> None:
    """The percentage on the middle finger's bone of a region, or else on its middle one."""
    middle = [bone for bone in bones if bone.startswith("middle")]
    x, y = place.transform(CENTRES[(middle or bones)[len(middle or bones) // 2]])
    text = formats.number(100 * share, 0)
    axes.text(
        *(x, y, text),
        ha="center",
        va="center_baseline",
        fontsize=9.5 if len(text) < 3 else 7.5,
        weight="bold",
        color=max((style.INK, "#ffffff"), key=lambda ink: _contrast(ink, colour)),
        path_effects=[withStroke(linewidth=1.8, foreground=colour)],
    )


def _contrast(one: ColorType, other: ColorType) -> float:
    """Contrast of two colours, from 1 to 21, as the Web Content Accessibility Guidelines define."""
    dark, light = sorted(map(_luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: ColorType) -> float:
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour))
    return float(sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True)))


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
    axes = drawing.add_axes((0.03, 0.42 / height, 0.42, 0.18 / height))
    shares = ScalarMappable(Normalize(0, tenths / 10), _SHADES)
    bar = drawing.colorbar(shares, cax=axes, orientation="horizontal")
    bar.outline.set_linewidth(0.5)
    steps = range(0, tenths + 1, 1 if tenths <= 5 else 2)
    bar.set_ticks([step / 10 for step in steps], labels=[str(10 * step) for step in steps])
    axes.tick_params(length=2, width=0.5, labelsize=10.5)
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
        ("hatched", _HATCHED, "no share to show"),
        ("dotted", _DOTTED, "not a region that was read"),
    ):
        if look in looks:
            size = (0.25 / width, 0.14 / height)
            key = Path.unit_rectangle().transformed(
                Affine2D().scale(*size).translate(x, 0.2 / height)
            )
            drawing.add_artist(PathPatch(key, facecolor=_BLANK, linewidth=0.6, **style_of))
            middle = 0.2 / height + size[1] / 2
            drawing.text(x + 1.4 * size[0], middle, meaning, fontsize=11, va="center")
            x += 2.4 / width
