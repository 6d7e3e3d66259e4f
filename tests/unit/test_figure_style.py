"""Figures can be read in grey, with every kind of colour vision, and in Thai."""

import subprocess
import sys
import warnings
from itertools import combinations, pairwise

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from calcinosis.present.figures import bone_density, incidence, style

PROGRESSION = (style.WORSE, style.SAME, style.BETTER)
# Machado, Oliveira and Fernandes 2009 (doi 10.1109/TVCG.2009.113): no cones of one kind.
VISION = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def test_a_png_has_no_transparency_and_300_dots_per_inch(tmp_path):
    figure, axes = style.canvas(3, 2)
    axes.plot([0, 1], [0, 1], color=style.WORSE)
    files = [tmp_path / f"figure.{ending}" for ending in ("svg", "png", "csv")]
    style.write(style.Drawn(figure, ["x"], [[1]]), *files)
    with Image.open(files[1]) as drawn:
        assert (drawn.mode, drawn.size) == ("RGB", (900, 600))
        assert drawn.info["dpi"] == pytest.approx((300, 300), abs=0.01)
        assert set(drawn.info) == {"dpi"}  # neither a date nor a name of software
        colours = {colour for _, colour in drawn.getcolors(1 << 16)}
    assert {(255, 255, 255), tuple(round(255 * c) for c in to_rgb(style.WORSE))} <= colours


def test_no_figure_waits_until_matplotlib_has_written_its_help():
    asked = "from matplotlib.lines import Line2D; print(Line2D.set.__doc__)"
    command = [sys.executable, "-c", f"import calcinosis.present.figures.style; {asked}"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "None\n"


def lab(colour: str, vision: str = "") -> np.ndarray:
    """CIE L*, a*, b* of a colour, as a kind of vision sees it."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    if vision:
        linear = np.clip(np.array(VISION[vision]) @ linear, 0, 1)
    xyz = _TO_XYZ @ linear / (0.9505, 1, 1.089)
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def lightness(colour: str) -> float:
    return float(lab(colour)[0])


def test_lightness_is_that_of_the_definition():
    assert lightness("#ffffff") == pytest.approx(100, abs=0.1)
    assert lightness("#000000") == pytest.approx(0, abs=0.1)
    assert lightness("#777777") == pytest.approx(50.0, abs=0.5)


def test_worse_same_and_better_differ_in_grey():
    assert all(abs(lightness(a) - lightness(b)) >= 20 for a, b in combinations(PROGRESSION, 2))


def test_grades_get_darker_step_by_step():
    assert all(lightness(a) - lightness(b) >= 10 for a, b in pairwise(style.GRADES))
    assert all(lightness(a) - lightness(b) >= 10 for a, b in pairwise(bone_density._CLASSES))


def test_lines_of_one_kind_differ_in_grey():
    for (a, first), (b, second) in combinations(incidence._LINES, 2):
        assert first != second or abs(lightness(a) - lightness(b)) >= 20


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("palette", [PROGRESSION, style.GRADES, bone_density._CLASSES])
def test_colours_differ_for_every_kind_of_vision(vision, palette):
    for a, b in combinations(palette, 2):
        assert np.linalg.norm(lab(a, vision) - lab(b, vision)) >= 15


def _write(folder, text: str) -> list[bytes]:
    figure, axes = style.canvas(4, 1)
    axes.set_axis_off()
    axes.text(0, 0.5, text, weight="bold")
    axes.text(0, 0.1, text)
    files = [folder / name for name in ("a.svg", "a.png", "a.csv")]
    style.write(style.Drawn(figure, ("label",), [[text]]), *files)
    return [file.read_bytes() for file in files]


def test_thai_and_accents_are_drawn_as_shapes(tmp_path):
    """Tone marks above vowels too; a missing letter would be a warning and a box."""
    thai = "ผู้ป่วยที่มีแคลซิโนซิส é ñ ü ő"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        svg, png, data = _write(tmp_path, thai)
    assert _write(tmp_path, thai) == [svg, png, data]
    assert b"NotoSansThai" in svg  # the letters are paths that the file holds
    assert b"<text" not in svg
    assert thai.encode() in data
    assert _write(tmp_path, "")[1] != png


def test_dollar_signs_are_no_formula(tmp_path):
    svg, *_ = _write(tmp_path, "income $ten to $ twelve")
    assert b"Oblique" not in svg  # the letters of formulas


def test_the_font_comes_with_its_licence():
    files = {path.name for path in style.FONTS.iterdir()}
    assert files == {"NotoSansThai-Regular.ttf", "NotoSansThai-Bold.ttf", "OFL.txt"}
