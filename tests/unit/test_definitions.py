"""The table of definitions says what the plan says, with its sources."""

from calcinosis.present import definitions
from calcinosis.present.blocks import plain
from calcinosis.present.words import Labels

LABEL = Labels({"ulcer": "Digital ulcer", "gangrene": "Gangrene", "age": "Age"})
PLAN = {
    "definitions": {
        "ischaemia": {"any_of": ["ulcer", "gangrene"], "at_least": None, "source": "a guideline"}
    },
    "totals": {"skin": {"items": [], "instrument": "mrss", "source": ""}},
    "severity": None,
    "lesions": None,
    "report": {"observation": "radiograph"},
    "eligibility": {
        "criteria": [
            {
                "name": "adults",
                "variable": "age",
                "at_least": 18,
                "below": 90,
                "one_of": None,
                "missing": "include",
                "source": "the protocol",
            }
        ]
    },
}


def lines(**others) -> list[list[str]]:
    made = definitions.table(PLAN | others, LABEL)
    return [[plain(entry) for entry in line] for table in made for line in table.rows]


def test_each_definition_total_and_criterion_has_its_line_and_source():
    assert lines() == [
        ["ischaemia", "any of: Digital ulcer, Gangrene", "a guideline"],
        ["skin", "sum of: modified Rodnan skin score", ""],
        ["Eligible: adults", "Age: at least 18 and below 90; unknown: kept", "the protocol"],
    ]


def test_progression_is_that_of_the_methods():
    severity = {"worsening": "global_grade", "source": "the paper"}
    (found,) = [line for line in lines(severity=severity) if line[0] == "Progression"]
    assert "whole radiograph" in found[1]
    assert found[2] == "the paper"


def test_a_plan_that_defines_nothing_has_no_table():
    assert lines(definitions={}, totals={}, eligibility={"criteria": []}) == []
