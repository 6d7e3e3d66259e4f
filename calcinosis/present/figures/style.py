"""One look for all figures, and the same bytes on every run."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter
from PIL import Image

from calcinosis.present import formats
from calcinosis.side_files import formula_safe

RATIO_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
WIDEST_RATIO = (1 / 64, 64)
"""An axis of ratios: its ticks, and the widest that is legible."""
INK = "#1f2933"
SOFT = "#7b8794"
FAINT = "#e4e7eb"
# Okabe and Ito's vermilion and their blue, darkened until grey too keeps the two apart.
WORSE, SAME, BETTER = "#d55e00", "#b8c2cc", "#004b87"
GRADES = ("#f3ead3", "#e9c46a", "#d98c3f", "#8c3b2a")

DOTS_PER_INCH = 300
"""Of a PNG, as journals ask."""

FONTS = Path(__file__).parents[1] / "fonts"
"""Noto Sans Thai, whose letters stand in where matplotlib's own font has none."""
for _font in ("NotoSansThai-Regular.ttf", "NotoSansThai-Bold.ttf"):
    font_manager.fontManager.addfont(FONTS / _font)

matplotlib.rcParams.update(
    {
        "font.family": ["DejaVu Sans", "Noto Sans Thai"],
        "font.size": 10,
        "text.color": INK,
        "text.parse_math": False,  # a label with two dollar signs is not a formula
        "axes.labelcolor": INK,
        "axes.edgecolor": SOFT,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "xtick.color": INK,
        "ytick.color": INK,
        "svg.hashsalt": "calcinosis",
        "svg.fonttype": "path",
    }
)


class _Ticks(ScalarFormatter):
    """The ticks of a plain axis with the decimal mark of the report."""

    def __call__(self, value: float, position: int | None = None) -> str:
        return formats.marked(super().__call__(value, position))


@dataclass(frozen=True)
class Drawn:
    """A figure and the data behind it.

    Parameters
    ----------
    figure : the drawing
    columns, data : the table that it shows, one row per mark; aggregated, never of one patient
    """

    figure: Figure
    columns: Sequence[str]
    data: Sequence[Sequence[object]]


def canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """An empty figure (inches) with one pair of axes."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def write(drawn: Drawn, svg: str | Path, png: str | Path, data: str | Path) -> None:
    """Write a figure as SVG, as PNG of 300 dots per inch, and its data as CSV."""
    figure = drawn.figure
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if type(axis.get_major_formatter()) is ScalarFormatter:
                axis.set_major_formatter(_Ticks())
    FigureCanvasSVG(figure).print_svg(svg, metadata={"Date": None, "Creator": None})
    figure.set_layout_engine("none")  # the layout is found: both files show the same
    figure.set_dpi(DOTS_PER_INCH)
    _write_png(FigureCanvasAgg(figure), png)
    with Path(data).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(drawn.columns)
        writer.writerows([formula_safe(entry) for entry in row] for row in drawn.data)


def _write_png(canvas: FigureCanvasAgg, png: str | Path) -> None:
    """Write what is drawn without transparency, which some journals refuse; the ground is opaque.

    Three channels at level 1 take a little over half the time of matplotlib's four at level 6, for
    files a fifth larger.
    """
    canvas.draw()
    drawn = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba())
    resolution = (DOTS_PER_INCH, DOTS_PER_INCH)
    drawn.convert("RGB").save(png, "PNG", dpi=resolution, compress_level=1)
