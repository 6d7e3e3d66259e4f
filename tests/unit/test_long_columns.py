"""What is done to whole columns at once gives what a look at each cell gives."""

import re

import numpy as np
import pandas as pd
import pytest
from builders import LATEST, variable
from hypothesis import given, settings
from hypothesis import strategies as st
from test_redcap_rows import P1, P2, clean

from calcinosis.ingest import export, parsing
from calcinosis.ingest.carriers.sheet import NOT_BLANK, WHITE_SPACE, matching
from calcinosis.ingest.redcap.cells import Cells
from calcinosis.ingest.rows import _plain_ids, columns_of, moved

KINDS = [
    variable("integer", low=-5, high=99, missing_codes=frozenset(["-9", "77"])),
    variable("integer"),
    variable("number", low=0, high=10, missing_codes=frozenset(["9", "9.5"])),
    variable("number", format="decimal=comma"),
    variable("number", format="decimal=either"),
    variable("id", missing_codes=frozenset(["unknown", "not done", "-9"])),
    variable("text"),
]
PIECES = [*"0123456789+-., é๙７\u00a0", "99", "nan", "inf", "E5", "_", "Not", "done"]
WORDS = ["Unknown", "NOT DONE", "not  done", " 5", "5\n", "-0", "00", ".5", "5.", "1" * 17]
texts = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)


@settings(max_examples=300)
@given(st.lists(st.sampled_from(WORDS) | texts, min_size=1, max_size=8), st.sampled_from(KINDS))
def test_a_column_is_parsed_as_each_of_its_spellings_alone(cells, of):
    parsed = parsing.parse_column(pd.Series(cells, dtype="object"), of, LATEST)
    one_by_one = parsing._parser(of, cells, LATEST, "query")
    for i, text in enumerate(cells):
        alone = parsing._parse_one(text, of, one_by_one)
        found, value = parsed.fates[parsed.fate[i]], parsed.values.iloc[i]
        assert (found.kind, found.rule, found.question) == (alone.kind, alone.rule, alone.question)
        assert (None if pd.isna(value) else value) == alone.value
        assert parsed.raw[parsed.fate[i]] == (text if alone.kind else "")


def test_words_that_no_cell_has_are_no_part_of_a_column():
    """As where empty rows or rows of other events were left out."""
    cells = pd.Series(pd.Categorical(["3", "x", "3"]))[[0, 2]]
    parsed = parsing.parse_column(cells, variable("integer"), LATEST)
    assert len(parsed.fates) == 1
    assert parsed.values.to_dict() == {0: 3.0, 2: 3.0}


@pytest.mark.parametrize("code", [*range(0, 0x3200, 512), 0xFE00])
def test_white_space_is_what_python_takes_for_it(code):
    """Every character of 512 in a row, those of surrogates aside."""
    characters = [chr(c) for c in range(code, code + 512) if not 0xD800 <= c < 0xE000]
    words = pd.Index(characters, dtype="str")
    white = [character.isspace() for character in characters]
    assert matching(words, WHITE_SPACE).tolist() == white
    assert matching(words, NOT_BLANK).tolist() == [not w for w in white]


@given(st.lists(st.text("aB0017-_ \t\u00a0\u3000é๐", max_size=8), min_size=1))
def test_plain_ids_are_those_without_space_zeros_and_case(ids):
    plain = [re.sub(r"\s+", "", text.lower()) for text in ids]
    plain = [re.sub("(^|[^0-9])0+([0-9])", r"\1\2", text) for text in plain]
    assert _plain_ids(pd.Series(ids, dtype="string")).tolist() == plain


def test_rows_move_with_their_types_and_names():
    frame = pd.DataFrame(
        {
            "a": pd.array(["x", None, "z"], dtype="string"),
            "b": [1.0, np.nan, 3.0],
            "c": pd.Categorical(["no", "yes", None], ["no", "yes"], ordered=True),
            "d": pd.to_datetime(["2020-01-01", None, "2020-03-01"]),
        }
    )
    expected = frame.iloc[[2, 0]]
    columns = columns_of(frame)
    found = moved(columns, frame.index, np.array([2, 0]))
    pd.testing.assert_frame_equal(found, expected)
    assert not columns


def test_a_redcap_export_is_read_once_and_a_form_looked_at_once(tmp_path, monkeypatch):
    read, looked_at = [], []
    read_sheet, opened = export.read_sheet, Cells._is_opened
    monkeypatch.setattr(export, "read_sheet", lambda *args: read.append(1) or read_sheet(*args))
    monkeypatch.setattr(
        Cells, "_is_opened", lambda cells, form: looked_at.append(form) or opened(cells, form)
    )
    assert set(clean(tmp_path, P1 + P2).tables) == {"patients", "readings"}
    assert (read, looked_at) == ([1], ["base"])
