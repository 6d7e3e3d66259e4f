"""No id, date or identifier of a patient stands outside `private`, also after a run that failed."""

import csv
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from conftest import Project, copy_project
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from calcinosis.ingest import codebook

HOME = "cohorts/early_ssc"


def secrets(project: Project) -> set[bytes]:
    """Ids, hospital numbers and dates of films as the export and as the tables write them."""
    found = set()
    for file in ("patients.csv", "readings.csv"):
        with project.path(f"{HOME}/{file}").open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                found |= {row[name] for name in ("study_id", "hn", "film_date") if row.get(name)}
    readings = project.path("results/early_ssc/private/tables/readings.parquet")
    if readings.exists():
        found |= set(pd.read_parquet(readings)["film_date"].dt.strftime("%Y-%m-%d"))
    return {text.encode() for text in found if len(text) > 3}


def secrets_of_centres(project: Project) -> set[bytes]:
    """Record numbers as the ten files write them, ids with their centre, and dates of visits."""
    (number,) = [
        v for v in codebook.read(project.path("cohorts/multicentre/codebook.csv")) if v.identifier
    ]
    found = set()
    for path in project.path("cohorts/multicentre").glob("centre_*.csv"):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        (column,) = [
            name for name in frame if codebook.fold(name) in map(codebook.fold, number.sources)
        ]
        found |= set(frame[column])
    patients = pd.read_parquet(
        project.path("results/multicentre/private/tables/patients.parquet"),
        columns=["patient_id", "visit_date"],
    )
    found |= set(patients["patient_id"]) | set(
        patients["visit_date"].dt.strftime("%Y-%m-%d").dropna()
    )
    return {text.encode() for text in found if len(text) > 5}


def public_texts(project: Project) -> dict[str, bytes]:
    """What a person may see or send: everything but the private folders and the exports."""
    texts = {}
    folders = ("results", "records", ".snakemake")
    for path in [path for folder in folders for path in project.path(folder).rglob("*")]:
        name = path.relative_to(project.folder)
        if not path.is_file() or "private" in name.parts:
            continue
        texts[str(name)] = path.read_bytes()
        if path.suffix == ".docx":
            with zipfile.ZipFile(path) as word:
                texts[str(name)] = b"".join(word.read(part) for part in word.namelist())
        elif path.suffix == ".png":
            texts[str(name)] = said_by_png(path.read_bytes())
    return texts


def said_by_png(image: bytes) -> bytes:
    """What a PNG file says beside its pixels, which hold any four letters by chance."""
    said, at = [], 8
    while at < len(image):
        length, kind = int.from_bytes(image[at : at + 4]), image[at + 4 : at + 8]
        if kind != b"IDAT":
            said.append(image[at + 8 : at + 8 + length])
        at += 12 + length
    return b"\n".join(said)


def test_the_words_of_a_png_are_seen_and_its_pixels_are_not(tmp_path):
    file = tmp_path / "figure.png"
    drawn = Figure(figsize=(1, 1))
    FigureCanvasAgg(drawn).print_png(file, metadata={"Comment": "drawn for E001"})
    assert b"drawn for E001" in said_by_png(file.read_bytes())
    assert b"IDAT" not in said_by_png(file.read_bytes())
    assert len(said_by_png(file.read_bytes())) < 300


def leaks(
    project: Project, output: str, of: Callable[[Project], set[bytes]] = secrets
) -> list[tuple[str, str]]:
    wanted = re.compile(
        rb"(?<![A-Za-z0-9])(" + b"|".join(map(re.escape, of(project))) + rb")(?![A-Za-z0-9])"
    )
    texts = public_texts(project) | {"(printed)": output.encode()}
    return [
        (name, found.group().decode())
        for name, text in texts.items()
        for found in wanted.finditer(text)
    ]


def test_a_finished_run_leaks_nothing(finished: Project):
    texts = public_texts(finished)
    for part in (
        "report.html",
        "tables.docx",
        "tables/",
        "index.html",
        "estimates.csv",
        "changes.html",
        "changes.csv",
        "records/",
        "metadata",
    ):
        assert any(part in name for name in texts), part
    for of, fewest in ((secrets, 150), (secrets_of_centres, 1400)):
        assert len(of(finished)) > fewest
        assert leaks(finished, finished.path("run.txt").read_text("utf-8"), of) == []


def test_the_search_finds_a_leak(project: Project):
    page = project.path("results/early_ssc/report.html")
    page.write_text(page.read_text("utf-8").replace("</body>", "E001</body>"), "utf-8")
    assert leaks(project, "") == [("results/early_ssc/report.html", "E001")]


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        (
            "calcinosis/ingest/cleaning.py",
            "    log, partial = Log(),",
            "    raise ValueError(open(files['patients'][0]['path']).read())\n"
            "    log, partial = Log(),",
        ),
        (
            "calcinosis/derive/severity.py",
            "    rules = (levels,",
            "    raise ValueError(grades.to_string())\n    rules = (levels,",
        ),
        (
            "calcinosis/estimate/incidence.py",
            "    rows = []\n",
            "    rows = []\n    raise ValueError(intervals.to_string())\n",
        ),
    ],
)
def test_an_error_that_quotes_the_data_stays_in_the_private_folder(project, module, old, new):
    project.edit(module, old, new)
    ended = project.run()
    assert ended.code != 0
    assert "ValueError" in ended.output
    assert leaks(project, ended.output) == []


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("patients.csv", lambda text: text.split("\n", 1)[1]),  # no header: a patient is first
        ("patients.csv", lambda text: text.replace("E001,", "E001,E001,")),  # a field more
        ("readings.csv", lambda text: re.sub(r"(\d+)/(\d+)/(\d{4})", r"\3.\2.\1", text)),
        ("readings.csv", lambda text: text.replace("E0", "X0")),
    ],
)
def test_a_file_that_is_refused_is_not_quoted(tmp_path, file, change):
    project = copy_project(tmp_path / "project")
    path: Path = project.path(f"{HOME}/{file}")
    path.write_text(change(path.read_text("utf-8")), "utf-8")
    ended = project.run()
    assert ended.code != 0
    assert "What the steps said:\n  early_ssc, step clean (log: " in ended.output
    assert "Traceback" not in ended.output
    assert leaks(project, ended.output) == []
