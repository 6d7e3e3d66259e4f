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
    locks, held_by = Path(engine, "locks"), Path(engine, "calcinosis", "held_by")
    if not (held_by.exists() and locks.is_dir() and any(locks.iterdir())):
        return
    with held_by.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(GOES_ON.format(folder=Path.cwd())) from None
        except OSError:  # the file system knows no such locks
            return


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
    locks, held_by = Path(engine, "locks"), Path(engine, "calcinosis", "held_by")
    try:
        held_by.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(held_by, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError:  # a folder that this user may only read
        return False
    _HELD.append(descriptor)
    here = socket.gethostname().encode()
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        left = locks.is_dir() and any(locks.iterdir())
        killed = left and os.pread(descriptor, 1024, 0) == here
        if killed:
            shutil.rmtree(locks)
        if killed or not left:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, here, 0)
    except BlockingIOError:  # another process has it
        if locks.is_dir() and any(locks.iterdir()):
            raise InputError(GOES_ON.format(folder=Path.cwd())) from None
        killed = False
    except OSError:  # the file system knows no such locks
        killed = False
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_SH)
    return killed
