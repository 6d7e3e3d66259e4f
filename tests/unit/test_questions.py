"""The memory between runs, and the states of questions that follow from it."""

import pandas as pd
import pytest

from calcinosis.ingest.corrections import AUDIT_COLUMNS
from calcinosis.ingest.log import QUERY_COLUMNS
from calcinosis.records import questions

LINES = {"patients/age": "line of age", "patients/sex": "line of sex"}


def queries(*values: str) -> pd.DataFrame:
    """One question about the age of a patient per value."""
    rows = [
        dict.fromkeys(QUERY_COLUMNS, "")
        | {
            **{"query_id": f"q{value}", "centre": "kk", "patient_id": f"P{value}"},
            **{"table": "patients", "record": f"P{value}", "variable": "age"},
            **{"raw_value": value, "rule": "out_of_range", "row": 3},
        }
        for value in values
    ]
    return pd.DataFrame(rows, columns=list(QUERY_COLUMNS))


def audit(*values: str, status: str = "applied") -> pd.DataFrame:
    rows = [
        dict.fromkeys(AUDIT_COLUMNS, "")
        | {
            **{"status": status, "table": "patients", "record": f"P{value}", "variable": "age"},
            **{"old_value": value, "new_value": "35", "answered_by": "A. B."},
        }
        for value in values
    ]
    return pd.DataFrame(rows, columns=list(AUDIT_COLUMNS))


class Memory:
    def __init__(self, folder):
        self.path = folder / "records" / "queries.csv"

    def run(self, export, asked, answered=None, lines=LINES, date="2020-12-31") -> dict[str, str]:
        now = questions.asked(asked, export, date, lines)
        history = questions.remember(self.path, now)
        answered = audit() if answered is None else answered
        self.states = questions.states(now, history, answered, lines, {"age": "Age"})
        return dict(zip(self.states["query_id"], self.states["state"], strict=True))


@pytest.fixture
def memory(tmp_path) -> Memory:
    return Memory(tmp_path)


def test_a_question_of_the_first_export_is_open(memory):
    assert memory.run("A", queries("135", "136")) == {"q135": "open", "q136": "open"}
    row = memory.states.iloc[0]
    assert (row["site"], row["field"], row["old_value"]) == ("kk", "Age", "135")
    assert (row["first_asked"], row["last_asked"]) == ("2020-12-31", "2020-12-31")


def test_the_same_export_again_changes_no_state_and_adds_nothing(memory):
    first = memory.run("A", queries("135"))
    content = memory.path.read_bytes()
    assert memory.run("A", queries("135")) == first
    assert memory.path.read_bytes() == content


def test_what_the_next_export_asks_again_persists(memory):
    memory.run("A", queries("135"))
    found = memory.run("B", queries("135", "140"), date="2021-12-31")
    assert found == {"q135": "persisting", "q140": "open"}
    row = memory.states[memory.states["query_id"] == "q135"].iloc[0]
    assert (row["first_asked"], row["last_asked"]) == ("2020-12-31", "2021-12-31")


def test_what_the_next_export_does_not_ask_is_resolved(memory):
    memory.run("A", queries("135"))
    assert memory.run("B", queries()) == {"q135": "resolved"}


def test_what_a_correction_answers_is_answered_with_its_answer(memory):
    memory.run("A", queries("135", "136"))
    found = memory.run("A", queries("136"), audit("135"))
    assert found == {"q135": "answered", "q136": "open"}
    row = memory.states[memory.states["state"] == "answered"].iloc[0]
    assert (row["new_value"], row["answered_by"]) == ("35", "A. B.")
    assert memory.run("B", queries(), audit("135"))["q135"] == "answered"


def test_a_rejected_correction_answers_nothing(memory):
    memory.run("A", queries("135"))
    assert memory.run("B", queries(), audit("135", status="rejected")) == {"q135": "resolved"}


@pytest.mark.parametrize("record", ["P135", "P135 | 2012"])
def test_a_correction_of_a_part_of_a_record_answers_its_question(memory, record):
    memory.run("A", queries("135"))
    assert memory.run("A", queries(), audit("135").assign(record=record)) == {"q135": "answered"}


def test_a_correction_of_another_record_answers_nothing(memory):
    memory.run("A", queries("135"))
    assert memory.run("A", queries(), audit("135").assign(record="P13")) == {"q135": "resolved"}


@pytest.mark.parametrize("lines", [LINES | {"patients/age": "another"}, {}])
def test_what_another_codebook_line_does_not_ask_is_withdrawn(memory, lines):
    memory.run("A", queries("135"))
    assert memory.run("A", queries(), lines=lines) == {"q135": "withdrawn"}
    assert memory.run("B", queries(), lines=lines) == {"q135": "withdrawn"}


def test_what_another_codebook_line_asks_too_is_as_before(memory):
    lines = LINES | {"patients/age": "another"}
    memory.run("A", queries("135"))
    assert memory.run("A", queries("135"), lines=lines) == {"q135": "open"}
    assert memory.run("B", queries(), lines=lines) == {"q135": "resolved"}


@pytest.mark.parametrize("now", [{}, {"rule/film_after_onset": "another"}])
def test_what_a_rule_of_the_plan_does_not_ask_any_more_is_withdrawn(memory, now):
    asked = queries("135").assign(rule="film_after_onset", severity="warning")
    memory.run("A", asked, lines=LINES | {"rule/film_after_onset": "of the rule"})
    assert memory.states["severity"].item() == "warning"
    assert memory.run("A", queries(), lines=LINES | now) == {"q135": "withdrawn"}


def test_a_date_after_the_export_is_withdrawn_when_the_day_of_the_export_moves(memory):
    asked = queries("2021").assign(rule="after_export")
    memory.run("A", asked)
    assert memory.run("A", queries(), date="2021-12-31") == {"q2021": "withdrawn"}


def test_an_export_that_comes_back_finds_its_own_memory(memory):
    """A, B, A: the third run says what the first said."""
    memory.run("A", queries("135"))
    first = memory.states
    memory.run("B", queries("140"), date="2021-12-31")
    memory.run("A", queries("135"))
    pd.testing.assert_frame_equal(memory.states, first)


def test_also_an_export_without_questions_is_remembered(memory):
    memory.run("A", queries())
    memory.run("B", queries("140"))
    assert memory.run("A", queries()) == {}


def test_the_memory_is_only_added_to(memory):
    memory.run("A", queries("=1+1"))
    before = memory.path.read_text("utf-8")
    memory.run("B", queries("2"))
    assert memory.path.read_text("utf-8").startswith(before)
    assert memory.run("C", queries("=1+1"))["q=1+1"] == "persisting"
