"""`calcinosis.derive.sctc` and `estimate.sctc`: the score, its bounds, and classes of change."""

import pandas as pd
import pytest
from builders import one, rows_by
from hypothesis import given
from hypothesis import strategies as st

from calcinosis.derive.sctc import CLASSES, change_class, changes, region_scores
from calcinosis.estimate.sctc import sctc_rows

WEIGHTS = {"carpal": 1.0, "metacarpal": 2.0}


def readings(*rows: tuple) -> pd.DataFrame:
    """Rows of patient, day, region, coverage, density."""
    columns = ["patient_id", "film_day", "region", "coverage", "density"]
    return pd.DataFrame(rows, columns=columns).assign(side="right")


def changed(*rows: tuple, comparison: str = "first_last", weights=WEIGHTS) -> dict[str, dict]:
    frame = readings(*rows)
    scores = frame.assign(value=region_scores(frame, weights)).dropna(subset="value")
    found = changes(scores.drop(columns=["coverage", "density"]), weights, comparison)
    return found.set_index("patient_id").to_dict("index")


def test_a_score_is_weight_times_coverage_times_density():
    frame = readings(
        ("P1", 0, "carpal", 10, 2), ("P1", 0, "metacarpal", 5, 3), ("P1", 0, "global", 5, 3)
    )
    assert region_scores(frame, WEIGHTS).to_list()[:2] == [20, 30]
    assert pd.isna(region_scores(frame, WEIGHTS)[2]), "the whole film is no region"


@pytest.mark.parametrize(
    ("coverage", "density", "score"),
    [(0, None, 0), (0, 0, 0), (4, None, None), (None, 2, None), (100, 3, 300)],
)
def test_no_coverage_is_0_and_unknown_density_of_some_is_missing(coverage, density, score):
    found = region_scores(readings(("P1", 0, "carpal", coverage, density)), WEIGHTS)[0]
    assert pd.isna(found) if score is None else found == score


@pytest.mark.parametrize(
    ("start", "end", "name"),
    [
        (40, 50, "stable"),
        (40, 50.01, "progressive"),
        (40, 30, "stable"),
        (40, 29.99, "improved"),
        (40, 0, "improved"),
        (0, 0, "stable"),
        (0, 0.1, "new_onset"),
        (0.3, 0.375, "stable"),
        (4.4, 5.5, "stable"),
        (1.1, 1.375, "stable"),
    ],
)
def test_a_quarter_more_is_still_stable_and_nothing_is_divided_by_0(start, end, name):
    assert list(change_class(pd.Series([start]), pd.Series([end]))) == [name]


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.sampled_from([1.0, 0.1, 0.7, 3.0]))
def test_classes_are_those_of_whole_numbers(start, end, weight):
    """An oracle without fractions: four times the change against the start."""
    if start == 0:
        expected = "new_onset" if end else "stable"
    else:
        fourfold = 4 * (end - start)
        expected = (
            "progressive" if fourfold > start else "improved" if fourfold < -start else "stable"
        )
    assert change_class(pd.Series([start * weight]), pd.Series([end * weight]))[0] == expected


def test_scores_of_films_and_the_class_of_their_change():
    found = changed(
        *(("P1", 0, "carpal", 10, 2), ("P1", 0, "metacarpal", 5, 1)),
        *(("P1", 9, "carpal", 10, 2), ("P1", 9, "metacarpal", 10, 1)),
    )["P1"]
    assert (found["score_first"], found["score_last"]) == (30, 40)
    assert found["paired"] == found["lowest"] == found["highest"] == "progressive"


def test_an_unread_region_leaves_the_pair_and_opens_the_bounds():
    found = changed(
        *(("P1", 0, "carpal", 10, 2), ("P1", 0, "metacarpal", 5, 1), ("P1", 9, "carpal", 10, 2)),
    )["P1"]
    assert found["score_first"] == 30
    assert pd.isna(found["score_last"])
    assert [found[name] for name in ("lowest", "paired", "highest")] == [
        *("improved", "stable", "progressive")
    ], "20 at least, against 30; 20 of 20; 620 at most"


def test_with_consecutive_films_the_first_progressive_one_decides():
    rows = [("P1", day, "carpal", cover, 1) for day, cover in ((0, 10), (5, 20), (9, 10))]
    one_region = {"carpal": 1.0}
    assert changed(*rows, weights=one_region)["P1"]["paired"] == "stable"
    found = changed(*rows, weights=one_region, comparison="consecutive")["P1"]
    assert found["paired"] == "progressive"


def test_one_film_has_a_score_and_no_change():
    found = changed(
        ("P1", 0, "carpal", 10, 1), ("P2", 0, "carpal", 1, 1), ("P2", 9, "carpal", 1, 1)
    )
    assert found["P1"]["score_first"] == 10
    assert pd.isna(found["P1"]["paired"])
    assert found["P2"]["paired"] == "stable"


def test_rows_count_each_class_and_the_worse_ones_together():
    names = ["improved", "stable", "stable", "progressive", "new_onset", None]
    classes = pd.Categorical(names, categories=CLASSES)
    frame = pd.DataFrame(
        {
            "patient_id": range(6),
            "score_first": [10.0, 20, 30, 40, 0, None],
            "score_last": [1.0, 20, 30, 90, 5, 7],
            **dict.fromkeys(("paired", "lowest", "highest"), classes),
        }
    )
    rows = sctc_rows(frame, "first_last")
    worse = one(rows, model="first_last", outcome="progression_sctc", term="")
    assert (worse.events, worse.n) == (2, 5)
    by_class = rows_by(rows, model="first_last", term="class_of_change")
    assert [(row.level, row.events) for row in by_class] == [
        *(("improved", 1), ("stable", 2), ("progressive", 1), ("new_onset", 1))
    ]
    first = one(rows, term="sctc_score", level="first_film", statistic="median")
    assert (first.estimate, first.n) == (20, 5)
    assert len({row.result_id for row in rows}) == len(rows)
