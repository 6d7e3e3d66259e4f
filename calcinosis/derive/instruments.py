"""The items, levels and classes of the instruments, without any computation."""

from dataclasses import dataclass

ACR_EULAR_SUFFICIENT = "acr_skin_proximal"
ACR_EULAR_WEIGHTS: dict[str, dict[str, int]] = {
    # Only the higher weight of a domain counts, so that each domain is one variable.
    "acr_finger_skin": {"none": 0, "puffy": 2, "sclerodactyly": 4},
    "acr_fingertip": {"none": 0, "ulcers": 2, "pitting_scars": 3},
    "acr_telangiectasia": {"no": 0, "yes": 2},
    "acr_nailfold": {"no": 0, "yes": 2},
    "acr_pah_ild": {"no": 0, "yes": 2},
    "acr_raynaud": {"no": 0, "yes": 3},
    "acr_antibody": {"no": 0, "yes": 3},
}
"""van den Hoogen F et al. Ann Rheum Dis 2013;72:1747-55, doi 10.1136/annrheumdis-2013-204424."""
ACR_EULAR_EXCLUSIONS = ("acr_fingers_spared", "acr_mimic")
ACR_EULAR_LEVELS: dict[str, tuple[str, ...]] = {
    ACR_EULAR_SUFFICIENT: ("no", "yes"),
    **{domain: tuple(weights) for domain, weights in ACR_EULAR_WEIGHTS.items()},
    **dict.fromkeys(ACR_EULAR_EXCLUSIONS, ("no", "yes")),
}
ACR_EULAR_CLASSES = ("does_not_meet", "meets")

HAQ_CATEGORIES: dict[str, tuple[str, ...]] = {
    "dressing": ("haq_dress", "haq_shampoo"),
    "arising": ("haq_stand", "haq_bed"),
    "eating": ("haq_cut_meat", "haq_lift_cup", "haq_milk_carton"),
    "walking": ("haq_walk", "haq_steps"),
    "hygiene": ("haq_wash", "haq_tub", "haq_toilet"),
    "reach": ("haq_reach", "haq_bend"),
    "grip": ("haq_car_doors", "haq_jars", "haq_faucets"),
    "activities": ("haq_errands", "haq_car", "haq_chores"),
}
HAQ_AIDS = tuple(f"haq_{what}_{of}" for of in HAQ_CATEGORIES for what in ("aid", "help"))


@dataclass(frozen=True)
class Instrument:
    """Items that are each recorded from 0 to `highest`."""

    items: tuple[str, ...]
    highest: int


HAQ = Instrument(tuple(item for items in HAQ_CATEGORIES.values() for item in items), 3)
COCHIN = Instrument(tuple(f"cochin_{number:02d}" for number in range(1, 19)), 5)
"""Hand function scale, 18 items from 0 to 5 (Duruöz MT et al. J Rheumatol 1996;23:1167-72)."""
MRSS = Instrument(
    (
        *("mrss_face", "mrss_chest", "mrss_abdomen"),
        *(
            f"mrss_{site}_{side}"
            for site in ("fingers", "hand", "forearm", "upper_arm", "thigh", "lower_leg", "foot")
            for side in ("right", "left")
        ),
    ),
    3,
)
"""Modified Rodnan skin score, 17 sites from 0 to 3 (Clements 1993)."""
QUESTIONNAIRES = {"haq_di": HAQ, "cochin": COCHIN}
"""Instruments of the disability section."""
TOTALS = {"mrss": MRSS}
"""Instruments whose total a plan may ask for by name."""
VISUAL_SCALES = {
    "shaq_pain": "SHAQ: pain",
    "shaq_gastrointestinal": "SHAQ: bowel",
    "shaq_lung": "SHAQ: breathing",
    "shaq_raynaud": "SHAQ: Raynaud's phenomenon",
    "shaq_digital_ulcers": "SHAQ: digital ulcers",
    "shaq_overall": "SHAQ: overall severity",
}
"""The visual scales of the scleroderma HAQ, and their labels."""
VISUAL_SCALE_MAXIMUM = 3
"""A visual scale of the SHAQ runs from 0 to 3, as the HAQ does."""

LOCATION_CLASSES = ("none", "fingers_only", "fingers_and_beyond", "beyond_only")
"""The last is an addition to those of Valenzuela 2020 (doi 10.1016/j.semarthrit.2020.06.007)."""
LESION_COUNT_CLASSES = ("none", "one_lesion", "two_or_three_lesions", "four_or_more_lesions")
LEAST_OF_CLASS = (0, 1, 2, 4)
"""Lesions from which a patient is in each of these classes."""
WHO_CLASSES = ("normal", "osteopenia", "osteoporosis")
WHO_GROUPS = (
    *("postmenopausal_woman", "man_of_50_or_more"),
    *("premenopausal_woman", "man_below_50", "who_not_known"),
)
WHO_ELIGIBLE = list(WHO_GROUPS[:2])
"""The groups that the WHO classes are meant for."""
Z_CLASSES = ("within_expected_range", "below_expected_range")
Z_ELIGIBLE = list(WHO_GROUPS[2:4])
"""The groups that Z-scores are meant for."""
