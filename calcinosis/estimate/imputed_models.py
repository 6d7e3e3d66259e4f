"""The multivariable model in completed datasets, pooled."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from calcinosis.estimate import logistic, model_rows, penalised
from calcinosis.estimate.curves import curve_rows
from calcinosis.estimate.design import Column, model_columns, restricted_cubic_spline
from calcinosis.estimate.imputation import PROBLEM, of_model
from calcinosis.estimate.logistic import Fit, NotEstimableError
from calcinosis.estimate.models import VARY, Models, over_budget
from calcinosis.estimate.patterns import collapse
from calcinosis.estimate.penalised import Completed, combined_profiles
from calcinosis.estimate.pooling import Pooled, joint_test, rubin
from calcinosis.estimate.regression import Sample, check, coefficient_rows
from calcinosis.estimates import CONF_LEVEL, Row

_NOTHING_MISSING = "No value of the model is missing, so that this is the primary model."
_BY_FIRTH = "Firth's estimate in each completed dataset, as in the primary model."
_SEPARATED = "{number} of {all} completed datasets are separated: all have Firth's estimate."


def imputed_rows(
    frame: pd.DataFrame,
    imputations: pd.DataFrame,
    models: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> list[Row]:
    """Odds ratios of the multivariable model over imputations.

    Parameters
    ----------
    frame : dataset `missing_data`
    imputations : from `imputation.batch`, of all batches
    models : the plan's section `models`
    settings : pooling (rubin or clip, for Firth's estimates) and centre (the variable with a
        parameter for each, or None)

    Returns
    -------
    rows of analysis `multivariable` and model `imputed`: odds ratios (method rubin or clip), Wald
    tests of terms with several columns (`f`, method d1, df of the denominator), and of each column
    the `fraction_of_missing_information`. The estimator is that of the primary model; it is Firth's
    also where a completed dataset is separated. Patients without outcome or centre leave, as they
    do there.
    """
    centre = settings["centre"]
    frame = of_model(frame, models["outcome"], centre)
    centres = {"variable": centre, "fixed_effect": True, "gee": False} if centre else None
    primary = Models(frame, models, centres).multivariable
    if not any(np.isnan(column.values).any() for column in primary.of.design):
        same = replace(primary, notes=[*primary.notes, _NOTHING_MISSING])
        rows = model_rows.rows(same, "imputed")
        return [row for row in rows if row.statistic != "chi_squared"]
    y = frame[models["outcome"]].to_numpy(float)
    identity = {**primary.identity, "model": "imputed", "statistic": "odds_ratio"}
    of = Sample(primary.of.design, primary.of.design, np.zeros((len(y), 0)), y, np.ones(len(y)))
    notes: list[str] = []
    try:
        if PROBLEM in imputations:
            raise NotEstimableError(str(imputations[PROBLEM].dropna().iloc[0]))
        of, values = _samples(_designs(frame, imputations, models, primary.of.design), y)
        data = _completed(of, values, frame[centre] if centre else None)
        fits, notes = _fits(data, models, firth=primary.by_firth)
        pooled = rubin(fits.beta, fits.covariance.diagonal(axis1=1, axis2=2), fits.df)
        found = _fit(pooled, fits)
        if settings["pooling"] == "clip" and fits.penalised:
            low, high, p_values = combined_profiles(data, len(of.used))
            found = replace(found, std_errors=None, low=low, high=high, p_values=p_values)
            found = replace(found, method="clip")
    except NotEstimableError as error:
        return coefficient_rows(identity, "rubin", of, None, [], str(error))
    rows = coefficient_rows(identity, "rubin", of, found, notes, "")
    rows = _with_df(rows, of, pooled) if found.method == "rubin" else rows
    curves = replace(of, X=primary.of.X) if len(primary.of.used) == len(of.used) else of

    def degrees(at: np.ndarray, weights: np.ndarray) -> float:
        covariance = fits.covariance[:, at + 1][:, :, at + 1]
        sums, variances = fits.beta[:, at + 1] @ weights, covariance @ weights @ weights
        return float(rubin(sums[:, None], variances[:, None], fits.df).df[0])

    of_curves = curve_rows(identity, curves, found, degrees)
    rows += [replace(row, method="rubin") for row in of_curves]
    return [*rows, *_tests(identity, of, fits), *_information(identity, of, pooled)]


def _designs(
    frame: pd.DataFrame,
    imputations: pd.DataFrame,
    models: Mapping[str, Any],
    observed: list[Column],
) -> Iterator[list[Column]]:
    """The columns of the model in each completed dataset; knots are those of the known values."""
    names = [name for name in imputations if name not in ("imputation", "patient_id")]
    for _, completed in imputations.groupby("imputation"):
        values = completed.set_index("patient_id").loc[frame["patient_id"], names]
        filled = frame.assign(**{name: values[name].array for name in names})
        design = model_columns(filled, models["multivariable"], models["covariates"])
        yield _with_knots(design, observed)


def _with_knots(design: list[Column], observed: list[Column]) -> list[Column]:
    """The same columns, each curve with the knots of the known values."""
    curves = {}
    for column, known in zip(design, observed, strict=True):
        if column.kind == "curve" and column.term not in curves:
            curves[column.term] = iter(restricted_cubic_spline(column.values, known.knots).T)
    return [
        replace(column, values=next(curves[column.term]), knots=known.knots, problem=known.problem)
        if column.kind == "curve"
        else column
        for column, known in zip(design, observed, strict=True)
    ]


def _samples(designs: Iterator[list[Column]], y: np.ndarray) -> tuple[Sample, list[np.ndarray]]:
    """The sample of the first completed dataset, and the columns in use of all.

    Of a million patients a matrix has a hundred megabytes: none is there twice.
    """
    design = next(designs)
    whole = [
        np.column_stack([column.values for column in each]) for each in chain([design], designs)
    ]
    there = np.array([not column.level for column in design])
    there |= np.all([X.any(axis=0) for X in whole], axis=0)
    values = whole if there.all() else [X[:, there] for X in whole]
    used = [column for column, is_there in zip(design, there, strict=True) if is_there]
    return Sample(design, used, values[0], y, np.ones(len(y), bool)), values


def _completed(of: Sample, values: list[np.ndarray], centre: pd.Series | None) -> list[Completed]:
    """The model in each completed dataset, the centre's columns behind those in use."""
    dummies = None
    if centre is not None:
        at = centre.cat.remove_unused_categories()
        dummies = pd.get_dummies(at, drop_first=True, dtype=float).to_numpy()
    data = [Completed(X, of.y, dummies) for X in values]
    for each in data:
        check(each.own, of.y, of.used, each.whole)
    return data


