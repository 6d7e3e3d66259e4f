"""Files of Stata and SPSS: value labels and missing codes; typed numbers and dates."""

from datetime import date

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from builders import read_codebook, read_table
from test_carriers import BOOK, cleaned

FRAME = pd.DataFrame(
    {"id": ["1", "2", "3"], "age": [40.0, 50.0, 99.0], "sex": [1.0, 2.0, 9.0], "weight": [60.5] * 3}
)
LABELS = {"sex": {1: "M", 2: "Female", 9: "Refused"}, "age": {99: "Unknown"}}


def log(found) -> set[tuple]:
    columns = ["column", "rule", "old", "new", "count"]
    return set(found.normalisations[columns].itertuples(index=False, name=None))


def test_a_code_stands_for_the_label_that_the_codebook_knows(tmp_path):
    pyreadstat.write_dta(FRAME, tmp_path / "x.dta", variable_value_labels=LABELS)
    found = cleaned(tmp_path / "x.dta", tmp_path)
    patients = found.tables["patients"]
    assert list(patients["sex"].astype("object")) == ["male", "female", np.nan]
    assert found.queries[["variable", "raw_value", "row"]].to_numpy().tolist() == [["sex", "9", 3]]
    assert list(patients["age"]) == [40, 50, pytest.approx(np.nan, nan_ok=True)]
    assert ("age", "missing_word", "Unknown", "", 1) in log(found)


def test_codes_that_the_codebook_knows_are_codes(tmp_path):
    pyreadstat.write_dta(
        FRAME, tmp_path / "x.dta", variable_value_labels={"sex": {1: "Mann", 2: "Frau"}}
    )
    book = BOOK.replace("M=male|F=female", "1=male|2=female")
    table = read_table(tmp_path / "x.dta", read_codebook(tmp_path, book))
    assert list(table.cells["sex"]) == ["1", "2", "9"]


def test_a_code_and_a_label_that_disagree_stop(tmp_path):
    """Silently reading 1 as female, where the file says that it is male, would turn the result."""
    pyreadstat.write_dta(FRAME, tmp_path / "x.dta", variable_value_labels=LABELS)
    book = BOOK.replace("M=male|F=female", "1=female|2=male|M=male")
    with pytest.raises(
        SystemExit, match=r"value 1 of the column 'sex' is labelled 'M', and .*femal"
    ):
        read_table(tmp_path / "x.dta", read_codebook(tmp_path, book))


def test_user_missing_codes_of_spss_are_missing_with_their_label(tmp_path):
    pyreadstat.write_sav(
        FRAME,
        tmp_path / "x.sav",
        variable_value_labels={"sex": LABELS["sex"]},
        missing_ranges={"sex": [9], "age": [{"lo": 90, "hi": 99}]},
    )
    found = cleaned(tmp_path / "x.sav", tmp_path)
    assert len(found.queries) == 0
    assert {
        ("sex", "missing_in_file", "9 (Refused)", "", 1),
        ("age", "missing_in_file", "99 (no label)", "", 1),
    } <= log(found)
    counts = found.quality.query("variable == 'age'").set_index("kind")["count"]
    assert dict(counts) == {"cells_in": 3, "cells_used": 2, "cells_missing": 1, "cells_queried": 0}


def test_a_missing_code_that_the_codebook_reads_as_a_level_is_that_level(tmp_path):
    pyreadstat.write_sav(FRAME, tmp_path / "x.sav", missing_ranges={"sex": [9]})
    book = BOOK.replace("male|female,M=male|F=female", "male|female|other,1=male|2=female|9=other")
    table = read_table(tmp_path / "x.sav", read_codebook(tmp_path, book))
    assert table.marks["sex"] == []


def test_extended_missing_values_of_stata_are_missing_with_their_label(tmp_path):
    frame = FRAME.astype({"age": "object"})
    frame.loc[1, "age"] = "a"
    pyreadstat.write_dta(
        frame,
        tmp_path / "x.dta",
        missing_user_values={"age": ["a"]},
        variable_value_labels={"age": {"a": "Refused"}},
    )
    found = cleaned(tmp_path / "x.dta", tmp_path)
    assert ("age", "missing_in_file", ".a (Refused)", "", 1) in log(found)
    assert list(found.tables["patients"]["age"].isna()) == [False, True, False]


def test_a_letter_for_missing_in_a_column_of_dates_is_missing(tmp_path):
    pyreadstat.write_dta(
        pd.DataFrame({"id": ["1", "2"], "seen": [date(2019, 1, 2), "a"]}).astype("object"),
        tmp_path / "x.dta",
        missing_user_values={"seen": ["a"]},
        variable_format={"seen": "%td"},
    )
    table = read_table(tmp_path / "x.dta", read_codebook(tmp_path, BOOK))
    assert list(table.cells["seen"]) == ["02/01/2019", ".a"]


def test_single_precision_is_read_as_it_was_written(tmp_path):
    """Stata's default type `float` holds 0.1 as 0.100000001; its shortest text is 0.1."""
    frame = pd.DataFrame({"id": ["1"], "age": [40], "weight": np.array([60.1], dtype="float32")})
    frame.to_stata(tmp_path / "x.dta", write_index=False)
    frame.to_parquet(tmp_path / "x.parquet")
    for path in (tmp_path / "x.dta", tmp_path / "x.parquet"):
        assert list(read_table(path, read_codebook(tmp_path, BOOK)).cells["weight"]) == ["60.1"]


def test_dates_are_dates_whatever_the_codebook_says(tmp_path):
    frame = FRAME.assign(seen=[date(2019, 2, 3), None, date(2562, 2, 3)])
    pyreadstat.write_sav(frame, tmp_path / "x.sav")
    frame.to_parquet(tmp_path / "x.parquet")
    for path in (tmp_path / "x.sav", tmp_path / "x.parquet"):
        seen = cleaned(path, tmp_path).tables["patients"]["seen"]
        assert list(seen.dt.strftime("%Y-%m-%d").fillna("")) == ["2019-02-03", "", "2019-02-03"]


def test_old_files_have_their_encoding_declared(tmp_path):
    frame = pd.DataFrame({"id": ["1"], "age": [40], "remark": ["\xe4\xb7\xc2"]})
    frame.to_stata(tmp_path / "x.dta", write_index=False, version=114)
    found = cleaned(tmp_path / "x.dta", tmp_path, encoding="cp874")
    assert list(found.tables["patients"]["remark"]) == ["ไทย"]


def test_whole_numbers_of_parquet_keep_all_digits(tmp_path):
    frame = pd.DataFrame({"id": pd.array([2**53 + 1, None], "Int64"), "age": [True, None]})
    frame.to_parquet(tmp_path / "x.parquet")
    cells = read_table(tmp_path / "x.parquet", read_codebook(tmp_path, BOOK)).cells
    assert list(cells["patient_id"]) == ["9007199254740993"]
    assert list(cells["age"]) == ["TRUE"]
