"""Intervals of what is not independent: regions and films of one patient go together."""

import math
from collections.abc import Callable

import numpy as np

from calcinosis.estimate.proportions import wilson
from calcinosis.estimates import CONF_LEVEL, Row


def jackknife(
    statistic: Callable[[np.ndarray], float | None], patients: np.ndarray
) -> tuple[float, int] | None:
    """Standard error of a statistic when patients, not rows, are independent.

    Each patient is left out in turn, with all rows. No random numbers are drawn.

    Parameters
    ----------
    statistic : from a boolean array of the rows that stay to a number; None where it has none
    patients : whose each row is, shape (rows,)

    Returns
    -------
    standard error and degrees of freedom (patients minus 1); None with fewer than two patients, or
    where the statistic does not exist without one of them

    References
    ----------
    Efron B, Stein C. Ann Stat 1981;9:586-96, doi 10.1214/aos/1176345462. For a mean of equally
    large clusters it is the standard error of the mean of the clusters' means.
    """
    names = np.unique(patients)
    if len(names) < 2:
        return None
    found = [statistic(patients != name) for name in names]
    known = np.array([value for value in found if value is not None])
    if len(known) < len(names):
        return None
    return jackknife_error(known), len(names) - 1


def jackknife_error(left_out: np.ndarray) -> float:
    """Standard error from the statistic without each patient in turn, shape (patients,)."""
    n = len(left_out)
    return math.sqrt((n - 1) / n * float(np.square(left_out - left_out.mean()).sum()))


def clustered_share(
    analysis: str, present: np.ndarray, patients: np.ndarray, **identity: str
) -> Row:
    """A share of rows, with Wilson's interval for as many rows as the clustering leaves.

    The effective number of rows is what independent rows would need for the jackknife's standard
    error, at most their number and at least the number of patients; where all rows agree, so that
    there is no standard error, it is the number of patients.

    Parameters
    ----------
    analysis : word of the estimates table
    present : boolean, shape (rows,)
    patients : whose each row is, shape (rows,)
    identity : further text fields of the row

    Returns
    -------
    Row
        A proportion with `events` over `n` rows and method `wilson_effective_n`; with one row a
        patient it is Wilson's interval (`wilson`).

    References
    ----------
    Saha KK, Miller D, Wang S. Int J Biostat 2016;12:20150024, doi 10.1515/ijb-2015-0024.
    """
    n, events, people = len(present), int(present.sum()), len(np.unique(patients))
    method = "wilson" if people == n else "wilson_effective_n"
    if n == 0:
        return Row(
            analysis=analysis,
            statistic="proportion",
            n=0,
            events=0,
            method=method,
            status="not_estimable",
            note="Nothing is in the denominator.",
            **identity,  # type: ignore[arg-type]
        )
    share = events / n
    effective = float(n)
    if people < n:
        error = jackknife(lambda stay: float(present[stay].mean()), patients)
        effective = float(people)
        if error and error[0] > 0:
            effective = min(n, max(people, share * (1 - share) / error[0] ** 2))
    low, high = wilson(share * effective, effective)
    return Row(
        analysis=analysis,
        statistic="proportion",
        estimate=share,
        conf_low=low,
        conf_high=high,
        conf_level=CONF_LEVEL,
        n=n,
        events=events,
        method=method,
        **identity,  # type: ignore[arg-type]
    )
