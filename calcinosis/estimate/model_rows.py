"""The rows of a fitted logistic regression."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from calcinosis.estimate import logistic, profile_likelihood
from calcinosis.estimate.curves import curve_rows
from calcinosis.estimate.guardrails import detectable_odds_ratio, generalised_vif
from calcinosis.estimate.logistic import Fit, NotEstimableError
from calcinosis.estimate.patterns import Patterns
from calcinosis.estimate.proportions import proportion
from calcinosis.estimate.regression import Sample, coefficient_rows
from calcinosis.estimates import Row

Settings = Mapping[str, Any]
"""The plan's section `models`: outcome, covariates, multivariable, estimator, intervals,
events_per_parameter, over_budget."""


@dataclass(frozen=True)
class Model:
    """One logistic regression in the data.

    Parameters
    ----------
    identity : analysis and outcome of its rows
    of : its patients
    method : the plan's, of rows without an estimate
    data : their patterns, with the centre's columns behind those of the covariates
    fit : the estimate; None where there is none
    plain : maximum likelihood, where it exists
    separates : which columns of the data separate the outcome
    notes : what the reader must know of the fit
    reason : why there is none
    """

    identity: Mapping[str, str]
    of: Sample
    method: str
    data: Patterns | None = None
    fit: Fit | None = None
    plain: Fit | None = None
    separates: np.ndarray | None = None
    notes: Sequence[str] = ()
    reason: str = ""

    @property
    def by_firth(self) -> bool:
        """Whether the estimate is Firth's."""
        return self.fit is not None and self.fit.method == "penalised_profile"


_WIDEST = math.log(1e12)
"""Of a log odds ratio beside another estimate: beyond it rounding decides what is printed."""
_NO_INFORMATION = 1e-6
"""Of a binomial variance: the risk is 0 or 1 but for the iterations that were not run."""


def rows(model: Model, name: str = "primary") -> list[Row]:
    """Odds ratios, curves and likelihood ratio tests of a model."""
    identity = {**model.identity, "model": name, "statistic": "odds_ratio"}
    found = coefficient_rows(
        identity, model.method, model.of, model.fit, [*model.notes], model.reason
    )
    if model.fit is None or model.data is None:
        return found
    found += curve_rows(identity, model.of, model.fit)
    for term in dict.fromkeys(column.term for column in model.of.used):
        of_term = [column.term == term for column in model.of.used]
        found.append(_test(model, name, term, of_term))
        bends = [column.term == term and column.kind == "curve" for column in model.of.used]
        if any(bends):
            bends[bends.index(True)] = False  # the first part is the line
            found.append(_test(model, name, term, bends, level="nonlinear"))
    return found


def _test(model: Model, name: str, term: str, tested: list[bool], level: str = "") -> Row:
    """The likelihood ratio test of some columns."""
    assert model.fit is not None and model.data is not None
    without = np.zeros(model.data.X.shape[1], bool)
    without[: len(tested)] = tested
    method = "penalised_likelihood_ratio" if model.by_firth else "likelihood_ratio"
    identity: dict[str, Any] = {
        **model.identity,
        "model": name,
        "term": term,
        "level": level,
        "statistic": "chi_squared",
        "method": method,
        "n": len(model.of.y),
        "events": int(model.of.y.sum()),
    }
    try:
        chi_squared, df, p_value = profile_likelihood.likelihood_ratio(
            model.data, model.fit, without, penalised=model.by_firth
        )
    except NotEstimableError as error:
        return Row(**identity, status="not_estimable", note=str(error))
    return Row(**identity, estimate=chi_squared, df=df, p_value=p_value)


