"""Dates: eras, orders of day and month, months in words, partial dates, days of Excel."""

import calendar
import datetime

import pandas as pd
import pytest
from builders import LATEST, variable
from hypothesis import given
from hypothesis import strategies as st
from test_parsing import BUDDHIST, EITHER, PLAIN_DATE, UNDECLARED, fate, outcome

from calcinosis.errors import InputError
from calcinosis.ingest.fates import Fate
from calcinosis.ingest.parsing import parse_column

dates = st.dates(datetime.date(2000, 1, 1), LATEST)
PARTIAL = [
    *("2019", "2562", "2019-03", "03/2019", "3/2562", "UN/03/2019", "UNK-MAR-2019", "Mar 2019"),
    *("2019-03-UN", "UN/UN/2019", "มี.ค. 2562"),
]


def test_thai_digits_in_a_date_of_the_buddhist_era_are_read():
    assert fate("๒๙/๐๒/๒๕๖๓", EITHER).value == datetime.date(2020, 2, 29)
    assert fate("๒๙/๐๒/๒๕๖๓", EITHER).kind == "normalise"


@pytest.mark.parametrize("of", [PLAIN_DATE, variable("date", format="dd/mm/yyyy era=buddhist")])
def test_a_year_of_the_middle_ages_is_a_query_also_without_a_minimum(of):
    """A Gregorian year converted as if it were Buddhist (2019 becomes 1476)."""
    raw = "01/01/1476" if of is PLAIN_DATE else "01/01/2019"
    assert fate(raw, of).kind == "query"


def test_the_maximum_of_a_date_counts_like_its_minimum():
    assert fate("01/01/2019", variable("date", format="dd/mm/yyyy", high=2015)).kind == "query"


@given(dates)
def test_a_date_written_in_either_era_is_that_date(date):
    gregorian = f"{date:%d/%m/}{date.year:04d}"
    buddhist = f"{date:%d/%m/}{date.year + 543:04d}"
    assert fate(gregorian, EITHER) == Fate(date)
    assert outcome(buddhist, EITHER) == ("normalise", "buddhist_era", date)
    assert fate(buddhist, BUDDHIST).value == date


@given(dates, st.sampled_from(["yyyy-mm-dd", "dd.mm.yyyy", "mm/dd/yyyy", "yyyy/mm/dd"]))
def test_a_date_written_as_declared_is_that_date(date, pattern):
    parts = {"yyyy": f"{date.year:04d}", "mm": f"{date.month:02d}", "dd": f"{date.day:02d}"}
    text = pattern
    for token, part in parts.items():
        text = text.replace(token, part)
    assert fate(text, variable("date", format=pattern)) == Fate(date)


@pytest.mark.parametrize(
    ("raw", "date"),
    [
        ("01/01/2543", datetime.date(2000, 1, 1)),
        ("31/12/2563", LATEST),
        ("29/02/2555", datetime.date(2012, 2, 29)),
    ],
)
def test_the_first_and_last_days_of_the_buddhist_era_are_in(raw, date):
    assert outcome(raw, EITHER) == ("normalise", "buddhist_era", date)


@pytest.mark.parametrize("raw", ["31/12/2542", "01/01/2400", "01/01/2399", "01/01/3106"])
def test_years_of_neither_era_are_queries(raw):
    assert fate(raw, EITHER).kind == "query"


def test_without_the_day_of_the_export_no_date_is_too_late():
    assert fate("01/01/2031", EITHER, None).value == datetime.date(2031, 1, 1)


@pytest.mark.parametrize("raw", ["12-Mar-2019", "12 มี.ค. 2019", "12-March-2019"])
def test_months_in_words_are_no_normalisation_where_they_are_declared(raw):
    of = variable("date", format="dd-mmm-yyyy")
    assert outcome(raw, of) == ("", "", datetime.date(2019, 3, 12))


def test_what_the_declared_pattern_says_wins_over_the_usual_reading():
    of = variable("date", format="yyyy-dd-mm")
    assert fate("2019-02-03", of) == Fate(datetime.date(2019, 3, 2))
    assert fate("2019-02-13", of).rule == "impossible_date"


