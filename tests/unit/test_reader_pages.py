"""Tables and sentences on readers, filled from rows: `present.reader_tables`, `reader_findings`."""

import numpy as np
import pandas as pd
import pytest
from builders import GRADES

from calcinosis.estimate.agreement_of_readers import agreement_rows
from calcinosis.estimate.misclassification import progression_rows
from calcinosis.estimate.proportions import proportion
from calcinosis.estimate.what_if import what_if_rows
from calcinosis.estimates import Row
from calcinosis.present import reader_findings, reader_methods, reader_tables
from calcinosis.present.blocks import plain
from calcinosis.present.words import Book, Labels

LABEL = Labels({"r1": "first reader"})
POOR = np.array([[0, 0], [0, 1], [1, 0], [1, 1], [2, 1], [1, 3], [3, 1], [3, 3], [2, 2], [0, 2]])


def pairs(second: str = "r2", region: str = "carpal") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "scale": "grade",
            "patient_id": [f"P{i}" for i in range(len(POOR))],
            "film_day": 0.0,
            "side": "right",
            "region": region,
            "first": "r1",
            "second": second,
            "value_first": POOR[:, 0].astype(float),
            "value_second": POOR[:, 1].astype(float),
        }
    )


def maximum(events: int, n: int, **identity: str) -> Row:
    same = {"model": "first_last", "outcome": "progression", "unit": "of patients"}
    return proportion("progression", events, n, **same, **identity)


ROWS = [
    *agreement_rows(pd.concat([pairs(), pairs("r1"), pairs(region="global")]), GRADES),
    maximum(6, 10, term="definition", level="patient_maximum"),
    maximum(6, 10),
]
BOOK = Book(ROWS)


def lines(table) -> list[list[str]]:
    return [[plain(entry) for entry in row] for row in table.rows]


def test_each_pair_of_readings_has_its_lines():
    heads = [row[0] for row in lines(reader_tables.agreement(BOOK, LABEL))]
    assert heads[:3] == [
        "first reader twice: films (maximum)",
        "first reader twice: films (maximum), above none",
        "first reader twice: films (maximum), above moderate",
    ]
    assert "first reader v r2: whole film" in heads
    assert len(heads) == len(set(heads)) == 9


def test_errors_of_reading_are_counted_beside_each_other():
    table = {row[0]: row[1:] for row in lines(reader_tables.errors(BOOK, LABEL))}
    assert table["first reader v r2: films (maximum)"][:2] == ["3/10", "30.0%"]
    assert table["first reader v r2: films (maximum)"][3:] == ["20.0%", "30.0%"]


def test_low_agreement_is_said_and_good_agreement_is_not():
    (paragraph,) = reader_findings.low(BOOK, LABEL)
    text = " ".join(plain(sentence) for sentence in paragraph.sentences)
    assert "Agreement of first reader and r2 may be poor" in text
    good = [
        Row(
            analysis="agreement",
            model="inter_reader",
            group="r1",
            reference="r2",
            term="grade",
            unit="of films",
            statistic="kappa_linear",
            estimate=0.8,
            conf_low=0.7,
            conf_high=0.9,
        )
    ]
    assert reader_findings.low(Book(good), LABEL) == []


def test_false_worsening_stands_beside_what_was_observed():
    said = plain(reader_findings.false_worsening(BOOK, "first_last", LABEL))
    assert "first reader on reading again graded worse in 3/10 (30.0%)" in said
    assert "; r2 graded worse in 3/10 (30.0%), first reader in 3/10 (30.0%)" in said
    assert "the maximum rose in 60.0% of patients" in said
    assert reader_findings.false_worsening(Book([]), "first_last", LABEL) == []


def test_what_is_said_of_a_reader_does_not_depend_on_the_other_name():
    """Who reads 1 to 4 higher does so under any name; the order of names swaps the columns."""
    frame = pairs().assign(value_second=POOR[:, 0] + np.array([1.0] * 4 + [0.0] * 6))
    swapped = frame.rename(
        columns={"value_first": "value_second", "value_second": "value_first"}
    ).assign(first="amy", second="zoe")
    observed = maximum(6, 10, term="definition", level="patient_maximum")
    said = {
        name: plain(
            reader_findings.false_worsening(
                Book([*agreement_rows(readings, GRADES), observed]), "first_last", Labels({})
            )
        )
        for name, readings in (("r2", frame), ("amy", swapped))
    }
    assert "r2 graded worse in 4/10 (40.0%), r1 in 0/10 (0.0%)" in said["r2"]
    assert "zoe graded worse in 0/10 (0.0%), amy in 4/10 (40.0%)" in said["amy"]


def test_without_double_readings_the_table_says_so():
    table = reader_tables.agreement(Book(agreement_rows(pairs().iloc[:0], GRADES)), LABEL)
    assert "No film of the analysed patients was read twice." in table.notes
    assert lines(table) == [["Films read twice", "0", "not estimable", "", ""]]


def test_a_what_if_is_a_range_and_is_called_one():
    frame = pd.DataFrame(
        {
            "patient_id": range(4),
            "grade_first": pd.Categorical(GRADES, categories=GRADES, ordered=True),
        }
    )
    plan = {"published_kappas": {"inter_reader": 0.39}}
    book = Book(what_if_rows(frame, plan["published_kappas"]))
    table = reader_tables.what_if(book, plan, LABEL)
    ((head, plain_kappa, *_),) = lines(table)
    assert head == "Inter reader: 0.39"
    assert plain_kappa == "22.9% to 22.9%"
    assert "no estimate" in table.notes[0]


@pytest.mark.parametrize(("specificity", "shown"), [(0.9, "62.5%"), (0.3, "not estimable")])
def test_corrected_numbers_stand_beside_those_as_read(specificity, shown):
    worsened = pd.DataFrame(
        {
            "patient_id": range(10),
            "interval": 1,
            "years": 2.0,
            "worsened": [True] * 6 + [False] * 4,
        }
    )
    settings = {"sensitivity": 0.9, "specificity": specificity, "per": 100}
    rows = [maximum(6, 10), *progression_rows(worsened, worsened, settings)]
    table = reader_tables.corrected(Book(rows), "first_last", LABEL)
    risk, rate = lines(table)
    assert risk[0] == "Risk"
    assert risk[1].startswith("60.0% (")
    assert risk[2].startswith(shown)
    assert rate[0] == "Rate per 100 person-years"
    assert bool(table.notes) == (shown == "not estimable")


def test_definitions_that_nobody_can_be_judged_by_are_left_out():
    table = reader_tables.definitions(BOOK, "first_last")
    assert lines(table) == [["Rise of the patient's maximum", "6/10", "60.0%", "31.3% to 83.2%"]]


def test_unconfirmed_weights_are_told_until_they_are_confirmed():
    assert reader_findings.unconfirmed({"confirmed": False})
    assert reader_findings.unconfirmed({"confirmed": True}) == []
    section = {"weights": {"carpal": 1.5}, "confirmed": False, "source": "S"}
    plan = {"sctc": section, "agreement": None, "misclassification": None}
    ((first, _),) = reader_methods.paragraphs(plan, LABEL)
    assert "carpal 1.5; not confirmed" in plain(first)
