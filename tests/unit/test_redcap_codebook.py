"""A data dictionary of REDCap as the source of what the codebook leaves empty."""

import csv

import pytest
from redcap_builder import (
    API_HEADER,
    HOME,
    WEB_HEADER,
    field,
    make_project,
    read_codebook,
    write_dictionary,
)

from calcinosis.errors import InputError
from calcinosis.ingest.redcap import dictionary
from calcinosis.ingest.redcap.completion import ambiguous_labels, level_name

ID = field("record_id", "base")
BOOK = "variable,table,source,type,levels,codes,missing_codes,format,identifier\n"
BOOK += "patient_id,patients,record_id,,,,,,\n"


def variable(tmp_path, line, fields="x,patients,,,,,,,", **settings):
    """The codebook's variable x, completed from one line of a dictionary."""
    project = make_project(tmp_path, [ID, line], **settings)
    return read_codebook(tmp_path, project, BOOK + fields + "\n")[1]


def stopped(tmp_path, lines, book, **settings) -> str:
    with pytest.raises(InputError) as stop:
        read_codebook(tmp_path, make_project(tmp_path, lines, **settings), BOOK + book + "\n")
    return stop.value.message


@pytest.mark.parametrize("header", [WEB_HEADER, WEB_HEADER[:-1], API_HEADER])
def test_each_flavour_of_the_dictionary_gives_the_same_project(tmp_path, header):
    lines = [ID, field("x", "base", "radio", "1, A | 2, B", identifier="y", low="3")]
    project = make_project(tmp_path, lines, header=header)
    x = project.fields["x"]
    assert (x.form, x.kind, x.choices, x.low) == ("base", "radio", (("1", "A"), ("2", "B")), "3")
    assert x.identifier
    assert project.record_id == "record_id"


def test_the_dictionary_of_the_simulated_cohort_has_a_byte_order_mark():
    assert (HOME / "data_dictionary.csv").read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    ("kind", "validation", "expected"),
    [
        ("text", "", ("text", "")),
        ("notes", "", ("text", "")),
        ("text", "integer", ("integer", "")),
        ("text", "number", ("number", "")),
        ("text", "number_1dp", ("number", "")),
        ("text", "number_comma_decimal", ("number", "decimal=comma")),
        ("text", "number_2dp_comma_decimal", ("number", "decimal=comma")),
        ("text", "date_dmy", ("date", "yyyy-mm-dd")),
        ("text", "date_mdy", ("date", "yyyy-mm-dd")),
        ("text", "datetime_seconds_dmy", ("date", "yyyy-mm-dd")),
        ("calc", "", ("number", "")),
        ("slider", "", ("integer", "")),
    ],
)
def test_types_and_formats(tmp_path, kind, validation, expected):
    x = variable(tmp_path, field("x", "base", kind, validation=validation))
    assert (x.type, x.format) == expected


@pytest.mark.parametrize(
    ("validation", "low", "high", "expected"),
    [
        ("integer", "0", "51", (0, 51)),
        ("number_comma_decimal", "0,5", "2,5", (0.5, 2.5)),
        ("date_dmy", "2000-01-31", "today", (2000, None)),
        ("integer", "[other]", "", (None, None)),
    ],
)
def test_limits_of_the_validation_are_the_plausible_range(
    tmp_path, validation, low, high, expected
):
    x = variable(tmp_path, field("x", "base", validation=validation, low=low, high=high))
    assert (x.low, x.high) == expected


@pytest.mark.parametrize(
    ("kind", "choices", "kept", "levels", "codes"),
    [
        ("yesno", "", "binary", ("no", "yes"), {"0": "no", "1": "yes", "no": "no", "yes": "yes"}),
        ("truefalse", "", "binary", ("no", "yes"), {"0": "no", "false": "no", "true": "yes"}),
        ("radio", "1, Yes | 2, No", "binary", ("no", "yes"), {"1": "yes", "2": "no"}),
        ("radio", "1, Male | 2, Female", "binary", ("male", "female"), {"2": "female"}),
        (
            "dropdown",
            "b, <i>Très</i> sévère | a, ไทย | 3, A, B",
            "category",
            ("tres_severe", "code_a", "a_b"),
            {"b": "tres_severe", "très sévère": "tres_severe", "a": "code_a", "ไทย": "code_a"},
        ),
        ("radio", "1, Other | 9, Other", "binary", ("other_1", "other_9"), {"9": "other_9"}),
    ],
)
def test_choices_are_levels_and_both_code_and_label_are_spellings(
    tmp_path, kind, choices, kept, levels, codes
):
    x = variable(tmp_path, field("x", "base", kind, choices))
    assert (x.type, x.levels) == (kept, levels)
    assert codes.items() <= x.codes.items()


