"""What many cohorts cost the engine: `make benchmark-cohorts`, or with other numbers after it.

Cohorts are copies of `early_ssc`. No step is run: the outputs are there, made once and copied, and
the engine only touches them (`--touch --forceall`). So what is left is its own: the rules, the
graph, which it looks through again after each checkpoint, choosing jobs, and its notes of them.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COHORT = "early_ssc"
# `--touch` waits a tenth of a second after each job.
ENGINE = """
import sys
from snakemake.cli import main
from snakemake.executors.touch import Executor
Executor.SLEEPING_TIME = 0
main(sys.argv[1:])
"""


def project(folder: Path, cohorts: int) -> None:
    """A checkout with so many cohorts."""
    for part in ("calcinosis", "workflow", "profiles"):
        shutil.copytree(ROOT / part, folder / part)
    for part in ("Snakefile", "environment.yml", "CITATION.cff"):
        shutil.copy2(ROOT / part, folder / part)
    names = [f"cohort_{number:03}" for number in range(cohorts)]
    for name in names:
        shutil.copytree(ROOT / "cohorts" / COHORT, folder / "cohorts" / name)
    lines = ["cohorts:", *(f"  - cohorts/{name}/cohort.yaml" for name in names)]
    (folder / "config.yaml").write_text("\n".join(lines) + "\n", "utf-8")


def engine(folder: Path, *arguments: str) -> tuple[float, float, str]:
    """Wall and processor seconds of a run, and what it said."""
    before, started = os.times(), time.perf_counter()
    ended = subprocess.run(
        [sys.executable, "-c", ENGINE, "--cores", "2", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        text=True,
        capture_output=True,
        check=False,
    )
    wall, after = time.perf_counter() - started, os.times()
    if ended.returncode:
        sys.exit(ended.stdout + ended.stderr)
    used = after.children_user + after.children_system
    used -= before.children_user + before.children_system
    return wall, used, ended.stdout + ended.stderr


def jobs(said: str) -> int:
    """The number of jobs of the first table of a run."""
    return next(int(line.split()[1]) for line in said.splitlines() if line.startswith("total "))


def measure(cohorts: int, made: Path) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project(folder, cohorts)
        first, _, _ = engine(folder, "--dry-run")
        graph, graph_processor, said = engine(folder, "--dry-run")
        for cohort in (folder / "cohorts").iterdir():
            shutil.copytree(made, folder / "results" / cohort.name)
        for page in ("index.html", "manifest.json", "verdict.txt"):
            (folder / "results" / page).touch()
        whole, whole_processor, _ = engine(folder, "--touch", "--forceall")
        nothing, nothing_processor, again = engine(folder)
        assert "Nothing to be done" in again
        kept = sum(path.is_file() for path in (folder / ".snakemake").rglob("*"))
        return {
            "cohorts": cohorts,
            "jobs": jobs(said),
            "first dry run": first,
            "dry run": graph,
            "dry run, processor": graph_processor,
            "all jobs touched": whole,
            "all jobs touched, processor": whole_processor,
            "nothing to do": nothing,
            "nothing to do, processor": nothing_processor,
            "files of a cohort": sum(path.is_file() for path in made.rglob("*")),
            "the engine's notes of a cohort": kept / cohorts,
        }


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] or ("10", "50", "200")]
    with tempfile.TemporaryDirectory() as name:
        one = Path(name)
        project(one, 1)
        engine(one)
        for number in numbers:
            measured = measure(number, one / "results" / "cohort_000")
            rounded = {key: round(value, 2) for key, value in measured.items()}
            print(json.dumps(rounded, indent=1), flush=True)
