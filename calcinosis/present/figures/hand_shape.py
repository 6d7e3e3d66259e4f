"""The outline of a hand: its bones, and which of them a region of a codebook is.

Lengths are those of a right hand from above, palm down, in units of about a millimetre: fingers
point up, the thumb to the left, and the middle of the wrist is the origin.
"""

import itertools

import numpy as np
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

DIGITS = ("thumb", "index", "middle", "ring", "little")
# Of each digit: base and head of the metacarpal, then direction (degrees) and length of each
# phalanx from the proximal to the distal one, and the width of the bones at their ends.
_RAYS = {
    "thumb": ((-25, 7), (-49, 37), ((116, 32), (108, 26)), 15.0),
    "index": ((-14.5, 16), (-23, 66), ((100, 42), (98, 27), (96, 22)), 15.0),
    "middle": ((-2, 17.5), (-3, 70), ((91, 47), (91, 32), (90, 23)), 15.5),
    "ring": ((10, 15.5), (16, 65), ((84, 43), (84, 30), (85, 23)), 15.0),
    "little": ((21.5, 11), (34, 56), ((75, 34), (77, 22), (79, 20)), 14.0),
}
_PHALANGES = {
    2: ("proximal_phalanx", "distal_phalanx"),
    3: ("proximal_phalanx", "middle_phalanx", "distal_phalanx"),
}
_JOINT = 4.0
"""Between two bones."""
_CARPALS = (  # centre, width, height, turned by (degrees)
    ((-21.5, 0.5), 14, 10.5, 50),
    ((-12, 7.5), 8.5, 9.5, 0),
    ((-1, 3.5), 13, 18, 0),
    ((12.5, 2), 12.5, 15, -10),
    ((-12, -7), 16, 11, 40),
    ((0.5, -11.5), 13, 10.5, 0),
    ((14.5, -10.5), 13, 9.5, -10),
)
_FOREARM = ((-6, -20, -4, -60, 27, 18), (17.5, -19, 13.5, -60, 13.5, 11))
"""Radius and ulna: x and y at the wrist and below, width at the wrist and below."""
_SKIN = 11.5
"""From the middle of a finger to its skin."""


