"""How long runs take, against named peers in the same minutes: `make benchmark`.

- a run with nothing to do, against one of a workflow of as many jobs that do nothing, each with a
  log and a parameter as ours have;
- a fresh run of `multicentre` (no results, no memory of runs, nothing that the engine noted; what
  the code says is known from a start before), against one process that calls the same steps one
  after another, and against R Markdown of far less (`peer.Rmd`, HTML and Word: Table 1, eight
  models, a rate, a rank-sum test, two figures, from the patients that the workflow has cleaned);
- the run after one T-score has changed, against the same.

R is Debian's: r-base-core, r-cran-rmarkdown and r-cran-tidyverse.
"""

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
PARTS = (
    *("Snakefile", "calcinosis", "workflow", "profiles", "cohorts", "environment.yml"),
    "CITATION.cff",
)
REPEATS = 3
DRAWN = ("missing_data:", "risks:", "validation:")
"""Sections of the plan that draw imputations or resamples, as many as they say; left out here, as
are the resamples of bone density."""
FINALFIT = 1.71
"""How many times as long as `peer.Rmd` the same document takes with finalfit (not in Debian; its
`summary_factorlist`, `finalfit` and `or_plot`): 20.2 v 11.8 s, medians of four in turn."""
WANTED = (
    ("fresh run", "one process", 3),
    ("fresh run", "R Markdown", FINALFIT * 12 / 12.1),
    ("one T-score changed", "R Markdown", FINALFIT * 8 / 12.1),
    ("nothing to do, dry run", "as many jobs of nothing", 1.15),
)
"""What is measured, against what, and the most that it may be. Where finalfit's document took 12.1
seconds, a fresh run should take 12 at most, and one T-score 8."""
ENGINES_NOTES = [f".snakemake/{name}" for name in ("metadata", "incomplete", "scripts", "log")]

DUMMY = """\
rule all:
    input: expand("out/{{i}}.txt", i=range({jobs}))
rule one:
    output: "out/{{i}}.txt"
    log: "logs/{{i}}.log"
    params: code="nothing"
    shell: "touch {{output}}"
"""


def seconds(*command: str, cwd: Path, program: str = sys.executable) -> float:
    """Wall time of a command that must succeed."""
    start = time.perf_counter()
    environment = os.environ | {"PYTHONPATH": str(cwd), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [program, *command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return time.perf_counter() - start


def engine(*arguments: str, cwd: Path) -> float:
    return seconds("-m", "snakemake", "--cores", "2", *arguments, cwd=cwd)


def copy(target: Path) -> Path:
    target.mkdir()
    for part in PARTS:
        source = ROOT / part
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, target / part)
    (target / "config.yaml").write_text("cohorts: [cohorts/multicentre/cohort.yaml]\n", "utf-8")
    plan = target / "cohorts" / "multicentre" / "cohort.yaml"
    sections = re.split(r"^(?=\w)", plan.read_text("utf-8"), flags=re.M)
    kept = "".join(section for section in sections if not section.startswith(DRAWN))
    plan.write_text(kept.replace("  bootstraps: 500\n", "  bootstraps: 0\n"), "utf-8")
    return target


def change_t_score(project: Path, value: str) -> None:
    path = project / "cohorts/multicentre/centre_01.csv"
    text = path.read_text("utf-8")
    path.write_text(re.sub(r",-\d\.\d,", f",{value},", text, count=1), "utf-8")


def patients_of(project: Path) -> None:
    """Write `patients.csv` beside a copy of `peer.Rmd`: what the models and T-scores are of."""
    datasets = project / "results" / "multicentre" / "private" / "datasets"
    columns = ["patient_id", "centre", "t_score"]
    scores = pd.read_parquet(datasets / "bone_density.parquet", columns=columns)
    models = pd.read_parquet(datasets / "models.parquet")
    found = models.assign(calcinosis=models["calcinosis"].map({True: "yes", False: "no"}))
    found = found.merge(scores, on=columns[:2], how="left", validate="one_to_one")
    found.to_csv(project / "patients.csv", index=False)
    shutil.copy2(ROOT / "benchmarks" / "peer.Rmd", project)


def rendered(project: Path) -> float:
    """The two documents of R Markdown, one after another, each by a process of its own."""
    kinds = ("html_document", "word_document")
    calls = (f"rmarkdown::render('peer.Rmd', '{kind}', quiet = TRUE)" for kind in kinds)
    return sum(seconds("-e", call, cwd=project, program="Rscript") for call in calls)


def main() -> None:
    if shutil.which("Rscript") is None:
        sys.exit("Rscript is not there; apt-get install r-cran-rmarkdown r-cran-tidyverse")
    with tempfile.TemporaryDirectory() as folder:
        project = copy(Path(folder) / "project")
        one_process = str(ROOT / "benchmarks" / "one_process.py")
        engine("--dry-run", cwd=project)
        fresh, alone, changed, markdown = [], [], [], []
        for repeat in range(REPEATS):
            for made in ("results", "records", *ENGINES_NOTES):
                shutil.rmtree(project / made, ignore_errors=True)
            fresh.append(engine(cwd=project))
            alone.append(seconds(one_process, str(Path(folder) / f"alone{repeat}"), cwd=project))
            change_t_score(project, f"-3.{repeat + 1}")
            changed.append(engine(cwd=project))
            patients_of(project)
            markdown.append(rendered(project))
        logs = list((project / "results").rglob("logs/*.log"))
        dummy = Path(folder) / "dummy"
        dummy.mkdir()
        (dummy / "Snakefile").write_text(DUMMY.format(jobs=len(logs)), "utf-8")
        engine(cwd=dummy)
        nothing, peer = [], []
        for _ in range(REPEATS + 2):
            nothing.append(engine("--dry-run", cwd=project))
            peer.append(engine("--dry-run", cwd=dummy))
    seconds_of = {
        "fresh run": fresh,
        "one process": alone,
        "R Markdown": markdown,
        "one T-score changed": changed,
        "nothing to do, dry run": nothing,
        "as many jobs of nothing": peer,
    }
    took = {name: statistics.median(times) for name, times in seconds_of.items()}
    print(f"{len(logs)} jobs; medians of {REPEATS} (nothing to do: {REPEATS + 2}), seconds")
    for name, median in took.items():
        print(f"{name:<24}{median:6.2f}")
    missed = []
    for name, of, most in WANTED:
        ratio = took[name] / took[of]
        print(f"{name:<24}{ratio:6.2f} times {of}, at most {most:.2f} wanted")
        missed += [f"{name} ({ratio:.2f} times {of})"] if ratio > most else []
    if missed:
        sys.exit(f"Slower than wanted: {', '.join(missed)}")


if __name__ == "__main__":
    main()
