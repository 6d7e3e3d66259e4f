"""Constant, empty and single: no crash, no absurd number, and a word that says why."""

import math

import numpy as np
import pandas as pd
import pytest
from builders import BONES, of_disability, rows_by
from test_models import frame_of, random_frame, rows_of, yes_no

from calcinosis.estimate.bone_density import bone_density_rows
from calcinosis.estimate.describe import describe_rows, one_film_rows
from calcinosis.estimate.disability import disability_rows

PER_UNIT = {"variable": None, "per": 1, "at_least": None, "reference": None}
SEX = {"variable": None, "per": None, "at_least": None, "reference": "no"}
COVARIATES = {"sex": SEX, "age": PER_UNIT}
FRAME = random_frame(60)
NOBODY = pd.Categorical([None] * 60, ["no", "yes"], ordered=True)
SITES = pd.Categorical(["a"] * 30 + ["b"] * 29 + ["z"], ["a", "b", "z"], ordered=True)


def odds_ratios(rows) -> list:
    return rows_by(rows, statistic="odds_ratio")


@pytest.mark.parametrize("outcome", [True, False])
def test_a_constant_outcome_has_no_odds_ratio_and_says_why(outcome):
    rows = odds_ratios(rows_of(FRAME.assign(progression=outcome), COVARIATES))
    assert len(rows) == 4
    assert {(r.status, r.estimate) for r in rows} == {("not_estimable", None)}
    assert all(r.note == "The outcome is the same in all patients with values." for r in rows)


@pytest.mark.parametrize("estimator", ["maximum_likelihood", "firth"])
def test_three_events_for_eight_covariates_are_never_an_absurd_odds_ratio(estimator):
    rng = np.random.default_rng(3)
    progressed = np.arange(60) < 3
    signs = {f"x{i}": yes_no(rng.integers(0, 2, 60)) for i in range(7)}
    signs["perfect"] = yes_no(progressed.astype(int))
    rows = odds_ratios(
        rows_of(frame_of(progressed, **signs), dict.fromkeys(signs, SEX), estimator=estimator)
    )
    assert len(rows) == 16
    for row in rows:
        assert row.status in ("warning", "not_estimable")
        assert row.note
        assert row.estimate is None or abs(math.log(row.estimate)) < math.log(2000)


@pytest.mark.parametrize("empty", ["sex", "age"])
def test_a_variable_that_nobody_has_is_not_estimable_and_harms_no_other(empty):
    nothing = NOBODY if empty == "sex" else np.nan
    rows = odds_ratios(rows_of(FRAME.assign(**{empty: nothing}), COVARIATES))
    alone = {r.term: r.status for r in rows if r.analysis == "univariable"}
    assert alone.pop(empty) == "not_estimable"
    assert set(alone.values()) == {"ok"}
    together = [r for r in rows if r.analysis == "multivariable"]
    assert {r.status for r in together} == {"not_estimable"}


@pytest.mark.parametrize("estimator", ["maximum_likelihood", "firth"])
def test_a_site_with_one_patient_leaves_finite_estimates(estimator):
    centres = {"variable": "centre", "fixed_effect": True, "gee": True}
    rows = rows_of(FRAME.assign(centre=SITES), COVARIATES, estimator=estimator, centres=centres)
    primary = rows_by(odds_ratios(rows), analysis="multivariable", model="primary")
    assert len(primary) == 2
    assert all(0.2 < row.estimate < 5 for row in primary)
    gee = rows_by(odds_ratios(rows), model="gee")
    assert {(r.status, r.estimate) for r in gee} == {("not_estimable", None)}


@pytest.mark.parametrize(
    "change", [{"age": np.nan}, {"sex": NOBODY}, {"by": NOBODY}], ids=["age", "sex", "by"]
)
def test_table_1_of_an_empty_variable_or_group_says_no_known_value(change):
    frame = FRAME.assign(by=FRAME["sex"].array).assign(**change)
    rows = describe_rows(frame, {"by": "by", "variables": ["age", "sex"]})
    name = next(iter(change))
    empty = [
        r
        for r in rows
        if r.statistic in ("mean", "median", "proportion")
        and (r.term == name if name != "by" else r.group != "overall")
    ]
    assert empty
    assert {r.status for r in empty} == {"not_estimable"}
    assert all(r.estimate is None and r.note for r in empty)


