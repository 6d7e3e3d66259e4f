"""`calcinosis.derive.severity`: grades of films, and worsening between them."""

import pandas as pd
import pytest
from builders import GRADES, grades
from hypothesis import given, settings
from hypothesis import strategies as st

from calcinosis.derive.readings import combine_readers
from calcinosis.derive.severity import DAYS_PER_YEAR, compare_films
from calcinosis.errors import InputError

DEFAULTS = {
    "comparison": "first_last",
    "unread_regions": "paired",
    "worsening": "patient_maximum",
}


def readings(*rows: tuple) -> pd.DataFrame:
    """Rows of patient, day, reader, region, grade."""
    frame = pd.DataFrame(rows, columns=["patient_id", "film_day", "reader", "region", "grade"])
    return frame.assign(side="right", grade=grades(*frame["grade"]))


def combined(*rows: tuple, how: str = "highest", primary: str | None = None) -> list:
    return list(combine_readers(readings(*rows), how, primary)["grade"])


def films(*rows: tuple, **settings):
    """Rows of day, region, grade (0 to 3) of one patient."""
    frame = pd.DataFrame(rows, columns=["film_day", "region", "grade"])
    frame = frame.assign(patient_id="P1", side="right")
    return compare_films(frame, GRADES, **(DEFAULTS | settings))


def change(comparison) -> list[tuple]:
    frame = comparison.intervals
    columns = ["interval", "grade_from", "grade_to", "worsened", "improved"]
    return list(frame[columns].itertuples(index=False, name=None))


def of_patient(comparison) -> dict:
    (found,) = comparison.films.to_dict("records")
    return found


class TestReaders:
    TWO = (("P1", 0, "r1", "carpal", "mild"), ("P1", 0, "r2", "carpal", "severe"))

    @pytest.mark.parametrize(
        ("how", "primary", "grade"),
        [("highest", None, 3), ("lowest", None, 1), ("primary", "r1", 1), ("primary", "r2", 3)],
    )
    def test_where_readers_differ_the_plan_decides(self, how, primary, grade):
        assert combined(*self.TWO, how=how, primary=primary) == [grade]

    def test_what_the_primary_reader_did_not_read_takes_the_others(self):
        other = ("P1", 0, "r2", "metacarpal", "moderate")
        assert sorted(combined(*self.TWO, other, how="primary", primary="r1")) == [1, 2]

    def test_a_primary_reading_without_grade_is_no_reading(self):
        unread = ("P1", 0, "r1", "carpal", None)
        other = ("P1", 0, "r1", "metacarpal", "none")
        assert combined(unread, self.TWO[1], other, how="primary", primary="r1") == [3, 0]

    def test_a_primary_reader_whom_nobody_knows_stops(self):
        with pytest.raises(InputError, match="r9"):
            combined(*self.TWO, how="primary", primary="r9")

    def test_where_only_others_read_a_region_their_highest_grade_counts(self):
        others = [("P1", 0, r, "metacarpal", g) for r, g in (("r2", "mild"), ("r3", "severe"))]
        found = combined(("P1", 0, "r1", "carpal", "none"), *others, how="primary", primary="r1")
        assert found == [0, 3]

    def test_unread_is_not_grade_none(self):
        assert combined(("P1", 0, "r1", "carpal", None)) == []

    def test_an_unread_region_does_not_lower_the_lowest_grade(self):
        unread = ("P1", 0, "r3", "carpal", None)
        assert combined(*self.TWO, unread, how="lowest") == [1]

    def test_sides_of_a_region_are_two_regions(self):
        frame = readings(*self.TWO).assign(side=["left", "right"])
        assert list(combine_readers(frame, "highest")["grade"]) == [1, 3]

    def test_films_are_told_apart_by_date(self):
        frame = readings(self.TWO[0], ("P1", 1, "r1", "carpal", "none")).drop(columns="film_day")
        frame["film_date"] = pd.to_datetime(["2012-01-01", "2015-01-01"])
        result = combine_readers(frame, "highest")
        assert list(result["grade"]) == [1, 0]
        assert result["film_day"].diff().iloc[1] == 1096

    def test_an_export_without_readers_sides_and_regions_is_read(self):
        frame = readings(self.TWO[0]).drop(columns=["reader", "side", "region"])
        assert list(combine_readers(frame, "highest")["grade"]) == [1]


