"""One dataset per analysis, with its patients and columns only."""

import pandas as pd
from builders import grades

from calcinosis.derive import datasets


def intervals(*rows: tuple) -> pd.DataFrame:
    """Rows of patient, interval, from, to."""
    frame = pd.DataFrame(rows, columns=["patient_id", "interval", "grade_from", "grade_to"])
    start, end = grades(*frame["grade_from"]), grades(*frame["grade_to"])
    rise = pd.Series(end.codes - start.codes)
    return frame.assign(
        grade_from=start,
        grade_to=end,
        years=2.0,
        worsened=rise >= 1,
        improved=rise <= -1,
    )


PAIRS = intervals(
    ("P1", 1, "none", "moderate"),
    ("P2", 1, "severe", "severe"),
    ("P3", 1, "mild", "mild"),
    ("P3", 2, "mild", "moderate"),
)
FILMS = pd.DataFrame(
    {
        "patient_id": ["P1", "P2", "P3"],
        "films": [2, 2, 3],
        "not_compared": 0,
        "grade_first": grades("none", "severe", "mild"),
        "grade_last": grades("moderate", "severe", "moderate"),
        "at_risk": [True, False, True],
        "worsened_2_levels": [True, False, False],
        "rebound": False,
        "years_first_last": [2.0, 2.0, 4.0],
        "worsened_first_last": [True, False, True],
    }
)
PATIENTS = pd.DataFrame(
    {
        "patient_id": ["P1", "P2", "P3", "P4"],
        "age": [40.0, 50.0, None, 70.0],
        "ulcer": pd.Categorical(["no", "yes", None, "yes"], ["no", "yes"], ordered=True),
        "centre": pd.Categorical(["a", "b", "a", "b"], ["a", "b"], ordered=True),
    }
)


def models(patients=PATIENTS, pairs=PAIRS, **changes) -> pd.DataFrame:
    needs = {"covariates": ["age"], "outcome": "progression", "centre": None}
    if pairs is not None:
        compared = patients[patients["patient_id"].isin(pairs["patient_id"])]
        patients = datasets.with_outcomes(compared, pairs, FILMS)
    return datasets.models(patients, **(needs | {"at_risk_only": False} | changes))


def test_only_patients_who_are_analysed_are_in():
    flow = pd.DataFrame(
        {"patient_id": ["P1", "P2", "P3"], "left_at": ["analysed", "excluded/improved", "analysed"]}
    )
    assert list(datasets.analysed(PAIRS, flow)["patient_id"]) == ["P1", "P3", "P3"]


def test_incidence_has_only_what_it_uses():
    frame = datasets.incidence(PAIRS, FILMS, PATIENTS, ["age"])
    assert list(frame) == [
        *("patient_id", "interval", "years", "grade_from", "grade_to", "worsened"),
        *("at_risk", "years_first_last", "worsened_first_last", "age"),
    ]
    assert list(frame["at_risk"]) == [True, False, True, True]
    assert list(frame["years_first_last"]) == [2, 2, 4, 4]
    assert list(frame["age"].fillna(0)) == [40, 50, 0, 0]


def test_the_outcome_is_progression_at_any_interval_and_the_grade_the_first():
    frame = models(covariates=["baseline_grade", "age"]).set_index("patient_id")
    assert frame["progression"].to_dict() == {"P1": True, "P2": False, "P3": True}
    assert frame["baseline_grade"].to_dict() == {"P1": "none", "P2": "severe", "P3": "mild"}
    assert list(frame) == ["progression", "baseline_grade", "age"]


def test_two_levels_are_another_outcome():
    frame = models(outcome="progression_2_levels").set_index("patient_id")
    assert frame["progression_2_levels"].to_dict() == {"P1": True, "P2": False, "P3": False}


def test_those_who_cannot_worsen_leave_where_the_plan_says_so():
    assert list(models(at_risk_only=True)["patient_id"]) == ["P1", "P3"]


def test_a_variable_that_nobody_uses_changes_nothing():
    pd.testing.assert_frame_equal(models(PATIENTS.assign(age2=1)), models())


