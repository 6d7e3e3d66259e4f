"""Small inputs for tests: a codebook variable, an export written to a folder, a dataset."""

import datetime
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from calcinosis.ingest import cleaning, codebook, reading
from calcinosis.ingest.carriers.sheet import ExportFile
from calcinosis.side_files import Correction

ROOT = Path(__file__).resolve().parents[2]
LATEST = datetime.date(2020, 12, 31)
GRADES = ["none", "mild", "moderate", "severe"]

CODEBOOK = """\
variable,table,source,type,format,min,max,levels,codes,missing_codes,required,identifier
patient_id,patients,id|study no,id,,,,,,,yes,
hospital_number,patients,hn,text,,,,,,,,yes
born,patients,born,date,dd/mm/yyyy,,,,,,,yes
age,patients,age,integer,,18,100,,,-9,yes,
duration,patients,duration,number,decimal=either,0,60,,,,,
sex,patients,sex,category,,,,male|female,M=male|F=female,,,
patient_id,readings,id,id,,,,,,,yes,
film_date,readings,film_date,date,dd/mm/yyyy era=either,2000,,,,,yes,
side,readings,side,category,,,,right|left,,,,
grade,readings,grade,ordinal,,,,none|mild|moderate|severe,0=none,NR,yes,
"""
SEVERITY = """\
severity:
  comparison: first_last
  one_film: exclude
  unread_regions: paired
  worsening: patient_maximum
  improvement: not_progression
"""
PATIENTS = "id,hn,age,duration,sex\nP1,111/11,40,2.5,M\nP2,222/22,50,1,F\n"
READINGS = (
    "id,film_date,side,grade\n"
    "P1,01/02/2012,right,none\nP1,01/02/2015,right,mild\nP2,03/04/2013,right,mild\n"
)


def variable(kind: str, **facts) -> codebook.Variable:
    """A codebook entry called `x`."""
    defaults = {
        "name": "x",
        "table": "patients",
        "file": "",
        "sources": ("x",),
        "label": "",
        "type": kind,
        "format": "",
        "unit": "",
        "low": None,
        "high": None,
        "levels": (),
        "codes": {level: level for level in facts.get("levels", ())},
        "missing_codes": frozenset(),
        "required": True,
        "identifier": False,
    }
    return codebook.Variable(**(defaults | facts))


def read_codebook(folder: Path, text: str = CODEBOOK) -> list[codebook.Variable]:
    path = folder / "codebook.csv"
    path.write_text(text, "utf-8")
    return codebook.read(path)


def read_table(
    file: ExportFile | str | Path, variables: Sequence[codebook.Variable]
) -> reading.Table:
    """One export file as text, its columns named by the codebook."""
    file = ExportFile.of(file)
    return reading.name_columns(file, reading.read_sheet(file, variables), variables)


def clean(
    folder: Path,
    patients: str = PATIENTS,
    readings: str = READINGS,
    book: str = CODEBOOK,
    given: Sequence[Correction] = (),
) -> cleaning.Cleaned:
    """Write an export of two tables and clean it by the small codebook."""
    files = {}
    for table, text in (("patients", patients), ("readings", readings)):
        (folder / f"{table}.csv").write_text(text, "utf-8")
        files[table] = [str(folder / f"{table}.csv")]
    return cleaning.clean(files, read_codebook(folder, book), latest=LATEST, given=given)


def grades(*values: str | None) -> pd.Categorical:
    return pd.Categorical(values, categories=GRADES, ordered=True)


def rows_by(rows, **fields) -> list:
    """The estimates whose fields have the given values."""
    return [row for row in rows if all(getattr(row, k) == v for k, v in fields.items())]


def one(rows, **fields):
    """The one estimate whose fields have the given values."""
    (row,) = rows_by(rows, **fields)
    return row


def of_disability(scores: list[str], by: list[str], **others) -> dict:
    """The settings of the disability step, of a plan that has nothing but scores and groups."""
    absent = {"ranges": {}, "important": {}, "one_instrument": [], "lesions": False}
    return {"scores": scores, "by": by, "covariates": {}} | absent | others


BONES = {
    "by": "calcinosis",
    **{name: [] for name in ("sites", "selection", "eligible", "adjust")},
    **dict.fromkeys(("device", "weighting", "centre")),
    "z_scores": False,
    "device_has_reference": False,
    "bootstraps": 0,
    "seed": 1,
}
"""Settings of the section `bone_density` that ask for the contrasts only."""
INCIDENCE = ROOT / "tests" / "data" / "incidence"


def simulated_intervals() -> pd.DataFrame:
    """The dataset `incidence` of 150 patients that `tests/data/incidence/reference.R` makes."""
    frame = pd.read_csv(INCIDENCE / "intervals.csv").rename(columns={"id": "patient_id"})
    yes_no = pd.CategoricalDtype(["no", "yes"], ordered=True)
    return frame.assign(
        worsened=frame["worsened"] == 1,
        at_risk=True,
        x=frame["x"].map({0: "no", 1: "yes"}).astype(yes_no),
    )
