"""The whole workflow at size: seconds and peak memory of each step, beside a plain R script.

`make benchmark-size` draws exports shaped as `multicentre` (simulated: nobody in them exists), runs
the workflow on each to its report on two cores, and the same analyses as a plain R script.
`python benchmarks/size.py workflow 20000 FOLDER` does one of them and keeps what it made.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd

from calcinosis.simulate import multicentre_large

ROOT = Path(__file__).resolve().parents[1]
PARTS = (*("Snakefile", "calcinosis", "workflow", "profiles", "environment.yml", "CITATION.cff"),)
SEED = 7
MORE = """
risks:
  bootstraps: 200

validation:
  bootstraps: 200

multiplicity:
  families: [univariable, multivariable]
"""
"""Sections that the bundled plan leaves out and that cost something at size."""


def project(folder: Path, patients: int) -> int:
    """A copy of the workflow with one large cohort; the size of its export in bytes."""
    folder.mkdir(parents=True)
    for part in PARTS:
        source = ROOT / part
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, folder / part)
    (folder / "config.yaml").write_text("cohorts: [cohorts/multicentre/cohort.yaml]\n", "utf-8")
    cohort = folder / "cohorts" / "multicentre"
    cohort.mkdir(parents=True)
    bundled = ROOT / "cohorts" / "multicentre"
    shutil.copy2(bundled / "published.yaml", cohort)
    plan = (bundled / "cohort.yaml").read_text("utf-8")
    (cohort / "cohort.yaml").write_text(plan + MORE, "utf-8")
    *export, _ = multicentre_large.write(cohort, patients, SEED)
    return sum(path.stat().st_size for path in export)


def run(folder: Path, *arguments: str) -> tuple[float, float]:
    """Wall and processor seconds of the engine with all its jobs."""
    environment = os.environ | {
        "PYTHONPATH": f"{folder}{os.pathsep}{ROOT / 'benchmarks' / 'measured'}",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MEASURED": str(folder / "measured.jsonl"),
    }
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]
    with (folder / "engine.log").open("w", encoding="utf-8") as log:
        done = subprocess.run(command, cwd=folder, env=environment, stdout=log, stderr=log)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        print((folder / "engine.log").read_text("utf-8")[-3000:])
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, processor


def steps(folder: Path) -> pd.DataFrame:
    """Of each step its processor seconds, summed over batches, and its greatest peak."""
    lines = (folder / "measured.jsonl").read_text("ascii").splitlines()
    found = pd.DataFrame([json.loads(line) for line in lines])
    return found.groupby("step").agg(
        jobs=("step", "size"), processor=("processor", "sum"), peak=("peak", "max")
    )


def workflow(patients: int, folder: Path) -> None:
    size = project(folder, patients)
    wall, processor = run(folder)
    table = steps(folder).sort_values("processor", ascending=False)
    table["times the export"] = table.pop("peak") / size
    print(f"{patients:,} patients, export {size / 1e6:.1f} MB")
    print(f"run: {wall:.1f} s, {processor:.1f} s of processors")
    print(table.round(2).to_string())
    for name in ("report.html", "tables.docx", "estimates.csv"):
        path = folder / "results" / "multicentre" / name
        print(f"{name}: {path.stat().st_size / 1e6:.2f} MB" if path.exists() else f"no {name}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["workflow"])
    parser.add_argument("patients", type=int)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    workflow(given.patients, given.folder.resolve())


if __name__ == "__main__":
    main()
