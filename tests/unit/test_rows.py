"""Which rows can be used: keys, duplicates, ids that look alike, orphans, several centres."""

import pytest
from builders import CODEBOOK, LATEST, PATIENTS, READINGS, clean, read_codebook
from test_cleaning import HEADER, READING_HEADER, asked, assert_nothing_is_lost, total

from calcinosis.ingest import cleaning


def test_of_two_equal_rows_one_is_kept(tmp_path):
    cleaned = clean(tmp_path, PATIENTS + PATIENTS.splitlines()[1] + "\n")
    assert list(cleaned.tables["patients"]["patient_id"]) == ["P1", "P2"]
    assert asked(cleaned) == [("patients.csv", 4, "exact_duplicate")]
    assert_nothing_is_lost(cleaned)


def test_two_rows_that_disagree_are_both_out_with_their_readings(tmp_path):
    cleaned = clean(tmp_path, PATIENTS + "P1,111/11,41,2.5,M\n")
    assert list(cleaned.tables["patients"]["patient_id"]) == ["P2"]
    assert set(cleaned.tables["readings"]["patient_id"]) == {"P2"}
    assert asked(cleaned) == [
        ("patients.csv", 2, "conflicting_duplicate"),
        ("patients.csv", 4, "conflicting_duplicate"),
        ("readings.csv", 2, "no_such_patient"),
    ]
    assert_nothing_is_lost(cleaned)


def test_two_readings_of_one_region_that_disagree_are_both_out(tmp_path):
    cleaned = clean(tmp_path, readings=READINGS + "P1,01/02/2012,right,severe\n")
    assert len(cleaned.tables["readings"]) == 2
    assert [rule for *_, rule in asked(cleaned)] == ["conflicting_duplicate"] * 2
    assert set(cleaned.queries["event"]) == {"01/02/2012"}  # the day of the film
    assert_nothing_is_lost(cleaned)


def test_rows_that_differ_in_a_cell_that_cannot_be_read_are_not_equal(tmp_path):
    """Both ages become missing, but the site wrote two different things."""
    cleaned = clean(tmp_path, HEADER + "P1,1,~40,1,M\nP1,1,~50,1,M\nP2,2,50,1,F\n")
    assert "exact_duplicate" not in [rule for *_, rule in asked(cleaned)]


@pytest.mark.parametrize("ids", [("007", "7"), ("e01", "E01"), ("E 01", "E01")])
def test_ids_that_look_alike_are_asked_about_and_kept(tmp_path, ids):
    rows = "".join(f"{patient},{i},40,1,M\n" for i, patient in enumerate(ids))
    cleaned = clean(tmp_path, HEADER + rows, READING_HEADER + f"{ids[0]},01/02/2012,right,none\n")
    assert set(cleaned.tables["patients"]["patient_id"]) == set(ids)
    assert [rule for *_, rule in asked(cleaned)] == ["near_duplicate_id"] * 2
    assert_nothing_is_lost(cleaned)


def test_ids_that_are_text_stay_text(tmp_path):
    cleaned = clean(
        tmp_path,
        HEADER + "1E5,1,40,1,M\n=1+1,2,50,1,F\nNA,3,60,1,F\n",
        READING_HEADER + "NA,01/02/2012,right,none\n",
    )
    assert set(cleaned.tables["patients"]["patient_id"]) == {"1E5", "=1+1", "NA"}
    assert asked(cleaned) == []


def test_a_row_without_id_is_out(tmp_path):
    cleaned = clean(tmp_path, PATIENTS + " ,3,60,1,F\n", READINGS + ",01/02/2012,right,none\n")
    assert asked(cleaned) == [("patients.csv", 4, "blank_id"), ("readings.csv", 5, "blank_id")]
    assert_nothing_is_lost(cleaned)


def test_each_row_without_id_has_its_questions(tmp_path):
    cleaned = clean(tmp_path, PATIENTS + ",3,~60,1,F\n,4,~60,2,F\n")
    assert [(row, rule) for _, row, rule in asked(cleaned)] == [
        *((4, "blank_id"), (4, "not_an_integer"), (5, "blank_id"), (5, "not_an_integer"))
    ]


def test_readings_of_nobody_are_out_with_one_question_a_patient(tmp_path):
    cleaned = clean(
        tmp_path, readings=READINGS + "P9,01/02/2012,right,none\nP9,01/02/2013,right,none\n"
    )
    assert asked(cleaned) == [("readings.csv", 5, "no_such_patient")]
    assert total(cleaned, "rows_excluded", "readings", rule="no_such_patient") == 2
    assert_nothing_is_lost(cleaned)


@pytest.mark.parametrize(
    ("reading", "rules"),
    [
        ("P1,31/02/2014,right,mild", {"impossible_date"}),
        ("P1,01/03/2031,right,mild", {"after_export"}),
        ("P1,01/03/2014,thumb,mild", {"unknown_level"}),
        ("P1,01/03/2014,,mild", {"incomplete_key"}),
    ],
)
def test_a_reading_of_an_unknown_film_or_region_is_out(tmp_path, reading, rules):
    cleaned = clean(tmp_path, readings=READINGS + reading + "\n")
    assert {rule for *_, rule in asked(cleaned)} == rules
    assert len(cleaned.tables["readings"]) == 3
    assert_nothing_is_lost(cleaned)


