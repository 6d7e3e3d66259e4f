"""How the logistic estimators behave where the truth is known: bias and coverage."""

from dataclasses import dataclass

import numpy as np

from calcinosis.estimate import logistic, profile_likelihood
from calcinosis.estimate.patterns import collapse

LOG_ODDS = {"sign of half": np.log(3.0), "sign of one in ten": np.log(2.0), "per year": 0.05}
"""Planted: of two signs, and of a duration in years."""
INTERCEPT = -0.8


@dataclass(frozen=True)
class Behaviour:
    """What an estimator did in many cohorts.

    Parameters
    ----------
    estimator, covariate : their names
    truth : the planted odds ratio
    bias : of the mean log odds ratio, as a ratio of odds ratios minus 1
    error : the simulation's standard error of the bias
    coverage : share of 95 % intervals that hold the truth
    cohorts : in which it gave an estimate; maximum likelihood has none where data separate
    """

    estimator: str
    covariate: str
    truth: float
    bias: float
    error: float
    coverage: float
    cohorts: int


def study(patients: int, cohorts: int, seed: int) -> list[Behaviour]:
    """Simulate cohorts and fit each by maximum likelihood (Wald and profile) and Firth.

    Parameters
    ----------
    patients, cohorts : of each size, how many
    seed : of the random numbers

    Returns
    -------
    one Behaviour per estimator and covariate
    """
    beta = np.array(list(LOG_ODDS.values()))
    found: dict[str, list[np.ndarray]] = {"Wald": [], "profile": [], "Firth": []}
    for i in range(cohorts):
        rng = np.random.default_rng([seed, i])
        design = np.column_stack(
            [
                rng.random(patients) < 0.5,
                rng.random(patients) < 0.1,
                rng.integers(0, 30, patients),
            ]
        ).astype(float)
        y = (rng.random(patients) < 1 / (1 + np.exp(-(INTERCEPT + design @ beta)))).astype(float)
        if y.min() == y.max() or not logistic.is_full_rank(design):
            continue
        data = collapse(design, y)
        plain, _ = logistic.maximum_likelihood_or_separation(data)
        fits = {"Firth": profile_likelihood.firth(data)}
        if plain is not None:
            fits |= {"Wald": plain, "profile": profile_likelihood.profile(data)}
        for name, fit in fits.items():
            found[name].append(np.array([fit.coefficients, fit.low, fit.high]))
    return [
        Behaviour(
            name,
            covariate,
            float(np.exp(truth)),
            float(np.exp(np.mean([fit[0][j] for fit in fits]) - truth) - 1),
            float(np.std([fit[0][j] for fit in fits]) / np.sqrt(len(fits))),
            float(np.mean([fit[1][j] <= truth <= fit[2][j] for fit in fits])),
            len(fits),
        )
        for name, fits in found.items()
        for j, (covariate, truth) in enumerate(LOG_ODDS.items())
    ]
