"""From grade to grade in continuous time: a Markov model of what films show now and then."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from scipy import linalg, optimize
from statsmodels.tools.numdiff import approx_fprime, approx_hess

from calcinosis.estimate.logistic import NotEstimableError
from calcinosis.estimates import CONF_LEVEL, Row, Z

WIDEST = 20
"""An interval whose upper limit is more times the lower than this says that the data carry no such
intensity."""
_BOUNDS = (-15.0, 8.0)
"""Of the logarithm of an intensity per year; one that runs there is 0 or without limit."""


@dataclass(frozen=True)
class Intensities:
    """Rates of leaving a grade for the next, per year.

    Parameters
    ----------
    estimates, low, high : shape (parameters,); one per grade but the worst, and a common one of
        getting one grade better where `backward`
    std_errors : of their logarithms
    backward : whether somebody improved
    log_likelihood : at the maximum
    """

    estimates: np.ndarray
    std_errors: np.ndarray
    low: np.ndarray
    high: np.ndarray
    backward: bool
    log_likelihood: float


def intensities(start: np.ndarray, end: np.ndarray, years: np.ndarray, states: int) -> Intensities:
    """Fit a progressive Markov model to grades at the two ends of intervals.

    Grades move to their neighbours only, at constant intensities. Two films do not carry an
    intensity of its own for each move back, so that all moves back share one, and there is none
    when nobody improved.

    Parameters
    ----------
    start, end : grade at both ends of each interval, integers from 0, shape (intervals,)
    years : length of each interval
    states : number of grades

    Returns
    -------
    Intensities

    Raises
    ------
    NotEstimableError
        The fit did not converge, an intensity runs to 0 or infinity, or an interval's upper limit
        is more than `WIDEST` times its lower one.

    References
    ----------
    Kalbfleisch JD, Lawless JF. J Am Stat Assoc 1985;80:863-71,
    doi 10.1080/01621459.1985.10478195. R: `msm::msm` with `qconstraint` for the moves back.
    """
    if not len(years):
        raise NotEstimableError("Nobody has two grades.")
    backward = bool((end < start).any())
    parameters = states - 1 + backward
    # Sums depend on their order in the last digits, and what patients are called is no matter.
    order = np.lexsort((end, start, years))
    start, end, years = start[order], end[order], years[order]
    times, at = np.unique(years, return_inverse=True)

    def minus(theta: np.ndarray) -> float:
        matrix = _generator(theta, states, backward)
        chances = linalg.expm(matrix * times[:, None, None])[at, start, end]
        return -float(np.log(np.clip(chances, 1e-300, None)).sum())

    crude = max(float((end != start).sum()), 1.0) / float(years.sum())
    fit = optimize.minimize(
        minus,
        np.full(parameters, np.log(crude)),
        method="L-BFGS-B",
        bounds=[_BOUNDS] * parameters,
        options={"ftol": 1e-13, "gtol": 1e-7, "maxiter": 500},
    )
    slope = approx_fprime(fit.x, minus, centered=True)
    information = approx_hess(fit.x, minus)
    lowest = np.linalg.eigvalsh(information).min() if np.isfinite(information).all() else 0.0
    at_bound = (fit.x < _BOUNDS[0] + 0.1) | (fit.x > _BOUNDS[1] - 0.1)
    if at_bound.any() or np.abs(slope).max() > 0.01 or lowest <= 1e-6:
        raise NotEstimableError("The fit of the intensities did not converge.")
    std_errors = np.sqrt(np.diag(np.linalg.inv(information)))
    if (np.exp(2 * Z * std_errors) > WIDEST).any():
        raise NotEstimableError(
            f"An intensity has an upper limit of more than {WIDEST} times its lower one: these "
            "films do not carry the model."
        )
    low, high = np.exp(fit.x - Z * std_errors), np.exp(fit.x + Z * std_errors)
    return Intensities(np.exp(fit.x), std_errors, low, high, backward, -float(fit.fun))


def _generator(theta: np.ndarray, states: int, backward: bool) -> np.ndarray:
    rates = np.exp(theta)
    matrix = np.diag(rates[: states - 1], 1)
    if backward:
        matrix = matrix + np.diag(np.full(states - 1, rates[-1]), -1)
    return matrix - np.diag(matrix.sum(axis=1))


def markov_rows(frame: pd.DataFrame, per: int) -> list[Row]:
    """Intensities between neighbouring grades.

    Parameters
    ----------
    frame : dataset `incidence`: patient_id, years, grade_from, grade_to (ordered categories);
        rows that stop at a patient's first worsening leave the likelihood what it is
    per : person-years in the unit

    Returns
    -------
    rows of `model` markov, statistic `intensity`: `group` is the grade that is left, `level` the
    one that is reached; `any_grade` and `one_better` for the common move back; all not_estimable
    when the films do not carry the model, and the counts of transitions stand for it
    """
    levels = list(frame["grade_from"].cat.categories)
    start, end = (frame[name].cat.codes.to_numpy() for name in ("grade_from", "grade_to"))
    moves = [(f"from_{a}", b) for a, b in pairwise(levels)]
    if (end < start).any():
        moves.append(("from_any_grade", "one_better"))
    found, reason = None, ""
    try:
        found = intensities(start, end, frame["years"].to_numpy(float), len(levels))
    except NotEstimableError as error:
        reason = str(error)
    n = int(frame["patient_id"].nunique())
    rows = []
    for i, (group, level) in enumerate(moves):
        identity: dict[str, Any] = {
            "analysis": "incidence",
            "model": "markov",
            "outcome": "transition",
            "group": group,
            "term": "grade",
            "level": level,
            "unit": f"per {per} person-years",
            "statistic": "intensity",
            "method": "wald",
        }
        if found is None:
            rows.append(Row(**identity, n=n, status="not_estimable", note=reason))
            continue
        rows.append(
            Row(
                **identity,
                n=n,
                estimate=per * float(found.estimates[i]),
                std_error=per * float(found.estimates[i] * found.std_errors[i]),
                conf_low=per * float(found.low[i]),
                conf_high=per * float(found.high[i]),
                conf_level=CONF_LEVEL,
            )
        )
    return rows
