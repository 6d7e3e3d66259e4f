"""Hands with their regions shaded by a share, and the scale of the shades."""

import math
from collections.abc import Iterable, Mapping, Sequence
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

from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.figures import style
from calcinosis.present.figures.hand_shape import BONES, CENTRES, EXTENT, SKIN

HANDS = ("left", "right")
"""As they lie on the page: palms down, seen from above."""
_LEFT, _RIGHT, _, _TOP = EXTENT
_GAP = 4.0
"""Between hands, in units of the drawing."""
FLESH, BLANK, DOTS = "#eef1f4", "#ffffff", "#6b7785"
HATCHED: dict[str, Any] = {"hatch": "//////", "edgecolor": style.SOFT}
DOTTED: dict[str, Any] = {"linestyle": ":", "edgecolor": DOTS}
_DARK = matplotlib.colormaps["magma_r"]
_SHADES = LinearSegmentedColormap.from_list("hand_map", [_DARK(i / 100) for i in range(0, 81, 5)])
"""A perceptually uniform scale, pale to dark also in grey and to colour-blind eyes; it ends before
black, in which outlines would drown."""


def tenths_of(rows: Iterable[Row]) -> int:
    """Where the scale ends: the tenth above the largest share."""
    largest = max([row.estimate or 0 for row in rows], default=0)
    return max(math.ceil(round(10 * largest, 6)), 1)


def scale(drawing: Figure, tenths: int, place: tuple[float, float, float, float]) -> None:
    """The scale of the shades in per cent, at a place of the figure."""
    axes = drawing.add_axes(place)
    shares = ScalarMappable(Normalize(0, tenths / 10), _SHADES)
    bar = drawing.colorbar(shares, cax=axes, orientation="horizontal")
    bar.outline.set_linewidth(0.5)
    steps = range(0, tenths + 1, 1 if tenths <= 5 else 2)
    bar.set_ticks([step / 10 for step in steps], labels=[str(10 * step) for step in steps])
    axes.tick_params(length=2, width=0.5, labelsize=10.5)


def width_of(hands: Sequence[str]) -> float:
    """Of hands side by side, in units of the drawing."""
    return (_RIGHT - _LEFT) * len(hands) + _GAP * (len(hands) - 1)


def draw_hands(
    axes: Axes,
    hands: Sequence[str],
    name: str,
    rows: Sequence[Row],
    drawn: Mapping[str, Sequence[str]],
    tenths: int,
) -> set[str]:
    """Draw hands side by side from x = 0 on.

    Parameters
    ----------
    axes : without frame, their limits set
    hands : left and right, or one that stands for both
    name : of the panel; each region is one patch, named `name-side-region`
    rows : shares, the hand as group and the region as level
    drawn : region to its bones
    tenths : where the scale ends

    Returns
    -------
    the looks that need a key: hatched (no share to show), dotted (no region)
    """
    looks: set[str] = set()
    for j, hand in enumerate(hands):
        mirrored = hand == "left"
        place = Affine2D().scale(-1 if mirrored else 1, 1)
        place.translate(j * (_RIGHT - _LEFT + _GAP) + (_RIGHT if mirrored else -_LEFT), 0)
        regions = {row.level: row for row in rows if row.group == hand}
        shown = {region: (regions[region], drawn[region]) for region in drawn if region in regions}
        looks |= _hand(axes, place, f"{name}-{hand}", shown, tenths)
        if hand in HANDS:
            x = width_of(hands) * j + 6 * (1 - 2 * j)
            axes.text(x, _TOP, hand[0].upper(), fontsize=16, weight="bold", ha=hand, va="top")
    return looks


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
        axes.add_patch(PathPatch(piece, transform=to_page, facecolor=FLESH, linewidth=0))
    outside = set(BONES).difference(*(bones for _, bones in regions.values()))
    for bone in BONES:
        if bone in outside:
            _patch(axes, BONES[bone], to_page, facecolor="none", **DOTTED)
    looks = {"dotted"} if outside else set()
    for region, (row, bones) in regions.items():
        shape = Path.make_compound_path(*(BONES[bone] for bone in bones))
        if row.estimate is None:
            looks.add("hatched")
            patch = _patch(axes, shape, to_page, facecolor=BLANK, **HATCHED)
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
