"""The example of `docs/redcap.md` runs, and gives what the page says."""

import re

import pytest
from builders import ROOT
from redcap_builder import clean_cohort
from test_cleaning import assert_nothing_is_lost

PAGE = (ROOT / "docs" / "redcap.md").read_text("utf-8")
REST = "about: {title: T, citation: C, simulated: true, form: cohort}\neligibility: {}\n"


@pytest.fixture(scope="module")
def cleaned(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    blocks = dict(re.findall(r"\*\*`([\w.]+)`\*\*[^`]*```\w+\n(.*?)```", PAGE, re.DOTALL))
    blocks["cohort.yaml"] = blocks.pop("export") + REST
    assert len(blocks) == 4
    for name, text in blocks.items():
        (folder / name).write_text(text, "utf-8")
    return clean_cohort(folder)


def test_two_patients_one_with_unknown_age_and_unseen_boxes(cleaned):
    patients = cleaned.tables["patients"].astype(object)
    rows = patients.where(patients.notna(), None).to_dict("records")
    assert rows == [
        {"patient_id": "1", "age": 48, "finger_ulcer": "yes", "sex": "female"},
        {"patient_id": "2", "age": None, "finger_ulcer": None, "sex": "male"},
    ]


def test_eight_readings_of_three_films(cleaned):
    readings = cleaned.tables["readings"]
    assert len(readings) == 8
    assert len(readings[["patient_id", "film_date"]].drop_duplicates()) == 3
    assert readings["grade"].isna().sum() == 1
    assert list(readings["grade"].cat.categories) == ["none", "mild", "severe"]


def test_nothing_is_asked_and_nothing_is_lost(cleaned):
    assert cleaned.queries.empty
    assert_nothing_is_lost(cleaned)
