"""The plan's own rules: what they find, ask and blank."""

import re

import pandas as pd
import pytest
from builders import LATEST, ROOT, read_codebook
from hypothesis import given, settings
from hypothesis import strategies as st
from test_cleaning import asked, assert_nothing_is_lost, total

from calcinosis import plan, strict_yaml
from calcinosis.agreement import problems
from calcinosis.errors import InputError
from calcinosis.ingest import cleaning
from calcinosis.plan.export import Cleaning, Rule
from calcinosis.side_files import Correction

BOOK = """\
variable,table,source,label,type,format,min,max,levels,codes,identifier
patient_id,patients,id,,id,,,,,,
hospital_number,patients,hn,,text,,,,,,yes
initials,patients,initials,,text,,,,,,yes
born,patients,born,Date of birth,date,dd/mm/yyyy,,,,,yes
onset,patients,onset,Onset,date,dd/mm/yyyy,1950,,,,
sex,patients,sex,,category,,,,male|female,M=male|F=female,
calcinosis,patients,calc,Calcinosis,binary,,,,no|yes,0=no|1=yes,
tender,patients,tender,Tenderness,binary,,,,no|yes,0=no|1=yes,
first,patients,q1,,integer,,0,3,,,
second,patients,q2,,integer,,0,3,,,
total,patients,qsum,Total,number,,0,6,,,
patient_id,readings,id,,id,,,,,,
film_date,readings,film_date,Film,date,dd/mm/yyyy,2000,,,,
grade,readings,grade,,ordinal,,,,none|mild,,
"""
HEADER = "id,hn,initials,born,onset,sex,calc,tender,q1,q2,qsum\n"
P1 = "P1,HN-111,AB,01/02/1960,01/02/2010,F,1,1,1,2,3\n"
P2 = "P2,HN-222,CD,03/04/1961,03/04/2011,M,0,,0,1,1\n"
FILMS = (
    "id,film_date,grade\n"
    "P1,01/02/2012,none\nP1,01/02/2015,mild\nP2,01/02/2013,none\nP2,01/02/2014,none\n"
)
SUM = {
    "id": "total_of_items",
    "kind": "sum",
    "variable": "total",
    "items": ["first", "second"],
    "blank": ["total"],
}
TENDER = {
    "id": "tender_calcinosis",
    "kind": "allowed",
    "variable": "tender",
    "one_of": ["no"],
    "when": {"calcinosis": ["no"]},
    "blank": ["tender"],
}
RANGE = {
    "id": "total_without_calcinosis",
    "kind": "range",
    "variable": "total",
    "at_most": 1,
    "when": {"calcinosis": ["no"]},
    "blank": ["total"],
}
KNOWN = {
    "id": "tender_known",
    "kind": "required",
    "variable": "tender",
    "when": {"calcinosis": ["yes"]},
}
AFTER_ONSET = {
    "id": "film_after_onset",
    "kind": "comparison",
    "table": "readings",
    "variable": "film_date",
    "operator": "at_least",
    "other": "onset",
    "blank": ["film_date"],
}
AFTER_BIRTH = {
    "id": "onset_after_birth",
    "kind": "comparison",
    "variable": "onset",
    "operator": "above",
    "other": "born",
    "blank": ["onset"],
}


def clean(folder, *rules, patients=P1 + P2, films=FILMS, given=(), **others) -> cleaning.Cleaned:
    """Clean a small export by rules, as the plan writes them."""
    section = Cleaning(rules=[Rule(**rule) for rule in rules], **others)
    paths = {}
    for table, text in (("patients", HEADER + patients), ("readings", films)):
        (folder / f"{table}.csv").write_text(text, "utf-8")
        paths[table] = [str(folder / f"{table}.csv")]
    book = read_codebook(folder, BOOK)
    return cleaning.clean(paths, book, latest=LATEST, settings=section.model_dump(), given=given)


def check(cleaned: cleaning.Cleaned, rule: str) -> tuple:
    """Failing, applicable and not applicable of one rule."""
    (found,) = cleaned.checks.query("rule == @rule").itertuples(index=False)
    return found.failing, found.applicable, found.not_applicable


def value(cleaned: cleaning.Cleaned, patient: str, name: str):
    return cleaned.tables["patients"].set_index("patient_id").loc[patient, name]


