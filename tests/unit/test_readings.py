"""`calcinosis.derive.readings`: which reading counts, and pairs of readings of one film."""

import pandas as pd
from builders import grades

from calcinosis.derive.readings import (
    combine_readers,
    double_readings,
    grade_codes,
    tidy,
)


def readings(*rows: tuple) -> pd.DataFrame:
    """Rows of patient, day, reader, occasion, region, grade."""
    columns = ["patient_id", "film_day", "reader", "occasion", "region", "grade"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(side="right", grade=grades(*frame["grade"]))


def pairs(*rows: tuple) -> list[tuple]:
    frame = tidy(readings(*rows))
    found = double_readings(frame, {"grade": grade_codes(frame)})
    columns = ["patient_id", "region", "first", "second", "value_first", "value_second"]
    return list(found[columns].itertuples(index=False, name=None))


def test_two_readers_of_a_region_are_a_pair_in_the_order_of_their_names():
    rows = [("P1", 0, "r2", 1, "carpal", "severe"), ("P1", 0, "r1", 1, "carpal", "mild")]
    assert pairs(*rows) == [("P1", "carpal", "r1", "r2", 1, 3)]


def test_three_readers_are_three_pairs():
    rows = [("P1", 0, name, 1, "carpal", "mild") for name in ("r1", "r2", "r3")]
    assert [row[2:4] for row in pairs(*rows)] == [("r1", "r2"), ("r1", "r3"), ("r2", "r3")]


def test_films_regions_and_patients_are_not_mixed():
    rows = [
        ("P1", 0, "r1", 1, "carpal", "mild"),
        ("P1", 9, "r2", 1, "carpal", "mild"),
        ("P1", 0, "r2", 1, "metacarpal", "mild"),
        ("P2", 0, "r2", 1, "carpal", "mild"),
    ]
    assert pairs(*rows) == []


def test_a_region_that_one_reader_could_not_read_is_no_pair():
    rows = [("P1", 0, "r1", 1, "carpal", "mild"), ("P1", 0, "r2", 1, "carpal", None)]
    assert pairs(*rows) == []


def test_a_reader_who_reads_again_is_a_pair_with_himself_and_his_first_reading_meets_the_others():
    rows = [
        ("P1", 0, "r1", 2, "carpal", "severe"),
        ("P1", 0, "r1", 1, "carpal", "mild"),
        ("P1", 0, "r2", 1, "carpal", "none"),
    ]
    assert pairs(*rows) == [
        ("P1", "carpal", "r1", "r1", 1, 3),
        ("P1", "carpal", "r1", "r2", 1, 0),
    ]


def test_the_first_reading_that_has_a_grade_counts_for_the_analysis():
    rows = [
        ("P1", 0, "r1", 3, "carpal", "severe"),
        ("P1", 0, "r1", 1, "carpal", None),
        ("P1", 0, "r1", 2, "carpal", "mild"),
    ]
    assert list(combine_readers(readings(*rows), "highest")["grade"]) == [1]


def test_a_grade_of_the_whole_film_needs_no_side():
    frame = readings(("P1", 0, "r1", 1, "carpal", "mild"), ("P1", 0, "r1", 1, "global", "moderate"))
    frame["side"] = pd.Categorical(["right", None], categories=["right", "left"])
    found = combine_readers(frame, "highest")
    assert dict(zip(found["region"], found["grade"], strict=True)) == {"carpal": 1, "global": 2}


def test_readings_without_readers_or_occasions_have_no_pairs():
    frame = readings(("P1", 0, "r1", 1, "carpal", "mild")).drop(columns=["reader", "occasion"])
    frame = tidy(frame)
    assert double_readings(frame, {"grade": grade_codes(frame)}).empty