@dataclass(frozen=True)
class _Fits:
    """Intercept and coefficients of all completed datasets, and their covariances.

    Parameters
    ----------
    beta : shape (imputations, 1 + parameters)
    covariance : shape (imputations, 1 + parameters, 1 + parameters)
    df : residual degrees of freedom, were nothing missing; at least 1
    penalised : whether the estimates are Firth's
    """

    beta: np.ndarray
    covariance: np.ndarray
    df: float
    penalised: bool


def _fits(
    data: Sequence[Completed], models: Mapping[str, Any], *, firth: bool
) -> tuple[_Fits, list[str]]:
    """One estimator for all completed datasets, and what the reader must know of it."""
    patterns = [collapse(each.whole, each.y) for each in data]
    few = over_budget(patterns[0], models)
    by_plan = models["estimator"] == "firth"
    if few and models["over_budget"] == "refuse" and not by_plan:
        raise NotEstimableError(f"{few}, which the plan refuses to fit.")
    notes = [] if by_plan else [_BY_FIRTH]
    if by_plan and few:
        notes = [few + VARY]
    if not (by_plan or firth or few):
        plain = [logistic.maximum_likelihood_or_separation(each)[0] for each in patterns]
        there = [fit for fit in plain if fit is not None]
        if len(there) == len(plain):
            beta = [np.array([fit.intercept, *fit.coefficients]) for fit in there]
            covariances = [fit.covariance for fit in there]
            return _stacked(zip(beta, covariances, strict=True), data[0], penalised=False), []
        notes = [_SEPARATED.format(number=len(plain) - len(there), all=len(plain))]
    return _stacked([penalised.firth(each) for each in data], data[0], penalised=True), notes


def _stacked(
    found: Iterable[tuple[np.ndarray, np.ndarray | None]], data: Completed, *, penalised: bool
) -> _Fits:
    beta, covariance = (np.array(part) for part in zip(*found, strict=True))
    return _Fits(beta, covariance, max(1.0, len(data.y) - float(beta.shape[1])), penalised)


def _fit(pooled: Pooled, fits: _Fits) -> Fit:
    """The pooled coefficients as a fit, whose covariance is within and between imputations."""
    beta, errors, df = pooled.coefficients[1:], pooled.std_errors[1:], pooled.df[1:]
    reach = special.stdtrit(df, (1 + CONF_LEVEL) / 2) * errors
    between = np.cov(fits.beta, rowvar=False, ddof=1)
    return Fit(
        beta,
        errors,
        beta - reach,
        beta + reach,
        2 * special.stdtr(df, -np.abs(beta / errors)),
        "rubin",
        intercept=float(pooled.coefficients[0]),
        covariance=fits.covariance.mean(axis=0) + (1 + 1 / len(fits.beta)) * between,
    )


def _with_df(rows: list[Row], of: Sample, pooled: Pooled) -> list[Row]:
    """The degrees of freedom of each coefficient, which differ."""
    of_column = {(c.term, c.level): i for i, c in enumerate(of.used, 1)}
    return [
        row
        if row.estimate is None
        else replace(row, df=float(pooled.df[of_column[row.term, row.level]]))
        for row in rows
    ]


def _tests(identity: Mapping[str, str], of: Sample, fits: _Fits) -> list[Row]:
    """Whether the columns of a term are all zero, and whether a curve is a line."""
    rows = []
    for term in dict.fromkeys(column.term for column in of.used):
        at = [i for i, column in enumerate(of.used, 1) if column.term == term]
        curve = of.used[at[0] - 1].kind == "curve"
        for level, tested in (("", at), ("nonlinear", at[1:] if curve else [])):
            if len(tested) < (1 if level else 2):
                continue
            covariance = fits.covariance[:, tested][:, :, tested]
            f, df, p_value = joint_test(fits.beta[:, tested], covariance, fits.df)
            test: dict[str, Any] = {**identity, "statistic": "f", "method": "d1"}
            test |= {"term": term, "level": level, "n": len(of.y), "events": int(of.y.sum())}
            rows.append(Row(**test, estimate=f, df=df, p_value=p_value))
    return rows


def _information(identity: Mapping[str, str], of: Sample, pooled: Pooled) -> list[Row]:
    fraction: dict[str, Any] = {**identity, "statistic": "fraction_of_missing_information"}
    return [
        Row(
            **fraction,
            term=column.term,
            level=column.level,
            reference=column.reference,
            unit=column.unit,
            method="rubin",
            estimate=float(information),
            n=len(of.y),
        )
        for column, information in zip(of.used, pooled.missing_information[1:], strict=False)
    ]
