"""Corrections of the sites: applied, confirmed, already there, or rejected; never silent."""

import openpyxl
import pandas as pd
import pytest
from builders import CODEBOOK, PATIENTS, READINGS, clean, read_table
from hypothesis import given, settings
from hypothesis import strategies as st
from test_cleaning import HEADER, assert_nothing_is_lost, total

from calcinosis.errors import InputError
from calcinosis.ingest import cleaning, codebook
from calcinosis.ingest.corrections import correct
from calcinosis.ingest.log import Log
from calcinosis.side_files import Correction

OLD = HEADER + "P1,111/11,40,2.5,M\nP2,222/22,135,1,F\n"
FILM = (
    "id,film_date,side,grade\nP1,31/02/2012,right,none\nP1,31/02/2012,left,mild\n"
    "P1,01/02/2015,right,mild\nP2,03/04/2013,right,mild\n"
)


def correction(record, variable, old, new, table="patients", line=2) -> Correction:
    who = ("A. B.", "2021-01-05", "chart")
    return Correction(f"corrections.csv:{line}", table, record, variable, old, new, *who)


def outcomes(cleaned) -> list[tuple]:
    return list(cleaned.corrections[["status", "file", "row"]].itertuples(index=False, name=None))


def rules(cleaned) -> list[str]:
    return list(cleaned.queries["rule"])


def test_a_correction_replaces_the_value_and_leaves_a_trail(tmp_path):
    cleaned = clean(tmp_path, OLD, given=[correction("P2", "age", "135", "35")])
    assert list(cleaned.tables["patients"]["age"]) == [40, 35]
    assert rules(cleaned) == []
    (line,) = cleaned.corrections.to_dict("records")
    assert line == {
        **{"status": "applied", "table": "patients", "record": "P2", "variable": "age"},
        **{"old_value": "135", "new_value": "35", "answered_by": "A. B.", "date": "2021-01-05"},
        **{"why": "chart", "file": "patients.csv", "row": "3", "line": "2"},
    }
    assert total(cleaned, "corrections", "", rule="applied") == 1
    assert_nothing_is_lost(cleaned)


def test_a_corrected_export_is_the_export_that_is_right(tmp_path):
    """Tables and questions are those of an export with the right value in the cell."""
    corrected = clean(tmp_path, OLD, given=[correction("P2", "age", "135", "35")])
    right = clean(tmp_path, OLD.replace("135", "35"))
    for name, table in right.tables.items():
        pd.testing.assert_frame_equal(corrected.tables[name], table)
    pd.testing.assert_frame_equal(corrected.queries, right.queries)


def test_a_correction_may_itself_be_wrong(tmp_path):
    cleaned = clean(tmp_path, OLD, given=[correction("P2", "age", "135", "old")])
    assert rules(cleaned) == ["not_an_integer"]
    assert cleaned.queries["raw_value"].item() == "old"


def test_the_other_questions_of_a_corrected_record_keep_their_ids(tmp_path):
    wrong = FILM.replace("P1,31/02/2012,right,none", "P1,31/02/2012,right,worst")
    before = clean(tmp_path, readings=wrong).queries.query("variable == 'grade'")
    one = correction("P1 | 31/02/2012", "film_date", "31/02/2012", "28/02/2012", "readings")
    after = clean(tmp_path, readings=wrong, given=[one]).queries
    assert list(before["query_id"]) == list(after["query_id"])


class TestFilm:
    def test_a_wrong_date_of_a_film_is_one_question_that_names_its_rows(self, tmp_path):
        cleaned = clean(tmp_path, readings=FILM)
        (query,) = cleaned.queries.to_dict("records")
        assert (query["record"], query["row"]) == ("P1 | 31/02/2012", 2)
        assert query["question"].endswith("(rows 2 and 3)")
        assert total(cleaned, "cells_queried", "readings", variable="film_date") == 2

    def test_the_question_is_the_same_whatever_rows_the_film_has(self, tmp_path):
        other = FILM.replace("P1,31/02/2012,left,mild\n", "")
        ids = [clean(tmp_path, readings=text).queries["query_id"].item() for text in (FILM, other)]
        assert ids[0] == ids[1]

    def test_one_correction_mends_all_rows(self, tmp_path):
        one = correction("P1 | 31/02/2012", "film_date", "31/02/2012", "28/02/2012", "readings")
        cleaned = clean(tmp_path, readings=FILM, given=[one])
        assert rules(cleaned) == []
        assert len(cleaned.tables["readings"]) == 4
        assert outcomes(cleaned) == [
            ("applied", "readings.csv", "2"),
            ("applied", "readings.csv", "3"),
        ]


