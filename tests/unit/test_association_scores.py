"""Composites, classification and questionnaires against vectors computed by hand."""

import numpy as np
import pandas as pd
import pytest
from builders import ROOT

from calcinosis.derive import (
    bone_density,
    classification,
    definitions,
    disability,
    instruments,
    lesions,
    totals,
)

YES_NO = pd.CategoricalDtype(["no", "yes"], ordered=True)


def yes_no(*values: str | None) -> pd.Series:
    return pd.Series(list(values), dtype=object).astype(YES_NO)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("no", "no"), "no"),
        (("yes", "no"), "yes"),
        (("yes", None), "yes"),
        (("no", None), None),
        ((None, None), None),
    ],
)
def test_any_of(parts, expected):
    frame = pd.DataFrame({"ulcer": yes_no(parts[0]), "gangrene": yes_no(parts[1])})
    found = definitions.any_of(frame, ["ulcer", "gangrene"]).iloc[0]
    assert found == expected if expected else pd.isna(found)


ABSENT = dict.fromkeys(instruments.ACR_EULAR_LEVELS, "no") | {
    "acr_finger_skin": "none",
    "acr_fingertip": "none",
}


@pytest.mark.parametrize(
    ("items", "lower", "upper", "expected"),
    [
        # Raynaud, sclerodactyly, pitting scar, telangiectasia, nailfold, antibody, lung: all of it.
        (
            {
                "acr_finger_skin": "sclerodactyly",
                "acr_fingertip": "pitting_scars",
                "acr_telangiectasia": "yes",
                "acr_nailfold": "yes",
                "acr_pah_ild": "yes",
                "acr_raynaud": "yes",
                "acr_antibody": "yes",
            },
            19,
            19,
            "meets",
        ),
        ({"acr_skin_proximal": "yes"}, 9, 9, "meets"),
        (
            {"acr_raynaud": "yes", "acr_antibody": "yes", "acr_nailfold": "yes"},
            8,
            8,
            "does_not_meet",
        ),
        (
            {"acr_raynaud": "yes", "acr_antibody": "yes", "acr_nailfold": None},
            6,
            8,
            "does_not_meet",
        ),
        (
            {"acr_finger_skin": "sclerodactyly", "acr_raynaud": "yes", "acr_nailfold": None},
            7,
            9,
            None,
        ),
        ({"acr_skin_proximal": "yes", "acr_mimic": "yes"}, 9, 9, "does_not_meet"),
        ({"acr_skin_proximal": "yes", "acr_fingers_spared": None}, 9, 9, None),
        ({"acr_skin_proximal": None}, 0, 9, None),
    ],
)
def test_acr_eular_2013(items, lower, upper, expected):
    frame = pd.DataFrame({k: pd.Series([v], dtype=object) for k, v in (ABSENT | items).items()})
    result = classification.acr_eular_2013(frame).iloc[0]
    assert (result["acr_eular_lower"], result["acr_eular_upper"]) == (lower, upper)
    found = result["acr_eular_2013"]
    assert found == expected if expected else pd.isna(found)


def haq(**scores: float | None) -> pd.DataFrame:
    """A patient without difficulty, but for the items that are given."""
    items = {item: 0.0 for category in instruments.HAQ_CATEGORIES.values() for item in category}
    return pd.DataFrame([items | scores]).apply(pd.to_numeric)


@pytest.mark.parametrize(
    ("frame", "aids", "expected"),
    [
        (haq(), True, 0.0),
        (haq(haq_jars=3, haq_faucets=1), True, 0.375),
        (haq(haq_dress=1, haq_walk=2, haq_bend=1), True, 0.5),
        (haq().assign(haq_aid_walking="yes"), True, 0.25),
        (haq(haq_walk=3).assign(haq_aid_walking="yes"), True, 0.375),
        (haq().assign(haq_help_grip="yes"), True, 0.25),
        (haq().assign(haq_help_grip="yes"), False, 0.0),
        (haq(haq_dress=None, haq_shampoo=None, haq_stand=1), True, 1 / 7),
        (haq(haq_dress=None, haq_shampoo=2), True, 0.25),
    ],
)
def test_haq_di(frame, aids, expected):
    assert disability.haq_di(frame, aids=aids)["score"].iloc[0] == pytest.approx(expected)


def test_haq_di_needs_six_categories():
    lost = [i for c in ("dressing", "arising", "eating") for i in instruments.HAQ_CATEGORIES[c]]
    frame = haq().assign(**dict.fromkeys(lost, np.nan))
    assert disability.haq_di(frame)["score"].isna().all()
    assert disability.haq_di(frame.assign(haq_stand=0.0))["score"].notna().all()


def test_cochin_is_the_sum_of_complete_items():
    frame = pd.DataFrame([dict.fromkeys(instruments.COCHIN.items, 5.0)] * 2)
    frame.loc[1, "cochin_07"] = np.nan
    scores = totals.total(frame, *vars(instruments.COCHIN).values())["score"]
    assert scores[0] == 90
    assert pd.isna(scores[1])


