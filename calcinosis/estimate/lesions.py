"""Shares of lesions and of patients, and complications; the unit names the denominator."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from calcinosis.estimate.proportions import proportion
from calcinosis.estimates import Row, count

OF_LESIONS, OF_PATIENTS = "of lesions", "of patients"


def lesions_rows(frame: pd.DataFrame, settings: Mapping[str, Any]) -> list[Row]:
    """Where lesions are.

    Parameters
    ----------
    frame : dataset `lesions`: patient_id, the variable that has lesions, the complications, and
        two counts per site: `site_<site>` and `site_<site>_unknown`
    settings : the plan's section: sites, fingers, among, complications

    Returns
    -------
    rows of analysis `lesions`: each site, and `fingers` together, of lesions (without interval,
    because lesions of one patient are not independent), of patients with lesions and of patients;
    the number of places of patients with lesions that are not known, whose lesions, if any, are not
    in the shares of lesions; and how many patients without lesions have a lesion or complication
    recorded, which contradicts and is not counted
    """
    among = settings["among"]
    groups = _denominators(frame, among)
    have = groups[f"of patients with {among}"]
    sites = {site: [f"site_{site}"] for site in settings["sites"]}
    sites["fingers"] = [f"site_{site}" for site in settings["fingers"]]
    every = [f"site_{site}" for site in settings["sites"]]
    total = int(have[every].sum().sum())
    unknown = int(have[[f"{name}_unknown" for name in every]].sum().sum())
    without = frame[frame[among] == "no"]
    contradictory = (without[every] > 0).any(axis=1) | (
        without[settings["complications"]] == "yes"
    ).any(axis=1)
    identity: dict[str, Any] = {"term": among, "level": "yes", "unit": OF_PATIENTS}
    rows = [
        count("lesions", total, term="lesions", unit="lesions"),
        count("lesions", unknown, term="unknown_places", unit="places"),
        count("lesions", int(contradictory.sum()), term="contradictory", unit="patients"),
        proportion("lesions", len(have), len(groups[OF_PATIENTS]), **identity),
    ]
    for site, columns in sites.items():
        identity = {"term": "site", "level": site}
        number = int(have[columns].sum().sum())
        rows.append(
            proportion("lesions", number, total, interval=False, unit=OF_LESIONS, **identity)
        )
        for unit, patients in groups.items():
            rows.append(_share("lesions", _at(patients, columns, among), unit, identity))
    return rows


def complication_rows(frame: pd.DataFrame, settings: Mapping[str, Any]) -> list[Row]:
    """Complications of lesions, of patients with lesions and of patients.

    Parameters
    ----------
    frame : see `lesions_rows`
    settings : the plan's section: among, complications

    Returns
    -------
    rows of analysis `complications`; those without lesions have no complication
    """
    among, rows = settings["among"], []
    for name in settings["complications"]:
        for unit, patients in _denominators(frame, among).items():
            present = (patients[name] == "yes").astype("boolean").where(patients[name].notna())
            present = present.mask(patients[among] == "no", False)
            rows.append(_share("complications", present, unit, {"term": name, "level": "yes"}))
    return rows


def _denominators(frame: pd.DataFrame, among: str) -> dict[str, pd.DataFrame]:
    return {
        f"of patients with {among}": frame[frame[among] == "yes"],
        OF_PATIENTS: frame[frame[among].notna()],
    }


def _at(patients: pd.DataFrame, columns: list[str], among: str) -> pd.Series:
    """Whether each patient has a lesion at the site; missing where that is not known."""
    some = (patients[columns] > 0).any(axis=1)
    known = (patients[[f"{column}_unknown" for column in columns]] == 0).all(axis=1)
    return some.astype("boolean").where(some | known).mask(patients[among] == "no", False)


def _share(analysis: str, present: pd.Series, unit: str, identity: dict[str, Any]) -> Row:
    known = present.dropna()
    return proportion(analysis, int(known.sum()), len(known), unit=unit, **identity)
