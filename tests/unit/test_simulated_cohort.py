"""The simulated cohort `early_ssc`: its margins, its planted defects, its committed files."""

import csv
import datetime

import pandas as pd
import pytest
from builders import ROOT, one
from scipy.stats import fisher_exact

from calcinosis.derive import datasets
from calcinosis.derive.eligibility import participant_flow
from calcinosis.derive.readings import combine_readers
from calcinosis.derive.severity import compare_films
from calcinosis.estimate.incidence import incidence_rows
from calcinosis.ingest import cleaning, codebook
from calcinosis.plan import read_plan
from calcinosis.simulate import early_ssc

SEED = 20250123
HOME = ROOT / "cohorts" / "early_ssc"
TEST_DATA = ROOT / "tests" / "data" / "early_ssc"
SIGNS = ("elderly", "raynaud", "ischaemic_ulcer", "telangiectasia", "salt_and_pepper_skin")
RIGHT_DISTAL = ("right", "distal_phalanx")


@pytest.fixture(scope="module")
def export():
    return early_ssc.export(SEED)


@pytest.fixture(scope="module")
def planted(export) -> list[dict[str, str]]:
    return export.key


RULES = read_plan(HOME / "cohort.yaml").cleaning.model_dump()


def clean(folder) -> cleaning.Cleaned:
    files = {table: [str(folder / f"{table}.csv")] for table in ("patients", "readings")}
    variables = codebook.read(HOME / "codebook.csv")
    return cleaning.clean(files, variables, latest=datetime.date(2020, 12, 31), settings=RULES)


@pytest.fixture(scope="module")
def messy() -> cleaning.Cleaned:
    return clean(HOME)


class Analysed:
    """The patients of the analysis, by the plan."""

    def __init__(self, tables):
        plan = read_plan(HOME / "cohort.yaml")
        settings = plan.severity
        readings = tables["readings"]
        compared = compare_films(
            combine_readers(readings, plan.readers.disagreement, plan.readers.primary),
            list(readings["grade"].cat.categories),
            comparison=settings.comparison,
            unread_regions=settings.unread_regions,
            worsening=settings.worsening,
        )
        criteria = [criterion.model_dump() for criterion in plan.eligibility.criteria]
        self.flow = participant_flow(
            tables["patients"], criteria, compared.films, compared.intervals
        )
        self.pairs = datasets.analysed(compared.intervals, self.flow)
        self.films = compared.films
        self.regions = datasets.analysed(compared.regions, self.flow)
        patients = datasets.analysed(tables["patients"], self.flow)
        self.people = patients.merge(self.pairs, on="patient_id").assign(
            elderly=lambda frame: pd.Series("no", frame.index).mask(frame["age"] >= 60, "yes")
        )


@pytest.fixture(scope="module")
def analysed(messy) -> Analysed:
    return Analysed(messy.tables)


class TestDefects:
    def test_every_planted_question_is_asked_at_its_place(self, planted, messy):
        asked = set(messy.queries[["file", "row", "rule"]].itertuples(index=False, name=None))
        wanted = {(e["file"], int(e["row"]), e["rule"]) for e in planted if e["kind"] == "query"}
        assert len(wanted) > 15
        assert wanted - asked == set()

    def test_nothing_else_is_asked_but_what_a_duplicated_row_repeats(self, planted, messy):
        wanted = {(e["file"], int(e["row"]), e["rule"]) for e in planted if e["kind"] == "query"}
        twice = {place[:2] for place in wanted if place[2] == "exact_duplicate"}
        asked = messy.queries[["file", "row", "rule"]].itertuples(index=False, name=None)
        assert {place for place in asked if place not in wanted and place[:2] not in twice} == set()

    def test_a_query_quotes_what_was_planted(self, planted, messy):
        asked = messy.queries.set_index(["file", "row", "column"])["raw_value"].to_dict()
        for e in planted:
            if e["kind"] == "query" and e["column"]:
                assert asked[e["file"], int(e["row"]), e["column"]] == e["raw"]

    def test_every_accepted_spelling_is_in_the_log(self, planted, messy):
        columns = ["file", "column", "old", "rule"]
        log = set(messy.normalisations[columns].itertuples(index=False, name=None))
        wanted = {
            (e["file"], e["column"], e["raw"], e["rule"])
            for e in planted
            if e["kind"] in ("normalise", "missing")
        }
        assert len(wanted) > 50
        assert wanted - log == set()
        assert log - wanted == set()

    def test_spellings_are_counted_once_a_cell(self, planted, messy):
        """The appended rows repeat spellings, so that the log may hold a few more cells."""
        planted_cells = sum(e["kind"] in ("normalise", "missing") for e in planted)
        appended = sum(e["column"] == "" for e in planted)
        counted = int(messy.normalisations["count"].sum())
        assert planted_cells <= counted <= planted_cells + appended * 8

    def test_a_formula_stays_a_text(self, messy):
        assert "=1+1" in set(messy.tables["patients"]["notes"])

    def test_no_hospital_number_is_in_tables_or_logs(self, messy, export):
        logs = [*messy.tables.values(), messy.queries, messy.normalisations, messy.quality]
        text = "\n".join(log.to_csv() for log in logs)
        numbers = [row["hospital_number"] for _, row in export.rows("patients.csv")]
        assert len(numbers) == 62
        assert not [number for number in numbers if number in text]

    def test_the_clean_twin_raises_no_question_and_needs_no_normalisation(self):
        twin = clean(TEST_DATA / "clean")
        assert len(twin.queries) == len(twin.normalisations) == 0

    def test_cleaning_finds_the_values_of_the_clean_twin(self, messy):
        """Where nothing was asked, the messy export gives the clean one's values."""
        twin = clean(TEST_DATA / "clean").tables["patients"].set_index("patient_id")
        found = messy.tables["patients"].set_index("patient_id")
        assert list(found.index) == list(twin.index)
        different = {
            (patient, column)
            for column in twin
            for patient in twin.index
            if not (found.loc[patient, column] is pd.NA and twin.loc[patient, column] is pd.NA)
            and str(found.loc[patient, column]) != str(twin.loc[patient, column])
        }
        cells = messy.queries.query("table == 'patients' and variable != ''")
        asked = set(cells[["patient_id", "variable"]].itertuples(index=False, name=None))
        assert different == asked


