"""Files that can be read, and those that stop the run."""

import pytest
from builders import PATIENTS, read_codebook, read_table

from calcinosis.errors import InputError
from calcinosis.ingest.carriers.sheet import ExportFile

HEADER = "id,hn,age,duration,sex\n"


@pytest.fixture
def read(tmp_path):
    def _read(content: str | bytes, **options):
        path = tmp_path / "export.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        variables = [v for v in read_codebook(tmp_path) if v.table == "patients"]
        return read_table(ExportFile(path, **options), variables)

    return _read


@pytest.fixture
def stopped(read):
    def _stopped(content: str | bytes, **options) -> str:
        with pytest.raises(InputError) as stop:
            read(content, **options)
        assert "export.csv: " in stop.value.message
        return stop.value.message

    return _stopped


def test_every_cell_is_the_text_of_the_file(read):
    cells = read(HEADER + "007,NA, 1E5 ,1.50,=1+1\n").cells
    assert list(cells.loc[0, ["patient_id", "hospital_number", "age", "duration", "sex"]]) == [
        *("007", "NA", " 1E5 ", "1.50", "=1+1")
    ]


def test_rows_are_physical_lines_also_after_line_breaks_in_cells_and_empty_lines(read):
    table = read(HEADER + 'P1,"a\nb",40,1,M\n\nP2,,50,1,F\n')
    assert list(table.row) == [2, 5]
    assert table.cells.loc[0, "hospital_number"] == "a\nb"


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_of_other_systems_are_read(read, end):
    plain = read(PATIENTS)
    other = read(PATIENTS.replace("\n", end))
    assert other.cells.equals(plain.cells)
    assert list(other.row) == list(plain.row)


def test_mixed_line_ends_are_read(read):
    assert read(PATIENTS.replace("\n", "\r\n", 1)).cells.equals(read(PATIENTS).cells)


def test_a_byte_order_mark_is_no_part_of_the_first_name(read):
    assert read(b"\xef\xbb\xbf" + PATIENTS.encode()).cells.equals(read(PATIENTS).cells)


def test_another_delimiter_is_read_where_declared(read):
    assert read(PATIENTS.replace(",", ";"), delimiter=";").cells.equals(read(PATIENTS).cells)


def test_thai_is_read_where_its_encoding_is_declared(read):
    text = HEADER + "P1,ไทย,40,1,M\n"
    assert read(text.encode("cp874"), encoding="cp874").cells.equals(read(text).cells)


def test_zero_bytes_stop(stopped):
    assert "zero bytes" in stopped(b"")


def test_a_header_alone_stops(stopped):
    assert "no row below" in stopped(HEADER)


def test_empty_lines_alone_stop(stopped):
    assert "empty" in stopped("\n\n")


@pytest.mark.parametrize(
    ("content", "place", "advice"),
    [
        ("id,age\nP1,40\nไม่ทราบ,50\n".encode("cp874"), "byte 13, row 3, column 1", "cp874"),
        (b"id,age,sex\nP1,40,M\nP2,50,F\xe9\n", "byte 26, row 3, column 3", "cp1252"),
        (
            'id,age,sex\n"ไทย",40,M\n"a,b",50,F'.encode() + b"\xe9\n",
            "byte 38, row 3, column 3",
            "other cells are UTF-8: correct this one",
        ),
        (b"id,age\nP1,\x81\xfe\xff\n", "byte 10, row 2, column 2", "(Thai: cp874, Western"),
    ],
)
def test_bytes_that_are_not_utf8_stop_with_their_place_and_advice(stopped, content, place, advice):
    said = stopped(content)
    assert f"not UTF-8 at {place};" in said
    assert advice in said


def test_utf8_that_is_declared_otherwise_stops(stopped):
    """Read as cp874 it would be other letters, and no error."""
    assert "it is UTF-8" in stopped(HEADER + "P1,ไทย,40,1,M\n", encoding="cp874")


def test_an_unknown_encoding_stops(stopped):
    assert "'klingon'" in stopped(PATIENTS, encoding="klingon")


@pytest.mark.parametrize(
    ("row", "count"),
    [("P2,222,50,1,F,x", 6), ("P2,222,50,1", 4), ("P2,222,50,1,F,", 6), ("P2", 1), ("  ", 1)],
)
def test_a_long_or_short_row_stops_with_its_row(stopped, row, count):
    said = stopped(HEADER + "P1,111,40,1,M\n" + row + "\n")
    assert f"row 3 has {count} field" in said
    assert "the header has 5" in said


def test_a_trailing_delimiter_on_every_row_stops(stopped):
    assert "row 2 has 6 fields" in stopped(HEADER + "P1,1,40,1,M,\nP2,2,50,1,F,\n")


def test_the_wrong_delimiter_stops(stopped):
    for delimiter, shown in ((";", "';'"), ("\t", "tab")):
        said = stopped(PATIENTS.replace(",", delimiter), delimiter=",")
        assert f"set export.delimiter to {shown}" in said


def test_an_unbalanced_quote_stops_with_the_row_where_it_starts(stopped):
    assert "row 3 cannot be read" in stopped(HEADER + 'P1,1,40,1,M\nP2,"2,50,1,F\nP3,3,60,1,M\n')


def test_a_title_above_the_header_stops(stopped):
    assert "the header looks like row 2" in stopped("Export of 2020,,,,\n" + PATIENTS)
    assert "the header looks like row 3" in stopped("Export of 2020\n20 patients\n" + PATIENTS)
    assert "the header looks like row 4" in stopped(
        "Export; of 2020\n\nby A, B\n" + PATIENTS.replace(",", "\t")
    )


