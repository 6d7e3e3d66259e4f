"""Centres side by side: funnel limits, missing values, questions, results without each centre."""

import csv
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from builders import ROOT, rows_by
from scipy import special

from calcinosis.derive.by_centre import questions_by_centre
from calcinosis.estimate import funnel
from calcinosis.estimate.by_centre import by_centre_rows
from calcinosis.estimate.proportions import proportion
from calcinosis.estimates import Row
from calcinosis.present import by_centre_tables
from calcinosis.present.blocks import plain
from calcinosis.present.words import Book, Labels
from calcinosis.spreadsheets import read_csv

CENTRES = ["east", "north", "west"]
SECTION = {"variable": "centre", "finding": "calcinosis", "variables": ["age", "score"]}
SETTINGS = SECTION | {"results": [{"score": "score", "by": "calcinosis"}]}
PLAN = {"by_centre": SECTION, "lesions": None}
LABEL = Labels({"calcinosis": "Calcinosis", "centre": "Centre"})
NO_QUESTIONS = pd.DataFrame({"centre": [*CENTRES, None], "patients": [1, 1, 1, 0], "queries": 0})


def yes_no(values) -> pd.Categorical:
    return pd.Categorical(["yes" if v else "no" for v in values], ["no", "yes"], ordered=True)


def cohort(events: list[int], sizes: list[int], seed: int = 1) -> pd.DataFrame:
    """So many events among so many patients of each centre, and a score that is higher by 2."""
    n, rng = sum(sizes), np.random.default_rng(seed)
    ill = [i < k for k, size in zip(events, sizes, strict=True) for i in range(size)]
    centre = np.repeat(CENTRES[: len(sizes)], sizes)
    return pd.DataFrame(
        {
            "patient_id": [f"P{i:04d}" for i in range(n)],
            "centre": pd.Categorical(centre, CENTRES),
            "calcinosis": yes_no(ill),
            "age": 50.0,
            "score": rng.normal(0, 1, n) + 2 * np.array(ill),
        }
    )


FRAME = cohort([10, 12, 40], [40, 30, 60])


def test_limits_of_the_funnel_are_those_of_r():
    with (ROOT / "tests/data/by_centre/funnel.csv").open() as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 48
    for line in lines:
        found = funnel.limits(float(line["tail"]), int(line["n"]), float(line["share"]))
        expected = (float(line["low"]), float(line["high"]))
        assert found == pytest.approx(expected, abs=1e-9), line


@pytest.mark.parametrize("n", [1, 5, 50, 500])
@pytest.mark.parametrize("tail", [0.025, 0.001])
def test_no_more_lie_beyond_a_limit_than_it_says_and_swapping_yes_and_no_mirrors(n, tail):
    counts = np.arange(n + 1)
    for share in (0.02, 0.3, 0.5):
        low, high = funnel.limits(tail, n, share)
        chances = np.diff(special.bdtr(counts, n, share), prepend=0)
        assert chances[counts / n < low].sum() <= tail
        assert chances[counts / n > high].sum() <= tail
        assert 0 <= low <= share <= high <= 1
        mirrored = funnel.limits(tail, n, 1 - share)
        assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-12)


def test_limits_of_a_certain_share_are_that_share():
    assert funnel.limits(0.025, 9, 0.0) == (0, 0)
    assert funnel.limits(0.025, 9, 1.0) == (1, 1)


def test_each_centre_has_its_share_and_the_test_of_equal_shares_is_that_of_r():
    events, sizes = [50, 34, 30], [131, 94, 72]
    rows = by_centre_rows(cohort(events, sizes), NO_QUESTIONS, SETTINGS)
    shares = rows_by(rows, term="calcinosis", model="", statistic="proportion")
    assert [(r.events, r.n) for r in shares] == [(114, 297), (50, 131), (34, 94), (30, 72)]
    test = rows_by(rows, statistic="chi_squared")[0]
    # R: prop.test(c(50, 34, 30), c(131, 94, 72))
    assert (test.estimate, test.df) == (pytest.approx(0.525423443199, abs=1e-10), 2)
    assert test.p_value == pytest.approx(0.768963540942, abs=1e-10)
    assert test.status == "ok"


def test_a_centre_far_from_all_lies_outside_the_funnel_and_is_named():
    rows = by_centre_rows(FRAME, NO_QUESTIONS, SETTINGS)
    said = plain(by_centre_tables.finding(Book(rows), SECTION, LABEL))
    assert said == (
        "Calcinosis in the centres: from 25.0% (10/40, east) to 66.7% (40/60, west); outside the "
        "95% limits of the funnel: east, west."
    )
    table = by_centre_tables.tables(Book(rows), PLAN, LABEL)[0]
    where = {plain(line[0]): plain(line[5]) for line in table.rows}
    assert where == {
        "All": "",
        "east": "below 95%",
        "north": "within",
        "west": "above 95%",
        "Equal shares": "",
    }


