"""Patients of a raw REDCap export: one row a record, as one event describes it."""

import pytest
from redcap_builder import (
    clean_export,
    field,
    make_project,
)
from test_redcap_rows import (
    BASE,
    BOOK,
    EVENTS,
    FIELDS,
    FILM,
    HEADER,
    P1,
    P2,
    READ,
    asked,
    clean,
    noted,
    patients_only,
    stopped,
)

from calcinosis.side_files import Correction


class TestPatients:
    def test_one_row_a_record_from_the_event_that_describes_patients(self, tmp_path):
        table = clean(tmp_path, P1 + P2).tables["patients"]
        assert list(table["patient_id"]) == ["P1", "P2"]
        assert list(table["sex"]) == ["male", "female"]
        assert list(table["finger_ulcer"]) == ["yes", "no"]

    def test_rows_of_other_events_are_counted(self, tmp_path):
        found = noted(clean(tmp_path, P1 + P2), "rows_of_other_events")
        assert found == {
            ("patients", "film_arm_1"): 2,
            ("patients", "film_arm_1 reading"): 2,
            ("readings", "base_arm_1"): 2,
            ("readings", "film_arm_1"): 2,
        }

    def test_a_variable_may_be_taken_at_another_event(self, tmp_path):
        visit = "P1,film_arm_1,,,,,,,68.5,2015-02-01,,,\n"
        rows = BASE.format("P1", 1, 1) + visit + READ.format("P1", 1, 1, 0, 1) + P2
        at_film = EVENTS | {"other_events": {"weight": "film_arm_1"}}
        weight = clean(tmp_path, rows, settings=at_film).tables["patients"]["weight"]
        assert (weight[0], weight.isna()[1]) == (68.5, True)
        assert list(clean(tmp_path, rows).tables["patients"]["weight"]) == [70, 70]

    def test_a_question_about_another_event_is_at_its_row(self, tmp_path):
        visit = "P1,film_arm_1,,,,,,,68..5,2015-02-01,,,\n"
        rows = BASE.format("P1", 1, 1) + visit + READ.format("P1", 1, 1, 0, 1)
        at_film = EVENTS | {"other_events": {"weight": "film_arm_1"}}
        cleaned = clean(tmp_path, rows, settings=at_film)
        columns = ("row", "column", "raw_value", "rule", "patient_id")
        assert asked(cleaned, *columns) == [(3, "weight", "68..5", "not_a_number", "P1")]

    def test_a_value_in_the_wrong_event_is_asked_and_not_lost(self, tmp_path):
        rows = BASE.format("P1", "", 1) + "P1,film_arm_1,,,2,,,,,2015-02-01,,,\n"
        cleaned = patients_only(tmp_path, rows)
        assert cleaned.tables["patients"]["sex"].isna().all()
        (query,) = cleaned.queries.to_dict("records")
        assert (query["rule"], query["row"], query["variable"]) == ("in_another_event", 3, "sex")
        assert query["raw_value"] == "2 (film_arm_1)"

    def test_events_that_disagree_are_asked_with_both_values(self, tmp_path):
        rows = BASE.format("P1", 1, 1) + "P1,film_arm_1,,,2,,,,,2015-02-01,,,\n" + P2
        cleaned = clean(tmp_path, rows)
        (query,) = cleaned.queries.to_dict("records")
        assert (query["rule"], query["row"]) == ("events_disagree", 2)
        assert query["raw_value"] == "1 (base_arm_1); 2 (film_arm_1)"
        assert "at each event of this record (rows 2, 3)" in query["question"]
        assert list(cleaned.tables["patients"]["sex"].isna()) == [True, False]

    @pytest.mark.parametrize(("base", "rule"), [(1, "events_disagree"), ("", "in_another_event")])
    def test_what_a_site_answers_about_events_is_used(self, tmp_path, base, rule):
        """The old value of the answer is what the question shows."""
        rows = BASE.format("P1", base, 1) + "P1,film_arm_1,,,2,,,,,2015-02-01,,,\n"
        project = make_project(tmp_path, FIELDS, **EVENTS)
        (query,) = clean_export(tmp_path, project, BOOK, HEADER + rows).queries.to_dict("records")
        assert query["rule"] == rule
        place = ("patients", query["record"], "sex", query["raw_value"])
        answer = Correction("corrections.csv:2", *place, "2", "A. B.", "2021-01-05", "chart")
        cleaned = clean_export(tmp_path, project, BOOK, HEADER + rows, given=[answer])
        assert list(cleaned.corrections["status"]) == ["applied"]
        assert cleaned.queries.empty
        assert list(cleaned.tables["patients"]["sex"]) == ["female"]

    def test_the_same_value_at_another_event_is_counted(self, tmp_path):
        rows = BASE.format("P1", 1, 1) + "P1,film_arm_1,,,1,,,,,2015-02-01,,,\n"
        cleaned = patients_only(tmp_path, rows)
        assert list(cleaned.tables["patients"]["sex"]) == ["male"]
        assert noted(cleaned, "same_at_other_events") == {("patients", "sex"): 1}
        assert cleaned.queries.empty

    def test_what_events_say_is_judged_before_the_spelling_and_counted(self, tmp_path):
        """Of three sexes one differs between events and one stands in another event only."""
        rows = BASE.format("P1", 1, 1) + "P1,film_arm_1,,,2,,,,,2015-02-01,,,\n"
        rows += BASE.format("P2", "", 1) + "P2,film_arm_1,,,1,,,,,2015-02-01,,,\n"
        checks = patients_only(tmp_path, rows + BASE.format("P3", 1, 1)).checks
        found = checks.set_index("rule")[["kahn", "failing", "applicable"]]
        assert tuple(found.loc["in_another_event"])[:2] == ("conformance", 1)
        assert tuple(found.loc["events_disagree"])[:2] == ("plausibility", 1)
        # Sex and the ulcer of three patients; two sexes are set aside before their spelling.
        assert found.loc["unknown_level", "applicable"] == 4

    def test_a_question_keeps_its_name_when_rows_move(self, tmp_path):
        rows = BASE.format("P1", 1, 1) + "P1,film_arm_1,,,2,,,,,2015-02-01,,,\n"
        first = patients_only(tmp_path, rows + BASE.format("P2", 1, 1)).queries
        second = patients_only(tmp_path, BASE.format("P2", 1, 1) + rows).queries
        assert list(first["query_id"]) == list(second["query_id"])
        assert (first["row"][0], second["row"][0]) == (2, 3)

    def test_an_identifying_value_of_another_event_is_in_no_log(self, tmp_path):
        fields = [*FIELDS, field("hn", "base", identifier="y")]
        header = HEADER.strip() + ",hn\n"
        rows = "P1,base_arm_1,,,1,1,0,2,70,,,,,SECRET1\nP1,film_arm_1,,,,,,,,,,,,SECRET2\n"
        project = make_project(tmp_path, fields, **EVENTS)
        cleaned = clean_export(tmp_path, project, BOOK + "hn,patients,,,\n", header + rows)
        assert list(cleaned.queries["rule"]) == ["events_disagree"]
        logs = [cleaned.queries, cleaned.normalisations, *cleaned.tables.values()]
        assert not any("SECRET" in log.to_csv() for log in logs)

    def test_a_record_without_its_event_is_out_with_a_question(self, tmp_path):
        rows = P1 + FILM.format("P3", "2015-02-01") + READ.format("P3", 1, 1, 0, 0)
        cleaned = clean(tmp_path, rows)
        assert list(cleaned.tables["patients"]["patient_id"]) == ["P1"]
        assert asked(cleaned, "table", "row", "rule") == [
            ("patients", 5, "no_row_of_its_event"),
            ("readings", 6, "no_such_patient"),
        ]

    def test_a_field_that_is_mostly_filled_in_elsewhere_stops(self, tmp_path):
        rows = "".join(
            BASE.format(f"P{i}", "", 1) + f"P{i},film_arm_1,,,1,,,,,2015-02-01,,,\n"
            for i in range(6)
        )
        said = stopped(tmp_path, rows, films=[], book=BOOK)
        assert "the column 'sex' (sex) is filled in at other events than base_arm_1 in 6" in said
        assert "export.redcap.other_events" in said

    def test_two_rows_of_one_record_that_disagree_are_both_out(self, tmp_path):
        cleaned = clean(tmp_path, P1 + P2 + BASE.format("P1", 2, 1))
        assert list(cleaned.tables["patients"]["patient_id"]) == ["P2"]
        assert "conflicting_duplicate" in set(cleaned.queries["rule"])

    def test_a_classic_project_has_no_events(self, tmp_path):
        project = make_project(tmp_path, FIELDS)
        text = "id,sex,ulcers___1,ulcers___2,weight\nP1,1,1,0,70\nP2,2,0,0,60,5\n"
        cleaned = clean_export(tmp_path, project, BOOK, text.replace("60,5", "60.5"))
        assert list(cleaned.tables["patients"]["weight"]) == [70, 60.5]

    def test_unknown_columns_are_listed_once_and_those_of_redcap_are_not(self, tmp_path):
        cleaned = clean(tmp_path, P1 + P2)
        found = cleaned.normalisations.query("rule == 'column_not_in_codebook'")
        assert list(found["column"]) == ["ulcers___2"]
