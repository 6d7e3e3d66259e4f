"""The model over imputations: equal to the primary where nothing is missing, and its properties."""

import math

import numpy as np
import pandas as pd
import pytest
from builders import one, rows_by
from scipy import stats
from test_imputation import category

from calcinosis.estimate import logistic, penalised, profile_likelihood
from calcinosis.estimate.design import restricted_cubic_spline
from calcinosis.estimate.imputation import batch, of_model
from calcinosis.estimate.imputed_models import imputed_rows
from calcinosis.estimate.models import Models
from calcinosis.estimate.patterns import collapse
from calcinosis.simulate import missing_at_random

COVARIATES = {
    "number": {"per": 1.0},
    "sign": {"reference": "no"},
    "grade": {"reference": "low"},
}
RUBIN = {"pooling": "rubin", "centre": None}


def section(covariates=COVARIATES, **other) -> dict:
    settings = {"covariates": covariates, "multivariable": list(covariates)}
    return missing_at_random.MODELS | settings | other


def cohort(n: int = 240, *, share: float = 0.12, slope: float = 0.8) -> pd.DataFrame:
    rng = np.random.default_rng(9)
    number = 3 + rng.normal(size=n)
    codes = {
        "sign": rng.integers(0, 2, n),
        "grade": np.digitize(number + rng.logistic(size=n), [2.5, 4]),
        "centre": rng.integers(0, 4, n),
    }
    logit = slope * (number - 3) + 0.5 * codes["sign"] - 0.4
    frame = pd.DataFrame(
        {
            "patient_id": [f"p{i:03d}" for i in range(n)],
            "outcome": category(rng.logistic(size=n) < logit, ["no", "yes"]),
            "number": number,
            "sign": category(codes["sign"], ["no", "yes"]),
            "grade": category(codes["grade"], ["low", "mid", "high"]),
            "centre": category(codes["centre"], list("abcd")),
        }
    )
    for name in ("number", "sign", "grade"):
        frame.loc[rng.random(n) < share, name] = None
    return frame


def imputations(frame: pd.DataFrame, number: int = 10, centre: str | None = None) -> pd.DataFrame:
    settings = {"ordered": ["grade"], "iterations": 3, "donors": 5, "seed": 1, "size": number}
    of = of_model(frame, "outcome", centre)
    return batch(of if centre else of.drop(columns="centre", errors="ignore"), settings, 0)


def imputed(frame: pd.DataFrame, models: dict, settings: dict = RUBIN, **other) -> list:
    return imputed_rows(
        frame, imputations(frame, centre=settings["centre"], **other), models, settings
    )


def ratios(rows) -> dict:
    found = rows_by(rows, statistic="odds_ratio")
    return {(row.term, row.level): row for row in found}


@pytest.mark.parametrize("estimator", ["maximum_likelihood", "firth"])
def test_where_nothing_is_missing_it_is_the_primary_model(estimator):
    frame, models = cohort(share=0), section(estimator=estimator)
    primary = Models(of_model(frame, "outcome", None), models).multivariable_rows()
    wanted = ratios(rows_by(primary, model="primary"))
    found = ratios(imputed(frame, models))
    assert list(found) == list(wanted)
    for key, row in found.items():
        same = wanted[key]
        assert (row.estimate, row.conf_low, row.p_value) == (
            same.estimate,
            same.conf_low,
            same.p_value,
        )
        assert row.model == "imputed"
        assert "No value of the model is missing" in row.note


def test_a_gap_in_a_variable_that_helps_only_changes_nothing():
    frame = cohort(share=0)
    frame.loc[::7, "grade"] = None
    without = {name: COVARIATES[name] for name in ("number", "sign")}
    found = ratios(imputed(frame, section(without)))
    primary = Models(of_model(frame, "outcome", None), section(without)).multivariable_rows()
    for key, row in ratios(rows_by(primary, model="primary")).items():
        assert found[key].estimate == row.estimate


