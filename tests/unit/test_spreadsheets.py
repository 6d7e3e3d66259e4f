"""Lists and workbooks that people open: nothing in them is computed, everything comes back."""

import re
import zipfile

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calcinosis import side_files, spreadsheets, workbooks

HOSTILE = ["=1+1", "+2", "-3.4", "@SUM(A1)", "\tx", "'=1+1", "''-1", "<b>", "007", "1E5", "", "'x"]


@given(st.text() | st.sampled_from(HOSTILE))
def test_what_is_made_safe_comes_back_and_is_no_formula(text):
    safe = side_files.formula_safe(text)
    assert not str(safe).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert side_files.as_written(str(safe)) == text


def test_a_list_comes_back_as_it_was(tmp_path):
    frame = pd.DataFrame({"a": HOSTILE, "b": ["NA", "null", 'a "b", c', "two\nlines", *"12345678"]})
    spreadsheets.write_csv(frame, tmp_path / "x.csv")
    again = spreadsheets.read_csv(tmp_path / "x.csv")
    assert again.to_dict("list") == frame.to_dict("list")


@pytest.mark.parametrize(
    "site", ["../../x", "โรงพยาบาล", "..", "a/b", "KK", "no_site", "x" * 300, "a b"]
)
def test_the_file_of_a_site_lies_in_its_folder(site):
    name = workbooks.file_name(site)
    assert re.fullmatch(r"[a-z0-9_-]{1,60}", name)
    assert name not in (site, "no_site")


def test_sites_have_files_of_their_own():
    sites = ["", "kk", "KK", "Kk", "k k", "k_k", "no_site", "../../x", "x", "ขก", "อด"]
    assert len({workbooks.file_name(site) for site in sites}) == len(sites)
    assert workbooks.file_name("kk") == "kk"
    assert workbooks.file_name("") == "no_site"


COLUMNS = {"old_value": 10, "question": 60, "new_value": 12}


class TestWorkbook:
    def write(self, path, values):
        rows = [{"old_value": v, "question": f"Is {v} right?", "new_value": ""} for v in values]
        workbooks.write_workbook(path, rows, COLUMNS, ["Answer."], fill_in=["new_value"])
        with zipfile.ZipFile(path) as book:
            return {name: book.read(name).decode() for name in book.namelist()}

    def test_every_cell_is_a_text(self, tmp_path):
        parts = self.write(tmp_path / "x.xlsx", [*HOSTILE, "x\x01", "https://x.org", "y" * 100_000])
        sheet = parts["xl/worksheets/sheet1.xml"]
        assert set(re.findall(r'<c [^>]*t="(\w+)"', sheet)) == {"s"}
        assert "<f>" not in sheet
        assert "<hyperlink" not in sheet
        strings = parts["xl/sharedStrings.xml"]
        assert "<t>=1+1</t>" in strings
        assert "cut; see queries.csv" in strings
        assert max(map(len, re.findall(r"<t[^>]*>([^<]*)", strings))) < 32_767

    def test_the_head_is_frozen_and_filtered_and_questions_are_wrapped(self, tmp_path):
        parts = self.write(tmp_path / "x.xlsx", ["1"])
        sheet = parts["xl/worksheets/sheet1.xml"]
        assert 'state="frozen"' in sheet
        assert '<autoFilter ref="A1:C2"/>' in sheet
        assert 'wrapText="1"' in parts["xl/styles.xml"]

    def test_the_same_rows_give_the_same_bytes(self, tmp_path, monkeypatch):
        self.write(tmp_path / "a.xlsx", HOSTILE)
        monkeypatch.setattr("time.time", lambda: 1e9)
        self.write(tmp_path / "b.xlsx", HOSTILE)
        assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
        assert b"2000-01-01T00:00:00Z" in zipfile.ZipFile(tmp_path / "a.xlsx").read(
            "docProps/core.xml"
        )
