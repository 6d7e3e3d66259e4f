"""Rates by stratum and their contrasts: against R and Stata, and at the edges."""

import json
import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from builders import INCIDENCE, one, rows_by, simulated_intervals
from scipy import stats

from calcinosis.estimate.rate_contrasts import (
    difference,
    exact_ratio,
    mantel_haenszel,
    trend_ratio,
    trend_test,
    wald_ratio,
)
from calcinosis.estimate.strata import stratum_rows

DIET = json.loads((INCIDENCE / "reference.json").read_text("utf-8"))["diet"]


def found(contrast) -> tuple:
    return contrast.estimate, contrast.low, contrast.high, contrast.p_value


def test_exact_ratio_against_the_example_of_R():
    """`poisson.test(c(11, 6 + 8 + 7), c(800, 1083 + 1050 + 878))`, its help page."""
    expected = (1.971488, 0.858426, 4.277266, 0.07967)
    assert found(exact_ratio(11, 800, 21, 3011)) == pytest.approx(expected, rel=1e-4)


def test_exact_ratio_against_R():
    """`poisson.test` of the coronary events of Epi::diet by energy intake."""
    strata = pd.DataFrame(DIET["strata"]).groupby("high")[["chd", "y"]].sum()
    arguments = (*strata.loc[1], *strata.loc[0])
    contrast = exact_ratio(int(arguments[0]), arguments[1], int(arguments[2]), arguments[3])
    assert found(contrast) == pytest.approx(DIET["exact"], rel=1e-8)


def test_exact_ratio_and_difference_against_Stata():
    """`iri 41 15 28010 19017` of the manual."""
    contrast = exact_ratio(41, 28010, 15, 19017)
    assert found(contrast)[:3] == pytest.approx((1.855759, 1.005684, 3.609300), rel=1e-6)
    gap = difference(41, 28010, 15, 19017)
    assert found(gap)[:3] == pytest.approx((0.000675, 0.0000749, 0.0012751), abs=5e-8)


def test_mantel_haenszel_against_R():
    """`epiR::epi.2by2(method = "cohort.time")$massoc.detail$IRR.mh.wald` over jobs."""
    strata = pd.DataFrame(DIET["strata"])
    tables = [
        strata.loc[strata["high"] == high, name].to_numpy(float)
        for high in (1, 0)
        for name in ("chd", "y")
    ]
    contrast = mantel_haenszel(*tables)
    assert found(contrast)[:3] == pytest.approx(DIET["haenszel"], rel=1e-8)


def test_mantel_haenszel_against_Stata():
    """Doll and Hill's smokers over five ages, `ir deaths smokes pyears, by(agecat)`."""
    contrast = mantel_haenszel(
        np.array([32, 104, 206, 186, 102.0]),
        np.array([52407, 43248, 28612, 12663, 5317.0]),
        np.array([2, 12, 28, 28, 31.0]),
        np.array([18790, 10673, 5710, 2585, 1462.0]),
    )
    assert found(contrast)[:3] == pytest.approx((1.424682, 1.154703, 1.757784), abs=5e-7)


def test_one_stratum_is_the_crude_ratio():
    crude = wald_ratio(11, 800, 21, 3011)
    single = mantel_haenszel(*(np.array([x], float) for x in (11, 800, 21, 3011)))
    assert single.estimate == pytest.approx(crude.estimate, rel=1e-12)


def test_trend_against_R():
    """`anova(null, slope, test = "Rao")` and `glm(chd ~ score + offset(log(y)), poisson)`."""
    by_job = pd.DataFrame(DIET["by_job"])
    events, time = by_job["chd"].to_numpy(float), by_job["y"].to_numpy(float)
    assert trend_test(events, time) == pytest.approx(DIET["trend"], rel=1e-7)
    assert found(trend_ratio(events, time))[:3] == pytest.approx(DIET["per_level"], rel=1e-7)


def test_wald_ratio_is_that_of_a_poisson_regression():
    counts, time = np.array([12, 9, 5, 6.0]), np.array([2000, 1011, 500, 300.0])
    design = sm.add_constant(np.array([0.0, 0.0, 1.0, 1.0]))
    fit = sm.GLM(counts, design, family=sm.families.Poisson(), offset=np.log(time)).fit(tol=1e-12)
    contrast = wald_ratio(11, 800, 21, 3011)
    expected = (np.exp(fit.params[1]), *np.exp(fit.conf_int()[1]), fit.pvalues[1])
    assert found(contrast) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("events", "reference"), [(3, 0), (0, 3), (0, 0)])