def test_one_centre_has_no_range():
    rows = by_centre_rows(FRAME[FRAME["centre"] == "east"], NO_QUESTIONS, SETTINGS)
    assert by_centre_tables.finding(Book(rows), SECTION, LABEL) == []


def test_shifts_without_a_centre_name_the_test_that_was_made():
    def methods(frame: pd.DataFrame) -> set[str]:
        rows = by_centre_rows(frame, NO_QUESTIONS, SETTINGS)
        return {r.method for r in rows_by(rows, statistic="median_difference")}

    small = cohort([4, 5, 6], [12, 11, 13])
    assert methods(small) == {"rank_sum_exact"}
    assert methods(small.assign(score=small["score"].round(0))) == {"rank_sum"}


def test_a_shift_without_a_centre_names_its_patients():
    frame = FRAME.assign(score=FRAME["score"].where(FRAME.index % 10 == 0))
    rows = by_centre_rows(frame, NO_QUESTIONS, SETTINGS)
    made = by_centre_tables.tables(Book(rows), PLAN, LABEL)[-1]
    found = {plain(line[0]): plain(line[2]).replace("\u00a0", " ") for line in made.rows}
    assert found["All"].endswith(", n = 13")
    assert found["Without\u00a0east"].endswith(", n = 9")


def test_an_interval_that_ends_at_a_rejected_0_excludes_it():
    shift = Row(
        analysis="by_centre",
        model="leave_one_out",
        group="overall",
        term="score",
        level="calcinosis",
        statistic="median_difference",
        estimate=-0.4,
        conf_low=-0.8,
        conf_high=0.0,
        p_value=0.046,
    )
    without = [
        replace(shift, group="centre=east", conf_high=-0.1, p_value=0.02),
        replace(shift, group="centre=west", p_value=0.052),
    ]
    rows = by_centre_rows(FRAME, NO_QUESTIONS, SETTINGS | {"results": []})
    made = by_centre_tables.tables(Book([*rows, shift, *without]), PLAN, LABEL)[-1]
    assert made.notes[-1].endswith("includes 0 changes without west.")


def test_how_each_centre_found_it_stands_beside_where_the_plan_asks():
    lesions = {"ascertainment": {"imaging": "x", "history": "y"}, "among": "calcinosis"}
    rows = by_centre_rows(FRAME, NO_QUESTIONS, SETTINGS)
    unit = "of patients with calcinosis"
    found = [
        proportion("ascertainment", k, 10, group=group, term=term, level=level, unit=unit)
        for group, k in (("overall", 9), ("centre=east", 4), ("centre=north", 2))
        for term, level in (("imaging", "yes"), ("history", "yes"), ("found_by", "imaging_only"))
    ]
    plan = PLAN | {"lesions": lesions}
    made = by_centre_tables.tables(Book([*rows, *found]), plan, LABEL)
    assert made[1].caption == "How each centre found lesions"
    assert [plain(line[2]) for line in made[1].rows] == ["4/10 (40%)", "2/10 (20%)", "–"]
    assert len(by_centre_tables.tables(Book(rows), plan, LABEL)) == 3  # nobody says how


def test_missing_values_are_counted_in_each_centre():
    frame = FRAME.assign(age=FRAME["age"].mask(FRAME.index < 4))
    rows = by_centre_rows(frame, NO_QUESTIONS, SETTINGS)
    ages = rows_by(rows, term="age", level="missing")
    assert [(r.group, r.events, r.n) for r in ages] == [
        ("overall", 4, 130),
        ("centre=east", 4, 40),
        ("centre=north", 0, 30),
        ("centre=west", 0, 60),
    ]
    values = rows_by(rows, term="missing_values")
    assert [(r.events, r.n) for r in values] == [(4, 260), (4, 80), (0, 60), (0, 120)]


def test_results_without_a_centre_are_those_of_a_cohort_that_never_had_it():
    rows = by_centre_rows(FRAME, NO_QUESTIONS, SETTINGS)
    rest = FRAME[FRAME["centre"] != "west"]
    alone = by_centre_rows(rest, NO_QUESTIONS, SETTINGS)
    for statistic in ("proportion", "median_difference"):
        of = {"model": "leave_one_out", "statistic": statistic}
        without = rows_by(rows, group="centre=west", **of)[0]
        expected = rows_by(alone, group="overall", **of)[0]
        assert (without.estimate, without.conf_low, without.p_value, without.n) == (
            *(expected.estimate, expected.conf_low, expected.p_value),
            expected.n,
        )
    shift = rows_by(rows, model="leave_one_out", group="overall", statistic="median_difference")[0]
    assert 1.5 < shift.estimate < 2.5


