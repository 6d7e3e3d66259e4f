"""Rows of centres: warnings, random intercepts, each centre left out, heterogeneity."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from builders import one, rows_by
from scipy import optimize, stats
from test_models import BOTH, YES, all_rows, random_frame, yes_no

from calcinosis.estimate import logistic, random_intercept
from calcinosis.estimate.centres import centre_rows
from calcinosis.estimate.patterns import collapse

MODELS = {
    "outcome": "progression",
    "covariates": BOTH,
    "multivariable": ["sex", "age"],
    "estimator": "maximum_likelihood",
    "intervals": "wald",
    "events_per_parameter": 1,
    "over_budget": "firth",
}
CENTRES = {"variable": "centre", "fixed_effect": True, "gee": False, "random_intercept": True}


def in_centres(sizes=(60, 50, 40, 30, 20, 3), seed: int = 1) -> pd.DataFrame:
    names = [f"c{i}" for i in range(len(sizes))]
    frame = random_frame(sum(sizes))
    centre = pd.Categorical(np.repeat(names, sizes), [*names, "empty"], ordered=True)
    shift = np.random.default_rng(seed).normal(0, 0.9, len(sizes))[centre.codes]
    chance = 1 / (1 + np.exp(-(shift + 0.6 * (frame["sex"] == "yes"))))
    y = np.random.default_rng(seed + 1).random(len(frame)) < chance
    return frame.assign(centre=centre, progression=y)


def rows_of(frame, models=None, **centres) -> list:
    return centre_rows(frame, MODELS | (models or {}), CENTRES | centres)


def test_centres_and_their_patients_are_counted_with_plain_warnings():
    frame = in_centres()
    rows = rows_by(rows_of(frame), analysis="centres", model="")
    number = one(rows, statistic="count")
    assert (number.estimate, number.n, number.status) == (6, 203, "warning")
    assert "under 40" in number.note
    sizes = {row.level: (row.n, row.status, row.note) for row in rows if row.level}
    assert list(sizes) == ["c0", "c1", "c2", "c3", "c4", "c5"], "a centre without patients is none"
    assert sizes["c5"] == (3, "warning", "Fewer than 5 patients.")
    assert sizes["c4"] == (20, "ok", "")
    assert sum(row.events for row in rows if row.level) == frame["progression"].sum()


def test_forty_centres_are_no_warning():
    rows = rows_of(in_centres((5,) * 40), random_intercept=False)
    number = one(rows_by(rows, model=""), statistic="count")
    assert (number.estimate, number.status, number.note) == (40, "ok", "")


def test_the_random_intercept_is_a_row_for_each_covariate_and_three_of_centres():
    frame = in_centres()
    rows = rows_by(rows_of(frame), model="random_intercept")
    x = np.column_stack([frame["sex"] == "yes", frame["age"] / 10]).astype(float)
    y = frame["progression"].to_numpy(float)
    found = random_intercept.fit(x, y, frame["centre"].cat.codes.to_numpy())
    odds_ratios = [row.estimate for row in rows if row.statistic == "odds_ratio"]
    assert odds_ratios == pytest.approx(np.exp(found.fit.coefficients), rel=1e-9)
    by_name = {row.statistic: row for row in rows if row.term == "centre"}
    assert by_name["standard_deviation"].estimate == pytest.approx(found.sd)
    assert by_name["median_odds_ratio"].estimate == pytest.approx(np.exp(0.953873 * found.sd))
    assert by_name["icc"].estimate == pytest.approx(found.sd**2 / (found.sd**2 + np.pi**2 / 3))
    for row in by_name.values():
        assert row.conf_low <= row.estimate <= row.conf_high
        assert row.p_value == found.sd_p_value


def test_an_upper_limit_that_is_not_found_is_said_and_takes_no_odds_ratio_away(monkeypatch):
    fit = random_intercept.fit
    monkeypatch.setattr(random_intercept, "fit", lambda *of: replace(fit(*of), sd_high=None))
    rows = [row for row in rows_of(in_centres()) if row.model == "random_intercept"]
    of_centres = [row for row in rows if row.term == "centre"]
    assert {(row.conf_low, row.conf_high, row.status) for row in of_centres} == {
        (None, None, "warning")
    }
    assert all("upper limit" in row.note and row.estimate is not None for row in of_centres)
    assert all(row.status == "ok" and row.conf_high for row in rows if row.term != "centre")


def test_no_variance_is_announced_as_singular():
    frame = in_centres((50,) * 5).assign(centre=lambda f: f["centre"])
    names = list(frame["centre"].cat.categories[:5])
    dealt = pd.Categorical(np.resize(names, len(frame)), names, ordered=True)
    order = frame.sort_values(["progression", "sex"], kind="stable").index
    frame = frame.loc[order].assign(centre=dealt)  # equal shares everywhere
    rows = rows_by(rows_of(frame), model="random_intercept")
    assert {row.status for row in rows} == {"warning"}
    assert all("singular" in row.note for row in rows)
    assert one(rows, statistic="standard_deviation").estimate == 0
    assert one(rows, statistic="median_odds_ratio").estimate == 1


@pytest.mark.parametrize("fixed_effect", [True, False])
def test_leaving_a_centre_out_is_the_model_of_the_others(fixed_effect):
    frame = in_centres()
    rows = rows_by(rows_of(frame, fixed_effect=fixed_effect), model="leave_one_out")
    groups = list(dict.fromkeys(row.group for row in rows))
    assert groups == ["overall", *(f"centre=c{i}" for i in range(6))]
    settings = {"variable": "centre", "fixed_effect": fixed_effect, "gee": False}
    for group in groups:
        rest = frame[frame["centre"] != group.removeprefix("centre=")]
        expected = all_rows(rest, BOTH, centres=settings, events_per_parameter=1)
        for row in rows_by(rows, group=group):
            other = one(
                rows_by(expected, analysis="multivariable", model="primary"),
                term=row.term,
                statistic="odds_ratio",
            )
            assert (row.estimate, row.conf_low, row.method, row.n) == (
                other.estimate,
                other.conf_low,
                other.method,
                other.n,
            )


def test_heterogeneity_by_the_formulas():
    """Q, I² and Paule and Mandel's τ² from fits of each centre, the latter by another root."""
    frame = in_centres((90, 80, 70, 60, 50))
    rows = rows_by(rows_of(frame), model="heterogeneity", term="sex")
    b, v = [], []
    for _, of_centre in frame.groupby("centre", observed=True):
        x = (of_centre["sex"] == "yes").to_numpy(float)
        fit = logistic.maximum_likelihood(
            collapse(x[:, None], of_centre["progression"].to_numpy(float))
        )
        b.append(fit.coefficients[0])
        v.append(fit.std_errors[0] ** 2)
    b, v = np.array(b), np.array(v)

    def generalised_q(tau2):
        w = 1 / (v + tau2)
        return (w * (b - (w @ b) / w.sum()) ** 2).sum()

    q = one(rows, statistic="cochran_q")
    assert q.estimate == pytest.approx(generalised_q(0), rel=1e-8)
    assert (q.df, q.p_value) == (4, pytest.approx(stats.chi2.sf(q.estimate, 4), rel=1e-8))
    i_squared = max(0, 1 - 4 / q.estimate)
    assert one(rows, statistic="i_squared").estimate == pytest.approx(i_squared, rel=1e-8)
    tau2 = 0.0
    if generalised_q(0) > 4:
        tau2 = optimize.brentq(lambda t: generalised_q(t) - 4, 0, 100)
    assert one(rows, statistic="tau_squared").estimate == pytest.approx(tau2, abs=1e-5)
    w = 1 / (v + tau2)
    mean = one(rows, statistic="odds_ratio")
    assert mean.estimate == pytest.approx(np.exp((w @ b) / w.sum()), rel=1e-4)
    assert mean.std_error == pytest.approx(w.sum() ** -0.5, rel=1e-4)
    assert one(rows, statistic="count").estimate == 5


