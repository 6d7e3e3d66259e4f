"""Odds ratios of the plan: their names, their properties, and where none can be given."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from builders import grades, one, rows_by

from calcinosis.estimate import logistic, profile_likelihood
from calcinosis.estimate.models import Models

YES = {"reference": "no"}
BOTH = {"sex": YES, "age": {"per": 10}}


def all_rows(frame, covariates, together=None, *, centres=None, **settings) -> list:
    """Everything that the plan's models give, of a section with the plan's defaults."""
    section = {
        "outcome": "progression",
        "covariates": covariates,
        "multivariable": list(covariates) if together is None else together,
        "estimator": "maximum_likelihood",
        "intervals": "wald",
        "events_per_parameter": 10,
        "over_budget": "firth",
    }
    models = Models(frame, section | settings, centres)
    return [*models.univariable_rows(), *models.multivariable_rows()]


def rows_of(frame, covariates, together=None, **settings) -> list:
    """The odds ratios of the table: primary, and of GEE."""
    rows = all_rows(frame, covariates, together, **settings)
    return [r for r in rows if r.statistic == "odds_ratio" and r.model in ("primary", "gee")]


def yes_no(values) -> pd.Categorical:
    words = [{1: "yes", 0: "no"}.get(value) for value in values]
    return pd.Categorical(words, categories=["no", "yes"], ordered=True)


def frame_of(progression, **covariates) -> pd.DataFrame:
    n = len(progression)
    return pd.DataFrame(
        {
            "patient_id": [f"P{i:04d}" for i in range(n)],
            "progression": np.asarray(progression, bool),
            **covariates,
        }
    )


def random_frame(n: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(20250123)
    sex, ulcer = rng.integers(0, 2, n), rng.integers(0, 2, n)
    age = rng.integers(30, 75, n).astype(float)
    y = rng.random(n) < 1 / (1 + np.exp(-(0.5 * sex - 0.8 * ulcer + 0.02 * (age - 50))))
    grade = grades(*np.array(["none", "mild", "moderate", "severe"])[rng.integers(0, 4, n)])
    return frame_of(y, sex=yes_no(sex), ulcer=yes_no(ulcer), age=age, grade=grade)


def test_the_plan_decides_that_all_are_estimated_by_firth():
    frame = random_frame()
    rows = rows_of(frame, {"sex": YES, "age": {"per": 10}}, estimator="firth")
    assert {row.method for row in rows} == {"penalised_profile"}
    assert {row.status for row in rows} == {"ok"}


def test_rows_are_named_by_covariate_level_reference_and_unit():
    rows = rows_of(
        random_frame(),
        {"elderly": {"variable": "age", "at_least": 60}, "sex": YES, "age": {"per": 10}},
    )
    named = [(r.term, r.level, r.reference, r.unit) for r in rows_by(rows, analysis="univariable")]
    assert named == [
        ("elderly", "yes", "no", ""),
        ("sex", "yes", "no", ""),
        ("age", "", "", "per 10"),
    ]
    assert {(row.model, row.statistic) for row in rows} == {("primary", "odds_ratio")}


def test_a_swapped_reference_inverts_the_odds_ratio():
    frame = random_frame()
    rows = rows_of(frame, {"sex": YES, "age": {"per": 1}})
    swapped = rows_of(frame, {"sex": {"reference": "yes"}, "age": {"per": 1}})
    for analysis in ("univariable", "multivariable"):
        row = one(rows, analysis=analysis, term="sex")
        other = one(swapped, analysis=analysis, term="sex")
        assert (row.level, other.level) == ("yes", "no")
        assert row.estimate == pytest.approx(1 / other.estimate, rel=1e-8)
        assert row.conf_low == pytest.approx(1 / other.conf_high, rel=1e-8)
        assert row.p_value == pytest.approx(other.p_value, rel=1e-8)


def test_a_unit_of_ten_is_the_tenth_power():
    frame = random_frame()
    one_year = one(rows_of(frame, {"age": {"per": 1}}), analysis="univariable")
    ten_years = one(rows_of(frame, {"age": {"per": 10}}), analysis="univariable")
    assert ten_years.estimate == pytest.approx(one_year.estimate**10, rel=1e-8)
    assert ten_years.p_value == pytest.approx(one_year.p_value, rel=1e-8)


def test_a_large_unit_has_a_valid_name():
    """`f"{1e6:g}"` is 1e+06, and '+' is not in the alphabet of result ids."""
    frame = random_frame().assign(platelets=lambda f: f["age"] * 1e4)
    (row, _) = rows_of(frame, {"platelets": {"per": 1_000_000}})
    assert row.estimate is not None


def test_a_grade_enters_as_its_rank():
    frame = random_frame()
    ranked = frame.assign(grade=frame["grade"].cat.codes.astype(float))
    by_grade = one(rows_of(frame, {"grade": {"per": 1}}), analysis="univariable")
    by_rank = one(rows_of(ranked, {"grade": {"per": 1}}), analysis="univariable")
    assert by_grade.estimate == by_rank.estimate


def test_row_and_column_order_change_nothing():
    frame = random_frame()
    covariates = {"sex": YES, "ulcer": YES, "age": {"per": 10}}
    turned = frame.sample(frac=1, random_state=1)[frame.columns[::-1]]
    assert rows_of(turned, covariates) == rows_of(frame, covariates)


def test_duplicated_data_keep_the_odds_ratio():
    frame = random_frame()
    twice = pd.concat([frame, frame.assign(patient_id="x" + frame["patient_id"])])
    covariates = {"sex": YES, "age": {"per": 10}}
    for row, other in zip(rows_of(frame, covariates), rows_of(twice, covariates), strict=True):
        assert other.estimate == pytest.approx(row.estimate, rel=1e-8)
        assert other.std_error == pytest.approx(row.std_error / 2**0.5, rel=1e-8)
        assert other.n == 2 * row.n


def test_an_irrelevant_column_changes_nothing():
    frame = random_frame()
    more = frame.assign(**{"__import__('os')": 1, "C(sex)": "x"})
    assert rows_of(more, {"sex": YES}) == rows_of(frame, {"sex": YES})


@pytest.mark.parametrize("exposed_events", [6, 0])
def test_separated_data_are_estimated_by_firth_and_it_is_said(exposed_events):
    """All or none of six exposed progressed; the odds ratio is that of the counts plus a half."""
    y = np.repeat([1, 0, 1, 0], [exposed_events, 6 - exposed_events, 15, 15])
    frame = frame_of(y, ulcer=yes_no(np.arange(36) < 6))
    for row in rows_of(frame, {"ulcer": YES}):
        expected = (exposed_events + 0.5) / (6 - exposed_events + 0.5)
        assert row.estimate == pytest.approx(expected, rel=1e-6)
        assert row.method == "penalised_profile"
        assert row.status == "warning"
        assert "Separation: ulcer yes predicts" in row.note
        assert 0 < row.conf_low < row.estimate < row.conf_high < np.inf
        assert 0 < row.p_value < 1


def test_separation_in_the_multivariable_model_makes_both_columns_firth():
    """And maximum likelihood beside it, finite where nothing separates."""
    frame = random_frame(80)
    frame = frame.assign(ulcer=yes_no(np.where(np.arange(80) % 9 == 0, 1, 0)))
    frame.loc[frame["ulcer"] == "yes", "progression"] = True
    rows = all_rows(frame, {"sex": YES, "ulcer": YES})
    primary = rows_by(rows, model="primary", statistic="odds_ratio")
    assert {row.method for row in primary} == {"penalised_profile"}
    beside = {(r.analysis, r.term): r for r in rows_by(rows, model="ml")}
    for analysis in ("univariable", "multivariable"):
        assert beside[analysis, "ulcer"].status == "not_estimable"
        assert "no finite estimate" in beside[analysis, "ulcer"].note
    # The separated patients say nothing about the rest.
    rest = rows_of(frame[frame["ulcer"] == "no"], {"sex": YES})
    for name in ("estimate", "std_error", "conf_low", "conf_high", "p_value"):
        found = getattr(beside["multivariable", "sex"], name)
        assert found == pytest.approx(getattr(rest[0], name), rel=1e-6)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"sex": yes_no([1] * 120)}, "No variation"),
        ({"sex": yes_no([None] * 120)}, "Nobody has values"),
        ({"progression": False}, "outcome is the same"),
        ({"progression": True}, "outcome is the same"),
    ],
)
def test_what_cannot_be_fitted_is_not_estimable_with_its_reason(change, says):
    rows = rows_of(random_frame().assign(**change), {"sex": YES})
    assert len(rows) == 2
    for row in rows:
        assert (row.status, row.estimate, row.conf_low, row.p_value) == (
            *("not_estimable", None, None),
            None,
        )
        assert says in row.note


def test_collinear_covariates_are_not_estimable_together():
    frame = random_frame()
    frame = frame.assign(twin=frame["sex"], sum_of=frame["age"] * 2 + 1)
    for covariates in ({"sex": YES, "twin": YES}, {"age": {"per": 1}, "sum_of": {"per": 1}}):
        rows = rows_of(frame, covariates)
        assert {r.status for r in rows_by(rows, analysis="univariable")} == {"ok"}
        together = rows_by(rows, analysis="multivariable")
        assert {r.status for r in together} == {"not_estimable"}
        assert all("linear combinations" in r.note for r in together)


def test_patients_with_missing_covariates_leave_that_model_and_are_counted():
    frame = random_frame()
    frame.loc[:9, "age"] = np.nan
    frame.loc[5:14, "sex"] = None
    rows = rows_of(frame, {"sex": YES, "age": {"per": 1}})
    assert {row.n for row in rows} == {105}
    available = rows_by(
        all_rows(frame, {"sex": YES, "age": {"per": 1}}),
        model="all_available",
        statistic="odds_ratio",
    )
    assert {(row.analysis, row.term, row.n) for row in available} == {
        ("univariable", "sex", 110),
        ("univariable", "age", 110),
    }
    complete = frame.dropna(subset=["age", "sex"])
    assert rows_by(rows, analysis="multivariable") == rows_by(
        rows_of(complete, {"sex": YES, "age": {"per": 1}}), analysis="multivariable"
    )
    assert {r.events for r in rows_by(rows, analysis="multivariable")} == {
        complete["progression"].sum()
    }


def test_a_missing_value_is_not_below_the_cut():
    frame = random_frame()
    frame.loc[:9, "age"] = np.nan
    row = one(
        rows_of(frame, {"elderly": {"variable": "age", "at_least": 60}}), analysis="univariable"
    )
    assert row.n == 110


@pytest.mark.parametrize(
    ("events", "status", "parameters"), [(20, "ok", 2), (19, "warning", 2), (9, "warning", 1)]
)
def test_few_events_a_parameter_are_a_warning(events, status, parameters):
    """The smaller outcome class counts, and every parameter, not every covariate."""
    y = np.arange(100) < 100 - events  # few without progression
    groups = np.array(["a", "b", "c"])[: parameters + 1][np.arange(100) % (parameters + 1)]
    group = pd.Categorical(groups, categories=["a", "b", "c"][: parameters + 1], ordered=True)
    rows = rows_of(frame_of(y, group=group), {"group": {"reference": "a"}})
    assert {row.status for row in rows} == {status}
    assert all(("smaller outcome class" in row.note) == (status == "warning") for row in rows)


@pytest.mark.parametrize("estimator", ["maximum_likelihood", "firth"])
def test_a_swapped_reference_inverts_by_both_estimators(estimator):
    frame = random_frame(60)
    rows, swapped = (
        rows_of(frame, {"sex": {"reference": reference}}, estimator=estimator)
        for reference in ("no", "yes")
    )
    for row, other in zip(rows, swapped, strict=True):
        assert row.estimate == pytest.approx(1 / other.estimate, rel=1e-6)
        assert row.conf_low == pytest.approx(1 / other.conf_high, rel=1e-6)
        assert row.conf_high == pytest.approx(1 / other.conf_low, rel=1e-6)


def test_missing_covariates_cost_only_their_own_models():
    frame = random_frame()
    gone = frame.assign(age=frame["age"].where(np.arange(120) >= 30))
    covariates = {"sex": YES, "age": {"per": 1}}
    full, less = all_rows(frame, covariates), all_rows(gone, covariates)
    at = {"analysis": "univariable", "term": "sex", "statistic": "odds_ratio"}
    available = one(less, **at, model="all_available")
    assert replace(available, model="primary") == one(full, **at)
    assert not rows_by(full, model="all_available")
    assert not rows_by(less, model="all_available", term="age")
    primary = rows_by(less, model="primary", statistic="odds_ratio")
    assert {(r.n, r.events) for r in primary} == {(90, frame["progression"][30:].sum())}


def test_a_covariate_outside_the_multivariable_model_is_univariable_only():
    rows = rows_of(random_frame(), {"sex": YES, "age": {"per": 1}}, together=["age"])
    assert [(r.analysis, r.term) for r in rows] == [
        *(("univariable", "sex"), ("univariable", "age"), ("multivariable", "age"))
    ]
    assert rows[1].estimate == rows[2].estimate


def test_a_level_that_nobody_has_leaves_the_others_alone():
    """Its row says so; the other odds ratios are those of the data without that level."""
    frame = random_frame()
    stage = pd.Categorical(np.resize(["i", "ii"], len(frame)), ["i", "ii", "iii"], ordered=True)
    rows = rows_of(frame.assign(stage=stage), {"stage": {"reference": "i"}})
    without = pd.Categorical(stage.astype(str), ["i", "ii"], ordered=True)
    expected = rows_of(frame.assign(stage=without), {"stage": {"reference": "i"}})
    found = {(row.analysis, row.level): row for row in rows}
    assert found["multivariable", "iii"].status == "not_estimable"
    for row in expected:
        assert found[row.analysis, row.level].estimate == row.estimate


@pytest.mark.parametrize(
    ("home", "estimator"), [(logistic, "maximum_likelihood"), (profile_likelihood, "firth")]
)
def test_a_model_that_does_not_converge_costs_only_itself(home, estimator, monkeypatch):
    """Its rows keep their names, so that the next export's estimate is the same number."""
    frame, fit = random_frame(), getattr(home, estimator)
    fitted = rows_of(frame, BOTH, estimator=estimator)

    def first_fails(data, *arguments, **options):
        if data.X.shape[1] == 1 and np.isin(data.X, [0, 1]).all():
            raise logistic.NotEstimableError("It did not converge.")
        return fit(data, *arguments, **options)

    monkeypatch.setattr(home, estimator, first_fails)
    rows = rows_of(frame, BOTH, estimator=estimator)
    assert [row.result_id for row in rows] == [row.result_id for row in fitted]
    assert [row.status for row in rows] == ["not_estimable", "ok", "ok", "ok"]
    assert rows[0].note.endswith("did not converge.")
    assert rows[1:] == fitted[1:]
