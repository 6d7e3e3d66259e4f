"""YAML read as its writer meant it."""

import pytest

from calcinosis import strict_yaml
from calcinosis.errors import InputError


def load(tmp_path, text: str):
    path = tmp_path / "plan.yaml"
    path.write_text(text, "utf-8")
    return strict_yaml.load(path)


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("false", False),
        ("012", "012"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("2020-12-31", "2020-12-31"),
        ("-7", -7),
        ("1.50", 1.5),
        ("2e3", 2000.0),
        (".inf", ".inf"),
        ("'3'", "3"),
        ("~", None),
    ],
)
def test_a_plain_word_is_what_its_writer_meant(tmp_path, word, value):
    found = load(tmp_path, f"key: {word}\n")[0]["key"]
    assert (found, type(found)) == (value, type(value))


def test_every_key_and_item_has_its_line(tmp_path):
    _, lines = load(tmp_path, "a: 1\nb:\n  - x\n  - c: 2\n")
    assert lines["b", 1, "c"] == 4
    assert (lines["a",], lines["b", 0]) == (1, 3)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "'a' stands twice (first in line 1)"),
        ("x:\n  a: 1\n  a: 1\n", 3, "'a' stands twice"),
        ("a: 1\nb:\n\tc: 2\n", 3, "a tab stands where a line is indented"),
        ("a: 1\nb: 'x\ty'\nc: \"x\\ay\"\n", 3, "control character"),
        ("a: 1\nb: !!python/object/apply:os.system ['true']\n", 2, "tag"),
        ("a: !secret x\n", 1, "tag"),
        ("a:\n  - !!python/name:os.system\n", 2, "python"),
        ("%TAG ! tag:yaml.org,2002:python/\n---\na: !name:os.system x\n", 3, "python"),
        ("a: 1\n---\nb: 2\n", 2, "another document"),
        ("a: [1, 2\n", 2, "not valid YAML"),
    ],
)
def test_what_is_wrong_stops_with_file_and_line(tmp_path, text, line, says):
    with pytest.raises(InputError) as stop:
        load(tmp_path, text)
    assert f"plan.yaml:{line}: " in stop.value.message
    assert says in stop.value.message


def test_a_control_character_stops_with_the_file(tmp_path):
    with pytest.raises(InputError, match=r"plan\.yaml"):
        load(tmp_path, "title: bell\x07\n")


def test_an_absent_file_and_another_encoding_stop(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        strict_yaml.load(tmp_path / "absent.yaml")
    (tmp_path / "thai.yaml").write_bytes("a: ไทย".encode("cp874"))
    with pytest.raises(InputError, match="not UTF-8 at byte 3"):
        strict_yaml.load(tmp_path / "thai.yaml")


def test_an_empty_file_is_an_empty_mapping(tmp_path):
    assert load(tmp_path, "# nothing yet\n") == ({}, {})


def test_a_tag_that_says_text_is_obeyed_or_refused(tmp_path):
    try:
        value = load(tmp_path, "key: !!str 12\n")[0]["key"]
    except InputError:
        return
    assert value == "12"


def test_a_number_too_large_for_a_number_is_not_infinity(tmp_path):
    assert load(tmp_path, "key: 1e400\n")[0]["key"] != float("inf")


def test_a_section_that_holds_itself_stops_with_its_line(tmp_path):
    with pytest.raises(InputError, match=r"plan\.yaml:\d+: "):
        load(tmp_path, "a: &x\n  b: *x\n")
