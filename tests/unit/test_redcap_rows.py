"""Rows of a raw REDCap export as patients and readings: nothing lost, each question at its cell."""

import datetime

import openpyxl
import pandas as pd
import pytest
from builders import LATEST, ROOT
from redcap_builder import (
    clean_cohort,
    clean_export,
    field,
    make_project,
    read_codebook,
    write_cohort,
)
from test_cleaning import assert_nothing_is_lost
from test_early_ssc import clean as clean_csv

from calcinosis.errors import InputError
from calcinosis.ingest import cleaning

FIELDS = [
    field("id", "base"),
    field("sex", "base", "radio", "1, Male | 2, Female"),
    field("ulcers", "base", "checkbox", "1, Fingers | 2, Toes"),
    field("weight", "visit", validation="number"),
    field("film_date", "film", validation="date_dmy"),
    field("reader", "reading", "dropdown", "1, R1 | 2, R2"),
    field("r_mc", "reading", "radio", "0, None | 1, Mild"),
    field("l_mc", "reading", "radio", "0, None | 1, Mild"),
]
BOOK = """\
variable,table,source,type,levels
patient_id,patients,id,,
sex,patients,,,
finger_ulcer,patients,ulcers___1,,
weight,patients,,,
"""
READINGS = """\
patient_id,readings,id,,
film_date,readings,,,
reader,readings,,,
side,readings,,category,right|left
grade,readings,,,
"""
EVENTS = {"event": "base_arm_1", "repeated_forms": ["visit"]}
WIDE = {"r_mc": {"side": "right"}, "l_mc": {"side": "left"}}
FILMS = [{"events": ["film_arm_1"], "instrument": "reading", "grades": WIDE}]
HEADER = "id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,sex"
HEADER += ",ulcers___1,ulcers___2,base_complete,weight,film_date,reader,r_mc,l_mc\n"
BASE = "{},base_arm_1,,,{},{},0,2,70,,,,\n"
FILM = "{},film_arm_1,,,,,,,,{},,,\n"
READ = "{},film_arm_1,reading,{},,,,,,,{},{},{}\n"
P1 = BASE.format("P1", 1, 1) + FILM.format("P1", "2015-02-01") + READ.format("P1", 1, 1, 0, 1)
P2 = BASE.format("P2", 2, 0) + FILM.format("P2", "2016-03-04") + READ.format("P2", 1, 1, 1, "")


def clean(folder, rows, *, settings=EVENTS, films=FILMS, fields=FIELDS, book=BOOK + READINGS):
    films = {"films": films} if films else {}
    project = make_project(folder, fields, **settings, **films)
    cleaned = clean_export(folder, project, book, HEADER + rows)
    assert_nothing_is_lost(cleaned)
    return cleaned


def patients_only(folder, rows, **more):
    return clean(folder, rows, films=[], book=BOOK, **more)


def asked(cleaned, *columns: str) -> list[tuple]:
    return list(cleaned.queries[list(columns)].itertuples(index=False, name=None))


def noted(cleaned, rule: str) -> dict:
    found = cleaned.normalisations.query("rule == @rule")
    return {(row.table, row.column or row.old): row.count for row in found.itertuples(index=False)}


def read_of(cleaned) -> list[tuple]:
    columns = ["patient_id", "film_date", "reader", "side", "grade"]
    table = cleaned.tables["readings"][columns].astype(object)
    return list(table.where(table.notna(), None).itertuples(index=False, name=None))


def stopped(folder, rows, **more) -> str:
    with pytest.raises(InputError) as stop:
        clean(folder, rows, **more)
    return stop.value.message


class TestCheckboxes:
    ROWS = "{},base_arm_1,,,{},{},{},{},,,,,\n"

    def table(self, tmp_path, *rows, **settings):
        text = "".join(self.ROWS.format(f"P{i}", *row) for i, row in enumerate(rows))
        cleaned = patients_only(tmp_path, text, settings=EVENTS | settings)
        ulcer = cleaned.tables["patients"]["finger_ulcer"]
        return list(ulcer.astype(object).where(ulcer.notna(), None)), cleaned

    def test_boxes_of_a_form_that_nobody_opened_are_missing(self, tmp_path):
        """Sex, first box, second box, status of the form."""
        rows = [("", 0, 0, ""), ("", 0, 0, 0), ("", 0, 0, 2), (1, 0, 0, 0), ("", 0, 1, 0)]
        values, cleaned = self.table(tmp_path, *rows)
        assert values == [None, None, "no", "no", "no"]
        assert noted(cleaned, "form_not_opened") == {("patients", "ulcers___1"): 2}

    def test_or_of_each_incomplete_form_where_the_plan_says_so(self, tmp_path):
        rows = [(1, 0, 0, 0), (1, 0, 0, ""), (1, 0, 0, 1), (1, 0, 1, 0)]
        values, _ = self.table(tmp_path, *rows, unopened_form="incomplete")
        assert values == [None, None, "no", "no"]

    def test_a_missing_code_of_a_checkbox_is_missing_in_each_of_its_boxes(self, tmp_path):
        project = make_project(tmp_path, FIELDS, missing_codes=["-9", "UNK"])
        text = "id,sex,ulcers___1,ulcers___2,ulcers____9,ulcers___unk,weight\n"
        text += "P1,1,0,0,1,0,-9\nP2,2,0,0,0,1,UNK\nP3,1,0,0,0,0,70\nP4,1,1,0,0,0,-9.0\n"
        cleaned = clean_export(tmp_path, project, BOOK, text)
        assert_nothing_is_lost(cleaned)
        table = cleaned.tables["patients"]
        assert list(table["finger_ulcer"].isna()) == [True, True, False, False]
        assert list(table["weight"].isna()) == [True, True, False, True]
        found = cleaned.normalisations.query("rule == 'missing_code' and column == 'ulcers___1'")
        assert sorted(found["old"]) == ["-9", "UNK"]
        assert cleaned.queries.empty

    def test_an_incomplete_set_of_columns_stops(self, tmp_path):
        project = make_project(tmp_path, FIELDS)
        with pytest.raises(InputError) as stop:
            clean_export(tmp_path, project, BOOK, "id,sex,ulcers___1,weight\nP1,1,1,70\n")
        said = stop.value.message
        assert "the checkbox 'ulcers' has 1 of its 2 columns; no column for '2, Toes'" in said