def test_rows_name_all_patients_with_the_outcome_and_their_events():
    frame = cohort()
    frame.loc[:3, "outcome"] = None
    rows = ratios(imputed(frame, section()))
    assert {row.n for row in rows.values()} == {236}
    assert {row.events for row in rows.values()} == {(frame["outcome"] == "yes").sum()}
    assert {row.method for row in rows.values()} == {"rubin"}


def test_pooled_numbers_are_rubins_of_the_fits_of_each_dataset():
    """Computed again from the odds ratios and errors of the completed datasets' own models."""
    frame, models = cohort(), section()
    completed = imputations(frame)
    rows = ratios(imputed_rows(frame, completed, models, RUBIN))
    fits = []
    for _, values in completed.groupby("imputation"):
        filled = of_model(frame, "outcome", None).drop(columns=["number", "sign", "grade"])
        filled = filled.merge(values.drop(columns="imputation"), on="patient_id")
        fits.append(ratios(rows_by(Models(filled, models).multivariable_rows(), model="primary")))
    for key, row in rows.items():
        logs = np.log([fit[key].estimate for fit in fits])
        within = np.mean([fit[key].std_error ** 2 for fit in fits])
        total = within + 1.1 * np.var(logs, ddof=1)
        assert math.log(row.estimate) == pytest.approx(logs.mean(), abs=1e-9)
        assert row.std_error == pytest.approx(math.sqrt(total), rel=1e-7)


def test_another_reference_turns_the_odds_ratio_round():
    frame = cohort()
    other = COVARIATES | {"sign": {"reference": "yes"}, "grade": {"reference": "high"}}
    one_, two = imputed(frame, section()), imputed(frame, section(other))
    first, second = ratios(one_), ratios(two)
    assert first["sign", "yes"].estimate * second["sign", "no"].estimate == pytest.approx(1)
    assert first["grade", "high"].estimate * second["grade", "low"].estimate == pytest.approx(1)
    assert first["number", ""].estimate == pytest.approx(second["number", ""].estimate)
    tests = [one(rows, statistic="f", term="grade") for rows in (one_, two)]
    assert tests[0].estimate == pytest.approx(tests[1].estimate)
    assert tests[0].p_value == pytest.approx(tests[1].p_value)


def test_another_unit_of_change_is_a_power():
    frame = cohort()
    ten = ratios(imputed(frame, section(COVARIATES | {"number": {"per": 10.0}})))
    single = ratios(imputed(frame, section()))
    assert ten["number", ""].estimate == pytest.approx(single["number", ""].estimate ** 10)


def test_rows_in_another_order_change_nothing():
    frame = cohort()
    other = frame.sample(frac=1, random_state=1)
    assert imputed(frame, section()) == imputed(other, section())


def test_what_the_model_makes_of_a_variable_is_made_of_completed_values():
    """A logarithm, a product and a curve, whose knots are those of the known values."""
    frame = cohort().assign(number=lambda f: np.exp(f["number"] / 3))
    made = {
        "number": {"log": 2.0},
        "sign": {"reference": "no"},
        "both": {"interaction": ["number", "sign"]},
    }
    assert all(row.estimate for row in imputed(frame, section(made)))
    curve = {"number": {"spline": 3}, "sign": {"reference": "no"}}
    rows = imputed(frame, section(curve))
    primary = Models(of_model(frame, "outcome", None), section(curve)).multivariable_rows()
    wanted = one(rows_by(primary, model="primary"), term="number", unit="q3 v q1")
    found = one(rows, term="number", unit="q3 v q1")
    assert (found.level, found.reference) == (wanted.level, wanted.reference)
    assert found.estimate == pytest.approx(wanted.estimate, rel=0.25)
    assert {row.level for row in rows_by(rows, statistic="f")} == {"", "nonlinear"}


