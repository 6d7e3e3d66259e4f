"""The messy export of the simulated cohort `multicentre`: habits and planted defects."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from calcinosis.simulate import multicentre_codebook as book
from calcinosis.simulate.mess import Export, Record
from calcinosis.simulate.multicentre_centres import HABITS, column_names, file_of

NEVER_MISSING = ("patient_id", "medical_record_number", "centre", "world_region", "visit_date")


class CentreExport(Export):
    """An export of one file per centre, each with its own column names, and its two codebooks."""

    @classmethod
    def of(cls, patients: pd.DataFrame) -> "CentreExport":
        """All patients, by centre, both versions equal; why a patient is not eligible is kept."""
        result = cls()
        for centre, rows in patients.groupby("centre", sort=True):
            columns = column_names(str(centre), list(book.VARIABLES))
            result.add(file_of(str(centre)), columns, rows.to_dict("records"))
        return result

    def ask(self, file: str, index: int, variable: str, raw: str, rule: str) -> None:
        """Plant a question; what the key said of the cell before no longer holds."""
        cell = (file, str(index + 2), self.columns[file][variable])
        self.key = [e for e in self.key if (e["file"], e["row"], e["column"]) != cell]
        super().ask(file, index, variable, raw, rule)

    def copy_row(self, file: str, index: int, rule: str, **changes: str) -> None:
        """Append a row like another one, whose habits it shares, that must become a question."""
        place = str(index + 2)
        shared = [
            entry
            for entry in self.key
            if (entry["file"], entry["row"]) == (file, place)
            and entry["column"] not in [self.columns[file][name] for name in changes]
        ]
        self.append(file, self.current(file, index) | changes, rule)
        self.key += [entry | {"row": self.key[-1]["row"]} for entry in shared]

    def write(self, folder: str | Path, *, version: str) -> list[Path]:
        """Write as `Export` does; each version with its codebook, the clean one canonical."""
        if version == "key":
            return super().write(folder, version=version)
        if version == "messy":
            paths = super().write(folder, version=version)
            return [*paths, book.write(Path(folder), canonical=False)]
        names = {file: {name: name for name in columns} for file, columns in self.columns.items()}
        paths = Export(columns=names, clean=self.clean).write(folder, version=version)
        return [*paths, book.write(Path(folder), canonical=True)]


def make_a_mess(result: CentreExport, rng: np.random.Generator) -> None:
    """Write each centre's habits, then plant what real exports have; all is in the answer key."""
    for centre in HABITS:
        for index, row in result.rows(file_of(centre)):
            _write_by_habit(result, centre, index, row)
    chosen = _Chosen(result, rng)
    _odd_rows(result, chosen)
    _odd_numbers(result, chosen)
    _odd_dates(result, chosen)
    _odd_levels(result, chosen)


def _write_by_habit(result: CentreExport, centre: str, index: int, row: Record) -> None:
    habit, file = HABITS[centre], file_of(centre)
    for name, column in book.VARIABLES.items():
        value = row[name]
        if value == "":
            # Without densitometry the cells stay blank, except where a program writes NA.
            if habit.missing and (name not in book.T_SCORES or habit.missing == "NA"):
                rule = "missing_code" if habit.missing in ("-9", "999") else "missing_word"
                result.lose(file, index, name, habit.missing, rule)
        elif column.type == "binary":
            result.spell(file, index, name, habit.yes_no[value], "spelling")
        elif name == "sex":
            result.spell(file, index, name, habit.sex[value], "spelling")
        elif name in habit.words:
            result.spell(file, index, name, habit.words[name].get(value, value), "spelling")
        elif column.type == "number" and habit.decimal_comma:
            result.spell(file, index, name, value.replace(".", ","), "decimal_comma")
        elif column.type == "date":
            year, month, day = value.split("-")
            text = habit.date.replace("yyyy", year).replace("mm", month).replace("dd", day)
            result.messy[file][index][name] = text  # as declared: no normalisation
        elif name == "age" and habit.whole_ages_with_decimals:
            result.spell(file, index, name, f"{value}.0", "integer_with_decimals")


class _Chosen:
    """Picks rows for planted defects, each row once."""

    def __init__(self, result: CentreExport, rng: np.random.Generator) -> None:
        self.result, self.rng = result, rng
        self.used: set[tuple[str, int]] = set()

    def __call__(
        self, centre: str, usable: Callable[[Record], bool] = lambda row: _eligible(row)
    ) -> tuple[str, int]:
        """File and index of a row that was not chosen before."""
        file = file_of(centre)
        rows = self.result.clean[file]
        place = next(
            int(index)
            for index in self.rng.permutation(len(rows))
            if (file, int(index)) not in self.used and usable(rows[index])
        )
        self.used.add((file, place))
        return file, place


def _known(*names: str) -> Callable[[Record], bool]:
    return lambda row: _eligible(row) and all(row[name] != "" for name in names)


def _usual_duration(row: Record) -> bool:
    return (
        _eligible(row) and row["disease_duration"] != "" and 5 < float(row["disease_duration"]) < 15
    )


