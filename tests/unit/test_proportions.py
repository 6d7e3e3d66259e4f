"""Wilson's interval against R and by its formula."""

import json
import math

import pytest
from builders import ROOT
from hypothesis import given
from hypothesis import strategies as st

from calcinosis.estimate.proportions import proportion

REFERENCE = json.loads((ROOT / "tests/reference/proportions.json").read_text("utf-8"))


@pytest.mark.parametrize("case", REFERENCE["cases"], ids=lambda case: f"{case['x']}of{case['n']}")
def test_wilson_against_R(case):
    """`prop.test(x, n, correct = FALSE)$conf.int`, to nine digits."""
    row = proportion("progression", case["x"], case["n"])
    assert row.estimate == case["x"] / case["n"]
    assert [row.conf_low, row.conf_high] == pytest.approx(case["wilson"], rel=1e-9)
    assert (row.method, row.conf_level) == ("wilson", 0.95)


counts = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts)
def test_wilson_by_its_formula(pair):
    x, n = pair
    z, p = 1.959963984540054, x / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    row = proportion("progression", x, n)
    assert row.conf_low == pytest.approx(max(middle - half, 0), abs=1e-12)
    assert row.conf_high == pytest.approx(min(middle + half, 1), abs=1e-12)


@given(counts)
def test_the_interval_of_those_without_mirrors_that_of_those_with(pair):
    x, n = pair
    with_it, without = proportion("progression", x, n), proportion("progression", n - x, n)
    assert with_it.conf_low == pytest.approx(1 - without.conf_high, abs=1e-12)


def test_nobody_of_some_has_an_upper_limit_above_zero():
    row = proportion("progression", 0, 10)
    assert (row.estimate, row.conf_low) == (0, 0)
    assert row.conf_high == pytest.approx(0.2775, abs=1e-4)


def test_nobody_in_the_denominator_is_not_estimable():
    row = proportion("progression", 0, 0)
    assert (row.status, row.estimate, row.conf_low, row.n) == ("not_estimable", None, None, 0)
    assert row.note


def test_a_share_of_what_is_not_independent_has_no_interval():
    row = proportion("progression", 3, 10, interval=False)
    assert (row.estimate, row.conf_low, row.conf_high, row.conf_level) == (0.3, None, None, None)
    assert row.method == ""


def test_the_row_is_called_what_it_is_told():
    row = proportion("severity", 1, 2, group="first_film", level="mild", unit="of patients")
    assert row.result_id.startswith("severity/-/-/first_film/-/mild/-/of_patients/proportion/")


@given(counts)
def test_wilson_limits_are_the_shares_that_the_score_test_just_rejects(pair):
    """At a limit p the score statistic (x/n - p) / sqrt(p (1 - p) / n) is z."""
    x, n = pair
    row = proportion("progression", x, n)
    for limit in (row.conf_low, row.conf_high):
        if 1e-9 < limit < 1 - 1e-9:
            score = abs(x / n - limit) / math.sqrt(limit * (1 - limit) / n)
            assert score == pytest.approx(1.959963984540054, rel=1e-6)


def test_all_of_some_have_a_lower_limit_below_one():
    row = proportion("progression", 10, 10)
    assert (row.estimate, row.conf_high) == (1, 1)
    assert row.conf_low == pytest.approx(1 - 0.2775, abs=1e-4)
