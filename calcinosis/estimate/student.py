"""An estimate with its standard error, interval and p-value by Student's t."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from calcinosis.estimates import CONF_LEVEL

_ROUNDING = 1e-12
"""Of the values: a standard error below is what floating point leaves of none."""


@dataclass(frozen=True)
class ByT:
    """An estimate that, divided by its standard error, is distributed as t.

    Parameters
    ----------
    estimate : in the unit of the values
    std_error : 0 where nothing varies: then there is neither an interval nor a p-value
    df : degrees of freedom
    """

    estimate: float
    std_error: float
    df: float

    @property
    def limits(self) -> tuple[float, float]:
        """Of the confidence interval."""
        half = float(special.stdtrit(self.df, (1 + CONF_LEVEL) / 2)) * self.std_error
        return self.estimate - half, self.estimate + half

    @property
    def p_value(self) -> float | None:
        """Two-sided, against 0."""
        if not self.std_error:
            return None
        return float(2 * special.stdtr(self.df, -abs(self.estimate) / self.std_error))

    def fields(self) -> dict[str, Any]:
        """The numbers of a row."""
        if not self.std_error:
            return {"estimate": self.estimate, "status": "warning", "note": NOTHING_VARIES}
        low, high = self.limits
        return {
            "estimate": self.estimate,
            "std_error": self.std_error,
            "df": self.df,
            "conf_low": low,
            "conf_high": high,
            "conf_level": CONF_LEVEL,
            "p_value": self.p_value,
        }


NOTHING_VARIES = "Nothing varies, so that there is no standard error."


def by_t(estimate: float, std_error: float, df: float, scale: float) -> ByT:
    """An estimate by t, in which rounding is no evidence.

    Values that are all equal leave a standard error of 1e-17, and p-values of anything.

    Parameters
    ----------
    estimate, std_error, df : see `ByT`
    scale : the greatest absolute value of those that the estimate is made of
    """
    least = _ROUNDING * scale
    exact = 0.0 if abs(estimate) <= least else float(estimate)
    return ByT(exact, 0.0 if std_error <= least else float(std_error), float(df))


def of_mean(values: np.ndarray) -> ByT | None:
    """The mean of known values; None of fewer than two, or where nothing varies.

    References
    ----------
    R: `t.test(values)`.
    """
    n = len(values)
    if n < 2 or np.ptp(values) == 0:
        return None
    error = values.std(ddof=1) / n**0.5
    found = by_t(float(values.mean()), float(error), n - 1, float(np.abs(values).max()))
    return found if found.std_error else None
