"""Cumulative incidence of progression, as far as the films reach."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from calcinosis import estimates
from calcinosis.estimates import Row
from calcinosis.present.figures import style
from calcinosis.present.words import Book, Labels

_SOLID = "-"
_LINES = (
    (style.BETTER, _SOLID),
    (style.WORSE, (0, (6, 1.5))),
    (style.INK, (0, (6, 1.5, 1.5, 1.5))),
    (style.SOFT, _SOLID),
    (style.GRADES[2], (0, (3, 1))),
    (style.GRADES[3], (0, (3, 1, 1, 1))),
)
"""Colour and dashes together, so that lines stay apart in grey."""
_PER_LINE = 3


def figure(table: str | Path, labels: Mapping[str, str], observation: str) -> style.Drawn:
    """Draw the curves of all patients, and one panel per stratifying variable.

    Parameters
    ----------
    table : path of an estimates table
    labels : of variables and levels
    observation : what one film is called

    Returns
    -------
    style.Drawn
        Lines are broken before the shortest time between films, and end with the last film.
    """
    rows = Book(estimates.read(table)).all(analysis="incidence")
    label = Labels(labels)
    shares = [row for row in rows if row.term == "years"]
    constant = [row for row in shares if row.model.startswith("interval_censored")]
    first = next(
        (r.estimate for r in rows if (r.term, r.statistic) == ("film_times", "minimum")), None
    )
    variables = list(dict.fromkeys(r.group.partition("=")[0] for r in constant))
    panels = [name for name in variables if name != "overall"]
    wide = 2 if len(panels) == 3 else min(len(panels) + 1, _PER_LINE)
    high = -(-(len(panels) + 1) // _PER_LINE)
    drawing = Figure(figsize=(3.6 * wide + 0.6, 3.4 * high), layout="constrained")
    axes = drawing.subplots(high, wide, squeeze=False, sharey=True).ravel()
    for place in axes[len(panels) + 1 :]:
        place.set_axis_off()
    _overall(axes[0], shares, first or 0.0)
    for place, variable in zip(axes[1:], panels, strict=False):
        of_variable = [r for r in constant if r.group.partition("=")[0] == variable]
        groups = list(dict.fromkeys(r.group for r in of_variable))
        for group, (colour, dashes) in zip(groups, _LINES, strict=False):
            curve = [r for r in of_variable if r.group == group]
            _line(place, curve, first or 0.0, colour, label(group.partition("=")[2]), dashes)
        place.set_title(label(variable), loc="left", fontsize=10, weight="bold")
        place.legend(loc="lower right", frameon=False, fontsize=8.5)
    for i, place in enumerate(axes[: len(panels) + 1]):
        _frame(place, observation, labelled=i % wide == 0)
    data = [
        [r.result_id, r.model, r.group, r.level, r.statistic, r.estimate, r.conf_low, r.conf_high]
        for r in shares
    ]
    columns = ("result_id", "model", "group", "years", "statistic", "estimate", "low", "high")
    return style.Drawn(drawing, columns, data)


def _overall(axes: Axes, shares: list[Row], first: float) -> None:
    """The constant rate with its interval, and where films carry them, Weibull and Turnbull."""
    everybody = [row for row in shares if row.group == "overall"]
    constant = [row for row in everybody if row.model.startswith("interval_censored")]
    band = [row for row in constant if float(row.level) >= first]
    if band:
        axes.fill_between(
            [float(r.level) for r in band],
            [r.conf_low or 0.0 for r in band],
            [r.conf_high or 0.0 for r in band],
            color=style.BETTER,
            alpha=0.15,
            linewidth=0,
            label="its 95% interval",
        )
    _line(axes, constant, first, style.BETTER, "constant rate")
    weibull = [row for row in everybody if row.model.startswith("weibull")]
    if weibull:
        axes.plot(
            [float(r.level) for r in weibull],
            [r.estimate or 0.0 for r in weibull],
            color=style.WORSE,
            linewidth=1.4,
            linestyle=(0, (5, 1.5)),
            label="Weibull",
        )
    turnbull = {
        name: [row for row in everybody if row.statistic == name]
        for name in ("risk_at_least", "risk_at_most")
    }
    for name, low, high in ((name, *pair) for name, pair in _spans(turnbull)):
        axes.plot(
            [name, name],
            [low, high],
            color=style.INK,
            linewidth=3,
            solid_capstyle="butt",
            clip_on=False,
        )
    if turnbull["risk_at_least"]:
        axes.plot([], [], "s", color=style.INK, markersize=4, label="no model (Turnbull)")
    axes.set_title("All", loc="left", fontsize=10, weight="bold")
    if axes.get_legend_handles_labels()[0]:  # nothing is drawn where no risk can be estimated
        axes.legend(loc="lower right", frameon=False, fontsize=8.5)


def _spans(turnbull: Mapping[str, list[Row]]) -> list[tuple[float, tuple[float, float]]]:
    """Where the estimate without a model lies at each time; at least a stroke that can be seen."""
    found = []
    for low, high in zip(turnbull["risk_at_least"], turnbull["risk_at_most"], strict=True):
        ends = ((low.estimate or 0.0) - 0.006, (high.estimate or 0.0) + 0.006)
        found.append((float(low.level), ends))
    return found


def _line(
    axes: Axes, curve: list[Row], first: float, colour: str, name: str, dashes: Any = _SOLID
) -> None:
    points = [(0.0, 0.0), *((float(r.level), r.estimate or 0.0) for r in curve)]
    if len(points) < 2:
        return
    seen = [point for point in points if point[0] >= first]
    before = [point for point in points if point[0] < first] + seen[:1]
    axes.plot(*zip(*before, strict=True), color=colour, linewidth=1.2, linestyle=":")
    if seen:
        axes.plot(*zip(*seen, strict=True), color=colour, linewidth=2, linestyle=dashes, label=name)


def _frame(axes: Axes, observation: str, *, labelled: bool) -> None:
    axes.set_xlim(left=0)
    axes.set_ylim(0, 1)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.0f}%"))
    axes.set_xlabel(f"Years from the first {observation}")
    if labelled:
        axes.set_ylabel("Progressed")
