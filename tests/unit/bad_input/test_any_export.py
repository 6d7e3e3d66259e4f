"""What holds for any export: its order is nobody's business, and each error leaves a trace."""

import datetime
import random

import pandas as pd
import pytest
from builders import variable
from clean_export import PATIENTS, READINGS, Export, both, cell, clean, nothing
from harness import Runs
from hypothesis import given, settings
from hypothesis import strategies as st

from calcinosis.ingest.codebook import fold
from calcinosis.ingest.parsing import parse_column

ERRORS = [
    ("age", "135"),
    ("height", "1.62"),
    ("duration", "<0.5"),
    ("mrss", "3.5"),
    ("sex", "x"),
    ("raynaud", "perhaps"),
    ("onset_date", "2010-02-31"),
    ("visit_date", "2031-01-01"),
]
OTHER_SPELLINGS = [("mrss", "๑๒"), ("sex", "M"), ("raynaud", "1"), ("age", "50.0"), ("mrss", "n/a")]
LATEST = datetime.date(2020, 12, 31)
DIGITS = ("0123456789", "๐๑๒๓๔๕๖๗๘๙", "０１２３４５６７８９")


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> Runs:
    return Runs(tmp_path_factory.mktemp("any_export"))


def shuffled(order: random.Random):
    """Rows, columns and tables in another order."""

    def change(export: Export) -> None:
        for file in (PATIENTS, READINGS):
            header, *rows = export.rows(file)
            order.shuffle(rows)
            columns = order.sample(range(len(header)), len(header))
            export.write([[row[i] for i in columns] for row in (header, *rows)], file)
        tables = "    patients: [patients.csv]\n", "    readings: [readings.csv]\n"
        export.plan = export.plan.replace("".join(tables), "".join(order.sample(tables, 2)))
        header, *lines = export.codebook.splitlines(keepends=True)
        order.shuffle(lines)
        export.codebook = header + "".join(lines)

    return change


@settings(max_examples=4)
@given(st.integers(0, 1000).map(random.Random))
def test_order_of_rows_columns_tables_and_codebook_changes_no_result(runs, order):
    planted = both(cell(7, "mrss", "55"), cell(9, "sex", "M"), cell(23, "film_date", "x", READINGS))
    expected, found = runs.of(planted), runs.of(planted, shuffled(order))
    assert (found.home / "estimates.csv").read_bytes() == (
        expected.home / "estimates.csv"
    ).read_bytes()
    ids = [{query["query_id"] for query in run.log("queries")} for run in (expected, found)]
    assert ids[0] == ids[1]
    assert len(ids[0]) == 2


def by_file(files: list[str]):
    """Centres deliver their own files; the plan lists them in some order."""

    def change(export: Export) -> None:
        for file in (PATIENTS, READINGS):
            header, *rows = export.rows(file)
            at = header.index("centre")
            for centre in files:
                own = [row for row in rows if row[at] == centre]
                export.write([header, *own], f"{centre}_{file}")
            listed = ", ".join(f"{centre}_{file}" for centre in files)
            export.plan = export.plan.replace(f"[{file}]", f"[{listed}]")

    return change


def test_order_of_files_changes_no_result(runs):
    one, other = (runs.of(by_file(files)) for files in (["a", "b"], ["b", "a"]))
    assert one.code == other.code == 0
    assert one.estimates == other.estimates == runs.of(nothing).estimates


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zs"]), min_size=1)
known = {fold(name) for name in clean().rows()[0]} | {"study no"}
cells = st.text(st.characters(codec="utf-8"), max_size=20)


@settings(max_examples=6)
@given(names.filter(lambda name: fold(name) not in known | {""}), cells, st.integers(0, 17))
def test_a_column_that_the_codebook_does_not_name_changes_no_result(runs, name, text, position):
    def change(export: Export) -> None:
        header, *rows = export.rows()
        lines = [(header, name), *((row, text) for row in rows)]
        export.write([[*row[:position], new, *row[position:]] for row, new in lines])

    run = runs.of(change)
    assert (run.code, run.message) == (0, "")
    assert run.estimates == runs.of(nothing).estimates


planted = st.lists(
    st.tuples(st.integers(2, 61), st.sampled_from(ERRORS + OTHER_SPELLINGS)),
    unique_by=lambda plant: plant[0],
    max_size=20,
)


@settings(max_examples=8)
@given(planted)
def test_each_planted_error_has_an_entry_in_a_log(runs, plants):
    people = clean().rows()
    plants = [
        (row, name, raw)
        for row, (name, raw) in plants
        if people[row - 1][people[0].index(name)] != raw
    ]
    run = runs.of(both(*(cell(row, name, raw) for row, name, raw in plants)))
    assert run.code == 0, run.message
    wrong = {(row, name, raw) for row, name, raw in plants if (name, raw) in ERRORS}
    asked = {(int(q["row"]), q["column"], q["raw_value"]) for q in run.log("queries")}
    assert asked == wrong
    counted = sum(int(entry["count"]) for entry in run.log("normalisations"))
    assert counted + len(asked) == len(plants)


@given(
    st.dates(datetime.date(2000, 1, 1), LATEST),
    st.sampled_from(
        ["dd/mm/yyyy", "mm/dd/yyyy", "yyyy/mm/dd", "yyyy-mm-dd", "dd-mm-yyyy", "dd.mm.yyyy"]
    ),
    st.sampled_from([("", 0), ("buddhist", 543), ("either", 0), ("either", 543)]),
    st.sampled_from(DIGITS),
    st.booleans(),
)
def test_a_date_in_any_declared_style_era_and_script_is_that_date(date, style, era, digits, zeros):
    width = 2 if zeros or style == "yyyy-mm-dd" else 1
    parts = {"yyyy": date.year + era[1], "mm": f"{date.month:0{width}d}"}
    parts["dd"] = f"{date.day:0{width}d}"
    text = style
    for token, part in parts.items():
        text = text.replace(token, str(part))
    text = text.translate(str.maketrans(DIGITS[0], digits))
    declared = variable("date", format=style + (f" era={era[0]}" if era[0] else ""), low=2000)
    parsed = parse_column(pd.Series([text], dtype="object"), declared, LATEST)
    assert list(parsed.values) == [pd.Timestamp(date)]


def test_cells_with_every_delimiter_and_quote_come_back_as_they_were_written(runs):
    text = 'a "b", c;\td|\nnew line'
    run = runs.of(cell(7, "notes", text))
    assert text in set(run.table("patients")["notes"])
