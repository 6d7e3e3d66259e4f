"""How two numbers go together: by ranks and by their values."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from calcinosis.estimate.ranks import mid_ranks
from calcinosis.estimates import CONF_LEVEL, Row, Z

FEWEST = 4
"""Patients: Fisher's interval divides by three fewer."""


def correlation_rows(
    analysis: str, first: pd.Series, second: pd.Series, **identity: Any
) -> list[Row]:
    """Spearman's and Pearson's correlation of two numbers.

    The interval of Pearson's is Fisher's, that of Spearman's Fisher's with the standard error of
    Bonett and Wright, which is wider where ranks agree well. The p-values are by t.

    Parameters
    ----------
    analysis : word of the estimates table
    first, second : numbers, shape (patients,); pairs with both known are used
    identity : further text fields of the rows

    Returns
    -------
    rows with statistic `spearman` (method bonett_wright) and `pearson` (method fisher_z); no
    interval where the correlation is 1 or -1, not estimable below four pairs or where one number is
    the same in all

    References
    ----------
    Bonett DG, Wright TA. Psychometrika 2000;65:23-8, doi 10.1007/BF02294183. R: `cor.test` with
    method pearson; method spearman and `exact = FALSE` for the coefficient and its p-value.
    """
    known = (first.notna() & second.notna()).to_numpy()
    x, y = first.to_numpy(float)[known], second.to_numpy(float)[known]
    n = len(x)
    methods = (("spearman", "bonett_wright"), ("pearson", "fisher_z"))
    if n < FEWEST or np.ptp(x) == 0 or np.ptp(y) == 0:
        reason = f"Fewer than {FEWEST} pairs." if n < FEWEST else "One is the same in all."
        return [
            Row(
                analysis=analysis,
                statistic=name,
                n=n,
                method=method,
                status="not_estimable",
                note=reason,
                **identity,
            )
            for name, method in methods
        ]
    rows = []
    for name, method in methods:
        pair = (mid_ranks(x), mid_ranks(y)) if name == "spearman" else (x, y)
        r = float(np.clip(np.corrcoef(*pair)[0, 1], -1, 1))
        spread = 1 + r**2 / 2 if name == "spearman" else 1.0
        bounded = 1 - abs(r) > 1e-12
        half = Z * (spread / (n - 3)) ** 0.5
        low, high = np.tanh([np.arctanh(r) - half, np.arctanh(r) + half]) if bounded else (r, r)
        t = abs(r) * ((n - 2) / (1 - r**2)) ** 0.5 if bounded else np.inf
        rows.append(
            Row(
                analysis=analysis,
                statistic=name,
                estimate=r,
                conf_low=float(low) if bounded else None,
                conf_high=float(high) if bounded else None,
                conf_level=CONF_LEVEL if bounded else None,
                p_value=float(2 * special.stdtr(n - 2, -t)),
                df=n - 2,
                n=n,
                method=method,
                **identity,
            )
        )
    return rows
