"""From one spelling to a value, a missing value or a question."""

import datetime

import pandas as pd
import pytest
from builders import GRADES, LATEST, variable
from hypothesis import given
from hypothesis import strategies as st

from calcinosis.ingest.fates import Fate
from calcinosis.ingest.parsing import parse_column

EITHER = variable("date", format="dd/mm/yyyy era=either", low=2000)
BUDDHIST = variable("date", format="dd/mm/yyyy era=buddhist", low=2000)
SERIAL = variable("date", format="dd/mm/yyyy excel_serial", low=1990)
UNDECLARED = variable("date", low=1990)
PLAIN_DATE = variable("date", format="dd/mm/yyyy")
AGE = variable("integer", low=18, high=100, missing_codes=frozenset(["-9"]))
COMMA = variable("number", format="decimal=comma")
BOTH = variable("number", format="decimal=either")
POINT = variable("number")
GRADE = variable(
    "ordinal",
    levels=tuple(GRADES),
    codes={"0": "none", "no": "none"} | {grade: grade for grade in GRADES},
    missing_codes=frozenset(["nr"]),
)


def fate(raw: str, of, latest=LATEST) -> Fate:
    parsed = parse_column(pd.Series([raw], dtype="object"), of, latest)
    found = parsed.fates[parsed.fate[0]]
    value = parsed.values.iloc[0]
    return found if found.kind else Fate(value.date() if of.type == "date" else value)


def outcome(raw: str, of) -> tuple:
    found = fate(raw, of)
    return found.kind, found.rule, found.value


@pytest.mark.parametrize(
    ("raw", "of", "value"),
    [
        ("42", AGE, 42),
        ("18", AGE, 18),
        ("100", AGE, 100),
        ("-1.50", POINT, -1.5),
        (".5", POINT, 0.5),
        ("12", COMMA, 12),
        ("1.5", BOTH, 1.5),
        ("mild", GRADE, "mild"),
        ("none", GRADE, "none"),
        ("01/02/2013", EITHER, datetime.date(2013, 2, 1)),
        ("1/2/2013", EITHER, datetime.date(2013, 2, 1)),
        ("31/12/2020", EITHER, LATEST),
    ],
)
def test_what_the_codebook_declares_is_taken_as_it_stands(raw, of, value):
    assert outcome(raw, of) == ("", "", value)


@pytest.mark.parametrize(
    ("raw", "of", "rule", "value"),
    [
        ("1,54", COMMA, "decimal_comma", 1.54),
        ("1,54", BOTH, "decimal_comma", 1.54),
        ("๔๒", AGE, "digits", 42),
        ("\u22121.5", POINT, "digits", -1.5),
        ("１．５", POINT, "digits", 1.5),
        ("2019-02-03", EITHER, "iso_date", datetime.date(2019, 2, 3)),
        ("2562-02-03", EITHER, "buddhist_era", datetime.date(2019, 2, 3)),
        ("2562-02-03", BUDDHIST, "buddhist_era", datetime.date(2019, 2, 3)),
        ("2019-02-03", BUDDHIST, "iso_date", datetime.date(2019, 2, 3)),
        ("2019-02-03 00:00:00", EITHER, "time_of_day", datetime.date(2019, 2, 3)),
        ("2019-02-03T23:59:59.5Z", PLAIN_DATE, "time_of_day", datetime.date(2019, 2, 3)),
        ("12-Mar-2019", EITHER, "month_name", datetime.date(2019, 3, 12)),
        ("12 march 2019", PLAIN_DATE, "month_name", datetime.date(2019, 3, 12)),
        ("March 12, 2019", PLAIN_DATE, "month_name", datetime.date(2019, 3, 12)),
        ("12มี.ค.2562", EITHER, "buddhist_era", datetime.date(2019, 3, 12)),
        ("12 มี.ค. 2562", EITHER, "buddhist_era", datetime.date(2019, 3, 12)),
        ("๑๒ มีนาคม ๒๕๖๒", EITHER, "buddhist_era", datetime.date(2019, 3, 12)),
        ("12 มีนาคม 2019", EITHER, "month_name", datetime.date(2019, 3, 12)),
        ("43536", SERIAL, "excel_serial", datetime.date(2019, 3, 12)),
        ("43536.75", SERIAL, "excel_serial", datetime.date(2019, 3, 12)),
        ("36526", SERIAL, "excel_serial", datetime.date(2000, 1, 1)),
        ("４２", AGE, "digits", 42),
        ("3.0", variable("integer"), "integer_with_decimals", 3),
        (" 42 ", AGE, "white_space", 42),
        ("42\u00a0", AGE, "white_space", 42),
        ("MILD", GRADE, "spelling", "mild"),
        ("0", GRADE, "spelling", "none"),
        ("No", GRADE, "spelling", "none"),
        ("01/02/2562", EITHER, "buddhist_era", datetime.date(2019, 2, 1)),
        ("29/02/2563", EITHER, "buddhist_era", datetime.date(2020, 2, 29)),
        ("29/02/2563", BUDDHIST, "buddhist_era", datetime.date(2020, 2, 29)),
    ],
)
def test_other_spellings_are_accepted_and_told(raw, of, rule, value):
    assert outcome(raw, of) == ("normalise", rule, value)


