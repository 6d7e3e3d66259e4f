"""Generalised estimating equations: odds ratios that respect the centre as a cluster."""

import math
import warnings

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import special

from calcinosis.estimate import logistic
from calcinosis.estimate.design import Column
from calcinosis.estimates import Row

FEW_CENTRES = 40
"""Below this the sandwich is too small on average, also when its bias is reduced."""


def gee_rows(outcome: str, design: list[Column], y: np.ndarray, centre: pd.Series) -> list[Row]:
    """Population-averaged odds ratios with exchangeable correlation within centres.

    Standard errors are Mancl and DeRouen's bias-reduced sandwich, and intervals and p-values use t
    with as many degrees of freedom as centres minus parameters: with 10 centres the usual z
    interval covers the truth in 86 % instead of 95 %.

    Parameters
    ----------
    outcome : its name
    design : columns of the multivariable model
    y : 0 or 1, shape (patients,)
    centre : category, shape (patients,)

    Returns
    -------
    rows with `model` gee and `method` bias_reduced_t; not_estimable with the reason where the data
    separate or there are not more centres than parameters

    References
    ----------
    Mancl LA, DeRouen TA. Biometrics 2001;57:126-34, doi 10.1111/j.0006-341X.2001.00126.x.
    """
    X = np.column_stack([column.values for column in design])
    known = ~np.isnan(X).any(axis=1) & centre.notna().to_numpy()
    X, y, codes = X[known], y[known], centre.cat.codes.to_numpy()[known]
    n, events, clusters = len(y), int(y.sum()), len(np.unique(codes))
    df = clusters - X.shape[1] - 1
    reason = ""
    if df < 1:
        reason = f"{clusters} centres are not more than the {X.shape[1] + 1} parameters."
    elif events in (0, n) or not logistic.is_full_rank(X) or logistic.is_separated(X, y):
        reason = "The covariates separate the outcome or are linear combinations of each other."
    if not reason:
        with warnings.catch_warnings():
            warnings.simplefilter("error", sm.tools.sm_exceptions.ConvergenceWarning)
            fit = sm.GEE(
                y,
                sm.add_constant(X, has_constant="add"),
                groups=codes,
                family=sm.families.Binomial(),
                cov_struct=sm.cov_struct.Exchangeable(),
            ).fit(cov_type="bias_reduced", maxiter=200)
        estimates, errors = fit.params[1:], fit.bse[1:]
        t = float(special.stdtrit(df, 0.5 + logistic.CONF_LEVEL / 2))
    rows = []
    for i, column in enumerate(design):
        numbers: dict[str, float] = {}
        if not reason:
            b, se = float(estimates[i]), float(errors[i])
            numbers = {
                "estimate": math.exp(b),
                "std_error": se,
                "df": df,
                "conf_low": math.exp(b - t * se),
                "conf_high": math.exp(b + t * se),
                "conf_level": logistic.CONF_LEVEL,
                "p_value": float(2 * special.stdtr(df, -abs(b / se))),
            }
        few = f"{clusters} centres; under {FEW_CENTRES} the interval is approximate."
        rows.append(
            Row(
                analysis="multivariable",
                model="gee",
                outcome=outcome,
                term=column.term,
                level=column.level,
                reference=column.reference,
                unit=column.unit,
                statistic="odds_ratio",
                n=n,
                events=events,
                method="bias_reduced_t",
                status="not_estimable" if reason else "warning" if clusters < FEW_CENTRES else "ok",
                note=reason or (few if clusters < FEW_CENTRES else ""),
                **numbers,  # type: ignore[arg-type]
            )
        )
    return rows
