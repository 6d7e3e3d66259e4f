"""Limits within which the share of a centre lies by chance."""

import numpy as np
from scipy import special


def limits(tail: float, n: int, share: float) -> tuple[float, float]:
    """Exact limits of a funnel plot for proportions, interpolated between counts.

    Own code, because no library interpolates, without which the limits are steps. The upper limit
    is the lower one of the patients without the finding, so that a centre that lies above with the
    one share lies below with the other; the probability beyond either is at most `tail`.

    Parameters
    ----------
    tail : probability beyond each limit, such as 0.025
    n : patients of the centre, at least 1
    share : of all centres together, 0 to 1

    Returns
    -------
    lower and upper limit as shares, 0 to 1

    References
    ----------
    Spiegelhalter DJ. Stat Med 2005;24:1185-202, doi 10.1002/sim.1970, appendix A.1, for the lower
    limit; its upper one may be exceeded more often than `tail` says. R: `qbinom` and `pbinom`.
    """
    return _lower(tail, n, share), 1 - _lower(tail, n, 1 - share)


def _lower(tail: float, n: int, share: float) -> float:
    if share in (0.0, 1.0):
        return share
    # Thirty standard deviations hold every tail that is asked for.
    width = 30 * (n * share * (1 - share)) ** 0.5 + 30
    counts = np.arange(max(0, int(n * share - width)), min(n, int(n * share + width)) + 1)
    below = special.bdtr(counts, n, share)
    at = int(np.argmax(below > tail))
    before = below[at - 1] if at else 0.0
    beyond = (below[at] - tail) / (below[at] - before)
    return max(0.0, float((counts[at] - beyond) / n))
