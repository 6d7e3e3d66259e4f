"""The simulated cohort `early_ssc` read from its files by other means than the library's.

`test_simulated_cohort.py` checks what cleaning and comparing make of the cohort; here its printed
margins are counted from the text of the clean twin, so that neither can hide an error of the other.
"""

import csv
import datetime
import itertools
import statistics

import pandas as pd
import pytest
from builders import LATEST, ROOT
from scipy.stats import fisher_exact

from calcinosis.derive import datasets
from calcinosis.derive.eligibility import ANALYSED, participant_flow
from calcinosis.derive.readings import combine_readers
from calcinosis.derive.severity import compare_films
from calcinosis.ingest import cleaning, codebook
from calcinosis.plan import read_plan
from calcinosis.simulate import early_ssc
from calcinosis.simulate.early_ssc import SEED

HOME = ROOT / "cohorts" / "early_ssc"
TEST_DATA = ROOT / "tests" / "data" / "early_ssc"
GRADE = {"none": 0, "mild": 1, "moderate": 2, "severe": 3}
PLACES = list(itertools.product(early_ssc.SIDES, early_ssc.REGIONS))
SIGNS = ("raynaud", "ischemic_ulcer", "telangiectasia", "salt_pepper")


def rows(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def clean(folder) -> cleaning.Cleaned:
    files = {table: [str(folder / f"{table}.csv")] for table in ("patients", "readings")}
    return cleaning.clean(files, codebook.read(HOME / "codebook.csv"), latest=LATEST)


@pytest.fixture(scope="module")
def messy() -> cleaning.Cleaned:
    return clean(HOME)


@pytest.fixture(scope="module")
def key() -> list[dict[str, str]]:
    return rows(TEST_DATA / "answer_key.csv")


class Counted:
    """First and last film of each eligible patient, from the text of the clean twin."""

    def __init__(self):
        people = {row["study_id"]: row for row in rows(TEST_DATA / "clean" / "patients.csv")}
        self.films: dict[str, dict[datetime.date, dict]] = {name: {} for name in people}
        for row in rows(TEST_DATA / "clean" / "readings.csv"):
            if row["reader"] == "r1" and row["severity"]:
                day = datetime.datetime.strptime(row["film_date"], "%d/%m/%Y").date()
                film = self.films[row["study_id"]].setdefault(day, {})
                film[row["side"], row["region"]] = GRADE[row["severity"]]
        self.early = {name for name, row in people.items() if float(row["duration_y"] or 99) < 4}
        self.pairs = {
            name: (min(days), max(days))
            for name, days in self.films.items()
            if name in self.early and len(days) == 2
        }
        self.people = {name: people[name] for name in self.pairs}
        self.change = {name: self._change(name) for name in self.pairs}
        self.worsened = {name for name, (first, last) in self.change.items() if last > first}

    def _change(self, name: str) -> tuple[int, int]:
        first, last = (self.films[name][day] for day in self.pairs[name])
        both = set(first) & set(last)
        return max(first[place] for place in both), max(last[place] for place in both)

    def worse_at(self, place: tuple[str, str]) -> set[str]:
        return {
            name
            for name, (first, last) in self.pairs.items()
            if self.films[name][last].get(place, -1) > self.films[name][first].get(place, 9)
        }

    def having(self, sign: str) -> set[str]:
        if sign == "elderly":
            return {name for name, row in self.people.items() if int(row["age_first_film"]) >= 60}
        return {name for name, row in self.people.items() if row[sign] == "yes"}

    def not_known(self, sign: str) -> set[str]:
        return set() if sign == "elderly" else {n for n, r in self.people.items() if not r[sign]}


@pytest.fixture(scope="module")
def counted() -> Counted:
    return Counted()


class TestCountedFromTheText:
    def test_53_have_two_films_and_35_worsened(self, counted):
        assert (len(counted.pairs), len(counted.worsened)) == (53, 35)

    def test_155_person_years_with_mean_and_sd_of_the_gap(self, counted):
        years = [(last - first).days / 365.25 for first, last in counted.pairs.values()]
        assert 155.0 <= sum(years) <= 155.2
        assert statistics.mean(years) == pytest.approx(2.925, abs=0.01)
        assert statistics.stdev(years) == pytest.approx(0.4, abs=0.01)

    def test_the_right_distal_phalanx_is_strictly_the_most_frequent(self, counted):
        worse = {place: counted.worse_at(place) for place in PLACES}
        right_distal = worse.pop(("right", "distal_phalanx"))
        assert len(right_distal) == 12
        assert right_distal <= counted.worsened
        assert max(map(len, worse.values())) < 12

    def test_6_of_24_without_calcinosis_worsened_by_more_than_one_level(self, counted):
        ends = [last for first, last in counted.change.values() if first == 0]
        assert (len(ends), sum(last > 1 for last in ends)) == (24, 6)

    def test_women_subset_and_duration(self, counted):
        people = counted.people.values()
        duration = [float(row["duration_y"]) for row in people]
        assert sum(row["sex"] == "female" for row in people) == 33
        assert sum(row["ssc_subset"] == "diffuse" for row in people) == 30
        assert statistics.mean(duration) == pytest.approx(2.0, abs=0.06)
        assert statistics.stdev(duration) == pytest.approx(1.1, abs=0.06)

    @pytest.mark.parametrize("sign", ["elderly", *SIGNS])
    def test_a_sign_is_more_frequent_in_progressors_and_not_significant(self, counted, sign):
        known = set(counted.people) - counted.not_known(sign)
        groups = (counted.worsened & known, known - counted.worsened)
        has = [len(counted.having(sign) & group) for group in groups]
        table = [[n, len(group) - n] for n, group in zip(has, groups, strict=True)]
        assert has[0] / len(groups[0]) > has[1] / len(groups[1])
        assert fisher_exact(table).pvalue > 0.05

    def test_some_have_the_worst_grade_at_baseline_and_do_not_worsen(self, counted):
        worst = {name for name, (first, _) in counted.change.items() if first == GRADE["severe"]}
        assert worst
        assert not worst & counted.worsened

    def test_some_have_one_film(self, counted):
        assert sum(len(counted.films[name]) == 1 for name in counted.early) == 6

    def test_the_second_reader_reads_a_share_of_the_films(self):
        films = {"r1": set(), "r2": set()}
        for row in rows(TEST_DATA / "clean" / "readings.csv"):
            films[row["reader"]].add((row["study_id"], row["film_date"]))
        assert films["r2"] < films["r1"]
        assert 0.1 < len(films["r2"]) / len(films["r1"]) < 0.5


class TestAnalysedByThePlan:
    """The same patients and the same progressors come out of the messy export."""

    @pytest.fixture
    def analysed(self, messy):
        the_plan = read_plan(HOME / "cohort.yaml")
        readings, patients = messy.tables["readings"], messy.tables["patients"]
        compared = compare_films(
            combine_readers(readings, the_plan.readers.disagreement, the_plan.readers.primary),
            list(readings["grade"].cat.categories),
            comparison=the_plan.severity.comparison,
            unread_regions=the_plan.severity.unread_regions,
            worsening=the_plan.severity.worsening,
        )
        criteria = [criterion.model_dump() for criterion in the_plan.eligibility.criteria]
        flow = participant_flow(patients, criteria, compared.films, compared.intervals)
        assert (flow["left_at"] == ANALYSED).sum() == 53
        return datasets.analysed(compared.intervals, flow).set_index("patient_id")

    def test_patients_and_progressors(self, analysed, counted):
        assert set(analysed.index) == set(counted.pairs)
        assert set(analysed.index[analysed["worsened"]]) == counted.worsened

    def test_grades_at_both_films(self, analysed, counted):
        found = {
            name: (GRADE[row.grade_from], GRADE[row.grade_to]) for name, row in analysed.iterrows()
        }
        assert found == counted.change

    def test_years(self, analysed, counted):
        days = {name: (last - first).days for name, (first, last) in counted.pairs.items()}
        assert (analysed["years"] * 365.25).to_dict() == pytest.approx(days)


class TestKey:
    def test_the_queries_are_those_of_the_committed_key(self, key, messy):
        wanted = {(e["file"], int(e["row"]), e["rule"]) for e in key if e["kind"] == "query"}
        found = set(messy.queries[["file", "row", "rule"]].itertuples(index=False, name=None))
        assert wanted - found == set()
        twice = self.equal_rows()
        assert {place for place in found - wanted if place[:2] not in twice} == set()

    def equal_rows(self) -> set[tuple[str, int]]:
        """File and line of the rows that stand twice."""
        places = set()
        for file in ("patients.csv", "readings.csv"):
            lines = pd.Series((HOME / file).read_text("utf-8").splitlines())
            places |= {(file, i + 1) for i in lines.index[lines.duplicated(keep=False)]}
        return places

    def test_the_normalisations_are_those_of_the_committed_key(self, key, messy):
        columns = ["file", "column", "old", "rule"]
        kinds = ("normalise", "missing")
        wanted = {(e["file"], e["column"], e["raw"], e["rule"]) for e in key if e["kind"] in kinds}
        found = set(messy.normalisations[columns].itertuples(index=False, name=None))
        assert wanted - found == set()

    def test_the_clean_twin_gives_no_query_and_no_normalisation(self):
        twin = clean(TEST_DATA / "clean")
        assert (len(twin.queries), len(twin.normalisations)) == (0, 0)
        lost = twin.quality["kind"].isin(["rows_excluded", "cells_queried"])
        assert twin.quality.loc[lost, "count"].sum() == 0


def test_the_committed_files_are_what_the_committed_seed_writes(tmp_path):
    assert SEED == 20250123
    export = early_ssc.export(SEED)
    for version, folder in (("messy", HOME), ("clean", TEST_DATA / "clean"), ("key", TEST_DATA)):
        for path in export.write(tmp_path / version, version=version):
            assert path.read_bytes() == (folder / path.name).read_bytes(), path.name
