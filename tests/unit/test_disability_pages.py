"""What the pages say of scores: differences against what matters, adjusted means, trends."""

from dataclasses import replace

import pandas as pd
import pytest
from builders import of_disability
from test_disability import SETTINGS, cohort

from calcinosis import estimates
from calcinosis.estimate.disability import disability_rows
from calcinosis.estimates import Row
from calcinosis.present import disability_tables
from calcinosis.present.blocks import Table, plain
from calcinosis.present.disability_means_tables import important_notes
from calcinosis.present.figures import disability_means
from calcinosis.present.important import GREATER, OPEN, SMALLER, judgement
from calcinosis.present.words import Book, Labels

LABEL = Labels({"haq_di": "HAQ-DI", "cochin": "Cochin scale", "calcinosis": "Calcinosis"})
PLAN = {"scores": ["haq_di", "cochin"], "aids": True}


def shift(low: float | None, high: float | None) -> Row:
    return Row(
        analysis="disability",
        statistic="median_difference",
        term="haq_di",
        level="calcinosis",
        estimate=0.1,
        conf_low=low,
        conf_high=high,
    )


def important(value: float) -> Row:
    name = "minimal_important_difference"
    return Row(analysis="disability", statistic=name, term="haq_di", estimate=value)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (-0.1, 0.2, SMALLER),
        (0.25, 0.5, GREATER),
        (0.22, 0.5, GREATER),
        (-0.6, -0.22, GREATER),
        (0.1, 0.3, OPEN),
        (0.1, 0.22, OPEN),  # a shift as great as that matters
        (-0.3, 0.05, OPEN),
        (-0.3, 0.3, OPEN),
        (None, 0.3, ""),
    ],
)
def test_the_whole_interval_is_judged_in_either_direction(low, high, said):
    row = shift(low, high)
    assert judgement(Book([row, important(0.22)]), row)[0] == said


def test_without_a_value_of_the_plan_nothing_is_judged():
    row = shift(0.3, 0.4)
    assert judgement(Book([row]), row) == ("", None)


def tables(settings=SETTINGS) -> dict[str, Table]:
    book = Book(disability_rows(cohort(), settings))
    blocks = disability_tables.blocks(book, PLAN, LABEL)
    return {block.caption: block for block in blocks if isinstance(block, Table)}


def lines(table: Table) -> list[list[str]]:
    return [[plain(entry) for entry in row] for row in table.rows]


def test_every_pair_of_location_classes_stands_below_the_test_over_all():
    found = [line[0] for line in lines(tables()["Contrasts between groups"])]
    start = found.index("HAQ-DI")
    assert found[start + 1 : start + 4] == [
        "– with calcinosis v no calcinosis",
        "– by location class",
        "– fingers only v none",
    ]
    assert found[start + 9] == "– by location class, with lesions"


def test_intervals_of_pairs_are_said_to_be_unadjusted_and_an_end_at_a_rejected_0_is_explained():
    notes = tables()["Contrasts between groups"].notes
    assert any("intervals are of each pair alone" in note for note in notes)
    assert not any("ends at 0" in note for note in notes)
    book = Book([*disability_rows(cohort(), SETTINGS), replace(shift(0.0, 0.5), p_value=0.04)])
    found = [b for b in disability_tables.blocks(book, PLAN, LABEL) if isinstance(b, Table)]
    assert any("ends at 0" in note for note in found[1].notes)


def test_a_value_that_the_plan_has_for_one_index_is_not_said_to_be_of_both():
    def said(*scores: str) -> str:
        rows = [replace(important(0.14), term=score) for score in scores]
        return important_notes(Book(rows), LABEL)[0]

    assert said("haq_di").endswith("The plan has one for HAQ-DI.")
    assert said("haq_di", "haq_di_without_aids").endswith(
        "The plan has one for HAQ-DI. That of HAQ-DI is taken for haq di without aids too."
    )


def test_only_differences_of_a_score_with_a_value_are_judged():
    table = tables()["Contrasts between groups"]
    judged = {line[0]: line[-1] for line in lines(table)[:3]}
    assert judged["– with calcinosis v no calcinosis"].endswith("0.14")
    assert not any(line[-1] for line in lines(table)[-8:])


def test_without_covariates_only_crude_means_are_told():
    plain_settings = of_disability(["haq_di"], ["calcinosis"])
    table = tables(plain_settings)["Means by group"]
    assert [str(head) for head in table.head[2:4]] == [
        "Crude mean (95% CI)",
        "Crude difference (95% CI)",
    ]
    assert set(tables(plain_settings)) == {
        "Disability and hand function by group",
        "Contrasts between groups",
        "Means by group",
    }


def test_the_trend_says_who_is_left_out():
    table = tables()["Scores and the number of lesions"]
    assert any("In 2 of 80 patients" in note for note in table.notes)
    heads = [line[0] for line in lines(table)]
    assert heads[:4] == [
        "HAQ-DI",
        "– all",
        "– with lesions",
        "– all, unknown places taken as free",
    ]


def test_the_finding_judges_the_shift():
    book = Book(disability_rows(cohort(), SETTINGS))
    said = plain(disability_tables.scores(book, PLAN, LABEL))
    assert "minimal important difference of 0.14)" in said
    assert said.count("shift") == 2
    assert said.count("minimal") == 1


@pytest.mark.parametrize("size", [0, 1, 80])
def test_the_figure_of_means_shows_groups_and_never_a_patient(tmp_path, size):
    rows = disability_rows(cohort().iloc[:size], SETTINGS)
    path = tmp_path / "disability.csv"
    estimates.write(rows, path)
    drawn = disability_means.figure(path, {})
    frame = pd.DataFrame(drawn.data, columns=drawn.columns)
    assert set(frame["model"]) == ({"crude", "adjusted"} if size else set())
    assert (frame.loc[frame["mean"].notna(), "n"] >= 2).all()
    if size:
        assert len(drawn.figure.axes) == 3  # one panel per score