def test_nothing_fails_in_a_clean_export_and_every_rule_says_what_it_looked_at(tmp_path):
    cleaned = clean(tmp_path, SUM, TENDER, KNOWN, AFTER_ONSET, AFTER_BIRTH)
    assert asked(cleaned) == []
    assert check(cleaned, "total_of_items") == (0, 2, 0)
    assert check(cleaned, "tender_calcinosis") == (0, 0, 2)
    assert check(cleaned, "tender_known") == (0, 1, 1)
    assert check(cleaned, "film_after_onset") == (0, 4, 0)
    kahn = cleaned.checks.set_index("rule")["kahn"]
    assert kahn["total_of_items"] == "conformance"
    assert kahn["tender_known"] == "completeness"
    assert kahn["film_after_onset"] == "plausibility"
    assert_nothing_is_lost(cleaned)


class TestFailures:
    """A query gives the tables of the clean export with that cell blank, or without that row."""

    def expect(self, folder, rule, bad, blank):
        found = clean(folder, rule, **bad)
        assert_nothing_is_lost(found)
        wanted = clean(folder, **blank)
        for table in found.tables:
            pd.testing.assert_frame_equal(found.tables[table], wanted.tables[table])
        return found

    def test_a_total_that_is_not_the_sum_of_its_items(self, tmp_path):
        bad = P1.replace(",1,2,3\n", ",1,2,4\n")
        blank = P1.replace(",1,2,3\n", ",1,2,\n")
        found = self.expect(tmp_path, SUM, {"patients": bad + P2}, {"patients": blank + P2})
        query = found.queries.iloc[0]
        assert (query["rule"], query["raw_value"], query["column"]) == (
            *("total_of_items", "4", "qsum"),
        )
        assert query["question"] == (
            "Total (4) must be the sum of first (1), second (2). What is right? Until it is "
            "answered, total counts as missing."
        )
        assert check(found, "total_of_items") == (1, 2, 0)
        assert total(found, "cells_queried", "patients", variable="total") == 1

    def test_a_level_that_is_not_allowed(self, tmp_path):
        bad, blank = P2.replace("M,0,,", "M,0,1,"), P2
        found = self.expect(tmp_path, TENDER, {"patients": P1 + bad}, {"patients": P1 + blank})
        assert asked(found) == [("patients.csv", 3, "tender_calcinosis")]
        assert check(found, "tender_calcinosis") == (1, 1, 1)

    def test_a_number_out_of_the_range_of_a_level(self, tmp_path):
        """As a T-score that lost its sign, beside a diagnosis that has a negative one."""
        bad, blank = (P2.replace(",0,1,1\n", f",0,1,{total}\n") for total in (5, ""))
        found = self.expect(tmp_path, RANGE, {"patients": P1 + bad}, {"patients": P1 + blank})
        assert asked(found) == [("patients.csv", 3, "total_without_calcinosis")]
        assert check(found, "total_without_calcinosis") == (1, 1, 1)
        assert found.queries["question"].tolist() == [
            "Total (5) must be at most 1 where Calcinosis (no). What is right? Until it is "
            "answered, total counts as missing."
        ]

    def test_what_must_be_known_is_asked_about(self, tmp_path):
        bad = P1.replace("F,1,1,", "F,1,,")
        found = self.expect(tmp_path, KNOWN, {"patients": bad + P2}, {"patients": bad + P2})
        assert asked(found) == [("patients.csv", 2, "tender_known")]
        assert "must be known where Calcinosis (yes)" in found.queries["question"][0]
        assert total(found, "cells_missing", "patients", variable="tender") == 2

    def test_an_event_before_onset_leaves_person_time(self, tmp_path):
        bad = FILMS.replace("P1,01/02/2012", "P1,31/01/2010")
        without = FILMS.replace("P1,01/02/2012,none\n", "")
        found = self.expect(tmp_path, AFTER_ONSET, {"films": bad}, {"films": without})
        assert asked(found) == [("readings.csv", 2, "film_after_onset")]
        assert total(found, "rows_excluded", "readings", rule="film_after_onset") == 1
        assert (
            "Film (2010-01-31) must be not before Onset (2010-02-01)"
            in (found.queries["question"][0])
        )

    def test_a_date_of_birth_is_compared_and_shown_nowhere(self, tmp_path):
        bad = P1.replace("01/02/2010", "01/02/1960")
        blank = P1.replace("01/02/2010", "")
        found = self.expect(tmp_path, AFTER_BIRTH, {"patients": bad + P2}, {"patients": blank + P2})
        question = found.queries["question"][0]
        assert question.startswith("Onset (1960-02-01) must be after Date of birth. What is right?")