def beside(model: Model, settings: Settings) -> list[Row]:
    """Maximum likelihood beside a Firth estimate that the plan does not ask for."""
    if not model.by_firth or settings["estimator"] == "firth" or model.data is None:
        return []
    assert model.separates is not None
    plain = model.plain or logistic.maximum_likelihood(model.data, limit=True)
    risk = logistic.predicted(plain, model.data.X)
    # Where every risk goes to 0 or 1, nothing is left that could hold the others.
    growing = model.separates | bool((risk * (1 - risk) < _NO_INFORMATION).all())
    # Nor where an interval is wider than any odds ratio that could be printed.
    growing |= ~(np.maximum(np.abs(plain.low), np.abs(plain.high)) < _WIDEST)
    plain = replace(
        plain,
        coefficients=np.where(growing, 0.0, plain.coefficients),
        low=np.where(growing, 0.0, plain.low),
        high=np.where(growing, 0.0, plain.high),
    )
    identity = {**model.identity, "model": "ml", "statistic": "odds_ratio"}
    found = coefficient_rows(identity, "wald", model.of, plain, [], "")
    infinite = {
        (column.term, column.level)
        for column, grows in zip(model.of.used, growing, strict=False)
        if grows
    }
    return [_infinite(row) if (row.term, row.level) in infinite else row for row in found]


def _infinite(row: Row) -> Row:
    return replace(
        row,
        estimate=None,
        std_error=None,
        conf_low=None,
        conf_high=None,
        conf_level=None,
        p_value=None,
        status="not_estimable",
        note="Maximum likelihood has no finite estimate, or one that rounding decides.",
    )


def counts(model: Model) -> list[Row]:
    """Events of each level of a category, its reference included."""
    levels = [column for column in model.of.design if column.level and column.kind == "effect"]
    if not levels:
        return []
    values = np.column_stack([column.values[model.of.known] for column in levels])
    groups = [(levels[0].reference, values.sum(axis=1) == 0)]
    groups += [(c.level, v == 1) for c, v in zip(levels, values.T, strict=True)]
    identity = {**model.identity, "model": "primary", "term": levels[0].term}
    analysis = identity.pop("analysis")
    return [
        proportion(
            analysis,
            int(model.of.y[who].sum()),
            int(who.sum()),
            interval=False,
            level=level,
            unit="of patients",
            **identity,
        )
        for level, who in groups
    ]


def detectable(model: Model) -> list[Row]:
    """The odds ratios nearest to 1 that could have been detected, of a binary covariate."""
    if len(model.of.design) != 1 or not model.of.design[0].level:
        return []
    (column,), y = model.of.design, model.of.y
    exposed = column.values[model.of.known] == 1
    counts = (int(exposed.sum()), int((~exposed).sum()))
    risk = float(y[~exposed].mean()) if counts[1] else 0.0
    found = []
    for unit in ("above 1", "below 1"):
        identity: dict[str, Any] = {
            **model.identity,
            "model": "primary",
            "term": column.term,
            "level": column.level,
            "reference": column.reference,
            "unit": unit,
            "statistic": "detectable_odds_ratio",
            "method": "wald_power_80",
            "n": len(y),
            "events": int(y.sum()),
        }
        nearest = detectable_odds_ratio(*counts, risk, above=unit == "above 1")
        if nearest is None:
            note = "None up to a thousandfold would have been detected in these patients."
            found.append(Row(**identity, status="not_estimable", note=note))
        else:
            found.append(Row(**identity, estimate=nearest))
    return found


def inflation(model: Model) -> list[Row]:
    """Generalised variance inflation factors, of a model with several terms."""
    if model.fit is None or model.fit.covariance is None:
        return []
    terms = [column.term for column in model.of.used]
    others = model.fit.covariance.shape[0] - 1 - len(terms)
    names = [*terms, *["(centre)"] * others]
    if len(set(names)) < 2:
        return []
    factors = generalised_vif(model.fit.covariance[1:, 1:], names)
    identity: dict[str, Any] = {**model.identity, "model": "primary", "n": len(model.of.y)}
    found = []
    for term in dict.fromkeys(terms):
        factor, df = factors[term]
        of_term = {**identity, "term": term, "df": df}
        found.append(Row(**of_term, statistic="gvif", estimate=factor))
        found.append(Row(**of_term, statistic="gvif_scaled", estimate=factor ** (1 / (2 * df))))
    return found
