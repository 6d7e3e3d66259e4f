"""The two abstracts: exactly these errors and notes, and silence elsewhere."""

import pytest
from builders import ROOT, one, rows_by
from published_files import levels, serious

from calcinosis import estimates
from calcinosis.estimate.published import published_rows
from calcinosis.plan.published import read_published, settings


def rows_of_abstract(name: str) -> list:
    found = read_published(ROOT / "cohorts" / name / "published.yaml")
    return published_rows(settings(found, simulated=True), [])


@pytest.fixture(scope="module")
def early() -> list:
    return rows_of_abstract("early_ssc")


@pytest.fixture(scope="module")
def multicentre() -> list:
    return rows_of_abstract("multicentre")


def test_the_abstract_on_progression_has_exactly_these_errors_and_notes(early):
    assert serious(early) == {
        ("right_distal_phalanx", "percent_of_count"): "error",
        ("cases", "denominator_as_rate"): "error",
        ("interval", "plus_minus"): "error",
        ("associations", "common_outcome"): "note",
        ("associations", "events_per_parameter"): "note",
    }


def test_the_abstract_of_many_centres_has_exactly_these_notes(multicentre):
    assert serious(multicentre) == {
        ("disease_duration", "unit_of_change"): "note",
        ("", "no_interval"): "note",
        ("", "mixed_denominators"): "note",
    }


def test_twelve_of_35_are_the_percentage_of_all_53(early):
    row = one(early, model="consistency", term="right_distal_phalanx")
    assert (row.events, row.n, row.reference) == (12, 35, "patients")
    assert row.estimate == pytest.approx(12 / 35)


def test_155_is_the_denominator_of_the_rate(early):
    row = one(early, model="consistency", term="cases")
    assert row.reference == "incidence"
    assert row.estimate == pytest.approx(22.58, abs=0.01)  # person-years that it would imply


def test_few_events_and_a_common_outcome(early):
    found = {row.level: row.estimate for row in rows_by(early, term="associations")}
    assert found["events_per_parameter"] == pytest.approx(3.6)
    assert found["common_outcome"] == pytest.approx(35 / 53)


def test_rate_follow_up_and_interval_of_the_incidence_agree(early):
    found = {check: level for (term, check), level in levels(early).items() if term == "incidence"}
    assert found == dict.fromkeys(
        ("rate_of_person_years", "follow_up", "interval_methods"), "consistent"
    )


def test_which_methods_print_the_interval_is_a_set(early):
    rows = rows_by(early, model="interval_methods", term="incidence")
    assert {row.method for row in rows if row.statistic == "prints"} == {"lognormal", "score"}
    assert {row.method for row in rows} == {"lognormal", "score", "exact", "midp", "byar", "wald"}


def test_percentages_of_many_patients_without_decimals_are_not_passed(multicentre):
    found = {term: level for (term, c), level in levels(multicentre).items() if c == "whole_number"}
    assert found == dict.fromkeys(("tenderness", "extrusion", "infection"), "uninformative")
    counts = [
        (row.conf_low, row.conf_high)
        for row in rows_by(multicentre, model="consistency", level="whole_number")
    ]
    assert counts == [(62, 63), (42, 44), (4, 5)]


def test_215_of_568_are_38_percent(multicentre):
    assert levels(multicentre)["calcinosis", "percent_of_count"] == "consistent"


def test_overlapping_percentages_are_not_summed(multicentre):
    assert not rows_by(multicentre, level="sum_of_parts")


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("disease_duration", 1.0223, 1.5041),
        ("digital_ischaemia", 1.2398, 2.6132),
        ("acro_osteolysis", 1.3285, 6.6395),
    ],
)
def test_ratios_without_interval_have_the_one_that_their_p_value_implies(
    multicentre, name, low, high
):
    row = one(multicentre, model="implied", term=name)
    assert (row.conf_low, row.conf_high) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize("name", ["early_ssc", "multicentre"])
def test_a_simulated_cohort_reproduces_nothing(name):
    """Of every number that is compared; with rows that print it and rows that do not."""
    found = read_published(ROOT / "cohorts" / name / "published.yaml")
    ours = []
    for number in found["numbers"].values():
        if number["ours"]:
            analysis, model, outcome, group, term, level, reference, unit, statistic, method = (
                "" if part == "-" else part for part in number["ours"].split("/")
            )
            identity = {"outcome": outcome, "group": group, "term": term, "level": level}
            ours.append(
                estimates.Row(
                    analysis=analysis,
                    model=model,
                    reference=reference,
                    unit=unit.replace("_", " ").replace("person-years", "person-years"),
                    statistic=statistic,
                    method=method,
                    estimate=0.38,
                    events=35,
                    **identity,
                )
            )
    rows = published_rows(settings(found, simulated=True), ours)
    verdicts = {row.statistic for row in rows_by(rows, model="comparison")}
    assert verdicts == {"by_construction", "not_comparable"}
    assert {row.method for row in rows_by(rows, statistic="by_construction")} == {
        "within_rounding",
        "beyond_rounding",
    }
