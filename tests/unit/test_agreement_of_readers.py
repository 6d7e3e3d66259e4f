"""`calcinosis.estimate.agreement_of_readers`: rows from double readings."""

import numpy as np
import pandas as pd
import pytest
from builders import GRADES, one, rows_by

from calcinosis.estimate.agreement_of_readers import OF_FILMS, OF_REGIONS, agreement_rows
from calcinosis.estimate.proportions import proportion
from calcinosis.estimate.reader_statistics import agreement_table, bland_altman, icc, kappa

TABLE = np.array([[12, 3, 0, 0], [2, 14, 4, 0], [0, 3, 9, 2], [0, 0, 1, 3]])
CODES = np.repeat(np.argwhere(TABLE >= 0), TABLE.ravel(), axis=0)


def pairs(codes=CODES, regions=("carpal",), second="r2", scale="grade", films=1) -> pd.DataFrame:
    """One film of each patient, the same codes in each region."""
    frames = [
        pd.DataFrame(
            {
                "scale": scale,
                "patient_id": [f"P{i // films}" for i in range(len(codes))],
                "film_day": [float(i % films) for i in range(len(codes))],
                "side": "right",
                "region": region,
                "first": "r1",
                "second": second,
                "value_first": codes[:, 0].astype(float),
                "value_second": codes[:, 1].astype(float),
            }
        )
        for region in regions
    ]
    return pd.concat(frames, ignore_index=True)


def test_one_film_a_patient_has_the_textbook_numbers():
    rows = agreement_rows(pairs(), GRADES)
    row = one(rows, statistic="kappa_linear", unit=OF_FILMS)
    expected = kappa(TABLE.astype(float), "linear")
    assert (row.estimate, row.conf_low, row.conf_high) == (
        expected.estimate,
        expected.low,
        expected.high,
    )
    assert (row.method, row.n, row.model) == ("asymptotic", 53, "inter_reader")
    assert (row.group, row.reference) == ("r1", "r2")
    assert rows_by(rows, unit=OF_REGIONS) == [], "one region is the film"


def test_the_second_reading_of_the_same_film_is_counted_directly():
    rows = agreement_rows(pairs(), GRADES)
    worse = one(rows, outcome="false_worsening")
    expected = proportion("agreement", 9, 53)
    assert (worse.events, worse.n, worse.method) == (9, 53, "wilson")
    assert (worse.conf_low, worse.conf_high) == (expected.conf_low, expected.conf_high)
    assert one(rows, outcome="false_worsening_2_levels").events == 0
    assert one(rows, outcome="false_improvement").events == 6
    assert one(rows, outcome="same_grade").events == 38


def test_grades_are_cut_above_the_lowest_and_below_the_worst():
    rows = agreement_rows(pairs(), GRADES)
    for level, cut in (("above_none", 0), ("above_moderate", 2)):
        table = agreement_table(CODES[:, 0] > cut, CODES[:, 1] > cut, 2)
        expected = kappa(table, "unweighted").estimate
        assert one(rows, statistic="kappa", level=level).estimate == pytest.approx(expected)
    two = agreement_rows(pairs(np.minimum(CODES, 1)), ["no", "yes"])
    assert {row.level for row in two} == {""}, "two grades are cut already"


def test_several_regions_are_clusters_and_a_film_is_its_maximum():
    frame = pairs(regions=("carpal", "metacarpal"))
    frame.loc[frame["region"] == "metacarpal", ["value_first", "value_second"]] = 0.0
    rows = agreement_rows(frame, GRADES)
    films = one(rows, statistic="kappa_linear", unit=OF_FILMS)
    assert films.estimate == one(agreement_rows(pairs(), GRADES), statistic="kappa_linear").estimate
    regions = one(rows, statistic="kappa_linear", unit=OF_REGIONS)
    assert (films.method, films.n) == ("asymptotic", 53)
    assert (regions.method, regions.n, regions.df) == ("jackknife", 106, 52)
    assert one(rows, statistic="count").estimate == 53


def test_copied_regions_do_not_make_the_interval_narrower():
    """The same codes in four regions: what a naive interval would halve."""
    alone = one(agreement_rows(pairs(), GRADES), statistic="kappa_linear")
    rows = agreement_rows(pairs(regions=("a", "b", "c", "d")), GRADES)
    four = one(rows, statistic="kappa_linear", unit=OF_REGIONS)
    assert four.estimate == pytest.approx(alone.estimate)
    width = (four.conf_high - four.conf_low) / (alone.conf_high - alone.conf_low)
    assert 0.9 < width < 1.2


def test_two_films_of_a_patient_are_a_cluster():
    rows = agreement_rows(pairs(films=2), GRADES)
    assert one(rows, statistic="kappa", level="").method == "jackknife"
    assert one(rows, outcome="same_grade").method == "wilson_effective_n"


def test_a_reader_with_himself_is_intra_reader():
    rows = agreement_rows(pd.concat([pairs(), pairs(second="r1")]), GRADES)
    assert {row.model for row in rows_by(rows, reference="r1")} == {"intra_reader"}
    assert {row.model for row in rows_by(rows, reference="r2")} == {"inter_reader"}
    assert len({row.result_id for row in rows}) == len(rows)


def test_regions_affected_and_the_sctc_score_have_icc_and_limits_of_agreement():
    both = pairs(regions=("carpal", "metacarpal"))
    scores = pairs(CODES * 10, regions=("carpal", "metacarpal"), scale="sctc")
    rows = agreement_rows(pd.concat([both, scores]), GRADES)
    first, second = 2.0 * (CODES > 0).T
    affected = one(rows, term="regions_affected", statistic="icc")
    assert affected.estimate == pytest.approx(icc(first, second).estimate)
    first, second = 20.0 * CODES.T
    difference = one(rows, term="sctc_score", statistic="limit_high")
    expected = bland_altman(first, second)["limit_high"]
    assert (difference.estimate, difference.conf_low) == (expected.estimate, expected.low)
    assert difference.method == "bland_altman"


def test_the_grade_of_the_whole_film_is_a_scale_of_its_own():
    rows = agreement_rows(pairs(regions=("carpal", "global")), GRADES)
    assert one(rows, term="global_grade", statistic="kappa_linear").n == 53
    assert one(rows, term="grade", statistic="kappa_linear").n == 53
    assert rows_by(rows, term="regions_affected") == []


def test_one_grade_for_all_is_not_estimable_and_full_agreement_has_no_interval():
    constant = agreement_rows(pairs(np.zeros((5, 2), int)), GRADES)
    assert one(constant, statistic="kappa_linear").status == "not_estimable"
    row = one(agreement_rows(pairs(CODES[:, [0, 0]]), GRADES), statistic="kappa_linear")
    assert (row.estimate, row.conf_low, row.status) == (1, None, "warning")


def test_where_nothing_was_read_twice_the_row_says_so():
    (row,) = agreement_rows(pairs().iloc[:0], GRADES)
    assert row.status == "not_estimable"
    assert "read twice" in row.note


def test_row_order_changes_nothing():
    frame = pairs(regions=("carpal", "metacarpal"), films=2)
    turned = frame.sample(frac=1, random_state=3)
    for before, after in zip(
        agreement_rows(frame, GRADES), agreement_rows(turned, GRADES), strict=True
    ):
        assert before.result_id == after.result_id
        assert before.estimate == pytest.approx(after.estimate, rel=1e-12)
