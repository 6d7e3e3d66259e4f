"""Medians with quartiles of groups: the common part of two figures."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from calcinosis.present import formats
from calcinosis.present.figures import style
from calcinosis.present.words import Book, Labels

COLUMNS = ("result_id", "group", "score", "statistic", "value")


def draw(
    axes: Axes, book: Book, analysis: str, term: str, groups: Sequence[str], label: Labels
) -> list[list[object]]:
    """Draw one line per group: quartiles as a bar, the median as a dot, both as text.

    Parameters
    ----------
    axes : where
    book : the estimates
    analysis, term : of the rows
    groups : names of the groups, from top to bottom
    label : labels

    Returns
    -------
    what is drawn, for the figure's data: result_id, group, score, statistic, value
    """
    data: list[list[object]] = []
    names = []
    for position, group in enumerate(groups):
        found = {
            statistic: book.one(analysis=analysis, term=term, group=group, statistic=statistic)
            for statistic in ("median", "q1", "q3")
        }
        rows = {name: row for name, row in found.items() if row and row.estimate is not None}
        any_row = found["median"]
        number = 0 if any_row is None or any_row.n is None else int(any_row.n)
        names.append(f"{label.group(group)} (n={formats.number(number, 0)})")
        data += [[r.result_id, group, term, name, r.estimate] for name, r in rows.items()]
        if len(rows) < 3:
            continue
        median, low, high = (float(rows[name].estimate or 0) for name in ("median", "q1", "q3"))
        axes.plot(
            [low, high], [-position] * 2, color=style.SAME, linewidth=9, solid_capstyle="butt"
        )
        axes.plot(median, -position, "o", color=style.BETTER, markersize=8)
        text = formats.estimate(rows["median"])
        axes.annotate(
            text, (median, -position), (0, 8), textcoords="offset points", ha="center", fontsize=9
        )
    axes.set_yticks([-i for i in range(len(groups))], names)
    axes.set_ylim(-len(groups) + 0.4, 0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(label(term))
    return data
