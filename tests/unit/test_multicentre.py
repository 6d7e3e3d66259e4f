"""The simulated cohort `multicentre`: its margins, its planted defects, its committed files."""

import csv
import datetime
from collections import Counter

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from builders import ROOT

from calcinosis.__main__ import main
from calcinosis.derive.classification import acr_eular_2013
from calcinosis.ingest import cleaning, codebook
from calcinosis.plan import read_plan
from calcinosis.simulate import multicentre

HOME = ROOT / "cohorts" / "multicentre"
TEST_DATA = ROOT / "tests" / "data" / "multicentre"
CENTRES = [f"centre_{number:02d}" for number in range(1, 11)]
ISCHAEMIA = ["digital_ulcer", "gangrene", "pulp_loss", "amputation"]
BASIS = ["calcinosis_imaging", "calcinosis_examination", "calcinosis_history"]
FINGERS = ["thumb", "index", "middle", "ring", "little"]
T_SCORES = ["t_score_lumbar_spine", "t_score_total_hip", "t_score_femoral_neck"]
COCHIN = [f"cochin_{number:02d}" for number in range(1, 19)]
HAQ = {
    "dressing": ["dress", "shampoo"],
    "arising": ["stand", "bed"],
    "eating": ["cut_meat", "lift_cup", "milk_carton"],
    "walking": ["walk", "steps"],
    "hygiene": ["wash", "tub", "toilet"],
    "reach": ["reach", "bend"],
    "grip": ["car_doors", "jars", "faucets"],
    "activities": ["errands", "car", "chores"],
}
PUBLISHED = {"disease_duration": 1.24, "digital_ischaemia": 1.8, "acro_osteolysis": 2.97}


RULES = read_plan(HOME / "cohort.yaml").cleaning.model_dump()


def clean(folder) -> cleaning.Cleaned:
    files = {"patients": [str(folder / f"{centre}.csv") for centre in CENTRES]}
    variables = codebook.read(folder / "codebook.csv")
    return cleaning.clean(files, variables, latest=datetime.date(2019, 12, 31), settings=RULES)


