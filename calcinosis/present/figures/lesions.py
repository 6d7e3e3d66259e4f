"""Where lesions are: shares of lesions and of patients, side by side."""

from collections.abc import Mapping
from pathlib import Path

from matplotlib.figure import Figure

from calcinosis import estimates
from calcinosis.present import formats
from calcinosis.present.figures import style
from calcinosis.present.words import Book, Labels

_COLOURS = (style.WORSE, style.BETTER, style.SOFT)


def figure(table: str | Path, labels: Mapping[str, str]) -> style.Drawn:
    """Draw shares by site from rows of analysis `lesions`, one panel per denominator.

    Parameters
    ----------
    table : path of an estimates table
    labels : of sites

    Returns
    -------
    style.Drawn
        Sites, then groups of sites; lines are 95% intervals. All panels have one scale.
    """
    book, label = Book(estimates.read(table)), Labels(labels)
    of = {"analysis": "lesions", "statistic": "proportion"}
    rows = [row for term in ("site", "site_group") for row in book.all(**of, term=term)]
    sites = list(dict.fromkeys((row.term, row.level) for row in rows))
    single = [site for site in sites if site[0] == "site"]
    at = {site: -i - 0.5 * (i >= len(single)) for i, site in enumerate(sites)}
    units = list(dict.fromkeys(row.unit for row in rows))
    drawing = Figure(figsize=(10, 1.3 + 0.36 * len(sites)), layout="constrained")
    axes = drawing.subplots(1, max(len(units), 1), sharey=True, squeeze=False)[0]
    data: list[list[object]] = []
    # One scale, so that bars of different denominators compare.
    widest = max((row.conf_high or row.estimate or 0 for row in rows), default=0) or 1
    for place, unit, colour in zip(axes, units, _COLOURS, strict=False):
        for row in rows:
            if row.unit != unit or row.estimate is None:
                continue
            y = at[row.term, row.level]
            place.barh(y, row.estimate, 0.62, color=colour, alpha=0.55)
            end = row.estimate
            if row.conf_low is not None and row.conf_high is not None:
                place.plot([row.conf_low, row.conf_high], [y, y], color=style.INK, linewidth=1.1)
                end = row.conf_high
            text = f" {formats.estimate(row)}"
            place.text(end + 0.01 * widest, y, text, va="center", fontsize=8.5)
            data.append([row.result_id, row.level, unit, row.estimate, row.conf_low, row.conf_high])
        place.set_title(f"Share {label(unit)}", fontsize=10, loc="left")
        place.set_xlim(0, 1.3 * widest)
        place.set_xticks([])
        place.spines["bottom"].set_visible(False)
        place.tick_params(axis="y", length=0)
    axes[0].set_yticks(list(at.values()), [label(site) for _, site in sites])
    columns = ("result_id", "site", "denominator", "share", "conf_low", "conf_high")
    return style.Drawn(drawing, columns, data)
