"""Which sites have lesions together: combinations, and pairs."""

import itertools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.estimate.lesions import at, patients_with, with_lesions
from calcinosis.estimate.patterns import collapse
from calcinosis.estimate.proportions import proportion
from calcinosis.estimates import Row, count

MOST = 15
"""Combinations that are told apart at most."""
OTHERS = "other_combinations"


def combination_rows(frame: pd.DataFrame, settings: Mapping[str, Any]) -> list[Row]:
    """Combinations of sites in patients with lesions, the rare ones counted together.

    Parameters
    ----------
    frame : dataset `lesions`, see `lesions_rows`
    settings : the plan's section: sites, fingers, among, smallest_combination

    Returns
    -------
    rows of analysis `lesions`, of patients with lesions whose sites are all known, fingers and
    thumbs as one site. `combination`, its level the names with a point between them: how many have
    exactly these sites. Combinations that fewer than `smallest_combination` patients have, and
    those beyond the 15 most frequent, are `other_combinations`; where these would be fewer patients
    than that, the next smallest is with them, so that nobody is found by subtraction. `pair`: how
    many have both of two sites, and the phi coefficient of the two
    """
    among, fingers = settings["among"], settings["fingers"]
    have = patients_with(frame, among)
    others = [site for site in settings["sites"] if site not in fingers]
    of = {"fingers": list(fingers), **{site: [site] for site in others}}
    there = pd.DataFrame(
        {name: at(have, [f"site_{site}" for site in sites], among) for name, sites in of.items()}
    )
    known = there[there.notna().all(axis=1)].astype(bool)
    rows = [
        count(
            "lesions",
            len(there) - len(known),
            term="combination",
            unit="patients with unknown sites",
        ),
        *_combinations(known, settings["smallest_combination"], with_lesions(among)),
    ]
    single = pd.DataFrame({s: at(have, [f"site_{s}"], among) for s in settings["sites"]})
    for one, other in itertools.combinations(settings["sites"], 2):
        rows += _pair(single[one], single[other], f"{one}.{other}")
    return rows


def _combinations(known: pd.DataFrame, smallest: int, unit: str) -> list[Row]:
    n = len(known)
    patterns = collapse(known.to_numpy(), np.zeros(n))
    sizes = zip(patterns.X.tolist(), patterns.trials.astype(int).tolist(), strict=True)
    # Ties are ordered by their sites, first sites first.
    ranked = sorted(sizes, key=lambda item: (-item[1], [not there for there in item[0]]))
    shown = [item for item in ranked[:MOST] if item[1] >= smallest]
    while shown and 0 < n - sum(size for _, size in shown) < smallest:
        shown.pop()
    identity: dict[str, Any] = {"term": "combination", "unit": unit}
    rows = [
        proportion("lesions", size, n, level=_name(known.columns, pattern), **identity)
        for pattern, size in shown
    ]
    left = n - sum(size for _, size in shown)
    if left:
        rows.append(proportion("lesions", left, n, level=OTHERS, **identity))
        number = len(ranked) - len(shown)
        rows.append(count("lesions", number, term="combination", level=OTHERS, unit="combinations"))
    return rows


def _name(sites: pd.Index, pattern: list[bool]) -> str:
    names = [str(site) for site, there in zip(sites, pattern, strict=True) if there]
    return ".".join(names) or "no_site"


def _pair(one: pd.Series, other: pd.Series, level: str) -> list[Row]:
    """How many have both sites, and phi."""
    known = one.notna() & other.notna()
    a, b = one[known].to_numpy(bool), other[known].to_numpy(bool)
    n, both = len(a), int((a & b).sum())
    identity: dict[str, Any] = {"analysis": "lesions", "term": "pair", "level": level, "n": n}
    rows = [Row(**identity, statistic="count", unit="patients", estimate=both, events=both)]
    spread = math.sqrt(float(a.sum()) * (n - a.sum()) * b.sum() * (n - b.sum()))
    if spread == 0:
        note = "Everybody or nobody has one of the two sites."
        return [*rows, Row(**identity, statistic="phi", status="not_estimable", note=note)]
    phi = (both * n - float(a.sum()) * b.sum()) / spread
    return [*rows, Row(**identity, statistic="phi", estimate=float(phi))]
