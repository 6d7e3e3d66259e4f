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


def detectable_odds_ratio(
    exposed: int, unexposed: int, risk: float, *, above: bool
) -> float | None:
    """The odds ratio nearest to 1 that a Wald test at 5 % detects with a power of 80 %.

    Parameters
    ----------
    exposed, unexposed : patients with and without the covariate
    risk : of the outcome in those without it
    above : whether the odds ratio is above 1 or below

    Returns
    -------
    the odds ratio whose logarithm is (1.96 + 0.84) standard errors, sqrt(1/a + 1/b + 1/c + 1/d) of
    the four expected counts; None where there is none up to 1000 (from 1/1000), because a group is
    empty or too small, or the risk is 0 or 1

    References
    ----------
    Woolf B. Ann Hum Genet 1955;19:251-3, doi 10.1111/j.1469-1809.1955.tb01348.x (the standard
    error).
    """
    if not exposed or not unexposed or not 0 < risk < 1:
        return None
    wanted, sign = Z + float(special.ndtri(POWER)), 1 if above else -1
    of_unexposed = 1 / (unexposed * risk * (1 - risk))

    def beyond(distance: float) -> float:
        other = special.expit(special.logit(risk) + sign * distance)
        error = math.sqrt(of_unexposed + 1 / (exposed * other * (1 - other)))
        return distance - wanted * error

    # The standard error overtakes the odds ratio in the end: the first crossing is sought.
    grid = np.linspace(0, math.log(1000), 400)
    crossed = np.flatnonzero([beyond(x) > 0 for x in grid])
    if not len(crossed):
        return None
    first = crossed[0]
    return math.exp(sign * optimize.brentq(beyond, grid[first - 1], grid[first], xtol=1e-10))