class TestConfirmed:
    def test_an_implausible_value_stands(self, tmp_path):
        cleaned = clean(tmp_path, OLD, given=[correction("P2", "age", "135", "Confirmed")])
        assert list(cleaned.tables["patients"]["age"]) == [40, 135]
        assert rules(cleaned) == []
        assert outcomes(cleaned) == [("confirmed", "patients.csv", "3")]
        assert_nothing_is_lost(cleaned)

    def test_only_of_the_record_that_was_asked_about(self, tmp_path):
        two = OLD + "P3,333/33,135,1,F\n"
        cleaned = clean(tmp_path, two, given=[correction("P2", "age", "135", "confirmed")])
        assert list(cleaned.queries["patient_id"]) == ["P3"]
        assert total(cleaned, "cells_queried", "patients", variable="age") == 1

    def test_what_cannot_be_read_cannot_be_confirmed(self, tmp_path):
        text = OLD.replace("135", "~35")
        cleaned = clean(tmp_path, text, given=[correction("P2", "age", "~35", "confirmed")])
        assert sorted(rules(cleaned)) == ["correction_rejected", "not_an_integer"]
        assert cleaned.tables["patients"]["age"].isna().sum() == 1

    def test_a_date_before_the_first_plausible_year_stands(self, tmp_path):
        text = FILM.replace("31/02/2012", "28/02/1999")
        one = correction("P1 | 28/02/1999", "film_date", "28/02/1999", "confirmed", "readings")
        cleaned = clean(tmp_path, readings=text, given=[one])
        assert rules(cleaned) == []
        assert cleaned.tables["readings"]["film_date"].min() == pd.Timestamp("1999-02-28")

    def test_two_persons_with_ids_that_look_alike(self, tmp_path):
        text = HEADER + "007,1,40,1,M\n7,2,50,1,F\n"
        readings = READINGS.replace("P1", "007").replace("P2", "7")
        ones = [
            correction(i, "patient_id", i, "confirmed", line=n) for n, i in enumerate(("007", "7"))
        ]
        assert rules(clean(tmp_path, text, readings)) == ["near_duplicate_id"] * 2
        assert rules(clean(tmp_path, text, readings, given=ones)) == []

    def test_a_row_that_stands_twice_is_one(self, tmp_path):
        text = PATIENTS + PATIENTS.splitlines()[1] + "\n"
        cleaned = clean(tmp_path, text, given=[correction("P1", "", "", "confirmed")])
        assert rules(cleaned) == []
        assert total(cleaned, "rows_excluded", "patients", rule="exact_duplicate") == 1