def test_a_yes_no_variable_is_an_outcome_and_its_missing_leave():
    frame = models(pairs=None, outcome="ulcer", centre="centre")
    assert list(frame) == ["patient_id", "ulcer", "age", "centre"]
    assert dict(zip(frame["patient_id"], frame["ulcer"], strict=True)) == {
        "P1": False,
        "P2": True,
        "P4": True,
    }


def test_severity_has_what_holds_for_the_patient_in_each_row():
    frame = datasets.severity(PAIRS, FILMS)
    assert list(frame["grade_last"]) == ["moderate", "severe", "moderate", "moderate"]
    assert {"years", "films", "years_first_last", "worsened_first_last"}.isdisjoint(frame)


def test_records_are_those_of_patients():
    quality = pd.DataFrame(
        [
            ("rows_in", "patients", "", "", 65),
            ("rows_excluded", "patients", "", "blank_id", 1),
            ("rows_in", "readings", "", "", 900),
            ("rows_used", "patients", "", "", 64),
        ],
        columns=["kind", "table", "variable", "rule", "count"],
    )
    assert datasets.records(quality).to_numpy().tolist() == [
        ["rows_in", "", 65],
        ["rows_excluded", "blank_id", 1],
    ]


def test_the_centre_that_is_also_a_covariate_stands_once():
    frame = models(pairs=None, outcome="ulcer", covariates=["centre"], centre="centre")
    assert list(frame) == ["patient_id", "ulcer", "centre"]


def test_row_order_of_intervals_changes_nothing():
    turned = PAIRS.iloc[::-1].reset_index(drop=True)
    needs = {"covariates": ["baseline_grade", "age"]}
    pd.testing.assert_frame_equal(models(pairs=turned, **needs), models(**needs))


def test_columns_of_an_analysis_stand_once_with_the_patient():
    frame = datasets.select(PATIENTS, ["age", "ulcer", "age"])
    assert list(frame) == ["patient_id", "age", "ulcer"]


def test_lesions_are_counted_by_site_and_so_is_what_is_not_known():
    words = {
        "calcinosis": ["yes", "yes", "no"],
        "thumb_left": ["yes", "no", "no"],
        "thumb_right": ["yes", None, "no"],
        "infection": ["no", "yes", None],
    }
    yes_no = pd.CategoricalDtype(["no", "yes"], ordered=True)
    table = pd.DataFrame(words, index=[5, 6, 7]).astype(yes_no)
    frame = datasets.lesions(
        table.assign(patient_id=["P1", "P2", "P3"]),
        sites={"thumb": ["thumb_left", "thumb_right"]},
        two_sided={"thumb": {"left": "thumb_left", "right": "thumb_right"}},
        columns=["calcinosis", "infection"],
    )
    assert list(frame)[:3] == ["patient_id", "calcinosis", "infection"]
    assert list(frame["site_thumb"]) == [2, 0, 0]
    assert list(frame["site_thumb_unknown"]) == [0, 1, 0]
    assert list(frame["side_left_thumb"]) == [True, False, False]
    assert list(frame["side_right_thumb"]) == [True, pd.NA, False]


def test_outcomes_of_films_are_variables_like_others():
    compared = PATIENTS[PATIENTS["patient_id"] != "P4"]
    frame = datasets.with_outcomes(compared, PAIRS, FILMS)
    assert list(frame["progression"]) == ["yes", "no", "yes"]
    assert list(frame["progression_2_levels"].cat.categories) == ["no", "yes"]
    assert list(frame["at_risk"]) == [True, False, True]


def test_patients_with_one_film_stand_beside_those_analysed():
    steps = ["criterion_not_met/x", "excluded/fewer_than_two_films", "analysed"]
    left_at = pd.Categorical([steps[2], steps[1], steps[0], steps[2]], steps, ordered=True)
    flow = pd.DataFrame({"patient_id": PATIENTS["patient_id"], "left_at": left_at})
    frame = datasets.one_film(PATIENTS, flow, ["age", "progression"])
    assert list(frame["patient_id"]) == ["P1", "P2", "P4"]
    assert list(frame["films"]) == ["compared", "fewer_than_two_films", "compared"]
    assert set(frame) == {"patient_id", "films", "age"}  # films tell the progression
