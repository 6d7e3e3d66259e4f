"""Lesions per site, and the class of a patient's locations."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from calcinosis.derive.instruments import LEAST_OF_CLASS, LESION_COUNT_CLASSES, LOCATION_CLASSES

CLASSES = pd.CategoricalDtype(list(LOCATION_CLASSES), ordered=True)
COUNT_CLASSES = pd.CategoricalDtype(list(LESION_COUNT_CLASSES), ordered=True)


def site_counts(patients: pd.DataFrame, sites: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Lesions of each patient at each site: how many of the site's variables are yes.

    Parameters
    ----------
    patients : with the no/yes variables that `sites` names
    sites : site to its variables

    Returns
    -------
    two integer columns per site: `<site>`, its variables that are yes, and `<site>_unknown`, its
    variables that are not known
    """
    counts = {}
    for site, variables in sites.items():
        parts = patients[list(variables)]
        counts[site] = (parts == "yes").sum(axis=1)
        counts[f"{site}_unknown"] = parts.isna().sum(axis=1)
    return pd.DataFrame(counts, index=patients.index)


def sided(patients: pd.DataFrame, two_sided: Mapping[str, Mapping[str, str]]) -> pd.DataFrame:
    """Whether each patient has a lesion on the right and on the left of each site with two sides.

    Parameters
    ----------
    patients : with the no/yes variables that `two_sided` names
    two_sided : site to side to its variable

    Returns
    -------
    boolean columns `side_<side>_<site>`, missing where that is not known
    """
    made = {
        f"side_{side}_{site}": (patients[name] == "yes")
        .astype("boolean")
        .where(patients[name].notna())
        for site, variables in two_sided.items()
        for side, name in variables.items()
    }
    return pd.DataFrame(made, index=patients.index)


def location_class(
    patients: pd.DataFrame,
    sites: Mapping[str, Sequence[str]],
    fingers: Sequence[str],
    among: str,
) -> pd.Series:
    """The class of a patient's locations.

    Parameters
    ----------
    patients, sites : see `site_counts`
    fingers : the sites that are fingers and thumbs
    among : the no/yes variable that has lesions; its `no` is the class none

    Returns
    -------
    none, fingers_only, fingers_and_beyond or beyond_only; missing where a site that decides is not
    known.
    """
    on_fingers = _any(patients, [name for site in fingers for name in sites[site]])
    others = [site for site in sites if site not in fingers]
    beyond = _any(patients, [name for site in others for name in sites[site]])
    result = pd.Series(pd.NA, index=patients.index, dtype=object)
    known = on_fingers.notna() & beyond.notna()
    present = known & (patients[among] == "yes")
    first, second = on_fingers.fillna(False), beyond.fillna(False)
    result = result.mask(present & first & ~second, "fingers_only")
    result = result.mask(present & first & second, "fingers_and_beyond")
    result = result.mask(present & ~first & second, "beyond_only")
    return result.mask(patients[among] == "no", "none").astype(CLASSES)


def lesion_count(
    patients: pd.DataFrame, sites: Mapping[str, Sequence[str]], among: str
) -> pd.DataFrame:
    """How many lesions a patient has: the places of all sites that are yes.

    Parameters
    ----------
    patients, sites : see `site_counts`
    among : the no/yes variable that has lesions; its `no` is 0

    Returns
    -------
    frame with score, lower and upper. The score is missing where a place is not known, and where
    no place is yes though `among` is not no: such a lesion is at a place that the plan does not
    name, or was there once. lower is the places that are yes, upper those that may be
    """
    places = [name for variables in sites.values() for name in variables]
    parts = patients[places]
    none = patients[among] == "no"
    lower = (parts == "yes").sum(axis=1).mask(none, 0).astype("float64")
    upper = (lower + parts.isna().sum(axis=1)).mask(none, 0.0)
    upper = upper.mask((upper == 0) & ~none, float(len(places)))
    return pd.DataFrame({"score": lower.where(lower == upper), "lower": lower, "upper": upper})


def lesion_count_class(count: pd.DataFrame) -> pd.Series:
    """The class of a patient's number of lesions, from the frame of `lesion_count`.

    Known also where a place is not: whoever has four lesions at known places has four or more.
    """
    low, high = (
        np.searchsorted(LEAST_OF_CLASS, count[end], side="right") - 1 for end in ("lower", "upper")
    )
    codes = np.where(low == high, low, -1)
    return pd.Series(pd.Categorical.from_codes(codes, dtype=COUNT_CLASSES), index=count.index)


def _any(patients: pd.DataFrame, variables: Sequence[str]) -> pd.Series:
    """Whether any variable is yes; missing where none is and one is not known."""
    parts = patients[list(variables)]
    some = (parts == "yes").any(axis=1)
    return some.astype("boolean").where(some | parts.notna().all(axis=1))
