"""`calcinosis.derive.progression`: worsening by each definition, for the same patients."""

import pandas as pd
import pytest
from builders import GRADES

from calcinosis.derive.progression import against_first, by_definition, compare

HOW = {"comparison": "first_last", "unread_regions": "paired"}


def films(*rows: tuple) -> pd.DataFrame:
    """Rows of patient, day, region, grade (0 to 3)."""
    frame = pd.DataFrame(rows, columns=["patient_id", "film_day", "region", "grade"])
    return frame.assign(side="right")


def by(*rows: tuple, **how) -> dict[str, dict]:
    found = by_definition(films(*rows), GRADES, **(HOW | how))
    return found.set_index("patient_id").to_dict("index")


def test_a_region_may_worsen_without_the_maximum_and_the_count_without_either():
    found = by(
        *(("below", 0, "carpal", 3), ("below", 0, "metacarpal", 1)),
        *(("below", 9, "carpal", 3), ("below", 9, "metacarpal", 2)),
        *(("new", 0, "carpal", 3), ("new", 0, "metacarpal", 0)),
        *(("new", 9, "carpal", 3), ("new", 9, "metacarpal", 1)),
        *(("swap", 0, "carpal", 1), ("swap", 0, "metacarpal", 0)),
        *(("swap", 9, "carpal", 0), ("swap", 9, "metacarpal", 1)),
    )
    columns = ("patient_maximum", "any_region", "regions_affected")
    assert {name: tuple(row[c] for c in columns) for name, row in found.items()} == {
        "below": (False, True, False),
        "new": (False, True, True),
        "swap": (False, True, False),
    }


def test_films_without_regions_have_no_definition_by_regions():
    found = by(("P1", 0, "only", 1), ("P1", 9, "only", 2))
    assert found["P1"]["patient_maximum"]
    assert not {"any_region", "regions_affected"} & found["P1"].keys()


def test_the_grade_of_the_whole_film_is_no_region():
    rows = (("P1", 0, "carpal", 1), ("P1", 0, "global", 1))
    rows += (("P1", 9, "carpal", 1), ("P1", 9, "global", 3))
    found = by(*rows)["P1"]
    assert found == {
        "patient_maximum": False,
        "any_region": False,
        "global_grade": True,
        "regions_affected": False,
    }


def test_who_has_no_grade_of_the_whole_film_is_missing_there():
    rows = [("P1", day, "carpal", 1) for day in (0, 9)]
    rows += [("P2", day, region, 1) for day in (0, 9) for region in ("carpal", "global")]
    found = by_definition(films(*rows), GRADES, **HOW).set_index("patient_id")
    assert list(found["global_grade"].isna()) == [True, False]
    assert not found["any_region"].isna().any()


@pytest.mark.parametrize("worsening", ["patient_maximum", "global_grade"])
def test_the_plan_decides_whose_grades_the_intervals_have(worsening):
    rows = (("P1", 0, "carpal", 0), ("P1", 0, "global", 1))
    rows += (("P1", 9, "carpal", 1), ("P1", 9, "global", 1))
    found = compare(films(*rows), GRADES, **HOW, worsening=worsening)
    assert list(found.intervals["worsened"]) == [worsening == "patient_maximum"]
    assert list(found.regions["region"]) == ["carpal"]
    assert list(found.regions["worsened"]) == [True]
    assert list(found.first_last_regions["region"]) == ["carpal"]


@pytest.mark.parametrize("worsening", ["patient_maximum", "global_grade"])
def test_the_grade_of_the_whole_film_is_no_level_of_regions(worsening):
    rows = films(("P1", 0, "carpal", 0), ("P1", 0, "global", 1), ("P1", 9, "carpal", 1))
    region = pd.CategoricalDtype(["carpal", "metacarpal", "global"])
    found = compare(rows.astype({"region": region}), GRADES, **HOW, worsening=worsening)
    assert list(found.regions["region"].cat.categories) == ["carpal", "metacarpal"]


def test_with_consecutive_films_more_regions_on_any_later_film_count():
    rows = (("P1", 0, "carpal", 0), ("P1", 9, "carpal", 1), ("P1", 20, "carpal", 0))
    assert not by(*rows)["P1"]["regions_affected"]
    assert by(*rows, comparison="consecutive")["P1"]["regions_affected"]


def test_later_films_stand_beside_the_first_by_the_regions_read_on_both():
    rows = films(
        *(("P1", 0, "carpal", 1), ("P1", 9, "carpal", 2), ("P1", 9, "metacarpal", 2)),
        *(("P1", 20, "carpal", 3), ("P2", 5, "carpal", 1)),
    )
    values = rows.rename(columns={"grade": "value"})
    every = against_first(values, "consecutive").sort_values("film_day")
    columns = ["film_day", "region", "value_from", "value_to"]
    assert every[columns].to_numpy().tolist() == [[9, "carpal", 1, 2], [20, "carpal", 1, 3]]
    assert list(against_first(values, "first_last")["film_day"]) == [20]
