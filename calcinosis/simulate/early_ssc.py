"""The simulated cohort `early_ssc`: nobody in it exists.

The margins are those that the abstract of Kanjanajarurat 2025 (doi 10.1080/07853890.2025.2455535)
and, for sex, subset and duration, its sister paper (doi 10.1080/14397595.2021.1886654) print.
What they do not print (transition counts, regions, covariates of single patients) is drawn here
and is no claim about their patients.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from calcinosis.simulate.film_coverage import add_coverage
from calcinosis.simulate.mess import Export

SEED = 20250123

SIDES = ("right", "left")
REGIONS = (
    "distal_phalanx",
    "middle_phalanx",
    "proximal_phalanx",
    "metacarpal",
    "carpal",
    "distal_forearm",
)
GRADES = ("none", "mild", "moderate", "severe")
SIGNS = ("raynaud", "ischaemic_ulcer", "telangiectasia", "salt_and_pepper_skin")

PEOPLE, READINGS = "patients.csv", "readings.csv"
PATIENTS, PROGRESSED = 53, 35
FEMALE, DIFFUSE, ELDERLY = 33, 30, 16
GAP_YEARS, GAP_SD = 2.925, 0.4
DURATION_YEARS, DURATION_SD = 2.0, 1.1

TRANSITIONS = {
    # from: how many go to none, mild, moderate, severe. Of the 24 without calcinosis 6, a quarter,
    # worsen by more than one level; nobody leaves the worst grade upwards.
    "none": (7, 11, 4, 2),
    "mild": (1, 2, 9, 2),
    "moderate": (0, 1, 3, 7),
    "severe": (0, 0, 0, 4),
}
DRIVERS = {
    # Where the worsening that counts took place: right distal phalanx in 12 of the 35.
    ("right", "distal_phalanx"): 12,
    ("left", "distal_phalanx"): 8,
    ("right", "middle_phalanx"): 5,
    ("left", "middle_phalanx"): 4,
    ("right", "proximal_phalanx"): 3,
    ("left", "proximal_phalanx"): 2,
    ("right", "metacarpal"): 1,
}
SIGN_COUNTS = {
    # More frequent in progressors, none significantly: of 35 and of 18.
    "elderly": (12, 4),
    "raynaud": (33, 15),
    "ischaemic_ulcer": (11, 3),
    "telangiectasia": (13, 4),
    "salt_and_pepper_skin": (17, 6),
}

Region = tuple[str, str]
Film = dict[Region, int | None]


@dataclass
class Patient:
    """One simulated patient before anything is written."""

    patient_id: str
    centre: str
    values: dict[str, object] = field(default_factory=dict)
    dates: list[datetime.date] = field(default_factory=list)
    films: list[Film] = field(default_factory=list)


def cohort(rng: np.random.Generator) -> list[Patient]:
    """The true cohort: 53 analysed patients, 6 with one film, 3 with a disease too old.

    Parameters
    ----------
    rng : source of all that is drawn

    Returns
    -------
    patients, in the order of their ids
    """
    paths = [
        (start, end)
        for start, counts in TRANSITIONS.items()
        for end, count in zip(GRADES, counts, strict=True)
        for _ in range(count)
    ]
    grades = [(GRADES.index(a), GRADES.index(b)) for a, b in paths]
    progressors = [pair for pair in grades if pair[1] > pair[0]]
    others = [pair for pair in grades if pair[1] <= pair[0]]
    drivers = [place for place, count in DRIVERS.items() for _ in range(count)]
    rng.shuffle(progressors)
    films = [
        _progressing(rng, *pair, place) for pair, place in zip(progressors, drivers, strict=True)
    ] + [_not_progressing(rng, *pair) for pair in others]
    values = _covariates(rng)
    gaps = _with_moments(rng, PATIENTS, GAP_YEARS, GAP_SD)
    extra = [_single(rng) for _ in range(6)] + [_progressing(rng, 1, 2, ("left", "carpal"))] * 3
    ids = rng.permutation(np.arange(1, PATIENTS + len(extra) + 1))
    patients = []
    for index, number in enumerate(ids):
        centre = "ud" if rng.random() < 0.3 else "kk"
        patient = Patient(f"E{number:03d}", centre)
        first = datetime.date(2012, 1, 1) + datetime.timedelta(days=int(rng.integers(0, 1500)))
        gap = gaps[index] if index < PATIENTS else 2.9
        patient.dates = [first, first + datetime.timedelta(days=round(float(gap) * 365.25))]
        if index < PATIENTS:
            patient.values, patient.films = values[index], list(films[index])
        else:
            patient.values = _plain_values(rng)
            patient.films = list(extra[index - PATIENTS])
            if len(patient.films) == 2:
                patient.values["disease_duration"] = round(float(rng.uniform(4.5, 9.0)), 1)
        patient.dates = patient.dates[: len(patient.films)]
        patient.values["hospital_number"] = f"{rng.integers(10_000, 99_999)}/{rng.integers(50, 60)}"
        patients.append(patient)
    for patient in patients:
        _leave_some_unread(rng, patient)
    return sorted(patients, key=lambda patient: patient.patient_id)


def _with_moments(rng: np.random.Generator, n: int, mean: float, sd: float) -> np.ndarray:
    """Normal draws whose sample mean and SD are exact."""
    draws = rng.standard_normal(n)
    return mean + sd * (draws - draws.mean()) / draws.std(ddof=1)


def _places() -> list[Region]:
    return [(side, region) for region in REGIONS for side in SIDES]


def _baseline(rng: np.random.Generator, maximum: int, spare: Sequence[Region] = ()) -> Film:
    """A film whose maximum is given; `spare` regions stay below it where they can."""
    film: Film = dict.fromkeys(_places(), 0)
    if maximum == 0:
        return film
    likely = [place for place in _places() if place[1] != "distal_forearm" and place not in spare]
    for place in likely:
        if rng.random() < 0.25:
            film[place] = int(rng.integers(1, maximum + 1))
    film[likely[int(rng.integers(0, 4))]] = maximum
    return film


def _progressing(rng: np.random.Generator, start: int, end: int, driver: Region) -> list[Film]:
    first = _baseline(rng, start, spare=[driver])
    first[driver] = int(rng.integers(0, start + 1))
    second = dict(first)
    second[driver] = end
    right_distal = ("right", "distal_phalanx")
    for place in _places():
        grade = second[place]
        if place in (driver, right_distal) or grade is None or place[1] == "distal_forearm":
            continue
        if rng.random() < 0.06 and grade < end:
            second[place] = grade + 1
    return [first, second]


def _not_progressing(rng: np.random.Generator, start: int, end: int) -> list[Film]:
    first = _baseline(rng, start)
    second = {place: min(grade or 0, end) for place, grade in first.items()}
    if end == start and start > 0:
        lower = [
            place
            for place, grade in second.items()
            if grade < start and place != ("right", "distal_phalanx")
        ]
        if rng.random() < 0.3:
            place = lower[int(rng.integers(0, len(lower)))]
            second[place] += 1
    return [first, dict(second)]


def _single(rng: np.random.Generator) -> list[Film]:
    return [_baseline(rng, int(rng.integers(0, 3)))]


def _leave_some_unread(rng: np.random.Generator, patient: Patient) -> None:
    """Some regions are not read; never one that carries the maximum of a film."""
    if rng.random() > 0.2:
        return
    maxima = [max(grade or 0 for grade in film.values()) for film in patient.films]
    lower = [
        place
        for place in _places()
        if place[1] in ("carpal", "distal_forearm")
        and all((film[place] or 0) < top for film, top in zip(patient.films, maxima, strict=True))
    ]
    if lower:
        film = patient.films[int(rng.integers(0, len(patient.films)))]
        film[lower[int(rng.integers(0, len(lower)))]] = None


def _covariates(rng: np.random.Generator) -> list[dict[str, object]]:
    """Covariates of the 53, progressors first, with exact counts."""

    def shares(counts: tuple[int, int]) -> np.ndarray:
        parts = []
        for count, total in zip(counts, (PROGRESSED, PATIENTS - PROGRESSED), strict=True):
            flags = np.arange(total) < count
            rng.shuffle(flags)
            parts.append(flags)
        return np.concatenate(parts)

    signs = {name: shares(counts) for name, counts in SIGN_COUNTS.items()}
    female = rng.permutation(np.arange(PATIENTS) < FEMALE)
    diffuse = rng.permutation(np.arange(PATIENTS) < DIFFUSE)
    duration = _durations(rng)
    values: list[dict[str, object]] = []
    for i in range(PATIENTS):
        age = int(rng.integers(60, 76) if signs["elderly"][i] else rng.integers(28, 60))
        values.append(
            {
                "sex": "female" if female[i] else "male",
                "age": age,
                "disease_duration": duration[i],
                "subset": "diffuse" if diffuse[i] else "limited",
                "mrss": int(np.clip(rng.normal(18 if diffuse[i] else 9, 5), 0, 51)),
                **{name: "yes" if signs[name][i] else "no" for name in SIGNS},
            }
        )
    return values


def _durations(rng: np.random.Generator) -> list[float]:
    """Years from the first non-Raynaud symptom, under 4, with the wanted mean and SD."""
    while True:
        draws = np.round(_with_moments(rng, PATIENTS, DURATION_YEARS, DURATION_SD), 1)
        draws = np.where(draws < 0.1, 0.1, np.where(draws > 3.9, 3.9, draws))
        if abs(draws.mean() - DURATION_YEARS) < 0.05 and abs(draws.std(ddof=1) - 1.1) < 0.05:
            return [float(value) for value in draws]


def _plain_values(rng: np.random.Generator) -> dict[str, object]:
    return {
        "sex": "female" if rng.random() < 0.6 else "male",
        "age": int(rng.integers(30, 75)),
        "disease_duration": round(float(rng.uniform(0.3, 3.8)), 1),
        "subset": "diffuse" if rng.random() < 0.5 else "limited",
        "mrss": int(rng.integers(2, 30)),
        **{name: "yes" if rng.random() < 0.4 else "no" for name in SIGNS},
    }


PATIENT_COLUMNS = {
    "patient_id": "study_id",
    "hospital_number": "hn",
    "centre": "hospital",
    "sex": "sex",
    "age": "age_first_film",
    "disease_duration": "duration_y",
    "subset": "ssc_subset",
    "raynaud": "raynaud",
    "ischaemic_ulcer": "ischemic_ulcer",
    "telangiectasia": "telangiectasia",
    "salt_and_pepper_skin": "salt_pepper",
    "mrss": "mRSS",
    "notes": "notes",
}
READING_COLUMNS = {
    "patient_id": "study_id",
    "film_date": "film_date",
    "reader": "reader",
    "side": "side",
    "region": "region",
    "grade": "severity",
    "coverage": "area_percent",
    "density": "density",
}


def export(seed: int) -> Export:
    """The cohort written out: clean, and messy with an answer key.

    Parameters
    ----------
    seed : of everything that is drawn

    Returns
    -------
    Export
        Tables as text; `Export.messy` differs from `Export.clean` by the planted defects only.
    """
    rng = np.random.default_rng(seed)
    patients = cohort(rng)
    rows = [_patient_row(patient) for patient in patients]
    readings = [row for patient in patients for row in _reading_rows(rng, patient)]
    add_coverage(readings, seed)
    result = Export()
    result.add(PEOPLE, PATIENT_COLUMNS, rows)
    result.add(READINGS, READING_COLUMNS, readings)
    _make_a_mess(result, rng, patients)
    return result


def _patient_row(patient: Patient) -> dict[str, str]:
    row = {"patient_id": patient.patient_id, "centre": patient.centre, "notes": ""}
    return row | {name: str(value) for name, value in patient.values.items()}


def _reading_rows(rng: np.random.Generator, patient: Patient) -> list[dict[str, str]]:
    """All films of one patient, read by the first reader and a quarter of them by the second."""
    rows = []
    for date, film in zip(patient.dates, patient.films, strict=True):
        readers = ["r1", "r2"] if rng.random() < 0.25 else ["r1"]
        for reader in readers:
            for (side, region), grade in film.items():
                seen = grade
                if reader == "r2" and grade is not None and rng.random() < 0.2:
                    seen = int(np.clip(grade + rng.choice([-1, 1]), 0, 3))
                rows.append(
                    {
                        "patient_id": patient.patient_id,
                        "film_date": date.strftime("%d/%m/%Y"),
                        "reader": reader,
                        "side": side,
                        "region": region,
                        "grade": "" if seen is None else GRADES[seen],
                    }
                )
    return rows


def _make_a_mess(result: Export, rng: np.random.Generator, patients: list[Patient]) -> None:
    """Plant what real exports have; every planted cell or row is in the answer key."""
    analysed = [p.patient_id for p in patients if len(p.films) == 2 and _duration(p) < 4]
    one_film = [p.patient_id for p in patients if len(p.films) == 1]
    chosen = [str(patient_id) for patient_id in rng.permutation(analysed)]
    second = [i for i, row in result.rows(READINGS) if row["reader"] == "r2"]
    readings = [int(i) for i in rng.choice(second, size=5, replace=False)]
    place = {row["patient_id"]: index for index, row in result.rows(PEOPLE)}
    _habits_of_a_hospital(result, {p.patient_id for p in patients if p.centre == "ud"})
    _odd_cells(result, [place[p] for p in chosen], [place[p] for p in one_film], readings)
    _odd_rows(result, place[chosen[11]], place[one_film[2]], readings[0])


def _duration(patient: Patient) -> float:
    return float(str(patient.values["disease_duration"]))


def _habits_of_a_hospital(result: Export, udon: set[str]) -> None:
    """What one hospital always does: accepted, counted."""
    for index, row in result.rows(READINGS):
        if row["patient_id"] in udon:
            day, month, year = row["film_date"].split("/")
            buddhist = f"{day}/{month}/{int(year) + 543}"
            result.spell(READINGS, index, "film_date", buddhist, "buddhist_era")
        if row["reader"] == "r2":
            region = row["region"].replace("_", " ").title()
            result.spell(READINGS, index, "region", region, "spelling")
        if row["grade"] == "":
            result.spell(READINGS, index, "grade", "NR", "missing_code")
    for index, row in result.rows(PEOPLE):
        female = row["sex"] == "female"
        if row["patient_id"] not in udon:
            result.spell(PEOPLE, index, "sex", "F" if female else "M", "spelling")
            continue
        result.spell(PEOPLE, index, "sex", "หญิง" if female else "ชาย", "spelling")
        for sign in SIGNS:
            result.spell(PEOPLE, index, sign, "Y" if row[sign] == "yes" else "N", "spelling")
        duration = row["disease_duration"].replace(".", ",")
        result.spell(PEOPLE, index, "disease_duration", duration, "decimal_comma")


def _odd_cells(result: Export, people: list[int], one_film: list[int], readings: list[int]) -> None:
    """Single cells: some are accepted, some are missing, the others become questions."""
    true = result.clean[PEOPLE]
    thai = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
    result.spell(PEOPLE, people[0], "age", true[people[0]]["age"].translate(thai), "digits")
    result.spell(PEOPLE, people[1], "age", true[people[1]]["age"] + ".0", "integer_with_decimals")
    result.spell(PEOPLE, people[2], "subset", f" {true[people[2]]['subset']}\u00a0", "white_space")
    result.lose(PEOPLE, people[3], "telangiectasia", "ไม่ทราบ", "missing_word")
    result.lose(PEOPLE, people[4], "salt_and_pepper_skin", "9", "missing_code")
    result.lose(PEOPLE, people[5], "mrss", "-9", "missing_code")
    result.lose(PEOPLE, people[6], "mrss", "unk", "missing_word")
    result.ask(PEOPLE, people[7], "mrss", "~3", "not_an_integer")
    result.ask(PEOPLE, people[8], "mrss", "55", "out_of_range")
    # Of a limited patient, so that the 30 diffuse ones of the margins stay known.
    limited = next(index for index in people[9:] if true[index]["subset"] == "limited")
    result.ask(PEOPLE, limited, "subset", "mixed", "unknown_level")
    result.ask(PEOPLE, one_film[0], "age", "135", "out_of_range")
    result.ask(PEOPLE, one_film[1], "disease_duration", "1.2.5", "not_a_number")
    result.note(PEOPLE, people[10], "notes", "=1+1")
    # Readings of the second reader only, so that the primary reader's grades stay whole.
    result.ask(READINGS, readings[0], "grade", "4", "unknown_level")
    result.ask(READINGS, readings[1], "grade", "1-2", "unknown_level")
    result.ask(READINGS, readings[2], "region", "thumb?", "unknown_level")
    result.ask(READINGS, readings[3], "film_date", "31/02/2014", "impossible_date")
    result.ask(READINGS, readings[4], "film_date", "01/03/2031", "after_export")


def _odd_rows(result: Export, patient: int, other: int, reading: int) -> None:
    """Rows: one kept of two equal ones, both out of two that disagree, rows of nobody."""
    result.append(READINGS, result.current(READINGS, reading), "exact_duplicate")
    result.append(PEOPLE, result.current(PEOPLE, patient), "exact_duplicate")
    stranger = result.current(PEOPLE, other) | {"patient_id": "E900"}
    result.append(PEOPLE, stranger, "conflicting_duplicate")
    result.append(PEOPLE, stranger | {"age": "44"}, "conflicting_duplicate")
    row = result.current(READINGS, reading) | {"grade": "mild"}
    result.append(READINGS, row | {"patient_id": "E9O1"}, "no_such_patient")
    result.append(READINGS, row | {"patient_id": ""}, "blank_id")
