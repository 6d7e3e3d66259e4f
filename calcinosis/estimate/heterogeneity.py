"""Each covariate alone in each centre, and how much its odds ratios differ between centres."""

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import special
from statsmodels.stats.meta_analysis import combine_effects

from calcinosis.estimate import logistic, model_rows
from calcinosis.estimate.design import Column, columns
from calcinosis.estimate.groups import centres_of
from calcinosis.estimate.logistic import NotEstimableError
from calcinosis.estimate.patterns import collapse
from calcinosis.estimate.regression import check, coefficient_rows, sample
from calcinosis.estimates import CONF_LEVEL, Row, Z


def rows(frame: pd.DataFrame, settings: model_rows.Settings, variable: str) -> list[Row]:
    """Odds ratios in each centre and their heterogeneity.

    Parameters
    ----------
    frame : dataset `models`, with a centre for each patient
    settings : the plan's section `models`
    variable : the centre

    Returns
    -------
    rows
        Of the covariates of the multivariable model, curves and interactions left out:
        `one_centre`, the covariate alone in the centre that `group` names, and `heterogeneity`;
        none where nobody's centre is known.
    """
    found: list[Row] = []
    if not centres_of(frame[variable]):
        return found
    for name in settings["multivariable"]:
        covariate = settings["covariates"][name]
        if not covariate.get("interaction") and not covariate.get("spline"):
            found += _of_covariate(frame, settings["outcome"], name, covariate, variable)
    return found


def _of_covariate(
    frame: pd.DataFrame, outcome: str, name: str, covariate: Mapping[str, Any], variable: str
) -> list[Row]:
    """One covariate alone in each centre, and how much its odds ratios differ."""
    design = columns(frame, name, covariate)
    y = frame[outcome].to_numpy(float)
    alone: list[Row] = []
    for centre in centres_of(frame[variable]):
        of = sample(design, y, (frame[variable] == centre).to_numpy())
        found, reason = None, ""
        try:
            check(of.X, of.y, of.used, of.X)
            found, _ = logistic.maximum_likelihood_or_separation(collapse(of.X, of.y))
            if found is None:
                reason = "Separation: maximum likelihood has no finite estimate."
        except NotEstimableError as error:
            reason = str(error)
        identity = {
            "analysis": "centres",
            "model": "one_centre",
            "outcome": outcome,
            "group": f"{variable}={centre}",
            "statistic": "odds_ratio",
        }
        alone += coefficient_rows(identity, "wald", of, found, [], reason)
    return alone + [
        row
        for column in design
        for row in _heterogeneity(
            column, [r for r in alone if (r.term, r.level) == (column.term, column.level)]
        )
    ]


def _heterogeneity(column: Column, of_centres: list[Row]) -> list[Row]:
    """Cochran's Q, I² and τ² of the log odds ratios of centres, and their mean.

    τ² and the mean over centres are Paule and Mandel's.

    References
    ----------
    Higgins JPT, Thompson SG. Stat Med 2002;21:1539-58, doi 10.1002/sim.1186. Paule RC, Mandel J.
    J Res Natl Bur Stand 1982;87:377-85, doi 10.6028/jres.087.022. R: `metafor::rma(method = "PM")`.
    """
    used = [row for row in of_centres if row.estimate is not None]
    reasons = Counter(row.note for row in of_centres if row.estimate is None)
    notes = [f"{len(used)} of {len(of_centres)} centres."]
    notes += [f"Not estimable in {number}: {reason}" for reason, number in sorted(reasons.items())]
    common: dict[str, Any] = {
        "analysis": "centres",
        "model": "heterogeneity",
        "outcome": of_centres[0].outcome,
        "term": column.term,
        "level": column.level,
        "reference": column.reference,
        "unit": column.unit,
        "n": sum(row.n or 0 for row in used),
        "events": sum(row.events or 0 for row in used),
        "note": " ".join(notes),
    }
    statistics = (
        ("count", ""),
        ("cochran_q", "chi_squared"),
        ("i_squared", "higgins_thompson"),
        ("tau_squared", "paule_mandel"),
        ("odds_ratio", "paule_mandel"),
    )
    if len(used) < 2:
        return [
            Row(**common, statistic=statistic, method=method, status="not_estimable")
            for statistic, method in statistics[1:]
        ]
    effects = np.log([row.estimate or math.nan for row in used])
    variances = np.array([row.std_error or math.nan for row in used]) ** 2
    pooled = combine_effects(effects, variances, method_re="pm")
    q, df = float(pooled.q), len(used) - 1
    error = float(pooled.sd_eff_w_re)
    mean = float(pooled.mean_effect_re)
    z = mean / error
    status = "warning" if reasons else "ok"
    found: dict[str, dict[str, Any]] = {
        "count": {"estimate": len(used)},
        "cochran_q": {"estimate": q, "df": df, "p_value": float(special.chdtrc(df, q))},
        "i_squared": {"estimate": max(0.0, 1 - df / q) if q > 0 else 0.0},
        "tau_squared": {"estimate": float(pooled.tau2)},
        "odds_ratio": {
            "estimate": math.exp(mean),
            "std_error": error,
            "conf_low": math.exp(mean - Z * error),
            "conf_high": math.exp(mean + Z * error),
            "conf_level": CONF_LEVEL,
            "p_value": 2 * float(special.ndtr(-abs(z))),
        },
    }
    return [
        Row(**common, statistic=statistic, method=method, status=status, **found[statistic])
        for statistic, method in statistics
    ]
