"""What every script does around its `main`: private files, a log, an error in plain words."""

import gc
import io
import logging
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from calcinosis import made, orphans, prepared
from calcinosis.errors import CAUGHT, InputError, place_of

# Scripts import this module first. In one that a copy of the prepared process does, it is the last.
prepared.hand_over()

# What modules make when they are imported stays. To search it for garbage, as often as usual,
# would take a tenth of most steps, another reason to be first.
_USUAL = gc.get_threshold()
gc.set_threshold(100_000)


@contextmanager
def step(snakemake: Any) -> Iterator[list[Path]]:
    """Run the script of a rule: what it takes is checked, and what it makes is recorded.

    It ends with the engine, has its log as in `job`, and its record as in `made`. With it ends the
    process: nothing after it is run.

    Parameters
    ----------
    snakemake : what the engine gives to a script

    Yields
    ------
    a list for the paths of files that the script writes beside the outputs of its rule
    """
    gc.freeze()
    gc.set_threshold(*_USUAL)
    orphans.watch()
    log = snakemake.log[0]
    with job(log):
        made.record_of(log).unlink(missing_ok=True)  # the engine has deleted what it is of
        inputs = made.checked(snakemake.input)
        beside: list[Path] = []
        yield beside
        made.stop_where_replaced(dict(snakemake.params.items()))
        made.write(log, inputs, dict(snakemake.params.items()), [*snakemake.output, *beside])
    leave()


def leave() -> NoReturn:
    """End this process now that all is written.

    The interpreter's own way out takes the libraries apart, a tenth of the time of most steps.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


@contextmanager
def job(log: str | Path) -> Iterator[None]:
    """Run a step with its log.

    What goes wrong is written to the log, which the engine shows when a job fails: an `InputError`
    as its message; anything else by its type and place only, because messages of libraries quote
    cells of the data. The whole traceback stands beside the log, in the private folder; so do those
    of analyses that failed without ending the step.

    Parameters
    ----------
    log : the rule's log file; for row-level steps it lies in `results/<cohort>/private/logs`
    """
    log = Path(log)
    full = log.with_suffix(".traceback.txt")
    full.unlink(missing_ok=True)
    message = "The step was broken off.\n"
    tracebacks = io.StringIO()
    handler = logging.StreamHandler(tracebacks)
    CAUGHT.addHandler(handler)
    try:
        yield
        message = "done\n"
        if tracebacks.getvalue():
            message += f"An analysis failed; its traceback, which may quote data, is in {full}\n"
    except InputError as error:
        message = f"{error.message}\n"
        sys.exit(1)
    except Exception as error:
        tracebacks.write(traceback.format_exc())
        message = (
            f"The step stopped with {type(error).__name__}{_cause(error)} in {place_of(error)}. "
            f"The whole traceback, which may quote data, is in {full}\n"
        )
        sys.exit(1)
    finally:
        CAUGHT.removeHandler(handler)
        try:
            if tracebacks.getvalue():
                _write_closed(full, tracebacks.getvalue())
            _write_closed(log, message)
        except OSError as error:
            print(f"{log}: cannot be written{_cause(error)}\n{message}", file=sys.stderr)
            sys.exit(1)


def _cause(error: Exception) -> str:
    """What the system says of itself: memory, disk, permissions; never a value of the data."""
    if isinstance(error, MemoryError):
        return " (out of memory)"
    number = error.errno if isinstance(error, OSError) else None
    return f" ({os.strerror(number)})" if number else ""


def _write_closed(path: Path, text: str) -> None:
    _close(path.parent)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text, "utf-8")


def _close(folder: Path) -> None:
    """Close the nearest folder called `private` and what lies between."""
    if "private" not in folder.parts:
        return
    while folder.name != "private":
        folder.chmod(0o700)
        folder = folder.parent
    folder.chmod(0o700)


def keep_private(*folders: str | Path) -> None:
    """Close folders and everything that this process will write from now on.

    The folders become 0700 and new files 0600, also where the engine has made the folder before.

    Parameters
    ----------
    folders : `results/<cohort>/private` or folders below it
    """
    os.umask(0o077)
    for folder in map(Path, folders):
        folder.mkdir(parents=True, exist_ok=True)
        _close(folder)