def test_a_warning_asks_and_keeps_the_value(tmp_path):
    rule = SUM | {"severity": "warning", "blank": []}
    cleaned = clean(tmp_path, rule, patients=P1.replace(",1,2,3\n", ",1,2,4\n") + P2)
    assert value(cleaned, "P1", "total") == 4
    assert list(cleaned.queries["severity"]) == ["warning"]
    assert_nothing_is_lost(cleaned)


@pytest.mark.parametrize(
    ("limits", "wanted"),
    [({"at_least": 2}, "at least 2"), ({"at_least": 0, "at_most": 2.5}, "from 0 to 2.5")],
)
def test_a_range_has_one_limit_or_two_and_may_hold_for_everybody(tmp_path, limits, wanted):
    rule = {name: said for name, said in RANGE.items() if name not in ("when", "at_most")} | limits
    total = 1 if wanted == "at least 2" else 3
    found = clean(tmp_path, rule, patients=P1.replace(",1,2,3\n", f",1,2,{total}\n"))
    (question,) = found.queries.loc[found.queries["rule"] == RANGE["id"], "question"]
    assert question.startswith(f"Total ({total}) must be {wanted}. What is right?")


def test_a_sum_may_be_off_by_its_tolerance(tmp_path):
    rows = P1.replace(",1,2,3\n", ",1,2,3.1\n") + P2
    assert asked(clean(tmp_path, SUM | {"tolerance": 0.1}, patients=rows)) == []
    assert len(asked(clean(tmp_path, SUM | {"tolerance": 0.09}, patients=rows))) == 1


def test_one_question_for_a_cell_that_cannot_be_read(tmp_path):
    bad = P1.replace("F,1,1,", "F,1,perhaps,")
    cleaned = clean(tmp_path, KNOWN, patients=bad + P2)
    assert [rule for *_, rule in asked(cleaned)] == ["unknown_level"]
    assert check(cleaned, "tender_known") == (0, 0, 2)


def test_a_cell_that_two_rules_blank_is_counted_once(tmp_path):
    other = AFTER_BIRTH | {"id": "again"}
    cleaned = clean(tmp_path, AFTER_BIRTH, other, patients=P1.replace("2010", "1950") + P2)
    assert sorted(rule for *_, rule in asked(cleaned)) == ["again", "onset_after_birth"]
    assert total(cleaned, "cells_queried", "patients", variable="onset") == 1
    assert_nothing_is_lost(cleaned)


def test_rules_look_at_the_export_whatever_their_order(tmp_path):
    """The film is compared with the onset as exported, though another rule blanks that onset."""
    rows = P1.replace("01/02/1960", "01/02/2015") + P2
    films = FILMS.replace("P1,01/02/2012", "P1,31/01/2010")
    found = [
        clean(tmp_path, *rules, patients=rows, films=films)
        for rules in ([AFTER_BIRTH, AFTER_ONSET], [AFTER_ONSET, AFTER_BIRTH])
    ]
    assert [rule for *_, rule in asked(found[0])] == ["onset_after_birth", "film_after_onset"]
    assert asked(found[0]) == asked(found[1])
    for table in found[0].tables:
        pd.testing.assert_frame_equal(found[0].tables[table], found[1].tables[table])


@settings(max_examples=40, deadline=None)
@given(
    first=st.integers(0, 3),
    second=st.integers(0, 3),
    written=st.integers(0, 6),
    where=st.sampled_from([P1, P2]),
)
def test_a_sum_is_asked_about_when_it_is_wrong_and_only_then(
    tmp_path_factory, first, second, written, where
):
    row = re.sub(r"\d,\d,\d\n$", f"{first},{second},{written}\n", where)
    cleaned = clean(tmp_path_factory.mktemp("sums"), SUM, patients=row)
    rules = [rule for *_, rule in asked(cleaned)]
    assert rules.count("total_of_items") == (first + second != written)


