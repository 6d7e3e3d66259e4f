"""Limits within which the share of a centre lies by chance."""

import numpy as np
from scipy import special


def limit(tail: float, n: int, share: float) -> float:
    """Exact limit of a funnel plot for proportions: a quantile of binomial shares.

    Own code, because no library has the interpolation, without which the limits are steps.

    Parameters
    ----------
    tail : probability below the limit, such as 0.025
    n : patients of the centre, at least 1
    share : of all centres together, 0 to 1

    Returns
    -------
    the limit as a share, 0 to 1: between two counts in proportion to their probabilities

    References
    ----------
    Spiegelhalter DJ. Stat Med 2005;24:1185-202, doi 10.1002/sim.1970, appendix A.1. R: `qbinom` and
    `pbinom`.
    """
    if share in (0.0, 1.0):
        return share
    # Thirty standard deviations hold every tail that is asked for.
    width = 30 * (n * share * (1 - share)) ** 0.5 + 30
    counts = np.arange(max(0, int(n * share - width)), min(n, int(n * share + width)) + 1)
    below = special.bdtr(counts, n, share)
    at = int(np.argmax(below > tail))
    before = below[at - 1] if at else 0.0
    beyond = (below[at] - tail) / (below[at] - before)
    return float(np.clip((counts[at] - beyond) / n, 0, 1))
