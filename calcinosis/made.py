"""What each step has made of what: a record per job, written by the step itself when it ends.

`results/<cohort>/private/made/<step>.json` holds the hashes of the step's inputs, fingerprints of
its settings (code among them) and the hashes of its outputs. Every step looks there whether its
inputs are what their steps wrote; the manifest joins the records, and `calcinosis verify` walks
them. A record says what was used when the step ran, not what lies there later.
"""

import json
import os
import re
import shlex
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from calcinosis import hashes
from calcinosis.errors import InputError
from calcinosis.placing import place

RESULTS = "results"
_WHERE = re.compile(r"-[cjde]|--(cores|jobs|directory|profile|workflow-profile|executor)(=|$)")
"""Options of the engine: where it runs, and by what."""
_SHA256 = re.compile("[0-9a-f]{64}")
COMMAND = "CALCINOSIS_COMMAND"
"""Environment variable of jobs: the command of this run, with its configuration."""
PATIENCE = "CALCINOSIS_PATIENCE"
"""Environment variable of jobs on nodes: the seconds after which each sees what others wrote."""
ENGINES = ".snakemake_timestamp"
"""What the engine puts into a folder that a step has written."""
ASKED = "CALCINOSIS_JOBS"
"""Environment variable of an engine that is asked for its jobs: the file to write them to."""


def command(config_file: str, given: Sequence[str] = ()) -> str:
    """The command of a run with this configuration.

    Parameters
    ----------
    config_file : of the run
    given : the arguments of the run that is going on; those that say where and by what it runs stay
    """
    kept, keep = [], False
    for word in given:
        if word.startswith("-"):
            keep = bool(_WHERE.match(word))
        if keep:
            kept.append(word)
        # Each of these options takes one word at most, which may be written into it.
        keep = keep and bool(re.fullmatch("-.|--[^=]+", word))
    run = ["snakemake", *(kept or ["--cores", "2"])]
    return shlex.join(
        [*run, *([] if config_file == "config.yaml" else ["--configfile", config_file])]
    )


def record_of(log: str | Path) -> Path:
    """The record of the step that has this log: `private/logs/x.log`, `private/made/x.json`."""
    log = Path(log)
    return log.parent.parent / "made" / f"{log.stem}.json"


def settings(params: Mapping[str, Any]) -> dict[str, str]:
    """Fingerprints of a rule's parameters by name."""
    return {name: hashes.digest(value) for name, value in sorted(params.items())}


def mending(paths: Iterable[str | Path], config_file: str = "") -> str:
    """The command that makes files again, whatever the engine thinks of them.

    Parameters
    ----------
    paths : of the files
    config_file : of the run; without it, that of the run whose step this is
    """
    given = "" if config_file else os.environ.get(COMMAND)
    run = given or command(config_file or "config.yaml")
    return f"{run} --forcerun {shlex.join(map(str, paths))}"


def contents(paths: Iterable[str | Path]) -> dict[str, str]:
    """SHA-256 of files by path; of all files below a folder."""
    return {str(path): hashes.file_hash(path) for path in sorted({*_files(paths)})}


def _files(paths: Iterable[str | Path]) -> Iterator[Path]:
    for path in map(Path, paths):
        if path.is_dir():
            found = (file for file in path.rglob("*") if file.is_file())
            yield from (file for file in found if file.name != ENGINES)
        else:
            yield path


def write(
    log: str | Path,
    inputs: Mapping[str, str],
    params: Mapping[str, Any],
    outputs: Iterable[str | Path],
) -> None:
    """Write a step's record, whole or not at all.

    Records that name one of its outputs, of a rule that made it formerly, go.

    Parameters
    ----------
    log : of the rule
    inputs : from `checked`
    params : of the rule
    outputs : the files and folders that it has written
    """
    path = record_of(log)
    record = {"inputs": inputs, "settings": settings(params), "outputs": contents(outputs)}
    for other in path.parent.glob("*.json"):
        former = read(other) if other != path else None
        if former and former["outputs"].keys() & record["outputs"].keys():
            other.unlink(missing_ok=True)
    text = json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False)
    place(path, text.encode(), closed=[path.parent] if "private" in path.parts else [])