class TestSamePerson:
    BY = (["born", "sex", "initials"], ["hospital_number"])

    @pytest.mark.parametrize(
        ("twin", "in_words"),
        [
            ("P3,HN-333,AB,01/02/1960,01/02/2011,F,0,,0,0,0\n", "agree in born, sex, initials"),
            ("P3,HN-111,XY,01/02/1970,01/02/2011,M,0,,0,0,0\n", "agree in hospital_number"),
        ],
    )
    def test_both_are_asked_about_and_no_value_is_shown(self, tmp_path, twin, in_words):
        cleaned = clean(tmp_path, patients=P1 + P2 + twin, same_person=list(self.BY))
        assert asked(cleaned) == [
            ("patients.csv", 2, "same_person"),
            ("patients.csv", 4, "same_person"),
        ]
        assert set(cleaned.tables["patients"]["patient_id"]) == {"P1", "P2", "P3"}
        assert all(in_words in question for question in cleaned.queries["question"])
        assert not re.search("HN-|1960|1970|AB|XY", cleaned.queries.to_csv())
        assert check(cleaned, "same_person") == (2, 3, 0)

    def test_missing_values_agree_with_nothing(self, tmp_path):
        twin = "P3,,,01/02/1960,01/02/2011,F,0,,0,0,0\n"
        cleaned = clean(tmp_path, patients=P1 + P2 + twin + twin.replace("P3", "P4"))
        assert asked(cleaned) == []
        cleaned = clean(
            tmp_path,
            patients=P1 + P2 + twin + twin.replace("P3", "P4"),
            same_person=[["hospital_number"], ["born", "initials"]],
        )
        assert asked(cleaned) == []


def test_rows_that_disagree_are_told_by_the_names_of_their_columns(tmp_path):
    other = P1.replace("HN-111", "HN-999").replace(",1,2,3\n", ",1,x,3\n")
    cleaned = clean(tmp_path, patients=P1 + P2 + other)
    questions = cleaned.queries.query("rule == 'conflicting_duplicate'")["question"]
    assert len(questions) == 2
    assert all("disagree (hospital_number, second)" in question for question in questions)
    assert "HN-" not in cleaned.queries.to_csv()


def test_imputed_dates_carry_a_flag_and_are_counted(tmp_path):
    rows = P1.replace("01/02/2010", "2010") + P2.replace("03/04/2011", "")
    cleaned = clean(tmp_path, patients=rows, partial_dates="impute")
    assert value(cleaned, "P1", "onset") == pd.Timestamp(2010, 7, 2)
    assert value(cleaned, "P1", "onset_imputed") == "yes"
    assert pd.isna(value(cleaned, "P2", "onset_imputed"))
    assert total(cleaned, "normalisations", "patients", rule="partial_date_imputed") == 1
    assert "born_imputed" not in cleaned.tables["patients"]
    assert list(cleaned.tables["readings"]["film_date_imputed"].unique()) == ["no"]
    assert "onset_imputed" not in clean(tmp_path).tables["patients"]


def test_an_undeclared_column_that_fits_both_orders_stops_and_says_where(tmp_path):
    book = BOOK.replace("Onset,date,dd/mm/yyyy", "Onset,date,")
    (tmp_path / "p.csv").write_text(HEADER + P1 + P2, "utf-8")
    with pytest.raises(
        InputError, match=r"p\.csv, column 'onset': every date can be read as dd/mm"
    ):
        cleaning.clean(
            {"patients": [str(tmp_path / "p.csv")]}, read_codebook(tmp_path, book), latest=LATEST
        )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"items": []}, "a rule of kind sum needs items"),
        ({"other": "total"}, "a rule of kind sum has no other"),
        ({"blank": []}, "a query needs blank"),
        ({"severity": "warning"}, "a warning, and a rule of kind required, blank nothing"),
        ({"kind": "comparison"}, "a rule of kind comparison needs operator"),
        ({"kind": "range", "items": []}, "a rule of kind range needs at_least or at_most"),
        ({"at_most": 1}, "a rule of kind sum has no at_most"),
    ],
)
def test_a_rule_must_say_what_its_kind_needs(change, says):
    with pytest.raises(ValueError, match=says):
        Rule(**(SUM | change))


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (SUM | {"variable": "totl"}, "no variable 'totl': did you mean 'total'"),
        (SUM | {"items": ["sex"]}, "'sex' is not a number"),
        (SUM | {"blank": ["patient_id"]}, "'patient_id' is no variable of patients that can be"),
        (SUM | {"id": "out_of_range"}, "is the name of a built-in rule"),
        (TENDER | {"when": {"calcinosis": ["maybe"]}}, "'calcinosis' has no level 'maybe'"),
        (RANGE | {"variable": "sex", "blank": ["sex"]}, "'sex' is not a number"),
        (AFTER_BIRTH | {"other": "total"}, "only two numbers or two dates can be compared"),
    ],
)
def test_rules_and_codebook_must_agree(tmp_path, rule, says):
    text = {
        "about": {"title": "x", "citation": "x", "simulated": True, "form": "cohort"},
        "export": {"tables": {"patients": ["p.csv"], "readings": ["r.csv"]}},
        "eligibility": {},
        "cleaning": {"rules": [rule]},
    }
    found = problems(plan.Plan(**text), read_codebook(tmp_path, BOOK), lambda at: f"plan:{len(at)}")
    assert any(says in problem for problem in found), found