def test_a_grade_of_the_whole_film_needs_no_side_and_a_second_reading_is_no_duplicate(tmp_path):
    book = CODEBOOK + (
        "region,readings,region,category,,,,carpal|global,,,,\n"
        "occasion,readings,occasion,integer,,1,9,,,,,\n"
    )
    readings = (
        "id,film_date,side,region,occasion,grade\n"
        "P1,01/02/2012,right,carpal,1,none\nP1,01/02/2012,right,carpal,2,mild\n"
        "P1,01/02/2012,,global,1,mild\nP1,01/02/2012,,carpal,1,mild\n"
        "P1,01/02/2015,right,carpal,,mild\n"
    )
    cleaned = clean(tmp_path, readings=readings, book=book)
    assert sorted(cleaned.tables["readings"]["region"]) == ["carpal", "carpal", "global"]
    assert [rule for *_, rule in asked(cleaned)] == ["incomplete_key"] * 2


class TestSeveralFiles:
    BOOK = CODEBOOK + "centre,patients,centre,category,,,,a|b,,,yes,\n"

    def clean(self, folder, *texts: str) -> cleaning.Cleaned:
        paths = []
        for name, text in zip("ab", texts, strict=True):
            paths.append(str(folder / f"{name}.csv"))
            (folder / f"{name}.csv").write_text(text, "utf-8")
        return cleaning.clean({"patients": paths}, read_codebook(folder, self.BOOK), latest=LATEST)

    def test_a_column_that_one_file_lacks_is_missing_there_and_keeps_its_type(self, tmp_path):
        cleaned = self.clean(tmp_path, "id,age,sex,centre\nP1,40,M,a\n", "id,age,centre\nP2,50,b\n")
        sex = cleaned.tables["patients"]["sex"]
        assert list(sex.cat.categories) == ["male", "female"]
        assert list(sex.isna()) == [False, True]
        assert_nothing_is_lost(cleaned)

    def test_equal_ids_of_two_centres_are_two_patients(self, tmp_path):
        cleaned = self.clean(tmp_path, "id,age,centre\nP1,40,a\n", "id,age,centre\nP1,50,b\n")
        assert cleaned.tables["patients"]["patient_id"].nunique() == 2
        assert "site_qualified_id" in set(cleaned.normalisations["rule"])

    def test_two_centres_with_equal_ids_and_the_same_error_are_both_asked(self, tmp_path):
        text = "id,age,centre\nP1,x,{}\n"
        cleaned = self.clean(tmp_path, text.format("a"), text.format("b"))
        assert asked(cleaned) == [
            ("a.csv", 2, "not_an_integer"),
            ("b.csv", 2, "not_an_integer"),
        ]
        assert_nothing_is_lost(cleaned)

    def test_a_row_of_an_unknown_centre_is_not_called_a_row_without_id(self, tmp_path):
        cleaned = self.clean(tmp_path, "id,age,centre\nP1,40,z\n", "id,age,centre\nP1,50,b\n")
        assert "unknown_level" in set(cleaned.queries["rule"])
        assert "blank_id" not in set(cleaned.queries["rule"])
        assert_nothing_is_lost(cleaned)

    def test_ids_of_one_centre_that_look_alike_are_asked_about(self, tmp_path):
        cleaned = self.clean(
            tmp_path, "id,age,centre\n007,40,a\n7,41,a\n", "id,age,centre\n7,50,b\n"
        )
        near = cleaned.queries.query("rule == 'near_duplicate_id'")
        assert list(zip(near["file"], near["row"], strict=True)) == [("a.csv", 2), ("a.csv", 3)]


def test_ids_that_differ_by_outer_white_space_are_one_id(tmp_path):
    cleaned = clean(tmp_path, HEADER + "007,1,40,1,M\n007 ,1,41,1,M\nP1,2,50,1,F\nP2,3,50,1,F\n")
    assert asked(cleaned) == [
        ("patients.csv", 2, "conflicting_duplicate"),
        ("patients.csv", 3, "conflicting_duplicate"),
    ]
    assert ("white_space", "007 ", "007") in set(
        cleaned.normalisations[["rule", "old", "new"]].itertuples(index=False, name=None)
    )


def test_rows_without_any_usable_id_leave_empty_tables_and_no_crash(tmp_path):
    cleaned = clean(tmp_path, HEADER + ",1,40,1,M\n ,2,50,1,F\n")
    assert len(cleaned.tables["patients"]) == len(cleaned.tables["readings"]) == 0
    assert [rule for *_, rule in asked(cleaned)] == ["blank_id"] * 2 + ["no_such_patient"] * 2
    assert_nothing_is_lost(cleaned)


def test_an_orphan_patient_is_asked_about_once_and_all_rows_are_out(tmp_path):
    orphans = "P9,01/02/2012,right,mild\nP9,01/02/2013,right,mild\n"
    cleaned = clean(tmp_path, readings=READINGS + orphans)
    query = cleaned.queries.iloc[0]
    assert asked(cleaned) == [("readings.csv", 5, "no_such_patient")]
    assert query["raw_value"] == query["patient_id"] == "P9"
    assert total(cleaned, "rows_excluded", "readings", rule="no_such_patient") == 2
    assert_nothing_is_lost(cleaned)


def test_each_row_knows_the_line_of_its_file(tmp_path):
    """The rows are sorted and some are out; each still names the line that holds it."""
    patients = HEADER + "P9,1,40,1,M\n\nP2,2,50,1,F\nP2,2,50,1,F\nP5,3,60,2,F\n"
    cleaned = clean(tmp_path, patients, readings=READING_HEADER + "P5,01/02/2012,right,none\n")
    for table, origin in cleaned.origins.items():
        assert list(origin["patient_id"]) == list(cleaned.tables[table]["patient_id"])
        lines = (tmp_path / f"{table}.csv").read_text("utf-8").splitlines()
        for patient, file, row in origin.itertuples(index=False, name=None):
            assert file == f"{table}.csv" and lines[row - 1].startswith(f"{patient},")
