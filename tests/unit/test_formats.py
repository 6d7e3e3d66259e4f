"""How numbers look: rounding, true minus, narrow spaces, limits that are absent."""

import pytest

from calcinosis.estimates import Row
from calcinosis.present import formats


def row(statistic: str = "rate", **numbers) -> Row:
    return Row(analysis="incidence", statistic=statistic, **numbers)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (22.58064516, 1, "22.6"),
        (-2.2, 1, "−2.2"),
        (-0.04, 1, "0.0"),
        (-0.06, 1, "−0.1"),
        (-0.4, 0, "0"),
        (-0.004, 2, "0.00"),
        (0, 0, "0"),
        (-3, 0, "−3"),
        (568, 0, "568"),
        (12345, 0, "12\u202f345"),
        (-1234567.891, 2, "−1\u202f234\u202f567.89"),
    ],
)
def test_number(value, decimals, text):
    assert formats.number(value, decimals) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(35 / 53, "66.0%"), (215 / 568, "37.9%"), (0, "0.0%"), (1, "100.0%"), (0.0004, "0.0%")],
)
def test_percent(share, text):
    assert formats.percent(share) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.517698, "2.52"),
        (1, "1.00"),
        (0.9732636, "0.97"),
        (0.0951, "0.10"),
        (0.0949, "0.095"),
        (0.0312, "0.031"),
        (0.00123, "0.0012"),
        (0, "0.00"),
        (9.994, "9.99"),
        (9.996, "10.0"),
        (31.44963919, "31.4"),
        (99.94, "99.9"),
        (99.96, "100"),
        (1234.5, "1\u202f235"),
    ],
)
def test_ratio(value, text):
    assert formats.ratio(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.375, "0.38"), (0.625, "0.63"), (1.125, "1.13"), (-0.125, "−0.13"), (-0.004, "0.00")],
)
def test_halves_are_rounded_away_from_zero(value, text):
    """As people round; the HAQ-DI goes in eighths."""
    assert formats.number(value, 2) == text


@pytest.mark.parametrize(("value", "text"), [(0.0501, "0.050"), (0.00999, "0.010")])
def test_a_tiny_ratio_keeps_its_second_digit(value, text):
    assert formats.ratio(value) == text


@pytest.mark.parametrize(("value", "text"), [(9.421164e-05, "0.000094"), (4.2e-07, "0.00000042")])
def test_a_tiny_ratio_has_no_exponent(value, text):
    assert formats.ratio(value) == text


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0, "<0.001"),
        (1e-12, "<0.001"),
        (0.00099999, "<0.001"),
        (0.001, "0.001"),
        (0.0046877, "0.005"),
        (0.02904, "0.029"),
        (0.0499, "0.050"),
        (0.0994, "0.099"),
        (0.0996, "0.10"),
        (0.2542, "0.25"),
        (1, "1.00"),
    ],
)
def test_p_value(p, text):
    assert formats.p_value(p) == text


@pytest.mark.parametrize(
    ("statistic", "term", "value", "text"),
    [
        ("proportion", "", 35 / 53, "66.0%"),
        ("count", "", 1234, "1\u202f234"),
        ("missing", "age", 3, "3"),
        ("rate", "", 22.58064516, "22.6"),
        ("odds_ratio", "age", 2.368079, "2.37"),
        ("smd", "age", 0.5231700921, "0.52"),
        ("kruskal_wallis", "age", 4.567, "4.57"),
        ("median", "t_score", -2.2, "−2.2"),
        ("median", "haq_di", 1.375, "1.38"),
        ("median_difference", "haq_di", -0.25, "−0.25"),
    ],
)
def test_an_estimate_looks_as_its_statistic_asks(statistic, term, value, text):
    assert formats.estimate(row(statistic, term=term, estimate=value)) == text


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (16.21276266, 31.44963919, "16.2 to 31.4"),
        (0, 9.222198635, "0.0 to 9.2"),
        (None, 9.222198635, "up to 9.2"),
        (-1.24, -0.3, "−1.2 to −0.3"),
        (None, None, ""),
        (3, None, ""),
    ],
)
def test_interval(low, high, text):
    assert formats.interval(row(estimate=1, conf_low=low, conf_high=high)) == text


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ({"estimate": 22.5806, "conf_low": 16.2128, "conf_high": 31.4496}, "22.6 (16.2 to 31.4)"),
        ({"estimate": 0, "conf_high": 9.2222}, "0.0 (up to 9.2)"),
        ({"estimate": 22.5806}, "22.6"),
        ({"status": "not_estimable", "note": "Nobody was followed."}, "not estimable"),
        ({"conf_high": 9.2222, "status": "not_estimable"}, "not estimable"),
    ],
)
def test_estimate_with_interval(numbers, text):
    assert formats.with_interval(row(**numbers)) == text


def test_the_interval_is_formatted_as_its_estimate():
    share = row("proportion", estimate=35 / 53, conf_low=0.5259478664, conf_high=0.773129609)
    assert formats.with_interval(share) == "66.0% (52.6% to 77.3%)"
    ratio = row("odds_ratio", estimate=6.249602, conf_low=0.0912, conf_high=123.4)
    assert formats.with_interval(ratio) == "6.25 (0.091 to 123)"


@pytest.mark.parametrize(
    ("numbers", "fraction", "with_percent"),
    [
        ({"events": 35, "n": 53, "estimate": 35 / 53}, "35/53", "35 (66.0%)"),
        ({"events": 0, "n": 53, "estimate": 0}, "0/53", "0 (0.0%)"),
        ({"events": 0, "n": 0, "status": "not_estimable"}, "0/0", "not estimable"),
    ],
)
def test_counts_beside_their_share(numbers, fraction, with_percent):
    share = row("proportion", **numbers)
    assert formats.fraction(share) == fraction
    assert formats.count_percent(share) == with_percent


@pytest.mark.parametrize("analysis", ["bone_density", "by_centre"])
def test_shifts_of_t_scores_have_two_decimals_in_every_chapter(analysis):
    shift = Row(analysis=analysis, statistic="median_difference", term="t_score", estimate=-0.5)
    assert formats.estimate(shift) == "−0.50"


@pytest.mark.parametrize(
    ("statistic", "low", "high", "text"),
    [
        ("odds_ratio", 1.001356, 5.600207, "1.001 to 5.60"),
        ("odds_ratio", 0.971637, 0.998464, "0.97 to 0.998"),
        ("hazard_ratio", 0.5, 1.00004, "0.50 to 1.00"),
        ("hazard_ratio", 0.5, 1.0003, "0.50 to 1.0003"),
        ("odds_ratio", 0.4, 0.995, "0.40 to 0.995"),
        ("odds_ratio", 0.4, 1.0, "0.40 to 1.00"),
        ("odds_ratio", 0.4, 1.006, "0.40 to 1.01"),
        ("odds_ratio", 1200.0, 3400.0, "1\u202f200 to 3\u202f400"),
        ("rate", 0.97, 1.001, "1.0 to 1.0"),
    ],
)
def test_a_limit_of_a_ratio_shows_on_which_side_of_1_it_lies(statistic, low, high, text):
    assert formats.interval(row(statistic, conf_low=low, conf_high=high)) == text
