"""The one table: its rows, ids and files."""

import csv
import math

import pytest

from calcinosis import estimates
from calcinosis.errors import InputError
from calcinosis.estimates import Row

RATE = Row(
    analysis="incidence",
    model="full_interval",
    outcome="progression",
    unit="per 100 person-years",
    statistic="rate",
    method="lognormal",
    estimate=100 * 35 / 155,
    conf_low=16.212762663,
    n=53,
)


def test_the_id_is_made_of_the_identity_and_never_of_numbers():
    assert RATE.result_id == (
        "incidence/full_interval/progression/overall/-/-/-/per_100_person-years/rate/lognormal"
    )


def test_two_interval_methods_are_two_results():
    other = Row(analysis="incidence", statistic="rate", method="exact")
    assert other.result_id != Row(analysis="incidence", statistic="rate").result_id


@pytest.mark.parametrize(
    "wrong",
    [
        {"analysis": "incidenc"},
        {"status": "fine"},
        {"term": "Age"},
        {"term": "อายุ"},
        {"level": "a/b"},
        {"level": "<script>"},
        {"estimate": math.nan},
        {"conf_high": math.inf},
    ],
)
def test_a_row_that_is_not_of_the_schema_is_refused(wrong):
    with pytest.raises(ValueError):
        Row(**({"analysis": "incidence", "statistic": "rate"} | wrong))


def test_reading_gives_what_was_written_to_ten_digits(tmp_path):
    path = tmp_path / "estimates.csv"
    estimates.write([RATE], path)
    (row,) = estimates.read(path)
    assert row.estimate == 22.58064516
    assert row.conf_high is None
    assert row.result_id == RATE.result_id
    again = tmp_path / "again.csv"
    estimates.write([row], again)
    assert again.read_bytes() == path.read_bytes()


def test_the_columns_are_those_of_the_schema_in_order(tmp_path):
    estimates.write([], tmp_path / "x.csv")
    header = (tmp_path / "x.csv").read_text("utf-8").strip()
    assert header == (
        "result_id,analysis,model,outcome,group,term,level,reference,unit,statistic,estimate,"
        "std_error,df,conf_low,conf_high,conf_level,p_value,n,events,person_years,method,status,"
        "note"
    )


def test_an_id_may_stand_once(tmp_path):
    with pytest.raises(ValueError, match="two estimates are called incidence/"):
        estimates.write([RATE, RATE], tmp_path / "x.csv")


def test_notes_survive_commas_quotes_and_lines(tmp_path):
    note = 'a, "b"\nc <script>'
    estimates.write([Row(analysis="flow", statistic="count", note=note)], tmp_path / "x.csv")
    assert estimates.read(tmp_path / "x.csv")[0].note == note


@pytest.mark.parametrize("column", ["result_id", "term"])
def test_a_file_that_was_edited_by_hand_is_refused(tmp_path, column):
    path = tmp_path / "x.csv"
    estimates.write([RATE], path)
    with path.open(encoding="utf-8", newline="") as file:
        (record,) = csv.DictReader(file)
    record[column] = "age"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, record)
        writer.writeheader()
        writer.writerow(record)
    with pytest.raises(ValueError, match="does not name its row"):
        estimates.read(path)


def test_other_columns_are_refused(tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(ValueError, match="columns are not those"):
        estimates.read(tmp_path / "x.csv")


def test_a_line_that_lacks_fields_is_refused(tmp_path):
    path = tmp_path / "x.csv"
    estimates.write([RATE], path)
    path.write_text(path.read_text("utf-8").rstrip()[:-3], "utf-8")
    with pytest.raises(ValueError, match="line 2 is not as long as the head"):
        estimates.read(path)


def test_an_empty_line_at_the_end_is_no_row(tmp_path):
    path = tmp_path / "x.csv"
    estimates.write([RATE], path)
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    assert [row.result_id for row in estimates.read(path)] == [RATE.result_id]


def test_a_failed_analysis_is_one_row_that_quotes_no_data():
    def fails():
        raise KeyError("hospital number 12345/53")

    (row,) = estimates.attempt("incidence", fails)
    assert (row.analysis, row.status) == ("incidence", "failed")
    assert row.note.startswith("KeyError in test_estimates.py, line ")
    assert "12345" not in row.note


def test_two_steps_of_one_analysis_that_fail_have_two_rows(tmp_path):
    def fails():
        raise KeyError

    steps = ("", "misclassification")
    rows = [row for step in steps for row in estimates.attempt("agreement", fails, step)]
    estimates.write(rows, tmp_path / "x.csv")
    assert len(estimates.read(tmp_path / "x.csv")) == 2


def test_what_the_user_must_mend_is_not_a_failed_analysis():
    def stops():
        raise InputError("mend the plan")

    with pytest.raises(InputError):
        estimates.attempt("incidence", stops)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(
    "field",
    [
        *("estimate", "std_error", "df", "conf_low", "conf_high", "conf_level"),
        *("p_value", "n", "events", "person_years"),
    ],
)
def test_every_number_must_be_finite(field, value):
    with pytest.raises(ValueError, match=f"{field} of incidence/"):
        Row(analysis="incidence", statistic="rate", **{field: value})


@pytest.mark.parametrize(
    "name", ["model", "outcome", "group", "term", "level", "reference", "unit", "method"]
)
def test_every_part_of_the_identity_tells_two_results_apart(name, tmp_path):
    plain = Row(analysis="incidence", statistic="rate")
    other = Row(analysis="incidence", statistic="rate", **{name: "x_1=a.b-c"})
    estimates.write([plain, other], tmp_path / "x.csv")
    assert [row.result_id for row in estimates.read(tmp_path / "x.csv")] == [
        plain.result_id,
        other.result_id,
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1 / 3, "0.3333333333"),
        (1e-12 / 3, "3.333333333e-13"),
        (1234567.891234, "1234567.891"),
        (53, "53"),
        (0, "0"),
        (None, ""),
    ],
)
def test_numbers_are_written_with_ten_significant_digits(value, text, tmp_path):
    row = Row(analysis="incidence", statistic="rate", estimate=value)
    estimates.write([row], tmp_path / "x.csv")
    with (tmp_path / "x.csv").open(encoding="utf-8", newline="") as file:
        (record,) = csv.DictReader(file)
    assert record["estimate"] == text


def test_the_last_bits_of_a_fit_do_not_reach_the_file(tmp_path):
    for name, value in (("a", 0.1 + 0.2), ("b", 0.3)):
        row = Row(analysis="incidence", statistic="rate", estimate=value)
        estimates.write([row], tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_an_analysis_that_works_gives_its_rows():
    rows = [estimates.count("flow", 53, term="analysed", unit="patients")]
    assert estimates.attempt("flow", lambda: rows) == rows
    assert (rows[0].statistic, rows[0].estimate, rows[0].status) == ("count", 53, "ok")
