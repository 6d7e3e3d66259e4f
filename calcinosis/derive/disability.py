"""Disability from the items of the HAQ, and the visual scales beside it."""

import pandas as pd

from calcinosis.derive.instruments import HAQ, HAQ_CATEGORIES, VISUAL_SCALE_MAXIMUM

FEWEST_CATEGORIES = 6
WITH_HELP = 2


def haq_di(patients: pd.DataFrame, *, aids: bool = True) -> pd.DataFrame:
    """HAQ disability index, 0 (no disability) to 3, with its bounds.

    Each category is its worst item that was answered, and missing only if none was; with `aids`,
    an aid or device for the category, or help from another person, raises it to 2. The index is
    the mean of the categories that have an item, and is missing with fewer than six of the eight.
    The rule of six is a convention of the instrument's instructions that was not read in their
    text.

    Parameters
    ----------
    patients : items `haq_...` from 0 to 3; `haq_aid_<category>` and `haq_help_<category>`, no or
        yes, where the export has them
    aids : whether aids and help count; one that was not answered counts as none in the index

    Returns
    -------
    frame with score (in steps of 0.125 with eight categories), lower and upper: the index of eight
    categories with every missing item at 0 and aid at no, or at 3 and at yes; the index, were
    everything known, lies within

    References
    ----------
    Stanford HAQ scoring (the scored section is the highest item; aids, devices or help raise it to
    2; the index is the sum over the number of sections answered).
    """
    scores, lowest, highest = {}, {}, {}
    for category, items in HAQ_CATEGORIES.items():
        answers = patients[list(items)].astype("float64")
        worst, low = answers.max(axis=1), answers.fillna(0.0).max(axis=1)
        high = answers.fillna(float(HAQ.highest)).max(axis=1)
        flags = [f"haq_{what}_{category}" for what in ("aid", "help")]
        helped = patients[[flag for flag in flags if flag in patients and aids]]
        used, possible = (helped == "yes").any(axis=1), (helped != "no").any(axis=1)
        scores[category] = worst.mask(used & worst.notna(), worst.clip(lower=WITH_HELP))
        lowest[category] = low.mask(used, low.clip(lower=WITH_HELP))
        highest[category] = high.mask(possible, high.clip(lower=WITH_HELP))
    table = pd.DataFrame(scores)
    enough = table.notna().sum(axis=1) >= FEWEST_CATEGORIES
    return pd.DataFrame(
        {
            "score": table.mean(axis=1).where(enough),
            "lower": pd.DataFrame(lowest).mean(axis=1),
            "upper": pd.DataFrame(highest).mean(axis=1),
        }
    )


def visual_scale(readings: pd.Series, length: float) -> pd.DataFrame:
    """A visual scale as 0 to 3; its bounds, where it was not marked, are the ends of the line.

    Parameters
    ----------
    readings : distance of the mark from the end without complaints
    length : of the line, in the same unit

    Returns
    -------
    frame with score, lower and upper

    References
    ----------
    SHAQ: a line of 15 cm, of which 5 cm are 1; some sites use one of 100 mm. Scales stand each for
    itself and are no part of the HAQ-DI.
    """
    score = readings.astype("float64") * VISUAL_SCALE_MAXIMUM / length
    lower, upper = score.fillna(0.0), score.fillna(float(VISUAL_SCALE_MAXIMUM))
    return pd.DataFrame({"score": score, "lower": lower, "upper": upper})
