"""The steps of `multicentre` one after another in one process: the peer of the workflow's run."""

import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from calcinosis import cohort, provenance

SCRIPTS = Path("workflow/scripts")
ESTIMATES = ("describe", "bone_density", "disability", "lesions")
FIGURES = {"flow": "flow", "forest": "models", **{n: n for n in ESTIMATES if n != "describe"}}


class Files(SimpleNamespace):
    """Named files, as the engine hands them to a script."""

    def get(self, name: str) -> Any:
        return getattr(self, name, None)

    def items(self) -> Any:
        return vars(self).items()

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)


def step(script: str, *arguments: Any) -> None:
    spec = importlib.util.spec_from_file_location(script, SCRIPTS / f"{script}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main(*arguments)


def main(target: Path) -> None:
    facts = cohort.facts("cohorts/multicentre/cohort.yaml", provenance.Remembered())
    plan, settings = facts["plan"], facts["settings"]
    home = target / "multicentre"
    private, datasets = home / "private", home / "private" / "datasets"
    for folder in (datasets, home / "estimates", home / "figures", home / "figure_data"):
        folder.mkdir(parents=True)
    names = ("patients", "readings", "quality", "checks", "queries", "normalisations")
    suffix = {"queries": "csv", "normalisations": "csv"}
    cleaned = Files(**{n: str(private / f"clean_{n}.{suffix.get(n, 'parquet')}") for n in names})
    step("clean", facts["files"], facts["codebook"], plan["export"], settings["cleaning"], cleaned)
    patients = str(private / "patients.parquet")
    step("scores", cleaned.patients, facts["scoring"], patients)
    wanted = ("flow", "records", "quality", "checks", "models", *ESTIMATES)
    made = Files(**{name: str(datasets / f"{name}.parquet") for name in wanted})
    made.done = str(datasets / ".done")
    source = Files(patients=patients, quality=cleaned.quality, checks=cleaned.checks)
    step("datasets", source, settings["criteria"], None, facts["needs"], made)
    tables = {name: str(home / "estimates" / f"{name}.csv") for name in (*wanted, "estimates")}
    step("flow", made.flow, made.records, tables["flow"])
    step("quality", made.quality, made.checks, tables["quality"])
    step("models", made.models, plan["models"], plan["centres"], tables["models"])
    for name in ESTIMATES:
        step(name, made[name], settings[name], tables[name])
    parts = [tables[name] for name in ("flow", "quality", "describe", "models", *ESTIMATES[1:])]
    step("estimates", parts, tables["estimates"])
    drawn = []
    for name, estimates in FIGURES.items():
        kinds = {"svg": "figures", "png": "figures"}
        files = {
            kind: str(home / folder / f"{name}_figure.{kind}") for kind, folder in kinds.items()
        }
        output = Files(**files, data=str(home / "figure_data" / f"{name}_figure.csv"))
        step(f"{name}_figure", tables[estimates], facts["labels"], output)
        drawn.append(files["svg"])
    said = (plan, facts["labels"])
    step("report", "multicentre", tables["estimates"], drawn, *said, str(home / "report.html"))
    step("word", tables["estimates"], *said, str(home / "tables.docx"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
