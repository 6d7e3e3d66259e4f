"""How lesions were found, in all patients and by centre."""

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.estimate.group_tests import category_test
from calcinosis.estimate.lesions import OF_PATIENTS, with_lesions
from calcinosis.estimate.proportions import proportion
from calcinosis.estimates import Row

DRAWN = 19_999
"""Tables that are drawn where too many have the same margins."""


def ascertainment_rows(frame: pd.DataFrame, settings: Mapping[str, Any]) -> list[Row]:
    """How lesions were found, and whether centres differ in it.

    Parameters
    ----------
    frame : dataset `lesions`: patient_id, the variable that has lesions, that of each way of
        finding them, and the centre
    settings : the plan's section: among, ascertainment (way to its variable), centre, seed

    Returns
    -------
    rows of analysis `ascertainment`, none where the plan does not say how lesions are found. Who
    has lesions; by way the share found by it, of patients with lesions and of all patients, and of
    how many patients it is not known; `found_by`: each combination of ways, of patients with
    lesions all of whose ways are known, so that `imaging_only` is what nothing else found. The same
    by centre (group `<centre>=<level>`, of combinations only those of one way), with Fisher's or
    the chi-squared test of the same share in all centres
    """
    modes = settings["ascertainment"]
    if not modes:
        return []
    frame = frame.sort_values("patient_id")
    rows = _of_group(frame, settings, "overall", combinations=True)
    centre = settings["centre"]
    if not centre:
        return rows
    for level in frame[centre].cat.categories:
        of_centre = frame[frame[centre] == level]
        if len(of_centre):
            group = f"{centre}={level}"
            rows += _of_group(of_centre, settings, group, combinations=False)
    have = frame[frame[settings["among"]] == "yes"]
    ways = ways_of(have, modes)
    for mode, variable in modes.items():
        found = have[variable].eq("yes").where(have[variable].notna())
        rows.append(heterogeneity_row(found, have[centre], mode, "yes", settings))
        alone = ways.eq(f"{mode}_only").where(ways.notna())
        rows.append(heterogeneity_row(alone, have[centre], "found_by", f"{mode}_only", settings))
    return rows


def _of_group(
    frame: pd.DataFrame, settings: Mapping[str, Any], group: str, *, combinations: bool
) -> list[Row]:
    modes, among = settings["ascertainment"], settings["among"]
    have, every = frame[frame[among] == "yes"], frame[frame[among].notna()]
    identity = {"group": group, "term": among, "level": "yes", "unit": OF_PATIENTS}
    rows = [proportion("ascertainment", len(have), len(every), **identity)]
    for mode, variable in modes.items():
        for unit, patients in ((with_lesions(among), have), (OF_PATIENTS, every)):
            known = patients[variable].dropna()
            positive = int((known == "yes").sum())
            identity = {"group": group, "term": mode, "unit": unit}
            rows.append(proportion("ascertainment", positive, len(known), level="yes", **identity))
            missing = len(patients) - len(known)
            rows.append(_missing(missing, len(patients), **identity))
    ways = ways_of(have, modes)
    known, unit = ways.dropna(), with_lesions(among)
    for name in combinations_of(modes):
        number = int((known == name).sum())
        if combinations or name.endswith("_only"):
            identity = {"group": group, "term": "found_by", "level": name, "unit": unit}
            rows.append(proportion("ascertainment", number, len(known), **identity))
    unclear = int((known == "none").sum())
    if unclear:
        identity = {"group": group, "term": "found_by", "level": "none", "unit": unit}
        rows.append(proportion("ascertainment", unclear, len(known), **identity))
    missing = len(have) - len(known)
    rows.append(_missing(missing, len(have), group=group, term="found_by", unit=unit))
    return rows


def combinations_of(modes: Mapping[str, str]) -> list[str]:
    """Names of all combinations of ways: first each alone (`imaging_only`), last all together."""
    found = []
    for size in range(1, len(modes) + 1):
        for chosen in itertools.combinations(modes, size):
            found.append(f"{chosen[0]}_only" if size == 1 else "_and_".join(chosen))
    return found


def ways_of(frame: pd.DataFrame, modes: Mapping[str, str]) -> pd.Series:
    """By which combination each patient was found (`none` by no way); missing where one is unknown.

    Parameters
    ----------
    frame : with the yes/no variable of each way
    modes : way to its variable
    """
    names, codes = [""], np.zeros(len(frame), int)
    for mode, variable in modes.items():
        codes += len(names) * (frame[variable] == "yes").to_numpy()
        names += [f"{name}_and_{mode}" if name else mode for name in names]
    named = [f"{name}_only" if name in modes else name or "none" for name in names]
    known = frame[list(modes.values())].notna().all(axis=1)
    return pd.Series(np.array(named, object)[codes], frame.index).where(known)


def heterogeneity_row(
    found: pd.Series, centre: pd.Series, term: str, level: str, settings: Mapping[str, Any]
) -> Row:
    """Whether the share is the same in all centres.

    Parameters
    ----------
    found : of patients with lesions, True or False, missing where not known
    centre : the category of each
    term, level : text fields of the row
    settings : among, centre, seed

    Returns
    -------
    row `group_test`: Pearson's chi-squared where at least 5 are expected in every cell, otherwise
    Fisher's exact test, by enumeration or, where there are too many tables, by seeded Monte Carlo

    References
    ----------
    R: `chisq.test(correct = FALSE)`, `fisher.test`, `fisher.test(simulate.p.value = TRUE)`.
    """
    known = found.notna() & centre.notna()
    yes = found[known].astype(bool)
    identity: dict[str, Any] = {"analysis": "ascertainment", "term": term, "level": level}
    identity |= {"unit": with_lesions(settings["among"]), "statistic": "group_test"}
    identity |= {"reference": settings["centre"], "n": int(known.sum()), "events": int(yes.sum())}
    table = pd.crosstab(centre[known].astype(str), yes).to_numpy()
    return Row(**identity, **category_test(table, settings["seed"], DRAWN))


def _missing(number: int, of: int, **identity: str) -> Row:
    return Row(analysis="ascertainment", statistic="missing", estimate=number, n=of, **identity)  # type: ignore[arg-type]
