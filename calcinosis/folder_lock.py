"""Tell the lock of a run that was killed from the lock of one that goes on.

The engine's lock is a file that stays when its process is killed, and the next run stops at it.
Every engine process of a folder therefore shares a lock of the operating system, which ends with
the process however it ends: where nobody holds it, the engine's lock is nobody's.
"""

import fcntl
import os
import shutil
import socket
from contextlib import suppress
from pathlib import Path

from calcinosis.errors import InputError

HELD_BY = "calcinosis/held_by"
"""In the engine's folder: the file that is locked, with the name of the machine."""
_HELD: list[int] = []
"""Descriptors that stay open to the end of the process."""
GOES_ON = (
    "A run is going on in {folder}, which is locked. Wait until it has ended, then start the same "
    "command again. If it hangs, stop it by Ctrl-C or `kill`: the next run then opens the lock by "
    "itself, and `snakemake --unlock` does, too."
)


def stop_while_a_run_goes_on(engine: str | Path = ".snakemake") -> None:
    """Stop a command that looks at results: those of a run that goes on are half old, half new.

    Raises
    ------
    InputError
        A run goes on in this folder.
    """
    held_by = Path(engine, HELD_BY)
    if held_by.exists() and _locked(engine):
        with held_by.open() as file:
            if _alone(file.fileno()) is False:
                raise InputError(GOES_ON.format(folder=Path.cwd()))


def remove_of_killed_run(engine: str | Path = ".snakemake") -> bool:
    """Remove the engine's lock where the run that took it is no more.

    Whether a process of another machine goes on cannot be known on every file system: its lock
    stays. From here on this process counts as one that goes on.

    Parameters
    ----------
    engine : the folder in which the engine keeps its state

    Returns
    -------
    whether there was such a lock

    Raises
    ------
    InputError
        The folder is locked by a run that goes on: neither a second one nor `--unlock` may pass.
    """
    held_by = Path(engine, HELD_BY)
    try:
        held_by.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(held_by, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError:  # a folder that this user may only read
        return False
    _HELD.append(descriptor)
    alone, locked, killed = _alone(descriptor), _locked(engine), False
    if locked and alone is False:
        raise InputError(GOES_ON.format(folder=Path.cwd()))
    here = socket.gethostname().encode()
    with suppress(OSError):  # a lock that this user may not remove
        of_killed = bool(alone) and locked and os.pread(descriptor, 1024, 0) == here
        if of_killed:
            shutil.rmtree(Path(engine, "locks"))
        if of_killed or (alone and not locked):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, here, 0)
        killed = of_killed
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_SH)
    return killed


def _locked(engine: str | Path) -> bool:
    """Whether the engine has locked the folder, as far as this user may see."""
    try:
        return any(Path(engine, "locks").iterdir())
    except OSError:  # also where the lock is being removed
        return False


def _alone(descriptor: int) -> bool | None:
    """Whether no other process holds the lock; None where the file system knows no such locks."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