class TestComparison:
    def test_first_against_last(self):
        result = films((0, "carpal", 0), (500, "carpal", 3), (1000, "carpal", 1))
        assert change(result) == [(1, "none", "mild", True, False)]
        assert result.intervals["years"].iloc[0] == 1000 / 365.25

    def test_consecutive_rows_stop_after_the_first_worsening(self):
        result = films(
            *((0, "carpal", 1), (100, "carpal", 1), (300, "carpal", 2), (600, "carpal", 3)),
            comparison="consecutive",
        )
        assert change(result) == [
            (1, "mild", "mild", False, False),
            (2, "mild", "moderate", True, False),
        ]
        assert list(result.intervals["years"]) == [100 / DAYS_PER_YEAR, 200 / DAYS_PER_YEAR]

    def test_consecutive_rows_go_on_after_an_improvement(self):
        result = films(
            *((0, "carpal", 2), (100, "carpal", 1), (200, "carpal", 2)), comparison="consecutive"
        )
        assert [row[3:] for row in change(result)] == [(False, True), (True, False)]

    @pytest.mark.parametrize(
        ("start", "end", "worsened", "two", "improved"),
        [
            (0, 0, False, False, False),
            (0, 1, True, False, False),
            (0, 2, True, True, False),
            (2, 1, False, False, True),
            (3, 3, False, False, False),
        ],
    )
    def test_what_counts_as_worse(self, start, end, worsened, two, improved):
        found = films((0, "carpal", start), (1, "carpal", end))
        (row,) = change(found)
        assert row[3:] == (worsened, improved)
        assert of_patient(found)["worsened_2_levels"] == two

    @pytest.mark.parametrize(
        ("worsening", "worsened"), [("patient_maximum", False), ("any_region", True)]
    )
    def test_a_region_may_worsen_below_the_maximum(self, worsening, worsened):
        result = films(
            *((0, "carpal", 3), (0, "metacarpal", 0), (9, "carpal", 3), (9, "metacarpal", 1)),
            worsening=worsening,
        )
        assert list(result.intervals["worsened"]) == [worsened]
        assert result.regions.set_index("region")["worsened"].to_dict() == {
            "carpal": False,
            "metacarpal": True,
        }

    @pytest.mark.parametrize(("unread", "worsened"), [("paired", False), ("ignored", True)])
    def test_a_region_read_once_counts_only_where_unread_is_ignored(self, unread, worsened):
        result = films(
            *((0, "carpal", 1), (9, "carpal", 1), (9, "metacarpal", 3)), unread_regions=unread
        )
        assert list(result.intervals["worsened"]) == [worsened]
        assert list(result.regions["region"]) == ["carpal"]

    @pytest.mark.parametrize("unread", ["paired", "ignored"])
    def test_a_region_read_at_the_first_film_only_counts_where_unread_is_ignored(self, unread):
        result = films(
            *((0, "carpal", 1), (0, "metacarpal", 3), (9, "carpal", 1)), unread_regions=unread
        )
        assert list(result.intervals["improved"]) == [unread == "ignored"]
        assert list(result.films["grade_first"]) == ["severe" if unread == "ignored" else "mild"]
        assert list(result.films["grade_last"]) == ["mild"]

    @pytest.mark.parametrize("comparison", ["first_last", "consecutive"])
    def test_grades_of_the_first_and_last_film_do_not_stop_with_the_intervals(self, comparison):
        rows = ((0, "carpal", 0), (9, "carpal", 1), (20, "carpal", 3))
        found = of_patient(films(*rows, comparison=comparison))
        assert (found["films"], found["grade_first"], found["grade_last"]) == (3, "none", "severe")

    def test_regions_of_consecutive_films_stop_with_their_interval(self):
        rows = ((0, "carpal", 0), (9, "carpal", 1), (20, "carpal", 3))
        result = films(*rows, comparison="consecutive")
        assert list(result.regions["interval"]) == [1]

    @pytest.mark.parametrize("comparison", ["first_last", "consecutive"])
    def test_regions_of_the_first_and_last_film_do_not_stop_with_the_intervals(self, comparison):
        rows = ((0, "carpal", 0), (0, "metacarpal", 2), (9, "carpal", 1), (20, "carpal", 3))
        ends = films(*rows, (20, "metacarpal", 1), comparison=comparison).first_last_regions
        columns = ["region", "grade_from", "grade_to", "worsened"]
        assert list(ends[columns].itertuples(index=False, name=None)) == [
            ("carpal", "none", "severe", True),
            ("metacarpal", "moderate", "mild", False),
        ]

    def test_any_region_two_levels_up_counts_below_the_maximum(self):
        rows = ((0, "carpal", 3), (0, "metacarpal", 0), (9, "carpal", 1), (9, "metacarpal", 2))
        found = films(*rows, worsening="any_region")
        assert change(found) == [(1, "severe", "moderate", True, True)]
        assert of_patient(found)["worsened_2_levels"]

    def test_two_levels_are_counted_from_the_first_grades_over_all_films(self):
        rows = ((0, "carpal", 0), (9, "carpal", 1), (20, "carpal", 2))
        found = films(*rows, comparison="consecutive")
        assert change(found) == [(1, "none", "mild", True, False)]
        assert of_patient(found)["worsened_2_levels"]
        assert not of_patient(films(*rows[:2], comparison="consecutive"))["worsened_2_levels"]

    def test_a_film_with_few_regions_hides_no_worsening_of_the_others(self):
        rows = ((0, "carpal", 0), (0, "metacarpal", 0), (100, "carpal", 0), (300, "metacarpal", 2))
        found = films(*rows, comparison="consecutive")
        assert change(found) == [
            (1, "none", "none", False, False),
            (2, "none", "moderate", True, False),
        ]

    def test_a_film_that_cannot_be_compared_is_counted_and_its_time_is_kept(self):
        rows = ((0, "carpal", 0), (100, "metacarpal", 0), (300, "carpal", 1))
        found = films(*rows, comparison="consecutive")
        assert change(found) == [(1, "none", "mild", True, False)]
        assert list(found.intervals["years"]) == [300 / DAYS_PER_YEAR]
        assert of_patient(found)["not_compared"] == 1

    def test_an_unread_region_keeps_its_grade_in_the_maximum(self):
        """The maximum is moderate on all films; the second film alone would make a worsening."""
        rows = (
            *((0, "carpal", 2), (0, "metacarpal", 0)),
            *((9, "metacarpal", 2), (20, "carpal", 2), (20, "metacarpal", 2)),
        )
        found = films(*rows, comparison="consecutive")
        assert [row[1:4] for row in change(found)] == [("moderate", "moderate", False)] * 2
        assert not of_patient(found)["worsened_2_levels"]

    def test_a_worst_region_that_the_next_film_lacks_leaves_no_room(self):
        rows = ((0, "carpal", 3), (0, "metacarpal", 0), (9, "metacarpal", 0), (20, "carpal", 3))
        found = films(*rows, comparison="consecutive")
        assert not of_patient(found)["at_risk"]
        assert change(found)[0][1] == of_patient(found)["grade_first"] == "severe"

    def test_where_any_region_counts_another_worst_region_leaves_room_to_worsen(self):
        rows = ((0, "carpal", 3), (0, "metacarpal", 0), (9, "carpal", 3), (9, "metacarpal", 0))
        assert of_patient(films(*rows, worsening="any_region"))["at_risk"]
        assert not of_patient(films(*rows))["at_risk"]

    def test_films_without_a_common_region_are_not_compared(self):
        result = films((0, "carpal", 1), (9, "metacarpal", 3))
        assert len(result.intervals) == 0
        assert list(result.films["films"]) == [2]
        assert result.films["grade_first"].isna().all()

    def test_where_any_region_counts_films_without_a_common_one_are_not_compared(self):
        """Nobody knows whether a region worsened; that is not 'not worsened'."""
        result = films(
            *((0, "carpal", 1), (9, "metacarpal", 1)),
            unread_regions="ignored",
            worsening="any_region",
        )
        assert len(result.intervals) == 0

    def test_one_film_is_counted_and_not_compared(self):
        result = films((0, "carpal", 1))
        assert len(result.intervals) == len(result.regions) == 0
        assert list(result.films["films"]) == [1]

    def test_grades_are_ordered_categories_with_all_levels(self):
        result = films((0, "carpal", 0), (9, "carpal", 1))
        for frame in (result.intervals, result.regions):
            assert list(frame["grade_from"].cat.categories) == GRADES
            assert frame["grade_to"].cat.ordered
        assert list(result.films["grade_last"]) == ["mild"]

    def test_patients_are_not_mixed(self):
        rows = pd.DataFrame(
            {
                "patient_id": ["P1", "P2", "P1", "P2"],
                "film_day": [0, 1, 10, 11],
                "side": "right",
                "region": "carpal",
                "grade": [0, 3, 1, 3],
            }
        )
        result = compare_films(rows, GRADES, **DEFAULTS).intervals
        assert result.set_index("patient_id")["worsened"].to_dict() == {"P1": True, "P2": False}


