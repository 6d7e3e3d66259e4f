"""A block of patients of one centre of the large simulated `multicentre`; nobody in it exists."""

from dataclasses import dataclass

import numpy as np

from calcinosis.simulate import multicentre_items as items
from calcinosis.simulate.multicentre import (
    ACRO_OSTEOLYSIS,
    DURATION_SD,
    DURATION_YEARS,
    FEMALE,
    ISCHAEMIA,
    ISCHAEMIC,
    KNOWN_SEX,
    KNOWN_SUBSET,
    LIMITED,
    LOG_ODDS,
    MISSING_SHARES,
    NO_DENSITOMETRY,
    PATIENTS,
    RACES,
    SIZES,
    T_SCORE_MEDIANS,
    T_SCORE_SD,
)
from calcinosis.simulate.multicentre_centres import HABITS
from calcinosis.simulate.multicentre_codebook import (
    CATEGORIES,
    COCHIN_ITEMS,
    ELSEWHERE,
    FINGERS,
    HAQ_ITEMS,
    SIDES,
    T_SCORES,
)

NO_YES = ("no", "yes")
MISSING = {
    **MISSING_SHARES,
    "sex": 1 - KNOWN_SEX / PATIENTS,
    "subset": 1 - KNOWN_SUBSET / PATIENTS,
    "race": 1 - sum(RACES.values()) / PATIENTS,
    "disease_duration": 0.03,
    **dict.fromkeys(("acr_finger_skin", "acr_fingertip", "acr_nailfold", "acr_antibody"), 0.02),
}
RACES_OF = {
    # Shares of caucasian, hispanic, asian, black, other.
    "north_america": (0.82, 0.07, 0.06, 0.04, 0.01),
    "australia": (0.9, 0.01, 0.08, 0.0, 0.01),
    "mexico": (0.06, 0.94, 0.0, 0.0, 0.0),
}
CENTRED_EFFECT = 0.55
"""About the mean of the covariates' effects, which the intercept takes off again."""
LEVELS_OF_HAQ, LEVELS_OF_COCHIN = (0.5, 0.8, 1.1), (0.5, 0.85, 1.35)
"""By location: no calcinosis, fingers only, beyond them."""
LOST_A_YEAR = 0.02
"""T-score; drawn, and no claim about patients."""
HAQ_SIZES = (2, 2, 3, 2, 3, 2, 3, 3)
INELIGIBLE_SHARE = 0.025


@dataclass(frozen=True)
class Codes:
    """A column: places in a list of words; below zero where the value is missing."""

    codes: np.ndarray
    words: list[str]

    @classmethod
    def constant(cls, word: str, size: int) -> "Codes":
        """A column of one word."""
        return cls(np.zeros(size, dtype=int), [word])

    @classmethod
    def flags(cls, flags: np.ndarray) -> "Codes":
        """A column of no and yes."""
        return cls(flags.astype(int), list(NO_YES))

    @classmethod
    def tenths(cls, values: np.ndarray) -> "Codes":
        """A column of numbers with one decimal; not a number where missing."""
        known = np.isfinite(values)
        whole = np.where(known, np.round(np.where(known, values, 0) * 10), 0).astype(int)
        low = int(whole.min())
        words = [f"{place / 10:.1f}" for place in range(low, int(whole.max()) + 1)]
        return cls(np.where(known, whole - low, -1), words)


def patients(rng: np.random.Generator, centre: str, size: int) -> dict[str, Codes]:
    """Draw patients of one centre.

    Parameters
    ----------
    rng : source of all that is drawn
    centre : one of `SIZES`
    size : number of patients

    Returns
    -------
    variables but ids, centre and date to their columns
    """
    columns, signs, age, female = _covariates(rng, centre, size)
    eligible, with_calcinosis = SIZES[centre]
    effect = sum(LOG_ODDS[name] * values for name, values in signs.items())
    log_odds = np.log(with_calcinosis / (eligible - with_calcinosis)) + effect - CENTRED_EFFECT
    has = rng.random(size) < 1 / (1 + np.exp(-log_odds))
    sites = _sites(rng, has)
    beyond = np.any([sites[f"lesion_{site}"] for site in ELSEWHERE], axis=0)
    columns |= {name: Codes.flags(flags) for name, flags in sites.items()}
    columns |= {name: Codes.flags(flags) for name, flags in _signs_of(rng, has, centre).items()}
    columns |= _t_scores(rng, centre, has, age, female)
    group, frailty = np.where(has, 1 + beyond, 0), rng.standard_normal(size)
    columns |= _haq(rng, group, frailty) | _cochin(rng, group, frailty)
    columns |= _criteria(rng, columns["subset"].codes == 1, size)
    for name, share in MISSING.items():
        columns[name].codes[rng.random(size) < share] = -1
    return columns


