"""Whether lesions become rarer from finger to finger, within patients."""

import itertools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from calcinosis.estimate.lesions import at, patients_with
from calcinosis.estimate.proportions import proportion
from calcinosis.estimate.student import of_mean
from calcinosis.estimates import CONF_LEVEL, Row, Z, count

MOST_EXACT = 1000
"""Patients up to whom the permutation distribution is computed; beyond, it is normal."""
_SAME = 1 + 1e-9
_STEPS, _CLOSE = 50, 1e-10


def finger_rows(frame: pd.DataFrame, settings: Mapping[str, Any]) -> list[Row]:
    """Lesions by finger in order, of patients with a finger affected, and their trend.

    Only patients with lesions of whom all fingers are known count: the test compares the fingers of
    one patient with each other.

    Parameters
    ----------
    frame : dataset `lesions`, see `lesions_rows`
    settings : the plan's section: fingers in order, among

    Returns
    -------
    rows of analysis `lesions`: `finger`, the share of each of those with any finger affected, by
    Wilson; `finger_trend`: the exact test of within-patient permutations, the odds ratio of the
    next finger from conditional logistic regression, and the change of the share from finger to
    finger, both with patients as the independent units

    Notes
    -----
    Without a trend a patient's affected fingers are any of that number with equal chance, whoever
    has many or few. The sum of positions of all affected fingers then has a known distribution,
    which is added up patient by patient. It is the score statistic of the odds ratio beside it.
    """
    among, fingers = settings["among"], settings["fingers"]
    have = patients_with(frame, among).sort_values("patient_id")
    affected = pd.DataFrame({finger: at(have, [f"site_{finger}"], among) for finger in fingers})
    table = affected[affected.notna().all(axis=1)].to_numpy(float)
    some = table[table.any(axis=1)] if len(table) else table.reshape(0, len(fingers))
    identity: dict[str, Any] = {"analysis": "lesions", "term": "finger_trend"}
    identity |= {"unit": "per finger"}
    rows = [
        proportion(
            "lesions",
            int(some[:, i].sum()),
            len(some),
            term="finger",
            level=finger,
            unit="of patients with a finger affected",
        )
        for i, finger in enumerate(fingers)
    ]
    lost = len(affected) - len(table)
    rows.append(count("lesions", lost, term="finger_trend", unit="patients with unknown fingers"))
    return [
        *rows,
        trend_row(some, identity),
        odds_ratio_row(some, identity),
        _slope(table, identity),
    ]


def trend_row(table: np.ndarray, identity: Mapping[str, Any]) -> Row:
    """The test of a trend by permutations within patients.

    Parameters
    ----------
    table : 1 where a finger is affected, else 0, shape (patients, fingers in order)
    identity : text fields of the row

    Returns
    -------
    row `trend_test`: the standardised sum of positions, below 0 where earlier fingers are affected
    more; p is exact up to 1000 patients (`within_patient_permutation`), normal beyond

    References
    ----------
    Landis JR, Heyman ER, Koch GG. Int Stat Rev 1978;46:237-54, doi 10.2307/1402373. R:
    `coin::independence_test(y ~ position | patient)` for the normal form.
    """
    informative, numbers, sums = _sums(table)
    common: dict[str, Any] = {**identity, "statistic": "trend_test", "n": len(table)}
    common |= {"events": informative}
    exact = informative <= MOST_EXACT
    common |= {"method": "within_patient_permutation" + ("" if exact else "_normal")}
    if not informative:
        note = "No patient has some but not all fingers affected, so that none can be compared."
        return Row(**common, status="not_estimable", note=note)
    moments = {m: _moments(_of_subsets(table.shape[1], m), 0.0) for m in set(numbers)}
    centre, variance = (sum(moments[m][i] for m in numbers) for i in (0, 1))
    z = (sums.sum() - centre) / math.sqrt(variance)
    p = 2 * float(special.ndtr(-abs(z)))
    if exact:
        chances = np.ones(1)
        for m in numbers:
            chances = np.convolve(
                chances, _of_subsets(table.shape[1], m) / math.comb(table.shape[1], m)
            )
        away = np.abs(np.arange(len(chances)) - centre)
        p = float(min(1.0, chances[away * _SAME >= abs(sums.sum() - centre)].sum()))
    return Row(**common, estimate=float(z), p_value=p)


