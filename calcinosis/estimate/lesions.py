"""Shares of lesions and of patients, and complications; the unit names the denominator."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.estimate.lesion_shares import lesion_shares
from calcinosis.estimate.proportions import proportion
from calcinosis.estimates import Row, count

OF_LESIONS, OF_PATIENTS = "of lesions", "of patients"
SITE, SITE_GROUP = "site", "site_group"
"""The terms of single sites and of sites that are counted together."""


def lesions_rows(frame: pd.DataFrame, settings: Mapping[str, Any]) -> list[Row]:
    """Where lesions are.

    Parameters
    ----------
    frame : dataset `lesions`: patient_id, the variable that has lesions, the complications, and
        two counts per site: `site_<site>` and `site_<site>_unknown`
    settings : the plan's section: sites, fingers, site_groups, among, complications, bootstraps,
        seed

    Returns
    -------
    rows of analysis `lesions`: each site, the fingers together and the plan's groups of sites, of
    lesions, of patients with lesions and of patients; lesions of a patient (median, quartiles);
    the number of places of patients with lesions that are not known, whose lesions, if any, are not
    in the shares of lesions; and how many patients without lesions have a lesion or complication
    recorded, which contradicts and is not counted
    """
    among = settings["among"]
    have = patients_with(frame, among)
    every = [f"site_{site}" for site in settings["sites"]]
    lesions = have[every].sum(axis=1).to_numpy()
    unknown = int(have[[f"{name}_unknown" for name in every]].sum().sum())
    without = frame[frame[among] == "no"]
    contradictory = (without[every] > 0).any(axis=1) | (
        without[settings["complications"]] == "yes"
    ).any(axis=1)
    identity: dict[str, Any] = {"term": among, "level": "yes", "unit": OF_PATIENTS}
    return [
        count("lesions", int(lesions.sum()), term="lesions", unit="lesions"),
        *_per_patient(lesions, among),
        count("lesions", unknown, term="unknown_places", unit="places"),
        count("lesions", int(contradictory.sum()), term="contradictory", unit="patients"),
        proportion("lesions", len(have), int(frame[among].notna().sum()), **identity),
        *site_rows(frame, settings),
    ]


def site_rows(frame: pd.DataFrame, settings: Mapping[str, Any]) -> list[Row]:
    """Each site and group of sites with each denominator; see `lesions_rows`."""
    among = settings["among"]
    have = patients_with(frame, among)
    of = {(SITE, site): [f"site_{site}"] for site in settings["sites"]}
    groups = {"fingers": settings["fingers"], **settings["site_groups"]}
    of |= {(SITE_GROUP, name): [f"site_{s}" for s in sites] for name, sites in groups.items()}
    identities = [{"term": term, "level": level} for term, level in of]
    counts = np.column_stack([have[columns].sum(axis=1) for columns in of.values()])
    total = have[[f"site_{site}" for site in settings["sites"]]].sum(axis=1).to_numpy()
    resamples = {name: settings[name] for name in ("bootstraps", "seed")}
    of_lesions = lesion_shares(counts, total, identities, unit=OF_LESIONS, **resamples)
    rows, people = [], denominators(frame, among)
    for row, identity, columns in zip(of_lesions, identities, of.values(), strict=True):
        rows.append(row)
        for unit, patients in people.items():
            rows.append(_share("lesions", at(patients, columns, among), unit, identity))
    return rows


def complication_rows(frame: pd.DataFrame, settings: Mapping[str, Any]) -> list[Row]:
    """Complications, of patients with lesions and of patients.

    Parameters
    ----------
    frame : see `lesions_rows`
    settings : the plan's section: among, complications

    Returns
    -------
    rows of analysis `complications`; those without lesions have no complication. They are recorded
    of a patient, not of a lesion, so that there is no share of lesions.
    """
    among, rows = settings["among"], []
    for name in settings["complications"]:
        for unit, patients in denominators(frame, among).items():
            present = (patients[name] == "yes").astype("boolean").where(patients[name].notna())
            present = present.mask(patients[among] == "no", False)
            rows.append(_share("complications", present, unit, {"term": name, "level": "yes"}))
    return rows


def patients_with(frame: pd.DataFrame, among: str) -> pd.DataFrame:
    """The patients with lesions."""
    return frame[frame[among] == "yes"]


def denominators(frame: pd.DataFrame, among: str) -> dict[str, pd.DataFrame]:
    """The patients of each unit: those with lesions, and all of whom that is known."""
    return {
        with_lesions(among): patients_with(frame, among),
        OF_PATIENTS: frame[frame[among].notna()],
    }


def with_lesions(among: str) -> str:
    """The unit of shares of patients with lesions."""
    return f"of patients with {among}"


def at(patients: pd.DataFrame, columns: list[str], among: str) -> pd.Series:
    """Whether each patient has a lesion at the sites; missing where that is not known."""
    some = (patients[columns].to_numpy() > 0).any(axis=1)
    unknown = (patients[[f"{column}_unknown" for column in columns]].to_numpy() != 0).any(axis=1)
    without = (patients[among] == "no").to_numpy()
    missing = unknown & ~some & ~without
    return pd.Series(pd.arrays.BooleanArray(some & ~without, missing), patients.index)


def _per_patient(lesions: np.ndarray, among: str) -> list[Row]:
    """Median and quartiles of the lesions of those who have any."""
    some = lesions[lesions > 0]
    if not len(some):
        return []
    identity: dict[str, Any] = {"analysis": "lesions", "term": "lesions_per_patient"}
    identity |= {"unit": with_lesions(among), "n": len(some)}
    ends = np.quantile(some, [0.25, 0.5, 0.75, 1])
    names = ("q1", "median", "q3", "maximum")
    return [
        Row(**identity, statistic=name, estimate=float(value))
        for name, value in zip(names, ends, strict=True)
    ]


def _share(analysis: str, present: pd.Series, unit: str, identity: dict[str, Any]) -> Row:
    known = present.dropna()
    return proportion(analysis, int(known.sum()), len(known), unit=unit, **identity)
