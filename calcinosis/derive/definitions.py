"""Composite yes/no variables: present when any of their components is."""

from collections.abc import Mapping, Sequence

import pandas as pd

YES_NO = pd.CategoricalDtype(["no", "yes"], ordered=True)


def any_of(frame: pd.DataFrame, components: Sequence[str]) -> pd.Series:
    """Whether any component is `yes`.

    Parameters
    ----------
    frame : patients, with the components as no/yes categories
    components : their names

    Returns
    -------
    ordered category no|yes; `no` only when all components are known to be no, missing when none
    is yes and one is not known
    """
    parts = frame[list(components)]
    known_no = (parts == "no").all(axis=1)
    present = (parts == "yes").any(axis=1)
    result = pd.Series(pd.NA, index=frame.index, dtype=object)
    return result.mask(known_no, "no").mask(present, "yes").astype(YES_NO)


def define(frame: pd.DataFrame, definitions: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Add the plan's composites to the patients table, in order: one may build on another."""
    for name, components in definitions.items():
        frame = frame.assign(**{name: any_of(frame, components)})
    return frame
