"""The 2013 ACR/EULAR classification of systemic sclerosis, with bounds where items are missing."""

import pandas as pd

from calcinosis.derive.instruments import (
    ACR_EULAR_CLASSES,
    ACR_EULAR_EXCLUSIONS,
    ACR_EULAR_SUFFICIENT,
    ACR_EULAR_WEIGHTS,
)

THRESHOLD = 9
CLASSES = pd.CategoricalDtype(list(ACR_EULAR_CLASSES), ordered=True)


def acr_eular_2013(patients: pd.DataFrame) -> pd.DataFrame:
    """Score and classify.

    Skin thickening of the fingers of both hands extending proximal to the metacarpophalangeal
    joints suffices alone (9 points, instead of the finger-skin domain); otherwise the domains add
    up. A missing item counts as 0 in the lower bound and as the maximum of its domain in the upper.
    A patient meets the criteria only if the lower bound is 9 or more and both exclusions are known
    to be absent, and does not only if the upper bound is below 9 or an exclusion is present.

    Parameters
    ----------
    patients : with the variables of `instruments.ACR_EULAR_LEVELS`

    Returns
    -------
    frame with acr_eular_lower and acr_eular_upper (points, 0 to 24) and acr_eular_2013
    (does_not_meet, meets; missing where indeterminate)

    References
    ----------
    van den Hoogen F et al. Ann Rheum Dis 2013;72:1747-55, doi 10.1136/annrheumdis-2013-204424,
    table 1.
    """
    known = {
        domain: patients[domain].map(weights).astype(float)
        for domain, weights in ACR_EULAR_WEIGHTS.items()
    }
    bounds = {}
    for name, missing_is_best in (("lower", False), ("upper", True)):
        points = {
            domain: known[domain].fillna(max(weights.values()) if missing_is_best else 0)
            for domain, weights in ACR_EULAR_WEIGHTS.items()
        }
        proximal = patients[ACR_EULAR_SUFFICIENT].astype(object)
        sufficient = (proximal == "yes") | (proximal.isna() & missing_is_best)
        points["acr_finger_skin"] = points["acr_finger_skin"].mask(sufficient, THRESHOLD)
        bounds[name] = sum(points.values())
    spared, mimic = (patients[item].astype(object) for item in ACR_EULAR_EXCLUSIONS)
    excluded = (spared == "yes") | (mimic == "yes")
    not_excluded = (spared == "no") & (mimic == "no")
    meets = (bounds["lower"] >= THRESHOLD) & not_excluded
    does_not = (bounds["upper"] < THRESHOLD) | excluded
    classes = pd.Series(pd.NA, index=patients.index, dtype=object)
    classes = classes.mask(meets, "meets").mask(does_not, "does_not_meet").astype(CLASSES)
    return pd.DataFrame(
        {
            "acr_eular_lower": bounds["lower"],
            "acr_eular_upper": bounds["upper"],
            "acr_eular_2013": classes,
        }
    )
