"""Odds ratios where centres are a fixed effect or clusters."""

import numpy as np
import pandas as pd
import pytest
from builders import one, rows_by
from scipy import stats
from test_models import BOTH, random_frame, rows_of


def in_centres(n: int = 240, centres: int = 6) -> pd.DataFrame:
    names = [f"c{i}" for i in range(centres)]
    centre = pd.Categorical(np.array(names)[np.arange(n) % centres], names, ordered=True)
    return random_frame(n).assign(centre=centre)


def adjusted(frame, *, fixed_effect=False, gee=False) -> list:
    settings = {"variable": "centre", "fixed_effect": fixed_effect, "gee": gee}
    rows = rows_of(frame, BOTH, centres=settings)
    return rows_by(rows, analysis="multivariable", model="gee" if gee else "primary")


class TestCentres:
    def test_a_fixed_effect_is_the_centre_as_a_category(self):
        frame = in_centres()
        by_hand = rows_of(frame, BOTH | {"centre": {"reference": "c0"}})
        for row in adjusted(frame, fixed_effect=True):
            other = one(by_hand, analysis="multivariable", term=row.term)
            for name in ("estimate", "conf_low", "conf_high", "p_value", "n"):
                assert getattr(row, name) == pytest.approx(getattr(other, name), rel=1e-8)

    def test_a_fixed_effect_counts_as_parameters_and_has_no_rows(self):
        rows = adjusted(in_centres(n=120), fixed_effect=True)
        assert [row.term for row in rows] == ["sex", "age"]
        assert all("for 7 parameters" in row.note for row in rows)

    def test_a_centre_whose_patients_are_incomplete_leaves(self):
        frame = in_centres()
        frame.loc[frame["centre"] == "c0", "age"] = np.nan
        rest = frame[frame["centre"] != "c0"]
        assert adjusted(frame, fixed_effect=True) == adjusted(rest, fixed_effect=True)

    def test_a_centre_in_which_all_worsened_is_told_as_separation(self):
        frame = in_centres()
        frame.loc[frame["centre"] == "c1", "progression"] = True
        for row in adjusted(frame, fixed_effect=True):
            assert (row.method, row.status) == ("penalised_profile", "warning")
            assert "Separation: centre c1 predicts" in row.note

    def test_gee_uses_t_with_centres_minus_parameters(self):
        rows = adjusted(in_centres(centres=12), gee=True)
        assert [row.term for row in rows] == ["sex", "age"]
        for row in rows:
            assert (row.df, row.method, row.status) == (9, "bias_reduced_t", "warning")
            t = stats.t.ppf(0.975, 9)
            limits = row.estimate * np.exp([-t * row.std_error, t * row.std_error])
            assert [row.conf_low, row.conf_high] == pytest.approx(limits, rel=1e-8)
            p = 2 * stats.t.sf(abs(np.log(row.estimate)) / row.std_error, 9)
            assert row.p_value == pytest.approx(p, rel=1e-8)

    def test_gee_does_not_depend_on_the_order_of_rows_and_centres(self):
        frame = in_centres(centres=12)
        turned = frame.sample(frac=1, random_state=1)
        levels = list(frame["centre"].cat.categories[::-1])
        turned["centre"] = turned["centre"].cat.reorder_categories(levels)
        for row, other in zip(adjusted(frame, gee=True), adjusted(turned, gee=True), strict=True):
            assert other.result_id == row.result_id
            assert other.estimate == pytest.approx(row.estimate, rel=1e-6)
            assert other.std_error == pytest.approx(row.std_error, rel=1e-6)

    def test_gee_of_too_few_centres_is_not_estimable(self):
        for row in adjusted(in_centres(centres=3), gee=True):
            assert (row.status, row.estimate, row.n) == ("not_estimable", None, 240)
            assert "3 centres are not more than the 3 parameters" in row.note


def test_gee_leaves_a_level_out_that_nobody_has():
    frame = in_centres(centres=12)
    stage = pd.Categorical(np.resize(["i", "ii"], len(frame)), ["i", "ii", "iii"], ordered=True)
    settings = {"variable": "centre", "fixed_effect": False, "gee": True}
    covariates = {"stage": {"reference": "i"}}
    rows = rows_of(frame.assign(stage=stage), covariates, centres=settings)
    found = {row.level: row.status for row in rows_by(rows, model="gee")}
    assert found == {"ii": "warning", "iii": "not_estimable"}
