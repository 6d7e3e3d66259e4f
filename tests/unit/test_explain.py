"""Which patients and which columns of the export `calcinosis explain` names."""

import pandas as pd
import pytest

from calcinosis import scoring
from calcinosis.derive.instruments import COCHIN, HAQ, HAQ_AIDS
from calcinosis.estimates import Row
from calcinosis.explain import counted

SCORED = {
    "definitions": {"calcinosis": {"any_of": ["imaging", "history"]}},
    "totals": {"skin": {"items": ["skin_1", "skin_2"]}},
    "classification": "acr_eular_2013",
    "lesions": {"sites": {"thumb": ["thumb_r", "thumb_l"]}, "among": "calcinosis"},
    "bone_density": {
        "sites": ["hip", "neck"],
        "z_scores": ["z_hip"],
        "who": {"sex": "sex", "age": "age", "postmenopausal": None},
        "densities": {"neck": {"variable": "bmd", "references": [{"when": {"scanner": ["a"]}}]}},
    },
    "disability": {
        "haq_di": {"haq_di": True, "haq_di_without_aids": False},
        "cochin": True,
        "visual_scales": {"shaq_pain": {"variable": "line"}},
    },
}
LESIONS = {"calcinosis", "imaging", "history", "thumb_r", "thumb_l"}
T_SCORES = {"t_score", "hip", "neck", "bmd", "scanner"}


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("age", {"age"}),
        ("calcinosis_count", {"calcinosis_count", "imaging", "history"}),
        ("skin_upper", {"skin_upper", "skin_1", "skin_2"}),
        ("lesion_count_class", {"lesion_count_class", *LESIONS}),
        ("side_right_thumb", {"side_right_thumb", *LESIONS}),
        ("t_score", T_SCORES),
        ("who_class", {"who_class", "sex", "age", *T_SCORES}),
        ("z_class", {"z_class", "z_hip", "sex", "age"}),
        ("haq_di_lower", {"haq_di_lower", *HAQ.items, *HAQ_AIDS}),
        ("haq_di_without_aids", {"haq_di_without_aids", *HAQ.items}),
        ("cochin", {"cochin", *COCHIN.items}),
        ("shaq_pain", {"shaq_pain", "line"}),
    ],
)
def test_a_derived_variable_leads_to_all_that_it_is_made_of(name, parts):
    assert scoring.made_of(name, SCORED) == parts


def test_a_plan_without_scores_derives_nothing():
    nothing = {"definitions": {}, "totals": {}, "classification": None}
    nothing |= dict.fromkeys(("lesions", "bone_density", "disability"))
    assert scoring.made_of("t_score", nothing) == {"t_score"}


FRAME = pd.DataFrame(
    {
        "patient_id": list("abcdef"),
        "place": pd.Categorical(["x", "x", "y", "y", "z", None], ["x", "y", "z"]),
        "score": [1.0, None, 2.0, 3.0, 4.0, 5.0],
    }
)


@pytest.mark.parametrize(
    ("fields", "patients", "said"),
    [
        ({"group": "place=y"}, "cd", ["place is y"]),
        ({"group": "place=y", "reference": "place=x"}, "acd", ["place is y or x"]),
        ({"group": "place=y", "model": "leave_one_out"}, "ae", ["place is not y"]),
        ({"group": "overall"}, "acdef", []),
    ],
)
def test_the_patients_of_a_number_are_those_it_compares(fields, patients, said):
    row = Row(analysis="disability", statistic="mean", term="score", **fields)
    frame, words = counted(FRAME, row)
    assert "".join(frame["patient_id"]) == patients
    assert words == [*said, "score is known"]
