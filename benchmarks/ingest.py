"""How long an export of a million rows takes to read, check and clean: `make benchmark-ingest`.

The file has forty columns as registries have them (ids, dates, coded categories, integers,
decimals, comments; missing codes and planted errors) and a codebook as users write it. Beside it,
in the same minutes, `pandas.read_csv` reads the same file with its defaults. Each measurement is a
process of its own; its memory is the peak of the whole process, libraries included.
"""

import datetime
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

ROWS, REPEATS, SEED = 1_000_000, 3, 20250123
DAY_OF_EXPORT = datetime.date(2024, 12, 31)
HEADER = (
    *("variable", "table", "source", "label", "type", "format", "min", "max", "levels", "codes"),
    *("missing_codes", "required", "identifier"),
)
YES_NO = "1=yes|0=no|Y=yes|N=no"
SIGNS = (
    *("raynaud", "digital_ulcers", "telangiectasia", "tendon_friction_rubs", "arthritis"),
    *("myositis", "interstitial_lung_disease", "pulmonary_hypertension", "renal_crisis"),
    *("anti_centromere", "anti_topoisomerase", "smoker"),
)
RULES = (
    {
        "id": "onset_before_visit",
        "table": "patients",
        "variable": "onset",
        "severity": "query",
        "blank": ["onset"],
        "kind": "comparison",
        "operator": "at_most",
        "other": "visit",
    },
    {
        "id": "fvc_where_lung_disease",
        "table": "patients",
        "variable": "fvc",
        "severity": "warning",
        "blank": [],
        "kind": "required",
        "when": {"interstitial_lung_disease": ["yes"]},
    },
)


def columns(rng: np.random.Generator) -> dict[str, tuple[list[str], np.ndarray]]:
    """Of each variable its codebook line (without its names) and the texts of its cells."""
    made: dict[str, tuple[list[str], np.ndarray]] = {}

    def add(name: str, cells: np.ndarray, kind: str, *facts: str, missing: str = "") -> None:
        cells = cells.astype("object")
        if missing:
            cells[rng.random(ROWS) < 0.05] = missing
            cells[rng.random(ROWS) < 0.02] = ""
        form, low, high, levels, codes, identifier = (*facts, *[""] * (6 - len(facts)))
        line = [kind, form, low, high, levels, codes, missing, "yes", identifier]
        made[name] = (line, cells)

    def numbers(low: float, high: float, digits: int) -> np.ndarray:
        drawn = np.clip(rng.normal((low + high) / 2, (high - low) / 8, ROWS), low, high)
        return np.char.mod(f"%.{digits}f", drawn)

    def dates(first: str, last: str) -> np.ndarray:
        days = np.arange(first, last, dtype="datetime64[D]")
        texts = np.array(pd.DatetimeIndex(days).strftime("%d/%m/%Y"), dtype="object")
        return texts[rng.integers(0, len(days), ROWS)]

    add("patient_id", np.char.mod("R%07d", rng.permutation(ROWS)), "id")
    hospital = np.char.mod("%06d/", rng.integers(0, 10**6, ROWS))
    years = np.char.mod("%02d", rng.integers(0, 68, ROWS))
    identifier = ("", "", "", "", "", "yes")
    add("hospital_number", np.char.add(hospital, years), "text", *identifier)
    add("born", dates("1930-01-01", "2000-01-01"), "date", "dd/mm/yyyy", *identifier[1:])
    add(
        "centre",
        np.char.mod("%d", rng.integers(1, 11, ROWS)),
        "category",
        "",
        "",
        "",
        "|".join(f"centre_{i}" for i in range(1, 11)),
        "|".join(f"{i}=centre_{i}" for i in range(1, 11)),
    )
    add("visit", dates("2010-01-01", "2024-12-31"), "date", "dd/mm/yyyy", "2000")
    add("onset", dates("1980-01-01", "2010-01-01"), "date", "dd/mm/yyyy era=either", missing="-9")
    add(
        "sex",
        rng.choice(["M", "F", "female"], ROWS),
        "category",
        "",
        "",
        "",
        "female|male",
        "M=male|F=female",
    )
    add(
        "subset",
        rng.choice(["1", "2", "3"], ROWS),
        "category",
        "",
        "",
        "",
        "limited|diffuse|sine",
        "1=limited|2=diffuse|3=sine",
        missing="9",
    )
    for sign in SIGNS:
        cells = rng.choice(["0", "1", "N", "Y"], ROWS, p=[0.6, 0.3, 0.05, 0.05])
        add(sign, cells, "binary", "", "", "", "no|yes", YES_NO, missing="9")
    for name, low, high in (
        *(("age", 18, 100), ("mrss", 0, 51), ("dlco", 10, 150), ("fvc", 10, 160), ("esr", 0, 140)),
        *(("platelets", 20, 900), ("ck", 5, 2000), ("visits", 1, 60)),
    ):
        add(name, numbers(low, high, 0), "integer", "", str(low), str(high), missing="-9")
    for name, low, high, digits in (
        *(("haqdi", 0, 3, 2), ("height", 1.2, 2.1, 2), ("weight", 30, 160, 1)),
        *(("duration", 0, 60, 1), ("haemoglobin", 4, 20, 1), ("creatinine", 0.2, 9, 2)),
        *(("calcium", 1.5, 3.5, 2), ("vitamin_d", 3, 150, 1), ("t_score", -5, 4, 1)),
        *(("crp", 0, 200, 1), ("nt_probnp", 5, 5000, 1)),
    ):
        add(name, numbers(low, high, digits), "number", "", str(low), str(high), missing="-9")
    comments = np.array(["", "seen in clinic", "moved away, letter sent", "see notes"], "object")
    add("comment", comments[rng.choice(4, ROWS, p=[0.9, 0.05, 0.03, 0.02])], "text")
    return made


