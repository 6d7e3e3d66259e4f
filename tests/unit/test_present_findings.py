"""Sentences and captions: what is left out, and whose grade a grade is."""

import pytest
from builders import ROOT

from calcinosis import cohort, provenance
from calcinosis.estimate.proportions import proportion
from calcinosis.estimates import count
from calcinosis.present import methods
from calcinosis.present.blocks import plain
from calcinosis.present.findings import not_compared
from calcinosis.present.lesion_tables import lost_lesions
from calcinosis.present.progression_tables import grades
from calcinosis.present.words import Book, Labels


def of_severity(number: int) -> Book:
    names = {"model": "consecutive", "term": "films_not_compared", "unit": "films"}
    return Book([count("severity", number, **names)])


def test_films_that_no_comparison_uses_are_told():
    (paragraph,) = not_compared(of_severity(3), "visits")
    assert plain(paragraph.sentences[0]).endswith("had been read before: visits 3.")
    assert not_compared(of_severity(0), "visits") == []
    assert not_compared(Book([]), "visits") == []


def test_places_and_patients_that_counts_of_lesions_leave_out_are_told():
    def book(unknown: int, contradictory: int) -> Book:
        return Book(
            [
                count("lesions", unknown, term="unknown_places", unit="places"),
                count("lesions", contradictory, term="contradictory", unit="patients"),
                count("lesions", 9, term="calcinosis", level="yes", unit="of patients"),
            ]
        )

    assert lost_lesions(book(0, 0), Labels({})) == []
    (paragraph,) = lost_lesions(book(4, 2), Labels({}))
    places, shares, patients = map(plain, paragraph.sentences)
    assert places.endswith("nobody knows, not counted: 4.")
    assert shares.endswith("is left out, so that shares may be too high.")
    assert "without calcinosis" in patients
    assert patients.endswith("not counted: 2.")


@pytest.mark.parametrize(
    ("worsening", "said", "unsaid"),
    [
        ("patient_maximum", "Patients whose maximum fell", "whole radiograph"),
        ("any_region", "uses the regions that were read on both", "whole radiograph"),
        ("global_grade", "Patients whose grade of the whole radiograph fell", "maximum"),
    ],
)
def test_the_methods_say_whose_grade_a_patient_has(worsening, said, unsaid):
    facts = cohort.facts(str(ROOT / "cohorts/early_ssc/cohort.yaml"), provenance.Remembered())
    severity = facts["plan"]["severity"] | {"worsening": worsening}
    plan = facts["plan"] | {"severity": severity, "agreement": None}
    found = methods.paragraphs(plan, Labels(facts["labels"]))
    (text,) = [
        plain([plain(sentence) + " " for sentence in paragraph.sentences])
        for paragraph in found
        if "A region that was not read" in str(paragraph.sentences)
    ]
    assert said in text
    assert unsaid not in text


def test_the_table_of_grades_says_whose_grade_it_is():
    book = Book([proportion("severity", 1, 2, group="first_film", term="grade", level="none")])
    captions = [
        grades(book, Labels({}), "radiograph", whole_films=whole).caption for whole in (False, True)
    ]
    assert "the patient's maximum" in captions[0]
    assert "the reader's grade of the whole radiograph" in captions[1]
    assert "maximum" not in captions[1]
