"""The codebook: what is read, and what stops."""

import pytest
from builders import CODEBOOK, ROOT, read_codebook

from calcinosis.errors import InputError
from calcinosis.ingest import codebook

HEADER = CODEBOOK.splitlines()[0] + "\n"


def stopped(tmp_path, text: str) -> str:
    with pytest.raises(InputError) as stop:
        read_codebook(tmp_path, text)
    return stop.value.message


BUNDLED = sorted((ROOT / "cohorts").glob("*/codebook.csv"))


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: path.parent.name)
def test_the_bundled_codebooks_are_valid(path):
    assert codebook.read(path)


def test_a_row_becomes_a_variable(tmp_path):
    variables = {(v.table, v.name): v for v in read_codebook(tmp_path)}
    age, sex = variables["patients", "age"], variables["patients", "sex"]
    assert (age.low, age.high, age.required, age.missing_codes) == (18, 100, True, {"-9"})
    assert sex.codes == {"male": "male", "female": "female", "m": "male", "f": "female"}
    assert sex.levels == ("male", "female")
    assert variables["patients", "patient_id"].sources == ("id", "study no")
    assert variables["patients", "hospital_number"].identifier


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path):
    assert read_codebook(tmp_path, "\ufeff" + CODEBOOK) == read_codebook(tmp_path)


def test_the_source_defaults_to_the_name(tmp_path):
    text = CODEBOOK + "weight,patients,,number,,,,,,,,\n"
    assert read_codebook(tmp_path, text)[-1].sources == ("weight",)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("Age,patients,,integer,,,,,,,,", "variable 'Age': use a-z"),
        ("__import__('os'),patients,,integer,,,,,,,,", "variable '__import__('os')'"),
        ("height,patients,,blob,,,,,,,,", "type 'blob' of 'height': valid: "),
        ("height,patients,,interger,,,,,,,,", "did you mean 'integer'?"),
        ("height,patient,,number,,,,,,,,", "did you mean 'patients'?"),
        ("c,patients,,category,,,,,,,,", "needs levels"),
        ("c,patients,,category,,,,Low|high,,,,", "level 'Low'"),
        ("c,patients,,binary,,,,a|b|c,,,,", "is binary and has 3 levels"),
        ("c,patients,,category,,,,a|b,x=c,,,", "code 'x=c'"),
        ("c,patients,,category,,,,a|b,x=a|X=b,,,", "means two levels"),
        ("h,patients,,number,,low,,,,,,", "min 'low' of 'h' is not a number"),
        ("h,patients,,number,,,,,,,true,", "required 'true' of 'h': write yes or no"),
        ("age,patients,,integer,,,,,,,,", "'age' stands twice in patients"),
        ("h,patients,,number,,,,,,,,,,,", "more fields than the header"),
    ],
)
def test_a_wrong_row_stops_with_its_line(tmp_path, row, says):
    line = len(CODEBOOK.splitlines()) + 1
    said = stopped(tmp_path, CODEBOOK + row + "\n")
    assert says in said
    assert f"codebook.csv:{line}: " in said


def test_a_short_row_stops(tmp_path):
    """One comma too few moves `identifier` to `required`, and the identifier would be kept."""
    text = CODEBOOK.replace("hn,text,,,,,,,,yes", "hn,text,,,,,,,yes")
    assert "codebook.csv:3: " in stopped(tmp_path, text)


def test_an_unbalanced_quote_stops(tmp_path):
    """Without this the rest of the codebook becomes one label."""
    text = CODEBOOK.replace("sex,patients,sex", 'sex,patients,"sex')
    assert "codebook.csv" in stopped(tmp_path, text)


def test_a_code_that_is_a_level_and_missing_stops(tmp_path):
    text = CODEBOOK + "ulcer,patients,,binary,,,,no|yes,9=yes,9,,\n"
    assert "9" in stopped(tmp_path, text)


@pytest.mark.parametrize("format_", ["dd/mm/yy", "dd/mm/yyyy era=budhist", "month"])
def test_a_date_format_that_nobody_serves_stops(tmp_path, format_):
    assert "visit" in stopped(tmp_path, CODEBOOK + f"visit,patients,,date,{format_},,,,,,,\n")


def test_a_decimal_mark_that_nobody_serves_stops(tmp_path):
    assert "height" in stopped(tmp_path, CODEBOOK + "height,patients,,number,decimal=coma,,,,,,,\n")


