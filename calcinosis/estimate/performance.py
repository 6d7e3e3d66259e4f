"""How well predicted risks tell patients with the outcome apart, and how true they are.

All functions take covariate patterns: risk, patients with the outcome, and patients, each of shape
(patterns,). Own code, because no library at hand has DeLong's interval or takes counts.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import special

from calcinosis.estimate.logistic import NotEstimableError

FEWEST = 10
"""Patients of a group of similar risk: fewer say little, and may be known by it."""

_FLAT = 1e-12


@dataclass(frozen=True)
class Ranked:
    """Patients by their risk, from low to high; those with one risk are tied.

    Parameters
    ----------
    position : where each pattern stands, shape (patterns,)
    events, others : patients with and without the outcome, by position
    """

    position: np.ndarray
    events: np.ndarray
    others: np.ndarray


def ranked(risk: np.ndarray, events: np.ndarray, trials: np.ndarray) -> Ranked:
    """Sort patients by risk."""
    position = np.unique(risk, return_inverse=True)[1]
    return Ranked(position, np.bincount(position, events), np.bincount(position, trials - events))


def auc(of: Ranked) -> float:
    """Area under the ROC curve: how often who has the outcome had the higher risk.

    References
    ----------
    R: `pROC::auc`.
    """
    below = np.cumsum(of.others) - of.others / 2
    return float(of.events @ below / (of.events.sum() * of.others.sum()))


def delong(of: Ranked) -> float:
    """Standard error of the area under the ROC curve.

    NaN where one patient only has the outcome, or lacks it: one says nothing of the spread.

    References
    ----------
    DeLong ER, DeLong DM, Clarke-Pearson DL. Biometrics 1988;44:837-45, doi 10.2307/2531595. R:
    `pROC::var(roc)`.
    """
    m, n = of.events.sum(), of.others.sum()
    if min(m, n) < 2:
        return float("nan")
    of_event = (np.cumsum(of.others) - of.others / 2) / n
    of_other = 1 - (np.cumsum(of.events) - of.events / 2) / m
    area = auc(of)
    spread = of.events @ (of_event - area) ** 2 / (m - 1) / m
    spread += of.others @ (of_other - area) ** 2 / (n - 1) / n
    return float(np.sqrt(spread))


def sensitivity_at(of: Ranked, specificity: np.ndarray) -> np.ndarray:
    """The ROC curve at given specificities, straight between its steps.

    References
    ----------
    R: `pROC::coords(roc, specificity, input = "specificity", ret = "sensitivity")`.
    """
    true = np.concatenate([[0], np.cumsum(of.events[::-1])]) / of.events.sum()
    false = np.concatenate([[0], np.cumsum(of.others[::-1])]) / of.others.sum()
    # Rounding must not take a specificity to the other end of a step.
    found: np.ndarray = np.interp(np.round(1 - specificity, 12), np.round(false, 12), true)
    return found


def brier(risk: np.ndarray, events: np.ndarray, trials: np.ndarray) -> float:
    """Mean squared distance of outcome and risk (Brier 1950)."""
    return float((events * (1 - risk) ** 2 + (trials - events) * risk**2).sum() / trials.sum())


def calibration(
    log_odds: np.ndarray, events: np.ndarray, trials: np.ndarray
) -> tuple[float, float]:
    """Intercept and slope of the outcome on the predicted log-odds: 0 and 1 where they are true.

    The steps are Newton's, written out because a thousand resamples need them: statsmodels' GLM
    takes five times as long for two parameters.

    Raises
    ------
    NotEstimableError
        The log-odds separate the outcome, or are all the same.

    References
    ----------
    Cox DR. Biometrika 1958;45:562-5, doi 10.1093/biomet/45.3-4.562. R: `rms::val.prob`.
    """
    line, design = np.array([0.0, 1.0]), np.stack([np.ones(len(log_odds)), log_odds])
    for _ in range(50):
        risk = special.expit(line @ design)
        information = (design * (trials * risk * (1 - risk))) @ design.T
        score = design @ (events - trials * risk)
        flat = np.linalg.det(information) < _FLAT * information[0, 0] * information[1, 1]
        if flat or information[0, 0] < _FLAT * trials.sum():
            break
        step = np.linalg.solve(information, score)
        line = line + step
        if score @ step < 1e-20:
            return float(line[0]), float(line[1])
    raise NotEstimableError("The predicted risks have no calibration line.")


QUANTILES: dict[str, Literal["averaged_inverted_cdf", "linear"]] = {
    "stata": "averaged_inverted_cdf",
    "r": "linear",
}
"""By whose quantiles groups of risk are cut, which changes Hosmer and Lemeshow's test."""


def groups_of_risk(
    risk: np.ndarray, trials: np.ndarray, groups: int, rule: str = "stata"
) -> np.ndarray:
    """The group of each pattern, by quantiles of the patients' risks.

    Parameters
    ----------
    risk, trials : of patterns
    groups : how many are wanted; equal risks stay together and no group has fewer than `FEWEST`
        patients, so that there may be fewer
    rule : one of `QUANTILES`

    Returns
    -------
    numbers from 0, shape (patterns,)

    References
    ----------
    Stata: `estat gof, group(10)` (quantiles of type 2); R:
    `ResourceSelection::hoslem.test` (type 7).
    """
    every = np.repeat(risk, trials.astype(int))
    # Rounding must not take patients at a cut point to the other side of it.
    cuts = np.quantile(every, np.arange(1, groups) / groups, method=QUANTILES[rule]) * (1 + 1e-12)
    group = np.searchsorted(cuts, risk, side="left")
    sizes = np.bincount(group, trials, groups)
    number, merged, filled = 0, np.zeros(groups, int), 0.0
    for i, size in enumerate(sizes):
        if filled >= FEWEST and sizes[i:].sum() >= FEWEST:
            number, filled = number + 1, 0.0
        merged[i] = number
        filled += size
    return merged[group]


def by_group(
    group: np.ndarray, risk: np.ndarray, events: np.ndarray, trials: np.ndarray
) -> pd.DataFrame:
    """Patients, patients with the outcome and the sum of their risks, by group of risk."""
    sums = {"n": trials, "events": events, "expected": risk * trials}
    return pd.DataFrame({name: np.bincount(group, values) for name, values in sums.items()})


def hosmer_lemeshow(groups: pd.DataFrame) -> tuple[float, int, float]:
    """Chi-squared of observed against expected outcomes, its degrees of freedom, p-value.

    References
    ----------
    Hosmer DW, Lemeshow S. Applied Logistic Regression. Wiley 2000, section 5.2.2.
    """
    expected, n = groups["expected"], groups["n"]
    distance = (groups["events"] - expected) ** 2 / (expected * (1 - expected / n))
    df = len(groups) - 2
    chi_squared = float(distance.sum())
    return chi_squared, df, float(special.chdtrc(df, chi_squared)) if df > 0 else float("nan")