def write(folder: Path) -> str:
    """Write the export and its codebook, with a few errors of each kind in it."""
    rng = np.random.default_rng(SEED)
    made = columns(rng)
    for name, wrong in (
        *(("age", "135"), ("haqdi", "<0.5"), ("visit", "31/02/2015"), ("subset", "7")),
        *(("onset", "2545"), ("weight", "72,5"), ("crp", "12 %"), ("sex", " f ")),
        *(("onset", "05/06/2540"), ("age", "45.0")),
    ):
        made[name][1][rng.integers(0, ROWS, 40)] = wrong
    ids = made["patient_id"][1]
    ids[ROWS // 2] = ids[0]
    ids[ROWS // 2 + 1] = ids[1].lower()
    cells = pd.DataFrame({name: cells for name, (_, cells) in made.items()}, copy=False)
    cells.to_csv(folder / "patients.csv", index=False, lineterminator="\n")
    lines = [
        [name, "patients", name, name.replace("_", " "), *line] for name, (line, _) in made.items()
    ]
    pd.DataFrame(lines, columns=list(HEADER)).to_csv(folder / "codebook.csv", index=False)
    return str(ROWS)


def clean(folder: Path) -> str:
    from calcinosis.ingest import cleaning, codebook

    variables = codebook.read(folder / "codebook.csv")
    files = {"patients": [folder / "patients.csv"]}
    settings = {"same_person": [["born", "sex", "hospital_number"]], "rules": RULES}
    cleaned = cleaning.clean(files, variables, latest=DAY_OF_EXPORT, settings=settings)
    return f"{len(cleaned.tables['patients'])} {len(cleaned.queries)}"


def read(folder: Path) -> str:
    return str(len(pd.read_csv(folder / "patients.csv")))


WORK: dict[str, Callable[[Path], str]] = {"clean": clean, "read": read, "write": write}


def measured(name: str, folder: Path) -> list[str]:
    """Seconds, peak memory in bytes and what was counted, of one process.

    A process starts with the peak of the one that starts it, which therefore does nothing itself.
    """
    command = [sys.executable, __file__, name, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def work(name: str, folder: Path) -> None:
    start = time.perf_counter()
    found = WORK[name](folder)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(seconds, peak, found)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measured("write", folder)
        size = (folder / "patients.csv").stat().st_size
        print(f"{ROWS} rows, 40 columns, {size / 1e6:.0f} MB; medians of {REPEATS}")
        found: dict[str, list[list[str]]] = {"clean": [], "read": []}
        for _ in range(REPEATS):
            for work, runs in found.items():
                runs.append(measured(work, folder))
    median = {
        (work, i): statistics.median(float(run[i]) for run in runs)
        for work, runs in found.items()
        for i in (0, 1)
    }
    for work, words in (("clean", "parsed, checked, cleaned"), ("read", "pandas.read_csv")):
        seconds, peak = median[work, 0], median[work, 1]
        print(f"{words:26}{seconds:6.2f} s  peak memory {peak / size:5.2f} x the file's size")
    ratios = [median["clean", i] / median["read", i] for i in (0, 1)]
    print(f"ratio: time {ratios[0]:.2f}, memory {ratios[1]:.2f}")
    print(f"rows used and questions: {' and '.join(found['clean'][0][2:])}")


if __name__ == "__main__":
    work(sys.argv[1], Path(sys.argv[2])) if len(sys.argv) > 1 else main()