def test_a_code_with_an_equals_sign_is_split_at_the_last(tmp_path):
    variable = read_codebook(tmp_path, CODEBOOK + "c,patients,,binary,,,,no|yes,>=1=yes,,,\n")[-1]
    assert variable.codes[">=1"] == "yes"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEADER.replace("min", "minimum"), "unknown column 'minimum': did you mean 'min'?"),
        (HEADER.replace("type,", ""), "the column 'type' is missing"),
        (HEADER, "no variable of the table patients"),
        (HEADER + "age,patients,,integer,,,,,,,,\n", "needs the variable patient_id"),
        (
            CODEBOOK.replace("film_date,readings", "taken,readings"),
            "readings needs the variable film_date or film_day",
        ),
    ],
)
def test_what_is_missing_stops(tmp_path, text, says):
    assert says in stopped(tmp_path, text)


def test_labels_and_units_are_no_part_of_the_meaning(tmp_path):
    header = "variable,table,type,max,label,unit\npatient_id,patients,id,,,\n"
    first, labelled, narrower = (
        read_codebook(tmp_path, f"{header}age,patients,integer,{rest}\n")
        for rest in ("100,,", "100,Age at entry,years", "90,,")
    )
    assert codebook.meaning(first) == codebook.meaning(labelled)
    assert codebook.meaning(first) != codebook.meaning(narrower)
    assert codebook.labels(first)["age"] == "age"
    assert codebook.labels(labelled)["age"] == "Age at entry (years)"


def test_spellings_are_compared_without_case_and_white_space():
    assert codebook.fold("  Right\u00a0 HAND ") == "right hand"


def test_all_problems_are_told_at_once(tmp_path):
    rows = "Age,patients,,blob,,,,,,,,\nc,patients,,category,,,,,,,maybe,\n"
    said = stopped(tmp_path, CODEBOOK + rows).splitlines()
    line = len(CODEBOOK.splitlines()) + 1
    assert [int(message.split("codebook.csv:")[1].split(":")[0]) for message in said] == [
        *(line, line, line + 1, line + 1)
    ]


def test_an_absent_codebook_and_another_encoding_stop(tmp_path):
    with pytest.raises(InputError, match="there is no codebook"):
        codebook.read(tmp_path / "absent.csv")
    (tmp_path / "thai.csv").write_bytes("variable,ไทย".encode("cp874"))
    with pytest.raises(InputError, match=r"thai\.csv: not UTF-8 at byte 9"):
        codebook.read(tmp_path / "thai.csv")


def test_labels_are_those_of_the_line_for_all_files(tmp_path):
    book = (
        "variable,table,file,source,label,type,unit\n"
        "patient_id,patients,,id,Number,id,\n"
        "age,patients,,age,Age,number,years\n"
        "age,patients,b.csv,edad,,number,years\n"
    )
    assert codebook.labels(read_codebook(tmp_path, book))["age"] == "Age (years)"
    with pytest.raises(InputError, match=r"'age' has another unit for b\.csv"):
        read_codebook(tmp_path, book.replace(",,number,years", ",,number,months"))


def test_a_codebook_with_semicolons_says_how_to_save_it(tmp_path):
    with pytest.raises(InputError, match="separated by ';'; save it with commas"):
        read_codebook(tmp_path, CODEBOOK.replace(",", ";"))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("patient_id,patients,id|study no,id", "patient_id,patients,id|study no,text", "type id"),
        ("era=either,2000,,,,,yes,", "era=either,2000,,,,,yes,yes", "cannot be an identifier"),
        ("side,readings,side,category,,,,right|left", "side,readings,side,text,,,,", "'side' of"),
    ],
)
def test_variables_that_the_steps_need_have_their_types(tmp_path, old, new, says):
    assert old in CODEBOOK
    with pytest.raises(InputError, match=says):
        read_codebook(tmp_path, CODEBOOK.replace(old, new))


def test_labels_hold_no_control_characters(tmp_path):
    book = (
        "variable,table,label,type,unit\npatient_id,patients,,id,\n"
        "age,patients,Age\x07 at\x1b entry,integer,years\x00\n"
    )
    assert codebook.labels(read_codebook(tmp_path, book))["age"] == "Age at entry (years)"
