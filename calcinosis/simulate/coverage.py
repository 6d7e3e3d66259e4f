"""How the incidence estimators behave where the truth is known: bias and coverage.

Patients have two films; progression happens at a constant rate and is seen at the second film
only. `benchmarks/coverage.py` writes the table of the docs.
"""

import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from scipy import special

from calcinosis.estimate.interval_censored import interval_censored_rate, profile_rate
from calcinosis.estimate.proportions import proportion
from calcinosis.estimate.rate_contrasts import wald_ratio
from calcinosis.estimate.rates import Z, exact_interval, lognormal_interval

RATE, HAZARD_RATIO = 0.25, 1.65
GAP, SPREAD = 2.9, 0.4
"""Years between the films, mean and standard deviation, after Kanjanajarurat 2025."""
_SHORTEST = 0.5

Estimate = tuple[float, float, float]
"""An estimate and its limits."""


@dataclass(frozen=True)
class Behaviour:
    """What an estimator did over the cohorts.

    Parameters
    ----------
    estimator : its name, with the interval
    truth : the true value
    mean : of the estimates
    coverage : share of intervals that hold the truth
    cohorts : in which it had an estimate
    """

    estimator: str
    truth: float
    mean: float
    coverage: float
    cohorts: int

    @property
    def bias(self) -> float:
        """The mean estimate against the truth, as a share of it."""
        return self.mean / self.truth - 1


def study(patients: int, cohorts: int, seed: int) -> list[Behaviour]:
    """Simulate cohorts and count how the estimators do.

    Parameters
    ----------
    patients : in each cohort
    cohorts : number of cohorts
    seed : of the random numbers

    Returns
    -------
    one Behaviour per estimator: rates per year, the risk at the second film, and the hazard ratio
    of a sign that half of the patients have
    """
    rng = np.random.default_rng(seed)
    gaps = rng.normal(GAP, SPREAD, (cohorts, patients)).clip(_SHORTEST)
    signs = rng.random((cohorts, patients)) < 0.5
    chances = rng.random((2, cohorts, patients))
    found: dict[tuple[str, float], list[Estimate]] = defaultdict(list)
    risk = _mean_risk()
    for i in range(cohorts):
        worsened = chances[0, i] < -np.expm1(-RATE * gaps[i])
        for name, estimate in _rates(worsened, gaps[i]).items():
            found[name, RATE].append(estimate)
        share = proportion("progression", int(worsened.sum()), patients)
        limits = (share.estimate or 0.0, share.conf_low or 0.0, share.conf_high or 0.0)
        found["risk at the second film, Wilson", risk].append(limits)
        hazards = RATE * np.where(signs[i], HAZARD_RATIO, 1.0)
        worsened = chances[1, i] < -np.expm1(-hazards * gaps[i])
        for name, estimate in _ratios(worsened, gaps[i], signs[i]).items():
            found[name, HAZARD_RATIO].append(estimate)
    return [
        Behaviour(
            name,
            truth,
            float(np.mean([estimate for estimate, _, _ in estimates])),
            float(np.mean([low <= truth <= high for _, low, high in estimates])),
            len(estimates),
        )
        for (name, truth), estimates in found.items()
    ]


def _mean_risk() -> float:
    """The true share at the second film: the chance at a gap, averaged over normal quantiles."""
    at = (np.arange(20_000) + 0.5) / 20_000
    return float(-np.expm1(-RATE * (GAP + SPREAD * special.ndtri(at)).clip(_SHORTEST)).mean())


def _rates(worsened: np.ndarray, gaps: np.ndarray) -> dict[str, Estimate]:
    events, whole = int(worsened.sum()), float(gaps.sum())
    halved = float(np.where(worsened, gaps / 2, gaps).sum())
    made: dict[str, Estimate] = {}
    for name, years in (("full interval", whole), ("mid-point", halved)):
        for method, limits in (("log-normal", lognormal_interval), ("exact", exact_interval)):
            low, high = limits(events, years)
            made[f"{name}, {method}"] = (events / years, low or 0.0, high)
    fit = interval_censored_rate(worsened, gaps)
    if fit:
        rate, _, low, high = fit
        made["interval-censored, Wald"] = (rate, low, high)
        made["interval-censored, profile"] = (rate, *profile_rate(worsened, gaps, rate))
    return made


def _ratios(worsened: np.ndarray, gaps: np.ndarray, sign: np.ndarray) -> dict[str, Estimate]:
    """Rates of two groups, which is the proportional hazards model of one sign."""
    events = [int(worsened[sign == at].sum()) for at in (True, False)]
    years = [float(gaps[sign == at].sum()) for at in (True, False)]
    naive = wald_ratio(events[0], years[0], events[1], years[1])
    fits = [interval_censored_rate(worsened[sign == at], gaps[sign == at]) for at in (True, False)]
    made: dict[str, Estimate] = {}
    if naive.estimate and naive.low and naive.high:
        made["rate ratio, full interval"] = (naive.estimate, naive.low, naive.high)
    if fits[0] and fits[1]:
        log_ratio = math.log(fits[0][0] / fits[1][0])
        spread = Z * math.hypot(fits[0][1], fits[1][1])
        limits = (math.exp(log_ratio - spread), math.exp(log_ratio + spread))
        made["hazard ratio, interval-censored"] = (math.exp(log_ratio), *limits)
    return made
