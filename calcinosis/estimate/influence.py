"""What single patients do to a logistic model: leverage, and odds ratios without each of them."""

import math

import numpy as np
import pandas as pd
from statsmodels.tools.tools import add_constant

from calcinosis.estimate import logistic
from calcinosis.estimate.model_rows import Model

ALONE = 1e-8
"""1 minus leverage below which a patient alone decides a coefficient: it is rounding of 0."""


def influence(model: Model) -> tuple[np.ndarray, np.ndarray]:
    """Leverage of each patient, and what each adds to the coefficients.

    The coefficients without a patient are those of one step from the fit, not of a fit of its own;
    after Firth's fit the penalty of the others is taken as it is.

    Parameters
    ----------
    model : with a fit and its covariance

    Returns
    -------
    leverage, shape (patients,), which sums to the number of parameters; and DFBETA, the
    coefficient minus that without the patient, shape (patients, parameters), of the columns in use;
    NaN where the model has no estimate without the patient, who is the only one with a level, a
    centre or a combination of them

    References
    ----------
    Pregibon D. Ann Stat 1981;9:705-24, doi 10.1214/aos/1176345513. R: `hatvalues(glm)`, and
    `dfbeta` of the last step as a weighted `lm`; `dfbeta(glm)` takes deviance residuals instead.
    """
    assert model.fit is not None and model.data is not None
    design = add_constant(model.data.X, has_constant="add")
    risk = logistic.predicted(model.fit, model.data.X)
    towards = _towards(model)
    of_pattern = risk * (1 - risk) * (towards * design).sum(axis=1)
    of_row = model.data.of_row
    leverage = of_pattern[of_row]
    residual = model.of.y - risk[of_row]
    if model.by_firth:
        residual = residual + leverage * (0.5 - risk[of_row])
    step = towards[of_row, 1 : 1 + len(model.of.used)]
    rest = np.where(1 - leverage < ALONE, np.nan, 1 - leverage)
    return leverage, step * (residual / rest)[:, None]


def _towards(model: Model) -> np.ndarray:
    """Where each pattern pulls the intercept, the coefficients and those of centres."""
    assert model.fit is not None and model.fit.covariance is not None and model.data is not None
    pulled: np.ndarray = add_constant(model.data.X, has_constant="add") @ model.fit.covariance
    return pulled


def bounds(model: Model) -> tuple[float, float]:
    """From where a patient counts as influential: leverage and DFBETA in standard errors.

    Twice the mean leverage (Hoaglin DC, Welsch RE. Am Stat 1978;32:17-22,
    doi 10.1080/00031305.1978.10479237) and 2 over the root of the patients (Belsley DA, Kuh E,
    Welsch RE. Regression Diagnostics. Wiley 1980).
    """
    assert model.data is not None
    n, parameters = len(model.of.y), model.data.X.shape[1] + 1
    return 2 * parameters / n, 2 / math.sqrt(n)


def in_errors(model: Model, dfbeta: np.ndarray) -> np.ndarray:
    """DFBETA in standard errors of the coefficients of all patients (DFBETAS)."""
    assert model.fit is not None and model.fit.covariance is not None
    errors = np.sqrt(model.fit.covariance.diagonal())[1 : 1 + dfbeta.shape[1]]
    scaled: np.ndarray = dfbeta / errors
    return scaled


PRIVATE_COLUMNS = (
    *("patient_id", "leverage", "high_leverage", "term", "level", "dfbetas"),
    *("odds_ratio", "odds_ratio_without", "only_one"),
)


def influential(model: Model, patients: pd.Series) -> pd.DataFrame:
    """The patients to look at again, the most influential first; for the study team only.

    Parameters
    ----------
    model : with or without a fit
    patients : ids of all patients of its dataset, sorted

    Returns
    -------
    frame with `PRIVATE_COLUMNS`: one line for each patient whose leverage or DFBETAS are beyond
    `bounds`, with the coefficient that the patient moves most. Those without whom the model has no
    estimate come first and have `only_one` yes: as the only one with this term and level, or of a
    centre, which has no term here.
    """
    if model.fit is None:
        return pd.DataFrame(columns=PRIVATE_COLUMNS)
    assert model.fit.covariance is not None and model.data is not None
    leverage, dfbeta = influence(model)
    high, far = bounds(model)
    scaled = in_errors(model, dfbeta)
    alone = np.isnan(scaled).any(axis=1)
    # The DFBETAS of one patient share a factor; who is alone has the directions only.
    pulls = np.abs(_towards(model) / np.sqrt(model.fit.covariance.diagonal()))
    pulls = pulls[model.data.of_row, 1:]
    most = pulls[:, : len(model.of.used)].argmax(axis=1)
    of_centre = alone & (pulls.argmax(axis=1) >= len(model.of.used))
    each = np.arange(len(most))
    column = [model.of.used[i] for i in most]
    coefficients = np.where(of_centre, np.nan, model.fit.coefficients[most])
    frame = pd.DataFrame(
        {
            "patient_id": patients.to_numpy()[model.of.known],
            "leverage": leverage,
            "high_leverage": np.where(leverage > high, "yes", "no"),
            "term": np.where(of_centre, "", [c.term for c in column]),
            "level": np.where(of_centre, "", [c.level for c in column]),
            "dfbetas": scaled[each, most],
            "odds_ratio": np.exp(coefficients),
            "odds_ratio_without": np.exp(coefficients - dfbeta[each, most]),
            "only_one": np.where(alone, "yes", "no"),
        }
    )
    there = alone | (leverage > high) | (np.abs(scaled[each, most]) > far)
    order = frame["dfbetas"].abs()
    order = order.sort_values(ascending=False, kind="stable", na_position="first").index
    return frame.loc[order][there[order]].reset_index(drop=True)