@pytest.mark.parametrize(
    ("score", "expected"),
    [(-1.0, "normal"), (-1.1, "osteopenia"), (-2.4, "osteopenia"), (-2.5, "osteoporosis")],
)
def test_who_class(score, expected):
    woman = pd.Series(["postmenopausal_woman"])
    assert bone_density.who_class(pd.Series([score]), woman).iloc[0] == expected
    assert bone_density.who_class(pd.Series([np.nan]), woman).isna().all()
    for group in ("premenopausal_woman", "man_below_50", "who_not_known"):
        assert bone_density.who_class(pd.Series([score]), pd.Series([group])).isna().all()


@pytest.mark.parametrize(
    ("sex", "age", "after_menopause", "expected"),
    [
        ("female", 45, "yes", "postmenopausal_woman"),
        ("female", 70, "no", "premenopausal_woman"),
        ("female", 70, None, "who_not_known"),
        ("male", 50, None, "man_of_50_or_more"),
        ("male", 49.9, "yes", "man_below_50"),
        ("male", np.nan, "no", "who_not_known"),
        (None, 70, "yes", "who_not_known"),
        ("other", 70, "yes", "who_not_known"),
    ],
)
def test_whom_the_who_classes_are_meant_for(sex, age, after_menopause, expected):
    frame = pd.DataFrame(
        {
            "sex": pd.Categorical([sex], ["male", "female", "other"]),
            "age": [age],
            "menopause": yes_no(after_menopause),
        }
    )
    rule = {"sex": "sex", "women": "female", "men": "male", "age": "age"}
    found = bone_density.who_group(frame, **rule, postmenopausal="menopause").iloc[0]
    assert found == expected
    unsaid = bone_density.who_group(frame, **rule, postmenopausal=None).iloc[0]
    assert unsaid == ("who_not_known" if sex == "female" else expected)


WHITE_WOMEN = {"mean": 0.858, "sd": 0.120, "when": {}}
"""Femoral neck in g/cm2, Looker 1998, doi 10.1007/s001980050093."""


@pytest.mark.parametrize(("density", "score"), [(0.858, 0), (0.738, -1), (0.558, -2.5)])
def test_t_score_of_a_density(density, score):
    frame = pd.DataFrame({"neck": [density]})
    assert bone_density.from_density(frame, "neck", [WHITE_WOMEN]).tolist() == [score]


def test_each_patient_is_compared_with_the_reference_that_is_meant_for_them():
    frame = pd.DataFrame(
        {
            "neck": [0.738, 0.797, np.nan, 0.738, 0.738],
            "sex": pd.Categorical(["female", "male", "female", None, "female"]),
            "scanner": ["hologic", "hologic", "hologic", "hologic", "lunar"],
        }
    )
    women = WHITE_WOMEN | {"when": {"sex": ["female"], "scanner": ["hologic"]}}
    men = {"mean": 0.934, "sd": 0.137, "when": {"sex": ["male"]}}
    found = bone_density.from_density(frame, "neck", [women, men])
    assert found.tolist()[:2] == [-1, -1]
    assert found[2:].isna().all()


def test_lowest_t_score_is_of_the_sites_measured():
    frame = pd.DataFrame({"spine": [-1.0, np.nan, np.nan], "hip": [-2.5, -0.5, np.nan]})
    found = bone_density.t_score(frame, ["spine", "hip"], "lowest")
    assert found.tolist()[:2] == [-2.5, -0.5]
    assert pd.isna(found[2])


SITES = {"thumb": ["thumb_right", "thumb_left"], "elbow": ["elbow"]}


@pytest.mark.parametrize(
    ("thumbs", "elbow", "calcinosis", "expected"),
    [
        (("no", "no"), "no", "no", "none"),
        (("yes", "no"), "no", "yes", "fingers_only"),
        (("no", "yes"), "yes", "yes", "fingers_and_beyond"),
        (("no", "no"), "yes", "yes", "beyond_only"),
        (("no", None), "yes", "yes", None),
        (("yes", None), "no", "yes", "fingers_only"),
        (("yes", "no"), None, "yes", None),
    ],
)
def test_location_class(thumbs, elbow, calcinosis, expected):
    frame = pd.DataFrame(
        {
            "thumb_right": yes_no(thumbs[0]),
            "thumb_left": yes_no(thumbs[1]),
            "elbow": yes_no(elbow),
            "calcinosis": yes_no(calcinosis),
        }
    )
    found = lesions.location_class(frame, SITES, ["thumb"], "calcinosis").iloc[0]
    assert found == expected if expected else pd.isna(found)


def test_the_page_names_every_item():
    page = (ROOT / "docs" / "derive.md").read_text("utf-8")
    names = {*instruments.HAQ.items, *instruments.ACR_EULAR_LEVELS}
    assert {name for name in names if f"`{name}`" not in page} == set()
