"""The simulated cohort `multicentre`: nobody in it exists.

The margins are those that the abstract of Valenzuela 2020 (doi 10.1016/j.semarthrit.2020.06.007)
and its interim abstract (ACR 2016, number 836) print. What they do not print (shares by centre,
items of questionnaires, covariates of single patients) is drawn here and is no claim about their
patients.
"""

import numpy as np
import pandas as pd
from scipy import stats

from calcinosis.simulate.multicentre_centres import HABITS
from calcinosis.simulate.multicentre_codebook import (
    CATEGORIES,
    COCHIN_ITEMS,
    HAQ_ITEMS,
    T_SCORES,
    VARIABLES,
)
from calcinosis.simulate.multicentre_items import (
    ACR_ITEMS,
    classifiable,
    cochin,
    complications,
    haq,
    lesions,
    not_classifiable,
)
from calcinosis.simulate.multicentre_mess import CentreExport, make_a_mess

SEED = 20200602

SIZES = {  # eligible patients, and those of them with calcinosis: 568 and 215
    "centre_01": (131, 50),
    "centre_02": (94, 34),
    "centre_03": (72, 30),
    "centre_04": (58, 20),
    "centre_05": (37, 16),
    "centre_06": (4, 2),
    "centre_07": (63, 22),
    "centre_08": (29, 10),
    "centre_09": (52, 21),
    "centre_10": (28, 10),
}
INELIGIBLE = {  # 8 do not reach nine points, 3 are indeterminate, 3 have an exclusion
    "centre_01": ("low", "low", "unknown", "mimic"),
    "centre_02": ("low", "low", "mimic"),
    "centre_03": ("low", "unknown"),
    "centre_04": ("low", "spared"),
    "centre_07": ("low",),
    "centre_09": ("low", "unknown"),
}
PATIENTS = sum(size for size, _ in SIZES.values())
# Of the patients in whom it is known: 88 % female, 55 % limited, 64 % Caucasian, 29 % Hispanic.
KNOWN_SEX, FEMALE = 564, 496
KNOWN_SUBSET, LIMITED = 540, 297
RACES = {"caucasian": 348, "hispanic": 158, "asian": 22, "black": 12, "other": 4}
DURATION_YEARS, DURATION_SD = 11.1, 9.3
ISCHAEMIA = {"digital_ulcer": 142, "pulp_loss": 57, "gangrene": 20, "amputation": 23}
ISCHAEMIC, ACRO_OSTEOLYSIS = 171, 29
LOG_ODDS = {
    # The first three are the printed odds ratios; the duration's unit is not printed, ten years is
    # what its p-value and the interim SD imply. The others are drawn.
    "disease_duration": np.log(1.24),
    "digital_ischaemia": np.log(1.8),
    "acro_osteolysis": np.log(2.97),
    "age": np.log(1.04),
    "female": np.log(1.25),
}
T_SCORE_MEDIANS = {"yes": (30, -2.2), "no": (38, -1.7)}
T_SCORE_SD = 0.68
NO_DENSITOMETRY = ("centre_05", "centre_06", "centre_08", "centre_10")
COMPLETE_CENTRE = "centre_06"
"""The centre of four patients has no missing value, so that its effect can be estimated."""
MISSING_SHARES = {
    "age": 0.012,
    "acro_osteolysis": 0.03,
    **dict.fromkeys(ISCHAEMIA, 0.012),
    **dict.fromkeys(HAQ_ITEMS, 0.03),
    **{f"haq_aid_{category}": 0.04 for category in CATEGORIES[:-1]},
    **{f"haq_help_{category}": 0.04 for category in CATEGORIES},
    **dict.fromkeys(COCHIN_ITEMS, 0.006),
}
DURATION_UNKNOWN, WITHOUT_HAQ, HAQ_UNSCORABLE, WITHOUT_COCHIN = 17, 14, 10, 18


def cohort(rng: np.random.Generator) -> pd.DataFrame:
    """The true cohort: 568 eligible patients and 14 whom the flow must drop.

    Parameters
    ----------
    rng : source of all that is drawn

    Returns
    -------
    one row per patient, sorted by centre and id; canonical texts, empty where missing; column
    `kind` is eligible, or why the patient is not
    """
    centre = np.repeat(list(SIZES), [size for size, _ in SIZES.values()])
    frame = pd.DataFrame({"centre": centre, "kind": "eligible"})
    may_miss = np.flatnonzero(centre != COMPLETE_CENTRE)
    truth, unknown = _covariates(rng, frame["centre"], may_miss)
    has_calcinosis = _outcome(rng, frame["centre"], truth, unknown)
    frame = frame.join(_texts(truth))
    frame = frame.join(lesions(rng, has_calcinosis))
    frame = frame.join(complications(rng, has_calcinosis, frame["centre"]))
    frame = frame.join(_t_scores(rng, frame["centre"], truth, has_calcinosis))
    beyond = (
        frame[[n for n in frame if n.count("_") == 1 and n.startswith("lesion_")]] == "yes"
    ).any(axis=1)
    group = np.where(has_calcinosis, np.where(beyond, 2, 1), 0)
    frailty = rng.standard_normal(PATIENTS)
    frame = frame.join(haq(rng, group, frailty)).join(cochin(rng, group, frailty))
    frame = frame.join(classifiable(rng, frame))
    _leave_some_out(rng, frame, unknown, may_miss)
    frame = pd.concat([frame, _ineligible(rng, frame)], ignore_index=True)
    return _numbered(rng, frame)


