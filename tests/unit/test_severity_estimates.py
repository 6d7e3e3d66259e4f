"""`calcinosis.estimate.severity`: grades by film, transitions, risk of progression."""

import pandas as pd
from builders import GRADES, grades, one, rows_by

from calcinosis.estimate.places import affected_rows, place_rows
from calcinosis.estimate.proportions import proportion
from calcinosis.estimate.severity import progression_rows, severity_rows, transition_rows


def dataset(*pairs: tuple[str, str]) -> pd.DataFrame:
    start, end = zip(*pairs, strict=True)
    start, end = grades(*start), grades(*end)
    rise = end.codes - start.codes
    return pd.DataFrame(
        {
            "patient_id": [f"P{i}" for i in range(len(pairs))],
            "interval": 1,
            "grade_from": start,
            "grade_to": end,
            "grade_first": start,
            "grade_last": end,
            "worsened": rise >= 1,
            "worsened_2_levels": rise >= 2,
            "improved": rise <= -1,
            "at_risk": start < "severe",
            "not_compared": 0,
            "rebound": False,
        }
    )


PAIRS = dataset(
    ("none", "none"), ("none", "moderate"), ("none", "mild"), ("mild", "none"), ("severe", "severe")
)
REGIONS = pd.DataFrame(
    {
        "patient_id": ["P1", "P1", "P2", "P0"],
        "side": "right",
        "region": ["carpal", "metacarpal", "carpal", "carpal"],
        "grade_from": grades("none", "none", "mild", "none"),
        "grade_to": grades("mild", "none", "moderate", "none"),
        "worsened": [True, False, True, False],
    }
)
DEFINITIONS = pd.DataFrame(
    {
        "patient_id": ["P0", "P1", "P2"],
        "patient_maximum": pd.array([True, False, False], dtype="boolean"),
        "global_grade": pd.array([True, None, None], dtype="boolean"),
        "regions_affected": pd.array([None, None, None], dtype="boolean"),
    }
)


def rows_of(pairs=PAIRS, regions=REGIONS, comparison="first_last") -> list:
    return [
        *severity_rows(pairs, comparison),
        *transition_rows(pairs, comparison),
        *progression_rows(pairs, DEFINITIONS, comparison),
        *affected_rows(regions),
        *place_rows(regions, regions, comparison),
    ]


def test_shares_of_grades_at_the_first_and_last_film():
    rows = rows_by(rows_of(), analysis="severity", term="grade")
    counts = {(row.group, row.level): row.events for row in rows}
    assert [counts["first_film", level] for level in GRADES] == [3, 1, 0, 1]
    assert [counts["last_film", level] for level in GRADES] == [2, 1, 1, 1]
    assert {row.n for row in rows} == {5}
    for film in ("first_film", "last_film"):
        assert sum(row.estimate for row in rows_by(rows, group=film)) == 1


def test_transitions_are_counted_with_their_margins():
    rows = rows_by(rows_of(), analysis="transitions")
    counts = {(row.group, row.level): row.estimate for row in rows}
    assert len(rows) == 25
    assert counts["from_none", "moderate"] == 1
    assert counts["from_none", ""] == 3
    assert counts["overall", "none"] == 2
    assert counts["overall", ""] == 5
    assert counts["from_moderate", "severe"] == 0
    for level in GRADES:
        assert sum(counts[f"from_{level}", to] for to in GRADES) == counts[f"from_{level}", ""]


def test_the_risk_of_progression_by_outcome_baseline_grade_and_risk_set():
    rows = rows_by(rows_of(), analysis="progression")
    overall = one(rows, model="first_last", outcome="progression", term="")
    assert (overall.events, overall.n) == (2, 5)
    assert (overall.conf_low, overall.conf_high) == (
        proportion("progression", 2, 5).conf_low,
        proportion("progression", 2, 5).conf_high,
    )
    at_risk = one(rows, model="first_last_at_risk", outcome="progression")
    assert (at_risk.events, at_risk.n) == (2, 4)
    two = one(rows, model="first_last", outcome="progression_2_levels", term="")
    assert two.events == 1
    by_grade = rows_by(rows, term="baseline_grade", outcome="progression")
    assert [(row.level, row.events, row.n) for row in by_grade] == [
        *(("none", 2, 3), ("mild", 0, 1), ("moderate", 0, 0), ("severe", 0, 1))
    ]
    assert one(by_grade, level="moderate").status == "not_estimable"


