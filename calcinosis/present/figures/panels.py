"""Panels of scores side by side, whose groups are named once."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.words import Labels

_IN_A_LINE = 3


def of_scores(
    scores: Sequence[str], heights: Mapping[str, float], rows: Sequence[Row], label: Labels
) -> tuple[Figure, dict[str, Axes]]:
    """An empty figure with one panel per score, and a line per group.

    Parameters
    ----------
    scores : in the order of the panels
    heights : of the groups, from the top (highest) to the bottom
    rows : one per score and group or more; `n` is printed beside the group's name, one number
        where it is the same in all panels of a line
    label : labels

    Returns
    -------
    the figure, and the panel of each score
    """
    lines = -(-len(scores) // _IN_A_LINE) or 1
    lowest = min(heights.values(), default=0.0)
    size = (10.0, lines * (1.0 + 0.36 * (1.0 - lowest)))
    drawing = Figure(figsize=size, layout="constrained")
    across = min(max(len(scores), 1), _IN_A_LINE)
    grid = drawing.subplots(lines, across, squeeze=False, sharey=True)
    places = dict(zip(scores, grid.ravel(), strict=False))
    numbers = {(row.term, row.group): row.n or 0.0 for row in rows}
    for line in range(lines):
        of_line = scores[line * across : (line + 1) * across]
        names = [_named(group, of_line, numbers, label) for group in heights]
        grid[line, 0].set_yticks(list(heights.values()), names)
        grid[line, 0].tick_params(axis="y", labelleft=True)
    for axes in grid.ravel():
        axes.set_ylim(lowest - 0.6, max(heights.values(), default=0.0) + 0.7)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.locator_params(axis="x", nbins=5)
    for score, axes in places.items():
        axes.set_xlabel(label(score))
    for axes in grid.ravel()[len(scores) :]:
        axes.set_axis_off()
    return drawing, places


def _named(
    group: str, scores: Sequence[str], numbers: Mapping[tuple[str, str], float], label: Labels
) -> str:
    of_panels = [formats.number(numbers.get((score, group), 0.0), 0) for score in scores]
    said = of_panels[:1] if len(set(of_panels)) == 1 else of_panels
    return f"{label.group(group)} (n={', '.join(said)})"
