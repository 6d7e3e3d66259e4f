"""Scores of disability by group and with the number of lesions, as the step gives them."""

import numpy as np
import pandas as pd
import pytest
from builders import of_disability, one, rows_by

from calcinosis.derive.lesions import lesion_count, lesion_count_class
from calcinosis.estimate.adjusted_means import mean_rows
from calcinosis.estimate.disability import disability_rows

PLACES = ["none", "fingers_only", "fingers_and_beyond", "beyond_only"]
COUNTS = ["none", "one_lesion", "two_or_three_lesions", "four_or_more_lesions"]
SITES = {"thumb": ["right", "left"], "elbow": ["elbow"], "knees": ["knee_right", "knee_left"]}


def yes_no(values) -> pd.Categorical:
    return pd.Categorical(values, ["no", "yes"], ordered=True)


@pytest.mark.parametrize(
    ("known", "calcinosis", "bounds", "named"),
    [
        ("yynnn", "yes", (2, 2), "two_or_three_lesions"),
        ("ynnnn", "yes", (1, 1), "one_lesion"),
        ("nnnnn", "no", (0, 0), "none"),
        ("?nnn?", "no", (0, 0), "none"),
        ("y?nnn", "yes", (1, 2), None),
        ("yy?nn", "yes", (2, 3), "two_or_three_lesions"),
        ("yyyy?", "yes", (4, 5), "four_or_more_lesions"),
        ("nnnnn", "yes", (0, 5), None),  # a lesion that no place holds
        ("nnnnn", None, (0, 5), None),
        ("ynnnn", "no", (0, 0), "none"),  # as of the location class; the lesions count it
    ],
)
def test_number_of_lesions(known, calcinosis, bounds, named):
    places = [name for variables in SITES.values() for name in variables]
    answers = [{"y": "yes", "n": "no", "?": None}[answer] for answer in known]
    frame = pd.DataFrame({name: yes_no([a]) for name, a in zip(places, answers, strict=True)})
    frame["calcinosis"] = yes_no([calcinosis])
    count = lesion_count(frame, SITES, "calcinosis")
    assert tuple(count.loc[0, ["lower", "upper"]]) == bounds
    assert count["score"].isna()[0] == (bounds[0] != bounds[1])
    found = lesion_count_class(count)[0]
    assert found == named if named else pd.isna(found)


def cohort(n: int = 80) -> pd.DataFrame:
    """Scores that grow with lesions; a place is unknown in some patients."""
    rng = np.random.default_rng(4)
    lesions = rng.choice([0, 1, 2, 3, 4, 6], n, p=[0.5, 0.15, 0.1, 0.1, 0.1, 0.05]).astype(float)
    codes = np.searchsorted([0, 1, 2, 4], lesions, side="right") - 1
    places = np.where(lesions == 0, 0, rng.integers(1, 4, n))
    haq = np.clip(np.round(8 * (0.4 + 0.2 * lesions + rng.normal(0, 0.5, n))) / 8, 0, 3)
    frame = pd.DataFrame(
        {
            "patient_id": [f"P{i:03}" for i in range(n)],
            "haq_di": haq,
            "haq_di_without_aids": np.maximum(haq - 0.125, 0),
            "cochin": np.clip(np.round(20 * haq + rng.normal(0, 8, n)), 0, 90),
            "calcinosis": yes_no(np.where(lesions > 0, "yes", "no")),
            "location_class": pd.Categorical.from_codes(places, PLACES, ordered=True),
            "lesion_count": lesions,
            "lesion_count_lower": lesions,
            "lesion_count_class": pd.Categorical.from_codes(codes, COUNTS, ordered=True),
            "age": rng.normal(55, 10, n),
        }
    )
    frame.loc[[5, 40], ["haq_di", "haq_di_without_aids"]] = np.nan
    frame.loc[[7, 8], ["lesion_count", "lesion_count_class"]] = None
    return frame


SETTINGS = of_disability(
    ["haq_di", "haq_di_without_aids", "cochin"],
    ["calcinosis", "location_class"],
    ranges={"haq_di": [0.0, 3.0], "cochin": [0.0, 90.0]},
    important={"haq_di": 0.14},
    one_instrument=["haq_di", "haq_di_without_aids"],
    lesions=True,
    covariates={"age": {"per": 10}},
)


