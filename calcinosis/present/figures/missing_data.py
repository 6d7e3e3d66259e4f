"""Which variables are missing together, and how often."""

import textwrap
from collections.abc import Mapping
from pathlib import Path

from matplotlib.figure import Figure

from calcinosis import estimates
from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.figures import style
from calcinosis.present.missing_tables import MOST_PATTERNS, of_patterns
from calcinosis.present.words import Book, Labels

LINE = 28
"""Letters of a line of a variable's label."""


def figure(table: str | Path, labels: Mapping[str, str]) -> style.Drawn:
    """Draw the patterns from rows of analysis `missingness`: a line each, a column per variable.

    Parameters
    ----------
    table : path of an estimates table
    labels : of variables

    Returns
    -------
    style.Drawn
        Only variables that somebody lacks are drawn, each with its number of missing values; bars
        are the patients of each pattern.
    """
    book, label = Book(estimates.read(table)), Labels(labels)
    rows = of_patterns(book)[:MOST_PATTERNS]
    missing = book.all(analysis="missingness", statistic="missing", group="overall")
    lacked = [row for row in missing if any(_lacks(each, row.term) for each in rows)]
    width, height = 0.5 * max(len(lacked), 1), 0.34 * max(len(rows), 1)
    drawing = Figure(figsize=(width + 4.6, height + 1.9), layout="constrained")
    place, beside = drawing.subplots(1, 2, sharey=True, width_ratios=(width, 3.4))
    data: list[list[object]] = [[row.result_id, row.term, row.estimate] for row in lacked]
    most = max((row.events or 0 for row in rows), default=1)
    for y, row in enumerate(rows):
        gaps = [_lacks(row, variable.term) for variable in lacked]
        colours = [style.WORSE if gap else style.FAINT for gap in gaps]
        place.scatter(range(len(lacked)), [-y] * len(lacked), s=110, c=colours, marker="s")
        number = row.events or 0
        beside.barh(-y, number, 0.62, color=style.SAME if any(gaps) else style.BETTER)
        text = formats.count_percent(row)
        beside.text(number + most / 60, -y, text, va="center", fontsize=9)
        data.append([row.result_id, row.level, number])
    names = [textwrap.fill(f"{label(row.term)} ({formats.estimate(row)})", LINE) for row in lacked]
    place.set_xticks(range(len(lacked)), names, rotation=40, ha="left", rotation_mode="anchor")
    place.xaxis.tick_top()
    place.set_xlim(-0.6, max(len(lacked), 1) - 0.4)
    place.set_ylim(-len(rows) + 0.4, 0.6)
    place.set_yticks([])
    place.tick_params(length=0)
    beside.set_xlim(0, most * 1.35)
    beside.set_xticks([])
    for axes in (place, beside):
        axes.spines[["left", "bottom"]].set_visible(False)
    beside.set_title("Patients", fontsize=10, loc="left")
    return style.Drawn(drawing, ("result_id", "missing", "patients"), data)


def _lacks(row: Row, variable: str) -> bool:
    """Whether the patients of a pattern lack a variable."""
    return variable in row.level.split("=")