def test_a_centre_of_the_model_is_in_both_models_and_has_no_rows():
    frame = cohort()
    frame.loc[5, "centre"] = None
    rows = ratios(imputed(frame, section(), RUBIN | {"centre": "centre"}))
    assert {row.n for row in rows.values()} == {239}
    assert {term for term, _ in rows} == {"number", "sign", "grade"}


def test_separation_in_completed_datasets_is_said_and_has_finite_odds_ratios():
    frame = cohort()
    here = frame["outcome"] == "yes"
    sign = category(here & (np.arange(240) % 4 == 0), ["no", "yes"])
    frame = frame.assign(sign=pd.Series(sign).where(np.arange(240) % 9 > 0))
    rows = ratios(imputed(frame, section(events_per_parameter=1)))
    assert all(abs(math.log(row.estimate)) < 7 for row in rows.values())
    assert all(row.status == "warning" and "Firth" in row.note for row in rows.values())


def test_a_model_that_the_plan_refuses_is_refused():
    rows = ratios(imputed(cohort(40), section(over_budget="refuse")))
    assert {row.status for row in rows.values()} == {"not_estimable"}
    assert all("refuses" in row.note for row in rows.values())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"number": np.nan}, "Nobody has a value of number."),
        ({"number": 1.0}, "No variation in these patients: number."),
        ({"outcome": category(np.zeros(240), ["no", "yes"])}, "The outcome is the same"),
        ({"outcome": category(np.full(240, -1), ["no", "yes"])}, "Nobody has values"),
    ],
)
def test_what_cannot_be_estimated_says_why(change, reason):
    rows = ratios(imputed(cohort().assign(**change), section()))
    assert len(rows) == 4
    for row in rows.values():
        assert row.status == "not_estimable"
        assert reason in row.note


def test_a_level_that_nobody_has_leaves_the_others_alone():
    frame = cohort()
    frame["grade"] = frame["grade"].where(frame["grade"] != "mid")
    rows = ratios(imputed(frame, section()))
    assert rows["grade", "mid"].status == "not_estimable"
    assert rows["grade", "high"].estimate is not None


def test_clip_of_equal_datasets_is_the_penalised_profile_of_one():
    """The combined distribution of equal profiles is each of them: limits and p of logistf."""
    of = of_model(cohort(80, share=0), "outcome", None)
    x = np.column_stack([of["number"], of["sign"] == "yes"]).astype(float)
    y = of["outcome"].to_numpy(float)
    one_fit = profile_likelihood.firth(collapse(x, y))
    equal = [penalised.Completed(x, y)] * 3
    beta, covariance = penalised.firth(equal[0])
    np.testing.assert_allclose(beta[1:], one_fit.coefficients, atol=1e-7)
    np.testing.assert_allclose(covariance, one_fit.covariance, atol=1e-7)
    found = penalised.combined_profiles(equal, 2)
    np.testing.assert_allclose(found, [one_fit.low, one_fit.high, one_fit.p_values], atol=1e-6)


def test_clip_is_the_mean_of_distributions_between_those_of_its_datasets():
    of = of_model(cohort(80, share=0), "outcome", None)
    y = of["outcome"].to_numpy(float)
    shifted = [
        penalised.Completed(np.column_stack([of["number"] + shift * y]).astype(float), y)
        for shift in (0, 0.3)
    ]
    (low, high, _), (other_low, other_high, _) = (
        np.ravel(penalised.combined_profiles([data], 1)) for data in shifted
    )
    both = np.ravel(penalised.combined_profiles(shifted, 1))
    assert low < both[0] < other_low
    assert high < both[1] < other_high


def test_the_plan_chooses_how_firths_estimates_are_pooled():
    frame, models = cohort(90), section(estimator="firth")
    by_rubin = ratios(imputed(frame, models))
    by_clip = ratios(imputed(frame, models, RUBIN | {"pooling": "clip"}))
    for key, row in by_clip.items():
        assert row.method == "clip"
        assert row.std_error is None
        assert row.estimate == pytest.approx(by_rubin[key].estimate)
        assert row.conf_low == pytest.approx(by_rubin[key].conf_low, rel=0.25)
    plain = ratios(imputed(cohort(), section(), RUBIN | {"pooling": "clip"}))
    assert {row.method for row in plain.values()} == {"rubin"}