def test_groups_without_events(events, reference):
    contrast = exact_ratio(events, 10, reference, 20)
    assert wald_ratio(events, 10, reference, 20).estimate is None
    gap = difference(events, 10, reference, 20)
    assert (gap.low, gap.high) == (None, None)
    if events == reference == 0:
        assert found(contrast) == (None, None, None, None)
        assert gap.estimate is None
    elif not reference:
        assert (contrast.estimate, contrast.high) == (None, None)
        assert contrast.low > 0
    else:
        assert (contrast.estimate, contrast.low) == (0, 0)
        low = 1 - 0.025 ** (1 / 3)
        assert contrast.high == pytest.approx(low / (1 - low) * 2, rel=1e-9)


def test_trends_that_have_no_finite_slope():
    assert trend_ratio(np.array([4, 0, 0.0]), np.array([1, 1, 1.0])).estimate is None
    assert trend_ratio(np.array([0, 4, 0.0]), np.array([0, 1, 1.0])).estimate is None
    assert trend_test(np.array([0, 0.0]), np.array([1, 1.0])) is None
    assert trend_test(np.array([3, 0.0]), np.array([1, 0.0])) is None


def graded(levels: int = 3) -> pd.DataFrame:
    frame = simulated_intervals()
    names = [f"level_{i}" for i in range(levels)]
    codes = frame["patient_id"].to_numpy() % levels
    return frame.assign(
        grade=pd.Categorical.from_codes(codes, names, ordered=True),
        colour=pd.Categorical.from_codes(codes, names, ordered=True),
    )


def test_strata_share_events_and_person_years():
    rows = stratum_rows(graded(), ["x", "grade"], 100, ordered=["grade"])
    for variable in ("x", "grade"):
        of = [
            r
            for r in rows_by(rows, model="full_interval", statistic="rate", method="exact")
            if r.group.startswith(f"{variable}=")
        ]
        assert sum(r.events for r in of) == graded()["worsened"].sum()
        assert sum(r.person_years for r in of) == pytest.approx(graded()["years"].sum())


def test_contrasts_name_their_groups_and_what_they_are_adjusted_for():
    rows = stratum_rows(graded(), ["x", "grade"], 100, ordered=["grade"])
    ratio = one(rows, term="x", statistic="rate_ratio", method="exact")
    assert (ratio.group, ratio.reference) == ("x=yes", "x=no")
    rates = {
        r.group: r.estimate for r in rows_by(rows, model="full_interval", method="exact", term="")
    }
    assert ratio.estimate == pytest.approx(rates["x=yes"] / rates["x=no"], rel=1e-12)
    gap = one(rows, term="x", statistic="rate_difference")
    assert gap.estimate == pytest.approx(rates["x=yes"] - rates["x=no"], rel=1e-12)
    assert gap.unit == "per 100 person-years"
    assert one(rows, term="x", method="mantel_haenszel").level == "grade"


def test_only_levels_with_an_order_have_a_trend():
    rows = stratum_rows(graded(), ["x", "grade", "colour"], 100, ordered=["grade", "x"])
    assert {row.term for row in rows_by(rows, statistic="trend")} == {"grade"}


def test_a_level_that_nobody_has_is_no_stratum():
    frame = graded()
    frame = frame[frame["grade"] != "level_0"]
    rows = stratum_rows(frame, ["grade"], 100, ordered=["grade"])
    assert {row.group for row in rows if row.statistic == "rate"} == {
        *("grade=level_1", "grade=level_2")
    }
    assert {row.reference for row in rows_by(rows, method="exact", term="grade")} == {
        "grade=level_1"
    }


def test_patients_without_a_value_leave_that_variable_alone():
    frame = graded()
    missing = frame["patient_id"] == 1
    frame["grade"] = frame["grade"].where(~missing)
    rows = rows_by(
        stratum_rows(frame, ["x", "grade"], 100), model="full_interval", method="exact", term=""
    )
    assert sum(r.n for r in rows if r.group.startswith("grade=")) == 149
    assert sum(r.n for r in rows if r.group.startswith("x=")) == 150


def test_the_trend_test_is_near_the_likelihood_ratio():
    """Of the same Poisson model; score and likelihood ratio differ by a few percent."""
    events, time = np.array([4, 9, 15.0]), np.array([40, 42, 39.0])
    chi_square, p = trend_test(events, time)
    design = sm.add_constant(np.arange(3.0))
    family = sm.families.Poisson()
    full = sm.GLM(events, design, family=family, offset=np.log(time)).fit()
    null = sm.GLM(events, design[:, :1], family=family, offset=np.log(time)).fit()
    assert chi_square == pytest.approx(2 * (full.llf - null.llf), rel=0.05)
    assert p == pytest.approx(stats.chi2.sf(chi_square, 1), rel=1e-12)
    assert not math.isnan(p)


def test_a_difference_without_limits_says_why():
    frame = graded()
    frame["worsened"] &= frame["x"] == "yes"
    gap = one(stratum_rows(frame, ["x"], 100, ordered=[]), statistic="rate_difference")
    assert gap.estimate > 0 and gap.conf_low is None and gap.conf_level is None
    assert gap.status == "warning" and "No event in a group" in gap.note
