"""Printed numbers beside our estimates, and which of these would print them."""

from dataclasses import replace

import pytest
from builders import one, rows_by
from published_files import entry, rows_of

from calcinosis.estimates import Row

RATE = Row(
    analysis="incidence",
    model="full_interval",
    outcome="progression",
    unit="per 100 person-years",
    statistic="rate",
    method="lognormal",
    estimate=22.57655764,
    conf_low=16.20982784,
    conf_high=31.44394622,
    events=35,
    n=53,
    person_years=155.028063,
)
EXACT = replace(RATE, method="exact", conf_low=15.72539961, conf_high=31.39852646)
MIDPOINT = replace(RATE, model="midpoint", estimate=33.3, conf_low=23.9, conf_high=46.4)
OTHER = replace(RATE, outcome="new_onset")
OURS = [RATE, EXACT, MIDPOINT, OTHER]


def printed(**keys) -> str:
    known = {"events": "35", "person_years": "155", "rate": "22.6", "per": "100"}
    return entry(
        "x", "rate", **(known | {"interval": ["16.2", "31.4"]} | keys), ours=RATE.result_id
    )


def verdicts(rows) -> dict[str, str]:
    return {row.level: row.statistic for row in rows_by(rows, model="comparison", term="x")}


def test_ours_reproduces_what_it_rounds_to(tmp_path):
    found = verdicts(rows_of(tmp_path, printed(), ours=OURS))
    parts = ("", "estimate", "events", "person_years", "conf_low", "conf_high")
    assert found == dict.fromkeys(parts, "reproduced")


def test_one_part_that_differs_is_named(tmp_path):
    found = verdicts(rows_of(tmp_path, printed(interval=["16.2", "31.5"]), ours=OURS))
    assert {part for part, verdict in found.items() if verdict == "different"} == {"", "conf_high"}


def test_a_rate_per_other_person_years_is_compared_in_the_units_of_the_paper(tmp_path):
    rows = rows_of(tmp_path, printed(per="1000", rate="225.8", interval=["162", "314"]), ours=OURS)
    assert set(verdicts(rows).values()) == {"reproduced"}
    assert one(rows, model="comparison", level="estimate").estimate == pytest.approx(225.7655764)


def test_which_of_our_estimates_print_the_number(tmp_path):
    rows = rows_by(rows_of(tmp_path, printed(), ours=OURS), model="variants")
    found = {(row.level, row.method): row.statistic for row in rows}
    assert found == {
        ("full_interval", "lognormal"): "prints",
        ("full_interval", "exact"): "does_not_print",
        ("midpoint", "lognormal"): "does_not_print",
    }


@pytest.mark.parametrize(
    ("ours", "says"),
    [
        ([], "no estimate of that name"),
        (
            [
                replace(
                    RATE,
                    estimate=None,
                    conf_low=None,
                    conf_high=None,
                    events=None,
                    person_years=None,
                )
            ],
            "has no such number",
        ),
    ],
)
def test_what_is_not_there_is_not_comparable(tmp_path, ours, says):
    row = one(rows_of(tmp_path, printed(), ours=ours), model="comparison")
    assert row.statistic == "not_comparable"
    assert says in row.note


def test_a_number_without_ours_is_not_comparable(tmp_path):
    line = entry("x", "count", count="10")
    assert verdicts(rows_of(tmp_path, line, ours=OURS)) == {"": "not_comparable"}


def test_of_a_simulated_cohort_everything_is_by_construction(tmp_path):
    rows = rows_of(tmp_path, printed(interval=["16.2", "31.5"]), ours=OURS, simulated=True)
    assert set(verdicts(rows).values()) == {"by_construction"}
    assert one(rows, model="comparison", level="conf_high").method == "beyond_rounding"
    assert one(rows, model="comparison", level="conf_low").method == "within_rounding"


def test_a_share_is_compared_in_per_cent_and_a_p_value_as_printed(tmp_path):
    share = Row(analysis="lesions", statistic="proportion", estimate=0.3785, n=568, events=215)
    ratio = Row(analysis="multivariable", statistic="odds_ratio", estimate=1.2449, p_value=0.0289)
    lines = [
        entry("a", "share", events="215", n="568", percent="38", ours=share.result_id),
        entry(
            "b",
            "ratio",
            measure="odds_ratio",
            value="1.24",
            of="category",
            p=".029",
            ours=ratio.result_id,
        ),
        entry("c", "test", p="<.05", between=["a", "b"], ours=ratio.result_id),
    ]
    rows = rows_by(rows_of(tmp_path, *lines, ours=[share, ratio]), model="comparison")
    assert {row.statistic for row in rows} == {"reproduced"}
    assert len(rows) == (1 + 3) + (1 + 2) + (1 + 1)
