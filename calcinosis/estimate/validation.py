"""How far the multivariable model can be trusted to predict, and on which patients it hangs."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from calcinosis.estimate import influence, optimism, performance
from calcinosis.estimate.model_rows import Model
from calcinosis.estimate.patterns import Patterns
from calcinosis.estimate.proportions import proportion
from calcinosis.estimate.standardisation import flic
from calcinosis.estimates import CONF_LEVEL, Row, Z

SPECIFICITIES = np.arange(20, -1, -1) / 20
"""Where the ROC curve is given: a curve of all its steps would show single patients."""
_NOTHING = "Nobody with values of all covariates has more than the reference of any of them."


def validation_rows(model: Model, resamples: Sequence[pd.DataFrame], groups: int) -> list[Row]:
    """Performance, its optimism, calibration by groups of risk, the ROC curve, and influence.

    Parameters
    ----------
    model : the multivariable model of the plan
    resamples : batches of `optimism.batch`; none where the plan asks for none
    groups : of risk, at most

    Returns
    -------
    rows
        `apparent` measures are of the patients that the model was fitted to, `optimism` the mean
        over resamples by which such measures are better than those in all patients, `corrected`
        the difference; one `not_estimable` row where the model has no fit.
    """
    common: dict[str, Any] = {
        "analysis": "validation",
        "outcome": model.identity["outcome"],
        "n": len(model.of.y),
        "events": int(model.of.y.sum()),
    }
    if model.fit is None or model.data is None:
        return [
            Row(
                **common,
                model="apparent",
                statistic="auc",
                method="delong",
                status="not_estimable",
                note=model.reason or _NOTHING,
            )
        ]
    events, trials = model.data.events, model.data.trials
    log_odds = _log_odds(model)
    risk = special.expit(log_odds)
    of = performance.ranked(log_odds, events, trials)
    group = performance.groups_of_risk(risk, trials, groups)
    apparent = dict(
        zip(optimism.MEASURES, optimism.measures(log_odds, events, trials), strict=True)
    )
    return [
        *_apparent(common, apparent, performance.delong(of)),
        *(_optimism(common, apparent, pd.concat(resamples)) if resamples else []),
        *_calibration(common, performance.by_group(group, risk, events, trials)),
        *_hosmer_lemeshow(common, risk, model.data, groups),
        *_roc(common, of),
        *_influence(common, model),
    ]


def _log_odds(model: Model) -> np.ndarray:
    """Predicted log-odds of each pattern."""
    assert model.fit is not None and model.data is not None
    intercept = flic(model.data, model.fit) if model.by_firth else model.fit.intercept
    predicted: np.ndarray = intercept + model.data.X @ model.fit.coefficients
    return predicted


def _apparent(common: dict[str, Any], apparent: Mapping[str, float], error: float) -> list[Row]:
    identity = {**common, "model": "apparent"}
    area = apparent["auc"]
    known: dict[str, Any] = {"std_error": error, "conf_level": CONF_LEVEL}
    known |= {"conf_low": max(0.0, area - Z * error), "conf_high": min(1.0, area + Z * error)}
    if math.isnan(error):
        note = "One patient only has, or lacks, the outcome: the area has no interval."
        known = {"status": "warning", "note": note}
    rows = [Row(**identity, statistic="auc", method="delong", estimate=area, **known)]
    for name, value in apparent.items():
        if math.isnan(value):
            note = "The predicted risks separate the outcome, or are all the same."
            rows.append(Row(**identity, statistic=name, status="not_estimable", note=note))
        elif name != "auc":
            rows.append(Row(**identity, statistic=name, estimate=value))
    return rows


_KINDS = {
    "by_firth": "by Firth, because they separate or the model is Firth's",
    "level_vanished": "that do not tell all levels or covariates apart; what has no coefficient "
    "of its own is predicted as its reference",
    "left_out": "left out, because no model could be fitted",
    "no_calibration_line": "without calibration line, because their risks separate the outcome",
}


def _optimism(
    common: dict[str, Any], apparent: Mapping[str, float], resamples: pd.DataFrame
) -> list[Row]:
    rows = [
        Row(
            **common,
            model="bootstrap",
            term="resamples",
            statistic="count",
            estimate=len(resamples),
        )
    ]
    no_line = resamples["calibration_slope"].isna() & ~resamples["left_out"]
    resamples = resamples.assign(no_calibration_line=no_line)
    for level, note in _KINDS.items():
        number = int(resamples[level].sum())
        rows.append(
            Row(
                **common,
                model="bootstrap",
                term="resamples",
                level=level,
                statistic="count",
                estimate=number,
                status="warning" if number else "ok",
                note=f"Resamples {note}." if number else "",
            )
        )
    for name, value in apparent.items():
        named = {**common, "statistic": name, "method": "bootstrap"}
        used = resamples[name].dropna()
        if len(used) < 2 or math.isnan(value):
            note = "Too few resamples have a value."
            rows.append(Row(**named, model="corrected", status="not_estimable", note=note))
            continue
        mean, error = float(used.mean()), float(used.std()) / math.sqrt(len(used))
        rows.append(Row(**named, model="optimism", estimate=mean, std_error=error))
        rows.append(Row(**named, model="corrected", estimate=value - mean))
    return rows


def _calibration(common: dict[str, Any], groups: pd.DataFrame) -> list[Row]:
    rows = []
    for number, group in enumerate(groups.itertuples(index=False), 1):
        identity = {"outcome": common["outcome"], "model": "apparent", "term": "risk_group"}
        observed = proportion(
            "validation", int(group.events), int(group.n), level=str(number), **identity
        )
        predicted = Row(
            analysis="validation",
            **identity,
            level=str(number),
            statistic="predicted_risk",
            estimate=group.expected / group.n,
            n=group.n,
        )
        rows += [observed, predicted]
    return rows


def _hosmer_lemeshow(
    common: dict[str, Any], risk: np.ndarray, data: Patterns, groups: int
) -> list[Row]:
    rows = []
    for rule in performance.QUANTILES:
        named = {**common, "model": "apparent", "statistic": "hosmer_lemeshow", "method": rule}
        group = performance.groups_of_risk(risk, data.trials, groups, rule)
        by_group = performance.by_group(group, risk, data.events, data.trials)
        chi_squared, df, p_value = performance.hosmer_lemeshow(by_group)
        if df < 1:
            note = "Fewer than three groups of risk with enough patients."
            rows.append(Row(**named, status="not_estimable", note=note))
            continue
        note = f"{len(by_group)} groups of risk."
        rows.append(Row(**named, estimate=chi_squared, df=df, p_value=p_value, note=note))
    return rows


def _roc(common: dict[str, Any], of: performance.Ranked) -> list[Row]:
    return [
        Row(
            **common,
            model="apparent",
            term="specificity",
            level=f"{specificity:.2f}",
            statistic="sensitivity",
            estimate=float(sensitivity),
        )
        for specificity, sensitivity in zip(
            SPECIFICITIES, performance.sensitivity_at(of, SPECIFICITIES), strict=True
        )
    ]


_ALONE = (
    "Without some patient, who is the only one with a level, a centre or a combination of them, "
    "the model has no estimate: such patients are left out here."
)


def _influence(common: dict[str, Any], model: Model) -> list[Row]:
    """How many patients are influential, and the odds ratios without the most influential one."""
    assert model.fit is not None
    leverage, dfbeta = influence.influence(model)
    high, far = influence.bounds(model)
    alone = np.isnan(dfbeta).any(axis=1)
    note = {"status": "warning", "note": _ALONE} if alone.any() else {}
    scaled = np.abs(influence.in_errors(model, dfbeta))[~alone]
    rows = [
        Row(
            **common,
            model="influence",
            term="leverage",
            statistic="count",
            estimate=int((leverage > high).sum()),
            note="Patients with more than twice the mean leverage.",
        )
    ]
    for i, column in enumerate(model.of.used):
        if column.kind == "curve":
            continue
        named = {
            **common,
            "term": column.term,
            "level": column.level,
            "reference": column.reference,
            "unit": column.unit,
        }
        far_ones = int((scaled[:, i] > far).sum())
        rows.append(Row(**named, model="influence", statistic="count", estimate=far_ones))
        without = np.exp(model.fit.coefficients[i] - dfbeta[~alone, i])
        statistic = "odds_ratio" if column.kind == "effect" else "ratio_of_odds_ratios"
        named |= {"model": "without_one_patient", "statistic": statistic, "method": "one_step"}
        for group, extreme in (("lowest", np.min), ("highest", np.max)):
            found: dict[str, Any] = {"status": "not_estimable", "note": _ALONE}
            if len(without):
                found = {"estimate": float(extreme(without)), **note}
            rows.append(Row(**named, group=group, **found))
    return rows
