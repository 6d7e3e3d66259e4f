"""REDCap projects for tests: small ones written line by line, and the simulated cohort."""

import csv
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from builders import LATEST, ROOT

from calcinosis.ingest import cleaning, codebook
from calcinosis.ingest.redcap import completion, dictionary
from calcinosis.plan import read_plan
from calcinosis.plan.export import Export
from calcinosis.side_files import Correction
from calcinosis.simulate import early_ssc, early_ssc_redcap

HOME = ROOT / "tests" / "data" / "early_ssc_redcap"
WEB = (HOME / "data_dictionary.csv").read_text("utf-8-sig").splitlines()[0]
WEB_HEADER = next(csv.reader([WEB]))
API_HEADER = [
    *("field_name", "form_name", "section_header", "field_type", "field_label"),
    *("select_choices_or_calculations", "field_note"),
    *("text_validation_type_or_show_slider_number", "text_validation_min", "text_validation_max"),
    *("identifier", "branching_logic", "required_field", "custom_alignment", "question_number"),
    *("matrix_group_name", "matrix_ranking", "field_annotation"),
]
PLACE = {"name": 0, "form": 1, "kind": 3, "label": 4, "choices": 5, "validation": 7}
PLACE |= {"low": 8, "high": 9, "identifier": 10}
Line = dict[str, str]


def field(name: str, form: str, kind: str = "text", choices: str = "", **more: str) -> Line:
    """One line of a dictionary, with the name as its label."""
    return {"name": name, "form": form, "kind": kind, "label": name, "choices": choices} | more


def write_dictionary(path: Path, lines: list[Line], *, header: list[str] = WEB_HEADER) -> None:
    rows = []
    for line in lines:
        row = [""] * len(header)
        for key, value in line.items():
            row[PLACE[key]] = value
        rows.append(row)
    with path.open("w", encoding="utf-8-sig" if header is WEB_HEADER else "utf-8") as file:
        csv.writer(file).writerows([header, *rows])


def make_project(
    folder: Path, lines: list[Line], *, header: list[str] = WEB_HEADER, **settings: Any
) -> dictionary.Project:
    """A project with one dictionary; `settings` are keys of `export.redcap`."""
    write_dictionary(folder / "dictionary.csv", lines, header=header)
    tables = {"patients": ["e.csv"]} | ({"readings": ["e.csv"]} if "films" in settings else {})
    export = Export.model_validate(
        {"tables": tables, "redcap": {"dictionary": ["dictionary.csv"]} | settings}
    )
    found = dictionary.project(export.model_dump(mode="json"), folder)
    assert found is not None
    return found


def read_codebook(folder: Path, project: dictionary.Project, text: str) -> list[codebook.Variable]:
    (folder / "codebook.csv").write_text(text, "utf-8")
    return codebook.read(folder / "codebook.csv", completion.completing(project))


def clean_export(
    folder: Path,
    project: dictionary.Project,
    book: str,
    *exports: str,
    given: Sequence[Correction] = (),
) -> cleaning.Cleaned:
    """Clean raw exports (one file each) by a codebook and corrections."""
    paths = [folder / f"export_{i}.csv" for i in range(len(exports))]
    for path, text in zip(paths, exports, strict=True):
        path.write_text(text, "utf-8")
    tables = ["patients", "readings"] if project.settings["films"] else ["patients"]
    return cleaning.clean(
        {table: [str(path) for path in paths] for table in tables},
        read_codebook(folder, project, book),
        latest=LATEST,
        project=project,
        given=given,
    )


def write_cohort(folder: Path) -> Path:
    """Dictionary, codebook, export, and the plan of `early_ssc` with another section `export`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("data_dictionary.csv", "codebook.csv"):
        shutil.copy(HOME / name, folder / name)
    shutil.copy(ROOT / "cohorts" / "early_ssc" / "published.yaml", folder)
    early_ssc_redcap.write(early_ssc.export(early_ssc.SEED), folder / "export.csv")
    text = (ROOT / "cohorts" / "early_ssc" / "cohort.yaml").read_text("utf-8")
    section = (HOME / "export.yaml").read_text("utf-8") + "\n"
    text, count = re.subn(r"export:\n(  .*\n)+\n", lambda _: section, text)
    assert count == 1
    (folder / "cohort.yaml").write_text(text, "utf-8")
    return folder


def clean_cohort(folder: Path) -> cleaning.Cleaned:
    """Clean a REDCap cohort as the workflow does."""
    export = read_plan(folder / "cohort.yaml").export
    variables, project = completion.read_codebook(
        folder / "codebook.csv", export.model_dump(mode="json")
    )
    files = {table: [folder / e.file for e in entries] for table, entries in export.tables.items()}
    return cleaning.clean(files, variables, latest=LATEST, project=project)
