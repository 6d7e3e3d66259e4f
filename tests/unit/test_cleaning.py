"""Rows and cells of an export: what is kept, asked and counted."""

import datetime
import re

import pandas as pd
import pytest
from builders import PATIENTS, READINGS, ROOT, clean
from hypothesis import given, settings
from hypothesis import strategies as st

from calcinosis.errors import InputError
from calcinosis.ingest import cleaning, codebook

HEADER, READING_HEADER = "id,hn,age,duration,sex\n", "id,film_date,side,grade\n"


def total(cleaned, kind: str, table: str, **where) -> int:
    found = cleaned.quality
    for column, value in ({"kind": kind, "table": table} | where).items():
        found = found[found[column] == value]
    return int(found["count"].sum())


def asked(cleaned) -> list[tuple]:
    """File, row and rule of the queries."""
    return list(cleaned.queries[["file", "row", "rule"]].itertuples(index=False, name=None))


def assert_nothing_is_lost(cleaned) -> None:
    quality = cleaned.quality
    for table in cleaned.tables:
        used, out = total(cleaned, "rows_used", table), total(cleaned, "rows_excluded", table)
        assert total(cleaned, "rows_in", table) == used + out
        assert len(cleaned.tables[table]) == used
        for name in quality.loc[quality["table"] == table, "variable"].unique():
            cells = [
                total(cleaned, f"cells_{fate}", table, variable=name)
                for fate in ("in", "used", "missing", "queried")
            ]
            assert cells[0] == sum(cells[1:]), name
    assert not cleaned.queries["query_id"].duplicated().any()


def test_a_clean_export_gives_typed_tables_and_no_question(tmp_path):
    cleaned = clean(tmp_path)
    patients, readings = cleaned.tables["patients"], cleaned.tables["readings"]
    assert list(patients["patient_id"]) == ["P1", "P2"]
    assert list(patients["age"]) == [40.0, 50.0]
    assert readings["film_date"].max() == pd.Timestamp("2015-02-01")
    assert list(readings["grade"].cat.categories) == ["none", "mild", "moderate", "severe"]
    assert asked(cleaned) == []
    assert_nothing_is_lost(cleaned)


def test_a_query_says_where_what_and_asks(tmp_path):
    cleaned = clean(tmp_path, HEADER + "P1,1,40,1,M\nP2,2,135,1,F\n")
    query = cleaned.queries.iloc[0]
    assert dict(query[["patient_id", "table", "variable", "file", "row", "column"]]) == {
        "patient_id": "P2",
        "table": "patients",
        "variable": "age",
        "file": "patients.csv",
        "row": 3,
        "column": "age",
    }
    assert (query["raw_value"], query["rule"]) == ("135", "out_of_range")
    assert query["question"].endswith("?")
    assert cleaned.tables["patients"]["age"].isna().sum() == 1
    assert_nothing_is_lost(cleaned)


def test_the_id_of_a_query_does_not_depend_on_its_place(tmp_path):
    rows = ["P1,1,x,1,M\n", "P2,2,50,1,F\n"]
    first = clean(tmp_path, HEADER + "".join(rows)).queries
    second = clean(tmp_path, HEADER + "".join(reversed(rows))).queries
    assert list(first["query_id"]) == list(second["query_id"])
    assert list(first["row"]) != list(second["row"])


def test_the_years_of_the_dates_are_counted_and_those_of_birth_are_not(tmp_path):
    quality = clean(tmp_path).quality
    years = quality[quality["kind"].str.endswith("_year")].set_index(["kind", "variable"])["count"]
    assert dict(years) == {("first_year", "film_date"): 2012, ("last_year", "film_date"): 2015}


def test_a_reading_without_grade_stays_and_is_not_grade_none(tmp_path):
    cleaned = clean(tmp_path, readings=READINGS + "P2,03/04/2016,right,NR\n")
    assert cleaned.tables["readings"]["grade"].isna().sum() == 1
    assert asked(cleaned) == []
    assert_nothing_is_lost(cleaned)


