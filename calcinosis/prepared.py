"""Steps begin as copies of a process that has imported the libraries.

Most steps import longer than they work. Where the engine runs them on its own machine, one process
imports the libraries while the exports are cleaned and processors are idle. From then on the
process that the engine starts for a step has it done by a copy (a fork) of that one, waits for it,
and ends as it ends. A step that finds no such process imports for itself, and does the same.
"""

import gc
import importlib
import json
import os
import runpy
import select
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from calcinosis import orphans

ADDRESS = "CALCINOSIS_PREPARED"
"""Environment variable of steps: the socket at which the prepared process listens. Where it is set
before a run, to whatever, none is prepared."""
LIBRARIES = (
    "calcinosis.estimate",
    "calcinosis.present.figures",
    "snakemake.script",
    "pandas",
    "pyarrow.csv",
    "pyarrow.parquet",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "matplotlib.figure",
    "PIL.PngImagePlugin",
    "statsmodels.genmod.generalized_linear_model",
    "firthmodels",
    "jinja2",
    "docx",
    "xlsxwriter",
)
"""What steps import of others; of ours, only how that is made faster."""


def begin() -> None:
    """Prepare a process for the steps of this one; it ends with this one."""
    if ADDRESS in os.environ or sys.platform != "linux":  # elsewhere libraries bear no copying
        return
    try:
        address = Path(tempfile.mkdtemp(prefix="calcinosis-"), "socket")
        subprocess.Popen(
            [sys.executable, "-P", "-m", __name__, str(address)],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            stdin=subprocess.PIPE,  # never written to: its end is that of this process
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError:  # no room; steps then import for themselves
        return
    os.environ[ADDRESS] = str(address)


def hand_over() -> None:
    """Have this script run by a copy of the prepared process and end with it; else return."""
    address = os.environ.pop(ADDRESS, "")
    with socket.socket(socket.AF_UNIX) as copy:
        try:
            copy.connect(address)
            socket.send_fds(copy, [b"\n"], [0, 1, 2])
            facts = [sys.argv, str(Path.cwd()), dict(os.environ), os.getpid()]
            copy.sendall(json.dumps(facts).encode())
            copy.shutdown(socket.SHUT_WR)
            if not copy.recv(1):
                return
        except OSError:  # not yet, no more, or never
            return
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the copy is interrupted, too, and says so
        orphans.watch()
        said = copy.recv(16)
    if not said:
        print("The process that did this step is no more.", file=sys.stderr, flush=True)
    code = int(said or 1)
    os._exit(code if code >= 0 else 128 - code)  # of a killed one as shells say it


def _run(asked: socket.socket) -> NoReturn:
    """Do what the process at the other end would have done."""
    code = 1
    try:
        _, descriptors, *_ = socket.recv_fds(asked, 1, 3)
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
            os.close(descriptor)
        with asked, asked.makefile("rb") as request:
            sys.argv, folder, environment, process = json.load(request)
            asked.sendall(b"\n")
        orphans.follow(process)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        sys.path.insert(0, str(Path(sys.argv[0]).parent))
        runpy.run_path(sys.argv[0], run_name="__main__")
        code = 0
    except SystemExit as end:  # of a number, as `job` ends steps
        code = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def serve(address: Path) -> None:
    """Import the libraries, then make a copy of this process for each step that asks.

    Parameters
    ----------
    address : where the socket will be, in a folder of its own, which only this user may enter; both
        are removed at the end, which is that of standard input
    """
    of_steps = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        for library in LIBRARIES:
            if _engine_has_ended():
                return
            importlib.import_module(library)
        os.close(os.pidfd_open(os.getpid()))  # an old kernel has no such thing
        gc.freeze()
        with selectors.DefaultSelector() as selector, socket.socket(socket.AF_UNIX) as listening:
            new = address.with_name("new")
            listening.bind(str(new))
            listening.listen(64)
            new.rename(address)
            _answer(selector, listening, of_steps)
    finally:
        for path in address.parent.iterdir():
            path.unlink()
        address.parent.rmdir()


def _engine_has_ended() -> bool:
    return bool(select.select([0], [], [], 0)[0])


def _answer(selector: selectors.BaseSelector, listening: socket.socket, of_steps: Any) -> None:
    """Make copies and say how each has ended, until the engine has."""
    selector.register(0, selectors.EVENT_READ)
    selector.register(listening, selectors.EVENT_READ)
    while not _engine_has_ended():
        for key, _ in selector.select():
            if key.fileobj is listening:
                asked, _ = listening.accept()
                try:
                    copy = os.fork()
                except OSError:  # no room for another process
                    asked.close()
                    continue
                if not copy:
                    listening.close()
                    signal.signal(signal.SIGINT, of_steps)
                    _run(asked)
                end = os.pidfd_open(copy)
                selector.register(end, selectors.EVENT_READ, (copy, asked))
            elif key.data:
                copy, asked = key.data
                _, status = os.waitpid(copy, 0)
                with asked, suppress(OSError):  # who asked may have been killed
                    asked.sendall(str(os.waitstatus_to_exitcode(status)).encode())
                selector.unregister(key.fd)
                os.close(key.fd)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
