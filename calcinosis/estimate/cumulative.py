"""Cumulative incidence as far as the film times allow: constant rate, Weibull, Turnbull."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from calcinosis.estimate.groups import groups
from calcinosis.estimate.interval_censored import interval_censored_rate
from calcinosis.estimate.logistic import NotEstimableError
from calcinosis.estimate.turnbull import turnbull
from calcinosis.estimate.weibull import weibull
from calcinosis.estimates import CONF_LEVEL, Row

SHARE_OF_THREE_FILMS = 0.1
SPREAD = 2.0
"""Film times carry the shape of the incidence where a tenth of the patients or more have three
films before they worsen, or where the time of the later films from the first spreads so much that
its ninth decile is twice its first: at 2.9 (SD 0.4) years for all, a Weibull shape has a standard
error above 1."""

_IDENTITY: dict[str, Any] = {"analysis": "incidence", "outcome": "progression"}


def times(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Film times and event intervals, in years from each patient's first film.

    Parameters
    ----------
    frame : dataset `incidence`: patient_id, interval, years, worsened; one row per interval

    Returns
    -------
    films : times of all later films, shape (intervals,)
    left, right : of each patient, in order of patient_id: progression lies in (left, right]; right
        is infinite where it was not seen
    """
    frame = frame.sort_values(["patient_id", "interval"])
    patient = frame["patient_id"]
    films = frame["years"].groupby(patient).cumsum()
    worsened = frame["worsened"].astype(bool)
    last = ~patient.duplicated(keep="last")
    right = films[last].where(worsened[last], np.inf)
    # The last film that was seen unchanged: the sum of the earlier intervals, exactly.
    unchanged = frame["years"].where(~worsened, 0.0).groupby(patient).sum()
    left = unchanged.loc[patient[last]]
    return films.to_numpy(float), left.to_numpy(float), right.to_numpy(float)


def curves(
    frame: pd.DataFrame, by: Sequence[str], horizon: float | None, suffix: str = ""
) -> list[Row]:
    """Film times, and curves of all patients and of each stratum.

    Parameters
    ----------
    frame : dataset `incidence`
    by : categories whose levels have a curve each, at a constant rate
    horizon : a further time of the grid
    suffix : of `model`, for patients at risk only

    Returns
    -------
    rows of `film_time_rows`, `curve_rows` and `shape_rows`
    """
    rows = [*film_time_rows(frame), *curve_rows(frame, horizon, suffix)]
    for variable in by:
        for name, is_in in groups(frame[variable].cat.remove_unused_categories()):
            rows += curve_rows(frame[is_in.to_numpy(bool)], horizon, suffix, name)
    return [*rows, *shape_rows(frame, horizon, suffix)]


def curve_rows(
    frame: pd.DataFrame,
    horizon: float | None = None,
    suffix: str = "",
    group: str = "overall",
) -> list[Row]:
    """Cumulative incidence at a constant rate, on a grid of years up to the last film.

    Parameters
    ----------
    frame : dataset `incidence` of the group
    horizon : a further time of the grid, where films reach it
    suffix : of `model`, for patients at risk only
    group : of the rows

    Returns
    -------
    rows
        Shares of patients (`term` years, `level` their number) with the limits of the rate; those
        before the shortest interval between films rest on the constant rate alone. Nothing where
        the rate has no estimate.
    """
    fit = interval_censored_rate(frame["worsened"].to_numpy(bool), frame["years"].to_numpy(float))
    if fit is None:
        return []
    films, _, _ = times(frame)
    rate, _, low, high = fit
    return [
        _share(
            f"interval_censored{suffix}",
            group,
            time,
            [-math.expm1(-r * time) for r in (rate, low, high)],
            frame,
            "By the constant rate alone: no film is that early." if time < films.min() else "",
        )
        for time in grid(films, horizon)
    ]


def grid(films: np.ndarray, horizon: float | None) -> list[float]:
    """Years at which curves are given: quarters, or halves and wholes where follow-up is long."""
    longest = float(films.max())
    step = 0.25 if longest <= 6 else 0.5 if longest <= 12 else 1.0
    found = {step * k for k in range(1, int(longest / step) + 1)}
    if horizon is not None and horizon <= longest:
        found.add(float(horizon))
    return sorted(found)