def test_heterogeneity_that_was_planted_is_found():
    frame = in_centres((150,) * 6)
    sign = np.where(frame["centre"].cat.codes % 2, 1.2, -1.2) * (frame["sex"] == "yes")
    y = np.random.default_rng(3).random(len(frame)) < 1 / (1 + np.exp(-sign))
    rows = rows_by(rows_of(frame.assign(progression=y)), model="heterogeneity", term="sex")
    assert one(rows, statistic="cochran_q").p_value < 1e-4
    assert one(rows, statistic="i_squared").estimate > 0.7
    assert one(rows, statistic="tau_squared").estimate > 0.5


def test_centres_without_an_odds_ratio_are_counted_with_the_reason():
    frame = in_centres()
    frame.loc[frame["centre"] == "c4", "progression"] = True
    frame.loc[frame["centre"] == "c3", "sex"] = "no"
    first = frame["centre"] == "c2"
    frame.loc[first, "progression"] = (frame.loc[first, "sex"] == "yes").to_numpy()
    rows = rows_of(frame, random_intercept=False)
    alone = rows_by(rows, model="one_centre", term="sex")
    assert [row.status for row in alone][:5] == ["ok", "ok", *["not_estimable"] * 3]
    note = one(rows_by(rows, model="heterogeneity", term="sex"), statistic="count").note
    used = sum(row.estimate is not None for row in alone)
    assert note.startswith(f"{used} of 6 centres.")
    assert "in 2: Separation" in note  # c2, and c5 with its three patients
    assert "The outcome is the same" in note


