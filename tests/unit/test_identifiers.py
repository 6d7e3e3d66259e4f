"""Columns that identify a person: by name, by values, and what happens to them."""

from collections import Counter

import pandas as pd
import pytest
from builders import CODEBOOK, PATIENTS, clean, read_codebook
from hypothesis import given
from hypothesis import strategies as st

from calcinosis.errors import InputError
from calcinosis.ingest import identifiers
from calcinosis.ingest.carriers.sheet import matching


@pytest.mark.parametrize(
    "name",
    [
        *(
            "name",
            "Patient Name",
            "patient_name",
            "PatientName",
            "FIRST_NAME",
            "surname",
            "initials",
        ),
        *(
            "HN",
            "hn_no",
            "MRN",
            "hospital number",
            "Medical Record No.",
            "citizen_id",
            "NationalID",
        ),
        *("id card", "passport_no", "phone", "Tel.", "mobile1", "e-mail", "Email", "address"),
        *("DOB", "date_of_birth", "birthdate", "ZIP code", "post_code"),
        *("ชื่อ", "ชื่อ-สกุล", "นามสกุล", "เลขบัตรประชาชน", "เบอร์โทร", "โทรศัพท์", "ที่อยู่", "วันเกิด"),
    ],
)
def test_names_of_identifying_columns(name):
    assert identifiers.named(name)


@pytest.mark.parametrize(
    "name",
    [
        *("age", "sex", "patient_id", "record_id", "study_no", "centre", "hospital", "site_name"),
        *("drug name", "telangiectasia", "mobility", "antibody", "anca", "visit_date", "region"),
        *(
            "hand",
            "phonation",
            "intelligence",
            "birth_weight",
            "อายุ",
            "เพศ",
            "โรงพยาบาล",
            "วันที่ตรวจ",
        ),
    ],
)
def test_names_of_other_columns(name):
    assert not identifiers.named(name)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1101700203450", "citizen id"),
        ("no. 1-1017-00203-45-0", "citizen id"),
        ("๑๑๐๑๗๐๐๒๐๓๔๕๐", "citizen id"),
        ("1101700203451", ""),
        ("somchai@example.org", "e-mail"),
        ("write to a.b-c@hospital.go.th please", "e-mail"),
        ("0812345678", "phone number"),
        ("081-234-5678", "phone number"),
        ("02 123 4567", "phone number"),
        ("+66 81 234 5678", "phone number"),
        ("๐๘๑๒๓๔๕๖๗๘", "phone number"),
        ("+44 20 7946 0958", "phone number"),
        ("03/02/2019", ""),
        ("2019-02-03", ""),
        ("12345", ""),
        ("0.812345678", ""),
        ("a@b", ""),
        ("", ""),
    ],
)
def test_kinds_of_texts(text, kind):
    assert identifiers.kind_of_text(text) == kind


NUMBERS = ["4982597919077", "5833788762326", "7012904047961", "7697251027340", "7468695896939"]
"""Made-up numbers whose check digits are by `stdnum.th.pin` of python-stdnum 2.2."""


@pytest.mark.parametrize("number", NUMBERS)
def test_the_check_digit_is_that_of_stdnum(number):
    last = int(number[-1])
    valid = [d for d in range(10) if identifiers.is_citizen_id(number[:-1] + str(d))]
    assert valid == [last]


def kind(cells: list[str]) -> str:
    return identifiers.kind_of_cells(Counter(cells).items())


class TestColumns:
    def test_most_cells_decide(self):
        mails = ["a@x.org", "b@x.org", "c@x.org"]
        assert kind([*mails, "", "none"]) == "e-mail"
        assert kind([*mails, "x", "y", "z"]) == ""
        assert kind(mails[:2]) == ""

    def test_each_cell_counts_not_each_spelling(self):
        assert kind(["a@x.org"] * 5 + ["x", "y", "z"]) == "e-mail"

    def test_kinds_are_counted_together_and_the_most_frequent_is_named(self):
        assert kind(["a@x.org", "0812345678", "0898765432", "x"]) == "phone number"

    def test_others_count_as_cells_that_identify_nobody(self):
        mails = Counter(["a@x.org", "b@x.org", "c@x.org"])
        assert identifiers.kind_of_cells(mails.items(), others=2) == "e-mail"
        assert identifiers.kind_of_cells(mails.items(), others=3) == ""


PIECES = ["0812345678", "+66 81 234 5678", "1101700203450", "a@b.org", "๐๘๑", "²", "ก"]


@given(st.lists(st.sampled_from([*PIECES, *"0123456789 -+.()/@x\n"]), max_size=16).map("".join))
def test_every_text_that_identifies_is_looked_at(text):
    if identifiers.kind_of_text(text):
        assert matching(pd.Index([text], dtype="str"), identifiers.MAY_IDENTIFY).all()