@pytest.mark.parametrize("raw", PARTIAL)
def test_a_date_without_a_day_is_a_query_unless_the_plan_imputes_it(raw):
    assert outcome(raw, EITHER) == ("query", "partial_date", None)
    parsed = parse_column(pd.Series([raw], dtype="object"), EITHER, LATEST, "impute")
    assert parsed.fates[1].kind == "normalise"
    assert parsed.fates[1].rule == "partial_date_imputed"
    date = parsed.values.iloc[0].date()
    of_month = "3" in raw or "ar" in raw.casefold() or "มี" in raw
    assert date == (datetime.date(2019, 3, 16) if of_month else datetime.date(2019, 7, 2))


def test_with_the_month_first_an_unknown_first_part_is_the_month():
    of = variable("date", format="mm/dd/yyyy")
    parsed = parse_column(pd.Series(["UN/03/2019"], dtype="object"), of, LATEST, "impute")
    assert parsed.values.iloc[0] == pd.Timestamp(2019, 7, 2)


@pytest.mark.parametrize(
    ("raw", "date"),
    [
        ("2020", datetime.date(2020, 5, 1)),  # the middle of 1 January to 30 August
        ("08/2020", datetime.date(2020, 8, 15)),
        ("02/2020", datetime.date(2020, 2, 15)),
        ("02/2019", datetime.date(2019, 2, 14)),
    ],
)
def test_an_imputed_date_is_the_middle_of_the_days_that_it_may_be(raw, date):
    day = datetime.date(2020, 8, 30)
    parsed = parse_column(pd.Series([raw], dtype="object"), EITHER, day, "impute")
    assert parsed.values.iloc[0].date() == date


def test_a_period_after_the_export_is_not_imputed():
    parsed = parse_column(pd.Series(["2021"], dtype="object"), EITHER, LATEST, "impute")
    assert parsed.fates[1].rule == "after_export"


def undeclared(*cells: str) -> list:
    return list(parse_column(pd.Series(cells, dtype="object"), UNDECLARED, LATEST).values)


def test_an_undeclared_column_is_read_where_only_one_order_fits():
    assert undeclared("13/02/2019", "01/02/2562", "") == [
        *(pd.Timestamp(2019, 2, 13), pd.Timestamp(2019, 2, 1)),
        pd.NaT,
    ]
    assert undeclared("02/13/2019", "01.02.2019") == [
        *(pd.Timestamp(2019, 2, 13), pd.Timestamp(2019, 1, 2))
    ]
    assert undeclared("2019/02/03", "2019-02-03") == [pd.Timestamp(2019, 2, 3)] * 2
    assert undeclared("02/02/2019", "5-5-2019") == [
        *(pd.Timestamp(2019, 2, 2), pd.Timestamp(2019, 5, 5))
    ]
    assert undeclared("31/02/2019", "13/02/2019", "๑๔/๐๒/๒๕๖๒")[1:] == [
        *(pd.Timestamp(2019, 2, 13), pd.Timestamp(2019, 2, 14))
    ]


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (["01/02/2019"], "every date can be read as dd/mm/yyyy and as mm/dd/yyyy"),
        (["๐๑/๐๒/๒๕๖๒"], "every date can be read as dd/mm/yyyy and as mm/dd/yyyy"),
        (["13/02/2019", "02/14/2019", "15/02/2019"], "2 of the dates fit only dd/mm/yyyy, and 1"),
    ],
)
def test_an_undeclared_column_of_either_order_stops(cells, says):
    with pytest.raises(InputError, match=f"{says}.*format of 'x'"):
        undeclared(*cells)


def test_excel_days_are_counted_as_excel_counts_them():
    """Serial 61 is 1 March 1900; openpyxl's own conversion is the reference."""
    from_excel = pytest.importorskip("openpyxl.utils.datetime").from_excel
    for serial in (10_000, 36_525, 43_536, 44_196):
        of = variable("date", format="excel_serial", low=1920)
        assert fate(str(serial), of).value == from_excel(serial).date()


@given(dates, st.sampled_from(["en", "EN", "th", "Th"]), st.booleans())
def test_a_date_with_its_month_in_words_is_that_date(date, language, buddhist):
    thai = ["ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย."]
    thai += ["ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค."]
    full = ["มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน"]
    full += ["กรกฎาคม", "สิงหาคม", "กันยายน", "ตุลาคม", "พฤศจิกายน", "ธันวาคม"]
    whole = list(calendar.month_name)[1:]
    english = [name[:3] for name in whole]
    names = {"en": english, "EN": whole, "th": thai, "Th": full}[language]
    year = date.year + 543 * buddhist
    assert fate(f"{date.day} {names[date.month - 1]} {year}", EITHER).value == date
