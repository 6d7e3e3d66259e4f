"""Lesions, complications, T-scores, scores by group and Table 1, counted by hand."""

import numpy as np
import pandas as pd
import pytest
from builders import BONES, of_disability, one, rows_by
from scipy import stats

from calcinosis.estimate.bone_density import bone_density_rows
from calcinosis.estimate.describe import describe_rows
from calcinosis.estimate.disability import disability_rows
from calcinosis.estimate.lesions import complication_rows, lesions_rows
from calcinosis.estimate.proportions import proportion

YES_NO = pd.CategoricalDtype(["no", "yes"], ordered=True)


def yes_no(*values) -> pd.Categorical:
    return pd.Categorical(values, dtype=YES_NO)


LESIONS = pd.DataFrame(
    {
        "patient_id": ["P1", "P2", "P3", "P4", "P5"],
        "calcinosis": yes_no("yes", "yes", "yes", "no", None),
        "site_thumb": [2, 0, 1, 0, 0],
        "site_thumb_unknown": [0, 0, 1, 0, 0],
        "site_elbow": [0, 1, 0, 0, 0],
        "site_elbow_unknown": [0, 0, 1, 1, 0],
        "pain": yes_no("yes", "no", None, "no", None),
    }
)
SITES = {
    "sites": ["thumb", "elbow"],
    "fingers": ["thumb"],
    "site_groups": {},
    "bootstraps": 200,
    "seed": 1,
    "among": "calcinosis",
    "complications": ["pain"],
}


class TestLesions:
    def share(self, level: str, unit: str) -> tuple:
        term = "site_group" if level == "fingers" else "site"
        row = one(lesions_rows(LESIONS, SITES), term=term, level=level, unit=unit)
        return row.events, row.n

    def test_each_denominator_counts_what_its_name_says(self):
        assert self.share("thumb", "of lesions") == (3, 4)
        assert self.share("elbow", "of lesions") == (1, 4)
        assert self.share("fingers", "of lesions") == (3, 4)
        assert self.share("thumb", "of patients with calcinosis") == (2, 3)
        assert self.share("thumb", "of patients") == (2, 4)

    def test_a_known_lesion_counts_though_the_other_side_is_not_known(self):
        """P3 has one on one thumb; nobody knows the other."""
        assert self.share("thumb", "of lesions")[0] == 3
        assert one(lesions_rows(LESIONS, SITES), term="unknown_places").estimate == 2

    def test_who_is_not_known_at_a_site_is_not_in_its_denominator(self):
        """P3 may have one at the elbow; P4 has no calcinosis and so none anywhere."""
        assert self.share("elbow", "of patients with calcinosis") == (1, 2)
        assert self.share("elbow", "of patients") == (1, 3)

    def test_shares_of_lesions_are_resampled_and_shares_of_patients_have_wilsons_interval(self):
        rows = rows_by(lesions_rows(LESIONS, SITES), term="site", level="thumb")
        of_lesions = one(rows, unit="of lesions")
        assert (of_lesions.method, of_lesions.status) == ("bootstrap_percentile", "warning")
        of_patients = one(rows, unit="of patients")
        expected = proportion("lesions", 2, 4)
        assert of_patients.conf_low == expected.conf_low
        assert of_patients.conf_high == expected.conf_high

    def test_shares_of_lesions_add_up_to_one(self):
        rows = rows_by(lesions_rows(LESIONS, SITES), term="site", unit="of lesions")
        assert sum(r.estimate for r in rows) == pytest.approx(1)

    def test_how_many_have_lesions(self):
        row = one(lesions_rows(LESIONS, SITES), term="calcinosis")
        assert (row.events, row.n) == (3, 4)

    def test_complications_of_patients_with_lesions_and_of_all(self):
        rows = complication_rows(LESIONS, SITES)
        found = {row.unit: (row.events, row.n) for row in rows}
        assert found == {"of patients with calcinosis": (1, 2), "of patients": (1, 3)}

    def test_a_lesion_of_a_patient_without_calcinosis_is_counted_as_a_contradiction(self):
        rows = lesions_rows(LESIONS, SITES)
        assert one(rows, term="contradictory").estimate == 0
        wrong = LESIONS.assign(site_elbow=[0, 1, 0, 1, 0])
        rows = lesions_rows(wrong, SITES)
        assert one(rows, term="contradictory").estimate == 1
        assert one(rows, term="site", level="elbow", unit="of patients").events == 1

    def test_without_lesions_the_shares_are_not_estimable(self):
        nobody = LESIONS[LESIONS["calcinosis"] == "no"]
        rows = [*lesions_rows(nobody, SITES), *complication_rows(nobody, SITES)]
        of_lesions = [r for r in rows if r.unit != "of patients" and r.statistic == "proportion"]
        assert {row.status for row in of_lesions} == {"not_estimable"}