def test_complete_cases_are_biased_and_imputations_are_not():
    """`benchmarks/imputation.py` makes the table with more cohorts."""
    found = missing_at_random.performance(16, 400, imputations=5, iterations=3)
    of = {(each.term, each.model): each for each in found}
    assert of["activity", "complete cases"].bias < -0.35
    for term in missing_at_random.PLANTED:
        here = of[term, "imputed"]
        assert abs(here.bias) < 3.5 * here.error
        assert here.coverage >= 0.75


def test_the_problem_of_a_later_batch_is_said():
    frame = cohort()
    problem = pd.DataFrame({"problem": ["grade: no solution."]})
    rows = ratios(imputed_rows(frame, pd.concat([imputations(frame), problem]), section(), RUBIN))
    assert {(row.status, row.note) for row in rows.values()} == {
        ("not_estimable", "grade: no solution.")
    }


def test_a_curve_is_pooled_by_t_like_its_coefficients():
    """Rubin's rules by hand, of the log odds ratios that each completed dataset gives."""
    frame, models = cohort(), section({"number": {"spline": 3}, "sign": {"reference": "no"}})
    completed = imputations(frame)
    primary = Models(of_model(frame, "outcome", None), models).multivariable
    rows = imputed_rows(frame, completed, models, RUBIN)
    found = one(rows, term="number", unit="q3 v q1")
    knots = primary.of.used[0].knots
    ends = np.array([float(found.level), float(found.reference)])
    weights = np.array([0, *np.subtract(*restricted_cubic_spline(ends, knots)), 0])
    logs, variances = [], []
    for _, values in completed.groupby("imputation"):
        x = np.column_stack(
            [restricted_cubic_spline(values["number"].to_numpy(), knots), values["sign"] == "yes"]
        )
        y = (frame["outcome"] == "yes").to_numpy(float)
        fit = logistic.maximum_likelihood(collapse(x.astype(float), y))
        logs.append(weights[1:] @ fit.coefficients)
        variances.append(weights @ fit.covariance @ weights)
    m, within, between = len(logs), np.mean(variances), np.var(logs, ddof=1)
    total = within + (1 + 1 / m) * between
    share, complete = (1 + 1 / m) * between / total, len(frame) - 4
    df = 1 / (share**2 / (m - 1) + (complete + 3) / ((complete + 1) * complete * (1 - share)))
    assert math.log(found.estimate) == pytest.approx(np.mean(logs), abs=1e-7)
    assert found.std_error == pytest.approx(math.sqrt(total), rel=1e-6)
    assert found.df == pytest.approx(df, rel=1e-6)
    t = stats.t(df)
    high = np.mean(logs) + t.ppf(0.975) * math.sqrt(total)
    assert math.log(found.conf_high) == pytest.approx(high, abs=1e-6)
    assert found.p_value == pytest.approx(2 * t.sf(abs(np.mean(logs)) / math.sqrt(total)), rel=1e-5)
    assert all(row.df for row in rows_by(rows, statistic="odds_ratio_along"))


def test_firth_by_the_plan_beyond_the_budget_is_noted_as_in_the_primary_model():
    frame, models = cohort(60), section(estimator="firth")
    rows = ratios(imputed(frame, models))
    primary = ratios(
        rows_by(
            Models(of_model(frame, "outcome", None), models).multivariable_rows(), model="primary"
        )
    )
    for each in (rows, primary):
        assert {row.status for row in each.values()} == {"warning"}
        assert all("vary widely from sample to sample" in row.note for row in each.values())
    assert {
        row.status for row in ratios(imputed(frame, models | {"events_per_parameter": 1})).values()
    } == {"ok"}