def film_time_rows(frame: pd.DataFrame) -> list[Row]:
    """When the later films were taken: the shortest, median and longest time from the first."""
    if frame.empty:
        return []
    films, _, _ = times(frame)
    found = {"minimum": films.min(), "median": np.median(films), "maximum": films.max()}
    return [
        Row(
            **_IDENTITY,
            term="film_times",
            unit="years from the first film",
            statistic=statistic,
            estimate=float(value),
            n=len(films),
        )
        for statistic, value in found.items()
    ]


def shape_rows(frame: pd.DataFrame, horizon: float | None = None, suffix: str = "") -> list[Row]:
    """Cumulative incidence without the constant rate: Weibull and Turnbull.

    Parameters
    ----------
    frame, horizon, suffix : see `curve_rows`

    Returns
    -------
    rows
        `model` weibull: its shape with the likelihood ratio test of a constant rate, and shares
        with limits; `model` turnbull: `risk_at_least` and `risk_at_most`, between which the films
        leave the share open. One not_estimable row each where film times do not carry them.
    """
    reason = _too_alike(frame)
    if reason:
        return [
            _not_estimable(f"weibull{suffix}", "shape", "profile", reason),
            _not_estimable(f"turnbull{suffix}", "risk_at_least", "", reason),
        ]
    films, left, right = times(frame)
    years = [time for time in grid(films, horizon) if time >= films.min()]
    return [
        *_weibull(frame, left, right, years, f"weibull{suffix}"),
        *_turnbull(frame, left, right, years, f"turnbull{suffix}"),
    ]


def _too_alike(frame: pd.DataFrame) -> str:
    """Why film times do not carry a shape; empty where they do."""
    if frame.empty:
        return "Nobody was followed."
    films, _, _ = times(frame)
    several = float((frame.groupby("patient_id").size() >= 2).mean())
    first, ninth = np.quantile(films, [0.1, 0.9])
    if several >= SHARE_OF_THREE_FILMS or ninth >= SPREAD * first:
        return ""
    return (
        "Most patients have two films, and these are all about equally far apart: such films do "
        "not tell how the rate changes with time."
    )


def _weibull(
    frame: pd.DataFrame, left: np.ndarray, right: np.ndarray, years: list[float], model: str
) -> list[Row]:
    try:
        fit = weibull(left, right)
    except NotEstimableError as error:
        return [_not_estimable(model, "shape", "profile", str(error))]
    shape = Row(
        **_IDENTITY,
        model=model,
        statistic="shape",
        method="profile",
        estimate=math.exp(fit.log_shape),
        std_error=math.exp(fit.log_shape) * float(np.sqrt(fit.covariance[1, 1])),
        conf_low=fit.shape_low,
        conf_high=fit.shape_high,
        conf_level=CONF_LEVEL,
        p_value=fit.p_value,
        n=len(left),
        events=int(frame["worsened"].sum()),
        note="Above 1 the rate rises with time; the p-value tests the constant rate.",
    )
    return [shape, *(_share(model, "overall", t, list(fit.by(t)), frame) for t in years)]


def _turnbull(
    frame: pd.DataFrame, left: np.ndarray, right: np.ndarray, years: list[float], model: str
) -> list[Row]:
    fit = turnbull(left, right)
    if fit is None:
        note = "The iteration did not reach the maximum of the likelihood."
        return [_not_estimable(model, "risk_at_least", "", note)]
    return [
        Row(
            **_IDENTITY,
            model=model,
            term="years",
            level=f"{time:g}",
            unit="of patients",
            statistic=statistic,
            estimate=min(share, 1.0),
            n=len(left),
            events=int(frame["worsened"].sum()),
        )
        for time in years
        for statistic, share in zip(("risk_at_least", "risk_at_most"), fit.by(time), strict=True)
    ]


def _share(
    model: str, group: str, time: float, shares: list[float], frame: pd.DataFrame, note: str = ""
) -> Row:
    estimate, low, high = shares
    return Row(
        **_IDENTITY,
        model=model,
        group=group,
        term="years",
        level=f"{time:g}",
        unit="of patients",
        statistic="proportion",
        method="wald",
        estimate=estimate,
        conf_low=low,
        conf_high=high,
        conf_level=CONF_LEVEL,
        n=int(frame["patient_id"].nunique()),
        events=int(frame["worsened"].sum()),
        note=note,
    )


def _not_estimable(model: str, statistic: str, method: str, note: str) -> Row:
    return Row(
        **_IDENTITY,
        model=model,
        statistic=statistic,
        method=method,
        status="not_estimable",
        note=note,
    )