def odds_ratio_row(table: np.ndarray, identity: Mapping[str, Any]) -> Row:
    """The odds ratio of a lesion on the next finger, within patients.

    Parameters
    ----------
    table, identity : see `trend_row`

    Returns
    -------
    row `odds_ratio` of conditional logistic regression with each patient as a stratum, whose
    interval and p are Wald's with the sandwich over patients (`robust_wald`)

    References
    ----------
    Breslow NE, Day NE. Statistical methods in cancer research, volume 1. IARC 1980, section 7.1. R:
    `survival::clogit(y ~ position + strata(patient), method = "exact")`, and the sandwich of its
    score.
    """
    informative, numbers, sums = _sums(table)
    common: dict[str, Any] = {**identity, "model": "conditional", "statistic": "odds_ratio"}
    common |= {"method": "robust_wald", "n": len(table), "events": informative}
    if informative < 2:
        note = "Fewer than two patients have some but not all fingers affected."
        return Row(**common, status="not_estimable", note=note)
    fingers = table.shape[1]
    ends = np.array([_range(fingers, m) for m in numbers]).sum(axis=0)
    if sums.sum() in ends:
        note = "All affected fingers are at one end: the odds ratio has no finite estimate."
        return Row(**common, status="not_estimable", note=note)
    beta = 0.0
    for _ in range(_STEPS):
        moments = {m: _moments(_of_subsets(fingers, m), beta) for m in set(numbers)}
        expected, variance = (np.array([moments[m][i] for m in numbers]) for i in (0, 1))
        step = (sums - expected).sum() / variance.sum()
        beta += float(np.clip(step, -1, 1))
        if abs(step) < _CLOSE:
            break
    error = float(np.sqrt(np.square(sums - expected).sum()) / variance.sum())
    return Row(
        **common,
        estimate=math.exp(beta),
        std_error=error,
        conf_low=math.exp(beta - Z * error),
        conf_high=math.exp(beta + Z * error),
        conf_level=CONF_LEVEL,
        p_value=2 * float(special.ndtr(-abs(beta / error))) if error else None,
    )


def _slope(table: np.ndarray, identity: Mapping[str, Any]) -> Row:
    """The change of the share from finger to finger: the mean of the patients' own slopes."""
    n, fingers = table.shape
    common: dict[str, Any] = {**identity, "statistic": "risk_difference", "n": n}
    common |= {"method": "student_t"}
    if n < 2 or fingers < 2:
        note = "Fewer than two patients or two fingers."
        return Row(**common, status="not_estimable", note=note)
    position = np.arange(fingers) - (fingers - 1) / 2
    slopes = table @ position / (position @ position)
    found = of_mean(slopes)
    if found is None:
        note = "The slope is the same in all patients, so that it has no standard error."
        return Row(**common, status="not_estimable", note=note)
    return Row(**common, **found.fields())


def _sums(table: np.ndarray) -> tuple[int, list[int], np.ndarray]:
    """How many patients have some but not all fingers; of each, how many, and their positions."""
    number = table.sum(axis=1)
    those = table[(number > 0) & (number < table.shape[1])]
    numbers = [int(m) for m in those.sum(axis=1)]
    return len(those), numbers, those @ np.arange(table.shape[1])


def _of_subsets(fingers: int, m: int) -> np.ndarray:
    """How many choices of m fingers have each sum of positions, from 0 on."""
    sums = [sum(chosen) for chosen in itertools.combinations(range(fingers), m)]
    return np.bincount(sums).astype(float)


def _range(fingers: int, m: int) -> tuple[int, int]:
    """The least and the greatest sum of positions of m fingers."""
    return m * (m - 1) // 2, m * (2 * fingers - m - 1) // 2


def _moments(ways: np.ndarray, beta: float) -> tuple[float, float]:
    """Mean and variance of the sum of positions where each step has a log odds ratio."""
    sums = np.arange(len(ways))
    weights = ways * np.exp(beta * (sums - sums.mean()))
    weights /= weights.sum()
    mean = float(weights @ sums)
    return mean, float(weights @ np.square(sums - mean))
