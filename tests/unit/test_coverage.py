"""A small run of the simulation study: the estimators behave as `docs/coverage.md` says."""

import pytest
from builders import ROOT

from calcinosis.simulate import coverage


@pytest.fixture(scope="module")
def found() -> dict[str, coverage.Behaviour]:
    return {b.estimator: b for b in coverage.study(100, 200, seed=7)}


RIGHT = (
    "interval-censored, Wald",
    "interval-censored, profile",
    "risk at the second film, Wilson",
    "hazard ratio, interval-censored",
)


@pytest.mark.parametrize("name", RIGHT)
def test_intervals_hold_the_truth(found, name: str):
    """95 % of 200 cohorts has a standard error of 1.5 points: four of them below."""
    assert found[name].cohorts == 200
    assert 0.89 <= found[name].coverage <= 1
    assert abs(found[name].bias) < 0.09


def test_the_interval_censored_rate_is_nearly_without_bias(found):
    """A standard error of 17 % in one cohort of 100, 1.2 % in the mean of 200."""
    assert abs(found["interval-censored, Wald"].bias) < 0.05


def test_the_published_way_runs_low_and_its_interval_misses(found):
    """At a rate of 0.25 and gaps of 2.9 years: some 30 % low, with a coverage of some 20 %."""
    for method in ("log-normal", "exact"):
        published = found[f"full interval, {method}"]
        assert published.bias == pytest.approx(-0.29, abs=0.03)
        assert published.coverage < 0.35


def test_the_published_ratio_is_drawn_towards_one(found):
    ratio = found["rate ratio, full interval"]
    assert ratio.bias == pytest.approx(-0.17, abs=0.05)
    assert ratio.mean > 1.2


def test_the_midpoint_is_close_at_this_rate(found):
    assert abs(found["mid-point, log-normal"].bias) < 0.07


def test_the_same_seed_gives_the_same_numbers():
    assert coverage.study(20, 5, seed=3) == coverage.study(20, 5, seed=3)


def test_the_page_has_a_line_for_each_estimator(found):
    page = (ROOT / "docs" / "coverage.md").read_text("utf-8")
    assert {line.split(" | ")[0].removeprefix("| ") for line in page.splitlines()} >= set(found)
