"""Curves: what a restricted cubic spline says at each value of its variable."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy import special

from calcinosis.estimate.design import plain, restricted_cubic_spline
from calcinosis.estimate.logistic import Fit
from calcinosis.estimate.regression import Sample
from calcinosis.estimates import CONF_LEVEL, Row, Z

QUANTILES = np.linspace(0.05, 0.95, 19)
"""Of the patients: a curve is given there, so that no single patient's extreme is."""


Degrees = Callable[[np.ndarray, np.ndarray], float]
"""Degrees of freedom of a sum of coefficients, from their places in the fit and their weights."""


def curve_rows(
    identity: Mapping[str, Any], of: Sample, found: Fit, degrees: Degrees | None = None
) -> list[Row]:
    """Odds ratios along each curve of a model.

    Parameters
    ----------
    identity : text fields of every row
    of, found : the model
    degrees : of freedom of t, of a model pooled over imputations; the normal distribution without

    Returns
    -------
    by curve an `odds_ratio` of the upper against the lower quartile (unit `q3 v q1`) and, at
    quantiles of the patients, `odds_ratio_along` against the median; `level` and `reference` are
    the two values. Intervals are Wald's, of the covariance of the fit.

    References
    ----------
    Harrell FE. Regression Modeling Strategies. Springer 2015. R: `rms::contrast`.
    """
    rows = []
    for term in dict.fromkeys(column.term for column in of.used if column.kind == "curve"):
        at = np.flatnonzero([column.term == term for column in of.used])
        values = of.X[:, at[0]]  # the first part of a curve is the variable itself
        q1, median, q3 = quartiles(values)
        along = dict.fromkeys(_short(x) for x in np.quantile(values, QUANTILES))
        contrasts = [("odds_ratio", "q3 v q1", q3, q1)]
        contrasts += [("odds_ratio_along", "", x, median) for x in along if x != median]
        for statistic, unit, value, reference in contrasts:
            basis = restricted_cubic_spline(np.array([value, reference]), of.used[at[0]].knots)
            names = {"term": term, "unit": unit, "statistic": statistic}
            names |= {"level": plain(value), "reference": plain(reference)}
            counts = {"n": len(of.y), "events": int(of.y.sum())}
            weights = basis[0] - basis[1]
            df = degrees(at, weights) if degrees else None
            rows.append(_row({**identity, **names, **counts}, found, at, weights, df))
    return rows


def quartiles(values: np.ndarray) -> tuple[float, float, float]:
    """The quartiles by which a curve is told."""
    q1, median, q3 = (_short(q) for q in np.quantile(values, [0.25, 0.5, 0.75]))
    return q1, median, q3


def _short(value: float) -> float:
    """Four digits: values name rows, and their odds ratios are of just these."""
    return float(f"{value:.4g}")


def _row(
    common: dict[str, Any], found: Fit, at: np.ndarray, weights: np.ndarray, df: float | None
) -> Row:
    assert found.covariance is not None
    of_curve = found.covariance[np.ix_(at + 1, at + 1)]
    log_ratio, error = weights @ found.coefficients[at], math.sqrt(weights @ of_curve @ weights)
    reach = Z * error if df is None else float(special.stdtrit(df, (1 + CONF_LEVEL) / 2)) * error
    z = -abs(log_ratio / error)
    return Row(
        **common,
        method="wald",
        estimate=math.exp(log_ratio),
        std_error=error,
        df=df,
        conf_low=math.exp(log_ratio - reach),
        conf_high=math.exp(log_ratio + reach),
        conf_level=CONF_LEVEL,
        p_value=float(2 * (special.ndtr(z) if df is None else special.stdtr(df, z))),
    )