def _flags(rng: np.random.Generator, n: int, places: np.ndarray, total: int) -> np.ndarray:
    """`n` of `places` true, of `total`."""
    flags = np.zeros(total, dtype=bool)
    flags[rng.choice(places, size=n, replace=False)] = True
    return flags


def _covariates(
    rng: np.random.Generator, centre: pd.Series, may_miss: np.ndarray
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """True covariates, and where the export will not have them."""
    everybody = np.arange(PATIENTS)
    unknown = pd.DataFrame(
        {
            "disease_duration": _flags(rng, DURATION_UNKNOWN, may_miss, PATIENTS),
            "sex": _flags(rng, PATIENTS - KNOWN_SEX, may_miss, PATIENTS),
            "subset": _flags(rng, PATIENTS - KNOWN_SUBSET, may_miss, PATIENTS),
            "race": _flags(rng, PATIENTS - sum(RACES.values()), may_miss, PATIENTS),
        }
    )
    for name in ("age", "acro_osteolysis", *ISCHAEMIA):
        count = round(MISSING_SHARES[name] * PATIENTS)
        unknown[name] = _flags(rng, count, may_miss, PATIENTS)
    known = {name: everybody[~unknown[name].to_numpy()] for name in unknown}
    truth = pd.DataFrame({"female": _flags(rng, FEMALE, known["sex"], PATIENTS)})
    truth["limited"] = _flags(rng, LIMITED, known["subset"], PATIENTS)
    truth["disease_duration"] = _durations(rng, known["disease_duration"])
    ages = rng.normal(53, 11.5, PATIENTS) + 0.2 * (truth["disease_duration"] - DURATION_YEARS)
    lowest = np.maximum(19, truth["disease_duration"] + 12)
    truth["age"] = np.clip(np.round(ages), np.ceil(lowest), 88)
    truth["race"] = _races(rng, centre, known["race"])
    ischaemic = rng.choice(everybody, size=ISCHAEMIC, replace=False)
    for name, count in ISCHAEMIA.items():
        truth[name] = _flags(rng, count, ischaemic, PATIENTS)
    none = [i for i in ischaemic if not truth.loc[i, list(ISCHAEMIA)].any()]
    truth.loc[none, "digital_ulcer"] = True
    weights = np.where(truth[list(ISCHAEMIA)].any(axis=1), 1.6, 1.0)
    bony = rng.choice(everybody, ACRO_OSTEOLYSIS, replace=False, p=weights / weights.sum())
    truth["acro_osteolysis"] = np.isin(everybody, bony)
    return truth, unknown


def _durations(rng: np.random.Generator, known: np.ndarray) -> np.ndarray:
    """Years, one decimal, skewed; mean and SD of the known ones as printed."""
    shape = (DURATION_YEARS / DURATION_SD) ** 2

    def skewed(n: int) -> np.ndarray:
        draws = stats.gamma.ppf((np.arange(n) + 0.5) / n, shape)
        mean, sd = DURATION_YEARS, DURATION_SD
        for _ in range(5):  # the limits take something off both
            years = mean + sd * (draws - draws.mean()) / draws.std(ddof=1)
            years = np.clip(np.round(years, 1), 0.1, 55.0)
            mean += DURATION_YEARS - years.mean()
            sd *= DURATION_SD / years.std(ddof=1)
        return rng.permutation(years)

    years = skewed(PATIENTS)
    years[known] = skewed(len(known))
    return years


def _races(rng: np.random.Generator, centre: pd.Series, known: np.ndarray) -> np.ndarray:
    """Exact counts of the known ones; Hispanic patients mostly in Mexico, Asian ones not."""
    region = centre.map(lambda name: HABITS[name].region)
    likely = {
        "hispanic": region.map({"mexico": 60.0, "north_america": 1.0, "australia": 0.03}),
        "asian": region.map({"mexico": 0.02, "north_america": 1.0, "australia": 3.0}),
        "black": region.map({"mexico": 0.02, "north_america": 1.0, "australia": 0.02}),
        "other": region.map({"mexico": 0.1, "north_america": 1.0, "australia": 1.0}),
    }
    races = np.full(PATIENTS, "caucasian", dtype=object)
    for race, weights in likely.items():
        free = known[races[known] == "caucasian"]
        p = weights.to_numpy()[free]
        races[rng.choice(free, RACES[race], replace=False, p=p / p.sum())] = race
    return races


def _outcome(
    rng: np.random.Generator, centre: pd.Series, truth: pd.DataFrame, unknown: pd.DataFrame
) -> np.ndarray:
    """Who has calcinosis: exact counts per centre, and the wanted fit of the complete cases.

    Drawn by the model's probabilities; then, within centres, a patient with calcinosis and one
    without are exchanged as long as that brings the score of the likelihood at the wanted
    coefficients nearer to zero, so that the maximum lies there.
    """
    covariates = np.column_stack(
        [
            truth["disease_duration"] / 10,
            truth[list(ISCHAEMIA)].any(axis=1),
            truth["acro_osteolysis"],
            (truth["age"] - 53) / 10,
            truth["female"],
        ]
    ).astype(float)
    effect = covariates @ np.array(list(LOG_ODDS.values()))
    present = truth[list(ISCHAEMIA)].mask(unknown[list(ISCHAEMIA)], False).any(axis=1)
    ischaemia_known = present | ~unknown[list(ISCHAEMIA)].any(axis=1)
    others = ["disease_duration", "sex", "age", "acro_osteolysis"]
    complete = (ischaemia_known & ~unknown[others].any(axis=1)).to_numpy()
    places = {name: np.flatnonzero(centre == name) for name in SIZES}
    y = np.zeros(PATIENTS, dtype=bool)
    residual = np.zeros(PATIENTS)
    for name, (_, count) in SIZES.items():
        odds = np.exp(effect[places[name]])
        y[rng.choice(places[name], count, replace=False, p=odds / odds.sum())] = True
        used = places[name][complete[places[name]]]
        p = _probabilities(effect[used], int(y[used].sum()))
        residual[used] = y[used] - p
    covariates = covariates / covariates[complete].std(axis=0)
    score = covariates[complete].T @ residual[complete]
    for name in rng.choice(list(SIZES), 20_000, p=[size / PATIENTS for size, _ in SIZES.values()]):
        used = places[name][complete[places[name]]]
        case, control = rng.choice(used[y[used]]), rng.choice(used[~y[used]])
        exchanged = score + covariates[control] - covariates[case]
        if exchanged @ exchanged < score @ score:
            score = exchanged
            y[case], y[control] = False, True
    return y


def _probabilities(effect: np.ndarray, count: int) -> np.ndarray:
    """Probabilities with these effects whose sum is `count`: the intercept of a centre."""
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        p = 1 / (1 + np.exp(-(effect + middle)))
        low, high = (middle, high) if p.sum() < count else (low, middle)
    return np.asarray(p)


def _texts(truth: pd.DataFrame) -> pd.DataFrame:
    texts = pd.DataFrame(
        {
            "sex": np.where(truth["female"], "female", "male"),
            "subset": np.where(truth["limited"], "limited", "diffuse"),
            "race": truth["race"],
            "age": [f"{value:.0f}" for value in truth["age"]],
            "disease_duration": [f"{value:.1f}" for value in truth["disease_duration"]],
        }
    )
    for name in (*ISCHAEMIA, "acro_osteolysis"):
        texts[name] = np.where(truth[name], "yes", "no")
    return texts


def _t_scores(
    rng: np.random.Generator, centre: pd.Series, truth: pd.DataFrame, has_calcinosis: np.ndarray
) -> pd.DataFrame:
    """Densitometry of 68, rather older women, the lowest site with the printed medians."""
    scores = pd.DataFrame("", index=range(PATIENTS), columns=list(T_SCORES))
    age = truth["age"].to_numpy()
    weights = np.exp((age - 55) / 12) * np.where(truth["female"], 3.0, 1.0)
    weights = np.where(centre.isin(NO_DENSITOMETRY), 0.0, weights)
    for value, (count, median) in T_SCORE_MEDIANS.items():
        p = np.where(has_calcinosis == (value == "yes"), weights, 0.0)
        people = rng.choice(PATIENTS, count, replace=False, p=p / p.sum())
        quantiles = stats.norm.ppf((np.arange(count) + 0.5) / count)
        lowest = np.round(median + T_SCORE_SD * quantiles, 1)
        lowest[[count // 2 - 1, count // 2]] = median
        for patient, score in zip(people, rng.permutation(lowest), strict=True):
            sites = rng.permutation(list(T_SCORES))
            scores.loc[patient, sites[0]] = f"{score:.1f}"
            for site in sites[1:]:
                if rng.random() < 0.85:
                    scores.loc[patient, site] = f"{score + 0.1 + abs(rng.normal(0, 0.6)):.1f}"
    numbers = scores.replace("", None).astype(float)
    second = numbers.rank(axis=1) == 2
    usable = (numbers.min(axis=1) < -2.5) & second.any(axis=1) & (centre == "centre_01")
    patient = int(np.flatnonzero(usable)[0])  # whose -2.2 the messy export will write as 22
    scores.loc[patient, str(second.loc[patient].idxmax())] = "-2.2"
    return scores.replace("-0.0", "0.0")


def _leave_some_out(
    rng: np.random.Generator, frame: pd.DataFrame, unknown: pd.DataFrame, may_miss: np.ndarray
) -> None:
    """Empty the cells that the export does not have; never of the outcome's basis."""
    for name in unknown:
        frame.loc[unknown[name].to_numpy(), name] = ""
    of_haq = [name for name in frame if name.startswith("haq_")]
    for name, share in MISSING_SHARES.items():
        if name not in unknown:
            chosen = rng.choice(may_miss, round(share * PATIENTS), replace=False)
            frame.loc[chosen, name] = ""
    chosen = rng.choice(may_miss, WITHOUT_HAQ + HAQ_UNSCORABLE, replace=False)
    frame.loc[chosen[:WITHOUT_HAQ], of_haq] = ""
    first_page = [name for name in HAQ_ITEMS if list(HAQ_ITEMS).index(name) < 9]
    frame.loc[chosen[WITHOUT_HAQ:], first_page] = ""
    chosen = rng.choice(may_miss, WITHOUT_COCHIN, replace=False)
    frame.loc[chosen, list(COCHIN_ITEMS)] = ""


def _ineligible(rng: np.random.Generator, eligible: pd.DataFrame) -> pd.DataFrame:
    """Patients whom the flow must drop; their other values are those of several eligible ones."""
    rows = [(centre, kind) for centre, kinds in INELIGIBLE.items() for kind in kinds]
    frame = pd.DataFrame(rows, columns=["centre", "kind"])
    usable = (eligible["subset"] == "limited") & (eligible["digital_ulcer"] == "no")
    donors = eligible[usable & (eligible["centre"] != COMPLETE_CENTRE)]
    blocks = [
        ["sex", "race", "age", "disease_duration", "subset"],
        [name for name in eligible if name in (*ISCHAEMIA, "acro_osteolysis")],
        [name for name in eligible if name.startswith(("calcinosis_", "lesion_"))]
        + ["tenderness", "extrusion", "infection"],
        [name for name in eligible if name.startswith("haq_")],
        list(COCHIN_ITEMS),
    ]
    for block in blocks:
        chosen = donors.iloc[rng.choice(len(donors), len(frame), replace=False)]
        frame[block] = chosen[block].to_numpy()
    frame[list(T_SCORES)] = ""
    items = [not_classifiable(rng, kind) for kind in frame["kind"]]
    frame[list(ACR_ITEMS)] = pd.DataFrame(items)[list(ACR_ITEMS)].to_numpy()
    return frame


def _numbered(rng: np.random.Generator, frame: pd.DataFrame) -> pd.DataFrame:
    """Ids from 001 within each centre, record numbers and visit dates; sorted."""
    frame = frame.iloc[rng.permutation(len(frame))].sort_values("centre", kind="stable")
    number = frame.groupby("centre").cumcount() + 1
    records = 100_000 + rng.choice(900_000, len(frame), replace=False)
    days = rng.integers(0, 1900, len(frame))
    dates = pd.Timestamp(2014, 1, 6) + pd.to_timedelta(days, unit="D")
    frame = frame.assign(
        patient_id=number.map("{:03d}".format),
        medical_record_number=[f"X{record}" for record in records],
        world_region=frame["centre"].map(lambda name: HABITS[name].region),
        visit_date=dates.strftime("%Y-%m-%d"),
    )
    return frame[[*VARIABLES, "kind"]].reset_index(drop=True)


def export(seed: int) -> CentreExport:
    """The cohort written out, one file per centre: clean, and messy with an answer key.

    Parameters
    ----------
    seed : of everything that is drawn

    Returns
    -------
    CentreExport
        Tables as text; `CentreExport.messy` differs from `CentreExport.clean` by each centre's
        habits and the planted defects only.
    """
    rng = np.random.default_rng(seed)
    result = CentreExport.of(cohort(rng))
    make_a_mess(result, rng)
    return result
