"""Disability and hand function from the items of their questionnaires."""

import pandas as pd

from calcinosis.errors import InputError

HAQ_CATEGORIES: dict[str, tuple[str, ...]] = {
    "dressing": ("haq_dress", "haq_shampoo"),
    "arising": ("haq_stand", "haq_bed"),
    "eating": ("haq_cut_meat", "haq_lift_cup", "haq_milk_carton"),
    "walking": ("haq_walk", "haq_steps"),
    "hygiene": ("haq_wash", "haq_tub", "haq_toilet"),
    "reach": ("haq_reach", "haq_bend"),
    "grip": ("haq_car_doors", "haq_jars", "haq_faucets"),
    "activities": ("haq_errands", "haq_car", "haq_chores"),
}
FEWEST_CATEGORIES = 6
WITH_HELP = 2
COCHIN_ITEMS = tuple(f"cochin_{number:02d}" for number in range(1, 19))


def haq_di(patients: pd.DataFrame, *, aids: bool = True) -> pd.Series:
    """HAQ disability index, 0 (no disability) to 3.

    Each category is its worst item; with `aids`, an aid or device for the category, or help from
    another person, raises it to 2. The index is the mean of the categories that have an item, and
    is missing with fewer than six of the eight. The rule of six is a convention of the instrument's
    instructions that was not read in their text.

    Parameters
    ----------
    patients : items `haq_...` from 0 to 3; `haq_aid_<category>` and `haq_help_<category>`, no or
        yes, where the export has them
    aids : whether aids and help count

    Returns
    -------
    index per patient, in steps of 0.125 with eight categories

    Raises
    ------
    InputError
        An item is not in the patients table.

    References
    ----------
    Stanford HAQ scoring (the scored section is the highest item; aids, devices or help raise it to
    2; the index is the sum over the number of sections answered).
    """
    _need(patients, [item for items in HAQ_CATEGORIES.values() for item in items], "HAQ-DI")
    scores = {}
    for category, items in HAQ_CATEGORIES.items():
        worst = patients[list(items)].max(axis=1)
        if aids:
            for flag in (f"haq_aid_{category}", f"haq_help_{category}"):
                if flag in patients:
                    helped = (patients[flag] == "yes") & worst.notna()
                    worst = worst.mask(helped, worst.clip(lower=WITH_HELP))
        scores[category] = worst
    table = pd.DataFrame(scores)
    return table.mean(axis=1).where(table.notna().sum(axis=1) >= FEWEST_CATEGORIES)


def cochin(patients: pd.DataFrame) -> pd.Series:
    """Cochin hand function scale: the sum of 18 items from 0 to 5; 0 to 90, higher is worse.

    Missing when any item is, because no rule for missing items was found in a publication.

    Parameters
    ----------
    patients : items `cochin_01` to `cochin_18`

    Returns
    -------
    sum per patient

    Raises
    ------
    InputError
        An item is not in the patients table.

    References
    ----------
    Duruöz MT et al. J Rheumatol 1996;23:1167-72.
    """
    _need(patients, COCHIN_ITEMS, "Cochin scale")
    return patients[list(COCHIN_ITEMS)].sum(axis=1, skipna=False)


def _need(patients: pd.DataFrame, items: list[str] | tuple[str, ...], score: str) -> None:
    absent = [item for item in items if item not in patients]
    if absent:
        raise InputError(
            f"The {score} needs these variables of the patients table, which the codebook does not "
            f"name: {', '.join(absent)}"
        )
