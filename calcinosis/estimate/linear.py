"""Linear regression with standard errors that do not rest on equal spread."""

from dataclasses import dataclass

import numpy as np

from calcinosis.estimate.student import ByT, by_t

_TALL = 4096
_APART = 1e-3
"""Of a column's length, what the columns before must leave of it."""


@dataclass(frozen=True)
class Fit:
    """A fitted linear model.

    Parameters
    ----------
    coefficients : intercept first, shape (parameters + 1,)
    covariance : robust (HC3), shape (parameters + 1, parameters + 1)
    df : patients minus coefficients
    n : patients
    scale : the greatest absolute value of y
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    df: int
    n: int
    scale: float

    def combined(self, weights: np.ndarray) -> ByT:
        """A weighted sum of the coefficients, intercept first, with interval and p by t."""
        variance = float(weights @ self.covariance @ weights)
        error = max(variance, 0.0) ** 0.5  # rounding may leave a variance of none below 0
        return by_t(float(weights @ self.coefficients), error, self.df, self.scale)


def fit(X: np.ndarray, y: np.ndarray) -> Fit | None:
    """Least squares with robust standard errors of kind HC3.

    Own code: two lines of linear algebra, where statsmodels takes a second to import in a job that
    otherwise needs a fraction of one.

    Parameters
    ----------
    X : without intercept and without missing values, shape (patients, parameters)
    y : numbers, shape (patients,)

    Returns
    -------
    the fit; None where a column depends on others, or a patient determines a coefficient alone, so
    that there is no estimate or no standard error

    References
    ----------
    MacKinnon JG, White H. J Econom 1985;29:305-25, doi 10.1016/0304-4076(85)90158-7. R:
    `lm` with `sandwich::vcovHC(type = "HC3")` and t on the residual degrees of freedom;
    statsmodels: `OLS.fit(cov_type="HC3", use_t=True)`.
    """
    design = np.column_stack([np.ones(len(y)), X])
    n, p = design.shape
    q, r = _orthonormal(design) if n > p else (design, np.zeros((p, p)))
    if np.abs(r.diagonal()).min() <= 1e-10 * np.abs(r.diagonal()).max():
        return None
    coefficients = np.linalg.solve(r, q.T @ y)
    leverage = (q**2).sum(axis=1)
    if (leverage > 1 - 1e-10).any():
        return None
    weighted = q * ((y - design @ coefficients) / (1 - leverage))[:, None]
    inverse = np.linalg.inv(r)
    covariance = inverse @ (weighted.T @ weighted) @ inverse.T
    return Fit(coefficients, covariance, n - p, n, float(np.abs(y).max()))


def _orthonormal(design: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Orthonormal columns, and the triangle that makes the design of them.

    Of tall designs by the products of the columns, which costs a tenth; done twice it is as exact
    as Householder's (Yamamoto Y et al. Electron Trans Numer Anal 2015;44:306-26).
    """
    first = _triangle(design) if len(design) > _TALL else None
    if first is None:
        q, r = np.linalg.qr(design)
        return q, r
    q = design @ np.linalg.inv(first)
    second = np.linalg.cholesky(q.T @ q).T
    return q @ np.linalg.inv(second), second @ first


def _triangle(design: np.ndarray) -> np.ndarray | None:
    """The triangle by the products of the columns; None where one is nearly made of others."""
    products = design.T @ design
    try:
        triangle: np.ndarray = np.linalg.cholesky(products).T
    except np.linalg.LinAlgError:
        return None
    own = triangle.diagonal() / np.sqrt(products.diagonal())
    return triangle if own.min() > _APART else None
