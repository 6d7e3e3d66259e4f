"""The one error that a user is meant to read."""

import difflib
import logging
import sysconfig
import traceback
from collections.abc import Iterable
from pathlib import Path

CAUGHT = logging.getLogger("calcinosis.caught")
"""What an analysis that failed leaves behind; `job` writes it beside the step's private log, and
nobody else hears of it, for tracebacks quote data."""
CAUGHT.addHandler(logging.NullHandler())
CAUGHT.propagate = False


class InputError(SystemExit):
    """What the user gave cannot be used; the message says where, what was found and what to do.

    It is a `SystemExit`, so that Python and Snakemake print the message alone, without a
    traceback, and so that the estimators' `except Exception` never swallows it.
    """

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


_LISTED = 40
"""Valid words that a hint lists; of more nobody reads the end."""


def nearest(word: str, choices: Iterable[str]) -> str:
    """A hint that names the nearest valid word, or all of them when none is near."""
    choices = sorted(choices)
    close = difflib.get_close_matches(word, choices, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{close[0]}'?"
    listed = ", ".join(choices[:_LISTED]) or "none"
    left = len(choices) - _LISTED
    return f"valid: {listed}" + (f" and {left} others" if left > 0 else "")


def place_of(error: BaseException) -> str:
    """File and line where an error comes from: the last frame outside of installed libraries."""
    frames = traceback.extract_tb(error.__traceback__)
    libraries = (sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"))
    ours = [frame for frame in frames if not frame.filename.startswith(libraries)]
    frame = (ours or frames)[-1]
    return f"{Path(frame.filename).name}, line {frame.lineno}"