def test_the_order_of_rows_changes_nothing():
    rows = by_centre_rows(FRAME, NO_QUESTIONS, SETTINGS)
    assert by_centre_rows(FRAME.sample(frac=1, random_state=2), NO_QUESTIONS, SETTINGS) == rows


def test_a_number_of_three_groups_has_no_shift():
    frame = FRAME.assign(stage=pd.Categorical(["a"] * 130, ["a", "b", "c"]))
    settings = SETTINGS | {"results": [{"score": "score", "by": "stage"}]}
    assert not rows_by(by_centre_rows(frame, NO_QUESTIONS, settings), statistic="median_difference")


@pytest.mark.parametrize(
    "frame",
    [
        FRAME.iloc[:0],
        FRAME.iloc[:1],
        FRAME.assign(calcinosis=pd.Categorical([None] * 130, ["no", "yes"])),
        FRAME.assign(centre=pd.Categorical([None] * 130, CENTRES)),
        cohort([0, 0, 0], [3, 2, 1]),
        cohort([3, 2, 1], [3, 2, 1]),
        FRAME.assign(score=np.nan),
    ],
    ids=["nobody", "one", "finding_unknown", "no_centre", "none", "all", "no_score"],
)
def test_too_little_gives_reasons_and_pages(frame):
    rows = by_centre_rows(frame, NO_QUESTIONS, SETTINGS)
    for row in rows:
        assert row.estimate is not None or (row.status == "not_estimable" and row.note), row
    assert len(by_centre_tables.tables(Book(rows), PLAN, LABEL)) == 3
    by_centre_tables.finding(Book(rows), SECTION, LABEL)


def test_patients_without_a_centre_are_counted_and_left_out():
    frame = FRAME.assign(centre=FRAME["centre"].where(FRAME.index > 1))
    rows = by_centre_rows(frame, NO_QUESTIONS, SETTINGS)
    assert rows_by(rows, level="not_known")[0].estimate == 2
    assert rows_by(rows, term="calcinosis", group="overall", model="")[0].n == 128
    notes = by_centre_tables.tables(Book(rows), PLAN, LABEL)[0].notes
    assert "Patients whose centre is not known, left out here: 2." in notes


def test_a_question_belongs_to_the_centre_of_its_patient_or_to_its_own():
    patients = pd.DataFrame(
        {
            "patient_id": ["P1", "P2", "P3"],
            "centre": pd.Categorical(["east", "east", None], CENTRES),
        }
    )
    queries = pd.DataFrame(
        [("P1", "east"), ("P1", "east"), ("P9", "west"), ("", ""), ("P3", "")],
        columns=["patient_id", "centre"],
    )
    made = questions_by_centre(queries, patients, "centre")
    assert made["patients"].tolist() == [2, 0, 0, 1]
    assert made["queries"].tolist() == [2, 0, 1, 2]
    rows = by_centre_rows(FRAME, made, SETTINGS)
    rates = rows_by(rows, term="queries", statistic="rate")
    assert [(r.group, r.estimate) for r in rates] == [("overall", 150.0), ("centre=east", 100.0)]
    assert rows_by(rows, level="of_no_centre")[0].estimate == 3


@pytest.mark.parametrize("asked", [[], [("P9", "west"), ("P8", "")]], ids=["none", "rows_out"])
def test_no_question_about_a_patient_who_is_there_is_no_crash(tmp_path, asked):
    """Each table as a step reads it: of columns without a value pandas makes other types."""
    centre = pd.Categorical(["east", "east"], CENTRES)
    patients = pd.DataFrame({"patient_id": ["P1", "P2"], "centre": centre})
    patients.to_parquet(tmp_path / "patients.parquet")
    queries = pd.DataFrame(asked, columns=["patient_id", "centre"])
    queries.to_csv(tmp_path / "queries.csv", index=False)
    tables = pd.read_parquet(tmp_path / "patients.parquet"), read_csv(tmp_path / "queries.csv")
    made = questions_by_centre(tables[1], tables[0], "centre")
    assert made["patients"].tolist() == [2, 0, 0, 0]
    assert made["queries"].tolist() == ([0, 0, 1, 1] if asked else [0, 0, 0, 0])


def test_missing_values_of_the_finding_stand_beside_its_share():
    frame = FRAME.assign(calcinosis=FRAME["calcinosis"].where(FRAME.index > 2))
    section = SECTION | {"variables": ["calcinosis", "age"]}
    rows = by_centre_rows(frame, NO_QUESTIONS, section | {"results": []})
    side_by_side, missing, _ = by_centre_tables.tables(
        Book(rows), PLAN | {"by_centre": section}, LABEL
    )
    assert plain(side_by_side.rows[0][1]) == "130"
    assert plain(missing.rows[0][1]) == "3 (2.3%)"
