"""What the study team writes beside an export: read whole, or refused with file and line."""

import pytest

from calcinosis import side_files
from calcinosis.errors import InputError

HEADER = "table,record,variable,old_value,new_value,answered_by,date,why\n"
ROW = "patients,P2,age,135,35,A. B.,2021-01-05,chart\n"


def corrections(folder, text, encoding="utf-8"):
    path = folder / "corrections.csv"
    path.write_bytes(text.encode(encoding))
    return side_files.corrections(path)


def test_a_file_that_is_not_there_says_nothing(tmp_path):
    assert side_files.corrections(tmp_path / "corrections.csv") == []
    assert side_files.exclusions(tmp_path / "exclude.csv") == {}


def test_a_row_is_read_with_its_place(tmp_path):
    (one,) = corrections(tmp_path, HEADER + ROW)
    assert one.place == f"{tmp_path}/corrections.csv:2"
    assert (one.table, one.record, one.variable, one.old, one.new) == (
        *("patients", "P2", "age", "135", "35"),
    )
    assert (one.who, one.when, one.why) == ("A. B.", "2021-01-05", "chart")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (HEADER + ROW, "utf-8-sig"),
        ((HEADER + ROW).replace(",", ";"), "utf-8"),
        ((HEADER + ROW).replace("\n", "\r\n"), "utf-8"),
        (HEADER + "\n" + ROW, "utf-8"),
        (HEADER.replace("table", "query_id,table") + "abc," + ROW, "utf-8"),
        (HEADER + ROW + ROW, "utf-8"),
    ],
    ids=["BOM", "semicolons", "Windows", "empty line", "columns of the sheet", "twice the same"],
)
def test_what_spreadsheets_make_of_it_is_the_same(tmp_path, text, encoding):
    (one,) = corrections(tmp_path, text, encoding)
    assert (one.record, one.new) == ("P2", "35")


def test_rows_without_an_answer_are_open_questions(tmp_path):
    assert corrections(tmp_path, HEADER + "patients,P2,age,135,,,,\n") == []


def test_a_value_that_was_made_safe_for_spreadsheets_is_the_value(tmp_path):
    (one,) = corrections(tmp_path, HEADER + ROW.replace("135", "'-135"))
    assert one.old == "-135"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEADER.replace("old_value", "old_valu") + ROW, r":1: column 4 .*did you mean 'old_value'"),
        (HEADER.replace(",why", "") + ROW, r":1: the column 'why' is missing"),
        (HEADER.replace("why", "date") + ROW, r":1: the column 'date' stands twice"),
        (HEADER + ROW.replace("A. B.", ""), r":2: fill in answered_by"),
        (HEADER + ROW.replace("P2", "").replace("chart", ""), r":2: fill in record, why"),
        (HEADER + ROW + ROW.replace("35,A", "36,A"), r":3: .*corrections.csv:2 has another answer"),
        (HEADER + ROW.replace("chart", "chart,x"), r":2: 9 fields, the header has 8"),
        (HEADER + '"' + ROW, r":2: cannot be read"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path, text, said):
    with pytest.raises(InputError, match=said) as error:
        corrections(tmp_path, text)
    assert "P2" not in error.value.message


def test_other_encodings_are_refused(tmp_path):
    with pytest.raises(InputError, match="not UTF-8 at byte"):
        corrections(tmp_path, HEADER + ROW.replace("chart", "ä"), "latin-1")


class TestExclusions:
    def read(self, folder, text):
        (folder / "exclude.csv").write_text(text, "utf-8")
        return side_files.exclusions(folder / "exclude.csv")

    def test_each_patient_has_a_line(self, tmp_path):
        found = self.read(tmp_path, "patient_id,reason\nP1,consent withdrawn\nP2,not SSc\n")
        assert found == {
            "P1": f"{tmp_path}/exclude.csv:2",
            "P2": f"{tmp_path}/exclude.csv:3",
        }

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("patient_id,reason\nP1,\n", ":2: fill in reason"),
            ("patient_id,reason\nP1,x\nP1,y\n", r":3: the patient of .*exclude.csv:2 again"),
            ("P1,x\n", r":1: column 1 is none of this file's"),
            ("id,reason\nP1,x\n", r":1: the column 'patient_id' is missing"),
        ],
    )
    def test_a_wrong_file_is_refused_without_an_id(self, tmp_path, text, said):
        with pytest.raises(InputError, match=said) as error:
            self.read(tmp_path, text)
        assert "P1" not in error.value.message

    def test_an_unknown_patient_is_named_by_line_only(self, tmp_path):
        text = "patient_id,reason\nP1,x\nP9,x\n"
        self.read(tmp_path, text)
        path = tmp_path / "exclude.csv"
        with pytest.raises(InputError, match=r"csv:3: the export has no such patient") as error:
            side_files.known_exclusions(path, {"P1", "P2"})
        assert "P9" not in error.value.message
        assert "csv:2" not in error.value.message
        assert side_files.known_exclusions(path, {"P1", "P9"}) == ["P1", "P9"]