def test_a_label_that_may_mean_two_choices_is_no_spelling(tmp_path):
    x = variable(tmp_path, field("x", "base", "radio", "1, Other | 9, Other | 2, None"))
    assert "other" not in x.codes
    x = variable(tmp_path, field("x", "base", "radio", "1, 2 | 2, 1 | 3, 3"))
    assert {k: x.codes[k] for k in "123"} == {"1": "2_1", "2": "1_2", "3": "3"}


def test_the_levels_of_the_codebook_stay_and_take_the_codes_of_their_labels(tmp_path):
    line = field("x", "base", "radio", "3, Severe | 0, No calcinosis | 9, Not read")
    x = variable(tmp_path, line, "x,patients,,ordinal,none|severe,0=none,9,,")
    assert (x.type, x.levels) == ("ordinal", ("none", "severe"))
    assert {"3": "severe", "0": "none", "no calcinosis": "none"}.items() <= x.codes.items()
    assert {"9", "not read"} <= x.missing_codes


def test_a_choice_without_level_is_told(tmp_path):
    line = field("x", "base", "radio", "0, No calcinosis | 3, Severe")
    said = stopped(tmp_path, [ID, line], "x,patients,,ordinal,none|severe,,,,")
    assert "codebook.csv:3: 'x': the choice '0, No calcinosis' of 'x' is none of its levels" in said


def test_a_choice_that_is_missing_leaves_a_yes_and_a_no(tmp_path):
    line = field("x", "base", "radio", "1, Yes | 0, No | 9, Unknown")
    x = variable(tmp_path, line, "x,patients,,,,,9,,")
    assert (x.type, x.levels) == ("binary", ("no", "yes"))


def test_a_box_of_a_checkbox_is_a_yes_or_a_no(tmp_path):
    line = field("race", "base", "checkbox", "1, White | -2, Asian | X, Other")
    for source in ("race___1", "race____2", "race___x"):
        x = variable(tmp_path, line, f"x,patients,{source},,,,,,")
        assert (x.type, x.levels) == ("binary", ("no", "yes"))
        assert x.codes["1"] == x.codes["checked"] == "yes"
    assert x.label == "race: Other"


def test_a_checkbox_without_its_box_is_told(tmp_path):
    line = field("race", "base", "checkbox", "1, White | -2, Asian")
    said = stopped(tmp_path, [ID, line], "x,patients,race,,,,,,")
    assert "name one as its source: race___1 (White), race___-2 (Asian)" in said


def test_the_status_of_a_form_is_a_category(tmp_path):
    x = variable(tmp_path, ID | {"name": "y"}, "x,patients,base_complete,,,,,,")
    assert x.levels == ("incomplete", "unverified", "complete")
    assert x.codes["2"] == "complete"


def test_fields_that_are_flagged_or_identify_by_their_kind_are_dropped(tmp_path):
    assert variable(tmp_path, field("x", "base", identifier="y")).identifier
    assert variable(tmp_path, field("x", "base", validation="email")).identifier
    assert not variable(tmp_path, field("x", "base")).identifier
    flagged = field("x", "base", identifier="y")
    assert not variable(tmp_path, flagged, "x,patients,,,,,,,no").identifier


def test_a_flagged_id_stays_because_the_analysis_needs_it(tmp_path):
    project = make_project(tmp_path, [ID | {"identifier": "y"}])
    (patient,) = read_codebook(tmp_path, project, BOOK)
    assert (patient.type, patient.identifier) == ("id", False)


def test_what_the_codebook_says_stays(tmp_path):
    line = field("x", "base", validation="number_comma_decimal")
    assert variable(tmp_path, line, "x,patients,,,,,,decimal=either,").format == "decimal=either"
    assert variable(tmp_path, field("x", "base", validation="integer"), "x,patients,,text,,,,,")


def test_the_missing_codes_of_the_project_hold_in_each_field(tmp_path):
    x = variable(tmp_path, field("x", "base", validation="integer"), missing_codes=["-999", "UNK"])
    assert x.missing_codes == {"-999", "unk"}


def test_a_missing_code_that_is_a_choice_is_told(tmp_path):
    line = field("x", "base", "radio", "1, A | 9, B")
    said = stopped(tmp_path, [ID, line], "x,patients,,,,,,,", missing_codes=["9"])
    assert "'9' of 'x' is a code of b and a missing code" in said


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("ages", "no field 'ages' in the dictionary: did you mean 'age'"),
        ("redcap_data_access_group", "write its type, and its levels"),
        ("picture", "a field of the kind file"),
    ],
)
def test_a_source_that_says_nothing_is_told(tmp_path, source, says):
    lines = [ID, field("age", "base"), field("picture", "base", "file")]
    assert says in stopped(tmp_path, lines, f"x,patients,{source},,,,,,")