def records(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def export():
    return multicentre.export(multicentre.SEED)


@pytest.fixture(scope="module")
def messy() -> cleaning.Cleaned:
    return clean(HOME)


@pytest.fixture(scope="module")
def twin() -> cleaning.Cleaned:
    return clean(TEST_DATA / "clean")


def acr_bounds(patients: pd.DataFrame) -> pd.DataFrame:
    """Points of the items, a missing one counting nothing or the most."""
    most = {"telangiectasia": 2, "nailfold": 2, "pah_ild": 2, "raynaud": 3, "antibody": 3}
    weights = {f"acr_{item}": {"no": 0, "yes": most[item]} for item in most}
    weights["acr_finger_skin"] = {"none": 0, "puffy": 2, "sclerodactyly": 4}
    weights["acr_fingertip"] = {"none": 0, "ulcers": 2, "pitting_scars": 3}
    points = pd.DataFrame({n: patients[n].astype(object).map(w) for n, w in weights.items()})
    highest = {name: max(w.values()) for name, w in weights.items()}
    proximal = patients["acr_skin_proximal"]
    return pd.DataFrame(
        {
            "lower": points.fillna(0).sum(axis=1).mask(proximal == "yes", 9),
            "upper": points.fillna(highest).sum(axis=1).mask(proximal != "no", 9),
        }
    )


def haq_di(patients: pd.DataFrame) -> pd.Series:
    scores = {}
    for category, items in HAQ.items():
        worst = patients[[f"haq_{item}" for item in items]].max(axis=1)
        helped = patients[f"haq_help_{category}"] == "yes"
        if category != "activities":
            helped |= patients[f"haq_aid_{category}"] == "yes"
        scores[category] = worst.mask(helped & (worst < 2), 2)
    table = pd.DataFrame(scores)
    return table.mean(axis=1).where(table.notna().sum(axis=1) >= 6)


class Cohort:
    """The eligible patients of a version, with what the margins need."""

    def __init__(self, cleaned: cleaning.Cleaned) -> None:
        self.everybody = everybody = cleaned.tables["patients"]
        bounds = acr_bounds(everybody)
        not_excluded = (everybody[["acr_mimic", "acr_fingers_spared"]] == "no").all(axis=1)
        self.low = bounds["upper"] < 9
        self.indeterminate = (bounds["lower"] < 9) & (bounds["upper"] >= 9)
        self.excluded = (everybody[["acr_mimic", "acr_fingers_spared"]] == "yes").any(axis=1)
        eligible = everybody[(bounds["lower"] >= 9) & not_excluded].reset_index(drop=True)
        self.eligible = eligible
        self.calcinosis = (eligible[BASIS] == "yes").any(axis=1)
        signs = eligible[ISCHAEMIA]
        present = (signs == "yes").any(axis=1).astype(float)
        self.ischaemia = present.mask((present == 0) & signs.isna().any(axis=1))
        lesions = (eligible.filter(like="lesion_") == "yes").astype(int)
        self.lesions = lesions
        self.fingers = [f"lesion_{f}_{side}" for f in FINGERS for side in ("right", "left")]
        beyond = lesions.drop(columns=self.fingers).any(axis=1)
        self.location = self.calcinosis.astype(int) + (self.calcinosis & beyond)
        self.lowest = eligible[T_SCORES].min(axis=1)

    def fit(self):
        frame = self.eligible
        design = pd.DataFrame(
            {
                "disease_duration": frame["disease_duration"] / 10,
                "digital_ischaemia": self.ischaemia,
                "acro_osteolysis": yes(frame["acro_osteolysis"]),
                "age": frame["age"] / 10,
                "female": (frame["sex"] == "female").astype(float).mask(frame["sex"].isna()),
            }
        )
        design = design.join(pd.get_dummies(frame["centre"], dtype=float).iloc[:, 1:]).dropna()
        return sm.Logit(self.calcinosis[design.index], sm.add_constant(design)).fit(disp=0)


def yes(column: pd.Series) -> pd.Series:
    return (column == "yes").astype(float).mask(column.isna())


@pytest.fixture(scope="module", params=["messy", "twin"])
def cohort(request) -> Cohort:
    return Cohort(request.getfixturevalue(request.param))


class TestDefects:
    def test_the_questions_are_those_planted_each_at_its_place(self, export, messy):
        wanted = [(e["file"], int(e["row"]), e["rule"]) for e in export.key if e["kind"] == "query"]
        asked = list(messy.queries[["file", "row", "rule"]].itertuples(index=False, name=None))
        assert len(wanted) > 30
        assert len({file for file, _, _ in wanted}) > 7
        assert sorted(asked) == sorted(wanted)

    def test_a_question_quotes_what_was_planted(self, export, messy):
        asked = messy.queries.set_index(["file", "row", "column"])["raw_value"].to_dict()
        for e in export.key:
            if e["kind"] == "query" and e["column"] and e["rule"] != "near_duplicate_id":
                assert asked[e["file"], int(e["row"]), e["column"]] == e["raw"]

    def test_spellings_and_missing_codes_are_those_planted_with_their_counts(self, export, messy):
        wanted = Counter(
            (e["file"], e["column"], e["rule"], e["raw"])
            for e in export.key
            if e["kind"] in ("normalise", "missing")
        )
        log = messy.normalisations[messy.normalisations["column"] != ""]
        found = log.groupby(["file", "column", "rule", "old"])["count"].sum().to_dict()
        assert found == wanted

    def test_the_key_names_each_cell_once(self, export):
        cells = Counter((e["file"], e["row"], e["column"]) for e in export.key)
        assert max(cells.values()) == 1

    def test_every_entry_of_the_committed_key_is_what_its_cell_says(self):
        """The log of spellings has no rows, so that their places are checked in the files."""
        cells = {f"{centre}.csv": records(HOME / f"{centre}.csv") for centre in CENTRES}
        key = [e for e in records(TEST_DATA / "answer_key.csv") if e["column"]]
        assert {e["kind"] for e in key} == {"normalise", "missing", "query"}
        assert {e["file"] for e in key} == set(cells)
        for e in key:
            assert cells[e["file"]][int(e["row"]) - 2][e["column"]] == e["raw"], e

    def test_every_column_is_in_the_codebook(self, export, messy):
        assert "column_not_in_codebook" not in set(messy.normalisations["rule"])
        for columns in export.columns.values():
            assert len({name.casefold() for name in columns.values()}) == len(columns)

    def test_most_centres_name_columns_their_own_way(self, export):
        own = {
            file: sum(name.casefold() != ours for ours, name in columns.items())
            for file, columns in export.columns.items()
        }
        assert sum(count >= 8 for count in own.values()) >= 5

    def test_no_record_number_is_in_tables_or_logs(self, export, messy):
        logs = [*messy.tables.values(), messy.queries, messy.normalisations, messy.quality]
        text = "\n".join(log.to_csv() for log in logs)
        numbers = [row["medical_record_number"] for f in export.clean for _, row in export.rows(f)]
        assert len(set(numbers)) == 582
        assert not [number for number in numbers if number in text]

    def test_the_clean_twin_raises_no_question_and_needs_only_qualified_ids(self, twin):
        assert len(twin.queries) == 0
        assert set(twin.normalisations["rule"]) == {"site_qualified_id"}

    def test_cleaning_finds_the_values_of_the_clean_twin(self, messy, twin):
        """Where nothing was asked, the messy export gives the clean one's values."""
        true = twin.tables["patients"].set_index("patient_id").astype(object)
        found = messy.tables["patients"]
        (renamed,) = set(true.index) - set(found["patient_id"])
        (twin_id,) = set(found["patient_id"]) - set(true.index)
        found = found.replace({"patient_id": {twin_id: renamed}})
        found = found.set_index("patient_id").astype(object).loc[true.index, true.columns]
        assert len(messy.tables["patients"]) == len(true) == 582
        same = (found == true) | (found.isna() & true.isna())
        row, column = np.nonzero(~same.to_numpy())
        different = set(zip(true.index[row], true.columns[column], strict=True))
        cells = messy.queries[messy.queries["variable"] != ""]
        cells = cells[cells["rule"] != "near_duplicate_id"]
        assert different == set(
            cells[["patient_id", "variable"]].itertuples(index=False, name=None)
        )


class TestMargins:
    def test_568_meet_the_criteria_and_14_do_not(self, cohort):
        assert len(cohort.eligible) == 568
        assert cohort.low.sum() == 8
        assert cohort.indeterminate.sum() == 3
        assert (cohort.excluded & ~cohort.low).sum() == 3

    def test_the_classification_finds_the_same_patients(self, cohort):
        everybody = cohort.everybody
        meets = acr_eular_2013(everybody)["acr_eular_2013"] == "meets"
        assert set(everybody.loc[meets, "patient_id"]) == set(cohort.eligible["patient_id"])

    def test_ten_centres_of_three_regions_one_of_them_very_small(self, cohort):
        sizes = cohort.eligible["centre"].value_counts()
        assert len(sizes) == 10
        assert sizes.min() == 4
        assert sizes.nunique() == 10
        regions = cohort.eligible.groupby("centre", observed=True)["world_region"].first()
        assert dict(regions.value_counts()) == {"north_america": 6, "australia": 2, "mexico": 2}

    def test_215_have_calcinosis_and_it_is_known_in_all(self, cohort):
        assert cohort.calcinosis.sum() == 215
        assert cohort.eligible[BASIS].notna().all(axis=None)

    def test_how_calcinosis_became_known_differs_between_centres(self, cohort):
        patients = cohort.eligible[cohort.calcinosis]
        shares = (patients[BASIS] == "yes").groupby(patients["centre"], observed=True).mean()
        assert shares["calcinosis_imaging"].max() - shares["calcinosis_imaging"].min() > 0.3

    def test_the_odds_ratios_are_near_the_published_ones(self, cohort):
        fit = cohort.fit()
        for term, odds_ratio in PUBLISHED.items():
            assert fit.params[term] == pytest.approx(np.log(odds_ratio), rel=0.08)
            assert fit.pvalues[term] < 0.05
        assert 460 < fit.nobs < 560

    def test_sex_race_subset_and_duration_are_those_of_the_interim_report(self, cohort):
        frame = cohort.eligible
        share = {
            name: frame[name].value_counts(normalize=True) for name in ("sex", "race", "subset")
        }
        assert round(share["sex"]["female"] * 100) == 88
        assert round(share["race"]["caucasian"] * 100) == 64
        assert round(share["race"]["hispanic"] * 100) == 29
        assert round(share["subset"]["limited"] * 100) == 55
        assert frame["disease_duration"].mean() == pytest.approx(11.1, abs=0.05)
        assert frame["disease_duration"].std() == pytest.approx(9.3, abs=0.06)

    def test_digital_ischaemia_and_acro_osteolysis(self, cohort):
        assert cohort.ischaemia.mean() == pytest.approx(0.30, abs=0.015)
        assert yes(cohort.eligible["acro_osteolysis"]).mean() == pytest.approx(0.05, abs=0.005)

    def test_68_have_t_scores_with_the_published_medians(self, cohort):
        lowest = cohort.lowest.dropna()
        has = cohort.calcinosis[lowest.index]
        assert (len(lowest), has.sum()) == (68, 30)
        assert lowest[has].median() == -2.2
        assert lowest[~has].median() == -1.7
        assert lowest[~has].min() < lowest[has].median() < lowest[~has].max() > -1

    def test_densitometry_was_not_at_random(self, cohort):
        measured = cohort.lowest.notna()
        ages = cohort.eligible["age"]
        assert ages[measured].mean() > ages[~measured].mean() + 5
        assert cohort.eligible.loc[measured, "centre"].nunique() <= 6

    def test_lesions_are_where_the_abstract_says(self, cohort):
        total = cohort.lesions.sum().sum()
        share = {
            finger: 100 * cohort.lesions.filter(like=f"_{finger}_").sum().sum() / total
            for finger in FINGERS
        }
        assert round(share["thumb"]) == 19
        assert round(share["little"]) == 8
        assert list(share.values()) == sorted(share.values(), reverse=True)
        assert round(sum(share.values())) == 70
        near = cohort.lesions[["lesion_elbow", "lesion_forearm"]].sum().sum()
        assert near > 0.5 * (total - cohort.lesions[cohort.fingers].sum().sum())

    def test_all_with_calcinosis_and_nobody_else_have_lesions(self, cohort):
        assert (cohort.lesions.any(axis=1) == cohort.calcinosis).all()

    def test_more_have_lesions_of_the_right_hand_only(self, cohort):
        right = cohort.lesions[[n for n in cohort.fingers if n.endswith("right")]].any(axis=1)
        left = cohort.lesions[[n for n in cohort.fingers if n.endswith("left")]].any(axis=1)
        on_fingers = (right | left).sum()
        assert (right & ~left).sum() / on_fingers == pytest.approx(0.25, abs=0.02)
        assert (left & ~right).sum() / on_fingers == pytest.approx(0.11, abs=0.02)

    def test_complications_of_those_with_calcinosis(self, cohort):
        found = cohort.eligible[["tenderness", "extrusion", "infection"]] == "yes"
        assert not found[~cohort.calcinosis].any(axis=None)
        counts = found.sum()
        assert counts["tenderness"] in (62, 63)
        assert counts["extrusion"] in (42, 43, 44)
        assert counts["infection"] in (4, 5)

    def test_disability_and_hand_function_are_worst_beyond_the_fingers(self, cohort):
        haq = haq_di(cohort.eligible).groupby(cohort.location).mean()
        cochin = cohort.eligible[COCHIN].sum(axis=1, skipna=False).groupby(cohort.location).mean()
        assert list(haq) == pytest.approx([0.8, 1.0, 1.3], abs=0.08)
        assert list(cochin) == pytest.approx([12, 18, 27], abs=1.5)

    def test_some_questionnaires_cannot_be_scored(self, cohort):
        assert 10 < haq_di(cohort.eligible).isna().sum() < 60
        assert 20 < cohort.eligible[COCHIN].isna().any(axis=1).sum() < 110

    def test_about_five_percent_is_missing(self, cohort):
        names = [n for n in cohort.eligible if n.startswith(("haq_", "cochin_"))]
        share = cohort.eligible[names].isna().to_numpy().mean()
        assert share == pytest.approx(0.05, abs=0.015)
        assert cohort.eligible[["disease_duration", "race"]].isna().any().all()


@pytest.mark.parametrize("version", ["messy", "clean", "key"])
def test_the_committed_files_are_what_simulate_writes(export, tmp_path, version):
    home = {"messy": HOME, "clean": TEST_DATA / "clean", "key": TEST_DATA}[version]
    written = export.write(tmp_path, version=version)
    assert len(written) == (1 if version == "key" else 11)
    for path in written:
        assert path.read_bytes() == (home / path.name).read_bytes()


def test_the_command_writes_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    main(["simulate", "multicentre"])
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) == 23
    for path in written:
        assert path.read_bytes() == (ROOT / path.relative_to(tmp_path)).read_bytes()


def test_another_seed_gives_other_patients_with_the_same_margins():
    patients = multicentre.cohort(np.random.default_rng(7))
    eligible = patients[patients["kind"] == "eligible"]
    assert len(eligible) == 568
    assert (eligible[BASIS] == "yes").any(axis=1).sum() == 215