def _site_of_minus_2_2(row: Record) -> str:
    """A site with T-score -2.2 where another one is lower, or nothing."""
    scores = {name: float(row[name]) for name in book.T_SCORES if row[name]}
    found = [name for name, score in scores.items() if score == -2.2 > min(scores.values())]
    return found[0] if found else ""


def _eligible(row: Record) -> bool:
    return row["kind"] == "eligible"


def _ineligible(row: Record) -> bool:
    return not _eligible(row)


def _odd_numbers(result: CentreExport, chosen: _Chosen) -> None:
    result.ask(*chosen("centre_01", _ineligible), "age", "152", "out_of_range")
    result.ask(*chosen("centre_03", _known("age")), "age", "5", "out_of_range")
    result.ask(*chosen("centre_07", _ineligible), "age", "53 yrs", "not_an_integer")
    result.ask(*chosen("centre_02", _ineligible), "disease_duration", "~5", "not_a_number")
    result.ask(*chosen("centre_04", _ineligible), "disease_duration", "12y", "not_a_number")
    place = chosen("centre_09", _usual_duration)
    true = result.clean[place[0]][place[1]]["disease_duration"]
    result.ask(
        *place, "disease_duration", true, "not_a_number"
    )  # a point where commas are declared
    place = chosen("centre_08", _usual_duration)
    result.ask(*place, "disease_duration", "-1", "out_of_range")
    # 22 for -2.2, at a site that is not the patient's lowest, so that the medians stay.
    place = chosen("centre_01", lambda row: _site_of_minus_2_2(row) != "")
    site = _site_of_minus_2_2(result.clean[place[0]][place[1]])
    result.ask(*place, site, "22", "out_of_range")
    result.ask(*chosen("centre_03", _known("haq_jars")), "haq_jars", "4", "out_of_range")
    result.ask(*chosen("centre_08", _known("haq_steps")), "haq_steps", "1-2", "not_an_integer")
    result.ask(*chosen("centre_07", _known("cochin_04")), "cochin_04", "6", "out_of_range")
    result.ask(*chosen("centre_10", _known("cochin_11")), "cochin_11", "2.5", "not_an_integer")


def _odd_dates(result: CentreExport, chosen: _Chosen) -> None:
    for centre, raw, rule in (
        ("centre_01", "02/30/2017", "impossible_date"),
        ("centre_04", "23/05/2016", "impossible_date"),  # day first where the month is
        ("centre_07", "31/04/2016", "impossible_date"),
        ("centre_03", "2021-03-04", "after_export"),
        ("centre_09", "12/06/2022", "after_export"),
        ("centre_02", "17/05/1917", "out_of_range"),
        ("centre_08", "March 2016", "partial_date"),
    ):
        result.ask(*chosen(centre), "visit_date", raw, rule)


def _odd_levels(result: CentreExport, chosen: _Chosen) -> None:
    for centre, usable, name, raw in (
        ("centre_05", _known("race"), "race", "mixed"),
        ("centre_02", _diffuse, "subset", "sine"),
        ("centre_07", _known("subset"), "subset", "lcSSc?"),
        ("centre_04", _ineligible, "sex", "3"),
        ("centre_04", _other_sign("pulp_loss"), "pulp_loss", "3"),
        ("centre_01", _other_sign("gangrene"), "gangrene", "2"),
        ("centre_03", _ineligible, "acro_osteolysis", "maybe"),
        ("centre_01", _known("haq_aid_walking"), "haq_aid_walking", "crutch"),
        ("centre_02", _known("haq_help_grip"), "haq_help_grip", "YN"),
    ):
        result.ask(*chosen(centre, usable), name, raw, "unknown_level")


def _diffuse(row: Record) -> bool:
    return _eligible(row) and row["subset"] == "diffuse"


def _other_sign(name: str) -> Callable[[Record], bool]:
    """Patients who are known to have digital ischaemia without this sign."""
    others = {"digital_ulcer", "pulp_loss", "gangrene", "amputation"} - {name}
    return lambda row: (
        _eligible(row) and row[name] == "no" and any(row[other] == "yes" for other in others)
    )


def _odd_rows(result: CentreExport, chosen: _Chosen) -> None:
    """Rows: one kept of two equal ones, both out of two that disagree, one of nobody; twin ids."""
    result.copy_row(*chosen("centre_02"), "exact_duplicate")
    file, index = chosen("centre_04", _known("age"))
    stranger = {"patient_id": "091", "medical_record_number": "X000091"}
    result.copy_row(file, index, "conflicting_duplicate", **stranger, age="44")
    result.copy_row(file, index, "conflicting_duplicate", **stranger, age="54")
    result.copy_row(*chosen("centre_09"), "blank_id", patient_id="")
    file, index = chosen("centre_07")
    twin = result.clean[file][index]["patient_id"]
    result.ask(file, index, "patient_id", twin, "near_duplicate_id")
    result.ask(*chosen("centre_07"), "patient_id", twin.lstrip("0"), "near_duplicate_id")