def test_fewer_than_two_centres_have_no_heterogeneity():
    frame = in_centres((100, 3))
    frame.loc[frame["centre"] == "c1", "progression"] = True
    rows = rows_by(rows_of(frame, random_intercept=False), model="heterogeneity", term="sex")
    assert {row.status for row in rows} == {"not_estimable"}


def test_neither_order_nor_names_of_centres_matter():
    frame = in_centres()
    names = {f"c{i}": f"z{9 - i}" for i in range(6)}
    turned = frame.sample(frac=1, random_state=5)
    turned["centre"] = turned["centre"].cat.rename_categories(names)
    turned["centre"] = turned["centre"].cat.reorder_categories(
        sorted(turned["centre"].cat.categories)
    )
    expected = {r.result_id: r.estimate for r in rows_of(frame) if r.model == "random_intercept"}
    found = {r.result_id: r.estimate for r in rows_of(turned) if r.model == "random_intercept"}
    assert found == pytest.approx(expected, rel=1e-6)
    q = {r.result_id: r.estimate for r in rows_of(frame) if r.statistic == "cochran_q"}
    other = {r.result_id: r.estimate for r in rows_of(turned) if r.statistic == "cochran_q"}
    assert other == pytest.approx(q, rel=1e-8)


def test_rows_have_names_of_their_own_and_curves_are_left_to_the_model():
    frame = in_centres().assign(ulcer=lambda f: yes_no(np.resize([0, 1, 1], len(f))))
    covariates = {
        "sex": YES,
        "ulcer": YES,
        "age": {"spline": 3},
        "both": {"interaction": ["sex", "ulcer"]},
    }
    rows = rows_of(frame, {"covariates": covariates, "multivariable": list(covariates)})
    assert len({row.result_id for row in rows}) == len(rows)
    assert {row.term for row in rows_by(rows, model="heterogeneity")} == {"sex", "ulcer"}
    products = [row for row in rows if row.statistic == "ratio_of_odds_ratios"]
    assert {row.model for row in products} == {"random_intercept", "leave_one_out"}


def test_where_no_centre_is_known_nothing_is_said_of_centres():
    frame = in_centres()
    frame["centre"] = frame["centre"].where(frame["sex"].isna())
    rows = rows_of(frame)
    assert one(rows, model="", statistic="count").estimate == 0
    assert not [row for row in rows if row.model in ("one_centre", "heterogeneity")]
    others = [row for row in rows if row.model]
    assert {row.status for row in others} == {"not_estimable"}
    assert all(row.note for row in others)
