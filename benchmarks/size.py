"""The whole workflow at size: seconds and peak memory of each step, beside a plain R script.

`make benchmark-size` draws exports shaped as `multicentre` (simulated: nobody in them exists) of 20
thousand, 200 thousand and a million patients, runs the workflow on each to its report on two cores,
and after the last one the same analyses as a plain R script, whose estimates are compared with
ours. The script runs a fiftieth of its resamples, one imputation of ten and one of eleven runs
without a centre, and multiplies their seconds; it leaves estimating equations out, because
`geepack` and others write matrices of all patients of a centre.

`python benchmarks/size.py workflow 5000000 FOLDER` does one size and keeps what it made; `plain` in
place of `workflow` runs the R script on the export of such a folder.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from calcinosis.simulate import multicentre_large

ROOT = Path(__file__).resolve().parents[1]
PARTS = (*("Snakefile", "calcinosis", "workflow", "profiles", "environment.yml", "CITATION.cff"),)
SIZES = (20_000, 200_000, 1_000_000)
OF_PLAIN = (
    *("scores", "describe", "models", "centres", "missing_data", "risks", "validation"),
    *(
        "bone_density",
        "bone_density_resamples",
        "disability",
        "lesions",
        "by_centre",
        "by_centre_left_out",
    ),
)
MOST_MEMORY, LEAST_FASTER = 7, 10
"""At the largest size: of a step, in exports; and of the whole run, against the R script."""
SHARE = 0.02
"""Of the imputations and resamples, that the R script runs."""
SEED = 7
COVARIATES = (
    "disease_duration/-/-/per_10",
    "digital_ischaemia/yes/no/-",
    "acro_osteolysis/yes/no/-",
)
SAME = {
    # What the script prints: our rows of the same numbers, and how far these may be apart (a
    # share). It draws one imputation where the plan draws ten, by random numbers of its own.
    "patients": ("flow/-/-/overall/analysed/-/-/patients/count/-", 0.0),
    "multivariable": ("multivariable/primary/calcinosis/overall/{}/odds_ratio/wald", 0.001),
    "random_intercept": ("centres/random_intercept/calcinosis/overall/{}/odds_ratio/wald", 0.001),
    "imputed": ("multivariable/imputed/calcinosis/overall/{}/odds_ratio/rubin", 0.02),
    "t_score": (
        "bone_density/-/-/calcinosis=yes/t_score/-/calcinosis=no/-/median_difference/rank_sum",
        0.02,
    ),
}
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
        "CALCINOSIS_PREPARED": "none",  # each step in a process of its own
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


def workflow(patients: int, folder: Path) -> tuple[float, float]:
    """Run all steps and print what each has used; the seconds, and the greatest peak memory."""
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
    return wall, float(table["times the export"].max())


def compare(folder: Path, printed: str) -> None:
    """Print how far our estimates are from those of the script; an error where it is too far."""
    ours = pd.read_csv(folder / "results" / "multicentre" / "estimates.csv", index_col="result_id")
    far = []
    for name, *numbers in (line[2:].split() for line in printed.splitlines() if line[:2] == "# "):
        result, most = SAME[name]
        found = [
            float(ours.loc[result.format(covariate), "estimate"])
            for covariate in (COVARIATES if "{}" in result else ("",))
        ]
        # Of what it prints with an interval, the first is the estimate.
        pairs = list(zip(found, map(float, numbers), strict=False))
        apart = max(abs(own / other - 1) for own, other in pairs)
        print(f"{name}: {pairs}, at most {apart:.1e} apart")
        far += [name] if apart > most else []
    if far:
        sys.exit(f"R and the workflow disagree: {', '.join(far)}")


def plain(folder: Path) -> float:
    """Run the R script on the export of a folder; print seconds by part, and their sum."""
    script = str(ROOT / "benchmarks" / "plain.R")
    given = [str(folder / "cohorts" / "multicentre"), str(SHARE), ",".join(OF_PLAIN)]
    done = subprocess.run(["Rscript", script, *given], capture_output=True, text=True, check=True)
    print(done.stdout)
    lines = [line.split("\t") for line in done.stdout.splitlines() if line.count("\t") == 2]
    run_in, whole = (sum(float(line[i]) for line in lines) for i in (1, 2))
    print(f"R: {run_in:.0f} s run, {whole:.0f} s with all imputations and resamples")
    compare(folder, done.stdout)
    return whole


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["all", "workflow", "plain"])
    parser.add_argument("patients", type=int, nargs="?")
    parser.add_argument("folder", type=Path, nargs="?")
    given = parser.parse_args()
    if given.what == "workflow":
        workflow(given.patients, given.folder.resolve())
    elif given.what == "plain":
        plain(given.folder.resolve())
    else:
        with tempfile.TemporaryDirectory() as name:
            for patients in SIZES:
                wall, peak = workflow(patients, Path(name) / str(patients))
            if peak > MOST_MEMORY:
                sys.exit(
                    f"A step took {peak:.1f} times the export, at most {MOST_MEMORY} is wanted"
                )
            if shutil.which("Rscript"):
                faster = plain(Path(name) / str(SIZES[-1])) / wall
                print(f"The workflow is {faster:.0f} times faster")
                if faster < LEAST_FASTER:
                    sys.exit(f"At least {LEAST_FASTER} times is wanted")


if __name__ == "__main__":
    main()