@pytest.mark.parametrize(
    ("raw", "of", "rule"),
    [
        ("", AGE, "blank"),
        ("  ", AGE, "blank"),
        ("-9", AGE, "missing_code"),
        (" nr", GRADE, "missing_code"),
        *((word, AGE, "missing_word") for word in ("n/a", "NA", "unk", "Unknown", "-", "?", ".")),
        ("ไม่ทราบ", GRADE, "missing_word"),
    ],
)
def test_codes_and_words_for_missing_are_missing_with_their_reason(raw, of, rule):
    assert outcome(raw, of) == ("missing", rule, None)


def test_a_level_wins_over_a_word_for_missing():
    assert fate("NA", variable("category", levels=("na", "eu"))).value == "na"
    assert fate("NA", variable("id")).value == "NA"


@pytest.mark.parametrize(
    "raw",
    [
        *("inf", "-inf", "Infinity", "nan", "1_0", "0x1F", "1e5", "1E5", "<0.5", "~3", "≥4"),
        *("12 %", "5..2", "O.5", "1.234,5", "1,2,3", "1-2", "5²", "½", "3 kg", "=1+1"),
        pytest.param("9" * 400, id="400 digits"),
    ],
)
@pytest.mark.parametrize("of", [variable("integer"), POINT, BOTH, COMMA], ids=lambda v: v.format)
def test_what_is_no_number_becomes_a_query(raw, of):
    assert fate(raw, of).kind == "query"
    assert fate(raw, of).value is None


@pytest.mark.parametrize(
    ("raw", "of", "rule"),
    [
        ("3.5", variable("integer"), "not_an_integer"),
        ("1,5", POINT, "not_a_number"),
        ("1.5", COMMA, "not_a_number"),
        ("17", AGE, "out_of_range"),
        ("101", AGE, "out_of_range"),
        ("999", AGE, "out_of_range"),
        ("-9", variable("integer", low=0), "out_of_range"),
        ("-9", variable("integer"), "out_of_range"),
        ("-99.0", POINT, "out_of_range"),
        ("999", variable("integer", low=0), "out_of_range"),
        ("1.62", variable("number", low=100, high=220), "out_of_range"),
        ("4", GRADE, "unknown_level"),
        ("mild/moderate", GRADE, "unknown_level"),
        ("31/02/2014", EITHER, "impossible_date"),
        ("29/02/2562", EITHER, "impossible_date"),
        ("00/00/0000", EITHER, "impossible_date"),
        ("01/13/2014", EITHER, "impossible_date"),
        ("01/01/2021", EITHER, "after_export"),
        ("01/01/2564", EITHER, "after_export"),
        ("01/01/1900", EITHER, "out_of_range"),
        ("01/01/1476", EITHER, "out_of_range"),
        ("01/01/2019", BUDDHIST, "out_of_range"),
        ("01/02/62", EITHER, "two_digit_year"),
        ("12-Mar-62", EITHER, "two_digit_year"),
        ("12 มี.ค. 62", EITHER, "two_digit_year"),
        ("41671", EITHER, "not_a_date"),
        ("2014-02-30", EITHER, "impossible_date"),
        ("2014-2-1", EITHER, "not_a_date"),
        ("12-Foo-2014", EITHER, "not_a_date"),
        ("0000-00-00", EITHER, "impossible_date"),
        ("1900-01-01", EITHER, "out_of_range"),
        ("01/02/2014 00:00", EITHER, "not_a_date"),
    ],
)
def test_what_cannot_be_used_becomes_a_query_with_its_rule(raw, of, rule):
    assert outcome(raw, of) == ("query", rule, None)


def test_thai_digits_of_a_missing_code_are_that_code():
    assert fate("-๙", AGE).rule == "missing_code"


@pytest.mark.parametrize("raw", ["007", "7", "1E5", "=1+1", "NA", "๐๑"])
def test_ids_stay_text(raw):
    assert fate(raw, variable("id")).value == raw


@pytest.mark.parametrize("kind", ["id", "text"])
def test_white_space_that_an_id_or_text_loses_is_told(kind):
    assert outcome("007 ", variable(kind)) == ("normalise", "white_space", "007")


