"""The panel Markov model against R's msm, against closed forms, and where films carry none."""

import json

import numpy as np
import pandas as pd
import pytest
from builders import INCIDENCE, grades, rows_by

from calcinosis.estimate.logistic import NotEstimableError
from calcinosis.estimate.markov import intensities, markov_rows

REFERENCE = json.loads((INCIDENCE / "reference.json").read_text("utf-8"))["msm"]


def panel(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    frame = pd.read_csv(INCIDENCE / f"panel_{name}.csv")
    return frame["from"].to_numpy() - 1, frame["to"].to_numpy() - 1, frame["years"].to_numpy()


@pytest.mark.parametrize("name", ["forward", "backward"])
def test_intensities_against_msm(name):
    """`msm(state ~ time, subject, qmatrix, qconstraint)` on 200 patients with eight visits."""
    fit, reference = intensities(*panel(name), 4), REFERENCE[name]
    assert fit.backward == (name == "backward")
    assert fit.log_likelihood == pytest.approx(reference["loglik"], abs=1e-4)
    assert fit.estimates == pytest.approx(reference["estimates"], rel=1e-3)
    assert fit.low == pytest.approx(reference["low"], rel=2e-3)
    assert fit.high == pytest.approx(reference["high"], rel=2e-3)


def test_the_order_of_intervals_changes_no_digit():
    given = panel("backward")
    order = np.random.default_rng(7).permutation(len(given[0]))
    fit, shuffled = intensities(*given, 4), intensities(*(part[order] for part in given), 4)
    assert list(fit.estimates) == list(shuffled.estimates)
    assert list(fit.std_errors) == list(shuffled.std_errors)


def test_two_grades_without_a_way_back_are_the_interval_censored_rate():
    """The closed form of equal intervals: -log(1 - k / n) / t."""
    end = (np.arange(53) < 35).astype(int)
    fit = intensities(np.zeros(53, int), end, np.full(53, 2.925), 2)
    assert fit.estimates[0] == pytest.approx(-np.log(1 - 35 / 53) / 2.925, rel=1e-6)
    assert [100 * fit.low[0], 100 * fit.high[0]] == pytest.approx([26.1, 52.3], abs=0.05)


def test_two_grades_with_a_way_back_have_a_closed_form():
    """Chances a and b of another grade after t: rates share -log(1 - a - b) / t as a to b."""
    start = np.repeat([0, 1], 200)
    end = np.concatenate([np.arange(200) < 80, np.arange(200) >= 30]).astype(int)
    fit = intensities(start, end, np.full(400, 1.7), 2)
    a, b = 80 / 200, 30 / 200
    total = -np.log(1 - a - b) / 1.7
    assert fit.estimates == pytest.approx([total * a / (a + b), total * b / (a + b)], rel=1e-5)


def dataset(start: list[str], end: list[str], years) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "patient_id": [f"P{i:03}" for i in range(len(start))],
            "years": years,
            "grade_from": grades(*start),
            "grade_to": grades(*end),
        }
    )


def test_where_an_intensity_is_not_carried_none_is_given():
    """Two patients start at moderate, of whom one worsens: its interval would be enormous."""
    start = ["none"] * 40 + ["mild"] * 30 + ["moderate"] * 2
    end = ["none"] * 20 + ["mild"] * 20 + ["mild"] * 20 + ["moderate"] * 10 + ["moderate", "severe"]
    rows = markov_rows(dataset(start, end, np.full(72, 2.9)), 100)
    assert {row.status for row in rows} == {"not_estimable"}
    assert {row.estimate for row in rows} == {None}
    assert [(row.group, row.level) for row in rows] == [
        ("from_none", "mild"),
        ("from_mild", "moderate"),
        ("from_moderate", "severe"),
    ]
    assert rows[0].note


@pytest.mark.parametrize("moved", [True, False])
def test_an_intensity_that_runs_away_is_not_estimable(moved):
    end = np.full(20, int(moved))
    with pytest.raises(NotEstimableError):
        intensities(np.zeros(20, int), end, np.full(20, 2.0), 2)


def test_nobody_with_two_grades():
    rows = markov_rows(dataset([], [], []), 100)
    assert {row.note for row in rows} == {"Nobody has two grades."}


def test_rows_are_in_the_unit_and_name_the_common_move_back():
    start, end, years = panel("backward")
    names = np.array(["none", "mild", "moderate", "severe"])
    frame = dataset(list(names[start]), list(names[end]), years)
    rows, of_thousand = markov_rows(frame, 100), markov_rows(frame, 1000)
    assert [row.group for row in rows][-1] == "from_any_grade"
    assert [row.level for row in rows] == ["mild", "moderate", "severe", "one_better"]
    for row, other in zip(rows, of_thousand, strict=True):
        assert other.estimate == pytest.approx(10 * row.estimate)
        assert row.conf_low < row.estimate < row.conf_high
    assert len(rows_by(rows, status="ok")) == 4
