"""The chapter on missing data: its tables and figure, also where nothing is missing."""

import numpy as np
import pytest
from test_imputation import category
from test_imputed_models import COVARIATES, RUBIN, cohort, imputations, section

from calcinosis import estimates
from calcinosis.estimate.imputation import of_model
from calcinosis.estimate.imputed_models import imputed_rows
from calcinosis.estimate.missingness import missingness_rows
from calcinosis.estimate.models import Models
from calcinosis.present import missing_tables
from calcinosis.present.blocks import Picture, Table, plain
from calcinosis.present.figures.missing_data import figure
from calcinosis.present.words import Book, Labels

LABEL = Labels({"number": "Number of signs with a label that takes more than one line"})
PLAN = {"models": section(), "describe": None}
PICTURE = Picture("missing_data_figure", "", [])


def rows_of(frame) -> list[estimates.Row]:
    primary = Models(of_model(frame, "outcome", None), section()).multivariable_rows()
    return [
        *primary,
        *missingness_rows(frame, "outcome", list(COVARIATES)),
        *imputed_rows(frame, imputations(frame), section(), RUBIN),
    ]


def tables_of(rows) -> dict[str, Table]:
    blocks = missing_tables.blocks(Book(rows), PLAN, LABEL, PICTURE)
    return {block.caption: block for block in blocks if isinstance(block, Table)}


def texts(table: Table) -> list[list[str]]:
    return [[plain(entry) for entry in line] for line in table.rows]


def test_complete_cases_and_imputations_stand_side_by_side_with_their_numbers():
    frame = cohort()
    table = tables_of(rows_of(frame))[
        "Factors associated with outcome, by handling of missing values"
    ]
    lines = texts(table)
    complete = frame.dropna()
    events = [(data["outcome"] == "yes").sum() for data in (complete, frame)]
    assert lines[0][1] == f"{events[0]}/{len(complete)}"
    assert lines[0][3] == f"{events[1]}/240"
    assert len(lines) == 1 + 4 + 1
    assert all(line[3].count("(") == 1 and line[5].endswith("%") for line in lines[1:5])
    assert lines[5][0] == "grade: all levels"


def test_those_without_values_and_without_the_outcome_have_tables():
    frame = cohort()
    frame.loc[:9, "outcome"] = None
    captions = list(tables_of(rows_of(frame)))
    assert "Patients with the outcome, and those without" in captions
    assert "Patients with all values of the model and its imputation, and the others" in captions


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (cohort(), f"{len(cohort().dropna())}/240 patients with the outcome ("),
        (cohort(share=0), "240/240 patients with the outcome (100.0%) have all values of"),
        (
            cohort(share=1),
            "No patient with the outcome has all values of the model and of what helps",
        ),
        (
            cohort().assign(outcome=category(np.full(240, -1), ["no", "yes"])),
            "No patient has the outcome.",
        ),
    ],
    ids=["some missing", "none missing", "all missing", "no outcome"],
)
def test_the_chapter_and_its_figure_are_made_whatever_is_missing(frame, said, tmp_path):
    rows = rows_of(frame)
    captions = list(tables_of(rows))
    assert captions[:2] == ["Missing values", "What is missing together"]
    assert captions[-1] == "Factors associated with outcome, by handling of missing values"
    path = tmp_path / "estimates.csv"
    estimates.write(rows, path)
    drawn = figure(path, {})
    patterns = missing_tables.of_patterns(Book(rows))
    for row in patterns[: missing_tables.MOST_PATTERNS]:
        assert [row.result_id, row.level, row.events] in drawn.data
    assert plain(missing_tables.finding(Book(rows))).startswith(said)


def test_a_description_that_failed_says_nothing_of_who_has_all_values():
    failed = estimates.Row(analysis="missingness", statistic="analysis", status="failed", note="x")
    assert missing_tables.finding(Book([failed])) == []
    rows = [failed, *imputed_rows(cohort(), imputations(cohort()), section(), RUBIN)]
    blocks = missing_tables.blocks(Book(rows), PLAN, LABEL, PICTURE)
    captions = ["Factors associated with outcome, by handling of missing values"]
    assert [block.caption for block in blocks if isinstance(block, Table)] == captions
    assert len(blocks) == 2


def test_patients_without_a_centre_are_told_beside_the_missing_values():
    frame = cohort()
    frame.loc[:4, "centre"] = None
    rows = missingness_rows(frame, "outcome", list(COVARIATES), "centre")
    table, _ = missing_tables.patterns(Book(rows), LABEL)
    assert texts(table)[-1] == ["centre", "5", "240"]
    assert table.notes[-1].startswith("centre: Patients without it leave the model")
