"""The variables of the simulated cohort `multicentre`, and its two codebooks.

The codebook of the export is written from the centres' habits: one line per variable with all the
names and spellings that can be told apart without knowing the centre, and one more line per centre
where they cannot (1 and 2, dates, decimal commas). The clean twin has canonical names and values.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from calcinosis.ingest.codebook import COLUMNS, fold
from calcinosis.simulate.multicentre_centres import HABITS, column_names, file_of

FINGERS = ("thumb", "index", "middle", "ring", "little")
SIDES = ("right", "left")
ELSEWHERE = ("elbow", "forearm", "knee", "foot", "trunk", "other")
CATEGORIES = ("dressing", "arising", "eating", "walking", "hygiene", "reach", "grip", "activities")
HAQ_ITEMS = {
    "haq_dress": "dress",
    "haq_shampoo": "shampoo hair",
    "haq_stand": "stand up from a chair",
    "haq_bed": "get in and out of bed",
    "haq_cut_meat": "cut meat",
    "haq_lift_cup": "lift a full cup",
    "haq_milk_carton": "open a milk carton",
    "haq_walk": "walk outdoors",
    "haq_steps": "climb five steps",
    "haq_wash": "wash and dry",
    "haq_tub": "take a tub bath",
    "haq_toilet": "get on and off the toilet",
    "haq_reach": "reach up for an object",
    "haq_bend": "bend down",
    "haq_car_doors": "open car doors",
    "haq_jars": "open jars",
    "haq_faucets": "turn taps",
    "haq_errands": "run errands",
    "haq_car": "get in and out of a car",
    "haq_chores": "do chores",
}
COCHIN_ITEMS = tuple(f"cochin_{number:02d}" for number in range(1, 19))
T_SCORES = ("t_score_lumbar_spine", "t_score_total_hip", "t_score_femoral_neck")


@dataclass(frozen=True)
class Column:
    """One variable of the codebook."""

    label: str
    type: str
    levels: tuple[str, ...] = ()
    unit: str = ""
    low: str = ""
    high: str = ""
    codes: str = ""
    required: bool = True
    identifier: bool = False


def _yes_no(label: str) -> Column:
    return Column(label, "binary", ("no", "yes"), codes="1=yes|0=no|Y=yes|N=no|Sí=yes|Si=yes")


def _centres() -> Column:
    codes = "|".join(f"{number}={name}" for name in HABITS for number in _numbers(name))
    return Column("Centre", "category", tuple(HABITS), codes=codes)


def _numbers(centre: str) -> list[str]:
    number = centre.removeprefix("centre_")
    return list(dict.fromkeys([number, number.lstrip("0")]))


def _variables() -> dict[str, Column]:
    skin = "0=none|1=puffy|2=sclerodactyly|puffy fingers=puffy|dedos hinchados=puffy"
    tips = "0=none|1=ulcers|2=pitting_scars|pitting scars=pitting_scars|digital tip ulcers=ulcers"
    races = (
        "White=caucasian|Caucásica=caucasian|Hispanic/Latino=hispanic|Hispana=hispanic|"
        "Asiática=asian|African American=black|Otra=other"
    )
    subsets = "lcSSc=limited|dcSSc=diffuse|limitada=limited|difusa=diffuse"
    regions = "North America=north_america|AUS=australia|MX=mexico|México=mexico"
    variables = {
        "patient_id": Column("Study number within the centre", "id"),
        "medical_record_number": Column("Medical record number", "text", identifier=True),
        "centre": _centres(),
        "world_region": Column(
            "World region",
            "category",
            ("north_america", "australia", "mexico"),
            codes=regions,
        ),
        "visit_date": Column("Date of visit", "date", low="2000"),
        "sex": Column(
            "Sex",
            "category",
            ("male", "female"),
            codes="F=female|M=male|Mujer=female|Hombre=male",
        ),
        "age": Column("Age", "integer", unit="years", low="18", high="100"),
        "race": Column(
            "Race or ethnicity",
            "category",
            ("caucasian", "hispanic", "asian", "black", "other"),
            codes=races,
        ),
        "subset": Column("Subset", "category", ("limited", "diffuse"), codes=subsets),
        "disease_duration": Column(
            "Disease duration from the first non-Raynaud symptom",
            "number",
            unit="years",
            low="0",
            high="70",
        ),
        "acr_skin_proximal": _yes_no("Skin thickening of both hands proximal to the MCP joints"),
        "acr_finger_skin": Column(
            "Skin thickening of the fingers",
            "category",
            ("none", "puffy", "sclerodactyly"),
            codes=skin,
        ),
        "acr_fingertip": Column(
            "Fingertip lesions", "category", ("none", "ulcers", "pitting_scars"), codes=tips
        ),
        "acr_telangiectasia": _yes_no("Telangiectasia"),
        "acr_nailfold": _yes_no("Abnormal nailfold capillaries"),
        "acr_pah_ild": _yes_no("Pulmonary arterial hypertension or interstitial lung disease"),
        "acr_raynaud": _yes_no("Raynaud's phenomenon"),
        "acr_antibody": _yes_no("Antibody related to systemic sclerosis"),
        "acr_fingers_spared": _yes_no("Skin thickening that spares the fingers"),
        "acr_mimic": _yes_no("Scleroderma-like disorder that explains the findings better"),
        "digital_ulcer": _yes_no("Digital ulcer"),
        "gangrene": _yes_no("Gangrene of a digit"),
        "pulp_loss": _yes_no("Loss of digital pulp"),
        "amputation": _yes_no("Amputation of a digit"),
        "acro_osteolysis": _yes_no("Acro-osteolysis"),
        "calcinosis_imaging": _yes_no("Calcinosis by imaging"),
        "calcinosis_examination": _yes_no("Calcinosis by physical examination"),
        "calcinosis_history": _yes_no("Clear history of extruded calcium"),
    }
    for finger in FINGERS:
        for side in SIDES:
            noun = finger if finger == "thumb" else f"{finger} finger"
            variables[f"lesion_{finger}_{side}"] = _yes_no(f"Calcinosis, {side} {noun}")
    for site in ELSEWHERE:
        where = "other site" if site == "other" else site
        variables[f"lesion_{site}"] = _yes_no(f"Calcinosis, {where}")
    variables["tenderness"] = _yes_no("Tenderness of calcinosis")
    variables["extrusion"] = _yes_no("Spontaneous extrusion of calcium")
    variables["infection"] = _yes_no("Infection of calcinosis")
    for name in T_SCORES:
        site = name.removeprefix("t_score_").replace("_", " ")
        variables[name] = Column(f"T-score, {site}", "number", low="-6", high="4")
    for name, words in HAQ_ITEMS.items():
        variables[name] = Column(f"HAQ: {words}", "integer", low="0", high="3")
    for category in CATEGORIES[:-1]:
        variables[f"haq_aid_{category}"] = _yes_no(f"HAQ: aid or device for {category}")
    for category in CATEGORIES:
        variables[f"haq_help_{category}"] = _yes_no(f"HAQ: help from a person for {category}")
    for number, name in enumerate(COCHIN_ITEMS, start=1):
        variables[name] = Column(
            f"Cochin hand function, item {number}", "integer", low="0", high="5"
        )
    return variables


VARIABLES = _variables()
YES_NO = tuple(name for name, column in VARIABLES.items() if column.type == "binary")
NUMBERS = tuple(name for name, column in VARIABLES.items() if column.type == "number")
MISSING_CODES = "-9|999"


def write(folder: Path, *, canonical: bool) -> Path:
    """Write `codebook.csv` of the export, or of its clean twin.

    Parameters
    ----------
    folder : where
    canonical : whether the columns have canonical names and values (the clean twin)

    Returns
    -------
    its path
    """
    path = folder / "codebook.csv"
    names = {centre: column_names(centre, list(VARIABLES)) for centre in HABITS}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        for name, column in VARIABLES.items():
            line = _line(name, column)
            if canonical:
                writer.writerow(line | {"source": name})
                continue
            spellings = {fold(n): n for n in [name, *(names[c][name] for c in HABITS)]}
            line |= {"source": "|".join(spellings.values()), "codes": column.codes}
            if column.type != "id" and not column.identifier:
                line["missing_codes"] = MISSING_CODES
            writer.writerow(line)
            for centre in HABITS:
                own = _own(centre, name, column)
                if own:
                    own["file"], own["source"] = file_of(centre), names[centre][name]
                    writer.writerow(line | own)
    return path


def _line(name: str, column: Column) -> dict[str, str]:
    return {
        "variable": name,
        "table": "patients",
        "label": column.label,
        "type": column.type,
        "format": "yyyy-mm-dd" if column.type == "date" else "",
        "unit": column.unit,
        "min": column.low,
        "max": column.high,
        "levels": "|".join(column.levels),
        "required": "yes" if column.required else "",
        "identifier": "yes" if column.identifier else "",
    }


def _own(centre: str, name: str, column: Column) -> dict[str, str]:
    """What a centre's own line says otherwise; empty where it needs none."""
    habit = HABITS[centre]
    if column.type == "date" and habit.date != "yyyy-mm-dd":
        return {"format": habit.date}
    if column.type == "number" and habit.decimal_comma:
        return {"format": "decimal=comma"}
    if column.type == "binary" and habit.own_yes_no:
        return {"codes": _codes(habit.yes_no)}
    if name == "sex" and habit.own_sex:
        return {"codes": _codes(habit.sex)}
    return {}


def _codes(spellings: Mapping[str, str]) -> str:
    return "|".join(f"{spelling}={level}" for level, spelling in spellings.items())
