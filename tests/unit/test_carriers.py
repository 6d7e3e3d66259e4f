"""The same data in any carrier gives the same tables."""

import datetime
from datetime import date

import numpy as np
import pandas as pd
import pytest
from builders import read_codebook, read_table
from carrier_files import TEXT, TYPED, write_text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calcinosis.ingest import cleaning
from calcinosis.ingest.carriers import text
from calcinosis.ingest.carriers.sheet import ExportFile, letter

BOOK = """\
variable,table,source,type,format,min,max,levels,codes,missing_codes,required,identifier
patient_id,patients,id,id,,,,,,,yes,
age,patients,age,integer,,18,100,,,-9,,
weight,patients,weight,number,,20,200,,,,,
seen,patients,seen,date,dd/mm/yyyy era=either,2000,,,,,,
sex,patients,sex,category,,,,male|female,M=male|F=female|ชาย=male,,,
remark,patients,remark,text,,,,,,,,
"""
HEADER = ["id", "age", "weight", "seen", "sex", "remark"]

# Letters that all carriers can hold; xpt ends texts at trailing spaces, so that none begins so.
words = st.text("abcไทยé,;|\"'=+ -0157", min_size=1, max_size=12).map(str.strip)
row = st.tuples(
    st.one_of(st.none(), st.integers(10, 110).map(float)),
    st.one_of(st.none(), st.integers(150, 2100).map(lambda tenths: tenths / 10)),
    st.one_of(st.none(), st.dates(date(1999, 1, 1), date(2021, 6, 1))),
    st.sampled_from(["M", "F", "ชาย", "x", "", None]),
    words,
)
rows_of_patients = st.lists(row, min_size=1, max_size=6).map(
    lambda rows: [(f"0{i}", *cells) for i, cells in enumerate(rows)]
)


def cleaned(path, folder, **how) -> cleaning.Cleaned:
    return cleaning.clean(
        {"patients": [ExportFile(path, **how)]},
        read_codebook(folder, BOOK),
        latest=date(2020, 12, 31),
    )


def without_places(log: pd.DataFrame) -> pd.DataFrame:
    """Queries without file, row and column, which differ between carriers."""
    return log.drop(columns=["file", "row", "column"]).sort_values("query_id", ignore_index=True)


class TestTheSameDataInAnyCarrier:
    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(rows=rows_of_patients)
    def test_gives_the_same_tables_and_questions(self, tmp_path, rows):
        plain = cleaned(write_text(tmp_path / "plain.csv", HEADER, rows), tmp_path)
        paths = [write(tmp_path / f"x.{end}", HEADER, rows) for end, write in TYPED.items()]
        paths += [
            write_text(tmp_path / f"{name}.txt", HEADER, rows, **how) for name, how in TEXT.items()
        ]
        for path in paths:
            other = cleaned(path, tmp_path)
            pd.testing.assert_frame_equal(other.tables["patients"], plain.tables["patients"])
            pd.testing.assert_frame_equal(
                without_places(other.queries), without_places(plain.queries), obj=path.name
            )

    @pytest.mark.parametrize("encoding", ["cp874", "tis-620"])
    def test_thai_is_read_in_its_declared_encoding(self, tmp_path, encoding):
        rows = [("1", 40.0, 60.5, date(2019, 2, 3), "ชาย", "ไม่มี")]
        plain = cleaned(write_text(tmp_path / "plain.csv", HEADER, rows), tmp_path)
        path = write_text(tmp_path / "thai.csv", HEADER, rows, encoding=encoding)
        other = cleaned(path, tmp_path, encoding=encoding)
        pd.testing.assert_frame_equal(other.tables["patients"], plain.tables["patients"])


# What decides whether a file is plain: delimiters, quotation marks, line ends, blank lines.
pieces = st.sampled_from(
    [*'ab,,,;"" ', '","', '"a"', '"b,c"', "\n", "\r\n", "\r", "\n\n", "ไ", "\0"]
)
plain_rows = st.lists(
    st.lists(
        st.sampled_from(["a", "", '"b"', '"c,d"', '"e""f"', "ไ", " g"]), min_size=3, max_size=3
    ),
    min_size=1,
    max_size=8,
).map(lambda rows: "\n".join(",".join(row) for row in rows))


@settings(max_examples=500, deadline=None)
@given(content=st.lists(pieces, max_size=30).map("".join) | plain_rows, block=st.integers(1, 40))
def test_the_fast_reader_gives_what_the_strict_one_gives_or_nothing(content, block):
    encoded = ("x,y,z\n" + content).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "_QUOTES", block)
        fast = text._plain(encoded, ",")
    if fast is None:
        return
    columns, rows, empty = text._strict("x.csv", encoded, ",")
    assert empty == fast[2] == 0
    assert list(rows) == list(fast[1])
    for mine, theirs in zip(fast[0], columns, strict=True):
        pd.testing.assert_series_equal(mine, theirs)


@pytest.mark.parametrize(
    "content",
    ["a,b\n1,2\n3,4", '"a","b"\n"1","2,3"\n', "a;b\n1;2\n", 'a,b\r\n"x ""y""",2\r\n', "a,b\n,\n"],
)
def test_plain_files_are_read_by_the_fast_reader(content):
    delimiter = ";" if ";" in content else ","
    assert text._plain(content.encode(), delimiter) is not None


@pytest.mark.parametrize(
    "content",
    [
        'a,b\n1,"x\ny"\n',
        "a,b\n\n1,2\n",
        "a,b\n1,2,3\n",
        'a,b\n1,5" nail\n',
        'a,b\n1,"x"y\n',
        "a\n1\n",
    ],
)
def test_files_that_are_not_plain_are_left_to_the_strict_reader(content):
    assert text._plain(content.encode(), ",") is None


