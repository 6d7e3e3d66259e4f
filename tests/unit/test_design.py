"""Columns of a design matrix: coding, names, missing values, settings that do not fit."""

import numpy as np
import pandas as pd
import pytest
from builders import grades

from calcinosis.estimate.design import columns

NAN = float("nan")
FRAME = pd.DataFrame(
    {
        "age": [59.0, 60.0, 75.5, NAN],
        "count": pd.array([1, 2, None, 4], dtype="Int64"),
        "centre": pd.Categorical(["a", "b", None, "c"], categories=["a", "b", "c"]),
        "sex": pd.Categorical(["male", "female", None, "male"], ["male", "female"], ordered=True),
        "grade": grades("none", "severe", None, "mild"),
    }
)


def values(column) -> list:
    return [None if np.isnan(x) else x for x in column.values]


@pytest.mark.parametrize(
    ("term", "covariate", "expected"),
    [
        ("age", {"per": 1}, [59, 60, 75.5, None]),
        ("age", {"per": 10}, [5.9, 6, 7.55, None]),
        ("age", {"at_least": 60}, [0, 1, 1, None]),
        ("count", {"per": 1}, [1, 2, None, 4]),
        ("count", {"at_least": 2}, [0, 1, None, 1]),
        ("grade", {"per": 1}, [0, 3, None, 1]),
        ("sex", {"reference": "male"}, [0, 1, None, 0]),
        ("sex", {"reference": "female"}, [1, 0, None, 1]),
    ],
)
def test_a_covariate_of_one_column_is_coded_and_missing_stays_missing(term, covariate, expected):
    (column,) = columns(FRAME, term, covariate)
    assert values(column) == pytest.approx(expected)


@pytest.mark.parametrize("reference", ["a", "b", "c"])
def test_a_category_has_a_column_for_each_level_but_the_reference(reference):
    found = columns(FRAME, "centre", {"reference": reference})
    others = [level for level in "abc" if level != reference]
    assert [(c.term, c.level, c.reference, c.unit) for c in found] == [
        ("centre", level, reference, "") for level in others
    ]
    for column in found:
        assert values(column) == [x if x is None else float(x == column.level) for x in "ab"] + [
            None,
            float(column.level == "c"),
        ]


@pytest.mark.parametrize(
    ("per", "unit"),
    [(1, "per 1"), (10, "per 10"), (0.5, "per 0.5"), (100, "per 100"), (1e6, "per 1000000")],
)
def test_the_unit_of_change_is_named(per, unit):
    (column,) = columns(FRAME, "age", {"per": per})
    assert (column.term, column.level, column.reference, column.unit) == ("age", "", "", unit)


def test_two_small_units_have_two_names():
    names = {columns(FRAME, "age", {"per": per})[0].unit for per in (1e-7, 2e-7)}
    assert len(names) == 2


def test_a_cut_is_yes_against_no_and_may_have_its_own_name():
    (column,) = columns(FRAME, "elderly", {"variable": "age", "at_least": 60})
    assert (column.term, column.level, column.reference) == ("elderly", "yes", "no")
    assert values(column) == [0, 1, 1, None]


def test_a_cut_at_zero_is_a_cut():
    frame = pd.DataFrame({"t_score": [-1.0, 0.0, 1.0]})
    (column,) = columns(frame, "t_score", {"at_least": 0})
    assert values(column) == [0, 1, 1]


def test_a_grade_with_a_reference_has_a_column_a_level():
    found = columns(FRAME, "grade", {"reference": "none"})
    assert [column.level for column in found] == ["mild", "moderate", "severe"]
    assert values(found[1]) == [0, 0, None, 0]
