"""T-scores by site and group, their classes, and how far those measured are from everybody."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from calcinosis import estimates
from calcinosis.present import formats
from calcinosis.present.bone_density_model_tables import column
from calcinosis.present.bone_density_tables import group_names
from calcinosis.present.figures import style
from calcinosis.present.lines import of_group
from calcinosis.present.words import Book, Labels

ANALYSIS = "bone_density"
COLUMNS = ("result_id", "group", "score", "statistic", "value")
_CLASSES = ("#dfe7ee", "#8fb3cf", "#1f5f8b")
_GROUPS = (style.BETTER, style.WORSE, style.INK, style.SOFT)
_LIMITS = (-1.0, -2.5)
"""Of the WHO classes."""
_BALANCED = 0.1
"""Standardised differences below are commonly called small."""
_SPACE = 1.3
"""Lines between the blocks of two sites."""


def figure(table: str | Path, labels: Mapping[str, str]) -> style.Drawn:
    """Draw T-scores, their classes and the balance of weights from rows of `bone_density`.

    Parameters
    ----------
    table : path of an estimates table
    labels : of variables and levels

    Returns
    -------
    style.Drawn
        Panels of classes and of balance are there where the plan has them. Of each group only
        median and quartiles are shown, never a patient.
    """
    book, label = Book(estimates.read(table)), Labels(labels)
    groups = group_names(book)
    medians = book.all(analysis=ANALYSIS, model="", statistic="median")
    sites = [row.term for row in medians if row.group in groups]
    terms = [term for term in dict.fromkeys(sites) if term.startswith("t_score")] + [
        term for term in dict.fromkeys(sites) if not term.startswith("t_score")
    ]
    shares = book.all(analysis=ANALYSIS, term="who_class", statistic="proportion")
    balance = book.all(analysis=ANALYSIS, group="measured", statistic="smd")
    lines = len(terms) * (len(groups) + _SPACE)
    heights = [0.8 + 0.3 * lines]
    heights += [0.8 + 0.15 * len(balance)] if balance else []
    drawing = Figure(figsize=(8.2, sum(heights)), layout="constrained")
    parts = drawing.subfigures(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
    axes = parts[0].subplots(1, 2 if shares else 1, squeeze=False, width_ratios=_widths(shares))[0]
    data = _by_site(axes[0], book, terms, groups, label)
    if shares:
        data += _classes(axes[1], shares, groups, label)
    if balance:
        data += _balance(parts[1].subplots(), balance, label)
    return style.Drawn(drawing, COLUMNS, data)


def _widths(shares: Sequence[estimates.Row]) -> list[int]:
    return [3, 2] if shares else [1]


def _by_site(
    axes: Axes, book: Book, terms: Sequence[str], groups: Sequence[str], label: Labels
) -> list[list[object]]:
    """A block of lines per site, a line per group: quartiles as a bar, the median as a dot."""
    data: list[list[object]] = []
    ticks, names, position = [], [], 0.0
    for term in terms:
        axes.annotate(
            label(term) if term != "t_score" or len(terms) == 1 else f"{label(term)}, compared",
            (0, position + 0.55),
            xycoords=axes.get_yaxis_transform(),
            fontsize=9,
            fontweight="bold",
        )
        for i, group in enumerate(groups):
            rows = {s: of_group(book, ANALYSIS, term, group, s) for s in ("median", "q1", "q3")}
            median = rows["median"]
            number = formats.number((median and median.n) or 0, 0)
            ticks.append(position)
            names.append(f"{label.group(group)} (n={number})")
            known = {s: r for s, r in rows.items() if r and r.estimate is not None}
            data += [[r.result_id, group, term, s, r.estimate] for s, r in known.items()]
            if len(known) == len(rows):
                at, low, high = (float(row.estimate or 0) for row in known.values())
                axes.plot(
                    [low, high],
                    [position] * 2,
                    color=style.SAME,
                    linewidth=8,
                    solid_capstyle="butt",
                )
                axes.plot(at, position, "o", color=_GROUPS[i % len(_GROUPS)], markersize=7)
                axes.annotate(
                    formats.estimate(known["median"]),
                    (high, position),
                    (6, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=8.5,
                )
            position -= 1
        position -= _SPACE
    for limit in _LIMITS:
        axes.axvline(limit, color=style.FAINT, linewidth=1, zorder=0)
    axes.set_yticks(ticks, names, fontsize=9)
    axes.set_ylim(position + _SPACE + 0.3, 1.3)
    axes.margins(x=0.12)
    axes.locator_params(axis="x", nbins=5)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("T-score")
    return data


def _classes(
    axes: Axes, shares: list[estimates.Row], groups: list[str], label: Labels
) -> list[list[object]]:
    """One bar per group: the shares of the classes; returns the figure's data."""
    data: list[list[object]] = []
    levels = list(dict.fromkeys(row.level for row in shares))
    names = []
    for i, group in enumerate(groups):
        start = 0.0
        # Not all who were measured are classed.
        classed = formats.number(next(row.n or 0 for row in shares if row.group == group), 0)
        names.append(f"{label.group(group)}\n(n={classed})")
        for colour, level in zip(_CLASSES, levels, strict=False):
            row = next(r for r in shares if (r.group, r.level) == (group, level))
            if not row.estimate:
                continue
            axes.barh(-i, row.estimate, 0.35, left=start, color=colour)
            ink = "white" if colour == _CLASSES[2] else style.INK
            if row.estimate > 0.16:
                middle = start + row.estimate / 2
                text = formats.estimate(row)
                axes.text(middle, -i, text, ha="center", va="center", fontsize=8.5, color=ink)
            data.append([row.result_id, group, level, "proportion", row.estimate])
            start += row.estimate
    for colour, level in zip(_CLASSES, levels, strict=False):
        axes.barh([0], [0], color=colour, label=label(level))
    axes.legend(
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=3,
        frameon=False,
        fontsize=8,
        columnspacing=0.8,
        handlelength=1.2,
    )
    axes.set_xlim(0, 1)
    axes.set_ylim(-len(groups) + 0.4, 0.6)
    axes.set_yticks([-i for i in range(len(groups))], names, fontsize=9)
    axes.set_xticks([0, 0.5, 1], ["0%", "50%", "100%"])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("Of those classed")
    return data


def _balance(axes: Axes, balance: Sequence[estimates.Row], label: Labels) -> list[list[object]]:
    """One line per variable: how far the measured are from everybody, before and after weights."""
    names = list(dict.fromkeys(column(row, label) for row in balance))
    known = [row for row in balance if row.estimate is not None]
    for model, face in (("unweighted", "white"), ("weighted", style.BETTER)):
        of_model = [row for row in known if row.model == model]
        axes.plot(
            [row.estimate or 0.0 for row in of_model],
            [-names.index(column(row, label)) for row in of_model],
            "o",
            color=style.BETTER,
            markerfacecolor=face,
            clip_on=False,
            label=model,
        )
    axes.axvline(_BALANCED, color=style.SOFT, linewidth=0.8, linestyle=":")
    axes.set_xlim(left=0)
    axes.set_ylim(-len(names) + 0.4, 0.6)
    axes.set_yticks([-i for i in range(len(names))], names, fontsize=9)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", color=style.FAINT)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("Standardised difference of those measured from everybody")
    axes.legend(frameon=False, fontsize=9, loc="best")
    return [[r.result_id, r.group, r.term, f"smd_{r.model}", r.estimate] for r in known]