def test_an_empty_header_cell_stops(stopped):
    assert "column 6 of the header is empty" in stopped("id,hn,age,duration,sex,\nP1,1,40,1,M,\n")


@pytest.mark.parametrize("twin", ["age", " AGE", "age\u00a0"])
def test_a_duplicate_header_stops(stopped, twin):
    assert "columns 2 and 3 have one name" in stopped(f"id,age,{twin}\nP1,40,41\n")


def test_a_required_column_that_is_not_there_stops_with_the_nearest_name(stopped):
    said = stopped(PATIENTS.replace("age", "agee"))
    assert "the column 'age' (age) is missing (there is 'agee')" in said


def test_all_columns_that_are_not_there_are_told_at_once(stopped):
    said = stopped("a,b\n1,2\n")
    assert "(patient_id)" in said
    assert "(age)" in said


def test_an_optional_column_may_be_absent(read):
    assert "sex" not in read("id,age\nP1,40\n").cells


@pytest.mark.parametrize("name", ["study no", "Study No", " STUDY\u00a0no ", "study  no"])
def test_an_alias_and_white_space_and_case_of_the_header_are_accepted(read, name):
    table = read(PATIENTS.replace("id,", f"{name},", 1))
    assert list(table.cells["patient_id"]) == ["P1", "P2"]


def test_columns_that_the_codebook_does_not_name_are_listed_and_not_read(read):
    table = read("phone,id,age\n0812345678,P1,40\n")
    assert table.unknown == ("phone",)
    assert list(table.cells) == ["patient_id", "age"]


def test_column_order_changes_nothing(read):
    turned = "\n".join(",".join(reversed(line.split(","))) for line in PATIENTS.splitlines())
    assert read(turned + "\n").cells.equals(read(PATIENTS).cells)


def test_a_hostile_column_name_stays_a_name(read, tmp_path):
    name = "__import__('os').system('touch hostile')"
    table = read(f'id,age,"{name}",C(sex),../../x\nP1,40,1,2,3\n')
    assert table.unknown == (name, "C(sex)", "../../x")
    assert not (tmp_path / "hostile").exists()


def test_a_codebook_row_for_one_file_replaces_the_general_one(tmp_path, read):
    book = (
        "variable,table,file,source,type\npatient_id,patients,,id,id\n"
        "weight,patients,,weight,number\nweight,patients,export.csv,kg,number\n"
    )
    (tmp_path / "export.csv").write_text("id,weight,kg\nP1,1,60\n", "utf-8")
    table = read_table(tmp_path / "export.csv", read_codebook(tmp_path, book))
    assert list(table.cells["weight"]) == ["60"]
    assert table.unknown == ("weight",)


def test_an_absent_file_stops(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_table(tmp_path / "absent.csv", [])


@pytest.mark.parametrize("name", ["UTF-8", "utf8", "utf_8", "U8", "utf-8-sig"])
def test_a_byte_order_mark_is_dropped_by_every_name_of_utf8(read, name):
    content = b"\xef\xbb\xbf" + PATIENTS.encode()
    assert read(content, encoding=name).cells.equals(read(PATIENTS).cells)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_read_by_its_mark_and_noted(read, encoding):
    """Excel's 'Unicode text' is UTF-16 with tabs."""
    text = PATIENTS.replace(",", "\t") if encoding == "utf-16" else "\ufeff" + PATIENTS
    table = read(text.encode(encoding))
    assert table.cells.equals(read(PATIENTS).cells)
    assert "utf_16" in [note.rule for note in table.notes]


def test_utf16_without_a_mark_is_read_where_it_is_declared(read):
    content = PATIENTS.encode("utf-16-le")
    assert read(content, encoding="utf-16-le").cells.equals(read(PATIENTS).cells)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_the_row_of_a_wrong_byte_counts_every_line_end(stopped, end):
    assert "row 3, column 2;" in stopped(end.join([b"id,age", b"P1,40", b"P2,\xe9", b""]))


def test_a_quote_that_a_later_row_seems_to_close_stops_with_the_row_where_it_opened(stopped):
    said = stopped('id,hn,age\nP1,a,40\nP2,"b,41\nP3,"c",42\n')
    assert "row 3 cannot be read" in said


def test_a_long_row_after_a_line_break_in_a_cell_names_its_physical_line(stopped):
    assert "row 5 has 4 fields" in stopped('id,hn,age\nP1,"a\nb",40\n\nP2,c,41,\n')


def test_a_truncated_last_line_stops(stopped):
    assert "row 3 has 3 fields" in stopped(PATIENTS[: PATIENTS.rindex(",1,F")])


@pytest.mark.parametrize("text", ["4\x000", "x" * 100_000, "<script>", "{{7*7}}", "$\\frac{"])
def test_odd_texts_are_read_as_they_stand(read, text):
    assert read(f"id,hn,age\nP1,{text},40\n").cells.loc[0, "hospital_number"] == text


def test_a_file_without_header_stops_without_quoting_its_first_patient(stopped):
    said = stopped("P1,Somchai,40,2.5,M\nP2,Malee,50,1,F\n")
    assert "Somchai" not in said


def test_equal_cells_of_a_file_without_header_are_not_shown(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text("P1,SMITH,SMITH\nP2,JONES,BROWN\n", "utf-8")
    with pytest.raises(InputError, match="columns 2 and 3 have one name") as stopped_by:
        read_table(path, [])
    assert "SMITH" not in stopped_by.value.message
