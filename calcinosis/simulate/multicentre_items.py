"""What is drawn of each patient of the simulated cohort `multicentre`: sites, scores and criteria.

All functions return canonical texts, one row per patient.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from calcinosis.simulate.multicentre_codebook import (
    CATEGORIES,
    COCHIN_ITEMS,
    ELSEWHERE,
    FINGERS,
    HAQ_ITEMS,
    SIDES,
)

# Of all 500 lesions: thumbs 19 %, falling to 8 % at the little fingers, all fingers 70 %.
FINGER_LESIONS = {"thumb": 95, "index": 80, "middle": 75, "ring": 60, "little": 40}
OTHER_LESIONS = {"elbow": 55, "forearm": 40, "knee": 20, "foot": 12, "trunk": 8, "other": 15}
# Of the patients with lesions of fingers 25 % have them at the right hand only, 11 % at the left.
RIGHT_ONLY, LEFT_ONLY, BOTH = 38, 17, 98
BEYOND_ONLY, FINGERS_AND_BEYOND = 62, 53
TENDERNESS, EXTRUSION, INFECTION = 62, 43, 4

HAQ_MEANS = (0.8, 1.0, 1.3)
COCHIN_MEANS = (12.0, 18.0, 27.0)
"""By location: no calcinosis, fingers and thumbs only, beyond them."""

ACR_ITEMS = (
    "acr_skin_proximal",
    "acr_finger_skin",
    "acr_fingertip",
    "acr_telangiectasia",
    "acr_nailfold",
    "acr_pah_ild",
    "acr_raynaud",
    "acr_antibody",
    "acr_fingers_spared",
    "acr_mimic",
)
_POINTS = {
    ("acr_finger_skin", "puffy"): 2,
    ("acr_finger_skin", "sclerodactyly"): 4,
    ("acr_fingertip", "ulcers"): 2,
    ("acr_fingertip", "pitting_scars"): 3,
    ("acr_telangiectasia", "yes"): 2,
    ("acr_nailfold", "yes"): 2,
    ("acr_pah_ild", "yes"): 2,
    ("acr_raynaud", "yes"): 3,
    ("acr_antibody", "yes"): 3,
}
_OFTEN = {
    "acr_telangiectasia": 0.7,
    "acr_nailfold": 0.8,
    "acr_pah_ild": 0.45,
    "acr_raynaud": 0.97,
    "acr_antibody": 0.75,
}


def lesions(rng: np.random.Generator, has_calcinosis: np.ndarray) -> pd.DataFrame:
    """Sites of the patients with calcinosis: at least one each, with the printed shares."""
    names = [f"lesion_{finger}_{side}" for finger in FINGERS for side in SIDES]
    frame = pd.DataFrame(
        "no",
        index=range(len(has_calcinosis)),
        columns=[*names, *(f"lesion_{site}" for site in ELSEWHERE)],
    )
    people = rng.permutation(np.flatnonzero(has_calcinosis))
    on_fingers, beyond_only = people[:-BEYOND_ONLY], people[-BEYOND_ONLY:]
    sides = [("right",)] * RIGHT_ONLY + [("left",)] * LEFT_ONLY + [SIDES] * BOTH
    hands = [(p, side) for p, of in zip(on_fingers, sides, strict=True) for side in of]
    fingers = [name for name, count in FINGER_LESIONS.items() for _ in range(count)]
    rng.shuffle(fingers)
    for hand, finger in zip(hands, fingers[: len(hands)], strict=True):
        frame.loc[hand[0], f"lesion_{finger}_{hand[1]}"] = "yes"
    for finger in fingers[len(hands) :]:
        free = [hand for hand in hands if frame.loc[hand[0], f"lesion_{finger}_{hand[1]}"] == "no"]
        patient, side = free[int(rng.integers(len(free)))]
        frame.loc[patient, f"lesion_{finger}_{side}"] = "yes"
    elsewhere = [name for name, count in OTHER_LESIONS.items() for _ in range(count)]
    rng.shuffle(elsewhere)
    beyond = [*beyond_only, *rng.choice(on_fingers, FINGERS_AND_BEYOND, replace=False)]
    for patient, site in zip(beyond, elsewhere[: len(beyond)], strict=True):
        frame.loc[patient, f"lesion_{site}"] = "yes"
    for site in elsewhere[len(beyond) :]:
        free = [p for p in beyond if frame.loc[p, f"lesion_{site}"] == "no"]
        frame.loc[free[int(rng.integers(len(free)))], f"lesion_{site}"] = "yes"
    return frame


def complications(
    rng: np.random.Generator, has_calcinosis: np.ndarray, centre: pd.Series
) -> pd.DataFrame:
    """How calcinosis became known, by the centre's habit of looking, and its complications."""
    people = np.flatnonzero(has_calcinosis)
    frame = pd.DataFrame(index=range(len(has_calcinosis)))
    counts = {"tenderness": TENDERNESS, "extrusion": EXTRUSION, "infection": INFECTION}
    for name, count in counts.items():
        chosen = rng.choice(people, count, replace=False)
        frame[name] = np.where(np.isin(frame.index, chosen), "yes", "no")
    films = dict(zip(centre.unique(), _shares(rng), strict=True))
    filmed = rng.random(len(frame)) < centre.map(films)
    examined = rng.random(len(frame)) < 0.75
    told = (frame["extrusion"] == "yes") | (rng.random(len(frame)) < 0.08)
    examined |= ~filmed & ~told
    for name, flags in (("imaging", filmed), ("examination", examined), ("history", told)):
        frame[f"calcinosis_{name}"] = np.where(flags & has_calcinosis, "yes", "no")
    return frame


def _shares(rng: np.random.Generator) -> np.ndarray:
    return rng.permutation(np.linspace(0.2, 0.85, 10))


