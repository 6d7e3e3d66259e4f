"""`calcinosis verify`: whether what lies under `results/` is what export, plan and code make.

It compares three things: what the rules say now, what each step has recorded (`made`), and what
lies on the disk. It computes nothing anew and writes nothing below `results/`. The engine is asked
only when a file that the rules are made of has changed since it was asked last.
"""

import json
import os
import shlex
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calcinosis import estimates, folder_lock, hashes, made, provenance
from calcinosis.errors import InputError
from calcinosis.records import runs

RECORDS = "records"
STATE = Path(".snakemake", "calcinosis", "verified.json")
MANY = 20
"""Files above which all are made again: nobody wants to paste a longer command."""
KINDS = {
    "stale": "made of another export, plan, codebook, code or library than there is now",
    "edited": "its bytes are not those that its step wrote",
    "missing": "it is not there",
    "foreign": "no rule makes it",
}


@dataclass(frozen=True)
class Problem:
    """What is wrong with a file.

    Parameters
    ----------
    kind : one of `KINDS`
    path : of the file
    said : what was found, in a few words
    again : what the engine must make again; empty for a file that is to be deleted, and for what
        is remembered, which nobody can make again
    """

    kind: str
    path: str
    said: str
    again: str = ""


def verify(config_file: str, cohort: str = "") -> list[Problem]:
    """What is not as the rules, the records and the manifest say.

    Parameters
    ----------
    config_file : of the run
    cohort : only what belongs to this one; all, where it is empty

    Raises
    ------
    InputError
        Configuration, plan or export cannot be used; or the cohort is none of the run's.
    """
    folder_lock.stop_while_a_run_goes_on()
    said = _said(config_file)
    jobs: dict[str, dict[str, Any]] = said["jobs"]
    cohorts = {Path(path).parts[1] for path in jobs if len(Path(path).parts) > 3}
    if cohort and cohort not in cohorts:
        raise InputError(f"{config_file} has no cohort '{cohort}': {', '.join(sorted(cohorts))}")
    records = {path: made.read(path) for path in jobs}
    if not any(records.values()):
        raise InputError(f"There are no results yet; run `{made.command(config_file)}` first.")
    written = {
        path: content
        for record in records.values()
        for path, content in (record["outputs"] if record else {}).items()
    }
    problems = [
        problem for path, job in jobs.items() for problem in _of_step(job, records[path], written)
    ]
    for name in sorted(cohorts):
        problems += _foreign(name, jobs, written)
    problems += [*_manifest(said["suffix"], records), *_verdict(said["suffix"], written)]
    problems += _of_nobody(said["suffix"], cohorts)
    of_one = {Path(made.RESULTS, cohort), Path(RECORDS, cohort)}
    return [p for p in problems if not cohort or of_one & {*Path(p.path).parents}]


def _said(config_file: str) -> dict[str, Any]:
    """What the rules say: remembered while no file that they are made of has changed."""
    if not Path(config_file).is_file():
        raise InputError(f"{config_file}: there is no such file; start it in the project's folder")

    def ask() -> tuple[dict[str, Any], Iterable[str]]:
        said = _ask(config_file)
        return said, [*said.pop("files"), sysconfig.get_path("purelib")]

    remembered = provenance.Remembered(STATE)
    said: dict[str, Any] = remembered.of_all(f"jobs:{config_file}", sys.version, ask)
    with suppress(OSError):  # a folder that this user may only read
        remembered.save()
    return said


def _ask(config_file: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder, "jobs.json")
        words = ["--dry-run", "--quiet", "all", "--configfile", config_file]
        ended = subprocess.run(
            [sys.executable, "-m", "snakemake", *words],
            env=os.environ | {made.ASKED: str(answer)},
            capture_output=True,
            text=True,
            check=False,
        )
        if not answer.exists():
            raise InputError((ended.stdout + ended.stderr).strip())
        said: dict[str, Any] = json.loads(answer.read_text("utf-8"))
        return said


def _of_step(
    job: Mapping[str, Any], record: Mapping[str, Any] | None, written: Mapping[str, str]
) -> Iterator[Problem]:
    if record is None:
        for path in job["outputs"]:
            if os.path.lexists(path):
                yield Problem("foreign", path, "no step has recorded that it made it", path)
            else:
                yield Problem("missing", path, KINDS["missing"], path)
        return
    yield from _stale(job, record, written)
    paths = {*record["outputs"], *_plain_files(job["outputs"])}
    for path in sorted(paths):
        yield from _of_file(path, record["outputs"].get(path, ""), job["outputs"])


def _stale(
    job: Mapping[str, Any], record: Mapping[str, Any], written: Mapping[str, str]
) -> Iterator[Problem]:
    path = job["outputs"][0]
    now, then = job["settings"], record["settings"]
    differ = sorted(name for name in now.keys() | then.keys() if now.get(name) != then.get(name))
    if differ:
        named = ["code or a library" if name == "code" else name for name in differ]
        yield Problem("stale", path, f"what made it is different now: {', '.join(named)}", path)
    for name, content in record["inputs"].items():
        if written.get(name) != content:
            yield Problem("stale", path, f"{name} was made again since, and differs", path)
            return


def _plain_files(outputs: Iterable[str]) -> set[str]:
    """Outputs that are files, and the files in those that are folders."""
    found = set()
    for path in map(Path, outputs):
        files = [p for p in path.rglob("*") if p.name != made.ENGINES] if path.is_dir() else [path]
        found |= {str(file) for file in files}
    return found


