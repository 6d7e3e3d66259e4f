"""A step does not outlive its engine: a killed run writes nothing later.

The engine does not end its jobs when it is killed itself. What they wrote seconds later would
overwrite the files of the next run.
"""

import os
import select
import sys
import threading
import time
from collections.abc import Callable

ENGINE = "CALCINOSIS_ENGINE"
"""Environment variable of jobs: the process that runs the workflow."""
_EVERY = 0.2
"""Seconds between looks where the system has no means to wait for another's process."""


def watch() -> None:
    """End this process as soon as the engine, or the shell between the two, is no more."""
    engine = int(os.environ.get(ENGINE, "0"))
    for process in {os.getppid(), engine} - {0, 1, os.getpid()}:
        follow(process)


def follow(process: int) -> None:
    """End this process as soon as another is no more."""
    threading.Thread(target=_follow, args=(_waiter(process),), daemon=True).start()


def _follow(wait: Callable[[], None]) -> None:
    wait()
    os._exit(1)  # nothing is cleaned up: the next run takes what lies there for incomplete


def _waiter(process: int) -> Callable[[], None]:
    """What returns when a process has ended, at once where it has already."""
    try:
        if sys.platform == "linux":
            descriptor = os.pidfd_open(process)
            return lambda: (select.select([descriptor], [], []), None)[1]
    except ProcessLookupError:
        return lambda: None
    except OSError:  # an old kernel
        pass
    return lambda: _look(process)


def _look(process: int) -> None:
    while True:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return
        except PermissionError:
            pass
        time.sleep(_EVERY)
