"""Readings of a raw REDCap export: wide and long forms, dates of events, several readers."""

import pandas as pd
from redcap_builder import (
    clean_export,
    field,
    make_project,
)
from test_cleaning import assert_nothing_is_lost
from test_redcap_rows import (
    BASE,
    BOOK,
    FIELDS,
    FILM,
    P1,
    P2,
    READ,
    READINGS,
    asked,
    clean,
    noted,
    read_of,
    stopped,
)


class TestReadings:
    def test_a_wide_form_gives_one_reading_a_field(self, tmp_path):
        assert read_of(clean(tmp_path, P1 + P2)) == [
            ("P1", pd.Timestamp("2015-02-01"), "r1", "right", "none"),
            ("P1", pd.Timestamp("2015-02-01"), "r1", "left", "mild"),
            ("P2", pd.Timestamp("2016-03-04"), "r1", "right", "mild"),
            ("P2", pd.Timestamp("2016-03-04"), "r1", "left", None),
        ]

    def test_a_long_instrument_gives_one_reading_an_instance(self, tmp_path):
        rows = BASE.format("P1", 1, 1) + FILM.format("P1", "2015-02-01")
        rows += READ.format("P1", 1, 1, 0, "") + READ.format("P1", 2, 2, 1, "")
        long = READINGS.replace("side,readings,,category,right|left\n", "")
        long = long.replace("grade,readings,,", "grade,readings,r_mc,")
        films = [{"events": ["film_arm_1"], "instrument": "reading"}]
        cleaned = clean(tmp_path, rows, films=films, book=BOOK + long)
        table = cleaned.tables["readings"]
        assert list(table["reader"]) == ["r1", "r2"]
        assert list(table["grade"]) == ["none", "mild"]
        assert set(table["film_date"]) == {pd.Timestamp("2015-02-01")}

    def test_a_question_about_a_grade_names_its_own_column(self, tmp_path):
        cleaned = clean(tmp_path, P1 + P2.replace(",1,1,", ",1,7,"))
        columns = ("row", "column", "raw_value", "rule")
        assert asked(cleaned, *columns) == [(7, "r_mc", "7", "unknown_level")]

    def test_a_date_of_an_event_is_asked_once_at_its_own_row(self, tmp_path):
        cleaned = clean(tmp_path, P1 + P2.replace("2016-03-04", "2016-03-34"))
        columns = ("event", "row", "column", "raw_value", "rule")
        said = ("film_arm_1", 6, "film_date", "2016-03-34", "impossible_date")
        assert asked(cleaned, *columns) == [said]
        assert len(cleaned.tables["readings"]) == 2

    def test_a_film_without_date_is_one_question(self, tmp_path):
        cleaned = clean(tmp_path, P1 + P2.replace("2016-03-04", ""))
        assert asked(cleaned, "row", "rule") == [(7, "no_film_date")]

    def test_two_dates_of_one_event_are_asked(self, tmp_path):
        cleaned = clean(tmp_path, P1 + FILM.format("P1", "2015-02-09") + P2)
        (query,) = cleaned.queries.to_dict("records")
        assert (query["rule"], query["variable"]) == ("events_disagree", "film_date")
        assert query["raw_value"] == "2015-02-01 (film_arm_1); 2015-02-09 (film_arm_1)"
        assert "in each row of this event (rows 3, 5)" in query["question"]
        assert set(cleaned.tables["readings"]["patient_id"]) == {"P2"}

    def test_a_form_without_any_grade_is_no_reading(self, tmp_path):
        cleaned = clean(tmp_path, P1 + P2 + READ.format("P2", 2, 2, "", ""))
        assert len(cleaned.tables["readings"]) == 4
        assert noted(cleaned, "film_not_read") == {("readings", "r_mc"): 1}

    def test_readers_may_have_fields_of_their_own(self, tmp_path):
        """Two readers side by side in one form; the second has not read the second film."""
        wide = {
            "r_mc": {"side": "right", "reader": "r1"},
            "l_mc": {"side": "left", "reader": "r1"},
            "r_mc2": {"side": "right", "reader": "r2"},
        }
        fields = [f for f in FIELDS if f["name"] != "reader"]
        fields = [f | {"form": "film"} if f["name"] in wide else f for f in fields]
        fields.append(field("r_mc2", "film", "radio", "0, None | 1, Mild"))
        header = "id,redcap_event_name,sex,ulcers___1,ulcers___2,base_complete,weight,film_date,"
        rows = "P1,base,1,0,0,2,70,,,,\nP1,f1,,,,,,2015-01-01,0,0,1\nP1,f2,,,,,,2016-01-01,1,1,\n"
        project = make_project(
            tmp_path, fields, event="base", films=[{"events": ["f1", "f2"], "grades": wide}]
        )
        book = BOOK + READINGS.replace("reader,readings,,,", "reader,readings,,category,r1|r2")
        cleaned = clean_export(tmp_path, project, book, header + "r_mc,l_mc,r_mc2\n" + rows)
        assert_nothing_is_lost(cleaned)
        assert [(str(row[1])[:4], *row[2:]) for row in read_of(cleaned)] == [
            ("2015", "r1", "right", "none"),
            ("2015", "r1", "left", "none"),
            ("2015", "r2", "right", "mild"),
            ("2016", "r1", "right", "mild"),
            ("2016", "r1", "left", "mild"),
        ]

    def test_two_films_in_one_row_have_fields_and_dates_of_their_own(self, tmp_path):
        fields = [field("id", "base"), field("sex", "base", "radio", "1, Male | 2, Female")]
        for film in "12":
            fields.append(field(f"date{film}", "base", validation="date_ymd"))
            fields.append(field(f"r{film}", "base", "radio", "0, None | 1, Mild"))
        films = [
            {"date": f"date{film}", "grades": {f"r{film}": {"side": "right"}}} for film in "12"
        ]
        book = "variable,table,source,type,levels\npatient_id,patients,id,,\nsex,patients,,,\n"
        book += READINGS.replace("reader,readings,,,\n", "")
        project = make_project(tmp_path, fields, films=films)
        text = "id,sex,date1,r1,date2,r2\nP1,1,2015-01-01,0,2017-01-01,1\nP2,2,2016-01-01,1,,\n"
        cleaned = clean_export(tmp_path, project, book, text)
        table = cleaned.tables["readings"]
        assert [d.year for d in table["film_date"]] == [2015, 2017, 2016]
        assert list(table["grade"]) == ["none", "mild", "mild"]
        assert noted(cleaned, "film_not_read") == {("readings", "r2"): 1}
        assert cleaned.queries.empty

    def test_no_grade_at_all_stops(self, tmp_path):
        rows = BASE.format("P1", 1, 1) + READ.format("P1", 1, 1, "", "")
        assert "none of the films that export.redcap.films names has a grade" in stopped(
            tmp_path, rows
        )
