"""`calcinosis explain`: a printed number followed back to the rows of the export.

It reads what a run has left and computes nothing anew.
"""

import ast
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from calcinosis import cohort, estimates, made, origins, plan, provenance
from calcinosis.errors import InputError, nearest
from calcinosis.estimates import Row
from calcinosis.frames import read_frame
from calcinosis.ingest.codebook import Variable
from calcinosis.ingest.redcap.completion import read_codebook
from calcinosis.present import formats
from calcinosis.present.blocks import Cell, Picture, Table, parts_of, plain
from calcinosis.present.contents import sections
from calcinosis.present.words import Book
from calcinosis.scoring import made_of

SCRIPTS = origins.RULES.parent / "scripts"
PACKAGE = Path(__file__).resolve().parent
_ESTIMATE = "calcinosis.estimate"
_ORIGINS = {"patients": "patients_origin", "readings": "readings_origin"}


def explain(
    plan_file: str | Path, result_id: str, results: str | Path = "results"
) -> Iterator[str]:
    """The chain of a number from the page to the export.

    Parameters
    ----------
    plan_file : path of the cohort's `cohort.yaml`
    result_id : name of the number, as the appendix of the report has it
    results : the folder of the run

    Yields
    ------
    lines of text; the last ones name patients and are private

    Raises
    ------
    InputError
        The cohort was not run, or no number has that name.
    """
    name = plan.cohort_name(plan_file)
    home = Path(results) / name
    facts = cohort.facts(str(plan_file), provenance.Remembered())
    private = (home / "private" / folder for folder in ("tables", "datasets"))
    made.checked([path for of in (home / "estimates", *private) for path in of.glob("*.*")])
    parts = {path.stem: estimates.read(path) for path in sorted((home / "estimates").glob("*.csv"))}
    rule, row = _find(parts, result_id, home)
    rows = [each for made in parts.values() for each in made]
    origin = origins.rules()[rule]
    yield from _row(row)
    yield from _printed(rows, row, facts, home)
    yield from _made(rule, origin, facts)
    frames = {}
    for dataset in origin.datasets:
        path = home / "private" / "datasets" / f"{dataset}.parquet"
        frames[path] = read_frame(path)
        digest = provenance.file_hash(path)
        columns = ", ".join(map(str, frames[path].columns))
        yield f"Dataset     {path}: {len(frames[path])} rows; SHA-256 {digest}"
        yield f"            columns: {columns}"
    of_export = plan.read_plan(plan_file).export.model_dump(mode="json")
    variables, _ = read_codebook(Path(plan_file).parent / "codebook.csv", of_export)
    yield from _patients(frames, row, variables, facts["scoring"], home)


def _find(parts: Mapping[str, list[Row]], result_id: str, home: Path) -> tuple[str, Row]:
    found = [
        (rule, row) for rule, made in parts.items() for row in made if row.result_id == result_id
    ]
    if found:
        return found[0]
    if not parts:
        raise InputError(f"{home}/estimates: there is nothing; run `snakemake --cores 4` first")
    every = [row.result_id for made in parts.values() for row in made]
    hint = nearest(result_id, every)
    raise InputError(f"no number of {home}/estimates.csv is called '{result_id}': {hint}")


def _row(row: Row) -> Iterator[str]:
    yield f"Number      {row.result_id}"
    for name in (
        *("estimate", "std_error", "df", "conf_low", "conf_high", "conf_level"),
        "p_value",
    ):
        value = getattr(row, name)
        if value is not None:
            yield f"            {name} {formats.every_digit(value)}"
    counts = [
        f"{name} {formats.every_digit(value)}"
        for name in ("n", "events", "person_years")
        if (value := getattr(row, name)) is not None
    ]
    if counts:
        yield f"            {', '.join(counts)}"
    yield f"            status {row.status}{f': {row.note}' if row.note else ''}"


def _printed(rows: list[Row], row: Row, facts: Mapping[str, Any], home: Path) -> Iterator[str]:
    """Where the report prints it, with the words around it."""
    seen = False
    with formats.written_for(facts["plan"]["report"]["numbers"]):
        chapters = sections(Book(rows), facts["plan"], facts["labels"])
    for chapter in chapters:
        for block in chapter.blocks:
            shown = [p.text for p in parts_of(block) if isinstance(p, Cell) and p.row == row]
            if not shown:
                continue
            seen = True
            where = block.caption if isinstance(block, Table | Picture) else "text"
            texts = " and ".join(f"'{text}'" for text in dict.fromkeys(shown))
            yield f"Printed     {texts}, chapter {chapter.title}: {plain(where)}"
    if not seen:
        yield f"Printed     nowhere in {home}/report.html; {home}/estimates.csv holds it"


