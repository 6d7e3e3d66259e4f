"""The cohort `multicentre` with as many patients as wanted, for measurements of size.

Nobody in it exists. Each block of patients is drawn from its own random numbers and written before
the next one is drawn, so that memory does not grow with the export. The files, column names,
spellings, missing codes and kinds of error are those of `multicentre`; what is drawn differs from
it: shares are met by chance only, and what the paper prints is not aimed at.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from calcinosis.simulate import multicentre_codebook as book
from calcinosis.simulate.multicentre import SIZES
from calcinosis.simulate.multicentre_centres import HABITS, column_names, file_of
from calcinosis.simulate.multicentre_large_patients import Codes, patients

BLOCK = 20_000
"""Patients that are drawn and written at a time."""
ERRORS = {
    # What is typed instead of a value, in `ERROR_SHARE` of the rows of each.
    "age": ("152", "5", "53 yrs"),
    "disease_duration": ("~5", "12y", "-1"),
    "visit_date": ("2021-03-04", "March 2016", "2016-02-30"),
    "subset": ("sine", "lcSSc?"),
    "pulp_loss": ("3",),
    "acro_osteolysis": ("maybe",),
    "haq_jars": ("4",),
    "cochin_04": ("6",),
}
ERROR_SHARE, DUPLICATE_SHARE, CONFLICT_SHARE = 0.005, 0.002, 0.001
NEVER_MISSING = ("centre", "world_region", "visit_date")
DAYS = np.arange("2014-01-06", "2019-03-21", dtype="datetime64[D]")


def write(folder: Path, patients_wanted: int, seed: int) -> list[Path]:
    """Write an export of ten files and its codebook.

    Parameters
    ----------
    folder : which exists
    patients_wanted : in all centres together; centres keep their shares
    seed : of everything that is drawn; the same seed and number give the same bytes

    Returns
    -------
    paths of the files, the codebook last
    """
    paths = []
    total = sum(size for size, _ in SIZES.values())
    ends = np.cumsum([size for size, _ in SIZES.values()]) * patients_wanted // total
    starts = [0, *ends[:-1]]
    for number, (centre, start, end) in enumerate(zip(SIZES, starts, ends, strict=True)):
        paths.append(folder / file_of(centre))
        names = column_names(centre, list(book.VARIABLES))
        with paths[-1].open("wb") as file:
            file.write((",".join(names.values()) + "\n").encode())
            for columns in _blocks(centre, int(end - start), [seed, number]):
                file.write(_lines([columns[name] for name in names]))
    return [*paths, book.write(folder, canonical=False)]


def _lines(cells: list[pa.Array]) -> pa.Buffer:
    """The text of a block: the buffer of its lines, which lie one after another."""
    *cells, last = cells
    ended = pc.binary_join_element_wise(last, "\n", "")
    lines = pc.binary_join_element_wise(*cells, ended, ",")
    return lines.buffers()[2].slice(0, pc.sum(pc.binary_length(lines)).as_py())


def _blocks(centre: str, wanted: int, seed: list[int]) -> Iterator[dict[str, pa.Array]]:
    for first in range(0, wanted, BLOCK):
        rng = np.random.default_rng([*seed, first])
        size = min(BLOCK, wanted - first)
        yield _repeated(rng, _texts(rng, centre, first, patients(rng, centre, size)))


def _texts(
    rng: np.random.Generator, centre: str, first: int, drawn: dict[str, Codes]
) -> dict[str, pa.Array]:
    """A block as the centre writes it, with typing errors."""
    size = len(drawn["sex"].codes)
    number = pa.array(first + np.arange(1, size + 1)).cast(pa.string())
    record = pa.array(1_000_000 + first + rng.permutation(size)).cast(pa.string())
    columns = {
        "patient_id": pc.utf8_lpad(number, 7, "0"),
        "medical_record_number": pc.binary_join_element_wise("X", record, ""),
    }
    drawn |= {
        "centre": Codes.constant(centre, size),
        "world_region": Codes.constant(HABITS[centre].region, size),
        "visit_date": Codes(rng.integers(0, len(DAYS), size), [str(day) for day in DAYS]),
    }
    for name in book.VARIABLES:
        if name not in columns:
            columns[name] = _column(rng, centre, name, drawn[name])
    return columns


def _column(rng: np.random.Generator, centre: str, name: str, drawn: Codes) -> pa.Array:
    """Words of a variable by the centre's habit; a code below zero is a missing value."""
    missing = HABITS[centre].missing
    if name in NEVER_MISSING or (name in book.T_SCORES and missing != "NA"):
        missing = ""
    errors = ERRORS.get(name, ())
    words = [*(_spelt(centre, name, word) for word in drawn.words), *errors, missing]
    codes = np.where(drawn.codes < 0, len(words) - 1, drawn.codes)
    if errors:
        wrong = np.flatnonzero(rng.random(len(codes)) < ERROR_SHARE)
        codes[wrong] = len(drawn.words) + rng.integers(0, len(errors), len(wrong))
    quoted = [f'"{word}"' if "," in word else word for word in words]
    return pa.array(quoted).take(pa.array(codes))


def _spelt(centre: str, name: str, word: str) -> str:
    habit, kind = HABITS[centre], book.VARIABLES[name].type
    if kind == "binary":
        return habit.yes_no[word]
    if name == "sex":
        return habit.sex[word]
    if name in habit.words:
        return habit.words[name].get(word, word)
    if kind == "number" and habit.decimal_comma:
        return word.replace(".", ",")
    if kind == "date":
        year, month, day = word.split("-")
        return habit.date.replace("yyyy", year).replace("mm", month).replace("dd", day)
    if name == "age" and habit.whole_ages_with_decimals:
        return f"{word}.0"
    return word


def _repeated(rng: np.random.Generator, columns: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """Some rows are entered twice, and some of those with another age."""
    size = len(columns["age"])
    twice = np.flatnonzero(rng.random(size) < DUPLICATE_SHARE)
    disputed = np.flatnonzero(rng.random(size) < CONFLICT_SHARE)
    places = pa.array(np.concatenate([np.arange(size), twice, disputed]))
    repeated = {name: cells.take(places) for name, cells in columns.items()}
    other = np.full(len(places), False)
    other[size + len(twice) :] = True
    repeated["age"] = pc.if_else(pa.array(other), "44", repeated["age"])
    return repeated