class TestValues:
    def test_codes_and_labels_are_both_read(self, tmp_path):
        rows = P1 + P2.replace(",,,2,0,0,2,70", ",,,Female,Unchecked,Unchecked,Complete,70")
        cleaned = clean(tmp_path, rows)
        assert list(cleaned.tables["patients"]["sex"]) == ["male", "female"]
        assert list(cleaned.tables["patients"]["finger_ulcer"]) == ["yes", "no"]

    @pytest.mark.parametrize(
        ("choices", "cells", "stops"),
        [
            ("1, Other | 2, Other", ("Other", "Other"), True),
            ("1, Other | 2, Other", ("1", "2"), False),
            ("1, 2 | 2, 3", ("2", "3"), True),
            ("1, 2 | 2, 3", ("1", "2"), False),
        ],
    )
    def test_labels_that_may_mean_two_choices_stop_where_labels_are_exported(
        self, tmp_path, choices, cells, stops
    ):
        fields = [field("id", "base"), field("x", "base", "radio", choices)]
        project = make_project(tmp_path, fields)
        book = "variable,table,source\npatient_id,patients,id\nx,patients,\n"
        text = "id,x\n" + "".join(f"P{i},{cell}\n" for i, cell in enumerate(cells))
        if stops:
            with pytest.raises(InputError, match="may stand for more than one choice of 'x'"):
                clean_export(tmp_path, project, book, text)
        else:
            x = clean_export(tmp_path, project, book, text).tables["patients"]["x"]
            assert x.nunique() == 2

    def test_a_time_of_day_is_left_out_and_counted(self, tmp_path):
        fields = [field("id", "base"), field("seen", "base", validation="datetime_dmy")]
        project = make_project(tmp_path, fields)
        book = "variable,table,source\npatient_id,patients,id\nseen,patients,\n"
        text = "id,seen\nP1,2015-02-01 23:59\nP2,2015-02-01 24:00:00\nP3,2015-02-31 10:00\nP4,\n"
        cleaned = clean_export(tmp_path, project, book, text)
        seen = cleaned.tables["patients"]["seen"]
        assert list(seen[:2].dt.date) == [datetime.date(2015, 2, 1)] * 2
        assert asked(cleaned, "row", "rule") == [(4, "impossible_date")]
        assert noted(cleaned, "time_of_day") == {("patients", "seen"): 3}

    def test_each_column_has_its_own_decimal_mark(self, tmp_path):
        fields = [field("id", "base"), field("a", "base", validation="number_comma_decimal")]
        fields.append(field("b", "base", validation="number_2dp"))
        project = make_project(tmp_path, fields)
        book = "variable,table,source\npatient_id,patients,id\na,patients,\nb,patients,\n"
        cleaned = clean_export(tmp_path, project, book, 'id,a,b\nP1,"1,5",1.5\nP2,"2,5","2,5"\n')
        table = cleaned.tables["patients"]
        assert list(table["a"]) == [1.5, 2.5]
        assert list(table["b"].isna()) == [False, True]
        assert asked(cleaned, "column", "rule") == [("b", "not_a_number")]


