"""How lesions were found: R, counts by hand, and the main results by who counts."""

import numpy as np
import pandas as pd
import pytest
from builders import one, rows_by
from test_association_estimates import yes_no
from test_lesion_patterns import REFERENCE, SETTINGS, dataset, places

from calcinosis.estimate import group_tests
from calcinosis.estimate.ascertainment import ascertainment_rows, combinations_of, ways_of
from calcinosis.estimate.ascertainment_sensitivity import by_ways, definitions, sensitivity_rows

MODES = {"imaging": "by_imaging", "examination": "by_examination"}
HOW = SETTINGS | {"ascertainment": MODES, "centre": "centre", "model": None}
NOBODY = pd.DataFrame()


def found(centres: str = "abc") -> pd.DataFrame:
    """The patients of R's file with how they were found, and as many without lesions."""
    frame, of = dataset(), places()
    words = {"1": "yes", "0": "no"}
    for mode, variable in MODES.items():
        frame[variable] = of[mode].map(words).array
    frame["centre"] = of["centre"].array
    without = frame.assign(
        patient_id="W" + frame["patient_id"],
        calcinosis="no",
        by_imaging="no",
        by_examination="no",
        **{name: 0 for name in frame if name.startswith("site_")},
    )
    frame = pd.concat([frame, without], ignore_index=True)
    frame = frame[frame["centre"].isin(list(centres))].reset_index(drop=True)
    for name in ("calcinosis", *MODES.values()):
        frame[name] = yes_no(*frame[name])
    return frame.assign(centre=pd.Categorical(frame["centre"], list("abc")))


class TestHowTheyWereFound:
    def test_the_share_found_by_one_way_only_is_that_of_r(self):
        rows = ascertainment_rows(found(), HOW)
        row = one(rows, group="overall", level="imaging_only", statistic="proportion")
        limits = [row.estimate, row.conf_low, row.conf_high]
        assert limits == pytest.approx(REFERENCE["imaging_only"], rel=1e-9)

    def test_centres_are_compared_as_r_does(self):
        rows = rows_by(ascertainment_rows(found(), HOW), statistic="group_test")
        imaging = one(rows, term="imaging")
        assert imaging.method == "fisher_exact"
        assert imaging.p_value == pytest.approx(REFERENCE["fisher_imaging"], rel=1e-9)
        only = one(rows, level="imaging_only")
        assert only.p_value == pytest.approx(REFERENCE["fisher"], rel=1e-9)
        row = one(ascertainment_rows(found("ab"), HOW), term="imaging", statistic="group_test")
        assert row.method == "chi_squared"
        assert [row.estimate, row.df, row.p_value] == pytest.approx(REFERENCE["chi_squared"])

    def test_too_many_tables_are_drawn_and_agree_with_the_enumeration(self, monkeypatch):
        monkeypatch.setattr(group_tests, "enumerated", lambda _: None)
        rows = rows_by(ascertainment_rows(found(), HOW), statistic="group_test")
        only = one(rows, level="imaging_only")
        assert only.method == "fisher_monte_carlo"
        assert only.p_value == pytest.approx(REFERENCE["fisher"], abs=0.01)

    def test_each_centre_has_its_own_shares(self):
        frame, rows = found(), ascertainment_rows(found(), HOW)
        of_a = frame[(frame["centre"] == "a") & (frame["calcinosis"] == "yes")]
        unit = "of patients with calcinosis"
        same = {"group": "centre=a", "term": "imaging", "statistic": "proportion"}
        row = one(rows, **same, unit=unit)
        assert (row.events, row.n) == ((of_a["by_imaging"] == "yes").sum(), len(of_a))
        assert one(rows, **same, unit="of patients").n == 2 * len(of_a)
        assert one(rows, group="centre=a", term="calcinosis").estimate == 0.5

    def test_combinations_add_up_and_an_unknown_way_leaves_them(self):
        frame = found()
        frame.loc[frame.index[:3], "by_imaging"] = None
        rows = rows_by(ascertainment_rows(frame, HOW), group="overall", term="found_by")
        shares = rows_by(rows, statistic="proportion")
        assert {row.n for row in shares} == {57}
        assert sum(row.events for row in shares) == 57
        assert one(rows, statistic="missing").estimate == 3

    def test_names_of_combinations(self):
        three = {"imaging": "i", "examination": "e", "history": "h"}
        names = combinations_of(three)
        assert names[:3] == ["imaging_only", "examination_only", "history_only"]
        assert names[3:5] == ["imaging_and_examination", "imaging_and_history"]
        assert names[6] == "imaging_and_examination_and_history"
        frame = pd.DataFrame(
            {
                "i": yes_no("yes", "no", "no", None),
                "e": yes_no("no", "yes", "no", "yes"),
                "h": yes_no("no", "yes", "no", "no"),
            }
        )
        ways = ways_of(frame, three)
        assert list(ways[:3]) == ["imaging_only", "examination_and_history", "none"]
        assert ways.isna().tolist() == [False, False, False, True]

    def test_who_was_found_by_no_way_is_told(self):
        frame = found()
        first = frame.index[frame["calcinosis"] == "yes"][0]
        frame.loc[first, list(MODES.values())] = "no"
        row = one(ascertainment_rows(frame, HOW), group="overall", level="none")
        assert row.events == 1

    def test_without_ways_or_centres(self):
        assert ascertainment_rows(found(), HOW | {"ascertainment": {}}) == []
        rows = ascertainment_rows(found(), HOW | {"centre": None})
        assert {row.group for row in rows} == {"overall"}

    @pytest.mark.parametrize("n", [0, 1])
    def test_nobody_and_one_patient_compare_no_centres(self, n):
        rows = rows_by(ascertainment_rows(found().head(n), HOW), statistic="group_test")
        assert {row.status for row in rows} == {"not_estimable"}


