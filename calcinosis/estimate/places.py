"""Which regions are affected at the first and last film, and in which the grade rose."""

import pandas as pd

from calcinosis.estimate.clusters import clustered_share
from calcinosis.estimate.proportions import proportion
from calcinosis.estimates import Row

FIRST_LAST = "first_last"
READ_TWICE = "of patients with the region read twice"


def affected_rows(first_last_regions: pd.DataFrame) -> list[Row]:
    """Share whose region is above the lowest grade at each end, of patients with it at both.

    Parameters
    ----------
    first_last_regions : the dataset: patient_id, side, region, grade_from, grade_to, worsened

    Returns
    -------
    rows of analysis `severity`, outcomes `affected_first_film` and `affected_last_film`; none
    where one region is read
    """
    return [
        row
        for film, column in (("first", "grade_from"), ("last", "grade_to"))
        for row in _shares(
            first_last_regions.assign(affected=first_last_regions[column].cat.codes.gt(0)),
            "affected",
            analysis="severity",
            model=FIRST_LAST,
            outcome=f"affected_{film}_film",
        )
    ]


def place_rows(
    regions: pd.DataFrame, first_last_regions: pd.DataFrame, comparison: str
) -> list[Row]:
    """Share of regions and, by region, of patients that worsened; none where one region is read.

    Parameters
    ----------
    regions : dataset `regions`: patient_id, interval, side, region, grade_from, grade_to, worsened
    first_last_regions : the dataset, with the same columns but interval
    comparison : first_last or consecutive, the `model` of the rows

    Returns
    -------
    rows of analysis `progression`; with `consecutive` those of the first film against the last
    stand beside, so that they can be seen with the regions that are affected at both
    """
    rows = _where(regions, comparison)
    if comparison == FIRST_LAST:
        return rows
    return [*rows, *_where(first_last_regions, FIRST_LAST)]


def _where(regions: pd.DataFrame, model: str) -> list[Row]:
    of_patients = _shares(
        regions, "worsened", analysis="progression", model=model, outcome="progression"
    )
    return [*_of_all_regions(regions, model), *of_patients] if of_patients else []


def _of_all_regions(regions: pd.DataFrame, model: str) -> list[Row]:
    """Share of regions that worsened, newly or from a grade they had; patients are clusters."""
    none = regions["grade_from"] == regions["grade_from"].cat.categories[0]
    return [
        clustered_share(
            "progression",
            those["worsened"].to_numpy(bool),
            those["patient_id"].to_numpy(),
            model=model,
            outcome=outcome,
            term="regions",
            unit="of regions read twice",
        )
        for outcome, those in (
            ("progression", regions),
            ("new_onset", regions[none]),
            ("worsening_of_existing", regions[~none]),
        )
    ]


def _shares(
    regions: pd.DataFrame, flag: str, *, analysis: str, model: str, outcome: str
) -> list[Row]:
    """Share of patients with the flag, by side and region of the codebook.

    A region of the codebook that nobody has read twice is a share of nobody.
    """
    by = ["side", "region"]
    of_patients = regions.groupby([*by, "patient_id"], observed=True)[flag].any()
    counts = of_patients.groupby(level=by, observed=True).agg(["sum", "size"])
    if len(counts) < 2:
        return []
    every = pd.MultiIndex.from_product(
        [counts.index.unique("side"), regions["region"].astype("category").cat.categories], names=by
    )
    return [
        proportion(
            analysis,
            int(of_region["sum"]),
            int(of_region["size"]),
            model=model,
            outcome=outcome,
            group=str(side),
            term="region",
            level=str(region),
            unit=READ_TWICE,
        )
        for (side, region), of_region in counts.reindex(every, fill_value=0).iterrows()
    ]