class TestRejected:
    def test_rows_that_disagree_cannot_be_confirmed(self, tmp_path):
        text = PATIENTS + "P1,111/11,41,2.5,M\n"
        cleaned = clean(tmp_path, text, given=[correction("P1", "", "", "confirmed")])
        assert rules(cleaned)[:2] == ["conflicting_duplicate"] * 2
        assert {status for status, *_ in outcomes(cleaned)} == {"rejected"}

    def test_an_old_value_that_is_not_there_any_more(self, tmp_path):
        now = OLD.replace("135", "136")
        cleaned = clean(tmp_path, now, given=[correction("P2", "age", "135", "35")])
        assert sorted(rules(cleaned)) == ["correction_rejected", "out_of_range"]
        query = cleaned.queries.query("rule == 'correction_rejected'").iloc[0]
        assert (query["patient_id"], query["file"], query["row"]) == ("P2", "patients.csv", 3)
        assert "line 2 of corrections.csv" in query["question"]
        assert "'136' where '135' was" in query["question"]
        assert cleaned.tables["patients"]["age"].isna().sum() == 1
        assert total(cleaned, "corrections", "", rule="rejected") == 1
        assert_nothing_is_lost(cleaned)

    def test_a_correction_that_its_source_has_made_too_is_done(self, tmp_path):
        now = OLD.replace("135", "35")
        cleaned = clean(tmp_path, now, given=[correction("P2", "age", "135", "35")])
        assert rules(cleaned) == []
        assert outcomes(cleaned) == [("already_in_export", "patients.csv", "3")]

    def test_also_where_the_key_was_wrong(self, tmp_path):
        one = correction("P1 | 31/02/2012", "film_date", "31/02/2012", "28/02/2012", "readings")
        now = FILM.replace("31/02/2012", "28/02/2012")
        cleaned = clean(tmp_path, readings=now, given=[one])
        assert rules(cleaned) == []
        assert {status for status, *_ in outcomes(cleaned)} == {"already_in_export"}

    def test_a_film_that_is_not_there_any_more(self, tmp_path):
        one = correction("P1 | 31/02/2012", "film_date", "31/02/2012", "28/02/2012", "readings")
        assert rules(clean(tmp_path, given=[one])) == ["correction_rejected"]

    def test_an_identifying_column_is_named_without_its_values(self, tmp_path):
        one = correction("P2", "hospital_number", "222/22", "333/33")
        cleaned = clean(tmp_path, given=[one])
        assert rules(cleaned) == ["correction_rejected"]
        for log in (cleaned.corrections, cleaned.queries, cleaned.quality):
            assert (
                not log.astype("string")
                .apply(lambda c: c.str.contains("222/22|333/33"))
                .any(axis=None)
            )

    def test_an_answer_in_words_to_a_question_about_a_row(self, tmp_path):
        text = PATIENTS + "P1,111/11,41,2.5,M\n"
        cleaned = clean(tmp_path, text, given=[correction("P1", "", "", "the second")])
        assert "correction_rejected" in rules(cleaned)


def test_rows_that_disagree_are_resolved_by_correcting_the_wrong_one(tmp_path):
    text = PATIENTS + "P1,111/11,41,2.5,M\n"
    cleaned = clean(tmp_path, text, given=[correction("P1", "age", "41", "40")])
    assert rules(cleaned) == ["exact_duplicate"]
    assert list(cleaned.tables["patients"]["age"]) == [40, 50]


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (correction("P9", "age", "1", "2"), r"^corrections.csv:2: patients has no patient"),
        (correction("P2", "agee", "1", "2"), r"no variable 'agee' of patients: .*'age'"),
        (correction("P2", "age", "1", "2", "patient"), r"table 'patient': .*'patients'"),
    ],
)
def test_what_nobody_knows_stops_with_its_line(tmp_path, one, said):
    with pytest.raises(InputError, match=said) as error:
        clean(tmp_path, given=[one])
    assert "P9" not in error.value.message


def test_two_corrections_of_one_cell_stop(tmp_path):
    film = correction("P1 | 31/02/2012", "film_date", "31/02/2012", "28/02/2012", "readings")
    row = correction(
        "P1 | 31/02/2012 | left", "film_date", "31/02/2012", "27/02/2012", "readings", line=3
    )
    with pytest.raises(InputError, match=r"csv:3: corrections.csv:2 corrects the same cell"):
        clean(tmp_path, readings=FILM, given=[film, row])


def test_a_row_without_id_is_named_by_what_it_says_and_gets_one(tmp_path):
    text = OLD.replace("135", "35") + ",333/33,60,4,F\n"
    query = clean(tmp_path, text).queries.iloc[0]
    assert (query["rule"], query["record"]) == ("blank_id", "(no id) | 60 | 4 | F")
    cleaned = clean(tmp_path, text, given=[correction(query["record"], "patient_id", "", "P3")])
    assert list(cleaned.tables["patients"]["patient_id"]) == ["P1", "P2", "P3"]


