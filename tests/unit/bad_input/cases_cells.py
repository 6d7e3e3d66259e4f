"""Cases 34 to 52: numbers and dates."""

from collections.abc import Callable

from case import Asked, Case, Logged, cell_asked, cell_missing, cell_rewritten
from clean_export import (
    READINGS,
    Change,
    Export,
    both,
    cell,
    codebook,
    column,
    plan,
    without,
)
from harness import Run

IMPUTE = "cleaning:\n  partial_dates: impute\nmodels:"
RULES = plan(
    "models:",
    """\
cleaning:
  rules:
    - id: total_of_items
      table: patients
      kind: sum
      variable: total
      items: [item_1, item_2]
      blank: [total]
      source: it is their sum
    - id: visit_after_onset
      table: patients
      kind: comparison
      variable: visit_date
      operator: at_least
      other: onset_date
      blank: [visit_date]
      source: nobody is seen before the onset
    - id: film_after_onset
      table: readings
      kind: comparison
      variable: film_date
      operator: at_least
      other: onset_date
      blank: [film_date]
      source: nobody is filmed before the onset
models:""",
)
"""Rules of the plan on values that contradict each other."""
THAI_DIGITS = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def buddhist(date: str) -> str:
    """The same day, dd/mm/yyyy, in the Buddhist era."""
    return f"{date[:6]}{int(date[6:]) + 543}"


def of_centre_a(change_cell: Callable[[str], str]) -> Change:
    """Another spelling of the films of the first centre only: two eras in one column."""

    def change(export: Export) -> None:
        header, *rows = export.rows(READINGS)
        for row in rows:
            if row[1] == "a":
                row[2] = change_cell(row[2])
        export.write([header, *rows], READINGS)

    return change


def later_film(date: str) -> Change:
    """The date of the second film of S006."""
    return both(*(cell(row, "film_date", date, READINGS) for row in (23, 25)))


def person_time_is_positive(run: Run) -> None:
    assert (run.dataset("incidence")["years"] > 0).all()


def film_asked(number: int, raw: str, rule: str) -> Case:
    """A film without a usable date: its reading is out."""
    return Case(
        number,
        f"`{raw}` as date of a film",
        cell(23, "film_date", raw, READINGS),
        asked=(Asked(23, rule, "film_date", raw, READINGS),),
        same_as=without(23, file=READINGS),
    )


def film_is(date: str) -> Callable[[Run], None]:
    """The second film of S006 was made on that day."""

    def check(run: Run) -> None:
        readings = run.table("readings")
        assert date in set(
            readings.query("patient_id == 'S006'")["film_date"].dt.strftime("%Y-%m-%d")
        )

    return check