def test_a_region_that_worsened_is_a_share_of_patients_with_it_read_twice():
    rows = rows_by(rows_of(), term="region")
    assert {row.level: (row.group, row.events, row.n) for row in rows} == {
        "carpal": ("right", 2, 3),
        "metacarpal": ("right", 0, 1),
    }


def test_each_definition_that_can_be_said_of_somebody_is_a_row():
    rows = rows_by(rows_of(), term="definition")
    assert {row.level: (row.events, row.n) for row in rows} == {
        "patient_maximum": (1, 3),
        "global_grade": (1, 1),
    }


def test_new_onset_stands_apart_from_worsening_of_what_was_there():
    rows = rows_by(rows_of(), analysis="progression", term="")
    new, more = (one(rows, outcome=outcome) for outcome in ("new_onset", "worsening_of_existing"))
    assert (new.events, new.n) == (2, 3)
    assert (more.events, more.n) == (0, 2)


def test_shares_of_regions_take_the_patient_as_cluster():
    rows = rows_by(rows_of(), term="regions")
    counts = {row.outcome: (row.events, row.n) for row in rows}
    assert counts == {"progression": (2, 4), "new_onset": (1, 3), "worsening_of_existing": (1, 1)}
    assert one(rows, outcome="progression").method == "wilson_effective_n"


def test_one_region_is_no_table_of_regions():
    assert rows_by(rows_of(regions=REGIONS.query("region == 'carpal'")), term="region") == []


def test_nobody_at_risk_is_not_estimable():
    rows = rows_of(dataset(("severe", "severe")), REGIONS.iloc[:0])
    row = one(rows, model="first_last_at_risk", outcome="progression")
    assert (row.status, row.n) == ("not_estimable", 0)


def test_a_patient_with_several_intervals_is_one_patient():
    pairs = pd.concat([PAIRS.assign(worsened=False), PAIRS.assign(interval=2)])
    assert one(rows_of(pairs), model="first_last", outcome="progression", term="").n == 5


def test_row_order_changes_nothing():
    turned = PAIRS.sample(frac=1, random_state=1), REGIONS.sample(frac=1, random_state=1)
    assert rows_of(*turned) == rows_of()


def test_ids_are_unique():
    ids = [row.result_id for row in rows_of()]
    assert len(ids) == len(set(ids))


def test_consecutive_intervals_take_baseline_first_and_last_grade_of_the_patient():
    pairs = dataset(("none", "none"), ("none", "severe"))
    pairs = pairs.assign(
        patient_id="P1", interval=[1, 2], grade_last=grades("severe", "severe"), at_risk=True
    ).assign(worsened_2_levels=True, not_compared=3, rebound=True)
    rows = rows_of(pairs, REGIONS.iloc[:0], "consecutive")
    overall = one(rows, model="consecutive", outcome="progression_2_levels", term="")
    assert (overall.events, overall.n) == (1, 1)
    assert one(rows, analysis="severity", group="last_film", level="severe").events == 1
    assert one(rows, analysis="severity", term="films_not_compared").estimate == 3
    assert one(rows, analysis="progression", term="rebound").estimate == 1
    assert one(rows, analysis="progression", term="fell").estimate == 0
    assert one(rows, analysis="transitions", group="overall", level="").estimate == 2


def test_a_region_that_worsened_in_two_intervals_counts_its_patient_once():
    twice = pd.concat([REGIONS, REGIONS])
    assert rows_by(rows_of(regions=twice), term="region") == rows_by(rows_of(), term="region")


def test_a_region_of_the_codebook_that_nobody_has_read_twice_is_a_share_of_nobody():
    levels = pd.CategoricalDtype(["carpal", "metacarpal", "distal_phalanx"])
    rows = rows_by(rows_of(regions=REGIONS.astype({"region": levels})), level="distal_phalanx")
    assert {(row.status, row.n) for row in rows} == {("not_estimable", 0)}
    assert {row.outcome for row in rows} == {
        "affected_first_film",
        "affected_last_film",
        "progression",
    }


def test_regions_are_affected_above_the_lowest_grade():
    rows = rows_by(rows_of(), level="carpal")
    events = {row.outcome: (row.events, row.n) for row in rows}
    assert events["affected_first_film"] == (1, 3)
    assert events["affected_last_film"] == (2, 3)


def test_consecutive_films_have_the_first_against_the_last_beside_them():
    rows = place_rows(REGIONS, REGIONS.assign(worsened=False), "consecutive")
    found = {row.model: row.events for row in rows_by(rows, level="carpal")}
    assert found == {"consecutive": 2, "first_last": 0}