def test_accepted_spellings_are_counted_old_to_new(tmp_path):
    cleaned = clean(
        tmp_path,
        HEADER + 'P1,1,๔๐,"2,5",M\nP2,2,50,1,M\nP3,3,-9,1,unk\n',
        READING_HEADER + "P1,01/02/2562,right,0\n",
    )
    found = cleaned.normalisations[["variable", "rule", "old", "new", "count"]]
    assert set(found.itertuples(index=False, name=None)) == {
        ("age", "missing_code", "-9", "", 1),
        ("age", "digits", "๔๐", "40.0", 1),
        ("duration", "decimal_comma", "2,5", "2.5", 1),
        ("sex", "spelling", "M", "male", 2),
        ("sex", "missing_word", "unk", "", 1),
        ("film_date", "buddhist_era", "01/02/2562", "2019-02-01", 1),
        ("grade", "spelling", "0", "none", 1),
    }
    assert_nothing_is_lost(cleaned)


def test_identifying_columns_are_dropped_and_their_values_are_in_no_log(tmp_path):
    cleaned = clean(
        tmp_path,
        "id,hn,born,age,sex\nP1,SECRET-1,01/02/1960,40,M\nP2,SECRET-2,31/02/1961,x,F\n"
        "P2,SECRET-3,SECRET-4,51,F\nP4,SECRET-5,๐๑/๐๒/1960,44,F\n",
        READING_HEADER + "P1,01/02/2012,right,none\n",
    )
    assert {"hospital_number", "born"}.isdisjoint(cleaned.tables["patients"])
    logs = [*cleaned.tables.values(), cleaned.queries, cleaned.normalisations, cleaned.quality]
    text = "\n".join(log.to_csv() for log in logs)
    assert not re.search("SECRET|1960|1961", text)
    assert "born" in set(cleaned.queries["variable"])
    assert_nothing_is_lost(cleaned)


def test_columns_that_the_codebook_does_not_name_are_listed_by_name_only(tmp_path):
    patients = "id,age,phone\nP1,40,0812345678\nP2,50,0898765432\n"
    cleaned = clean(tmp_path, patients)
    assert "phone" not in cleaned.tables["patients"]
    (listed,) = cleaned.normalisations.query("column == 'phone'").to_dict("records")
    assert (listed["rule"], listed["old"]) == ("identifying_column_dropped", "")
    logs = [cleaned.queries, cleaned.normalisations, *cleaned.tables.values()]
    assert not any("08" in log.to_csv() for log in logs)


def test_an_irrelevant_extra_column_changes_no_table(tmp_path):
    more = "\n".join(f"{line},x" for line in PATIENTS.splitlines()) + "\n"
    pd.testing.assert_frame_equal(
        clean(tmp_path, more).tables["patients"], clean(tmp_path).tables["patients"]
    )


def test_a_column_that_is_all_missing_is_no_crash(tmp_path):
    cleaned = clean(tmp_path, HEADER + "P1,1,,,\nP2,2,,,\n")
    assert cleaned.tables["patients"][["age", "duration", "sex"]].isna().all(axis=None)
    assert_nothing_is_lost(cleaned)