def _of_file(path: str, content: str, outputs: Iterable[str]) -> Iterator[Problem]:
    # What a step writes into a folder, or beside its outputs, is made again with its outputs.
    listed = list(outputs)
    folder = next((o for o in listed if Path(o) in Path(path).parents), listed[0])
    again = path if path in listed else folder
    if not os.path.lexists(path):
        yield Problem("missing", path, KINDS["missing"], again)
    elif _is_link(path):
        yield Problem("foreign", path, "a link stands in its place", again)
    elif not content:
        yield Problem("foreign", path, KINDS["foreign"])
    elif hashes.file_hash(path) != content:
        yield Problem("edited", path, KINDS["edited"], again)


def _is_link(path: str | Path) -> bool:
    """Whether a file, or a folder between it and its cohort's, is a symbolic link."""
    below = Path(path).parts[2:]
    home = Path(*Path(path).parts[:2])
    return any(home.joinpath(*below[:n]).is_symlink() for n in range(1, len(below) + 1))


def _foreign(
    cohort: str, jobs: Mapping[str, Mapping[str, Any]], written: Mapping[str, str]
) -> Iterator[Problem]:
    logs = [Path(job["log"]) for job in jobs.values()]
    known = {*written, *jobs, *map(str, logs)}
    known |= {str(log.with_suffix(".traceback.txt")) for log in logs}
    known |= {path for job in jobs.values() for path in _plain_files(job["outputs"])}
    for path in _below(Path(made.RESULTS, cohort)):
        if str(path) not in known and path.name != made.ENGINES:
            yield Problem("foreign", str(path), KINDS["foreign"])
    memory = Path(RECORDS, cohort)
    remembered = runs.files(memory) if (memory / runs.LIST).is_file() else set()
    kept = {Path(path) for job in jobs.values() for path in job["records"]} | remembered
    for path in _below(memory):
        if path.is_symlink() or path not in kept:
            said = f"{runs.LIST} does not name it: put back the list that did, or move it away"
            yield Problem("foreign", str(path), said)
    for path in sorted(remembered):
        if not path.is_file():
            said = f"what was remembered is gone: put it back, or move {memory / runs.LIST} away"
            yield Problem("missing", str(path), said)


def _of_nobody(suffix: str, cohorts: Iterable[str]) -> Iterator[Problem]:
    """What lies beside the cohorts' folders and belongs to no configuration that has run here."""
    results = Path(made.RESULTS)
    names, suffixes = {"logs", "made", *cohorts}, {suffix}
    for manifest in results.glob("manifest*.json"):
        with suppress(ValueError, KeyError):
            steps = json.loads(manifest.read_text("utf-8"))["steps"]
            names |= {Path(path).parts[1] for path in steps}
            suffixes.add(manifest.stem.removeprefix("manifest"))
    for own in suffixes:
        names |= {f"index{own}.html", f"manifest{own}.json", f"verdict{own}.txt"}
    for path in sorted(results.iterdir()):
        if path.name not in names:
            said = "no configuration that has run here has this cohort"
            yield Problem("foreign", str(path), said if path.is_dir() else KINDS["foreign"])


def _below(home: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(home):
        yield from (Path(folder, name) for name in sorted(files))
        yield from (Path(folder, name) for name in folders if Path(folder, name).is_symlink())


def _manifest(suffix: str, records: Mapping[str, Any]) -> Iterator[Problem]:
    path = Path(made.RESULTS, f"manifest{suffix}.json")
    if not path.is_file():
        yield Problem("missing", str(path), KINDS["missing"], str(path))
    else:
        try:
            steps = json.loads(path.read_text("utf-8"))["steps"]
        except (ValueError, KeyError):
            steps = None
        if steps != records:
            said = "it is not what the steps have recorded"
            yield Problem("edited", str(path), said, str(path))


def _verdict(suffix: str, written: Mapping[str, str]) -> Iterator[Problem]:
    path = f"{made.RESULTS}/verdict{suffix}.txt"
    record = made.read(made.record_of(f"{made.RESULTS}/logs/verdict{suffix}.log"))
    if not os.path.lexists(path):
        failed = list(_failed(written))
        for part in failed:
            said = f"an analysis failed ({part}); mend what its log names, then run again"
            yield Problem("missing", path, said, part)
        if not failed:
            yield Problem("missing", path, "the last run did not end", path)
    elif record is None:
        yield Problem("foreign", path, "no step has recorded that it made it", path)
    else:
        yield from _of_file(path, record["outputs"].get(path, ""), [path])
        for name, content in record["inputs"].items():
            if written.get(name, content) != content:
                yield Problem("stale", path, f"{name} was made again since, and differs", path)
                return


def _failed(written: Iterable[str]) -> Iterator[str]:
    """Tables of estimates with an analysis that failed."""
    for path in map(Path, sorted(written)):
        of_analysis = path.parent.name == "estimates" and path.is_file()
        if of_analysis and estimates.holds_failure(path):
            yield str(path)


def command(problems: Iterable[Problem], config_file: str) -> str:
    """The one command that mends all of it, but for what people must look at.

    That is what is remembered, and a cohort's folder, which a run that has not ended may be making.
    """
    problems = list(problems)
    deleted = (Path(p.path) for p in problems if not p.again)
    delete = [str(path) for path in deleted if path.parts[0] != RECORDS and not path.is_dir()]
    again = list(dict.fromkeys(p.again for p in problems if p.again))
    parts = [f"rm {shlex.join(delete)}"] if delete else []
    if len(again) > MANY:
        parts.append(f"{made.command(config_file)} --forceall")
    elif again:
        parts.append(made.mending(again, config_file))
    return " && ".join(parts)
