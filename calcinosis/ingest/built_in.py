"""The built-in rules of ingest: their classes, and which of them judge a cell."""

KAHN = {
    "not_an_integer": "conformance",
    "not_a_number": "conformance",
    "unknown_level": "conformance",
    "not_a_date": "conformance",
    "two_digit_year": "conformance",
    "impossible_date": "conformance",
    "spreadsheet_error": "conformance",
    "formula_without_value": "conformance",
    "no_such_patient": "conformance",
    "in_another_event": "conformance",
    "partial_date": "completeness",
    "blank_id": "completeness",
    "no_centre": "completeness",
    "no_row_of_its_event": "completeness",
    "no_film_date": "completeness",
    "incomplete_key": "completeness",
    "out_of_range": "plausibility",
    "after_export": "plausibility",
    "events_disagree": "plausibility",
    "exact_duplicate": "plausibility",
    "conflicting_duplicate": "plausibility",
    "near_duplicate_id": "plausibility",
    "same_person": "plausibility",
}
"""Class of each built-in rule: Kahn MG et al. eGEMs 2016;4(1):1244, doi 10.13063/2327-9214.1244."""

RULES_OF: dict[str, tuple[str, ...]] = {
    "integer": ("not_an_integer", "out_of_range"),
    "number": ("not_a_number", "out_of_range"),
    "binary": ("unknown_level",),
    "category": ("unknown_level",),
    "ordinal": ("unknown_level",),
    "date": (
        *("not_a_date", "two_digit_year", "partial_date"),
        *("impossible_date", "after_export", "out_of_range"),
    ),
    "id": (),
    "text": (),
}
"""The rules for a cell of each type, in the order in which they judge it."""

RULES_BETWEEN_EVENTS: dict[str, tuple[str, ...]] = {
    "patients": ("in_another_event", "events_disagree"),
    "readings": ("events_disagree",),
}
"""The rules for a cell that several rows of a REDCap export may hold; they judge before others."""
