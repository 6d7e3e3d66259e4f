"""How journals want numbers written: each rule with the example of its source."""

import typing

import pytest
from builders import ROOT

from calcinosis import cohort, provenance
from calcinosis.estimates import Row
from calcinosis.plan.analyses import Report
from calcinosis.present import contents, formats
from calcinosis.present.blocks import Cell, Paragraph, Picture, Table, plain, span, with_words
from calcinosis.present.figures import style
from calcinosis.present.profiles import PROFILES
from calcinosis.present.words import Book


def row(statistic: str = "rate", **numbers) -> Row:
    return Row(analysis="incidence", statistic=statistic, **numbers)


def test_the_plan_offers_the_profiles_that_there_are():
    assert set(typing.get_args(Report.model_fields["numbers"].annotation)) == set(PROFILES)


@pytest.mark.parametrize(
    ("journal", "p", "text"),
    [
        ("jama", 0.0004, "<.001"),
        ("jama", 0.0046, ".005"),
        ("jama", 0.00999, ".010"),
        ("jama", 0.01, ".01"),
        ("jama", 0.1649, ".16"),
        ("jama", 0.996, ">.99"),
        ("lancet", 0.00009, "<0·0001"),
        ("lancet", 0.0001, "0·0001"),
        ("lancet", 0.0043, "0·0043"),
        ("lancet", 0.00999, "0·010"),
        ("lancet", 0.0345, "0·035"),
        ("lancet", 0.0999, "0·10"),
        ("lancet", 0.5, "0·50"),
        ("nejm", 0.0009, "<0.001"),
        ("nejm", 0.0032, "0.003"),
        ("nejm", 0.01, "0.01"),
        ("nejm", 0.4321, "0.43"),
        ("decimal_comma", 0.0004, "<0,001"),
        ("decimal_comma", 0.0345, "0,035"),
        ("plain", 0.0345, "0.035"),
    ],
)
def test_p_values(journal, p, text):
    with formats.written_for(journal):
        assert formats.p_value(p) == text
        assert formats.p_of(row(p_value=p)) == text


@pytest.mark.parametrize(
    ("journal", "positive", "negative", "large", "four", "five"),
    [
        ("plain", "2.01 (1.80 to 2.24)", "−0.5 (−1.2 to 0.3)", "12.3", "1\u202f234", "12\u202f345"),
        ("jama", "2.01 (1.80-2.24)", "−0.5 (−1.2 to 0.3)", "12.3", "1234", "12\u202f345"),
        ("lancet", "2·01 (1·80–2·24)", "−0·5 (−1·2 to 0·3)", "12·3", "1234", "12\u202f345"),
        ("nejm", "2.01 (1.80 to 2.24)", "−0.5 (−1.2 to 0.3)", "12.35", "1\u202f234", "12\u202f345"),
        ("decimal_comma", "2,01 (1,80; 2,24)", "−0,5 (−1,2; 0,3)", "12,3", "1234", "12\u202f345"),
    ],
)
def test_intervals_and_thousands(journal, positive, negative, large, four, five):
    ratio = row("odds_ratio", estimate=2.01, conf_low=1.8, conf_high=2.24)
    gap = row("mean_difference", estimate=-0.5, conf_low=-1.2, conf_high=0.3)
    with formats.written_for(journal):
        assert formats.with_interval(ratio) == positive
        assert formats.with_interval(gap) == negative
        assert formats.estimate(row("odds_ratio", estimate=12.345)) == large
        assert (formats.number(1234, 0), formats.number(-12345, 0)) == (four, f"−{five}")


@pytest.mark.parametrize(
    ("value", "text"), [(0.0049, "0.0049"), (0.31, "0.31"), (123.456, "123.46")]
)
def test_ratios_have_two_decimals_where_the_journal_wants_them(value, text):
    with formats.written_for("nejm"):
        assert formats.ratio(value) == text


def test_numbers_of_the_plan_and_limits_in_cells_follow():
    assert "".join(map(plain, span("−1.0", "2.0"))) == "−1.0 to 2.0"
    with formats.written_for("lancet"):
        assert formats.as_given(-2.5) == "−2·5"
        assert span("1·0", "2·0") == ["1·0", "–", "2·0"]
        assert span("−1·0", "2·0") == ["−1·0", " to ", "2·0"]


def test_a_profile_ends_with_its_context_also_after_an_error():
    with pytest.raises(RuntimeError), formats.written_for("lancet"):
        raise RuntimeError
    assert formats.number(0.5, 1) == "0.5"


@pytest.mark.parametrize(
    ("text", "capital"),
    [
        ("p", "P"),
        ("p (permutation)", "P (permutation)"),
        (", p ", ", P "),
        ("by p-values of", "by P-values of"),
        ("up to 3 per patient, p. 3", "up to 3 per patient, P. 3"),
        ("anti-p, map", "anti-p, map"),
    ],
)
def test_the_letter_of_p_values(text, capital):
    assert formats.p_letter(text) == text
    with formats.written_for("nejm"):
        assert formats.p_letter(text) == capital


def test_words_of_every_block_change_and_numbers_do_not():
    number = Cell("p", row(estimate=2))
    table = Table("p", ("p", ["p", number]), [[number, ["p"]]], ("p",))
    blocks = [Paragraph([["p"]]), table, Picture("p_figure", "p", ["p"])]
    changed = [with_words(block, str.upper) for block in blocks]
    assert changed[0] == Paragraph([["P"]])
    assert changed[1] == Table("P", ["P", ["P", number]], [[number, ["P"]]], ["P"])
    assert changed[2] == Picture("p_figure", "P", ["P"])


def test_all_chapters_have_the_letter(monkeypatch):
    chapter = ("models", "Models", lambda *_: [Table("Odds ratios", ("", "p"), [])])
    monkeypatch.setattr(contents, "CHAPTERS", (chapter,))
    facts = cohort.facts(str(ROOT / "cohorts/multicentre/cohort.yaml"), provenance.Remembered())
    absent = dict.fromkeys(("severity", "describe", "lesions", "by_centre"))
    for journal, letter in (("plain", "p"), ("jama", "P")):
        with formats.written_for(journal):
            made = contents.sections(Book([]), facts["plan"] | absent, facts["labels"])
        (models,) = [section for section in made if section.id == "models"]
        assert [table.head for table in models.blocks] in ([("", letter)], [["", letter]])


def test_axes_have_the_decimal_mark(tmp_path):
    figure, axes = style.canvas(3, 2)
    axes.plot([0.1, 0.2], [-0.5, 0.5])
    with formats.written_for("decimal_comma"):
        files = (tmp_path / name for name in ("a.svg", "a.png", "a.csv"))
        style.write(style.Drawn(figure, ("x",), [["=1+1"]]), *files)
        ticks = [label.get_text() for label in axes.get_yticklabels()]
    assert {"−0,4", "0,4"} <= set(ticks)
    assert (tmp_path / "a.csv").read_text("utf-8") == "x\n'=1+1\n"
