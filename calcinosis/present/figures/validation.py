"""ROC curve and calibration of the adjusted model."""

from collections.abc import Mapping
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from calcinosis import estimates
from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.figures import style
from calcinosis.present.words import Book, Labels


def figure(table: str | Path, labels: Mapping[str, str]) -> style.Drawn:
    """Draw sensitivity against specificity, and observed against predicted risk by group.

    Parameters
    ----------
    table : path of an estimates table
    labels : of variables and levels

    Returns
    -------
    style.Drawn
    """
    book, label = Book(estimates.read(table)), Labels(labels)
    drawn = Figure(figsize=(9.2, 4.4), layout="constrained")
    roc, calibration = drawn.subplots(1, 2)
    data = [*_roc(roc, book), *_calibration(calibration, book, label)]
    columns = ("result_id", "curve", "x", "estimate", "conf_low", "conf_high", "n")
    return style.Drawn(drawn, columns, data)


def _roc(axes: Axes, book: Book) -> list[list[object]]:
    rows = book.all(analysis="validation", term="specificity", statistic="sensitivity")
    false = [1 - float(row.level) for row in rows]
    true = [row.estimate or 0 for row in rows]
    axes.plot([0, 1], [0, 1], color=style.SOFT, linewidth=0.8)
    if rows:
        axes.plot([0, *false], [0, *true], color=style.BETTER, linewidth=2)
    area = book.one(analysis="validation", model="apparent", statistic="auc")
    if area is not None:
        said = formats.with_interval(area)
        axes.text(0.98, 0.04, f"Area {said}", ha="right", transform=axes.transAxes)
    _square(axes, 1.0)
    axes.set_xlabel("1 − specificity")
    axes.set_ylabel("Sensitivity")
    return [
        [r.result_id, "roc", x, r.estimate, r.conf_low, r.conf_high, r.n]
        for x, r in zip(false, rows, strict=True)
    ]


def _calibration(axes: Axes, book: Book, label: Labels) -> list[list[object]]:
    pairs: list[tuple[Row, Row]] = []
    for row in book.all(analysis="validation", term="risk_group", statistic="proportion"):
        predicted = book.one(
            analysis="validation", term="risk_group", level=row.level, statistic="predicted_risk"
        )
        if predicted is not None:
            pairs.append((predicted, row))
    axes.plot([0, 1], [0, 1], color=style.SOFT, linewidth=0.8)
    top = 0.1
    for predicted, row in pairs:
        x, y = predicted.estimate or 0, row.estimate or 0
        low, high = row.conf_low or 0, row.conf_high or 0
        axes.plot([x, x], [low, high], color=style.SAME, linewidth=1.6, zorder=1)
        axes.plot(x, y, "o", color=style.BETTER, markersize=6)
        top = max(top, x, high)
    _square(axes, min(1.0, top * 1.05))
    outcome = label.inside(pairs[0][1].outcome) if pairs else "the outcome"
    axes.set_xlabel("Predicted risk, mean of each group")
    axes.set_ylabel(f"Observed share with {outcome}")
    return [
        [r.result_id, "calibration", p.estimate, r.estimate, r.conf_low, r.conf_high, r.n]
        for p, r in pairs
    ]


def _square(axes: Axes, top: float) -> None:
    axes.set_xlim(0, top)
    axes.set_ylim(0, top)
    axes.set_box_aspect(1)
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
