"""Disability and hand function from the items of their questionnaires."""

import pandas as pd

from calcinosis.derive.instruments import COCHIN_ITEMS, HAQ_CATEGORIES

FEWEST_CATEGORIES = 6
WITH_HELP = 2


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

    References
    ----------
    Stanford HAQ scoring (the scored section is the highest item; aids, devices or help raise it to
    2; the index is the sum over the number of sections answered).
    """
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

    References
    ----------
    Duruöz MT et al. J Rheumatol 1996;23:1167-72.
    """
    return patients[list(COCHIN_ITEMS)].sum(axis=1, skipna=False)
