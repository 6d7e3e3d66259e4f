"""A small export with every score, grades of whole films and second readings, from end to end."""

import csv
from pathlib import Path

import pandas as pd
import pytest
from builders import one, rows_by

from benchmarks import one_process
from calcinosis import cohort, estimates, provenance
from calcinosis.derive.instruments import COCHIN, HAQ, MRSS, VISUAL_SCALES

DIGITS = [f"resorption_{number}_{side}" for side in ("right", "left") for number in range(1, 6)]
SIGNS = ["ulcer", "gangrene", "pulp_loss", "amputation"]
PLAN = f"""
about: {{title: Every score, citation: none, simulated: true, form: cohort}}
export:
  date: 2020-12-31
  tables: {{patients: [patients.csv], readings: [readings.csv]}}
definitions:
  digital_ischaemia: [{", ".join(SIGNS)}]
  acro_osteolysis: {{any_of: [{", ".join(DIGITS)}], at_least: 2, highest: 4, source: a choice}}
totals:
  mrss: {{instrument: mrss}}
  kitchen: {{items: [cochin_01, cochin_02], highest: 5, source: a choice}}
eligibility: {{}}
describe:
  by: sex
  variables: [digital_ischaemia, digital_ischaemia_count, acro_osteolysis, acro_osteolysis_count,
    acro_osteolysis_worst, mrss]
severity:
  comparison: first_last
  one_film: exclude
  unread_regions: paired
  worsening: global_grade
  improvement: not_progression
readers: {{disagreement: primary, primary: r1, blinded: yes, order: random}}
agreement: {{}}
incidence: {{}}
bone_density:
  sites: [t_neck]
  use: t_neck
  densities:
    t_neck:
      variable: bmd_neck
      references:
        - {{mean: 0.858, sd: 0.120, when: {{sex: [female]}}}}
        - {{mean: 0.934, sd: 0.137, when: {{sex: [male]}}}}
      source: Looker 1998, doi 10.1007/s001980050093, white women and white men
  who: {{sex: sex, women: female, men: male, age: age, postmenopausal: postmenopausal}}
  by: sex
disability:
  scores: [haq_di, cochin, kitchen, {", ".join(VISUAL_SCALES)}]
  aids: false
  visual_scales:
{"".join(f"    {name}: {{variable: line_{name}, length: 150}}{chr(10)}" for name in VISUAL_SCALES)}
  by: [sex]
  source: a choice
"""
NUMBERS = {
    "age": (18, 100),
    "bmd_neck": (0.2, 2),
    **dict.fromkeys(HAQ.items, (0, 3)),
    **dict.fromkeys(COCHIN.items, (0, 5)),
    **dict.fromkeys(MRSS.items, (0, 3)),
    **dict.fromkeys(DIGITS, (0, 4)),
    **{f"line_{name}": (0, 150) for name in VISUAL_SCALES},
}
FLAGS = [*SIGNS, "postmenopausal", "haq_aid_walking"]
PATIENTS = [
    {"sex": "female", "age": 60, "postmenopausal": "yes", "bmd_neck": 0.558, "ulcer": "yes"},
    {"sex": "female", "age": 40, "postmenopausal": "no", "bmd_neck": 0.738, "gangrene": ""},
    {"sex": "female", "age": 61, "postmenopausal": "", "bmd_neck": 0.858, "haq_walk": ""},
    {"sex": "male", "age": 50, "bmd_neck": 0.797, DIGITS[0]: 3, DIGITS[1]: 2, DIGITS[2]: 1},
    {"sex": "male", "age": 49, "bmd_neck": 0.934, DIGITS[0]: "", "haq_aid_walking": "yes"},
    {"sex": "male", "age": 70, "mrss_face": 2, "mrss_thigh_left": "", "line_shaq_pain": 75},
]
"""What differs from a patient with all zeros and noes."""


def write(path: Path, rows: list[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), restval="")
        writer.writeheader()
        writer.writerows(rows)


def write_codebook(folder: Path) -> None:
    """The variables of both tables."""
    lines = [
        {"variable": "patient_id", "type": "id", "required": "yes"},
        {"variable": "sex", "type": "category", "levels": "female|male"},
        *({"variable": name, "type": "binary", "levels": "no|yes"} for name in FLAGS),
        *(
            {"variable": name, "type": "number", "min": low, "max": high}
            for name, (low, high) in NUMBERS.items()
        ),
    ]
    readings = [
        {"variable": "patient_id", "type": "id", "required": "yes"},
        {"variable": "film_date", "type": "date", "format": "yyyy-mm-dd", "required": "yes"},
        {"variable": "reader", "type": "category", "levels": "r1|r2"},
        {"variable": "occasion", "type": "integer", "min": 1, "max": 2},
        {"variable": "side", "type": "category", "levels": "right|left"},
        {"variable": "region", "type": "category", "levels": "wrist|global"},
        {"variable": "grade", "type": "ordinal", "levels": "none|mild|moderate|severe"},
    ]
    header = ("variable", "table", "source", "type", "format", "min", "max", "levels", "required")
    rows = [
        {**dict.fromkeys(header, ""), "table": table, **line, "source": line["variable"]}
        for table, of in (("patients", lines), ("readings", readings))
        for line in of
    ]
    write(folder / "codebook.csv", rows)