class TestMargins:
    def test_53_patients_have_two_films_and_35_worsened(self, analysed):
        assert len(analysed.pairs) == 53
        assert int(analysed.pairs["worsened"].sum()) == 35

    def test_155_person_years(self, analysed):
        years = analysed.pairs["years"]
        assert 155.0 <= years.sum() <= 155.2
        assert years.mean() == pytest.approx(2.925, abs=0.005)
        assert years.std() == pytest.approx(0.4, abs=0.01)

    def test_the_published_rate_is_reproduced_by_construction(self, analysed):
        pairs = analysed.pairs.merge(analysed.films[["patient_id", "at_risk"]], on="patient_id")
        rows = incidence_rows(pairs, 100)
        row = one(rows, model="full_interval", method="lognormal")
        found = [f"{x:.1f}" for x in (row.estimate, row.conf_low, row.conf_high)]
        assert found == ["22.6", "16.2", "31.4"]

    def test_the_right_distal_phalanx_worsened_most_often(self, analysed):
        worsened = analysed.regions[analysed.regions["worsened"]]
        counts = worsened.groupby(["side", "region"], observed=True)["patient_id"].nunique()
        assert counts[RIGHT_DISTAL] == 12
        assert counts.drop(index=RIGHT_DISTAL).max() < 12
        there = worsened.query("side == 'right' and region == 'distal_phalanx'")["patient_id"]
        progressed = analysed.pairs.loc[analysed.pairs["worsened"], "patient_id"]
        assert set(there) <= set(progressed)

    def test_a_quarter_of_those_without_calcinosis_worsened_by_two_levels(self, analysed):
        pairs = analysed.pairs.merge(analysed.films, on="patient_id")
        without = pairs[pairs["grade_from"] == "none"]
        assert 0.2 <= without["worsened_2_levels"].mean() <= 0.3

    def test_sex_subset_and_duration_are_those_of_the_sister_paper(self, analysed):
        people = analysed.people
        assert (people["sex"] == "female").sum() == 33
        assert (people["subset"] == "diffuse").sum() == 30
        assert people["disease_duration"].mean() == pytest.approx(2.0, abs=0.06)
        assert people["disease_duration"].std() == pytest.approx(1.1, abs=0.06)
        assert people["disease_duration"].max() < 4

    @pytest.mark.parametrize("sign", SIGNS)
    def test_signs_are_more_frequent_in_progressors_and_not_significant(self, analysed, sign):
        known = analysed.people.dropna(subset=[sign])
        has, worsened = known[sign] == "yes", known["worsened"]
        table = pd.crosstab(has, worsened).loc[[True, False], [True, False]]
        assert has[worsened].mean() > has[~worsened].mean()
        assert fisher_exact(table.to_numpy()).pvalue > 0.05

    def test_some_cannot_worsen_and_some_have_one_film(self, analysed):
        assert (analysed.pairs["grade_from"] == "severe").sum() > 0
        left = analysed.flow["left_at"].value_counts()
        assert left["excluded/fewer_than_two_films"] > 0
        assert left["criterion_not_met/onset_within_4_years"] > 0

    def test_the_clean_twin_has_the_same_progression(self, analysed):
        twin = Analysed(clean(TEST_DATA / "clean").tables)
        both = analysed.pairs.merge(twin.pairs, on="patient_id")
        assert (both["worsened_x"] == both["worsened_y"]).all()


class TestFiles:
    def test_the_same_seed_writes_the_same_bytes(self, export, tmp_path):
        """The committed files are those of `calcinosis simulate early_ssc`."""
        written = {
            HOME: export.write(tmp_path / "messy", version="messy"),
            TEST_DATA / "clean": export.write(tmp_path / "clean", version="clean"),
            TEST_DATA: export.write(tmp_path / "key", version="key"),
        }
        for folder, paths in written.items():
            assert paths
            for path in paths:
                assert path.read_bytes() == (folder / path.name).read_bytes(), path.name

    def test_another_seed_is_another_cohort_with_the_same_size(self):
        other, first = early_ssc.export(1), early_ssc.export(2)
        assert other.messy["patients.csv"] != first.messy["patients.csv"]
        assert len(other.clean["patients.csv"]) == len(first.clean["patients.csv"]) == 62

    def test_messy_and_clean_differ_by_the_planted_cells_only(self, export, planted):
        columns = {file: {v: k for k, v in of.items()} for file, of in export.columns.items()}
        cells = {
            (e["file"], int(e["row"]), columns[e["file"]][e["column"]])
            for e in planted
            if e["column"]
        }
        for file, rows in export.clean.items():
            for index, row in enumerate(rows):
                other = export.messy[file][index]
                for name in row:
                    if row[name] != other[name]:
                        assert (file, index + 2, name) in cells

    def test_the_committed_key_can_be_read(self, planted):
        with (TEST_DATA / "answer_key.csv").open(encoding="utf-8", newline="") as file:
            assert len(list(csv.DictReader(file))) == len(planted)
