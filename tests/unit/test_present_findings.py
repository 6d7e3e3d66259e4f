"""Sentences that state what an analysis leaves out."""

from calcinosis.estimates import count
from calcinosis.present.blocks import plain
from calcinosis.present.findings import lost_lesions, not_compared
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
    places, patients = map(plain, paragraph.sentences)
    assert places.endswith("nobody knows, not counted: 4.")
    assert "without calcinosis" in patients
    assert patients.endswith("not counted: 2.")
