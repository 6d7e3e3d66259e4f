"""Rows of validation: what they hold, what they do not show, and where there are none."""

import numpy as np
import pytest
from builders import one, rows_by
from test_models import YES, frame_of, random_frame, yes_no
from test_optimism import model_of

from calcinosis.estimate import optimism, performance
from calcinosis.estimate.validation import validation_rows


def rows_of(model, resamples: int = 20, groups: int = 10) -> list:
    batches = [optimism.batch(model, 1, range(resamples))] if resamples else []
    return validation_rows(model, batches, groups)


def test_corrected_measures_are_apparent_ones_less_the_optimism():
    model = model_of(random_frame())
    drawn = optimism.batch(model, 1, range(20))
    rows = validation_rows(model, [drawn[:12], drawn[12:]], 10)
    for name in optimism.MEASURES:
        apparent, mean, corrected = (
            one(rows, model=kind, statistic=name) for kind in ("apparent", "optimism", "corrected")
        )
        assert mean.estimate == pytest.approx(drawn[name].mean())
        assert mean.std_error == pytest.approx(drawn[name].std() / np.sqrt(20))
        assert corrected.estimate == pytest.approx(apparent.estimate - mean.estimate)
    slope = one(rows, model="apparent", statistic="calibration_slope")
    assert slope.estimate == pytest.approx(1, abs=1e-6), "of maximum likelihood in its own patients"
    area = one(rows, model="apparent", statistic="auc")
    assert area.conf_low < area.estimate < area.conf_high <= 1
    assert len({row.result_id for row in rows}) == len(rows)


def test_without_resamples_there_is_no_optimism():
    rows = rows_of(model_of(random_frame()), 0)
    assert {row.model for row in rows} == {"apparent", "influence", "without_one_patient"}


def test_groups_hold_everybody_once():
    model = model_of(random_frame())
    rows = rows_by(rows_of(model, 0), term="risk_group", statistic="proportion")
    assert sum(row.n for row in rows) == 120
    assert sum(row.events for row in rows) == model.of.y.sum()
    assert min(row.n for row in rows) >= performance.FEWEST
    predicted = rows_by(rows_of(model, 0), statistic="predicted_risk")
    assert [row.estimate for row in predicted] == sorted(row.estimate for row in predicted)
    expected = sum(row.estimate * row.n for row in predicted)
    assert expected == pytest.approx(model.of.y.sum(), abs=1e-6)


def test_the_curve_rises_from_corner_to_corner():
    rows = rows_by(rows_of(model_of(random_frame()), 0), statistic="sensitivity")
    found = [row.estimate for row in rows]
    assert len(found) == 21
    assert found == sorted(found)
    assert found[-1] == 1


def test_no_row_names_a_patient():
    frame = random_frame()
    text = " ".join(map(repr, rows_of(model_of(frame))))
    assert not [name for name in frame["patient_id"] if name in text]


def test_firth_predicts_with_the_mean_risk_of_the_patients():
    model = model_of(random_frame(60), estimator="firth")
    rows = rows_of(model, 0)
    predicted = rows_by(rows, statistic="predicted_risk")
    assert sum(r.estimate * r.n for r in predicted) == pytest.approx(model.of.y.sum(), abs=1e-6)
    assert one(rows, model="apparent", statistic="calibration_slope").estimate > 1


def test_separated_risks_have_an_area_and_no_line():
    age = np.arange(60) + 20.0
    frame = frame_of(age >= 50, age=age, sex=yes_no(np.resize([0, 1], 60)))
    rows = rows_of(model_of(frame, {"age": {"per": 10}, "sex": YES}), 10)
    assert one(rows, model="apparent", statistic="auc").estimate == 1
    line = one(rows, model="apparent", statistic="calibration_slope")
    assert line.status == "not_estimable"
    without = one(rows, model="bootstrap", level="no_calibration_line")
    assert without.estimate >= 8
    assert without.status == "warning"
    assert one(rows, model="corrected", statistic="auc").estimate == pytest.approx(1, abs=0.05)
    assert one(rows, model="corrected", statistic="calibration_slope").status == "not_estimable"


def test_a_model_without_fit_is_one_row_with_the_reason():
    (row,) = rows_of(model_of(random_frame().assign(progression=True)))
    assert (row.status, row.statistic) == ("not_estimable", "auc")
    assert "outcome is the same" in row.note


def test_a_model_of_levels_that_nobody_has_says_so():
    frame = random_frame().assign(sex=yes_no([0] * 120))
    (row,) = rows_of(model_of(frame, {"sex": YES}))
    assert row.status == "not_estimable"
    assert "more than the reference" in row.note


def test_few_patients_leave_few_groups_and_no_test():
    rows = rows_of(model_of(random_frame(25)), 0)
    groups = rows_by(rows, term="risk_group", statistic="proportion")
    assert [row.n for row in groups] and min(row.n for row in groups) >= 10
    for row in rows_by(rows, statistic="hosmer_lemeshow"):
        assert row.status == "not_estimable"


def test_the_odds_ratios_without_one_patient_enclose_that_of_all():
    model = model_of(random_frame())
    rows = rows_by(rows_of(model, 0), model="without_one_patient")
    for column, coefficient in zip(model.of.used, model.fit.coefficients, strict=True):
        low, high = (one(rows, term=column.term, group=g).estimate for g in ("lowest", "highest"))
        assert low < np.exp(coefficient) < high


def test_rows_do_not_depend_on_the_order_of_patients():
    frame = random_frame()
    turned = frame.sample(frac=1, random_state=3)
    found = {row.result_id: row.estimate for row in rows_of(model_of(turned))}
    assert found == pytest.approx({r.result_id: r.estimate for r in rows_of(model_of(frame))})


def test_the_only_one_with_a_level_is_left_out_of_odds_ratios_and_the_rows_say_so():
    frame = random_frame(60).assign(rare=yes_no([1] + [0] * 59))
    covariates = {"rare": YES, "sex": YES}
    rows = rows_by(rows_of(model_of(frame, covariates), 0), model="without_one_patient")
    assert len(rows) == 4
    for row in rows:
        assert row.status == "warning"
        assert "only one with a level" in row.note
        assert 0 < row.estimate < np.inf
    without = model_of(frame[1:], {"sex": YES})
    found = rows_by(rows_of(without, 0), model="without_one_patient")
    assert {row.status for row in found} == {"ok"}
    for row in found:
        same = one(rows, term="sex", group=row.group)
        assert same.estimate == pytest.approx(row.estimate, rel=0.1)


@pytest.mark.parametrize("events", [1, 39])
def test_one_patient_with_or_without_the_outcome_leaves_an_area_without_interval(events):
    frame = random_frame(40).assign(progression=np.arange(40) < events)
    rows = rows_of(model_of(frame, {"age": {"per": 10}}), 0)
    area = one(rows, model="apparent", statistic="auc")
    assert 0 <= area.estimate <= 1
    assert (area.std_error, area.conf_low, area.conf_high, area.conf_level) == (None,) * 4
    assert (area.status, "no interval" in area.note) == ("warning", True)
