"""Who is in the analysis, and where the others left."""

import pandas as pd
import pytest

from calcinosis.derive.eligibility import excluded, participant_flow

EARLY = {"name": "early", "variable": "duration", "below": 4, "missing": "exclude"}
ADULT = {"name": "adult", "variable": "age", "at_least": 18, "missing": "include"}


def patients(**columns) -> pd.DataFrame:
    n = len(next(iter(columns.values())))
    return pd.DataFrame({"patient_id": [f"P{i}" for i in range(n)], **columns})


def left(table: pd.DataFrame, *criteria, **kwargs) -> list[str]:
    return list(participant_flow(table, criteria, **kwargs)["left_at"])


def test_everybody_is_analysed_without_criteria():
    assert left(patients(age=[1, 2])) == ["analysed"] * 2


def test_bounds_are_at_least_and_below():
    table = patients(duration=[3.9, 4.0, float("nan")])
    assert left(table, EARLY) == [
        *("analysed", "criterion_not_met/early", "criterion_unknown/early")
    ]
    assert left(patients(age=[18, 17]), ADULT) == ["analysed", "criterion_not_met/adult"]


def test_a_missing_value_stays_where_the_plan_says_so():
    assert left(patients(age=[float("nan")]), ADULT) == ["analysed"]


def test_levels_that_are_in():
    table = patients(sex=pd.Categorical(["male", "female", None], ["male", "female"]))
    criterion = {"name": "women", "variable": "sex", "one_of": ["female"], "missing": "include"}
    assert left(table, criterion) == ["criterion_not_met/women", "analysed", "analysed"]


def test_the_first_reason_in_order_counts_once():
    table = patients(duration=[5.0], age=[10])
    assert left(table, EARLY, ADULT) == ["criterion_not_met/early"]
    assert left(table, ADULT, EARLY) == ["criterion_not_met/adult"]


def films_of(counts: dict[str, int], compared: dict[str, bool]):
    films = pd.DataFrame({"patient_id": list(counts), "films": list(counts.values())})
    intervals = pd.DataFrame({"patient_id": list(compared), "improved": list(compared.values())})
    return {"films": films, "intervals": intervals}


def test_those_whose_films_cannot_be_compared_leave_after_the_criteria():
    table = patients(duration=[1.0, 1, 1, 1, 9])
    films = films_of({"P0": 2, "P1": 1, "P3": 2, "P4": 1}, {"P0": False})
    assert left(table, EARLY, **films) == [
        "analysed",
        "excluded/fewer_than_two_films",
        "excluded/fewer_than_two_films",  # no film at all
        "excluded/no_region_read_twice",
        "criterion_not_met/early",
    ]


@pytest.mark.parametrize(("exclude", "step"), [(True, "excluded/improved"), (False, "analysed")])
def test_those_who_improved_leave_where_the_plan_says_so(exclude, step):
    films = films_of({"P0": 2, "P1": 2}, {"P0": True, "P1": False})
    found = left(patients(age=[1, 2]), **films, exclude_improved=exclude)
    assert found == [step, "analysed"]


def test_steps_that_nobody_left_are_there_in_order():
    flow = participant_flow(patients(age=[20], duration=[1.0]), [EARLY, ADULT])
    assert list(flow["left_at"].cat.categories) == [
        *("criterion_unknown/early", "criterion_not_met/early", "criterion_not_met/adult"),
        "analysed",
    ]


def test_every_patient_has_one_line():
    table = patients(duration=[1.0, 9, float("nan")])
    assert list(participant_flow(table, [EARLY])["patient_id"]) == list(table["patient_id"])


@pytest.mark.parametrize(
    ("bounds", "inside"),
    [
        ({"at_least": 18}, [18.0, 60.0, 99.0]),
        ({"below": 60}, [17.9, 18.0]),
        ({"at_least": 18, "below": 60}, [18.0]),
        ({"at_least": 0}, [17.9, 18.0, 60.0, 99.0]),
        ({"below": 0}, []),
    ],
)
def test_each_bound_alone_and_together(bounds, inside):
    ages = [17.9, 18.0, 60.0, 99.0]
    criterion = {"name": "adult", "variable": "age", "missing": "include"} | bounds
    found = left(patients(age=ages), criterion)
    assert [a for a, step in zip(ages, found, strict=True) if step == "analysed"] == inside


def test_whole_numbers_with_missing_values_are_compared():
    table = patients(age=pd.array([17, 18, None], dtype="Int64"))
    assert left(table, ADULT) == ["criterion_not_met/adult", "analysed", "analysed"]
    assert left(table, ADULT | {"missing": "exclude"}) == [
        *("criterion_not_met/adult", "analysed", "criterion_unknown/adult")
    ]


def test_levels_and_missing_may_both_exclude():
    table = patients(sex=pd.Categorical(["male", "female", None], ["male", "female"]))
    criterion = {"name": "women", "variable": "sex", "one_of": ["female"], "missing": "exclude"}
    assert left(table, criterion) == [
        *("criterion_not_met/women", "analysed", "criterion_unknown/women")
    ]


def test_the_steps_of_films_are_there_with_zero_and_in_order():
    films = films_of({"P0": 2}, {"P0": False})
    flow = participant_flow(patients(duration=[1.0]), [EARLY], **films, exclude_improved=True)
    assert list(flow["left_at"].value_counts(sort=False).items()) == [
        ("criterion_unknown/early", 0),
        ("criterion_not_met/early", 0),
        ("excluded/fewer_than_two_films", 0),
        ("excluded/no_region_read_twice", 0),
        ("excluded/improved", 0),
        ("analysed", 1),
    ]


def test_row_order_changes_nobodys_step():
    table = patients(duration=[1.0, 9, float("nan"), 3], age=[10.0, 20, 30, float("nan")])
    flow = participant_flow(table, [EARLY, ADULT]).set_index("patient_id")["left_at"]
    turned = participant_flow(table.iloc[::-1], [EARLY, ADULT]).set_index("patient_id")["left_at"]
    assert turned.to_dict() == flow.to_dict()


def test_a_missing_value_that_is_kept_is_told_of_those_who_came_so_far():
    table = patients(duration=[float("nan"), 1.0, float("nan")], age=[float("nan"), 30.0, 10])
    keeps_age = ADULT | {"missing": "include"}
    flow = participant_flow(table, [keeps_age, EARLY | {"missing": "include"}])
    assert list(flow["unknown_kept/adult"]) == [True, False, False]
    assert list(flow["unknown_kept/early"]) == [True, False, False]  # the third left before
    assert list(flow["left_at"]) == ["analysed", "analysed", "criterion_not_met/adult"]
    assert "unknown_kept/early" not in participant_flow(table, [EARLY])


def test_those_who_left_are_listed_in_the_order_of_the_steps():
    table = patients(duration=[9, 1.0, float("nan"), 8])
    found = excluded(participant_flow(table, [EARLY]))
    assert list(found.itertuples(index=False, name=None)) == [
        ("P2", "criterion_unknown", "early"),
        ("P0", "criterion_not_met", "early"),
        ("P3", "criterion_not_met", "early"),
    ]
    assert excluded(participant_flow(patients(duration=[1.0]), [EARLY])).empty
