"""Adjusted p-values against R's p.adjust, and their families."""

import json
from dataclasses import replace

import numpy as np
import pytest
from builders import ROOT
from test_models import YES, all_rows, random_frame, yes_no

from calcinosis.estimate.multiplicity import METHODS, adjusted_rows
from calcinosis.estimates import Row

R = json.loads((ROOT / "tests/data/validation/validation.json").read_text("utf-8"))["p_values"]
TEST = Row(
    analysis="univariable",
    model="primary",
    outcome="progression",
    statistic="chi_squared",
    method="likelihood_ratio",
)


@pytest.mark.parametrize("method", METHODS)
def test_adjusted_p_values_against_R(method):
    """`p.adjust(p, "holm")` and `"BH"`."""
    tested = [replace(TEST, term=f"x{i}", p_value=p) for i, p in enumerate(R["unadjusted"])]
    rows = [r for r in adjusted_rows(tested, ["univariable"]) if r.method == method]
    assert [row.estimate for row in rows] == pytest.approx(R[method], abs=1e-12)
    assert [row.p_value for row in rows] == R["unadjusted"]
    assert {(row.group, row.n, row.statistic) for row in rows} == {
        ("univariable", 7, "adjusted_p_value")
    }


def test_each_covariate_of_a_family_is_tested_once():
    covariates = {"sex": YES, "age": {"per": 10}, "grade": {"reference": "none"}, "ulcer": YES}
    rows = all_rows(random_frame(), covariates, ["sex", "age", "grade"])
    found = adjusted_rows(rows, ["univariable", "multivariable"])
    terms = {family: [] for family in ("univariable", "multivariable")}
    for row in found:
        if row.method == "holm":
            terms[row.group].append(row.term)
    assert terms == {"univariable": list(covariates), "multivariable": ["sex", "age", "grade"]}
    assert len({row.result_id for row in found}) == len(found)


def test_neither_order_nor_other_rows_matter():
    rng = np.random.default_rng(2)
    tested = [replace(TEST, term=f"x{i}", p_value=float(p)) for i, p in enumerate(rng.random(9))]
    other = replace(TEST, term="x1", model="all_available", p_value=1e-9)
    nonlinear = replace(TEST, term="x2", level="nonlinear", p_value=1e-9)
    without = replace(TEST, term="x9", status="not_estimable")
    rows = adjusted_rows([*tested[::-1], other, nonlinear, without], ["univariable"])
    expected = {r.result_id: r.estimate for r in adjusted_rows(tested, ["univariable"])}
    assert {r.result_id: r.estimate for r in rows} == pytest.approx(expected)


def test_a_family_without_tests_has_no_rows():
    assert adjusted_rows([], ["univariable"]) == []


def test_covariates_without_a_test_are_named_in_the_note():
    covariates = {"sex": YES, "age": {"per": 10}, "ulcer_old": YES}
    frame = random_frame().assign(ulcer_old=yes_no([0] * 120))
    rows = adjusted_rows(all_rows(frame, covariates, ["sex", "age"]), ["univariable"])
    assert {row.term for row in rows} == {"sex", "age"}
    assert {row.note for row in rows} == {
        "The family: 2 covariates of the univariable models. Without a test, and not in it: "
        "ulcer old."
    }
