"""What protects a reader of odds ratios: collinearity, and what could have been seen."""

import math
from collections.abc import Sequence

import numpy as np
from scipy import optimize, special

from calcinosis.estimates import Z

POWER = 0.8
"""Of the smallest odds ratio that a study could have detected."""


def generalised_vif(covariance: np.ndarray, terms: Sequence[str]) -> dict[str, tuple[float, int]]:
    """Generalised variance inflation factor of each term.

    Own code: the factor of statsmodels is of a linear regression, and 8 to 27 % off here.

    Parameters
    ----------
    covariance : of the coefficients without intercept, shape (parameters, parameters)
    terms : the term of each coefficient

    Returns
    -------
    by term the factor and its number of coefficients; `factor ** (1 / (2 * number))` compares terms
    with different numbers

    References
    ----------
    Fox J, Monette G. J Am Stat Assoc 1992;87:178-83, doi 10.1080/01621459.1992.10475190. R:
    `car::vif(glm(...))`.
    """
    errors = np.sqrt(covariance.diagonal())
    correlation = covariance / np.outer(errors, errors)
    whole = np.linalg.slogdet(correlation)[1]
    found = {}
    for term in dict.fromkeys(terms):
        of_term = np.array([other == term for other in terms])
        inside = np.linalg.slogdet(correlation[np.ix_(of_term, of_term)])[1]
        outside = np.linalg.slogdet(correlation[np.ix_(~of_term, ~of_term)])[1]
        found[term] = (float(math.exp(inside + outside - whole)), int(of_term.sum()))
    return found


def minimum_detectable_odds_ratio(exposed: int, unexposed: int, risk: float) -> float | None:
    """The odds ratio above 1 that a Wald test at 5 % detects with a power of 80 %.

    Parameters
    ----------
    exposed, unexposed : patients with and without the covariate
    risk : of the outcome in those without it

    Returns
    -------
    the odds ratio at which the log odds ratio is (1.96 + 0.84) standard errors, of which the
    expected counts of the four cells make one: sqrt(1/a + 1/b + 1/c + 1/d); None where there is
    none, because a group is empty or too small, or the risk is 0 or 1

    References
    ----------
    Woolf B. Ann Hum Genet 1955;19:251-3, doi 10.1111/j.1469-1809.1955.tb01348.x (the standard
    error).
    """
    if not exposed or not unexposed or not 0 < risk < 1:
        return None
    wanted = Z + float(special.ndtri(POWER))
    of_unexposed = 1 / (unexposed * risk * (1 - risk))

    def short_of(log_ratio: float) -> float:
        other = special.expit(special.logit(risk) + log_ratio)
        return log_ratio - wanted * math.sqrt(of_unexposed + 1 / (exposed * other * (1 - other)))

    # The standard error grows faster than the odds ratio in the end: without a crossing before its
    # turning point no odds ratio is large enough.
    grid = np.linspace(0, math.log(1000), 200)
    above = [x for x in grid if short_of(x) > 0]
    if not above:
        return None
    start = grid[np.searchsorted(grid, above[0]) - 1]
    return math.exp(optimize.brentq(short_of, start, above[0], xtol=1e-10))
