"""The steps of a cohort one after another in one process: the peer of the workflow's run.

`python benchmarks/one_process.py TARGET` makes `multicentre`; the tests of bad input call `analyse`
and `present` on small exports.
"""

import functools
import importlib.util
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from calcinosis import cohort, provenance
from calcinosis.job import job

SCRIPTS = Path(__file__).resolve().parents[1] / "workflow" / "scripts"
DESCRIBING = ("describe", "bone_density", "disability", "lesions")
FIGURES = {
    "flow": "flow",
    "severity": "transitions",
    "models": "forest",
    **{name: name for name in DESCRIBING[1:]},
}


class Files(SimpleNamespace):
    """Named files or settings, as the engine hands them to a script."""

    def get(self, name: str) -> Any:
        return getattr(self, name, None)

    def items(self) -> Any:
        return vars(self).items()

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)


@functools.cache
def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def step(home: Path, name: str, *arguments: Any) -> None:
    """Run a rule's script with its log, as the engine does."""
    with job(home / "private" / "logs" / f"{name}.log"):
        script(name).main(*arguments)


def clean(facts: Mapping[str, Any], home: Path) -> Files:
    """From the export to typed tables and logs."""
    private = home / "private"
    for folder in (private / "logs", private / "tables", private / "severity"):
        folder.mkdir(parents=True, exist_ok=True)
    names = {
        "patients": "tables/patients.parquet",
        "readings": "tables/readings.parquet",
        "quality": "quality.parquet",
        "queries": "queries.csv",
        "normalisations": "normalisations.csv",
    }
    cleaned = Files(**{name: str(private / path) for name, path in names.items()})
    step(home, "clean", facts["files"], facts["codebook"], facts["plan"]["export"], cleaned)
    return cleaned


def _datasets(facts: Mapping[str, Any], home: Path, cleaned: Files) -> Files:
    plan, private = facts["plan"], home / "private"
    source = Files(quality=cleaned.quality)
    source.patients = str(private / "patients.parquet")
    step(home, "scores", cleaned.patients, facts["scoring"], source.patients)
    if plan["severity"]:
        films = Files(
            **{
                name: str(private / "severity" / f"{name}.parquet")
                for name in ("intervals", "regions", "films")
            }
        )
        settings = Files(**plan["readers"], **plan["severity"])
        step(home, "films", cleaned.readings, settings, films)
        vars(source).update(vars(films))
    folder = private / "datasets"
    folder.mkdir()
    names = ("flow", "records", "quality", "severity", "regions", "incidence", "models")
    made = Files(**{name: str(folder / f"{name}.parquet") for name in (*names, *DESCRIBING)})
    made.done = str(folder / ".done")
    improvement = plan["severity"] and plan["severity"]["improvement"]
    criteria = facts["settings"]["criteria"]
    step(home, "datasets", source, criteria, improvement, facts["needs"], made)
    return made


def analyse(
    facts: Mapping[str, Any], home: Path, estimate: Callable[..., None] = step
) -> dict[str, str]:
    """From the export to the table of estimates; returns the estimates files by their name.

    `estimate` runs the steps from a dataset to its estimates.
    """
    plan, settings = facts["plan"], facts["settings"]
    made = _datasets(facts, home, clean(facts, home))
    (home / "estimates").mkdir()
    arguments: dict[str, tuple[Any, ...]] = {
        "flow": (made.flow, made.records),
        "quality": (made.quality,),
    }
    if plan["describe"]:
        arguments["describe"] = (made.describe, settings["describe"])
    if plan["severity"]:
        arguments["severity"] = (made.severity, made.regions, plan["severity"]["comparison"])
    if plan["incidence"]:
        arguments["incidence"] = (made.incidence, plan["incidence"]["per"])
    if plan["models"]:
        arguments["models"] = (made.models, plan["models"], plan["centres"])
    for name in DESCRIBING[1:]:
        if plan[name]:
            arguments[name] = (made[name], settings[name])
    tables = {name: str(home / "estimates" / f"{name}.csv") for name in arguments}
    for name, given in arguments.items():
        estimate(home, name, *given, tables[name])
    parts = list(tables.values())
    tables["estimates"] = str(home / "estimates.csv")
    step(home, "estimates", parts, tables["estimates"])
    return tables


def present(facts: Mapping[str, Any], home: Path, tables: Mapping[str, str]) -> None:
    """The figures, the report and the Word file of what was analysed."""
    for folder in ("figures", "figure_data"):
        (home / folder).mkdir()
    drawn = []
    for analysis, name in FIGURES.items():
        if analysis not in tables:
            continue
        stem = str(home / "figures" / f"{name}_figure")
        data = str(home / "figure_data" / f"{name}_figure.csv")
        output = Files(svg=f"{stem}.svg", png=f"{stem}.png", data=data)
        words = [facts["plan"]["report"]["observation"]] if name == "transitions" else []
        step(home, f"{name}_figure", tables[analysis], facts["labels"], *words, output)
        drawn.append(output.svg)
    said = (facts["plan"], facts["labels"])
    step(home, "report", home.name, tables["estimates"], drawn, *said, str(home / "report.html"))
    step(home, "word", tables["estimates"], *said, str(home / "tables.docx"))


def main(target: Path) -> None:
    facts = cohort.facts("cohorts/multicentre/cohort.yaml", provenance.Remembered())
    home = target / "multicentre"
    present(facts, home, analyse(facts, home))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