@pytest.mark.parametrize("raw", ["<script>", "{{7*7}}", "=1+1", "a" * 100_000])
def test_texts_stay_texts(raw):
    assert fate(raw, variable("text")).value == raw


def test_a_column_has_one_fate_a_row_and_the_type_of_its_variable():
    cells = pd.Series(["42", "x", "42", ""], dtype="object", index=[7, 3, 5, 9])
    parsed = parse_column(cells, AGE, LATEST)
    assert [parsed.fates[i].kind for i in parsed.fate] == ["", "query", "", "missing"]
    assert list(parsed.values.index) == [7, 3, 5, 9]
    assert parsed.values.dtype == "float64"
    assert [parsed.raw[i] for i in parsed.fate] == ["", "x", "", ""]
    assert parsed.values.isna().tolist() == [False, True, False, True]


def test_a_category_has_all_levels_in_order_also_those_that_nobody_has():
    parsed = parse_column(pd.Series(["mild"], dtype="object"), GRADE, LATEST)
    assert list(parsed.values.cat.categories) == GRADES
    assert parsed.values.cat.ordered


numbers = st.decimals(-9998, 9998, places=3).filter(lambda n: n not in (-9, -99, -999, 999))


@given(numbers)
def test_a_number_written_with_either_mark_is_that_number(number):
    with_point = str(number)
    with_comma = with_point.replace(".", ",")
    assert fate(with_point, POINT).value == float(number)
    assert fate(with_point, BOTH).value == float(number)
    assert outcome(with_comma, COMMA) == ("normalise", "decimal_comma", float(number))
    assert fate(with_comma, BOTH).value == float(number)


@given(st.text())
def test_no_text_breaks_a_parser_and_each_has_one_fate(raw):
    for of in (AGE, BOTH, GRADE, EITHER):
        found = fate(raw, of)
        assert found.kind in ("", "normalise", "missing", "query")
        assert (found.value is None) == (found.kind in ("missing", "query"))
        assert (found.kind == "query") == bool(found.question)


@pytest.mark.parametrize("raw", ["-9.0", "-9.00"])
@pytest.mark.parametrize("kind", ["integer", "number"])
def test_a_missing_code_with_decimals_is_never_a_value(raw, kind):
    """Packages write a column of whole numbers with decimals: `-9` becomes `-9.0`."""
    assert fate(raw, variable(kind, missing_codes=frozenset(["-9"]))).value is None


@pytest.mark.parametrize(
    ("raw", "of", "says"),
    [
        ("135", AGE, "is outside the plausible range 18 to 100"),
        ("3.5", variable("integer"), "is not a whole number"),
        ("31/02/2014", EITHER, "is not a day of the calendar"),
        ("01/01/2021", EITHER, "lies after the day of the export, 2020-12-31"),
        ("2014.02.01", EITHER, "is not a date written dd/mm/yyyy"),
        (
            "41671",
            EITHER,
            "is not a date written dd/mm/yyyy (a day number of Excel? then add excel_serial to the "
            "format in the codebook)",
        ),
        (
            "01/02/1476",
            EITHER,
            "is not a day between 2000 and 9999 (2019 less 543 years that were not to be taken?)",
        ),
        (
            "01/02/2562",
            PLAIN_DATE,
            "lies after the day of the export, 2020-12-31 (a Buddhist year? then add era=either to "
            "the format in the codebook)",
        ),
        (
            "1.62",
            variable("number", low=100, high=220),
            "is outside the plausible range 100 to 220 (in another unit? 162 would be inside)",
        ),
        (
            "162",
            variable("number", low=1, high=2.2),
            "is outside the plausible range 1 to 2.2 (in another unit? 1.62 would be inside)",
        ),
        ("4", GRADE, "is not one of: none, mild, moderate, severe"),
    ],
)
def test_a_query_says_what_is_wrong(raw, of, says):
    assert fate(raw, of).question == says


@given(
    st.integers(-9998, 9998).filter(lambda n: n not in (-9, -99, -999, 999)),
    st.sampled_from(["0123456789", "๐๑๒๓๔๕๖๗๘๙", "０１２３４５６７８９"]),
)
def test_a_whole_number_in_digits_of_any_script_is_that_number(number, digits):
    text = str(number).translate(str.maketrans("0123456789", digits))
    assert fate(text, variable("integer")).value == number
    assert fate(f"{text}.0", variable("integer")).value == number


def test_a_million_different_numbers_and_ids_take_a_moment():
    """What stands for itself is not looked at one by one."""
    numbers = pd.Series(range(200_000)).map(str).astype("object")
    for of in (variable("number", low=0, high=1e9), variable("id")):
        parsed = parse_column(numbers, of, LATEST)
        assert len(parsed.fates) == 1
        assert parsed.values.notna().all()