class TestSensitivity:
    def test_who_counts(self):
        frame = pd.DataFrame(
            {
                "i": yes_no("yes", "no", None, None, "no"),
                "e": yes_no("no", "yes", "yes", "no", "no"),
            }
        )
        both = by_ways(frame, ["i", "e"])
        assert list(both[[0, 1, 2, 4]]) == ["yes", "yes", "yes", "no"]
        assert both.isna().tolist() == [False, False, False, True, False]
        three = {"imaging": "i", "examination": "e", "history": "h"}
        assert definitions(three) == {
            "imaging": ["i"],
            "imaging_or_examination": ["i", "e"],
            "any_way": ["i", "e", "h"],
        }

    def test_prevalence_and_lesions_are_of_those_who_count(self):
        frame = found()
        rows = rows_by(sensitivity_rows(frame, HOW, NOBODY), model="imaging")
        seen = frame["by_imaging"] == "yes"
        prevalence = one(rows, term="calcinosis")
        assert (prevalence.events, prevalence.n) == (seen.sum(), 120)
        lesions = frame.loc[seen, [f"site_{site}" for site in SETTINGS["sites"]]]
        thumb = one(rows, level="thumb", unit="of lesions")
        assert (thumb.events, thumb.n) == (lesions["site_thumb"].sum(), lesions.to_numpy().sum())

    def test_any_way_is_the_main_result(self):
        """Here everybody with lesions was found in one of the ways."""
        frame = found()
        main = one(ascertainment_rows(frame, HOW), group="overall", term="calcinosis")
        any_way = one(sensitivity_rows(frame, HOW, NOBODY), model="any_way", term="calcinosis")
        assert (any_way.events, any_way.n) == (main.events, main.n)

    def test_odds_ratios_are_of_another_outcome(self):
        """The 2x2 table of a risk factor and who was found by imaging, by hand."""
        frame = found()
        exposed = np.random.default_rng(2).random(len(frame)) < 0.4
        models = pd.DataFrame(
            {
                "patient_id": frame["patient_id"],
                "calcinosis": frame["calcinosis"] == "yes",
                "ulcer": yes_no(*np.where(exposed, "yes", "no")),
            }
        )
        model = {
            "outcome": "calcinosis",
            "covariates": {"ulcer": {"reference": "no"}},
            "multivariable": ["ulcer"],
            "estimator": "maximum_likelihood",
            "intervals": "wald",
            "events_per_parameter": 1,
            "over_budget": "firth",
            "centres": None,
        }
        rows = rows_by(
            sensitivity_rows(frame, HOW | {"model": model}, models), statistic="odds_ratio"
        )
        for name, variables in definitions(MODES).items():
            yes = (frame[variables] == "yes").any(axis=1).to_numpy()
            a, b = (exposed & yes).sum(), (exposed & ~yes).sum()
            c, d = (~exposed & yes).sum(), (~exposed & ~yes).sum()
            row = one(rows, model=name)
            assert row.estimate == pytest.approx(a * d / (b * c), rel=1e-8)
            assert row.std_error == pytest.approx((1 / a + 1 / b + 1 / c + 1 / d) ** 0.5, rel=1e-6)

    def test_nobody_is_not_estimable(self):
        rows = sensitivity_rows(found().head(0), HOW, NOBODY)
        assert {row.status for row in rows} == {"not_estimable"}


def test_the_order_of_patients_changes_nothing():
    frame = found()
    turned = frame.sample(frac=1, random_state=3).reset_index(drop=True)
    assert ascertainment_rows(turned, HOW) == ascertainment_rows(frame, HOW)
    assert sensitivity_rows(turned, HOW, NOBODY) == sensitivity_rows(frame, HOW, NOBODY)