CASES = [
    Case(
        34,
        "a column with decimal commas, declared",
        both(
            column("duration", lambda text: text.replace(".", ",")),
            codebook("duration", format="decimal=comma"),
        ),
        logged=(Logged("decimal_comma", "duration", 60),),
    ),
    Case(
        34,
        "one decimal comma where both marks are declared",
        cell(7, "duration", "2,5"),
        logged=(Logged("decimal_comma", "duration"),),
        start=both(cell(7, "duration", "2.5"), codebook("duration", format="decimal=either")),
    ),
    *(cell_asked(35, "duration", raw, "not_a_number") for raw in ("<0.5", "~3", "≥4")),
    *(cell_missing(36, "mrss", raw, "missing_word") for raw in ("n/a", "unk", "ไม่ทราบ", "-")),
    cell_missing(37, "mrss", "-9", "missing_code"),
    cell_missing(37, "duration", "-9.0", "missing_code"),
    cell_asked(37, "total", "-9", "out_of_range"),
    cell_asked(37, "height", "999", "out_of_range"),
    cell_asked(38, "duration", "12 %", "not_a_number"),
    cell_asked(38, "duration", "5..2", "not_a_number"),
    cell_asked(38, "duration", "O.5", "not_a_number"),
    cell_rewritten(39, "mrss", "๑๒", "12", "digits"),
    cell_rewritten(39, "mrss", "１２", "12", "digits"),
    Case(
        39,
        "a column of Thai digits",
        column("age", lambda text: text.translate(THAI_DIGITS)),
        logged=(Logged("digits", "age", 60),),
    ),
    Case(
        39,
        "a column of full-width digits",
        column("duration", lambda text: text.translate(FULL_WIDTH)),
        logged=(Logged("digits", "duration", 60),),
    ),
    *(cell_asked(40, "mrss", raw, "not_an_integer") for raw in ("inf", "nan", "1_0", "0x1F")),
    *(cell_asked(40, "duration", raw, "not_a_number") for raw in ("inf", "nan", "1_0", "0x1F")),
    cell_asked(41, "height", "1.62", "out_of_range"),
    Case(
        41,
        "`162` where heights are in metres",
        cell(7, "height", "162"),
        asked=(Asked(7, "out_of_range", "height", "162"),),
        same_as=cell(7, "height", ""),
        start=both(
            column("height", lambda text: f"{int(text) / 100}"),
            codebook("height", unit="m", min="1", max="2.2"),
        ),
    ),
    cell_asked(42, "mrss", "55", "out_of_range"),
    cell_asked(42, "age", "135", "out_of_range"),
    cell_rewritten(43, "mrss", "3.0", "3", "integer_with_decimals"),
    cell_asked(43, "mrss", "3.5", "not_an_integer"),
    cell_asked(45, "onset_date", "2010-02-31", "impossible_date"),
    film_asked(45, "31/02/2014", "impossible_date"),
    Case(
        44,
        "a total that is not the sum of its items",
        cell(7, "total", "6"),
        asked=(Asked(7, "total_of_items", "total", "6"),),
        same_as=cell(7, "total", ""),
        start=both(cell(7, "item_1", "1"), cell(7, "item_2", "2"), cell(7, "total", "3"), RULES),
    ),
    Case(
        46,
        "days and months that cannot be told apart, format not declared",
        both(
            column("film_date", lambda date: f"{min(int(date[:2]), 12):02d}{date[2:]}", READINGS),
            codebook("film_date", "readings", format=""),
        ),
        stop=r"readings\.csv.*'film_date'.*format",
    ),
    film_asked(47, "41671", "not_a_date"),
    Case(
        47,
        "`41671` as date of a film, declared",
        later_film("41671"),
        logged=(Logged("excel_serial", "film_date", 2, READINGS),),
        start=both(
            later_film("01/02/2014"),
            codebook("film_date", "readings", format="dd/mm/yyyy era=either excel_serial"),
        ),
        also=film_is("2014-02-01"),
    ),
    Case(
        48,
        "a column in the Buddhist era",
        column("film_date", buddhist, READINGS),
        logged=(Logged("buddhist_era", "film_date", 240, READINGS),),
    ),
    Case(
        48,
        "one column in both eras",
        of_centre_a(buddhist),
        logged=(Logged("buddhist_era", "film_date", 128, READINGS),),
    ),
    Case(
        48,
        "Thai digits in the Buddhist era",
        of_centre_a(lambda date: buddhist(date).translate(THAI_DIGITS)),
        logged=(Logged("buddhist_era", "film_date", 128, READINGS),),
    ),
    Case(
        48,
        "`29/02/2563`, which is 29 February 2020",
        later_film("29/02/2563"),
        logged=(Logged("buddhist_era", "film_date", 2, READINGS),),
        start=later_film("29/02/2020"),
        also=film_is("2020-02-29"),
    ),
    film_asked(48, "29/02/2562", "impossible_date"),
    film_asked(48, "01/02/62", "two_digit_year"),
    film_asked(49, "01/02/1476", "out_of_range"),
    film_asked(50, "02/2014", "partial_date"),
    cell_asked(50, "onset_date", "2010", "partial_date"),
    Case(
        50,
        "`02/2014` as date of a film, imputed by plan",
        later_film("02/2014"),
        logged=(Logged("partial_date_imputed", "film_date", 2, READINGS),),
        start=both(later_film("14/02/2014"), plan("models:", IMPUTE)),
        also=film_is("2014-02-14"),
    ),
    cell_asked(51, "onset_date", "0000-00-00", "impossible_date"),
    cell_asked(51, "onset_date", "1900-01-01", "out_of_range"),
    film_asked(51, "01/01/1900", "out_of_range"),
    film_asked(52, "01/01/2021", "after_export"),
    cell_asked(52, "visit_date", "2031-01-01", "after_export"),
    Case(
        52,
        "a first visit before the onset",
        cell(7, "visit_date", "2001-02-03"),
        asked=(Asked(7, "visit_after_onset", "visit_date", "2001-02-03"),),
        same_as=cell(7, "visit_date", ""),
        start=RULES,
    ),
    Case(
        52,
        "a film before the onset",
        cell(23, "film_date", "03/02/2001", READINGS),
        asked=(Asked(23, "film_after_onset", "film_date", "03/02/2001", READINGS),),
        same_as=without(23, file=READINGS),
        start=RULES,
        also=person_time_is_positive,
    ),
]
