"""Where lesions are: shares of lesions and of patients, side by side."""

from collections.abc import Mapping
from pathlib import Path

from matplotlib.figure import Figure

from calcinosis import estimates
from calcinosis.present import formats
from calcinosis.present.figures import style
from calcinosis.present.words import Book, Labels


def figure(table: str | Path, labels: Mapping[str, str]) -> style.Drawn:
    """Draw shares by site from rows of analysis `lesions`, one panel per denominator.

    Parameters
    ----------
    table : path of an estimates table
    labels : of sites

    Returns
    -------
    style.Drawn
    """
    book, label = Book(estimates.read(table)), Labels(labels)
    rows = book.all(analysis="lesions", term="site", statistic="proportion")
    sites = list(dict.fromkeys(row.level for row in rows if row.level != "fingers"))
    units = [unit for unit in dict.fromkeys(row.unit for row in rows) if unit != "of patients"]
    drawing = Figure(figsize=(8.6, 1.2 + 0.38 * len(sites)), layout="constrained")
    axes = drawing.subplots(1, max(len(units), 1), sharey=True, squeeze=False)[0]
    data: list[list[object]] = []
    for place, unit, colour in zip(axes, units, (style.WORSE, style.BETTER), strict=False):
        for i, site in enumerate(sites):
            row = book.one(
                analysis="lesions", term="site", level=site, unit=unit, statistic="proportion"
            )
            if row is None or row.estimate is None:
                continue
            place.barh(-i, row.estimate, 0.62, color=colour, alpha=0.85)
            place.text(row.estimate, -i, f" {formats.estimate(row)}", va="center", fontsize=8.5)
            data.append([row.result_id, site, unit, row.estimate])
        place.set_title(f"Share {label(unit)}", fontsize=10, loc="left")
        place.set_xlim(0, max([r.estimate or 0 for r in rows if r.unit == unit] or [1]) * 1.1)
        place.set_xticks([])
        place.spines["bottom"].set_visible(False)
        place.tick_params(axis="y", length=0)
    axes[0].set_yticks([-i for i in range(len(sites))], [label(site) for site in sites])
    return style.Drawn(drawing, ("result_id", "site", "denominator", "share"), data)