class TestStops:
    @pytest.mark.parametrize(
        ("settings", "says"),
        [
            ({}, "the export has events; set export.redcap.event .*: base_arm_1, film_arm_1"),
            ({"event": "bas_arm_1"}, "names the event 'bas_arm_1', .*: did you mean 'base_arm_1'"),
            (
                EVENTS | {"other_events": {"weight": "film_2_arm_1"}},
                "other_events names the event 'film_2_arm_1', .*: did you mean 'film_arm_1'",
            ),
        ],
    )
    def test_events_that_are_not_there_or_not_named(self, tmp_path, settings, says):
        with pytest.raises(InputError, match=says):
            clean(tmp_path, P1 + P2, settings=settings)

    @pytest.mark.parametrize(
        ("film", "says"),
        [
            ({"events": ["film_2"], "instrument": "reading"}, "films names the event 'film_2'"),
            ({"events": []}, "name those of each film"),
            ({"events": ["film_arm_1"], "instrument": "visit"}, "which has no instance"),
        ],
    )
    def test_films_that_are_not_there(self, tmp_path, film, says):
        assert says in stopped(tmp_path, P1 + P2, films=[film | {"grades": WIDE}])

    def test_a_field_of_the_mapping_that_is_no_column(self, tmp_path):
        fields = [*FIELDS, field("r_pp", "reading", "radio", "0, None | 1, Mild")]
        films = [FILMS[0] | {"grades": WIDE | {"r_pp": {"side": "right"}}}]
        said = stopped(tmp_path, P1 + P2, fields=fields, films=films)
        assert "maps the field 'r_pp', which is no column of the export" in said

    def test_an_export_of_another_project(self, tmp_path):
        project = make_project(tmp_path, FIELDS)
        with pytest.raises(InputError, match="no column 'id', the first field of the dictionary"):
            clean_export(tmp_path, project, BOOK, "record,sex\n1,1\n")

    def test_labels_as_headers(self, tmp_path):
        project = make_project(tmp_path, FIELDS)
        with pytest.raises(InputError, match=r"one name.*export raw data"):
            clean_export(tmp_path, project, BOOK, "ID,Complete?,Sex,Complete?\n1,Yes,1,Yes\n")


def test_a_workbook_is_read_as_the_text_is(tmp_path):
    """Its date cells and numbers are typed; a cell with an error is asked about at its row."""
    project = make_project(tmp_path, FIELDS, **EVENTS, films=FILMS)
    rows = [line.split(",") for line in (HEADER + P1 + P2).splitlines()]
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([int(c) if c.isdigit() else c or None for c in row])
    for row in (3, 6):
        cell = book.active.cell(row, 10)
        cell.value = datetime.date.fromisoformat(cell.value)
    book.active.cell(7, 12).value = "#REF!"
    book.save(tmp_path / "e.xlsx")
    variables = read_codebook(tmp_path, project, BOOK + READINGS)
    files = {table: [tmp_path / "e.xlsx"] for table in ("patients", "readings")}
    cleaned = cleaning.clean(files, variables, latest=LATEST, project=project)
    assert_nothing_is_lost(cleaned)
    text = clean(tmp_path, P1 + P2.replace(",1,1,", ",1,#REF!,"))
    for name, table in text.tables.items():
        pd.testing.assert_frame_equal(cleaned.tables[name], table)
    assert asked(cleaned, "row", "variable", "raw_value") == [(7, "grade", "#REF!")]


class TestOrder:
    """The order of rows and columns changes no table and no question."""

    def test_of_rows_and_columns(self, tmp_path):
        rows = (P1 + P2.replace("2016-03-04", "2016-03-34")).splitlines(keepends=True)
        first = clean(tmp_path, "".join(rows))
        second = clean(tmp_path, "".join(reversed(rows)))
        for name, table in first.tables.items():
            pd.testing.assert_frame_equal(second.tables[name], table)
        assert set(first.queries["query_id"]) == set(second.queries["query_id"])


def test_several_files_are_several_projects_of_one_dictionary(tmp_path):
    """The same record number at two sites is two patients, each asked about on its own."""
    fields = [field("id", "base"), field("sex", "base", "radio", "1, Male | 2, Female")]
    book = "variable,table,source,type,levels\npatient_id,patients,id,,\nsex,patients,,,\n"
    book += "centre,patients,redcap_data_access_group,category,a|b\n"
    text = "id,redcap_data_access_group,sex\n1,{0},7\n2,{0},2\n"
    project = make_project(tmp_path, fields)
    cleaned = clean_export(tmp_path, project, book, text.format("a"), text.format("b"))
    assert list(cleaned.tables["patients"]["patient_id"]) == ["a-1", "a-2", "b-1", "b-2"]
    assert asked(cleaned, "file", "row", "centre") == [
        ("export_0.csv", 2, "a"),
        ("export_1.csv", 2, "b"),
    ]


@pytest.fixture(scope="module")
def cleaned(tmp_path_factory):
    return clean_cohort(write_cohort(tmp_path_factory.mktemp("redcap")))


class TestSimulatedCohort:
    def test_its_tables_are_those_of_the_csv_files(self, cleaned):
        csv = clean_csv(ROOT / "tests" / "data" / "early_ssc" / "clean")
        assert set(cleaned.tables) == set(csv.tables)
        for name, table in csv.tables.items():
            # The simulated project has no fields for coverage and density.
            of_both = table.drop(columns=["coverage", "density"], errors="ignore")
            pd.testing.assert_frame_equal(cleaned.tables[name], of_both)

    def test_there_is_no_question_and_nothing_is_lost(self, cleaned):
        assert cleaned.queries.empty
        assert_nothing_is_lost(cleaned)