def bones() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    scores = pd.Series(rng.normal(-1.9, 0.8, 40).round(1))
    scores[30:] = np.nan
    classes = ["normal", "osteopenia", "osteoporosis"]
    named = np.select([scores >= -1, scores > -2.5], classes[:2], classes[2])
    return pd.DataFrame(
        {
            "patient_id": [f"P{i}" for i in range(40)],
            "calcinosis": yes_no(*np.where(np.arange(40) % 3 == 0, "yes", "no")),
            "t_score": scores,
            "who_class": pd.Categorical(
                np.where(scores.isna(), None, named), classes, ordered=True
            ),
            "who_group": pd.Categorical(
                np.where(np.arange(40) < 36, "postmenopausal_woman", "who_not_known"), WHO_GROUPS
            ),
            "age": rng.normal(60, 9, 40),
        }
    )


WHO_GROUPS = ["postmenopausal_woman", "man_of_50_or_more", "who_not_known"]
MEASURED = BONES | {"selection": ["age"], "eligible": WHO_GROUPS[:2]}


class TestBoneDensity:
    def rows(self) -> list:
        return bone_density_rows(bones(), MEASURED)

    def test_only_the_measured_are_compared(self):
        frame = bones()
        taken = one(self.rows(), term="densitometry")
        assert (taken.events, taken.n) == (30, 40)
        for level in ("no", "yes"):
            values = frame.loc[frame["calcinosis"] == level, "t_score"].dropna()
            row = one(self.rows(), term="t_score", group=f"calcinosis={level}", statistic="median")
            assert (row.estimate, row.n) == (values.median(), len(values))

    def test_the_shift_is_yes_against_no_by_the_rank_sum_test(self):
        frame = bones().dropna(subset="t_score")
        parts = [frame.loc[frame["calcinosis"] == x, "t_score"].to_numpy() for x in ("yes", "no")]
        row = one(self.rows(), statistic="median_difference")
        assert (row.group, row.reference) == ("calcinosis=yes", "calcinosis=no")
        assert row.estimate == pytest.approx(np.median(np.subtract.outer(*parts)))
        test = stats.mannwhitneyu(*parts, method="asymptotic")
        assert row.p_value == pytest.approx(test.pvalue, rel=1e-9)

    def test_classes_are_shares_of_the_measured_of_a_group(self):
        rows = rows_by(
            self.rows(), term="who_class", group="calcinosis=yes", statistic="proportion"
        )
        assert sum(row.events for row in rows) == rows[0].n
        assert {row.n for row in rows} == {(bones().dropna()["calcinosis"] == "yes").sum()}

    def test_how_many_of_the_measured_are_classed_and_who_they_are(self):
        frame = bones()
        frame.loc[:4, "who_group"] = "man_of_50_or_more"
        frame.loc[5:11, "who_group"] = "who_not_known"
        rows = bone_density_rows(frame, MEASURED)
        classed = one(rows, term="who_eligible")
        assert (classed.events, classed.n) == (23, 30)
        counts = {row.level: row.estimate for row in rows_by(rows, term="who_group")}
        assert counts == {"postmenopausal_woman": 18, "man_of_50_or_more": 5, "who_not_known": 7}

    def test_without_a_rule_of_who_is_classed_nobody_is(self):
        frame = bones().drop(columns=["who_class", "who_group"])
        rows = bone_density_rows(frame, MEASURED | {"eligible": []})
        assert not [row for row in rows if row.term.startswith("who_")]

    def test_who_had_densitometry_and_who_had_not(self):
        frame = bones()
        for had, who in (("yes", frame["t_score"].notna()), ("no", frame["t_score"].isna())):
            row = one(self.rows(), term="age", group=f"densitometry={had}", statistic="mean")
            assert row.estimate == pytest.approx(frame.loc[who, "age"].mean())

    def test_nobody_measured_is_not_estimable(self):
        frame = bones().assign(t_score=np.nan)
        rows = bone_density_rows(frame, MEASURED)
        assert one(rows, statistic="median_difference").status == "not_estimable"
        assert one(rows, term="densitometry").events == 0


