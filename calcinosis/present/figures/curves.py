"""Odds ratios along the curves of a model."""

from collections.abc import Mapping
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from calcinosis import estimates
from calcinosis.present import formats
from calcinosis.present.figures import style
from calcinosis.present.words import Book, Labels

_KINDS = {"univariable": style.SOFT, "multivariable": style.BETTER}
_NAMES = {"univariable": "univariable", "multivariable": "adjusted"}


def figure(table: str | Path, labels: Mapping[str, str]) -> style.Drawn:
    """Draw rows of statistic `odds_ratio_along`, model `primary`: one panel per covariate.

    Parameters
    ----------
    table : path of an estimates table
    labels : of variables and levels

    Returns
    -------
    style.Drawn
    """
    book, label = Book(estimates.read(table)), Labels(labels)
    rows = book.all(model="primary", statistic="odds_ratio_along")
    terms = list(dict.fromkeys(row.term for row in rows))
    figure = Figure(figsize=(5.2 * max(len(terms), 1), 3.8), layout="constrained")
    for i, term in enumerate(terms, 1):
        panel = figure.add_subplot(1, len(terms), i)
        for analysis, colour in _KINDS.items():
            of = [r for r in rows if (r.term, r.analysis) == (term, analysis)]
            if not of:
                continue
            middle = float(of[0].reference)
            points = [(float(r.level), r.estimate, r.conf_low, r.conf_high) for r in of]
            points = sorted([*points, (middle, 1.0, 1.0, 1.0)])
            x, ratio, low, high = zip(*points, strict=True)
            panel.plot(x, ratio, color=colour, label=_NAMES[analysis])
            if (
                analysis == "multivariable"
                or len({r.analysis for r in rows if r.term == term}) == 1
            ):
                panel.fill_between(x, low, high, color=colour, alpha=0.18, linewidth=0)
        panel.axhline(1, color=style.SOFT, linewidth=0.8, zorder=0)
        panel.set_yscale("log")
        bottom, top = panel.get_ylim()
        panel.set_ylim(max(bottom, style.WIDEST_RATIO[0]), min(top, style.WIDEST_RATIO[1]))
        panel.yaxis.set_minor_locator(NullLocator())
        panel.set_yticks(
            [t for t in style.RATIO_TICKS if panel.get_ylim()[0] <= t <= panel.get_ylim()[1]]
        )
        panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: formats.as_given(value)))
        panel.set_xlabel(label(term))
        panel.set_ylabel("Odds ratio (log scale)")
        panel.legend(frameon=False, fontsize=8.5)
    data = [
        [r.result_id, r.analysis, label(r.term), r.level, r.estimate, r.conf_low, r.conf_high]
        for r in rows
    ]
    columns = ("result_id", "analysis", "covariate", "value", "odds_ratio", "conf_low", "conf_high")
    return style.Drawn(figure, columns, data)
