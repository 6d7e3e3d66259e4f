"""Workbooks: sheets, hidden rows, merged cells, formulas without value, errors, dates."""

import shutil
from datetime import date, datetime

import openpyxl
import pytest
from builders import ROOT, read_codebook, read_table
from carrier_files import TYPED, ods_of, write_text, write_xlsx
from test_carriers import BOOK, HEADER, cleaned, without_places

from calcinosis.ingest.carriers.sheet import ExportFile

ROW = ("1", 40.0, 60.5, date(2019, 2, 3), "M", "")


@pytest.fixture
def book(tmp_path):
    """Write two patients, change the sheet, and read it."""

    def _book(change=lambda _page: None, **how):
        path = write_xlsx(tmp_path / "x.xlsx", HEADER, [ROW, ("2", *ROW[1:])])
        opened = openpyxl.load_workbook(path)
        change(opened["Data"])
        opened.save(path)
        return cleaned(path, tmp_path, **how)

    return _book


def asked(found) -> list[tuple]:
    columns = ["row", "column", "raw_value", "rule"]
    return list(found.queries[columns].itertuples(index=False, name=None))


def rules(found) -> dict[str, int]:
    cells = found.normalisations["rule"].isin(["spelling", "missing_word"])
    return dict(found.normalisations.loc[~cells, ["rule", "count"]].to_numpy().tolist())


def test_a_formula_without_value_is_a_question_also_in_a_text(book):
    def change(page):
        page["B2"], page["F3"] = "=A1+1", '=CONCAT("a","b")'

    found = book(change)
    assert asked(found) == [
        (2, "age (B)", "=A1+1", "formula_without_value"),
        (3, "remark (F)", '=CONCAT("a","b")', "formula_without_value"),
    ]
    assert found.tables["patients"][["age", "remark"]].isna().to_numpy().tolist() == [
        *([True, True], [False, True])
    ]
    assert found.quality.query("kind == 'cells_queried'")["count"].sum() == 2


def test_an_error_of_the_spreadsheet_is_a_question(book):
    def change(page):
        page["C2"] = "#REF!"
        assert page["C2"].data_type == "e"

    found = book(change)
    assert asked(found) == [(2, "weight (C)", "#REF!", "spreadsheet_error")]
    of_rule = found.checks.set_index("rule")
    assert of_rule.loc["spreadsheet_error", ["kahn", "failing"]].tolist() == ["conformance", 1]
    others = of_rule.loc["not_a_number", "applicable"]
    assert others == of_rule.loc["spreadsheet_error", "applicable"] - 1


def test_text_that_begins_like_a_formula_is_text(tmp_path):
    rows = [("=1+1", 40.0, 60.5, None, "M", "=2+2")]
    found = cleaned(write_xlsx(tmp_path / "x.xlsx", HEADER, rows), tmp_path)
    assert list(found.tables["patients"]["remark"]) == ["=2+2"]
    assert asked(found) == []


def test_hidden_rows_are_read_and_counted(book):
    found = book(lambda page: setattr(page.row_dimensions[3], "hidden", True))
    assert len(found.tables["patients"]) == 2
    assert rules(found) == {"hidden_row": 1}


@pytest.mark.parametrize(
    ("cells", "said"), [("A1:B1", "the header has merged"), ("A2:A3", "there are merged")]
)
def test_merged_cells_stop(book, cells, said):
    with pytest.raises(SystemExit, match=rf"{said} cells \({cells}\)"):
        book(lambda page: page.merge_cells(cells))


def test_title_rows_stop(book):
    with pytest.raises(SystemExit, match="the header looks like row 3"):
        book(lambda page: (page.insert_rows(1, 2), page.__setitem__("A1", "Export")))


def test_a_column_with_cells_and_no_name_stops_with_its_letter(book):
    with pytest.raises(SystemExit, match=r"column 7 \(G\) of the header is empty"):
        book(lambda page: page.__setitem__("G2", "x"))


def test_empty_rows_are_left_out_and_rows_stay_physical(book):
    found = book(lambda page: (page.insert_rows(2), page.__setitem__("B4", 200)))
    assert rules(found) == {"empty_row": 1}
    assert asked(found) == [(4, "age (B)", "200", "out_of_range")]


@pytest.mark.parametrize(
    ("cell", "era", "day", "rule"),
    [
        (date(2019, 2, 3), "either", "2019-02-03", None),
        (date(2562, 2, 3), "either", "2019-02-03", "buddhist_era"),
        (date(2019, 2, 3), "buddhist", "2019-02-03", "buddhist_era"),
        (date(2562, 2, 3), "buddhist", "2019-02-03", "buddhist_era"),
        (datetime(2019, 2, 3, 14, 5), "either", "2019-02-03", "time_of_day"),
    ],
)
def test_a_date_cell_needs_no_format(tmp_path, cell, era, day, rule):
    path = write_xlsx(tmp_path / "x.xlsx", HEADER, [("1", 40.0, 60.5, cell, "M", "")])
    book = BOOK.replace("era=either", f"era={era}")
    table = read_table(path, read_codebook(tmp_path, book))
    assert "2019-02-03" not in list(table.cells["seen"])
    found = cleaned(path, tmp_path) if era == "either" else None
    if found:
        assert str(found.tables["patients"]["seen"][0].date()) == day
        assert rule is None or rule in rules(found)


def test_dates_that_are_text_are_read_by_the_format(book):
    found = book(lambda page: page.__setitem__("D2", "31/02/2019"))
    assert asked(found) == [(2, "seen (D)", "31/02/2019", "impossible_date")]
    assert str(found.tables["patients"]["seen"][1].date()) == "2019-02-03"