def read(path: str | Path) -> dict[str, Any] | None:
    """The record of a step; None where there is none that can be read."""
    try:
        record = json.loads(Path(path).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    of_step = isinstance(record, dict) and record.keys() == {"inputs", "settings", "outputs"}
    return record if of_step else None


def checked(paths: Iterable[str | Path]) -> dict[str, str]:
    """The hashes of those inputs that steps have made.

    On a node of a cluster a record may be seen later than the file that it is of, hence `PATIENCE`.

    Raises
    ------
    InputError
        One is not what its step wrote: edited, damaged, or put there by somebody.
    """
    inside = _inside(paths)
    until = time.monotonic() + float(os.environ.get(PATIENCE, "0"))
    while True:
        known, found = _recorded(map(_records_of, inside)), contents(inside)
        wrong = [name for name, content in found.items() if known.get(name) != content]
        if not wrong:
            return found
        if time.monotonic() > until:
            break
        time.sleep(1)
    said = "is not what its step wrote" if wrong[0] in known else "was made by no step"
    raise InputError(
        f"{wrong[0]} {said}: it was edited, damaged or put there, and is not used. Make it "
        f"again:\n  {mending(wrong[:1])}"
    )


def _recorded(folders: Iterable[Path]) -> dict[str, str]:
    """The hash of each file that the records of some folders name."""
    known: dict[str, str] = {}
    for folder in dict.fromkeys(folders):
        for path in folder.glob("*.json"):
            record = read(path)
            known |= record["outputs"] if record else {}
    return known


def stop_where_replaced(params: Mapping[str, Any]) -> None:
    """Refuse what a step made of files that are not those that the run has started with.

    Parameters
    ----------
    params : of the rule; such files are those that it names with their SHA-256

    Raises
    ------
    InputError
        One was replaced since.
    """
    for path, content in _with_hash(params):
        if (hashes.file_hash(path) if Path(path).exists() else "") != content:
            stop_as_replaced(path)


def stop_as_replaced(path: str) -> NoReturn:
    """Say that a file is not the one that the run has started with."""
    raise InputError(
        f"{path} was replaced while the run was reading it; nothing was made of it. Start the same "
        "command again."
    )


def _with_hash(params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for value in params.values():
        if isinstance(value, Mapping) and value.keys() == {"path", "hash"}:
            yield value["path"], value["hash"]
        elif isinstance(value, Mapping):
            yield from ((k, v) for k, v in value.items() if _SHA256.fullmatch(str(v)))


def _records_of(path: Path) -> Path:
    """The folder of the records that a result may stand in."""
    of_cohort = len(path.parts) > 2
    return Path(*path.parts[:2], "private", "made") if of_cohort else path.parent / "made"


def _inside(paths: Iterable[str | Path]) -> list[Path]:
    """Those paths that are results."""
    return [Path(path) for path in paths if path and Path(path).parts[0] == RESULTS]


def jobs(dag: Any, rule: str) -> dict[str, dict[str, Any]]:
    """What the rules say of each job that a rule depends on, directly or not.

    Parameters
    ----------
    dag : the engine's graph of jobs
    rule : name of the rule

    Returns
    -------
    by the path of the job's record: `log`, fingerprints of its `settings`, `inputs` that are
    results, `outputs`, `records` that it adds to; all as the rules have them now
    """
    waiting = [job for job in dag.jobs if job.rule.name == rule]
    seen = set(waiting)
    while waiting:
        more = set(dag.dependencies[waiting.pop()]) - seen
        seen |= more
        waiting += more
    of_rules = (_as_the_rules_say(job) for job in seen if job.rule.name != rule)
    return {str(record_of(of["log"])): of for of in sorted(of_rules, key=lambda of: of["log"])}


def _as_the_rules_say(job: Any) -> dict[str, Any]:
    return {
        "log": str(job.log[0]),
        "settings": settings(dict(job.params.items())),
        "inputs": sorted(map(str, _inside(job.input))),
        "outputs": list(map(str, job.output)),
        "records": sorted(v for v in job.params if str(v).startswith("records/")),
    }


def answer(found: Mapping[str, Any]) -> None:
    """Tell who asked what the rules say."""
    Path(os.environ[ASKED]).write_text(json.dumps(found), "utf-8")


def manifest(records: Iterable[str], exports: Mapping[str, Mapping[str, str]]) -> str:
    """What was made of what in a whole run, as the text of its file.

    Parameters
    ----------
    records : paths of the steps' records
    exports : cohort to its export files and their SHA-256
    """
    steps = {path: json.loads(Path(path).read_text("utf-8")) for path in records}
    whole = {"exports": exports, "steps": steps}
    return json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
