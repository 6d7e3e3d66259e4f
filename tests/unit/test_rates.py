"""`calcinosis.estimate.rates`: intervals of rates against R and by their definitions."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from calcinosis.estimate.rates import (
    INTERVALS,
    byar_interval,
    jackknife_interval,
    midp_interval,
    score_interval,
)


@pytest.mark.parametrize(
    ("events", "time", "per", "limits"),
    [
        (35, 155, 100, (15.97331306, 31.05710903)),
        (46, 4603.66872, 1000, (7.401146008, 13.21208004)),
        (18, 2544.238193, 1000, (4.324753731, 10.96465621)),
    ],
)
def test_midp_against_R(events, time, per, limits):
    """`exactci::poisson.exact(events, time, midp = TRUE)`, whose own tolerance is 1e-6."""
    assert [per * x for x in midp_interval(events, time)] == pytest.approx(limits, rel=2e-6)


@pytest.mark.parametrize(
    ("events", "time", "per", "limits"),
    [
        (35, 155, 100, (16.23704576, 31.40260509)),
        (28, 2059.430527, 1000, (9.407074094, 19.65021045)),
    ],
)
def test_score_limits_by_their_formula(events, time, per, limits):
    """R: `(x + z^2 / 2 + c(-1, 1) * z * sqrt(x + z^2 / 4)) / time`."""
    assert [per * x for x in score_interval(events, time)] == pytest.approx(limits, rel=1e-8)


@given(st.integers(1, 300), st.floats(0.1, 1e4))
def test_midp_limits_leave_a_fortieth_on_each_side(events, time):
    low, high = (x * time for x in midp_interval(events, time))
    half = stats.poisson.pmf(events, [low, high]) / 2
    assert stats.poisson.sf(events, low) + half[0] == pytest.approx(0.025, rel=1e-6)
    assert stats.poisson.cdf(events - 1, high) + half[1] == pytest.approx(0.025, rel=1e-6)


@given(st.integers(1, 300), st.floats(0.1, 1e4))
def test_score_limits_are_where_the_score_test_rejects(events, time):
    for mean in (x * time for x in score_interval(events, time)):
        assert (events - mean) ** 2 / mean == pytest.approx(stats.chi2.ppf(0.95, 1), rel=1e-8)


@given(st.integers(10, 300))
def test_byar_is_near_the_exact_limits(events):
    """The textbook form is known to lie within half a percent from ten events on."""
    assert byar_interval(events, 1) == pytest.approx(INTERVALS["exact"](events, 1), rel=5e-3)


@given(st.sampled_from(sorted(INTERVALS)), st.integers(1, 200))
def test_every_interval_holds_the_rate_and_scales_with_time(method, events):
    low, high = INTERVALS[method](events, 7.0)
    assert low < events / 7.0 < high
    assert INTERVALS[method](events, 14.0) == pytest.approx((low / 2, high / 2), rel=1e-9)


@pytest.mark.parametrize("method", sorted(INTERVALS))
def test_without_events_an_upper_limit_remains(method):
    low, high = INTERVALS[method](0, 40)
    assert low in (None, 0)
    other = {"midp": -math.log(0.05), "score": 3.841458821, "byar": 3.668011832}
    assert high == pytest.approx(other.get(method, 3.688879454) / 40, rel=1e-8)


def test_jackknife_by_leaving_each_patient_out():
    """Written again, patient by patient."""
    events, time = np.array([1, 0, 1, 0, 1.0]), np.array([2, 3, 1.5, 4, 2.5])
    logs = [math.log(np.delete(events, i).sum() / np.delete(time, i).sum()) for i in range(5)]
    std_error = np.std(logs) * math.sqrt(4)
    rate = 3 / 13
    t = 2.776445105  # R: qt(0.975, 4)
    expected = (rate * math.exp(-t * std_error), rate * math.exp(t * std_error))
    assert jackknife_interval(events, time) == pytest.approx(expected, rel=1e-6)


def test_jackknife_nears_the_binomial_spread_where_all_are_followed_as_long():
    """Events of patients with one interval are binomial: 35 of 53 vary less than Poisson counts."""
    low, high = jackknife_interval((np.arange(53) < 35).astype(float), np.full(53, 2.925))
    of_log = math.log(high / low) / (2 * 2.006646805)  # R: qt(0.975, 52)
    assert of_log == pytest.approx(math.sqrt((1 - 35 / 53) / 35), rel=0.03)


@pytest.mark.parametrize(("events", "time"), [([0, 0], [1, 2]), ([1, 0], [1, 2]), ([3], [2])])
def test_jackknife_needs_two_patients_and_events_without_each(events, time):
    assert jackknife_interval(np.array(events, float), np.array(time, float)) is None