class TestSheets:
    def add(self, folder, name: str):
        path = write_xlsx(folder / "x.xlsx", HEADER, [ROW])
        opened = openpyxl.load_workbook(path)
        opened.create_sheet(name).append(["id", "age"])
        opened[name].append(["9", 50])
        opened.save(path)
        return path

    def test_an_empty_sheet_is_no_choice(self, tmp_path):
        path = write_xlsx(tmp_path / "x.xlsx", HEADER, [ROW])
        opened = openpyxl.load_workbook(path)
        opened.create_sheet("Empty")
        opened.save(path)
        assert len(cleaned(path, tmp_path).tables["patients"]) == 1

    def test_of_several_one_is_declared(self, tmp_path):
        path = self.add(tmp_path, "More")
        with pytest.raises(SystemExit, match=r"several sheets \(Data, More\).*sheet: Data"):
            cleaned(path, tmp_path)
        found = cleaned(path, tmp_path, sheet="More")
        assert list(found.tables["patients"]["patient_id"]) == ["9"]
        with pytest.raises(SystemExit, match="no sheet 'Mor': did you mean 'More'"):
            cleaned(path, tmp_path, sheet="Mor")

    def test_each_sheet_has_its_own_name_in_logs(self, tmp_path):
        path = self.add(tmp_path, "More")
        variables = read_codebook(tmp_path, BOOK)
        assert read_table(ExportFile(path, sheet="More"), variables).file == "x.xlsx [More]"


@pytest.mark.parametrize("ending", ["xlsx", "xls", "ods", "dta", "sav", "xpt", "parquet"])
def test_a_file_that_is_not_what_its_ending_says_stops(tmp_path, ending):
    (tmp_path / f"x.{ending}").write_text("id,age\n1,40\n")
    with pytest.raises(SystemExit, match=f"x.{ending}: cannot be read"):
        cleaned(tmp_path / f"x.{ending}", tmp_path)


def test_a_workbook_that_is_called_csv_stops(tmp_path):
    path = write_xlsx(tmp_path / "x.xlsx", HEADER, [ROW])
    shutil.copy(path, tmp_path / "x.csv")
    with pytest.raises(SystemExit, match="this is a workbook and no text"):
        cleaned(tmp_path / "x.csv", tmp_path)


@pytest.mark.parametrize("ending", TYPED)
def test_a_header_alone_stops(tmp_path, ending):
    path = TYPED[ending](tmp_path / f"x.{ending}", HEADER, [])
    with pytest.raises(SystemExit, match=r"no row below it|the file is empty"):
        cleaned(path, tmp_path)


def test_the_frozen_xls_gives_what_the_same_csv_gives(tmp_path):
    """`tests/data/carriers/make_xls.py` wrote it."""
    rows = [
        ("007", 40.0, 60.5, date(2019, 2, 3), "ชาย", "ไทย"),
        ("1E5", None, 61.0, date(2020, 2, 29), "F", "=1+1"),
        ("3", 135.0, "#REF!", None, "x", None),
    ]
    plain = cleaned(write_text(tmp_path / "plain.csv", HEADER, rows), tmp_path)
    found = cleaned(ROOT / "tests" / "data" / "carriers" / "patients.xls", tmp_path)
    assert found.tables["patients"].equals(plain.tables["patients"])
    assert asked(found) == [
        (5, "age (B)", "135", "out_of_range"),
        (5, "sex (E)", "x", "unknown_level"),
        (5, "weight (C)", "#REF!", "spreadsheet_error"),
    ]
    assert rules(found) == {"hidden_row": 1, "empty_row": 1}


def test_an_ods_with_repeats_hidden_rows_errors_and_open_formulas(tmp_path):
    def cell(text: str, more: str = 'office:value-type="string"') -> str:
        return f"<table:table-cell {more}><text:p>{text}</text:p></table:table-cell>"

    header = "".join(cell(name) for name in HEADER)
    error = cell("#REF!", 'office:value-type="string" calcext:value-type="error"')
    formula = '<table:table-cell table:formula="of:=[.A1]+1"/>'
    body = (
        f"<table:table-row>{header}</table:table-row>"
        '<table:table-row table:number-rows-repeated="2"><table:table-cell '
        'table:number-columns-repeated="6"/></table:table-row>'
        f'<table:table-row table:visibility="collapse">{cell("1")}{formula}{error}'
        f'<table:table-cell table:number-columns-repeated="2"/>{cell("r")}</table:table-row>'
    )
    found = cleaned(ods_of(tmp_path / "x.ods", body), tmp_path)
    assert asked(found) == [
        (4, "age (B)", "of:=[.A1]+1", "formula_without_value"),
        (4, "weight (C)", "#REF!", "spreadsheet_error"),
    ]
    assert rules(found) == {"hidden_row": 1, "empty_row": 2}
    assert list(found.tables["patients"]["remark"]) == ["r"]


def test_merged_cells_of_an_ods_stop(tmp_path):
    merged = '<table:table-cell office:value-type="string" table:number-columns-spanned="2">'
    body = f"<table:table-row>{merged}<text:p>id</text:p></table:table-cell></table:table-row>"
    with pytest.raises(SystemExit, match=r"the header has merged cells \(A1:B1\)"):
        cleaned(ods_of(tmp_path / "x.ods", body), tmp_path)


def test_questions_have_the_same_ids_in_a_workbook(book, tmp_path):
    path = write_text(tmp_path / "y.csv", HEADER, [("1", 200.0, *ROW[2:]), ("2", *ROW[1:])])
    found = book(lambda page: page.__setitem__("B2", 200))
    assert without_places(found.queries).equals(without_places(cleaned(path, tmp_path).queries))
