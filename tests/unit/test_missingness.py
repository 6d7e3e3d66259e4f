"""What is missing, together and in whom: every patient once, and nobody named."""

import numpy as np
import pandas as pd
from builders import one, rows_by
from test_imputation import category, cohort

from calcinosis.derive.datasets import LOG_YEARS, missing_data
from calcinosis.estimate.missingness import missingness_rows

VARIABLES = ["number", "sign", "grade", "kind"]


def frame_of(**columns) -> pd.DataFrame:
    frame = cohort(100)
    outcome = category(frame["outcome"], ["no", "yes"])
    return frame.assign(**{"outcome": outcome, **columns})


def test_patterns_count_each_patient_once():
    frame = frame_of()
    rows = rows_by(missingness_rows(frame, "outcome", VARIABLES), term="pattern")
    assert sum(row.events for row in rows) == 100
    assert [row.events for row in rows] == sorted((row.events for row in rows), reverse=True)
    gaps = frame[VARIABLES].isna()
    wanted = int((gaps["number"] & ~gaps[["sign", "grade", "kind"]].any(axis=1)).sum())
    assert one(rows, level="number").events == wanted
    for name in VARIABLES:
        having = sum(row.events for row in rows if name in row.level.split("="))
        missing = one(
            missingness_rows(frame, "outcome", VARIABLES),
            term=name,
            statistic="missing",
            group="overall",
        )
        assert having == missing.estimate == gaps[name].sum()


def test_patients_with_and_without_missing_values_are_described():
    frame = frame_of()
    rows = missingness_rows(frame, "outcome", VARIABLES)
    complete = frame[VARIABLES].notna().all(axis=1)
    counted = {row.group: row.estimate for row in rows_by(rows, term="patients")}
    assert counted == {"values=complete": complete.sum(), "values=incomplete": (~complete).sum()}
    mean = one(rows, term="number", statistic="mean", group="values=incomplete")
    np.testing.assert_allclose(mean.estimate, frame.loc[~complete, "number"].mean())
    smd = one(rows, term="number", statistic="smd")
    parts = [frame.loc[who, "number"].dropna() for who in (complete, ~complete)]
    pooled = np.sqrt((parts[0].var() + parts[1].var()) / 2)
    np.testing.assert_allclose(smd.estimate, abs(parts[0].mean() - parts[1].mean()) / pooled)


def test_patients_without_the_outcome_are_apart_from_those_without_a_value():
    frame = frame_of()
    frame.loc[:9, "outcome"] = None
    rows = missingness_rows(frame, "outcome", VARIABLES)
    counted = {row.group: row.estimate for row in rows_by(rows, term="patients")}
    assert counted["outcome=unknown"] == 10
    assert counted["values=complete"] + counted["values=incomplete"] == 90
    assert one(rows, term="outcome", statistic="missing", group="overall").estimate == 10
    assert sum(row.events for row in rows_by(rows, term="pattern")) == 90


def test_where_nothing_or_everything_is_missing_nobody_is_compared():
    complete = frame_of().dropna().reset_index(drop=True)
    rows = missingness_rows(complete, "outcome", VARIABLES)
    assert [row.level for row in rows_by(rows, term="pattern")] == ["none"]
    assert not rows_by(rows, term="patients")
    rows = missingness_rows(frame_of(number=np.nan), "outcome", VARIABLES)
    assert not rows_by(rows, term="patients", group="values=complete")
    nobody = frame_of(outcome=category(np.full(100, -1), ["no", "yes"]))
    rows = missingness_rows(nobody, "outcome", VARIABLES)
    assert not rows_by(rows, term="pattern")


def test_the_dataset_keeps_patients_without_outcome_and_the_time_compared():
    patients = pd.DataFrame(
        {
            "patient_id": ["a", "b", "c"],
            "progression": category([0, -1, 1], ["no", "yes"]),
            "age": [40.0, None, 60.0],
            "at_risk": [True, True, False],
        }
    )
    intervals = pd.DataFrame({"patient_id": ["a", "a", "b", "c"], "years": [1.0, 2.0, 1.0, 4.0]})
    rules = {"outcome": "progression", "columns": ["age"]}
    made = missing_data(patients, intervals, **rules, at_risk_only=True, of_films=True)
    assert made["patient_id"].tolist() == ["a", "b"]
    np.testing.assert_allclose(made[LOG_YEARS], np.log([3.0, 1.0]))
    other = missing_data(patients, None, **rules, at_risk_only=False, of_films=False)
    assert list(other) == ["patient_id", "progression", "age"]
    assert len(other) == 3


def test_patients_without_a_centre_of_the_model_are_counted_and_said_to_leave():
    frame = frame_of(centre=category(np.resize([0, 1, -1, 1, 0], 100), ["a", "b"]))
    frame.loc[:9, "outcome"] = None
    rows = missingness_rows(frame, "outcome", VARIABLES, "centre")
    missing = one(rows, term="centre", statistic="missing")
    assert (missing.estimate, missing.n) == (18, 90)
    assert "leave the model" in missing.note
    patterns = [row for row in rows if row.term == "pattern"]
    assert not [row for row in patterns if "centre" in row.level.split("=")]
    again = missingness_rows(frame, "outcome", [*VARIABLES, "centre"], "centre")
    assert len({row.result_id for row in again}) == len(again)
    known = frame.assign(centre=category(np.zeros(100, int), ["a", "b"]))
    row = one(missingness_rows(known, "outcome", VARIABLES, "centre"), term="centre")
    assert (row.estimate, row.note) == (0, "")