def _covariates(
    rng: np.random.Generator, centre: str, size: int
) -> tuple[dict[str, Codes], dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Columns of the patients, what the outcome depends on, ages, and who is a woman."""
    shape = (DURATION_YEARS / DURATION_SD) ** 2
    duration = np.clip(rng.gamma(shape, DURATION_YEARS / shape, size), 0.1, 55).round(1)
    age = rng.normal(53, 11.5, size) + 0.2 * (duration - DURATION_YEARS)
    age = np.clip(age.round(), np.ceil(np.maximum(19, duration + 12)), 88).astype(int)
    female = rng.random(size) < FEMALE / KNOWN_SEX
    ischaemic = rng.random(size) < ISCHAEMIC / PATIENTS
    of_digits = {
        name: ischaemic & (rng.random(size) < count / ISCHAEMIC)
        for name, count in ISCHAEMIA.items()
    }
    of_digits["digital_ulcer"] |= ischaemic & ~np.any(list(of_digits.values()), axis=0)
    bony = rng.random(size) < ACRO_OSTEOLYSIS / PATIENTS * np.where(ischaemic, 1.4, 0.85)
    columns = {
        "sex": Codes(female.astype(int), ["male", "female"]),
        "age": Codes(age, [str(years) for years in range(89)]),
        "race": Codes(rng.choice(5, size, p=RACES_OF[HABITS[centre].region]), list(RACES)),
        "subset": Codes.flags(rng.random(size) > LIMITED / KNOWN_SUBSET),
        "disease_duration": Codes.tenths(duration),
        **{name: Codes.flags(flags) for name, flags in of_digits.items()},
        "acro_osteolysis": Codes.flags(bony),
    }
    columns["subset"] = Codes(columns["subset"].codes, ["limited", "diffuse"])
    signs = {
        "disease_duration": duration / 10,
        "digital_ischaemia": ischaemic,
        "acro_osteolysis": bony,
        "age": (age - 53) / 10,
        "female": female,
    }
    return columns, signs, age, female


def _sites(rng: np.random.Generator, has: np.ndarray) -> dict[str, np.ndarray]:
    """Where the lesions are: one first finger of each affected hand, and some others."""
    size = len(has)
    people = items.RIGHT_ONLY + items.LEFT_ONLY + items.BOTH + items.BEYOND_ONLY
    shares = np.array([items.RIGHT_ONLY, items.LEFT_ONLY, items.BOTH, items.BEYOND_ONLY]) / people
    hand = rng.choice(4, size, p=shares)
    made = {}
    weights = np.array(list(items.FINGER_LESIONS.values())) / sum(items.FINGER_LESIONS.values())
    for side, hands in zip(SIDES, ((0, 2), (1, 2)), strict=True):
        affected = has & np.isin(hand, hands)
        first = rng.choice(len(FINGERS), size, p=weights)
        for number, finger in enumerate(FINGERS):
            more = (first == number) | (rng.random(size) < 0.5 * weights[number])
            made[f"lesion_{finger}_{side}"] = affected & more
    elsewhere = has & ((hand == 3) | (rng.random(size) < items.FINGERS_AND_BEYOND / people))
    weights = np.array(list(items.OTHER_LESIONS.values())) / sum(items.OTHER_LESIONS.values())
    first = rng.choice(len(ELSEWHERE), size, p=weights)
    for number, site in enumerate(ELSEWHERE):
        more = (first == number) | (rng.random(size) < 0.4 * weights[number])
        made[f"lesion_{site}"] = elsewhere & more
    return made


def _signs_of(rng: np.random.Generator, has: np.ndarray, centre: str) -> dict[str, np.ndarray]:
    """Complications, and how calcinosis became known, by how often the centre takes films."""
    size, people = len(has), sum(count for _, count in SIZES.values())
    made = {
        name: has & (rng.random(size) < count / people)
        for name, count in (
            ("tenderness", items.TENDERNESS),
            ("extrusion", items.EXTRUSION),
            ("infection", items.INFECTION),
        )
    }
    filmed = rng.random(size) < np.linspace(0.2, 0.85, len(SIZES))[list(SIZES).index(centre)]
    told = made["extrusion"] | (rng.random(size) < 0.08)
    examined = (rng.random(size) < 0.75) | (~filmed & ~told)
    found = {"imaging": filmed, "examination": examined, "history": told}
    return made | {f"calcinosis_{name}": has & flags for name, flags in found.items()}


def _t_scores(
    rng: np.random.Generator, centre: str, has: np.ndarray, age: np.ndarray, female: np.ndarray
) -> dict[str, Codes]:
    """Densitometry of rather older women; the lowest site has the median of the group."""
    size = len(has)
    share = 0.0 if centre in NO_DENSITOMETRY else 0.05
    scanned = rng.random(size) < share * np.exp((age - 55) / 12) * np.where(female, 3, 1)
    median = np.where(has, T_SCORE_MEDIANS["yes"][1], T_SCORE_MEDIANS["no"][1])
    median = median - LOST_A_YEAR * (age - 60) + np.where(female, 0, 0.2)
    lowest = np.clip(rng.normal(median, T_SCORE_SD), -5.9, 2)
    site = rng.integers(0, len(T_SCORES), size)
    made = {}
    for number, name in enumerate(T_SCORES):
        above = np.minimum(lowest + 0.1 + np.abs(rng.normal(0, 0.6, size)), 3.9)
        measured = scanned & ((site == number) | (rng.random(size) < 0.85))
        score = np.where(site == number, lowest, above)
        made[name] = Codes.tenths(np.where(measured, score, np.nan))
    return made


def _haq(rng: np.random.Generator, group: np.ndarray, frailty: np.ndarray) -> dict[str, Codes]:
    """Items, aids and help; of each category one item is the worst."""
    size = len(group)
    person = np.clip(np.array(LEVELS_OF_HAQ)[group] + 0.6 * frailty, 0, 2.9)
    made, names, start = {}, list(HAQ_ITEMS), 0
    for category, count in zip(CATEGORIES, HAQ_SIZES, strict=True):
        noise = rng.normal(0, 0.5, size) + rng.random(size)
        worst = np.clip(np.floor(person + noise), 0, 3).astype(int)
        lead = rng.integers(0, count, size)
        for number in range(count):
            lower = np.where(rng.random(size) < 0.4, worst, rng.integers(0, worst + 1))
            grades = np.where(lead == number, worst, lower)
            made[names[start + number]] = Codes(grades, ["0", "1", "2", "3"])
        start += count
        for kind in ("aid", "help"):
            needed = rng.random(size) < np.array([0.01, 0.05, 0.25, 0.45])[worst]
            made[f"haq_{kind}_{category}"] = Codes.flags(needed)
    del made["haq_aid_activities"]  # no aids or devices belong to activities
    return made


def _cochin(rng: np.random.Generator, group: np.ndarray, frailty: np.ndarray) -> dict[str, Codes]:
    size = len(group)
    hands = 0.85 * frailty + np.sqrt(1 - 0.85**2) * rng.standard_normal(size)
    person = np.array(LEVELS_OF_COCHIN)[group] + 0.7 * hands
    made = {}
    for name in COCHIN_ITEMS:
        grades = np.floor(person + rng.normal(0, 0.6, size) + rng.random(size))
        made[name] = Codes(np.clip(grades, 0, 5).astype(int), [str(g) for g in range(6)])
    return made


def _criteria(rng: np.random.Generator, diffuse: np.ndarray, size: int) -> dict[str, Codes]:
    """Items of the classification; few patients have none of them, or another disease."""
    low = rng.random(size) < INELIGIBLE_SHARE
    proximal = (diffuse | (rng.random(size) < 0.55)) & ~low
    finger = np.where(low, 0, np.where(rng.random(size) < 0.85, 2, 1))
    tip = np.where(low, 0, rng.choice(3, size, p=[0.6, 0.15, 0.25]))
    made = {
        "acr_skin_proximal": Codes.flags(proximal),
        "acr_finger_skin": Codes(finger, ["none", "puffy", "sclerodactyly"]),
        "acr_fingertip": Codes(tip, ["none", "ulcers", "pitting_scars"]),
    }
    for name, share in (("telangiectasia", 0.7), ("nailfold", 0.8), ("pah_ild", 0.45)):
        made[f"acr_{name}"] = Codes.flags((rng.random(size) < share) & ~low)
    # Three points each: with sclerodactyly nine are then reached without the skin of the hand.
    for name in ("raynaud", "antibody"):
        made[f"acr_{name}"] = Codes.flags(((rng.random(size) < 0.9) | ~proximal) & ~low)
    made["acr_fingers_spared"] = Codes.flags(rng.random(size) < 0.002)
    made["acr_mimic"] = Codes.flags(rng.random(size) < 0.003)
    return made