def test_centres_that_number_alike_are_told_apart(tmp_path):
    book = CODEBOOK + "centre,patients,centre,category,,,,a|b,,,yes,\n"
    variables = [v for v in codebook_of(tmp_path, book) if v.table == "patients"]
    files = []
    for centre in ("a", "b"):
        path = tmp_path / f"{centre}.csv"
        path.write_text(f"id,hn,age,centre\n1,x,135,{centre}\n", "utf-8")
        files.append(str(path))
    given_ = [correction("b | 1", "age", "135", "35")]
    cleaned = cleaning.clean({"patients": files}, variables, latest=None, given=given_)
    ages = cleaned.tables["patients"].set_index("patient_id")["age"].to_dict()
    assert ages["b-1"] == 35
    assert pd.isna(ages["a-1"])
    assert list(cleaned.queries["record"]) == ["a | 1"]


def codebook_of(folder, text):
    (folder / "codebook.csv").write_text(text, "utf-8")
    return codebook.read(folder / "codebook.csv")


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["35", "x", "confirmed"])), max_size=5)
)
def test_every_answer_has_its_line_and_no_cell_is_lost(tmp_path_factory, answers):
    folder = tmp_path_factory.mktemp("export")
    text = (
        HEADER
        + "".join(f"P{i},{i},{130 + i},1,M\n" for i in range(5))
        + "P5,5,40,1,M\nP6,6,41,1,F\n" * 3
    )
    answers = dict(answers)
    given_ = [
        correction(f"P{i}", "age", str(130 + i), new, line=n)
        for n, (i, new) in enumerate(answers.items(), 2)
    ]
    cleaned = clean(folder, HEADER + text.partition("\n")[2], given=given_)
    assert len(cleaned.corrections) == len(answers)
    wrong = 5 - sum(new != "x" for new in answers.values())
    assert total(cleaned, "cells_queried", "patients", variable="age") == wrong
    assert_nothing_is_lost(cleaned)


def test_a_cell_without_value_in_a_workbook_gets_one(tmp_path):
    """The file marks the cell as an error; its correction takes the mark away."""
    book = openpyxl.Workbook()
    for row in (["id", "hn", "age", "duration", "sex"], ["P1", "x", "#N/A", 1, "M"]):
        book.active.append(row)
    book.active["C2"].data_type = "e"
    book.save(tmp_path / "patients.xlsx")
    variables = [v for v in codebook_of(tmp_path, CODEBOOK) if v.table == "patients"]
    files = {"patients": [str(tmp_path / "patients.xlsx")]}
    asked = cleaning.clean(files, variables, latest=None).queries
    assert list(asked["variable"]) == ["age"]
    one = correction("P1", "age", asked["raw_value"].item(), "40")
    cleaned = cleaning.clean(files, variables, latest=None, given=[one])
    assert cleaned.queries.empty
    assert list(cleaned.tables["patients"]["age"]) == [40]


def test_only_corrected_columns_are_encoded_anew(tmp_path):
    variables = codebook_of(tmp_path, CODEBOOK)
    (tmp_path / "patients.csv").write_text(OLD, "utf-8")
    of_table = [v for v in variables if v.table == "patients"]
    table = read_table(tmp_path / "patients.csv", of_table)
    books = {"patients": [{v.name: v for v in of_table}]}
    one = correction("P2", "age", "135", "35")
    done = correct({"patients": [table]}, books, [one], Log(), qualify=False)
    (after,) = done.tables["patients"]
    assert list(table.cells["age"]) == ["40", "135"]
    assert list(after.cells["age"]) == ["40", "35"]
    assert (after.cells.dtypes == "category").all()
    assert list(after.cells["sex"]) == list(table.cells["sex"])


@pytest.mark.parametrize("answer", ["yes", "No"])
def test_yes_and_no_are_no_ids(tmp_path, answer):
    """The question is whether two ids are one person; the answer would become an id."""
    given = [correction("P2", "patient_id", "P2", answer)]
    cleaned = clean(tmp_path, OLD, given=given)
    assert list(cleaned.tables["patients"]["patient_id"]) == ["P1", "P2"]
    (status, *_), *_ = outcomes(cleaned)
    assert status == "rejected"