def test_fields_of_one_line_must_mean_the_same(tmp_path):
    lines = [ID, field("a", "base", "radio", "1, A | 2, B"), field("b", "base", "yesno")]
    said = stopped(tmp_path, lines, "x,patients,a|b,,,,,,")
    assert "the fields 'a' and 'b' have other codes, levels in the dictionary" in said


class TestSeveralDictionaries:
    def merge(self, tmp_path, first, second):
        for name, line in (("a.csv", first), ("b.csv", second)):
            write_dictionary(tmp_path / name, [ID, line])
        settings = {"dictionary": ["a.csv", "b.csv"], "films": [], "repeated_forms": []}
        return dictionary.project({"redcap": settings}, tmp_path)

    def test_that_agree_are_one(self, tmp_path):
        first = field("x", "base", "radio", "1, Yes | 2, No", validation="")
        second = field("x", "base", "dropdown", "2, NO | 1, yes", identifier="y")
        assert self.merge(tmp_path, first, second).fields["x"].identifier

    def test_dates_are_exported_alike_however_they_are_typed(self, tmp_path):
        first = field("x", "base", validation="date_dmy")
        assert self.merge(tmp_path, first, first | {"validation": "date_mdy"})

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            (
                {"choices": "1, No | 2, Yes"},
                "the choices '1, Yes | 2, No' in a.csv and '1, No | 2, Yes' in b.csv",
            ),
            ({"choices": "1, Yes"}, "and '1, Yes' in b.csv"),
            ({"form": "other"}, "the form 'base' in a.csv and 'other' in b.csv"),
        ],
    )
    def test_that_differ_stop_with_both_texts(self, tmp_path, change, says):
        first = field("x", "base", "radio", "1, Yes | 2, No")
        with pytest.raises(InputError, match="the field 'x' has") as stop:
            self.merge(tmp_path, first, first | change)
        assert says in stop.value.message


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("a,b\n1,2\n", "no REDCap data dictionary: it has no column 'Variable / Field Name'"),
        ("", "no REDCap data dictionary"),
        (",".join(API_HEADER) + "\n", "there is no field below the header"),
        (",".join(API_HEADER) + "\nx,y\n", "row 2 has 2 fields, the header has 18"),
    ],
)
def test_a_file_that_is_no_dictionary_stops(tmp_path, content, says):
    (tmp_path / "d.csv").write_text(content, "utf-8")
    with pytest.raises(InputError) as stop:
        dictionary.project({"redcap": {"dictionary": ["d.csv"]}}, tmp_path)
    assert says in stop.value.message


def test_a_dictionary_that_is_not_there_stops(tmp_path):
    with pytest.raises(InputError, match="there is no such data dictionary"):
        dictionary.project({"redcap": {"dictionary": ["d.csv"]}}, tmp_path)


@pytest.mark.parametrize(
    ("choices", "says"),
    [
        ("1, A | B", "row 3: 'x': the choice 'B' is not written code, label"),
        ("1, A | 1, B", "the choice 1 stands twice"),
        ("", "there are no choices"),
    ],
)
def test_choices_that_cannot_be_read_stop(tmp_path, choices, says):
    with pytest.raises(InputError) as stop:
        make_project(tmp_path, [ID, field("x", "base", "radio", choices)])
    assert says in stop.value.message


def test_a_form_that_the_plan_names_must_be_there(tmp_path):
    with pytest.raises(InputError, match="no form 'visits' in the dictionary: did you mean"):
        make_project(tmp_path, [ID, field("x", "visit")], repeated_forms=["visits"])


def test_names_of_levels():
    assert level_name("Diffuse (dcSSc), >4 y") == "diffuse_dcssc_4_y"
    assert level_name("ไทย") == ""
    assert len(level_name("long " * 30)) <= 40


def test_labels_that_lead_to_two_choices():
    assert ambiguous_labels((("1", "A"), ("2", "a"), ("3", "B"))) == {"a"}
    assert ambiguous_labels((("0", "0"), ("1", "1"))) == set()
    assert ambiguous_labels((("1", "2"), ("2", "3"))) == {"2"}


def test_every_column_of_the_dictionary_of_the_simulated_cohort_is_quoted():
    """As REDCap writes it: a label may hold a comma."""
    with (HOME / "data_dictionary.csv").open(encoding="utf-8-sig", newline="") as file:
        assert all(len(row) == 18 for row in csv.reader(file))