def test_the_example_of_the_docs_does_what_it_says(tmp_path):
    page = (ROOT / "docs" / "rules.md").read_text("utf-8")
    blocks = dict(re.findall(r"```\w+ (\w+)\n(.*?)```", page, re.DOTALL))
    (tmp_path / "patients.csv").write_text(blocks["patients"], "utf-8")
    (tmp_path / "cleaning.yaml").write_text(blocks["cleaning"], "utf-8")
    content, _ = strict_yaml.load(tmp_path / "cleaning.yaml")
    section = Cleaning.model_validate(content["cleaning"])
    cleaned = cleaning.clean(
        {"patients": [str(tmp_path / "patients.csv")]},
        read_codebook(tmp_path, blocks["codebook"]),
        latest=LATEST,
        settings=section.model_dump(),
    )
    said = [
        f"row {q.row}, {q.rule}, {q.severity}: {q.question}" for q in cleaned.queries.itertuples()
    ]
    assert sorted(said) == blocks["questions"].splitlines()
    ids = [rule.id for rule in section.rules]
    found = [
        f"{c.rule}, {c.kahn}: {c.failing} of {c.applicable}, not applicable {c.not_applicable}"
        for c in cleaned.checks.itertuples()
        if c.rule in ids
    ]
    assert found == blocks["checks"].splitlines()


EARLY = FILMS.replace("P1,01/02/2012", "P1,31/01/2010")
ONSET = {
    **{"id": "onset_before_film", "kind": "comparison", "table": "readings"},
    **{"variable": "onset", "operator": "at_most", "other": "film_date"},
    "severity": "warning",
}


def confirmed(record, variable, old, new="confirmed", table="readings") -> Correction:
    who = ("A. B.", "2021-01-05", "chart")
    return Correction("corrections.csv:2", table, record, variable, old, new, *who)


class TestConfirmed:
    def test_a_confirmed_value_is_neither_asked_about_nor_blanked(self, tmp_path):
        answer = confirmed("P1 | 31/01/2010", "film_date", "31/01/2010")
        cleaned = clean(tmp_path, AFTER_ONSET, films=EARLY, given=[answer])
        assert asked(cleaned) == []
        assert len(cleaned.tables["readings"]) == 4
        assert check(cleaned, "film_after_onset") == (0, 4, 0)
        assert list(cleaned.corrections["status"]) == ["confirmed"]
        assert_nothing_is_lost(cleaned)

    def test_what_must_be_known_cannot_be_confirmed(self, tmp_path):
        answer = confirmed("P1", "tender", "", table="patients")
        rows = P1.replace("F,1,1,", "F,1,,") + P2
        cleaned = clean(tmp_path, KNOWN, patients=rows, given=[answer])
        assert asked(cleaned) == [("patients.csv", 2, "tender_known")]
        assert list(cleaned.corrections["status"]) == ["rejected"]

    def test_a_question_about_the_patient_of_a_reading(self, tmp_path):
        query = clean(tmp_path, ONSET, films=EARLY).queries.iloc[0]
        answer = confirmed(query["record"], "onset", query["raw_value"])
        assert asked(clean(tmp_path, ONSET, films=EARLY, given=[answer])) == []

    def test_is_corrected_where_it_stands(self, tmp_path):
        query = clean(tmp_path, ONSET, films=EARLY).queries.iloc[0]
        answer = confirmed(query["record"], "onset", query["raw_value"], "01/01/2010")
        cleaned = clean(tmp_path, ONSET, films=EARLY, given=[answer])
        rules = {rule for *_, rule in asked(cleaned)}
        assert rules == {"onset_before_film", "correction_rejected"}


def test_of_many_who_are_alike_a_question_names_few(tmp_path):
    """A birth date that stands for none would name everybody to everybody."""
    alike = "".join(f"Q{i},,AB,01/01/1960,01/02/2011,F,0,,0,0,0\n" for i in range(9))
    cleaned = clean(tmp_path, patients=P1 + alike, same_person=[["born", "initials"]])
    questions = list(cleaned.queries.query("rule == 'same_person'")["question"])
    assert len(questions) == 9
    assert all("and 3 more" in question for question in questions)