def _calibrated(
    group: np.ndarray, means: tuple[float, ...], score: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """The level of each patient at which the means of the groups are as wanted."""
    level = np.array(means, dtype=float)
    for _ in range(25):
        reached = score(level[group])
        level += [mean - reached[group == g].mean() for g, mean in enumerate(means)]
    return level[group]


def haq(rng: np.random.Generator, group: np.ndarray, frailty: np.ndarray) -> pd.DataFrame:
    """Items, aids and help of the HAQ; the index has the wanted mean in each group."""
    n = len(group)
    noise = rng.normal(0, 0.5, (n, len(CATEGORIES))) + rng.random((n, len(CATEGORIES)))
    luck = rng.random((n, len(CATEGORIES), 2))
    flag_shares = np.array([0.01, 0.05, 0.25, 0.45])

    def worst_items(level: np.ndarray) -> np.ndarray:
        person = np.clip(level + 0.6 * frailty, 0, 2.9)
        return np.clip(np.floor(person[:, None] + noise), 0, 3).astype(int)

    def flags(worst: np.ndarray) -> np.ndarray:
        chosen = luck < flag_shares[worst][:, :, None]
        chosen[:, -1, 0] = False  # no aids or devices belong to activities
        return np.asarray(chosen)

    def index(level: np.ndarray) -> np.ndarray:
        worst = worst_items(level)
        raised = np.where(flags(worst).any(axis=2), np.maximum(worst, 2), worst)
        return np.asarray(raised.mean(axis=1))

    worst = worst_items(_calibrated(group, HAQ_MEANS, index))
    sizes = (2, 2, 3, 2, 3, 2, 3, 3)
    category = np.repeat(np.arange(len(CATEGORIES)), sizes)
    of_item = worst[:, category]
    items = np.where(rng.random(of_item.shape) < 0.4, of_item, rng.integers(0, of_item + 1))
    starts = np.cumsum((0, *sizes[:-1]))
    leads = starts + (rng.random((n, len(CATEGORIES))) * sizes).astype(int)
    np.put_along_axis(items, leads, worst, axis=1)
    frame = pd.DataFrame(items.astype(str), columns=list(HAQ_ITEMS))
    chosen = flags(worst)
    for which, kind in enumerate(("aid", "help")):
        for number, name in enumerate(CATEGORIES):
            if (kind, name) != ("aid", "activities"):
                frame[f"haq_{kind}_{name}"] = np.where(chosen[:, number, which], "yes", "no")
    return frame


def cochin(rng: np.random.Generator, group: np.ndarray, frailty: np.ndarray) -> pd.DataFrame:
    """Items of the Cochin hand function scale, near the disability of the same patient."""
    n = len(group)
    noise = rng.normal(0, 0.6, (n, len(COCHIN_ITEMS))) + rng.random((n, len(COCHIN_ITEMS)))
    hands = 0.85 * frailty + np.sqrt(1 - 0.85**2) * rng.standard_normal(n)

    def items(level: np.ndarray) -> np.ndarray:
        person = level / len(COCHIN_ITEMS) + 0.7 * hands
        return np.clip(np.floor(person[:, None] + noise), 0, 5).astype(int)

    level = _calibrated(group, COCHIN_MEANS, lambda value: items(value).sum(axis=1))
    return pd.DataFrame(items(level).astype(str), columns=list(COCHIN_ITEMS))


def points(row: dict[str, str]) -> int:
    """Points of the known items without skin thickening proximal to the MCP joints."""
    return sum(_POINTS.get(item, 0) for item in row.items())


def classifiable(rng: np.random.Generator, frame: pd.DataFrame) -> pd.DataFrame:
    """Items of patients who meet the criteria, though a few items are missing."""
    rows = []
    for subset, ulcer in zip(frame["subset"], frame["digital_ulcer"], strict=True):
        proximal = subset == "diffuse" or rng.random() < 0.55
        while True:
            row = _drawn(rng, proximal=proximal, ulcer=ulcer == "yes")
            if proximal or points(row) >= 9:
                break
        for item in (*_OFTEN, "acr_finger_skin", "acr_fingertip"):
            left = row | {item: ""}
            if rng.random() < 0.03 and (proximal or points(left) >= 9):
                row = left
        rows.append(row)
    return pd.DataFrame(rows)


def _drawn(rng: np.random.Generator, *, proximal: bool, ulcer: bool) -> dict[str, str]:
    tip = "pitting_scars" if rng.random() < (0.6 if ulcer else 0.15) else "none"
    return {
        "acr_skin_proximal": "yes" if proximal else "no",
        "acr_finger_skin": "sclerodactyly" if rng.random() < 0.85 else "puffy",
        "acr_fingertip": "ulcers" if ulcer and tip == "none" else tip,
        **{item: "yes" if rng.random() < share else "no" for item, share in _OFTEN.items()},
        "acr_fingers_spared": "no",
        "acr_mimic": "no",
    }


def not_classifiable(rng: np.random.Generator, kind: str) -> dict[str, str]:
    """Items of a patient who does not reach nine points, is indeterminate, or has an exclusion."""
    if kind in ("mimic", "spared"):
        row = _drawn(rng, proximal=True, ulcer=False)
        excluded = "acr_mimic" if kind == "mimic" else "acr_fingers_spared"
        return row | {excluded: "yes"}
    while True:
        row = _drawn(rng, proximal=False, ulcer=False)
        if kind == "unknown":
            row |= {"acr_antibody": "", "acr_nailfold": ""}
            if 4 <= points(row) < 9:
                return row
        else:
            row["acr_finger_skin"] = "puffy" if rng.random() < 0.5 else "none"
            if points(row) < 9:
                return row