def test_letters_of_columns():
    names = [letter(i) for i in (0, 25, 26, 51, 52, 701, 702)]
    assert names == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


class TestDelimiter:
    def notes(self, folder, content: str, **how):
        (folder / "x.csv").write_text(content, "utf-8")
        return read_table(ExportFile(folder / "x.csv", **how), read_codebook(folder, BOOK)).notes

    def test_a_delimiter_that_is_found_is_noted(self, tmp_path):
        (note,) = self.notes(tmp_path, "id;age;weight\n1;40;60,5\n2;50;\n")
        assert (note.rule, note.new) == ("delimiter", "';'")

    def test_two_that_fit_stop(self, tmp_path):
        with pytest.raises(SystemExit, match="',' and ';' both split every row"):
            self.notes(tmp_path, "id;age,weight\n1;2,5\n")

    def test_one_of_two_that_fit_may_be_declared(self, tmp_path):
        assert (
            self.notes(tmp_path, "id;age,weight\n1;2,5\n".replace("age", "x"), delimiter=";") == ()
        )

    def test_two_that_fit_at_the_top_are_told_apart_by_the_rest(self, tmp_path, monkeypatch):
        monkeypatch.setattr(text, "_HEAD", 20)
        (note,) = self.notes(tmp_path, "id;a,ge\n1;4,0\n2;5,0\n3;60\n")
        assert note.new == "';'"


class TestNotes:
    def rules(self, folder, content: bytes) -> dict[str, int]:
        (folder / "x.csv").write_bytes(content)
        notes = read_table(folder / "x.csv", read_codebook(folder, BOOK)).notes
        return {note.rule: note.count for note in notes}

    def test_a_clean_file_has_none(self, tmp_path):
        assert self.rules(tmp_path, b"id,age\n1,40\n2,50\n") == {}

    def test_each_normalisation_of_a_file_is_counted(self, tmp_path):
        content = b"\xef\xbb\xbfid,\xc2\xa0Age\r\n1,40\r\n\r\n,\r\n2,50\n"
        assert self.rules(tmp_path, content) == {
            "byte_order_mark": 1,
            "line_ends": 4,
            "header_spelling": 1,
            "empty_row": 2,
        }


def test_rows_stay_physical_where_empty_rows_are_left_out(tmp_path):
    (tmp_path / "x.csv").write_text("id,age\n1,40\n,\n\n2,50\n")
    table = read_table(tmp_path / "x.csv", read_codebook(tmp_path, BOOK))
    assert list(table.row) == [2, 5]
    assert list(table.cells["age"]) == ["40", "50"]


def test_a_file_that_is_cut_off_says_so(tmp_path):
    (tmp_path / "x.csv").write_text("id,age,sex\n1,40,M\n2,5")
    with pytest.raises(SystemExit, match=r"row 3 has 2 fields.*the file ends within this row"):
        read_table(tmp_path / "x.csv", read_codebook(tmp_path, BOOK))


@pytest.mark.parametrize(
    "second", [",years,kg,dd/mm/yyyy,,", "Number,Age at visit,Weight (kg),Date,Sex,Remark"]
)
def test_a_second_header_stops(tmp_path, second):
    rows = f"{second}\n1,40,60,03/02/2019,M,\n"
    (tmp_path / "x.csv").write_text(",".join(HEADER) + "\n" + rows)
    with pytest.raises(SystemExit, match="row 2 looks like a second header"):
        read_table(tmp_path / "x.csv", read_codebook(tmp_path, BOOK))


def test_a_first_record_with_one_word_for_a_number_is_a_record(tmp_path):
    (tmp_path / "x.csv").write_text("id,age,weight\n1,forty,\n2,50,60\n")
    assert list(read_table(tmp_path / "x.csv", read_codebook(tmp_path, BOOK)).row) == [2, 3]


def test_files_of_one_table_may_each_be_of_another_carrier(tmp_path):
    book = BOOK + "centre,patients,centre,category,,,,a|b|c,,,yes,\n"
    header = [*HEADER, "centre"]
    files = [
        ExportFile(
            write_text(
                tmp_path / "a.csv",
                header,
                [("1", 40.0, 60.5, date(2019, 2, 3), "ชาย", "", "a")],
                encoding="cp874",
                delimiter=";",
            ),
            encoding="cp874",
        ),
        ExportFile(
            TYPED["xlsx"](
                tmp_path / "b.xlsx", header, [("1", 41.0, 61.5, date(2019, 2, 4), "F", "", "b")]
            ),
            sheet="Data",
        ),
        ExportFile(
            TYPED["dta"](
                tmp_path / "c.dta", header, [("1", 42.0, 62.5, date(2019, 2, 5), "F", "", "c")]
            )
        ),
    ]
    found = cleaning.clean(
        {"patients": files}, read_codebook(tmp_path, book), latest=datetime.date(2020, 1, 1)
    )
    patients = found.tables["patients"]
    assert list(patients["patient_id"]) == ["a-1", "b-1", "c-1"]
    assert list(patients["age"]) == [40, 41, 42]
    assert list(patients["seen"].dt.day) == [3, 4, 5]
    places = set(found.normalisations[["file", "rule"]].itertuples(index=False, name=None))
    assert ("a.csv", "delimiter") in places
    assert ("b.xlsx [Data]", "site_qualified_id") in places


def test_a_dictionary_encoded_column_has_its_words_in_the_order_of_the_file(tmp_path):
    (tmp_path / "x.csv").write_text("id,sex\n1,M\n2,F\n3,M\n")
    cells = read_table(tmp_path / "x.csv", read_codebook(tmp_path, BOOK)).cells["sex"]
    assert list(cells.cat.categories) == ["M", "F"]
    assert np.array_equal(cells.cat.codes, [0, 1, 0])
