"""Coverage and density of simulated regions, which follow from their grades.

What is drawn here is no claim about anybody: the study that `early_ssc` follows graded only.
"""

from collections.abc import Iterable

import numpy as np

_COVERAGE = {"mild": (2, 9), "moderate": (10, 29), "severe": (30, 80)}
"""Per cent of a region from which and up to which a grade reaches."""
_NOISE = 0.05
"""Share by which a reading of an unchanged region varies."""


def add_coverage(rows: Iterable[dict[str, str]], seed: int) -> None:
    """Add coverage (per cent) and density (1 to 3) to readings, from random numbers of their own.

    Parameters
    ----------
    rows : readings with patient_id, side, region and grade; without calcinosis both are 0, and
        blank where the region was not read
    seed : of what is drawn here; nothing else that is drawn changes with it
    """
    rng = np.random.default_rng([seed, 1])
    places: dict[tuple[str, ...], tuple[float, int]] = {}
    for row in rows:
        place = (row["patient_id"], row["side"], row["region"])
        within, density = places.setdefault(place, (rng.random(), int(rng.integers(1, 4))))
        noise = 1 + _NOISE * (2 * rng.random() - 1)
        if row["grade"] in _COVERAGE:
            low, high = _COVERAGE[row["grade"]]
            row["coverage"] = str(round((low + within * (high - low)) * noise))
            row["density"] = str(density)
        else:
            row["coverage"] = row["density"] = "0" if row["grade"] else ""
