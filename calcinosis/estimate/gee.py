"""Generalised estimating equations: odds ratios that respect the centre as a cluster."""

import numpy as np
from scipy import special

from calcinosis.estimate import exchangeable
from calcinosis.estimate.logistic import (
    Fit,
    NotEstimableError,
    maximum_likelihood_or_separation,
    solvable,
)
from calcinosis.estimate.patterns import collapse
from calcinosis.estimates import CONF_LEVEL

FEW_CENTRES = 40
"""Below this the sandwich is too small on average, also when its bias is reduced."""


@solvable("The model of estimating equations")
def fit(X: np.ndarray, y: np.ndarray, centre: np.ndarray) -> tuple[Fit, list[str]]:
    """Population-averaged odds ratios with exchangeable correlation within centres.

    Standard errors are Mancl and DeRouen's bias-reduced sandwich, and intervals and p-values use t
    with as many degrees of freedom as centres minus parameters: with 10 centres the usual z
    interval covers the truth in 86 % instead of 95 %.

    Parameters
    ----------
    X : shape (patients, parameters), of full rank with an intercept
    y : 0 or 1, shape (patients,)
    centre : code of the centre, shape (patients,)

    Returns
    -------
    the fit, and what the reader must know of it

    Raises
    ------
    NotEstimableError
        There are not more centres than parameters, the data separate, or nothing converged.

    References
    ----------
    Mancl LA, DeRouen TA. Biometrics 2001;57:126-34, doi 10.1111/j.0006-341X.2001.00126.x.
    """
    clusters, parameters = len(np.unique(centre)), X.shape[1] + 1
    df = clusters - parameters
    if df < 1:
        raise NotEstimableError(
            f"{clusters} centres are not more than the {parameters} parameters."
        )
    if maximum_likelihood_or_separation(collapse(X, y))[0] is None:
        raise NotEstimableError("The covariates separate the outcome; GEE has no penalised form.")
    apart = collapse(np.column_stack([X, centre]), y)
    found = exchangeable.fit(apart.X[:, :-1], apart.events, apart.trials, apart.X[:, -1])
    b, se = found.coefficients[1:], np.sqrt(found.covariance.diagonal())[1:]
    t = float(special.stdtrit(df, 0.5 + CONF_LEVEL / 2))
    p_values = 2 * special.stdtr(df, -np.abs(b / se))
    few = f"{clusters} centres; under {FEW_CENTRES} the interval is approximate."
    return (
        Fit(b, se, b - t * se, b + t * se, p_values, "bias_reduced_t", df),
        [few] if clusters < FEW_CENTRES else [],
    )
