"""Printed numbers and what may round to them."""

from fractions import Fraction

import numpy as np
import pytest

from calcinosis import printed
from calcinosis.present import formats


@pytest.mark.parametrize(
    ("text", "value", "low", "high", "decimals"),
    [
        ("22.6", "22.6", "22.55", "22.65", 1),
        ("22.60", "22.6", "22.595", "22.605", 2),
        ("155", "155", "154.5", "155.5", 0),
        (".004", "0.004", "0.0035", "0.0045", 3),
        ("0·39", "0.39", "0.385", "0.395", 2),
        ("-2.2", "-2.2", "-2.25", "-2.15", 1),
        ("−1.7", "-1.7", "-1.75", "-1.65", 1),
        ("5,218", "5218", "5217.5", "5218.5", 0),
        ("<0.001", "0.001", "0", "0.001", 3),
        (">0.9", "0.9", "0.9", "1", 1),
        ("0", "0", "-0.5", "0.5", 0),
    ],
)
def test_a_printed_number_is_all_that_round_to_it(text, value, low, high, decimals):
    found = printed.parse(text)
    assert (found.value, found.low, found.high) == tuple(map(Fraction, (value, low, high)))
    assert found.decimals == decimals


@pytest.mark.parametrize(
    "text", ["", "abc", "1.2.3", "22,6", "12 of 35", "22.6%", "1e3", ".", "1 2"]
)
def test_what_is_no_number_is_told(text):
    with pytest.raises(ValueError, match="is not a printed number"):
        printed.parse(text)


@pytest.mark.parametrize("text", ["2.5", "-3", "<5"])
def test_what_is_no_count_is_told(text):
    with pytest.raises(ValueError, match="is not a count"):
        printed.count(text)


def test_halves_may_have_been_rounded_either_way():
    assert printed.parse("6.2").may_be(6.25)
    assert printed.parse("6.3").may_be(6.25)
    assert not printed.parse("6.2").may_be(6.2501)


def test_what_our_formats_print_may_be_what_they_printed():
    rng = np.random.default_rng(1)
    for value in rng.normal(0, 100, 500):
        for decimals in range(4):
            text = formats.number(float(value), decimals)
            shown = printed.parse(text)
            assert shown.may_be(float(value)), (text, value)
            assert not shown.may_be(float(value) + 1.01 * 10.0**-decimals)