def _made(rule: str, origin: origins.Origin, facts: Mapping[str, Any]) -> Iterator[str]:
    script = SCRIPTS / f"{origin.script}.py"
    yield f"Rule        {rule}, workflow/rules/{origin.file}, workflow/scripts/{script.name}"
    for module, function, said in _functions(script):
        yield f"Call        {module}.{function}: {said[0]}"
        yield from (f"            {line}" for line in said[1:])
    for parameter, place in origin.facts.items():
        value: Any = facts
        for key in place.split("/"):
            value = value[key]
        yield f"Setting     {parameter} = {json.dumps(value, ensure_ascii=False)}"
    yield "References  docs/estimate.md, and the docstrings of the modules that the call imports"


def _functions(script: Path) -> Iterator[tuple[str, str, list[str]]]:
    """The estimators that a script calls: first line and references of their docstrings."""
    tree = ast.parse(script.read_text("utf-8"))
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith(f"{_ESTIMATE}."):
            module, names = str(node.module), {alias.name for alias in node.names}
            path = PACKAGE.joinpath(*module.split(".")[1:])
            path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
            for made in ast.parse(path.read_text("utf-8")).body:
                if isinstance(made, ast.FunctionDef | ast.ClassDef) and made.name in names:
                    yield module, made.name, _summary(ast.get_docstring(made) or "")


def _summary(docstring: str) -> list[str]:
    lines = docstring.splitlines()
    first = lines[0] if lines else ""
    if "References" not in lines:
        return [first]
    return [first, *filter(None, lines[lines.index("References") + 2 :])]


def counted(frame: pd.DataFrame, row: Row) -> tuple[pd.DataFrame, list[str]]:
    """The patients of a dataset behind a number, and who they are in words."""
    said = []
    variable, equals, level = row.group.partition("=")
    if equals and variable in frame:
        of = frame[variable].astype("object")
        against, _, reference = row.reference.partition("=")
        levels = [level, *([reference] if against == variable else [])]
        if row.model == "leave_one_out":
            frame = frame[of.notna() & (of != level)]
            said.append(f"{variable} is not {level}")
        else:
            frame = frame[of.isin(levels)]
            said.append(f"{variable} is {' or '.join(levels)}")
    if row.term in frame:
        frame = frame[frame[row.term].notna()]
        said.append(f"{row.term} is known")
    return frame, said


def _patients(
    frames: Mapping[Path, pd.DataFrame],
    row: Row,
    variables: list[Variable],
    scoring: Mapping[str, Any],
    home: Path,
) -> Iterator[str]:
    """The rows of the export behind the number: those of the group, with a value of the term."""
    of_patients = [frame for frame in frames.values() if "patient_id" in frame]
    if not of_patients:
        yield f"Export      counts of the whole export; {home}/private has its lists"
        return
    frame, said = counted(of_patients[0], row)
    ids = set(frame["patient_id"])
    used = {part for name in frame.columns for part in made_of(str(name), scoring)}
    whom = f" of whom {' and '.join(said)}" if said else ""
    yield f"Patients    {len(ids)} in the dataset{whom}"
    yield "Private     the lines below name patients"
    for table, file in _ORIGINS.items():
        path = home / "private" / "tables" / f"{file}.parquet"
        if not path.exists():
            continue
        origin = read_frame(path)
        if origin.empty:
            continue
        origin = origin[origin["patient_id"].isin(ids)].sort_values(["file", "row"])
        yield f"Export      {table}: {len(origin)} rows"
        for name in dict.fromkeys(v.name for v in variables if v.table == table):
            if name in used:
                of_name = [v for v in variables if (v.table, v.name) == (table, name)]
                columns = dict.fromkeys(source for v in of_name for source in v.sources)
                yield f"            {name}: column {' or '.join(columns)}"
        for patient, name, line in zip(
            origin["patient_id"], origin["file"], origin["row"], strict=True
        ):
            yield f"            {name}:{line} {patient}"
