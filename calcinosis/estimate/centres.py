"""What the models owe to centres: random intercepts, each centre left out, each centre alone."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from calcinosis.estimate import heterogeneity, model_rows, random_intercept
from calcinosis.estimate.gee import FEW_CENTRES
from calcinosis.estimate.groups import centres_of
from calcinosis.estimate.logistic import NotEstimableError
from calcinosis.estimate.models import Models
from calcinosis.estimate.proportions import proportion
from calcinosis.estimate.regression import check, coefficient_rows
from calcinosis.estimates import CONF_LEVEL, Row

SMALL_CENTRE = 5
"""A centre of fewer patients says next to nothing of itself."""


def centre_rows(
    frame: pd.DataFrame, settings: model_rows.Settings, centres: Mapping[str, Any]
) -> list[Row]:
    """How the odds ratios of the multivariable model depend on centres.

    Parameters
    ----------
    frame : dataset `models`: patient_id, the outcome (boolean), the covariates and the centre
    settings : the plan's section `models`
    centres : its section `centres`: variable, fixed_effect, gee, random_intercept

    Returns
    -------
    rows
        The centres with their patients (`count`, `proportion` of the outcome); `random_intercept`,
        where the plan asks for it; `leave_one_out`, the primary model without the centre that
        `group` names, or of all; `one_centre`, each covariate alone in the centre that `group`
        names, and `heterogeneity` of these.
    """
    frame = frame[frame[centres["variable"]].notna()].sort_values("patient_id")
    rows = _sizes(frame, settings["outcome"], centres["variable"])
    if centres["random_intercept"]:
        rows += _random_intercept(frame, settings, centres)
    rows += _leave_one_out(frame, settings, centres)
    return rows + heterogeneity.rows(frame, settings, centres["variable"])


def _sizes(frame: pd.DataFrame, outcome: str, variable: str) -> list[Row]:
    found = centres_of(frame[variable])
    few = (
        f"{len(found)} centres: under {FEW_CENTRES}, what is said of centres in general "
        "(clustered standard errors, the variance between centres) is approximate."
    )
    is_few = len(found) < FEW_CENTRES
    rows = [
        Row(
            analysis="centres",
            outcome=outcome,
            term=variable,
            statistic="count",
            estimate=len(found),
            n=len(frame),
            events=int(frame[outcome].sum()),
            status="warning" if is_few else "ok",
            note=few if is_few else "",
        )
    ]
    for centre in found:
        with_outcome = frame.loc[frame[variable] == centre, outcome]
        small = len(with_outcome) < SMALL_CENTRE
        rows.append(
            proportion(
                "centres",
                int(with_outcome.sum()),
                len(with_outcome),
                outcome=outcome,
                term=variable,
                level=centre,
                status="warning" if small else "ok",
                note=f"Fewer than {SMALL_CENTRE} patients." if small else "",
            )
        )
    return rows


def _random_intercept(
    frame: pd.DataFrame, settings: model_rows.Settings, centres: Mapping[str, Any]
) -> list[Row]:
    variable = centres["variable"]
    model = Models(frame, settings, {**centres, "fixed_effect": False}).multivariable
    of, reason, notes, found = model.of, "", list[str](), None
    of_limits = list[str]()
    try:
        check(of.X, of.y, of.used, of.X)
        codes = frame[variable].cat.codes.to_numpy()[of.known]
        found = random_intercept.fit(of.X, of.y, codes)
    except NotEstimableError as error:
        reason = str(error)
    if found and found.singular:
        notes = [
            "The variance between centres is estimated as zero (a singular fit): this is the model "
            "without centres."
        ]
    if found and found.sd_high is None:
        of_limits = [
            "The profile of the variance between centres could not be followed to its upper limit."
        ]
    common = {
        "analysis": "centres",
        "model": "random_intercept",
        "outcome": settings["outcome"],
    }
    rows = coefficient_rows(
        {**common, "statistic": "odds_ratio"},
        "wald",
        of,
        found.fit if found else None,
        notes,
        reason,
    )
    of_centres: dict[str, Any] = {
        **common,
        "term": variable,
        "n": len(of.y),
        "events": int(of.y.sum()),
        "method": "profile",
    }
    for statistic, scale in _BETWEEN.items():
        named = {**of_centres, "statistic": statistic}
        if found is None:
            rows.append(Row(**named, status="not_estimable", note=reason))
            continue
        rows.append(
            Row(
                **named,
                estimate=scale(found.sd),
                conf_low=None if found.sd_high is None else scale(found.sd_low),
                conf_high=None if found.sd_high is None else scale(found.sd_high),
                conf_level=CONF_LEVEL,
                p_value=found.sd_p_value,
                status="warning" if notes or of_limits else "ok",
                note=" ".join([*notes, *of_limits]),
            )
        )
    return rows


_BETWEEN: dict[str, Callable[[float], float]] = {
    "standard_deviation": float,
    "icc": random_intercept.icc,
    "median_odds_ratio": random_intercept.median_odds_ratio,
}
"""What is said of the variance between centres, each from the standard deviation."""


def _leave_one_out(
    frame: pd.DataFrame, settings: model_rows.Settings, centres: Mapping[str, Any]
) -> list[Row]:
    """The primary model without each centre in turn, by its estimator, and of all of them."""
    variable, rows = centres["variable"], []
    whole = Models(frame, settings, centres).multivariable
    same = {**settings, "estimator": "firth"} if whole.by_firth else settings
    for centre in ("", *centres_of(frame[variable])):
        rest = frame[frame[variable] != centre]
        model = Models(rest, same, centres).multivariable if centre else whole
        identity = {
            "analysis": "centres",
            "model": "leave_one_out",
            "outcome": settings["outcome"],
            "group": f"{variable}={centre}" if centre else "overall",
            "statistic": "odds_ratio",
        }
        method = model.fit.method if model.fit else "wald"
        rows += coefficient_rows(
            identity, method, model.of, model.fit, [*model.notes], model.reason
        )
    return rows