def readings() -> list[dict[str, object]]:
    """The wrist of each patient worsens, the whole film only of the first two.

    The first reader reads the first film of the first patient again, and grades it higher.
    """
    rows = []
    for number in range(len(PATIENTS)):
        for year, film in ((2012, 0), (2014, 1)):
            whole = ("none", "mild" if number < 2 else "none")[film]
            for reader in ("r1", "r2"):
                common = {
                    "patient_id": f"P{number}",
                    "film_date": f"{year}-03-01",
                    "reader": reader,
                    "occasion": 1,
                }
                wrist = {"side": "right", "region": "wrist", "grade": ("none", "mild")[film]}
                rows += [common | wrist, common | {"region": "global", "grade": whole}]
    again = {"occasion": 2, "side": "", "region": "global", "grade": "severe"}
    return [*rows, rows[0] | again]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """The folder with the results of the export."""
    folder = tmp_path_factory.mktemp("every_score")
    zero = {"patient_id": "", **dict.fromkeys(NUMBERS, 0), **dict.fromkeys(FLAGS, "no")}
    zero |= {"bmd_neck": ""}
    write(
        folder / "patients.csv",
        [zero | {"patient_id": f"P{i}"} | given for i, given in enumerate(PATIENTS)],
    )
    write(folder / "readings.csv", readings())
    write_codebook(folder)
    (folder / "cohort.yaml").write_text(PLAN, "utf-8")
    facts = cohort.facts(str(folder / "cohort.yaml"), provenance.Remembered())
    home = folder / "made"
    one_process.present(facts, home, one_process.analyse(facts, home))
    return home


@pytest.fixture(scope="module")
def patients(made) -> pd.DataFrame:
    return pd.read_parquet(made / "private" / "patients.parquet").sort_values("patient_id")


@pytest.fixture(scope="module")
def rows(made) -> list[estimates.Row]:
    found = estimates.read(made / "estimates.csv")
    assert not rows_by(found, status="failed")
    return found


def bounded(patients: pd.DataFrame, name: str, patient: int) -> tuple:
    """Score with its bounds; None where it is missing."""
    values = patients.iloc[patient][[name, f"{name}_lower", f"{name}_upper"]]
    return tuple(None if pd.isna(value) else float(value) for value in values)


def test_composites_and_digits(patients):
    assert patients["digital_ischaemia"].isna().tolist() == [False, True, *[False] * 4]
    assert bounded(patients, "digital_ischaemia_count", 0) == (1, 1, 1)
    assert bounded(patients, "digital_ischaemia_count", 1) == (None, 0, 1)
    assert patients["acro_osteolysis"].tolist()[:4] == ["no", "no", "no", "yes"]
    assert bounded(patients, "acro_osteolysis_count", 3) == (2, 2, 2)
    assert bounded(patients, "acro_osteolysis_worst", 3) == (3, 3, 3)
    assert pd.isna(patients["acro_osteolysis"].iloc[4])
    assert bounded(patients, "acro_osteolysis_count", 4) == (None, 0, 1)
    assert bounded(patients, "acro_osteolysis_worst", 4) == (None, 0, 4)


def test_totals_and_visual_scales(patients):
    assert bounded(patients, "mrss", 0) == (0, 0, 0)
    assert bounded(patients, "mrss", 5) == (None, 2, 5)
    assert bounded(patients, "shaq_pain", 5) == (1.5, 1.5, 1.5)
    assert bounded(patients, "kitchen", 5) == (0, 0, 0)


def test_haq_di_with_and_without_aids(patients):
    """An item is missing of the walking category of P2; P4 walks with an aid."""
    assert bounded(patients, "haq_di", 2) == (0, 0, 0.375)
    assert bounded(patients, "haq_di", 4) == (0, 0, 0)
    assert bounded(patients, "haq_di_with_aids", 4) == (0.25, 0.25, 0.25)


def test_t_scores_and_who_is_classed(patients, rows):
    assert patients["t_score"].tolist()[:5] == [-2.5, -1, 0, -1, 0]
    assert patients["who_class"].iloc[[0, 3]].tolist() == ["osteoporosis", "normal"]
    assert patients["who_class"].notna().sum() == 2
    classed = one(rows, term="who_eligible")
    assert (classed.events, classed.n) == (2, 5)
    assert one(rows, term="who_group", level="who_not_known").estimate == 1


def test_scores_reach_the_tables_of_the_report(made, rows):
    of_haq = rows_by(rows, analysis="disability", group="overall", statistic="median_at_most")
    assert {"haq_di", "haq_di_with_aids", "cochin", "kitchen", "shaq_lung"} <= {
        row.term for row in of_haq
    }
    of_skin = rows_by(rows, analysis="describe", group="sex=male", term="mrss")
    ends = [one(of_skin, statistic=f"mean_{end}").estimate for end in ("at_least", "at_most")]
    assert ends == [pytest.approx(2 / 3), pytest.approx(5 / 3)]
    page = (made / "report.html").read_text("utf-8")
    for words in (
        "aids, devices and help are not counted",
        "HAQ-DI with aids",
        "SHAQ: breathing",
        "Modified Rodnan skin score",
        "whatever is missing",
        "Whom the WHO classes are meant for",
        "a woman in whom it is missing is not classed",
        "Z-scores are used",
        "Looker 1998",
        "of grade 2 or more",
    ):
        assert words in page, words


def test_the_grade_of_the_whole_film_says_who_progressed(rows):
    risk = one(
        rows, analysis="progression", outcome="progression", group="overall", term="",
        model="first_last",
    )  # fmt: skip
    assert (risk.events, risk.n) == (2, 6)
    side_by_side = {
        row.term: (row.events, row.n)
        for row in rows_by(rows, analysis="progression", group="overall", statistic="proportion")
    }
    assert (6, 6) in side_by_side.values()  # any region: the wrist of everybody


def test_a_second_occasion_is_a_pair_of_the_reader_with_himself(rows):
    """One film was read again, four grades apart; the first reading counts for the analysis."""
    again = rows_by(rows, analysis="agreement", model="intra_reader")
    assert again
    assert {row.n for row in again if row.n} == {1}