def test_scores_by_group_and_their_contrasts():
    rng = np.random.default_rng(2)
    places = ["none", "fingers_only", "fingers_and_beyond", "beyond_only"]
    frame = pd.DataFrame(
        {
            "patient_id": [f"P{i}" for i in range(60)],
            "haq_di": rng.integers(0, 25, 60) / 8,
            "calcinosis": yes_no(*rng.choice(["no", "yes"], 60)),
            "location_class": pd.Categorical(rng.choice(places, 60), places, ordered=True),
        }
    )
    frame.loc[:4, "haq_di"] = np.nan
    settings = of_disability(["haq_di"], ["calcinosis", "location_class"])
    rows = disability_rows(frame, settings)
    for variable in settings["by"]:
        for level, part in frame.groupby(variable, observed=True)["haq_di"]:
            of_group = rows_by(rows, group=f"{variable}={level}", level="", reference="")
            assert one(of_group, statistic="median").estimate == part.median()
            assert one(of_group, statistic="missing").estimate == part.isna().sum()
    shift = one(rows, statistic="median_difference", level="calcinosis")
    assert (shift.group, shift.reference) == ("calcinosis=yes", "calcinosis=no")
    of_places = frame.groupby("location_class", observed=True)["haq_di"]
    parts = [part.dropna() for _, part in of_places]
    for group, compared in (("overall", parts), ("with_lesions", parts[1:])):
        several = one(rows, statistic="kruskal_wallis", group=group)
        expected = tuple(stats.kruskal(*compared))
        assert (several.estimate, several.p_value) == pytest.approx(expected)
    assert one(rows, group="overall", statistic="median").n == 55


def test_bounds_are_those_of_every_missing_answer_at_its_best_and_at_its_worst():
    frame = pd.DataFrame(
        {
            "patient_id": list("abcd"),
            "mrss": [4.0, 10, None, 20],
            "mrss_lower": [4.0, 10, 6, 20],
            "mrss_upper": [4.0, 10, 12, 20],
            "calcinosis": yes_no("no", "no", "yes", "yes"),
        }
    )
    rows = describe_rows(frame, {"by": "calcinosis", "variables": ["mrss"]})
    rows += disability_rows(frame, of_disability(["mrss"], ["calcinosis"]))

    def within(analysis: str, group: str, statistic: str) -> tuple[float, float]:
        of = {"analysis": analysis, "group": group, "term": "mrss"}
        ends = [one(rows, **of, statistic=f"{statistic}_{end}") for end in ("at_least", "at_most")]
        assert {row.n for row in ends} == {4 if group == "overall" else 2}
        return ends[0].estimate, ends[1].estimate

    for analysis in ("describe", "disability"):
        assert within(analysis, "overall", "median") == (8.0, 11.0)
        assert within(analysis, "overall", "mean") == (10.0, 11.5)
        assert within(analysis, "calcinosis=yes", "median") == (13.0, 16.0)
        assert within(analysis, "calcinosis=no", "median") == (7.0, 7.0)


def test_table_1_counts_known_values_overall_and_by_group():
    frame = pd.DataFrame(
        {
            "patient_id": list("abcdef"),
            "calcinosis": yes_no("no", "no", "no", "yes", "yes", None),
            "age": [40.0, 50, None, 60, 70, 80],
            "sex": pd.Categorical(["f", "m", "f", "f", None, "m"], ["m", "f"], ordered=True),
        }
    )
    rows = describe_rows(frame, {"by": "calcinosis", "variables": ["age", "sex"]})
    patients = {row.group: row.estimate for row in rows_by(rows, term="patients")}
    assert patients == {"overall": 6, "calcinosis=no": 3, "calcinosis=yes": 2}
    of_no = rows_by(rows, group="calcinosis=no")
    assert one(of_no, term="age", statistic="mean").estimate == 45
    assert one(of_no, term="age", statistic="missing").estimate == 1
    females = one(rows, group="calcinosis=yes", term="sex", level="f")
    assert (females.events, females.n) == (1, 1)
    smd = one(rows, term="age", statistic="smd")
    assert smd.estimate == pytest.approx(20 / 50**0.5)
    assert len({row.result_id for row in rows}) == len(rows)


def test_row_order_changes_nothing():
    turned = LESIONS.sample(frac=1, random_state=3)
    assert lesions_rows(turned, SITES) == lesions_rows(LESIONS, SITES)
    found, again = (
        {r.result_id: r.estimate for r in bone_density_rows(frame, MEASURED)}
        for frame in (bones(), bones().sample(frac=1, random_state=3))
    )
    assert found.keys() == again.keys()
    for name, value in found.items():
        assert again[name] == (None if value is None else pytest.approx(value, rel=1e-12)), name
