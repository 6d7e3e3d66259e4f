"""The distribution of interval-censored times without a model: Turnbull's estimator."""

from dataclasses import dataclass

import numpy as np

_GAP = 1e-6
"""How far the log-likelihood may lie below its maximum when the iteration ends."""
_ITERATIONS = 200_000


@dataclass(frozen=True)
class Turnbull:
    """Probability on the innermost intervals; within one, nobody knows where it lies.

    Parameters
    ----------
    left, right : ends of the innermost intervals (left, right], shape (m,); right may be infinite
    mass : their probabilities, shape (m,)
    """

    left: np.ndarray
    right: np.ndarray
    mass: np.ndarray

    def by(self, time: float) -> tuple[float, float]:
        """The lowest and the highest cumulative incidence at a time that fit the estimate."""
        at_least = float(self.mass[self.right <= time].sum())
        return at_least, float(self.mass[self.left < time].sum())


def turnbull(left: np.ndarray, right: np.ndarray) -> Turnbull | None:
    """Nonparametric maximum likelihood of the distribution of interval-censored times.

    Parameters
    ----------
    left, right : each event lies in (left, right]; right is infinite where none was seen; shape
        (patients,)

    Returns
    -------
    Turnbull
        Found by the self-consistency (EM) iteration, which ends when the log-likelihood lies
        within 1e-6 of its maximum by the bound of Gentleman and Geyer; None when it does not end.

    References
    ----------
    Turnbull BW. J R Stat Soc B 1976;38:290-5, doi 10.1111/j.2517-6161.1976.tb01597.x. Gentleman
    R, Geyer CJ. Biometrika 1994;81:618-23, doi 10.1093/biomet/81.3.618. R:
    `survival::survfit(Surv(left, right, type = "interval2") ~ 1)`, which ends earlier.
    """
    lows, highs = _innermost(left, right)
    inside = (lows >= left[:, None]) & (highs <= right[:, None])
    mass = np.full(len(lows), 1 / len(lows))
    for _ in range(_ITERATIONS):
        # The derivative of the mean log-likelihood: 1 where mass stays, below 1 where it leaves.
        slope = (inside / (inside @ mass)[:, None]).mean(axis=0)
        if len(left) * np.log(slope.max()) < _GAP:
            return Turnbull(lows, highs, mass / mass.sum())
        mass = mass * slope
    return None


def _innermost(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The intervals that hold all the probability: a left end directly followed by a right end."""
    ends = np.concatenate([left, right])
    is_left = np.arange(len(ends)) < len(left)
    # At equal times a right end comes first, because it is closed and a left end is open.
    order = np.lexsort((is_left, ends))
    ends, is_left = ends[order], is_left[order]
    pairs = is_left[:-1] & ~is_left[1:]
    return ends[:-1][pairs], ends[1:][pairs]