film_rows = st.lists(
    st.tuples(
        st.sampled_from(["P1", "P2"]),
        st.integers(0, 3),
        st.sampled_from(["carpal", "metacarpal"]),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=16,
    unique_by=lambda row: row[:3],
)


@settings(max_examples=30)
@given(film_rows, st.randoms(), st.sampled_from(["first_last", "consecutive"]))
def test_row_order_changes_nothing(rows, random, comparison):
    columns = ["patient_id", "film_day", "region", "grade"]
    shuffled = rows.copy()
    random.shuffle(shuffled)
    first, second = (
        compare_films(
            pd.DataFrame(r, columns=columns).assign(side="right"),
            GRADES,
            **(DEFAULTS | {"comparison": comparison}),
        )
        for r in (rows, shuffled)
    )
    pd.testing.assert_frame_equal(first.intervals, second.intervals)
    pd.testing.assert_frame_equal(first.films, second.films)


def by_hand(rows: list[tuple], comparison: str, unread: str, worsening: str) -> tuple[list, list]:
    """Intervals and patients by loops over films: a slow second writing of the rules."""
    intervals, patients = [], []
    for patient in sorted({row[0] for row in rows}):
        own = [row for row in rows if row[0] == patient]
        film = {d: {r[2]: r[3] for r in own if r[1] == d} for d in sorted({r[1] for r in own})}

        def walk(days, carry, film=film):
            """Each film that can be compared: days, grades from, to and at first, rises, room."""
            last, first, found, at = dict(film[days[0]]), dict(film[days[0]]), [], days[0]
            for day in days[1:]:
                common = film[day].keys() & last.keys()
                if common or (unread == "ignored" and worsening == "patient_maximum"):
                    now = last | {r: film[day][r] for r in common}
                    if unread == "paired":
                        used = last if carry else common
                        ends = [max(g[r] for r in used) for g in (last, now, first)]
                    else:
                        ends = [max(film[d].values()) for d in (at, day, days[0])]
                    rise, from_first = ends[1] - ends[0], ends[1] - ends[2]
                    room = ends[0] < 3
                    if worsening == "any_region":
                        rise = max(film[day][r] - last[r] for r in common)
                        from_first = max(film[day][r] - first[r] for r in common)
                        room = any(last[r] < 3 for r in (last if carry else common))
                    found.append((at, day, *ends[:2], rise, from_first, room))
                    at = day
                last |= film[day]
                first = film[day] | first
            return found

        days = sorted(film)
        ends = days if len(days) == 1 else [days[0], days[-1]]
        whole = walk(ends, carry=False)
        steps = walk(days, carry=True) if comparison == "consecutive" else whole
        progressed = two = rebound = False
        for number, (first, last, start, end, rise, from_first, _) in enumerate(steps, start=1):
            if not progressed:
                years = round((last - first) / 365.25, 9)
                intervals.append((patient, number, years, start, end, rise >= 1, end < start))
            rebound |= not progressed and rise >= 1 and from_first < 1
            progressed |= rise >= 1
            two |= progressed and from_first >= 2
        expected = len(days) - 1 if comparison == "consecutive" else len(ends) - 1
        grades_of = whole[0][2:4] if whole else (None, None)
        room = bool(steps) and steps[0][6]
        known = (patient, len(days), expected - len(steps), *grades_of, room, two, rebound)
        extremes = (None, None)
        if whole:
            extremes = (round((days[-1] - days[0]) / 365.25, 9), whole[0][4] >= 1)
        patients.append((*known, *extremes))
    return intervals, patients


def label(grade: int | None) -> str | None:
    return None if grade is None else GRADES[grade]


@pytest.mark.parametrize("worsening", ["patient_maximum", "any_region"])
@pytest.mark.parametrize("unread", ["paired", "ignored"])
@pytest.mark.parametrize("comparison", ["first_last", "consecutive"])
@settings(max_examples=15)
@given(film_rows)
def test_every_setting_agrees_with_loops_over_films(comparison, unread, worsening, rows):
    columns = ["patient_id", "film_day", "region", "grade"]
    found = compare_films(
        pd.DataFrame(rows, columns=columns).assign(side="right"),
        GRADES,
        comparison=comparison,
        unread_regions=unread,
        worsening=worsening,
    )
    intervals, ends = by_hand(rows, comparison, unread, worsening)
    frame = found.intervals.assign(years=found.intervals["years"].round(9))
    assert list(frame.itertuples(index=False, name=None)) == [
        (*row[:3], label(row[3]), label(row[4]), *row[5:]) for row in intervals
    ]
    rounded = found.films.assign(years_first_last=found.films["years_first_last"].round(9))
    films_found = rounded.astype(object).where(rounded.notna(), None)
    assert list(films_found.itertuples(index=False, name=None)) == [
        (*row[:3], label(row[3]), label(row[4]), *row[5:]) for row in ends
    ]


reader_rows = st.lists(
    st.tuples(
        st.sampled_from(["P1", "P2"]),
        st.integers(0, 1),
        st.sampled_from(["r1", "r2", "r3"]),
        st.sampled_from(["carpal", "metacarpal"]),
        st.sampled_from([*GRADES, None]),
    ),
    max_size=16,
    unique_by=lambda row: row[:4],
)


@pytest.mark.parametrize("how", ["highest", "lowest", "primary"])
@settings(max_examples=20)
@given(reader_rows)
def test_readers_are_combined_as_by_loops(how, rows):
    rows = [*rows, ("P3", 0, "r1", "carpal", "mild")]  # so that the primary reader is known
    cells: dict[tuple, dict] = {}
    for patient, day, reader, region, grade in rows:
        if grade is not None:
            cells.setdefault((patient, day, region), {})[reader] = GRADES.index(grade)
    expected = {}
    for cell, by_reader in cells.items():
        if how == "primary" and "r1" in by_reader:
            expected[cell] = by_reader["r1"]
        else:
            expected[cell] = (min if how == "lowest" else max)(by_reader.values())
    found = combine_readers(readings(*rows), how, "r1" if how == "primary" else None)
    keys = zip(found["patient_id"], found["film_day"], found["region"], strict=True)
    assert dict(zip(keys, found["grade"], strict=True)) == expected


class TestFirstAndLast:
    ROWS = ((0, "carpal", 1), (365.25, "carpal", 2), (1461, "carpal", 1))

    @pytest.mark.parametrize("comparison", ["first_last", "consecutive"])
    def test_first_and_last_film_are_compared_whatever_the_comparison(self, comparison):
        found = of_patient(films(*self.ROWS, comparison=comparison))
        assert found["years_first_last"] == 4
        assert not found["worsened_first_last"]

    def test_without_a_common_region_nothing_is_known(self):
        result = films((0, "carpal", 1), (9, "metacarpal", 3))
        assert result.films[["years_first_last", "worsened_first_last"]].isna().all(axis=None)

    def test_each_film_has_its_highest_grade_and_its_time(self):
        grades_of = films(*self.ROWS, (1461, "metacarpal", 3)).grades
        assert list(grades_of["years"]) == [0, 1, 4]
        assert list(grades_of["grade"]) == ["mild", "moderate", "severe"]