def test_numbers_words_and_dates_need_no_look():
    words = ["0.123456789012345", "2019-02-03", "R0000001", "582003/31", "ไม่ทราบ", "12/05/2562"]
    assert not matching(pd.Index(words, dtype="str"), identifiers.MAY_IDENTIFY).any()


def test_a_column_is_looked_at_to_its_end(tmp_path):
    """The first two thousand cells say nothing, the three thousand after them are addresses."""
    cells = [f"see {i}" for i in range(2000)] + [f"p{i}@x.org" for i in range(3000)]
    rows = "".join(f"P{i},40,{cell}\n" for i, cell in enumerate(cells))
    cleaned = clean(tmp_path, f"id,age,q17\n{rows}")
    assert "identifying_column_dropped" in set(cleaned.normalisations["rule"])


EXTRA = "id,age,{name}\nP1,40,{cells[0]}\nP2,50,{cells[1]}\nP3,50,{cells[2]}\n"


@pytest.mark.parametrize(
    ("name", "cells", "rule"),
    [
        ("phone", ("x", "y", "z"), "identifying_column_dropped"),
        ("ชื่อ", ("x", "y", "z"), "identifying_column_dropped"),
        ("q17", ("1101700203450",) * 3, "identifying_column_dropped"),
        ("q17", ("a@b.org", "", "c@d.org"), "column_not_in_codebook"),
        ("q17", ("a@b.org", "x@y.org", "c@d.org"), "identifying_column_dropped"),
        ("q17", ("SECRET", "SECRET", "SECRET"), "column_not_in_codebook"),
    ],
)
def test_an_extra_column_is_listed_by_name_only(tmp_path, name, cells, rule):
    cleaned = clean(tmp_path, EXTRA.format(name=name, cells=cells))
    (listed,) = cleaned.normalisations.query("column == @name").to_dict("records")
    assert (listed["rule"], listed["old"], listed["new"], listed["count"]) == (rule, "", "", 3)
    logs = [*cleaned.tables.values(), cleaned.queries, cleaned.normalisations, cleaned.quality]
    text = "\n".join(log.to_csv() for log in logs)
    assert not [cell for cell in cells if len(cell) > 1 and cell in text]


class TestColumnsOfTheCodebook:
    BOOK = CODEBOOK.replace(
        "patient_id,readings", "remark,patients,remark,text,,,,,,,,\npatient_id,readings", 1
    )
    ROWS = "id,age,remark\nP1,40,{0}\nP2,50,{1}\nP3,50,{2}\n"

    @pytest.mark.parametrize(
        ("cells", "kind"),
        [
            (("1101700203450",) * 3, "citizen id"),
            (("a@b.org", "x@y.org", "none"), "e-mail"),
            (("081-234-5678", "0898765432", "-"), "phone number"),
        ],
    )
    def test_most_cells_that_identify_stop_without_being_quoted(self, tmp_path, cells, kind):
        with pytest.raises(InputError, match=f"'remark' .remark. hold a {kind}") as stop:
            clean(tmp_path, self.ROWS.format(*cells), book=self.BOOK)
        assert cells[0] not in stop.value.message
        assert "write yes in its `identifier`" in stop.value.message

    def test_a_declared_identifier_is_dropped(self, tmp_path):
        book = self.BOOK.replace("remark,text,,,,,,,,", "remark,text,,,,,,,,yes")
        cleaned = clean(tmp_path, self.ROWS.format(*["1101700203450"] * 3), book=book)
        assert "remark" not in cleaned.tables["patients"]

    def test_patient_ids_that_are_citizen_ids_stop(self, tmp_path):
        rows = "id,age\n1101700203450,40\n{}\n{}\n".format(*(f"{n},50" for n in NUMBERS[:2]))
        with pytest.raises(InputError, match="put a study number in its place"):
            clean(tmp_path, rows)

    def test_one_mail_among_remarks_stops_nothing(self, tmp_path):
        cleaned = clean(tmp_path, self.ROWS.format("a@b.org", "x", "y"), book=self.BOOK)
        assert len(cleaned.tables["patients"]) == 3

    def test_a_name_that_identifies_is_decided_in_the_codebook(self, tmp_path):
        for said, stops in (("", True), ("no", False), ("yes", False)):
            book = self.BOOK.replace(
                "remark,patients,remark,text,,,,,,,,", f"contact,patients,phone,text,,,,,,,,{said}"
            )
            if stops:
                with pytest.raises(InputError, match=r"'contact' looks as if .* \('phone'\)"):
                    read_codebook(tmp_path, book)
            else:
                assert read_codebook(tmp_path, book)

    def test_a_study_number_in_the_column_hn_is_no_such_case(self, tmp_path):
        book = CODEBOOK.replace("patient_id,patients,id|study no", "patient_id,patients,id|HN")
        assert clean(tmp_path, PATIENTS.replace("hn,", "x,"), book=book).tables