rows = st.permutations(
    [
        *("P1,1,40,1,M", "P1,1,40,1,M", "P2,2,50,x,F", "P3,3,60,1,F", "P3,3,61,1,F"),
        *("007,4,40,1,M", "7,5,40,1,M", ",6,40,1,M", 'P4,7,-9,"1,5",ญ'),
    ]
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("order")


@settings(max_examples=25)
@given(rows, st.permutations([*READINGS.splitlines()[1:], "P9,01/02/2012,right,mild"]))
def test_row_order_changes_no_table_and_no_count(folder, patients, readings):
    expected = clean(folder, HEADER + "\n".join(sorted(patients)) + "\n")
    found = clean(
        folder,
        HEADER + "\n".join(patients) + "\n",
        READING_HEADER + "\n".join(readings) + "\n",
    )
    assert_nothing_is_lost(found)
    pd.testing.assert_frame_equal(found.tables["patients"], expected.tables["patients"])
    pd.testing.assert_frame_equal(found.tables["readings"], expected.tables["readings"])
    of_patients = [q.queries.query("table == 'patients'")["query_id"] for q in (found, expected)]
    assert set(of_patients[0]) == set(of_patients[1])


@settings(max_examples=25)
@given(st.sets(st.integers(0, 19), max_size=10))
def test_each_planted_error_has_its_query(folder, wrong):
    ages = ["~3" if i in wrong else "40" for i in range(20)]
    cleaned = clean(folder, HEADER + "".join(f"P{i},{i},{age},1,M\n" for i, age in enumerate(ages)))
    assert set(cleaned.queries["row"]) == {i + 2 for i in wrong}
    assert total(cleaned, "cells_queried", "patients", variable="age") == len(wrong)


def test_the_bundled_export_loses_nothing():
    home = ROOT / "cohorts" / "early_ssc"
    files = {table: [str(home / f"{table}.csv")] for table in ("patients", "readings")}
    cleaned = cleaning.clean(
        files, codebook.read(home / "codebook.csv"), latest=datetime.date(2020, 12, 31)
    )
    assert_nothing_is_lost(cleaned)


AN_ERROR = [
    ("P1,1,3.5,1,M", "age", "3.5", "not_an_integer"),
    ("P1,1,135,1,M", "age", "135", "out_of_range"),
    ("P1,1,inf,1,M", "age", "inf", "not_an_integer"),
    ("P1,1,1_0,1,M", "age", "1_0", "not_an_integer"),
    ("P1,1,0x1F,1,M", "age", "0x1F", "not_an_integer"),
    ("P1,1,40,nan,M", "duration", "nan", "not_a_number"),
    ("P1,1,40,<0.5,M", "duration", "<0.5", "not_a_number"),
    ("P1,1,40,1,x", "sex", "x", "unknown_level"),
    ("P1,1,4\x000,1,M", "age", "4\x000", "not_an_integer"),
]


@pytest.mark.parametrize(("row", "column", "raw", "rule"), AN_ERROR)
def test_a_cell_that_cannot_be_read_is_asked_about_where_it_stands(
    tmp_path, row, column, raw, rule
):
    cleaned = clean(tmp_path, HEADER + "P2,2,50,1,F\n" + row + "\n")
    (query,) = cleaned.queries.to_dict("records")
    found = [query[name] for name in ("file", "row", "column", "raw_value", "rule", "patient_id")]
    assert found == ["patients.csv", 3, column, raw, rule, "P1"]
    assert raw in query["question"]
    assert cleaned.tables["patients"].set_index("patient_id")[column].isna()["P1"]
    assert_nothing_is_lost(cleaned)


@pytest.mark.parametrize(
    ("date", "rule"),
    [
        ("31/02/2014", "impossible_date"),
        ("29/02/2562", "impossible_date"),
        ("01/03/2031", "after_export"),
        ("01/02/62", "two_digit_year"),
        ("01/01/1476", "out_of_range"),
    ],
)
def test_a_date_that_cannot_be_used_is_asked_about_where_it_stands(tmp_path, date, rule):
    cleaned = clean(tmp_path, readings=READINGS + f"P1,{date},right,mild\n")
    query = cleaned.queries[cleaned.queries["variable"] == "film_date"].iloc[0]
    found = [query[name] for name in ("file", "row", "column", "raw_value", "rule")]
    assert found == ["readings.csv", 5, "film_date", date, rule]
    assert_nothing_is_lost(cleaned)


def test_an_alias_is_the_column_that_a_query_names(tmp_path):
    cleaned = clean(tmp_path, "Study\u00a0NO, AGE \nP1,x\nP2,50\n")
    assert list(cleaned.queries["column"]) == ["AGE"]
    assert list(cleaned.tables["patients"]["patient_id"]) == ["P1", "P2"]


CELLS = st.sampled_from(["40", "-9", "unk", "", "135", "3.5", "๔๐", "40.0", " 41", "x"])
IDS = st.sampled_from(["P1", "P2", "p2", "007", "7", " ", "", "P9"])


@settings(max_examples=60)
@given(st.lists(st.tuples(IDS, CELLS), min_size=1, max_size=10))
def test_no_row_and_no_cell_is_lost_whatever_is_in_them(folder, people):
    text = HEADER + "".join(f"{patient},1,{age},1,M\n" for patient, age in people)
    cleaned = clean(folder, text)
    assert_nothing_is_lost(cleaned)
    assert total(cleaned, "rows_in", "patients") == len(people)
    assert total(cleaned, "cells_in", "patients", variable="age") == len(people)


def test_an_optional_column_that_is_not_there_is_missing_of_its_type_and_is_listed(tmp_path):
    """An analysis that names it says that nobody has a value; it does not break."""
    cleaned = clean(tmp_path, "id,age\nP1,40\nP2,50\n")
    patients = cleaned.tables["patients"]
    assert patients[["sex", "duration"]].isna().all(axis=None)
    assert list(patients["sex"].cat.categories) == ["male", "female"]
    assert patients["duration"].dtype == "float64"
    assert "hospital_number" not in patients
    listed = cleaned.normalisations.query("rule == 'column_not_in_export'")
    assert set(listed["variable"]) == {"sex", "duration"}
    assert_nothing_is_lost(cleaned)


@pytest.mark.parametrize(
    ("column", "cells", "says"),
    [
        ("age", ["x1", "x2", "x3", "x4", "x5", "40"], "5 of 6 .* 'age' .*type integer of 'age'"),
        ("sex", ["1", "2", "1", "2", "1", ""], r"5 of 5 .*levels male\|female and the codes"),
        ("age", ["4", "5", "6", "7", "8", "9"], "6 of 6 .*mostly out of range.*min and max"),
    ],
)
def test_a_column_that_mostly_does_not_fit_is_the_codebooks_fault(tmp_path, column, cells, says):
    rows = [
        f"P{i},{i},{c if column == 'age' else 40},1,{c if column == 'sex' else 'M'}\n"
        for i, c in enumerate(cells)
    ]
    with pytest.raises(InputError, match=says) as stop:
        clean(tmp_path, HEADER + "".join(rows))
    assert "x1" not in stop.value.message


def test_a_wrong_date_format_stops_with_the_format_to_look_at(tmp_path):
    readings = "".join(f"P1,2012.01.0{i},right,none\n" for i in range(1, 7))
    with pytest.raises(InputError, match=r"6 of 6 .*format dd/mm/yyyy era=either of 'film_date'"):
        clean(tmp_path, readings=READING_HEADER + readings)


def test_a_spelling_in_many_rows_may_be_a_code(tmp_path):
    rows = [f"P{i},{i},40,1,{'W' if i < 5 else 'M'}\n" for i in range(12)]
    cleaned = clean(tmp_path, HEADER + "".join(rows) + "P12,12,40,1,V\n")
    questions = dict(zip(cleaned.queries["raw_value"], cleaned.queries["question"], strict=True))
    assert "It stands in 5 rows: if it is a code, add it to the codebook" in questions["W"]
    assert "code" not in questions["V"]


def test_no_usable_row_stops_with_the_reasons(tmp_path):
    cleaned = clean(tmp_path, readings=READING_HEADER + "P8,01/02/2012,right,none\n")
    with pytest.raises(InputError, match="table readings can be used: 1 no such patient"):
        cleaning.stop_where_nothing_is_left(cleaned)
    cleaning.stop_where_nothing_is_left(clean(tmp_path))


def test_dates_with_day_and_month_exchanged_stop_although_many_can_be_read(tmp_path):
    """Those that can be read are wrong too, and no site would be asked about them."""
    days = [*range(1, 20), *range(1, 13)] * 2
    rows = "".join(f"P1,03/{day:02d}/{2001 + i},right,none\n" for i, day in enumerate(days[:19]))
    with pytest.raises(InputError, match=r"7 of 7 impossible dates .* exchanged; .*dd/mm/yyyy"):
        clean(tmp_path, readings=READING_HEADER + rows)


def test_impossible_days_of_people_are_questions(tmp_path):
    rows = "".join(f"P1,31/02/{2001 + i},right,none\n" for i in range(6))
    good = "".join(f"P1,01/03/{2001 + i},right,none\n" for i in range(7))
    cleaned = clean(tmp_path, readings=READING_HEADER + rows + good)
    assert list(cleaned.queries["rule"]) == ["impossible_date"] * 6
