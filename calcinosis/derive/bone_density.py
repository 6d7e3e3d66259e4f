"""The T-score that is compared, and its class."""

from collections.abc import Sequence

import pandas as pd

from calcinosis.derive.instruments import WHO_CLASSES

CLASSES = pd.CategoricalDtype(list(WHO_CLASSES), ordered=True)


def t_score(patients: pd.DataFrame, sites: Sequence[str], use: str) -> pd.Series:
    """The lowest T-score of the sites that were measured, or the one of a site.

    Parameters
    ----------
    patients : with the variables `sites`
    sites : variables with a T-score each
    use : `lowest`, or one of `sites`
    """
    return patients[list(sites)].min(axis=1) if use == "lowest" else patients[use]


def who_class(scores: pd.Series) -> pd.Series:
    """Normal from -1.0 upwards, osteoporosis from -2.5 downwards, osteopenia between.

    References
    ----------
    WHO criteria; they are meant for postmenopausal women and men of 50 or more, which is not
    looked at here.
    """
    classes = pd.Series(pd.NA, index=scores.index, dtype=object)
    classes = classes.mask(scores >= -1.0, "normal").mask(scores <= -2.5, "osteoporosis")
    return classes.mask((scores < -1.0) & (scores > -2.5), "osteopenia").astype(CLASSES)
