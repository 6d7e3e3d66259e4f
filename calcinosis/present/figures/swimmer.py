"""Films and grades of each patient over time: case by case, for the private folder only."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from calcinosis.frames import read_frame
from calcinosis.present.figures import style
from calcinosis.present.words import Labels

_MARKERS = "osD^"
_PER_INCH = 5.5
_TALLEST = 60.0
"""Inches; with more patients than fit, names are left out and lines move together."""


def figure(table: str | Path, labels: Mapping[str, str], observation: str) -> style.Drawn:
    """Draw one line per patient with its films, coloured by grade.

    Parameters
    ----------
    table : path of the dataset `films`: patient_id, years from the first film, grade (ordered
        category: the highest of the regions read on it)
    labels : of grades
    observation : what one film is called

    Returns
    -------
    style.Drawn
        Its data hold patients' identifiers and times: it is written below `private` only.
    """
    films, label = read_frame(table), Labels(labels)
    films = films.sort_values(["patient_id", "years"])
    codes, levels = films["grade"].cat.codes, list(films["grade"].cat.categories)
    by_patient = films.assign(code=codes).groupby("patient_id")
    order = pd.DataFrame(
        {"code": by_patient["code"].last(), "years": by_patient["years"].last()}
    ).sort_values(["code", "years"], kind="stable")
    place = {patient: i for i, patient in enumerate(order.index)}
    height = min(max(len(place) / _PER_INCH, 1.0) + 1.4, _TALLEST)
    figure, axes = style.canvas(8.0, height)
    y = films["patient_id"].map(place)
    for patient, last in order["years"].items():
        at = place[patient]
        axes.plot([0, last], [at, at], color=style.FAINT, linewidth=2.5, zorder=1)
    for code, level in enumerate(levels):
        of_grade = codes == code
        axes.scatter(
            films["years"][of_grade],
            y[of_grade],
            s=26,
            marker=_MARKERS[code % len(_MARKERS)],
            color=style.GRADES[min(code, len(style.GRADES) - 1)],
            edgecolors=style.INK,
            linewidths=0.5,
            zorder=2,
            label=label(level),
        )
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=len(levels),
        frameon=False,
        title=f"Highest grade read on each {observation}",
        alignment="left",
    )
    if height < _TALLEST:
        axes.set_yticks(range(len(place)), list(place), fontsize=7)
    else:
        axes.set_yticks([])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(-0.8, len(place) - 0.2)
    axes.set_xlim(left=-0.02 * max(float(films["years"].max()), 1.0))
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(f"Years from the first {observation}")
    data = films[["patient_id", "years", "grade"]].astype({"grade": str})
    return style.Drawn(figure, list(data.columns), data.to_numpy().tolist())