class TestStep:
    ROWS = disability_rows(cohort(), SETTINGS)

    def test_every_number_has_a_name_of_its_own(self):
        assert len({row.result_id for row in self.ROWS}) == len(self.ROWS)

    def test_row_order_changes_nothing(self):
        turned = disability_rows(cohort().sample(frac=1, random_state=2), SETTINGS)
        assert turned == self.ROWS

    def test_who_is_at_the_ends_of_a_scale(self):
        frame = cohort()
        known = frame.loc[frame["calcinosis"] == "no", "haq_di"].dropna()
        row = one(self.ROWS, term="haq_di", level="floor", group="calcinosis=no")
        assert (row.events, row.n) == ((known == 0).sum(), len(known))
        assert row.conf_low < row.estimate < row.conf_high
        assert one(self.ROWS, term="cochin", level="ceiling", group="overall").events == 0
        # Nobody says what the least of this one is.
        assert not rows_by(self.ROWS, term="haq_di_without_aids", level="floor")

    def test_indices_of_one_instrument_are_not_correlated_with_each_other(self):
        pairs = {
            (row.term, row.reference) for row in rows_by(self.ROWS, statistic="pearson", level="")
        }
        assert pairs == {("haq_di", "cochin"), ("haq_di_without_aids", "cochin")}

    def test_correlations_of_those_with_lesions_are_of_them(self):
        frame = cohort()
        some = frame[frame["lesion_count_lower"] >= 1]
        row = one(
            self.ROWS, term="haq_di", reference="cochin", group="with_lesions", statistic="spearman"
        )
        expected = some[["haq_di", "cochin"]].dropna()
        assert row.n == len(expected)
        assert row.estimate == pytest.approx(expected.corr("spearman").iloc[0, 1], rel=1e-9)

    def test_unknown_places_leave_the_trend_and_are_free_in_the_other_one(self):
        of = {"term": "cochin", "level": "lesion_count", "statistic": "spearman"}
        known = one(self.ROWS, **of, model="", group="overall")
        everyone = one(self.ROWS, **of, model="unknown_as_none", group="overall")
        assert (known.n, everyone.n) == (78, 80)
        assert one(self.ROWS, term="lesion_count", statistic="missing").estimate == 2

    def test_where_every_place_is_known_there_is_no_other_trend(self):
        frame = cohort()
        known = frame[frame["lesion_count"].notna()]
        assert not rows_by(disability_rows(known, SETTINGS), model="unknown_as_none")

    def test_the_planted_slope_is_within_its_interval(self):
        for model in ("crude", "adjusted"):
            of = {"term": "haq_di", "statistic": "slope", "group": "overall", "model": model}
            row = one(self.ROWS, **of)
            assert row.unit == "per lesion"
            assert row.conf_low < 0.2 < row.conf_high

    def test_a_grouping_variable_is_not_adjusted_for_itself(self):
        settings = SETTINGS | {
            "covariates": {
                "age": {"per": 10},
                "calcinosis": {"reference": "no"},
                "both": {"interaction": ["age", "calcinosis"]},
            }
        }
        of = {"term": "haq_di", "model": "adjusted", "statistic": "marginal_mean"}
        found, expected = (
            [row.estimate for row in rows_by(rows, **of) if row.group.startswith("calcinosis=")]
            for rows in (disability_rows(cohort(), settings), self.ROWS)
        )
        assert found == expected

    def test_covariates_that_are_the_groups_leave_no_adjusted_mean(self):
        settings = SETTINGS | {"covariates": {"calcinosis": {"reference": "no"}}}
        rows = disability_rows(cohort(), settings)
        of_places = [
            row
            for row in rows_by(rows, statistic="marginal_mean", model="adjusted")
            if row.group.startswith("location_class=")
        ]
        assert {row.status for row in of_places} == {"not_estimable"}
        assert all("determined by the others" in row.note for row in of_places)


@pytest.mark.parametrize("rows", [0, 1])
def test_too_few_patients_are_no_crash(rows):
    found = disability_rows(cohort().iloc[:rows], SETTINGS)
    assert not [row for row in found if row.conf_low is not None and row.method != "wilson"]
    missing = [row for row in found if row.status == "not_estimable"]
    assert missing
    assert all(row.note for row in missing)


def test_a_group_of_one_has_no_mean_and_the_others_have():
    frame = cohort().iloc[:20].reset_index(drop=True)
    frame["stage"] = pd.Categorical(["a"] + ["b"] * 10 + ["c"] * 9, list("abcd"), ordered=True)
    rows = mean_rows("disability", frame["cochin"], frame["stage"], [])
    means = {row.group[-1]: row for row in rows_by(rows, statistic="marginal_mean")}
    assert {level: row.status for level, row in means.items()} == {
        "a": "not_estimable",
        "b": "ok",
        "c": "ok",
        "d": "not_estimable",
    }
    assert one(rows, statistic="mean_difference").reference == "stage=b"
