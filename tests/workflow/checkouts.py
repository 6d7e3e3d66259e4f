"""A copy of the project in a folder of its own, and the jobs that a run of it executes."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("Snakefile", "config.yaml", "config_real.yaml", "environment.yml", "CITATION.cff")
MAIN = ("early_ssc", "multicentre")
"""The cohorts of the main job."""
FOLDERS = ("calcinosis", "workflow", "profiles", "cohorts")
_DONE = re.compile(r"^(?:Finished jobid: \d+ \(Rule: |Error in rule )(\w+)", re.MULTILINE)
_PLANNED = re.compile(r"^(\w+) +\d+$", re.MULTILINE)
"""In what the engine prints: jobs that ended, well or not; the table of a dry run."""


@dataclass(frozen=True)
class Ended:
    """How a run ended: exit code, what it printed, the rules of the jobs that it executed.

    Of a dry run, the rules of the jobs that it would execute.
    """

    code: int
    output: str
    jobs: set[str]


def how_it_ended(code: int, output: str, dry_run: bool = False) -> Ended:
    jobs = (_PLANNED if dry_run else _DONE).findall(output)
    return Ended(code, output, set(jobs) - {"all", "total"})


def start_module(folder: Path, words: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """Run a module as `python -m` does: its exit code, and what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        env=environment,
        text=True,
        capture_output=True,
        check=False,
        timeout=900,
    )
    return done.returncode, done.stdout + done.stderr


class Project:
    """A checkout that a test may change."""

    start_engine = staticmethod(start_module)

    def __init__(self, folder: Path):
        self.folder = folder

    def path(self, name: str) -> Path:
        return self.folder / name

    def run(self, *arguments: str, module: str = "snakemake") -> Ended:
        words = ["--cores", "2", *arguments] if module == "snakemake" else arguments
        # The copy's package comes first, before an installed one, and is compiled once.
        own = {"PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "", "COLUMNS": "200"}
        code, output = self.start_engine(self.folder, [module, *words], os.environ | own)
        return how_it_ended(code, output, "--dry-run" in words)

    def edit(self, name: str, old: str, new: str) -> None:
        text = self.path(name).read_text("utf-8")
        assert text.count(old) == 1, f"{name}: {old!r} stands {text.count(old)} times"
        self.path(name).write_text(text.replace(old, new), "utf-8")


def copy_project(target: Path, cohorts: tuple[str, ...] = ("early_ssc",)) -> Project:
    """A checkout without results, with the cohorts that are named, also in `config.yaml`."""
    target.mkdir(parents=True)
    for part in PARTS:
        shutil.copy2(ROOT / part, target / part)
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, target / folder)
    for cohort in (target / "cohorts").iterdir():
        if cohort.name not in cohorts:
            shutil.rmtree(cohort)
    config = (target / "config.yaml").read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in config if not re.match(r" +- ", line) or line.split("/")[1] in cohorts]
    (target / "config.yaml").write_text("".join(kept), "utf-8")
    return Project(target)


def artefacts(project: Project) -> dict[str, bytes]:
    """All results but logs."""
    results = project.path("results")
    return {
        str(path.relative_to(results)): path.read_bytes()
        for path in results.rglob("*")
        if path.is_file() and "logs" not in path.relative_to(results).parts
    }
