"""Rates compared between strata: ratios, differences, adjusted for a second stratum, trend."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special, stats
from statsmodels.genmod import families
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.tools.tools import add_constant

from calcinosis.estimates import CONF_LEVEL, Z


@dataclass(frozen=True)
class Contrast:
    """A ratio or difference with its limits and test; None where it has none."""

    estimate: float | None
    low: float | None
    high: float | None
    p_value: float | None


def exact_ratio(events: int, time: float, reference_events: int, reference_time: float) -> Contrast:
    """Rate ratio, conditional on the events of both groups together: a binomial.

    Parameters
    ----------
    events, time : of the group
    reference_events, reference_time : of the group that it is compared with

    Returns
    -------
    Contrast
        Clopper-Pearson limits turned into ratios, and the exact test that adds up what is no more
        probable than the observed; no estimate where the reference has no event, no upper limit
        where only the group has events, nothing without any event.

    References
    ----------
    R: `poisson.test(c(events, reference_events), c(time, reference_time))`. Stata's `iri` prints
    the same interval; its p-value is another (mid-P or one-sided).
    """
    total = events + reference_events
    if total == 0:
        return Contrast(None, None, None, None)
    share = time / (time + reference_time)
    test = stats.binomtest(events, total, share)
    low, high = test.proportion_ci(CONF_LEVEL, method="exact")
    scale = reference_time / time
    return Contrast(
        events / reference_events * scale if reference_events else None,
        float(low / (1 - low) * scale),
        float(high / (1 - high) * scale) if high < 1 else None,
        float(test.pvalue),
    )


def wald_ratio(events: int, time: float, reference_events: int, reference_time: float) -> Contrast:
    """Rate ratio of a Poisson regression with one covariate, which has a closed form.

    Parameters
    ----------
    events, time, reference_events, reference_time : see `exact_ratio`

    Returns
    -------
    Contrast
        Wald limits and test on the log scale; nothing where a group has no event.

    References
    ----------
    R: `glm(events ~ group + offset(log(time)), poisson)` with `confint.default`.
    """
    if not events or not reference_events:
        return Contrast(None, None, None, None)
    log_ratio = math.log(events / time * reference_time / reference_events)
    return _log_wald(log_ratio, math.sqrt(1 / events + 1 / reference_events))


def difference(events: int, time: float, reference_events: int, reference_time: float) -> Contrast:
    """Rate difference with Wald limits.

    Parameters
    ----------
    events, time, reference_events, reference_time : see `exact_ratio`

    Returns
    -------
    Contrast
        Per unit of person-time; without a test, without limits where a group has no event (its
        rate would count as known exactly), and nothing where no group has one.

    References
    ----------
    Stata `ir` and `iri`.
    """
    if not events + reference_events:
        return Contrast(None, None, None, None)
    value = events / time - reference_events / reference_time
    if not events or not reference_events:
        return Contrast(value, None, None, None)
    std_error = math.sqrt(events / time**2 + reference_events / reference_time**2)
    return Contrast(value, value - Z * std_error, value + Z * std_error, None)


def mantel_haenszel(
    events: np.ndarray, time: np.ndarray, reference_events: np.ndarray, reference_time: np.ndarray
) -> Contrast:
    """Rate ratio over strata.

    Parameters
    ----------
    events, time, reference_events, reference_time : of each stratum, shape (strata,); strata in
        which a group has no person-time do not count

    Returns
    -------
    Contrast
        Limits of Greenland and Robins; the test compares events with those expected.

    References
    ----------
    Greenland S, Robins JM. Biometrics 1985;41:55-68, doi 10.2307/2530643. Stata
    `ir events group time, by(stratum)`; R `epiR::epi.2by2(method = "cohort.time")`.
    """
    whole = time + reference_time
    both = (time > 0) & (reference_time > 0)
    a, b = events[both], reference_events[both]
    t, s, whole = time[both], reference_time[both], whole[both]
    above, below = float((a * s / whole).sum()), float((b * t / whole).sum())
    if not above or not below:
        return Contrast(None, None, None, None)
    variance = float(((a + b) * t * s / whole**2).sum())
    found = _log_wald(math.log(above / below), math.sqrt(variance / (above * below)))
    expected = float(((a + b) * t / whole).sum())
    chi_square = (float(a.sum()) - expected) ** 2 / variance
    return Contrast(found.estimate, found.low, found.high, float(special.chdtrc(1, chi_square)))


def trend_test(events: np.ndarray, time: np.ndarray) -> tuple[float, float] | None:
    """Score test for a trend of the rate over ordered strata, scored 0, 1, 2, ...

    Parameters
    ----------
    events, time : of each stratum in order, shape (strata,)

    Returns
    -------
    chi-square on one degree of freedom and its p-value; None without events or with person-time in
    one stratum only

    References
    ----------
    Breslow NE, Day NE. Statistical Methods in Cancer Research, volume II. IARC 1987, formula 3.12:
    the score test of a Poisson regression on the scores (R: `anova(fit, test = "Rao")`).
    """
    scores, total = np.arange(len(events)), float(events.sum())
    if not total or (time > 0).sum() < 2:
        return None
    weights = time / time.sum()
    mean = float((weights * scores).sum())
    variance = total * float((weights * (scores - mean) ** 2).sum())
    chi_square = float((events * (scores - mean)).sum()) ** 2 / variance
    return chi_square, float(special.chdtrc(1, chi_square))


def trend_ratio(events: np.ndarray, time: np.ndarray) -> Contrast:
    """Rate ratio per level of ordered strata, by Poisson regression.

    Parameters
    ----------
    events, time : see `trend_test`

    Returns
    -------
    Contrast
        Wald limits and test; nothing where it has no finite estimate.

    References
    ----------
    R: `glm(events ~ level + offset(log(time)), poisson)`.
    """
    scores = np.arange(len(events), dtype=float)
    seen, total = time > 0, float(events.sum())
    with_events = scores[events > 0]
    # The score of the slope must be able to vanish: the events lie neither all at the lowest
    # nor all at the highest level with person-time.
    lowest, highest = (scores[seen].min(), scores[seen].max()) if seen.any() else (0.0, 0.0)
    if not total or (with_events == lowest).all() or (with_events == highest).all():
        return Contrast(None, None, None, None)
    family = families.Poisson()
    design, offset = add_constant(scores[seen]), np.log(time[seen])
    fit = GLM(events[seen], design, family=family, offset=offset).fit(tol=1e-12)
    return _log_wald(float(fit.params[1]), float(fit.bse[1]))


def _log_wald(log_ratio: float, std_error: float) -> Contrast:
    p_value = float(2 * special.ndtr(-abs(log_ratio / std_error)))
    low, high = log_ratio - Z * std_error, log_ratio + Z * std_error
    return Contrast(math.exp(log_ratio), math.exp(low), math.exp(high), p_value)
