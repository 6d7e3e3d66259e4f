"""Confidence limits of a rate: events per person-time."""

import math
from collections.abc import Callable

import numpy as np
from scipy import special

from calcinosis.estimate.clusters import jackknife_error
from calcinosis.estimates import CONF_LEVEL, Z

ALPHA = 1 - CONF_LEVEL
Limits = tuple[float | None, float]


def lognormal_interval(events: float, person_time: float) -> Limits:
    """Limits of a rate that are symmetric on the log scale.

    Own code, because `statsmodels.stats.rates.confint_poisson` has no such method.

    Parameters
    ----------
    events : number of events
    person_time : their denominator

    Returns
    -------
    low, high
        Events per unit of person-time. Without events the interval does not exist on the log
        scale: low is None and high is the exact upper limit.

    References
    ----------
    Stata `strate` and `stptime`: ``exp(log(D/Y) ± z * sqrt(1/D))``; 35 events in 155
    person-years give 16.21 to 31.45 per 100.
    """
    if events == 0:
        return None, exact_interval(0, person_time)[1]
    factor = math.exp(Z / math.sqrt(events))
    rate = events / person_time
    return rate / factor, rate * factor


def exact_interval(events: float, person_time: float) -> tuple[float, float]:
    """Garwood's exact Poisson limits of a rate.

    Parameters
    ----------
    events : number of events
    person_time : their denominator

    Returns
    -------
    low, high : events per unit of person-time; low is 0 without events

    References
    ----------
    Garwood F. Biometrika 1936;28:437-42, doi 10.1093/biomet/28.3-4.437. R:
    `poisson.test(events, person_time)$conf.int`.
    """
    low = special.gammaincinv(events, ALPHA / 2) if events else 0.0
    high = special.gammainccinv(events + 1, ALPHA / 2)
    return float(low / person_time), float(high / person_time)


def midp_interval(events: float, person_time: float) -> tuple[float, float]:
    """Mid-P limits: the observed count weighs half in each tail.

    Own code, because `confint_poisson` of statsmodels 0.15 returns a lower limit above 0, and
    above the upper one, without events.

    Parameters
    ----------
    events : number of events
    person_time : their denominator

    Returns
    -------
    low, high : events per unit of person-time; low is 0 without events

    References
    ----------
    Cohen GR, Yang SY. Stat Med 1994;13:2189-203, doi 10.1002/sim.4780132102. R:
    `exactci::poisson.exact(events, person_time, midp = TRUE)`.
    """
    from scipy import optimize  # its import takes longer than the rest of a step

    def at_most(mean: float) -> float:
        """P(fewer events) and half of P(as many)."""
        up_to = special.pdtr(events, mean)
        return float(up_to + (special.pdtr(events - 1, mean) if events else 0.0)) / 2

    def root(tail: float) -> float:
        widest = special.gammainccinv(events + 1, ALPHA / 2)
        return float(optimize.brentq(lambda mean: at_most(mean) - tail, 0, widest, xtol=1e-13))

    low = root(1 - ALPHA / 2) if events else 0.0
    return low / person_time, root(ALPHA / 2) / person_time


def byar_interval(events: float, person_time: float) -> tuple[float, float]:
    """Byar's approximation, as textbooks print it: `events` below and `events + 1` above.

    R's epitools and epiR take `events + 0.5` on both sides; their limits differ by 0.3 to 1.7 %.

    Parameters
    ----------
    events : number of events
    person_time : their denominator

    Returns
    -------
    low, high : events per unit of person-time; low is 0 without events

    References
    ----------
    Breslow NE, Day NE. Statistical Methods in Cancer Research, volume II. IARC 1987, formula 2.13.
    """
    low = 0.0
    if events:
        low = events * (1 - 1 / (9 * events) - Z / (3 * math.sqrt(events))) ** 3
    above = events + 1
    high = above * (1 - 1 / (9 * above) + Z / (3 * math.sqrt(above))) ** 3
    return max(low, 0.0) / person_time, high / person_time


def score_interval(events: float, person_time: float) -> tuple[float, float]:
    """Limits by inversion of the score test.

    Own code, because to import statsmodels takes longer than all that a job does with rates.

    Parameters
    ----------
    events : number of events
    person_time : their denominator

    Returns
    -------
    low, high : events per unit of person-time

    References
    ----------
    R: `(x + z^2 / 2 + c(-1, 1) * z * sqrt(x + z^2 / 4)) / time`; statsmodels:
    `confint_poisson(events, person_time, method="score")`.
    """
    middle, half = events + Z**2 / 2, Z * math.sqrt(events + Z**2 / 4)
    return (middle - half) / person_time, (middle + half) / person_time


INTERVALS: dict[str, Callable[[float, float], Limits]] = {
    "lognormal": lognormal_interval,
    "exact": exact_interval,
    "midp": midp_interval,
    "byar": byar_interval,
    "score": score_interval,
}
"""Method of a rate's row: its limits."""


def jackknife_interval(events: np.ndarray, person_time: np.ndarray) -> tuple[float, float] | None:
    """Limits that take the patient as the unit: log rates with each patient left out in turn.

    Parameters
    ----------
    events, person_time : of each patient, shape (patients,)

    Returns
    -------
    low, high
        Events per unit of person-time, symmetric on the log scale; None with fewer than two
        patients or events, because a rate without an event has no logarithm. By t on patients
        minus 1, as for the agreement of readers.

    References
    ----------
    The delete-one jackknife of Quenouille and Tukey on the logarithm of the rate (Efron B. The
    Jackknife, the Bootstrap and Other Resampling Plans. SIAM 1982, chapter 3).
    """
    n, total = len(events), float(events.sum())
    left = total - events
    if n < 2 or (left <= 0).any():
        return None
    log_rates = np.log(left / (person_time.sum() - person_time))
    t = float(special.stdtrit(n - 1, 1 - ALPHA / 2))
    rate, factor = total / float(person_time.sum()), math.exp(t * jackknife_error(log_rates))
    return rate / factor, rate * factor
