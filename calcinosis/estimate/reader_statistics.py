"""Agreement of two readings of the same films: kappa, intraclass correlation, Bland and Altman."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
from scipy import special
from statsmodels.stats.inter_rater import cohens_kappa

from calcinosis.estimates import CONF_LEVEL, Z

_LIMITS = NormalDist().inv_cdf(0.975)
"""Standard deviations to either limit of agreement, which are 95 % limits by definition."""
Weights = Literal["unweighted", "linear", "quadratic"]


@dataclass(frozen=True)
class Measured:
    """A statistic with the limits that independent films give; they are None where none exist."""

    estimate: float
    low: float | None = None
    high: float | None = None
    std_error: float | None = None


def agreement_table(first: np.ndarray, second: np.ndarray, levels: int) -> np.ndarray:
    """Counts of pairs by the first reading (rows) and the second, for all levels.

    Parameters
    ----------
    first, second : codes from 0, shape (pairs,)
    levels : how many there are; levels that nobody used count too, because weights depend on them
    """
    table = np.zeros((levels, levels))
    np.add.at(table, (first.astype(int), second.astype(int)), 1)
    return table


def kappa(table: np.ndarray, weights: Weights) -> Measured | None:
    """Cohen's kappa with its asymptotic standard error and limits, which end at -1 and 1.

    Parameters
    ----------
    table : counts, shape (levels, levels)
    weights : of disagreement: all alike, by steps (Cicchetti and Allison), by squared steps
        (Fleiss and Cohen)

    Returns
    -------
    None where all readings have one grade, so that chance leaves nothing; without limits where
    the readings never differ

    References
    ----------
    Fleiss JL, Cohen J, Everitt BS. Psychol Bull 1969;72:323-7, doi 10.1037/h0028106. R:
    `vcd::Kappa`, `psych::cohen.kappa`.
    """
    shares = table / table.sum()
    expected = np.outer(shares.sum(axis=1), shares.sum(axis=0))
    if np.isclose(np.trace(expected), 1):
        return None
    found = cohens_kappa(table, wt=None if weights == "unweighted" else weights)
    estimate, error = float(found.kappa), float(found.std_kappa)
    if not error > 0:
        return Measured(estimate)
    reach = Z * error
    return Measured(estimate, max(-1.0, estimate - reach), min(1.0, estimate + reach), error)


def icc(first: np.ndarray, second: np.ndarray) -> Measured | None:
    """Intraclass correlation ICC(2,1): two-way random, absolute agreement, single reading.

    Parameters
    ----------
    first, second : scores, shape (films,), at least two

    Returns
    -------
    estimate and McGraw and Wong's limits; None where no score varies; without limits where the
    readings never differ

    References
    ----------
    McGraw KO, Wong SP. Psychol Methods 1996;1:30-46, doi 10.1037/1082-989X.1.1.30. R:
    `psych::ICC` (ICC2), `irr::icc(model = "twoway", type = "agreement")`.
    """
    scores, k = np.column_stack([first, second]), 2
    n = len(scores)
    grand = scores.mean()
    rows = k * ((scores.mean(axis=1) - grand) ** 2).sum() / (n - 1)
    columns = n * ((scores.mean(axis=0) - grand) ** 2).sum() / (k - 1)
    rest = scores - scores.mean(axis=1, keepdims=True) - scores.mean(axis=0) + grand
    error = (rest**2).sum() / ((n - 1) * (k - 1))
    total = rows + (k - 1) * error + k * (columns - error) / n
    if np.isclose(total, 0):
        return None
    estimate = float((rows - error) / total)
    if np.isclose(error, 0):
        return Measured(estimate)
    ratio = columns / error
    inner = n * (1 + (k - 1) * estimate) - k * estimate
    v = ((k - 1) * (n - 1) * (k * estimate * ratio + inner) ** 2) / (
        (n - 1) * k**2 * estimate**2 * ratio**2 + inner**2
    )
    upper = special.fdtri(n - 1, v, 0.5 + CONF_LEVEL / 2)
    lower = special.fdtri(v, n - 1, 0.5 + CONF_LEVEL / 2)
    rest = k * columns + (k * n - k - n) * error
    low = n * (rows - upper * error) / (upper * rest + n * rows)
    high = n * (lower * rows - error) / (rest + n * lower * rows)
    return Measured(estimate, float(low), float(high))


def bland_altman(first: np.ndarray, second: np.ndarray) -> dict[str, Measured]:
    """Mean difference of two readings and the limits within which 95 % of differences lie.

    Parameters
    ----------
    first, second : scores, shape (films,), at least two

    Returns
    -------
    mean_difference (second minus first), limit_low, limit_high, each with Student's interval; the
    standard error of a limit is Bland and Altman's

    References
    ----------
    Bland JM, Altman DG. Lancet 1986;327:307-10, doi 10.1016/S0140-6736(86)90837-8; Stat Methods
    Med Res 1999;8:135-60, doi 10.1177/096228029900800204.
    """
    difference = second - first
    n, sd = len(difference), float(np.std(difference, ddof=1))
    z, t = _LIMITS, float(special.stdtrit(n - 1, 0.5 + CONF_LEVEL / 2))
    mean = float(difference.mean())
    of_limit = sd * math.sqrt(1 / n + z**2 / (2 * (n - 1)))
    parts = {
        "mean_difference": (mean, sd / math.sqrt(n)),
        "limit_low": (mean - z * sd, of_limit),
        "limit_high": (mean + z * sd, of_limit),
    }
    return {
        name: Measured(at, at - t * error, at + t * error, error) if sd > 0 else Measured(at)
        for name, (at, error) in parts.items()
    }


def t_interval(
    estimate: float, std_error: float, df: float, low: float = -math.inf, high: float = math.inf
) -> tuple[float, float]:
    """Student's interval, within the range that the statistic has."""
    reach = float(special.stdtrit(df, 0.5 + CONF_LEVEL / 2)) * std_error
    return max(low, estimate - reach), min(high, estimate + reach)
