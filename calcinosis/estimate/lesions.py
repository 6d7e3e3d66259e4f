"""Shares of lesions and of patients, and complications; the unit names the denominator."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from calcinosis.estimate.proportions import proportion
from calcinosis.estimates import Row, count

OF_LESIONS, OF_PATIENTS = "of lesions", "of patients"


def lesions_rows(frame: pd.DataFrame, settings: Mapping[str, Any]) -> list[Row]:
    """Where lesions are and what complicates them.

    Parameters
    ----------
    frame : dataset `lesions`: patient_id, the variable that has lesions, the complications, and
        one count column `site_<site>` per site
    settings : the plan's section: sites, fingers, among, complications

    Returns
    -------
    rows of analysis `lesions` (each site, and `fingers` together: of lesions, without interval
    because lesions of one patient are not independent; of patients with lesions; of patients) and
    `complications` (of those two groups of patients)
    """
    among = settings["among"]
    have = frame[frame[among] == "yes"]
    of_those = f"of patients with {among}"
    denominators = ((of_those, have), (OF_PATIENTS, frame[frame[among].notna()]))
    sites = {site: [f"site_{site}"] for site in settings["sites"]}
    sites["fingers"] = [f"site_{site}" for site in settings["fingers"]]
    total = int(have[[f"site_{site}" for site in settings["sites"]]].sum().sum())
    rows = [count("lesions", total, term="lesions", unit="lesions")]
    rows += [
        proportion(
            "lesions", len(have), len(denominators[1][1]), term=among, level="yes", unit=OF_PATIENTS
        )
    ]
    for site, columns in sites.items():
        number = int(have[columns].sum().sum())
        identity: dict[str, Any] = {"term": "site", "level": site}
        rows.append(
            proportion("lesions", number, total, interval=False, unit=OF_LESIONS, **identity)
        )
        for unit, patients in denominators:
            rows.append(_share("lesions", _at(patients, columns, among), unit, identity))
    for name in settings["complications"]:
        identity = {"term": name, "level": "yes"}
        for unit, patients in denominators:
            present = (patients[name] == "yes").astype("boolean").where(patients[name].notna())
            present = present.mask(patients[among] == "no", False)
            rows.append(_share("complications", present, unit, identity))
    return rows


def _at(patients: pd.DataFrame, columns: list[str], among: str) -> pd.Series:
    """Whether each patient has a lesion at the site; missing where that is not known."""
    some = (patients[columns] > 0).fillna(False).any(axis=1)
    known = patients[columns].notna().all(axis=1)
    return some.astype("boolean").where(some | known).mask(patients[among] == "no", False)


def _share(analysis: str, present: pd.Series, unit: str, identity: dict[str, Any]) -> Row:
    known = present.dropna()
    return proportion(analysis, int(known.sum()), len(known), unit=unit, **identity)