@pytest.mark.parametrize("rows", [0, 1])
def test_nobody_and_one_patient_are_no_crash(rows):
    classes = ["normal", "osteopenia", "osteoporosis"]
    frame = pd.DataFrame(
        {
            "patient_id": ["P1"],
            "group": pd.Categorical(["yes"], ["no", "yes"], ordered=True),
            "t_score": [-1.0],
            "haq_di": [0.5],
            "who_class": pd.Categorical(["normal"], classes, ordered=True),
            "who_group": pd.Categorical(["who_not_known"], ["man_of_50_or_more", "who_not_known"]),
        }
    ).iloc[:rows]
    found = bone_density_rows(frame, BONES | {"by": "group", "eligible": ["man_of_50_or_more"]})
    found += disability_rows(frame, of_disability(["haq_di"], ["group"]))
    tests = [row for row in found if row.p_value is not None]
    assert not tests
    assert "not_estimable" in {row.status for row in found}


def test_nobody_in_the_analysis_leaves_a_reason_for_each_section(tmp_path):
    """Datasets as steps read them: a category of nobody has lost its levels."""
    frame = FRAME.assign(location_class=SITES, t_score=-1.0, calcinosis=SITES)
    frame.iloc[:0].to_parquet(tmp_path / "nobody.parquet")
    nobody = pd.read_parquet(tmp_path / "nobody.parquet")
    adjusted = {"adjust": ["sex", "age"], "definitions": COVARIATES, "eligible": []}
    rows = bone_density_rows(nobody, BONES | adjusted)
    rows += disability_rows(nobody, of_disability(["age"], ["location_class"]))
    assert {row.analysis for row in rows} == {"bone_density", "disability"}
    for row in rows:
        assert row.estimate == 0 or (row.status == "not_estimable" and row.note)


def test_a_site_with_one_patient_has_a_mean_and_no_deviation():
    rows = describe_rows(FRAME.assign(by=SITES), {"by": "by", "variables": ["age"]})
    of_site = {r.statistic: r for r in rows_by(rows, group="by=z", term="age")}
    mean, median, sd = (of_site[name] for name in ("mean", "median", "sd"))
    assert mean.estimate == median.estimate == FRAME["age"].iloc[-1]
    assert (sd.estimate, sd.status) == (None, "not_estimable")
    assert sd.note == "One known value has no standard deviation."


class TestOneFilm:
    FRAME = pd.DataFrame(
        {
            "patient_id": ["P1", "P2", "P3", "P4"],
            "films": pd.Categorical(
                ["compared", "fewer_than_two_films", "compared", "compared"],
                ["fewer_than_two_films", "compared"],
            ),
            "age": [40.0, 70.0, 50.0, 60.0],
            "sex": yes_no([1, 0, 1, 0]),
        }
    )

    def test_both_groups_are_described_and_compared(self):
        rows = one_film_rows(self.FRAME)
        numbers = {r.group: r.estimate for r in rows_by(rows, term="patients")}
        assert numbers == {"films=fewer_than_two_films": 1, "films=compared": 3}
        means = {r.group: r.estimate for r in rows_by(rows, term="age", statistic="mean")}
        assert means == {"films=fewer_than_two_films": 70, "films=compared": 50}
        assert {r.term for r in rows_by(rows, statistic="smd")} == {"age", "sex"}
        assert len({r.result_id for r in rows}) == len(rows)
        assert {r.analysis for r in rows} == {"describe"}

    def test_a_study_without_films_has_no_such_rows(self):
        assert one_film_rows(pd.DataFrame()) == []

    def test_a_study_where_all_have_two_films_says_so_with_0(self):
        rows = one_film_rows(self.FRAME[self.FRAME["films"] == "compared"])
        empty = rows_by(rows, group="films=fewer_than_two_films", term="patients")
        assert [row.estimate for row in empty] == [0]
