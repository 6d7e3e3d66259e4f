"""How each of the ten centres of the simulated cohort `multicentre` writes its export."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Words = Mapping[str, str]

ONE_ZERO: Words = {"no": "0", "yes": "1"}
ONE_TWO: Words = {"yes": "1", "no": "2"}
LETTERS: Words = {"no": "N", "yes": "Y"}
CAPITALS: Words = {"no": "No", "yes": "Yes"}
SPANISH: Words = {"no": "No", "yes": "Sí"}
PLAIN: Words = {"no": "no", "yes": "yes"}
F_M: Words = {"male": "M", "female": "F"}

SKIN_DIGITS: Words = {"none": "0", "puffy": "1", "sclerodactyly": "2"}
TIP_DIGITS: Words = {"none": "0", "ulcers": "1", "pitting_scars": "2"}
SKIN_WORDS: Words = {"puffy": "puffy fingers", "sclerodactyly": "Sclerodactyly"}
TIP_WORDS: Words = {"ulcers": "digital tip ulcers", "pitting_scars": "pitting scars"}
ABBREVIATED: Words = {"limited": "lcSSc", "diffuse": "dcSSc"}
US_RACES: Words = {
    "caucasian": "White",
    "hispanic": "Hispanic/Latino",
    "asian": "Asian",
    "black": "African American",
    "other": "Other",
}
SPANISH_RACES: Words = {
    "caucasian": "Caucásica",
    "hispanic": "Hispana",
    "asian": "Asiática",
    "other": "Otra",
}
SPANISH_SUBSETS: Words = {"limited": "limitada", "diffuse": "difusa"}


@dataclass(frozen=True)
class Habit:
    """What one centre always does.

    Parameters
    ----------
    region : where the centre is
    yes_no, sex : level to spelling; `own_yes_no`, `own_sex`: the spelling means something else, or
        nothing, in other centres, so that the codebook needs lines of this centre
    date : how dates are written
    missing : what stands for a missing value; empty for a blank cell
    words : other variables' spellings, variable to level to spelling
    names : our names to this centre's column names
    patterns : prefix of our names to this centre's pattern: `{finger}`, `{side}`, `{s}` (R or L),
        `{site}` of lesions; `{n}` (1, 2, ...) of the items of a questionnaire
    decimal_comma : numbers have one
    whole_ages_with_decimals : ages are written 54.0
    """

    region: str
    yes_no: Words
    sex: Words
    date: str
    missing: str = ""
    own_yes_no: bool = False
    own_sex: bool = False
    words: Mapping[str, Words] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    patterns: Mapping[str, str] = field(default_factory=dict)
    decimal_comma: bool = False
    whole_ages_with_decimals: bool = False


HABITS: dict[str, Habit] = {
    "centre_01": Habit(
        region="north_america",
        yes_no=ONE_ZERO,
        sex=F_M,
        date="mm/dd/yyyy",
        words={
            "race": US_RACES,
            "subset": ABBREVIATED,
            "acr_finger_skin": SKIN_DIGITS,
            "acr_fingertip": TIP_DIGITS,
            "centre": {"centre_01": "01"},
        },
        names={
            "patient_id": "record_id",
            "medical_record_number": "mrn",
            "centre": "center",
            "world_region": "region",
            "visit_date": "date_of_visit",
            "sex": "gender",
            "subset": "ssc_subset",
            "disease_duration": "disease_duration_yrs",
            "digital_ulcer": "digital_ulcers",
            "acro_osteolysis": "acroosteolysis",
            "calcinosis_examination": "calcinosis_exam",
            "tenderness": "calc_tender",
            "t_score_lumbar_spine": "dxa_t_spine",
            "t_score_total_hip": "dxa_t_hip",
            "t_score_femoral_neck": "dxa_t_neck",
        },
        patterns={"finger": "calc_{s}_{finger}", "site": "calc_{site}", "cochin": "chfs_{n}"},
    ),
    "centre_02": Habit(
        region="north_america",
        yes_no=LETTERS,
        sex={"male": "Male", "female": "Female"},
        date="dd/mm/yyyy",
        missing="-9",
        words={"subset": {"limited": "Limited", "diffuse": "Diffuse"}},
        names={
            "patient_id": "study_no",
            "medical_record_number": "hospital_number",
            "visit_date": "visit",
            "race": "ethnicity",
            "disease_duration": "duration_years",
            "gangrene": "digital_gangrene",
            "pulp_loss": "digital_pulp_loss",
            "amputation": "digital_amputation",
            "acr_telangiectasia": "telangiectasiae",
            "calcinosis_imaging": "calcinosis_xray",
        },
        patterns={"cochin": "cochin{n}"},
    ),
    "centre_03": Habit(
        region="north_america",
        yes_no=CAPITALS,
        sex=F_M,
        date="yyyy-mm-dd",
        missing=".",
        words={
            "race": US_RACES,
            "acr_finger_skin": SKIN_WORDS,
            "acr_fingertip": TIP_WORDS,
            "centre": {"centre_03": "3"},
        },
        names={
            "patient_id": "SUBJID",
            "medical_record_number": "MRN",
            "centre": "SITE",
            "visit_date": "VISDT",
            "age": "AGE_YRS",
            "race": "RACE_ETH",
            "subset": "SUBTYPE",
            "disease_duration": "DISDUR",
            "acr_raynaud": "RAYNAUDS",
            "acr_antibody": "SSC_AB",
            "acro_osteolysis": "ACRO_OST",
            "extrusion": "CALC_EXTR",
            "infection": "CALC_INF",
        },
        patterns={"finger": "LES_{finger}_{s}", "haq": "HAQ{n}", "cochin": "CHFS{n}"},
    ),
    "centre_04": Habit(
        region="north_america",
        yes_no=ONE_TWO,
        sex={"male": "1", "female": "2"},
        date="mm/dd/yyyy",
        missing="NA",
        own_yes_no=True,
        own_sex=True,
        words={"subset": ABBREVIATED, "world_region": {"north_america": "North America"}},
        names={
            "patient_id": "id",
            "medical_record_number": "chart",
            "centre": "site",
            "visit_date": "visit.date",
            "age": "age.at.visit",
            "disease_duration": "dis.duration",
            "calcinosis_history": "calcinosis.hx",
            "calcinosis_examination": "calcinosis.pe",
            "digital_ulcer": "dig.ulcer",
        },
        patterns={"site": "lesion.{site}", "cochin": "cochin.{n}"},
    ),
    "centre_05": Habit(
        region="north_america",
        yes_no=ONE_ZERO,
        sex={"male": "2", "female": "1"},
        date="mm/dd/yyyy",
        missing="999",
        own_sex=True,
        whole_ages_with_decimals=True,
        words={"acr_finger_skin": SKIN_DIGITS, "acr_fingertip": TIP_DIGITS, "race": US_RACES},
        names={
            "patient_id": "pt_id",
            "medical_record_number": "med_rec_no",
            "centre": "center",
            "acr_pah_ild": "pah_or_ild",
            "acr_nailfold": "nailfold_abnl",
            "digital_ulcer": "du_ever",
            "calcinosis_imaging": "calcinosis_radiograph",
            "acro_osteolysis": "acro_osteolysis_xr",
            "lesion_elbow": "elbows",
            "lesion_forearm": "forearms",
            "lesion_knee": "knees",
            "lesion_foot": "feet",
        },
    ),
    "centre_06": Habit(
        region="north_america", yes_no=PLAIN, sex=F_M, date="mm/dd/yyyy", names={"centre": "center"}
    ),
    "centre_07": Habit(
        region="australia",
        yes_no=LETTERS,
        sex=F_M,
        date="dd/mm/yyyy",
        missing="-9",
        words={"subset": ABBREVIATED, "world_region": {"australia": "AUS"}},
        names={
            "patient_id": "ascs_no",
            "medical_record_number": "ur_number",
            "visit_date": "review_date",
            "disease_duration": "disease_duration_years",
            "digital_ulcer": "ischaemic_ulcer",
            "gangrene": "digital_gangrene",
            "acr_skin_proximal": "skin_proximal_mcp",
            "tenderness": "calcinosis_tender",
            "extrusion": "calcinosis_extruded",
            "infection": "calcinosis_infected",
        },
        patterns={"finger": "{side}_{finger}", "haq": "shaq_{n}"},
    ),
    "centre_08": Habit(
        region="australia",
        yes_no=PLAIN,
        sex={"male": "male", "female": "female"},
        date="dd/mm/yyyy",
        names={"patient_id": "study_number", "medical_record_number": "ur_no"},
    ),
    "centre_09": Habit(
        region="mexico",
        yes_no=SPANISH,
        sex={"male": "Hombre", "female": "Mujer"},
        date="dd/mm/yyyy",
        missing="ND",
        decimal_comma=True,
        words={
            "race": SPANISH_RACES,
            "subset": SPANISH_SUBSETS,
            "world_region": {"mexico": "México"},
            "centre": {"centre_09": "9"},
        },
        names={
            "patient_id": "folio",
            "medical_record_number": "expediente",
            "centre": "centro",
            "world_region": "región",
            "visit_date": "fecha_visita",
            "sex": "sexo",
            "age": "edad",
            "race": "grupo_étnico",
            "subset": "subtipo",
            "disease_duration": "duración_años",
            "digital_ulcer": "úlcera_digital",
            "gangrene": "gangrena",
            "amputation": "amputación",
            "acro_osteolysis": "acroosteólisis",
        },
        patterns={"site": "calcinosis_{site}", "cochin": "cochin_p{n}"},
    ),
    "centre_10": Habit(
        region="mexico",
        yes_no=ONE_ZERO,
        sex={"male": "H", "female": "M"},
        date="dd/mm/yyyy",
        own_sex=True,
        words={"race": SPANISH_RACES, "subset": SPANISH_SUBSETS, "world_region": {"mexico": "MX"}},
        names={
            "patient_id": "folio",
            "medical_record_number": "no_expediente",
            "centre": "centro",
            "sex": "sexo",
            "age": "edad",
            "race": "etnia",
            "subset": "variedad",
            "visit_date": "fecha",
            "acr_antibody": "anticuerpos",
            "acr_telangiectasia": "telangiectasias",
        },
    ),
}


def file_of(centre: str) -> str:
    """The export file of a centre."""
    return f"{centre}.csv"


def column_names(centre: str, variables: Sequence[str]) -> dict[str, str]:
    """Our names to the centre's column names, in the order of `variables`."""
    habit = HABITS[centre]
    items = [
        n for n in variables if n.startswith("haq_") and "_aid_" not in n and "_help_" not in n
    ]
    names = {}
    for name in variables:
        parts = name.split("_")
        pattern, facts = "", {}
        if parts[0] == "lesion" and len(parts) == 3:
            pattern = habit.patterns.get("finger", "")
            facts = {"finger": parts[1], "side": parts[2], "s": parts[2][0].upper()}
        elif parts[0] == "lesion":
            pattern, facts = habit.patterns.get("site", ""), {"site": parts[1]}
        elif parts[0] == "cochin":
            pattern, facts = habit.patterns.get("cochin", ""), {"n": parts[1].lstrip("0")}
        elif name in items:
            pattern, facts = habit.patterns.get("haq", ""), {"n": str(items.index(name) + 1)}
        names[name] = habit.names.get(name) or pattern.format(**facts) or name
    return names
