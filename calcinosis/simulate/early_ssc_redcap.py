"""The simulated cohort `early_ssc` as a longitudinal REDCap project would export it.

Enrolment is one event, each radiograph another; a radiograph is read in a repeating instrument,
one instance per reader, with a field for each region and side. Missing values are written by the
project's codes for missing data.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from calcinosis.simulate.early_ssc import GRADES, PEOPLE, READINGS, REGIONS, SIDES, SIGNS
from calcinosis.simulate.mess import Export, Record

BOXES = ("raynaud", "ischaemic_ulcer")
"""Signs in one checkbox, with the codes 1 and -2."""
BOX_COLUMNS = ("signs___1", "signs____2")
NOT_ASKED, UNKNOWN = "-999", "UNK"
GROUPS = {"kk": "khon_kaen", "ud": "udon_thani"}
GRADE_FIELDS = {(side, region): f"{side[0]}_{region}" for region in REGIONS for side in SIDES}

HEADER = (
    *("study_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"),
    *("redcap_data_access_group", "hn", "sex", "ssc_subset", *BOX_COLUMNS),
    *("telangiectasia", "salt_pepper", "duration_y", "mrss", "notes", "enrolment_complete"),
    *("film_date", "age_at_film", "film_complete", "reader", *GRADE_FIELDS.values()),
    "reading_complete",
)


def write(export: Export, path: str | Path) -> None:
    """Write the clean version of the cohort as a raw export of REDCap.

    Parameters
    ----------
    export : what `early_ssc.export` returns
    path : the CSV file
    """
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADER, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows(export))


def rows(export: Export) -> Iterator[Record]:
    """The rows of the raw export, record by record."""
    readings: dict[str, dict[str, dict[str, list[Record]]]] = {}
    for row in export.clean[READINGS]:
        day, month, year = row["film_date"].split("/")
        films = readings.setdefault(row["patient_id"], {})
        read = films.setdefault(f"{year}-{month}-{day}", {})
        read.setdefault(row["reader"], []).append(row)
    for person in export.clean[PEOPLE]:
        of_all = {
            "study_id": person["patient_id"],
            "redcap_data_access_group": GROUPS[person["centre"]],
        }
        yield of_all | _enrolment(person)
        for number, (date, readers) in enumerate(
            sorted(readings.get(person["patient_id"], {}).items()), start=1
        ):
            event = {"redcap_event_name": f"film_{number}_arm_1"}
            age = {"age_at_film": person["age"] or NOT_ASKED} if number == 1 else {}
            yield of_all | event | age | {"film_date": date, "film_complete": "2"}
            for instance, (reader, regions) in enumerate(sorted(readers.items()), start=1):
                instrument = {
                    "redcap_repeat_instrument": "reading",
                    "redcap_repeat_instance": str(instance),
                }
                yield of_all | event | instrument | _reading(reader, regions)


def _enrolment(person: Record) -> Record:
    signs = {sign: {"no": "0", "yes": "1", "": UNKNOWN}[person[sign]] for sign in SIGNS}
    return {
        "redcap_event_name": "enrolment_arm_1",
        "hn": person["hospital_number"],
        "sex": {"male": "1", "female": "2"}[person["sex"]],
        "ssc_subset": {"limited": "1", "diffuse": "2"}[person["subset"]],
        **dict(zip(BOX_COLUMNS, (signs[sign] for sign in BOXES), strict=True)),
        "telangiectasia": signs["telangiectasia"],
        "salt_pepper": signs["salt_and_pepper_skin"],
        "duration_y": person["disease_duration"].replace(".", ","),
        "mrss": person["mrss"] or NOT_ASKED,
        "notes": person["notes"],
        "enrolment_complete": "2",
    }


def _reading(reader: str, regions: list[Record]) -> Record:
    grades = {
        GRADE_FIELDS[row["side"], row["region"]]: str(GRADES.index(row["grade"]))
        for row in regions
        if row["grade"]
    }
    return {"reader": reader[1:], **grades, "reading_complete": "2"}
