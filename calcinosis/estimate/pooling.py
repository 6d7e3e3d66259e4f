"""From the fits of several completed datasets to one: Rubin's rules and tests of several terms."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Pooled:
    """Coefficients pooled over imputations.

    Parameters
    ----------
    coefficients, std_errors, df : shape (parameters,); df are those of t
    missing_information : the fraction of information that is missing, shape (parameters,)
    """

    coefficients: np.ndarray
    std_errors: np.ndarray
    df: np.ndarray
    missing_information: np.ndarray


def rubin(estimates: np.ndarray, variances: np.ndarray, df_complete: float) -> Pooled:
    """Rubin's rules, with the degrees of freedom of Barnard and Rubin.

    Parameters
    ----------
    estimates, variances : of each completed dataset, shape (imputations, parameters)
    df_complete : residual degrees of freedom, were nothing missing

    Returns
    -------
    Pooled
        Where all imputations agree, the degrees of freedom are those of complete data in
        Barnard and Rubin's formula, (df + 1) / (df + 3) * df.

    References
    ----------
    Barnard J, Rubin DB. Biometrika 1999;86:948-55, doi 10.1093/biomet/86.4.948. R:
    `mice::pool(with(imputed, lm(...)))`, whose columns estimate, t, df and fmi these are.
    """
    m = len(estimates)
    within = variances.mean(axis=0)
    between = (1 + 1 / m) * estimates.var(axis=0, ddof=1)
    total = within + between
    share = between / total
    df_observed = (df_complete + 1) / (df_complete + 3) * df_complete * (1 - share)
    # 1 / df is the sum of share^2 / (m - 1) and 1 / df_observed.
    df = df_observed / (1 + df_observed * share**2 / (m - 1))
    increase = between / within
    information = (increase + 2 / (df + 3)) / (increase + 1)
    return Pooled(estimates.mean(axis=0), np.sqrt(total), df, information)


def joint_test(
    estimates: np.ndarray, covariances: np.ndarray, df_complete: float
) -> tuple[float, float, float]:
    """Wald test of several pooled coefficients at once: whether all are zero (D1).

    Parameters
    ----------
    estimates : of each of 5 or more completed datasets, shape (imputations, coefficients)
    covariances : shape (imputations, coefficients, coefficients)
    df_complete : residual degrees of freedom, were nothing missing

    Returns
    -------
    F, the degrees of freedom of its denominator, p-value; the numerator's are the coefficients

    Notes
    -----
    The denominator is Reiter's for small samples; where these leave so few degrees of freedom that
    it does not exist, that of Li and colleagues, at most `df_complete`. One coefficient has the
    square of its t, with the degrees of freedom of `rubin`.

    References
    ----------
    Li KH, Raghunathan TE, Rubin DB. J Am Stat Assoc 1991;86:1065-73, doi
    10.1080/01621459.1991.10475152. Reiter JP. Biometrika 2007;94:502-8, doi 10.1093/biomet/asm028.
    R: `mice::D1`.
    """
    from scipy import special

    m, k = estimates.shape
    if k == 1:
        one = rubin(estimates, covariances[:, :, 0], df_complete)
        f, df = float((one.coefficients / one.std_errors)[0] ** 2), float(one.df[0])
        return f, df, float(special.fdtrc(1, df, f))
    mean, within = estimates.mean(axis=0), covariances.mean(axis=0)
    between = np.cov(estimates, rowvar=False, ddof=1)
    increase = (1 + 1 / m) * float(np.trace(np.linalg.solve(within, between))) / k
    f = float(mean @ np.linalg.solve(within, mean)) / (k * (1 + increase))
    t = k * (m - 1)
    a = increase * t / (t - 2)
    small = (df_complete + 1) / (df_complete + 3) * df_complete
    c1, c2 = small - 2 * (1 + a), small - 4 * (1 + a)
    if c2 > 0:
        inverse = 1 / c2 + (
            a**2 * c1 / ((1 + a) ** 2 * c2)
            + 8 * a**2 * c1 / ((1 + a) * c2**2)
            + 4 * a**2 / ((1 + a) * c2)
            + 4 * a**2 / (c2 * c1)
            + 16 * a**2 * c1 / c2**3
            + 8 * a**2 / c2**2
        ) / (t - 4)
        df = 4 + 1 / inverse
    else:
        df = min(float(df_complete), 4 + (t - 4) * ((1 + a) / max(a, 1e-12)) ** 2)
    return f, df, float(special.fdtrc(k, df, f))
