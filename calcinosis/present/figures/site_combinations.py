"""Sites that have lesions together: combinations as columns of dots below their counts."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from calcinosis import estimates
from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.figures import style
from calcinosis.present.words import Book, Labels

OTHERS = "other_combinations"


def figure(table: str | Path, labels: Mapping[str, str]) -> style.Drawn:
    """Draw the combinations of sites from rows of analysis `lesions`.

    Parameters
    ----------
    table : path of an estimates table
    labels : of sites

    Returns
    -------
    style.Drawn
        A column for each combination, most frequent first: its bar counts patients, its dots are
        its sites. On the left a bar for each site. Rare combinations are the last column.

    References
    ----------
    Lex A, et al. UpSet: visualization of intersecting sets. IEEE Trans Vis Comput Graph
    2014;20:1983-92, doi 10.1109/TVCG.2014.2346248.
    """
    book, label = Book(estimates.read(table)), Labels(labels)
    rows = book.all(analysis="lesions", term="combination", statistic="proportion")
    rows = [row for row in rows if row.estimate is not None]
    sites = _sites(book)
    columns = max(len(rows), 1)
    drawing = Figure(
        figsize=(3.6 + 0.42 * max(columns, 8), 2.6 + 0.3 * max(len(sites), 1)), layout="constrained"
    )
    grid = drawing.add_gridspec(
        2,
        2,
        width_ratios=(1.3, 0.42 * max(columns, 8)),
        height_ratios=(2.0, 0.3 * max(len(sites), 1)),
    )
    bars, dots = drawing.add_subplot(grid[0, 1]), drawing.add_subplot(grid[1, 1])
    totals = drawing.add_subplot(grid[1, 0])
    data: list[list[object]] = []
    for x, row in enumerate(rows):
        others = row.level == OTHERS
        look: dict[str, Any] = {"hatch": "///", "edgecolor": style.SOFT} if others else {}
        bars.bar(x, row.events or 0, 0.62, color=style.FAINT if others else style.BETTER, **look)
        bars.text(x, row.events or 0, _number(row), ha="center", va="bottom", fontsize=8.5)
        data.append([row.result_id, row.level, row.events, row.n])
        if others:
            pooled = book.one(analysis="lesions", level=OTHERS, unit="combinations")
            said = f"{formats.estimate(pooled)} others" if pooled else "others"
            dots.text(x, -(len(sites) - 1) / 2, said, rotation=90, ha="center", va="center")
            continue
        there = [i for i, (site, _) in enumerate(sites) if site in row.level.split(".")]
        dots.plot([x] * len(sites), [-i for i in range(len(sites))], "o", color=style.FAINT)
        dots.plot([x] * len(there), [-i for i in there], "o-", color=style.INK, linewidth=1.6)
    for i, (site, total) in enumerate(sites):
        totals.barh(-i, total.events or 0, 0.62, color=style.SAME)
        at = (total.events or 0, -i, f"{_number(total)} ")
        totals.text(*at, va="center", ha="right", fontsize=8.5)
        data.append([total.result_id, site, total.events, total.n])
    _dress(bars, dots, totals, [label(site) for site, _ in sites], columns)
    unit = label(rows[0].unit).removeprefix("of ") if rows else ""
    number = f" (n = {formats.number(rows[0].n or 0, 0)})" if rows else ""
    bars.set_title(f"{unit.capitalize()}{number}", fontsize=10, loc="left")
    return style.Drawn(drawing, ("result_id", "sites", "events", "n"), data)


def _sites(book: Book) -> list[tuple[str, Row]]:
    """The sites of the combinations, fingers and thumbs as one, each with its share of patients."""
    of = {"analysis": "lesions", "statistic": "proportion"}
    fingers = {row.level for row in book.all(**of, term="finger")}
    found = [
        *book.all(**of, term="site_group", level="fingers"),
        *(row for row in book.all(**of, term="site") if row.level not in fingers),
    ]
    return [(row.level, row) for row in found if row.unit.startswith("of patients with ")]


def _number(row: Row) -> str:
    return formats.number(row.events or 0, 0)


def _dress(bars: Axes, dots: Axes, totals: Axes, names: Sequence[str], columns: int) -> None:
    """Axes without what nobody reads."""
    for axes in (bars, dots):
        axes.set_xlim(-0.6, columns - 0.4)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
    bars.set_ylabel("patients", fontsize=9)
    bars.margins(y=0.12)
    ticks = [-i for i in range(len(names))]
    for axes in (dots, totals):
        axes.set_ylim(-len(names) + 0.4, 0.6)
        axes.set_yticks(ticks, names)
        axes.tick_params(axis="y", length=0)
    dots.spines["left"].set_visible(False)
    totals.invert_xaxis()
    totals.margins(x=0.25)
    totals.set_xticks([])
    totals.set_yticks([])
    for side in ("left", "bottom"):
        totals.spines[side].set_visible(False)
    totals.set_title("Patients by site", fontsize=9, loc="right")