def _along(start: np.ndarray, end: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points given as (share of the length, distance to the left) put between two places."""
    way = end - start
    normal = np.array([-way[1], way[0]]) / np.hypot(*way)
    return start + points[:, :1] * way + points[:, 1:] * normal


def _bone(start: np.ndarray, end: np.ndarray, base: float, waist: float, head: float) -> Path:
    """A bone with a waist between rounded ends, of the widths given."""
    b, w, h = base / 2, waist / 2, head / 2
    points = np.array(
        [
            *((0.08, -b), (0.30, -w), (0.70, -w), (0.90, -h)),
            *((1.03, -h), (1.03, h), (0.90, h)),
            *((0.70, w), (0.30, w), (0.08, b)),
            *((-0.03, b), (-0.03, -b), (0.08, -b)),
        ]
    )
    codes = [Path.MOVETO, *[Path.CURVE4] * 12, Path.CLOSEPOLY]
    placed = _along(start, end, points)
    return Path(np.vstack([placed, placed[:1]]), codes)


def _ray(digit: str) -> tuple[dict[str, Path], list[np.ndarray]]:
    """The bones of a digit by name, and the places of its joints from wrist to tip."""
    base, head, phalanges, width = _RAYS[digit]
    places = [np.array(base, float), np.array(head, float)]
    shapes = {
        f"{digit}_metacarpal": _bone(places[0], places[1], width * 0.8, width * 0.76, width * 1.0)
    }
    for name, (direction, length) in zip(_PHALANGES[len(phalanges)], phalanges, strict=True):
        way = np.array([np.cos(np.radians(direction)), np.sin(np.radians(direction))])
        start = places[-1] + _JOINT * way
        tip = name == "distal_phalanx"
        ends = (width, width * 0.78, width * 0.8) if tip else (width, width * 0.78, width * 0.92)
        places.append(start + length * way)
        shapes[f"{digit}_{name}"] = _bone(start, places[-1], *ends)
    return shapes, places


def _oval(centre: tuple[float, float], width: float, height: float, turned: float) -> Path:
    place = Affine2D().scale(width / 2, height / 2).rotate_deg(turned).translate(*centre)
    return Path.unit_circle().transformed(place)


def _capsule(start: np.ndarray, end: np.ndarray, radius: float) -> Path:
    """What is within a distance of the line between two places."""
    turns = np.linspace(-np.pi / 2, np.pi / 2, 24) + np.arctan2(*(end - start)[::-1])
    cap = radius * np.column_stack([np.cos(turns), np.sin(turns)])
    return Path(np.vstack([end + cap, start - cap, end + cap[:1]]), closed=True)


def _bones() -> dict[str, Path]:
    shapes: dict[str, Path] = {}
    for digit in DIGITS:
        shapes |= _ray(digit)[0]
    shapes["carpal"] = Path.make_compound_path(*(_oval(*carpal) for carpal in _CARPALS))
    shapes["distal_forearm"] = Path.make_compound_path(
        *(
            _bone(np.array([x, y], float), np.array([u, v], float), wide, thin * 0.95, thin)
            for x, y, u, v, wide, thin in _FOREARM
        )
    )
    return shapes


def _centres() -> dict[str, tuple[float, float]]:
    boxes = {bone: shape.get_extents() for bone, shape in _bones().items()}
    middles = {bone: ((b.x0 + b.x1) / 2, (b.y0 + b.y1) / 2) for bone, b in boxes.items()}
    x, y, below_x, below_y, *_ = _FOREARM[0]
    radius = ((x + below_x) / 2, (y + below_y) / 2)
    return middles | {"carpal": _CARPALS[2][0], "distal_forearm": radius}


def _skin() -> list[Path]:
    """The outline of the soft parts: pieces that overlap, of one colour without edges."""
    pieces = []
    for digit in DIGITS:
        places = _ray(digit)[1]
        thick = _SKIN * (0.9 if digit == "little" else 1)
        for i, (start, end) in enumerate(itertools.pairwise(places)):
            pieces.append(_capsule(start, end, thick if i else _SKIN * 1.3))
    palm = [(-33, 70), (39, 62), (33, 0), (28, -24), (25, -62), (-19, -62), (-24, -24), (-33, 10)]
    return [*pieces, Path([*palm, palm[0]], closed=True)]


BONES = _bones()
"""Outline of each bone, or group of bones, by name."""
CENTRES = _centres()
"""Where the number of each bone, or group of bones, stands."""
SKIN = _skin()
EXTENT = (-84.0, 66.0, -62.0, 188.0)
"""Of a hand: left, right, bottom, top."""


def _regions() -> dict[str, tuple[str, ...]]:
    """Names that codebooks use for regions of a hand, and the bones that each of them is."""
    named: dict[str, tuple[str, ...]] = {bone: (bone,) for bone in BONES}
    phalanges = [bone for bone in BONES if bone.endswith("_phalanx")]
    for part in ("proximal_phalanx", "middle_phalanx", "distal_phalanx", "metacarpal"):
        named[part] = tuple(bone for bone in BONES if bone.endswith(part))
    for digit in DIGITS:
        named[digit] = tuple(bone for bone in phalanges if bone.startswith(digit))
        named[f"{digit}_finger"] = named[digit]
        if digit == "little":
            named["fifth"] = named["fifth_finger"] = named[digit]
        for part in ("proximal", "middle", "distal"):
            bone = f"{digit}_{part}_phalanx"
            if bone in BONES:
                named[f"{part}_phalanx_{digit}"] = (bone,)
    named["phalanx"] = tuple(phalanges)
    named["fingers_and_thumb"] = tuple(phalanges)
    named["fingers"] = tuple(bone for bone in phalanges if not bone.startswith("thumb"))
    named["wrist"] = named["carpal"]
    named["forearm"] = named["distal_forearm"]
    named["hand"] = tuple(bone for bone in BONES if bone != "distal_forearm")
    named["only"] = named["hand"]  # what a codebook without regions calls its one region
    return named


REGIONS = _regions()
"""Name of a region to its bones."""


def placed(regions: list[str]) -> dict[str, tuple[str, ...]]:
    """The regions that can be drawn side by side, with their bones.

    Parameters
    ----------
    regions : names of a codebook's regions

    Returns
    -------
    region to bones, in the order given; a region that is not of the hand is left out, and so is
    one that covers a bone of a smaller region, since a bone has one shade
    """
    taken: set[str] = set()
    chosen = set()
    for region in sorted(regions, key=lambda name: len(REGIONS.get(name, ()))):
        bones = REGIONS.get(region, ())
        if bones and not taken.intersection(bones):
            chosen.add(region)
            taken.update(bones)
    return {region: REGIONS[region] for region in regions if region in chosen}
