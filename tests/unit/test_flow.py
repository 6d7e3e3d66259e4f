"""Participant flow and data quality as rows."""

import pandas as pd
from builders import one, rows_by

from calcinosis.estimate.flow import flow_rows, quality_rows
from calcinosis.ingest.log import CHECK_COLUMNS

NO_CHECKS = pd.DataFrame(columns=list(CHECK_COLUMNS))
STEPS = ["criterion_unknown/early", "excluded/fewer_than_two_films", "analysed"]


def flow(*left_at: str) -> pd.DataFrame:
    category = pd.Categorical(left_at, categories=STEPS, ordered=True)
    return pd.DataFrame({"patient_id": [f"P{i}" for i in range(len(left_at))], "left_at": category})


YEARS = {"first": 2012, "last": 2019}
RECORDS = pd.DataFrame(
    [("rows_in", "", 5), ("rows_excluded", "blank_id", 1)], columns=["kind", "rule", "count"]
)


def test_the_flow_goes_from_records_to_analysed():
    rows = flow_rows(flow("analysed", "analysed", STEPS[1], "analysed"), RECORDS)
    assert [(row.term, row.level, row.estimate, row.unit) for row in rows] == [
        ("records", "", 5, "records"),
        ("excluded_record", "blank_id", 1, "records"),
        ("patients", "", 4, "patients"),
        ("criterion_unknown", "early", 0, "patients"),
        ("excluded", "fewer_than_two_films", 1, "patients"),
        ("analysed", "", 3, "patients"),
    ]


def test_nobody_is_lost_between_the_steps():
    rows = flow_rows(flow(*STEPS, STEPS[0]), RECORDS)
    patients = one(rows, term="patients").estimate
    left = [r.estimate for r in rows if r.unit == "patients" and r.term != "patients"]
    assert sum(left) == patients


def test_years_are_no_counts():
    quality = pd.DataFrame(
        [(f"{which}_year", "readings", "film_date", "", year) for which, year in YEARS.items()],
        columns=["kind", "table", "variable", "rule", "count"],
    )
    years = rows_by(quality_rows(quality, NO_CHECKS), statistic="year")
    assert {row.term: row.estimate for row in years} == {"first_year": 2012, "last_year": 2019}


def test_quality_counts_are_summed_over_files_with_their_unit():
    quality = pd.DataFrame(
        [
            ("rows_in", "patients", "", "", 3),
            ("rows_in", "patients", "", "", 4),
            ("cells_queried", "patients", "age", "", 2),
            ("normalisations", "patients", "", "digits", 5),
            ("queries", "patients", "", "out_of_range", 2),
            ("queries", "readings", "", "blank_id", 1),
        ],
        columns=["kind", "table", "variable", "rule", "count"],
    )
    rows = quality_rows(quality, NO_CHECKS)
    assert one(rows, term="rows_in", group="patients").estimate == 7
    assert one(rows, term="open_queries").estimate == 3
    units = {row.term: row.unit for row in rows}
    assert units == {
        "rows_in": "records",
        "cells_queried": "cells",
        "normalisations": "cells",
        "queries": "queries",
        "open_queries": "queries",
    }
    assert one(rows_by(rows, term="queries"), group="readings").level == "blank_id"


def test_an_export_without_questions_has_none_open():
    quality = pd.DataFrame(
        [("rows_in", "patients", "", "", 3)],
        columns=["kind", "table", "variable", "rule", "count"],
    )
    assert one(quality_rows(quality, NO_CHECKS), term="open_queries").estimate == 0


def test_row_order_changes_nothing():
    many = flow(*STEPS, *STEPS[1:], STEPS[2])
    assert flow_rows(many.iloc[::-1], RECORDS) == flow_rows(many, RECORDS)


def test_ids_of_the_flow_are_unique():
    ids = [row.result_id for row in flow_rows(flow(*STEPS), RECORDS)]
    assert len(ids) == len(set(ids))


def test_each_rule_says_how_many_fail_of_how_many_it_could_judge_and_the_others():
    checks = pd.DataFrame(
        [
            ("patients", "out_of_range", "plausibility", "query", 2, 8, 1),
            ("patients", "near_duplicate_id", "plausibility", "warning", 0, 0, 9),
        ],
        columns=list(CHECK_COLUMNS),
    )
    quality = pd.DataFrame(columns=["kind", "table", "variable", "rule", "count"])
    rows = quality_rows(quality, checks)
    failing = one(rows, level="out_of_range", statistic="proportion")
    assert (failing.events, failing.n, failing.estimate) == (2, 8, 0.25)
    assert (failing.outcome, failing.term) == ("plausibility", "query_rule")
    assert one(rows, level="out_of_range", unit="not applicable").estimate == 1
    nothing = one(rows, level="near_duplicate_id", statistic="proportion")
    assert (nothing.status, nothing.n, nothing.term) == ("not_estimable", 0, "warning_rule")
    assert len({row.result_id for row in rows}) == len(rows)


def test_those_kept_without_a_value_have_a_line_and_are_not_subtracted():
    steps = ["criterion_not_met/early", "analysed"]
    left_at = pd.Categorical(["analysed", "analysed", steps[0]], steps, ordered=True)
    frame = pd.DataFrame({"left_at": left_at, "unknown_kept/early": [True, False, False]})
    rows = flow_rows(frame, RECORDS)
    assert [(row.term, row.estimate, row.unit) for row in rows[-3:]] == [
        ("criterion_not_met", 1, "patients"),
        ("unknown_kept", 1, "patients kept"),
        ("analysed", 2, "patients"),
    ]
