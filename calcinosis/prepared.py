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
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from contextlib import ExitStack, suppress
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
_PREPARED: list[tuple[tempfile.TemporaryDirectory[str], subprocess.Popen[bytes]]] = []
"""What lives as long as this process: the folder of the socket, and the process with its pipe."""
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
"""As the engine has it for each step, whatever it was given itself; sums depend on it."""
_SERVE = (
    "import sys; sys.path.extend(sys.argv[2:]); "
    "from calcinosis.prepared import serve; serve(sys.argv[1])"
)
_BEGINS = b"\n"


def begin() -> None:
    """Prepare a process for the steps of this one; it ends with this one."""
    if ADDRESS in os.environ or sys.platform != "linux":  # elsewhere libraries bear no copying
        return
    try:
        folder = tempfile.TemporaryDirectory(prefix="calcinosis-", ignore_cleanup_errors=True)
        address = f"{folder.name}/socket"
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", _SERVE, address, *filter(None, sys.path)],
            env=os.environ | _ONE_THREAD,
            stdin=subprocess.PIPE,  # never written to: its end is that of this process
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError:  # no room; steps then import for themselves
        return
    _PREPARED.append((folder, process))
    os.environ[ADDRESS] = address


def hand_over() -> None:
    """Have this script done by a copy of the prepared process and end as it ends; else return.

    A script is what has been given `snakemake`: the engine, which knows the address, too, is none.
    """
    if ADDRESS not in os.environ or not hasattr(sys.modules["__main__"], "snakemake"):
        return
    address = os.environ.pop(ADDRESS)
    orphans.watch()
    with socket.socket(socket.AF_UNIX) as copy:
        try:
            copy.connect(address)
            socket.send_fds(copy, [b"\n"], [0, 1, 2])
            facts = [sys.argv, str(Path.cwd()), dict(os.environ), os.getpid()]
            copy.sendall(json.dumps(facts).encode())
            copy.shutdown(socket.SHUT_WR)
            if copy.recv(1) != _BEGINS:
                return
        except OSError:  # not yet, no more, or never
            return
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the copy is interrupted, too, and says so
        said = copy.recv(16)
    if not said:
        print("The process that did this step is no more.", file=sys.stderr, flush=True)
    code = int(said or 1)
    if code < 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


def _run(asked: socket.socket, interrupted: Any) -> NoReturn:
    """Do what the process at the other end would have done; nothing of the server is done here."""
    code = 1
    try:
        _, descriptors, *_ = socket.recv_fds(asked, 1, 3)
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
            os.close(descriptor)
        with asked, asked.makefile("rb") as request:
            sys.argv, folder, environment, process = json.load(request)
            for other in (process, os.getppid()):
                orphans.follow(other)
            os.chdir(folder)
            os.environ.clear()
            os.environ.update(environment)
            sys.path.insert(0, str(Path(sys.argv[0]).parent))
            signal.signal(signal.SIGINT, interrupted)
            asked.sendall(_BEGINS)
        ended = _done(sys.argv[0])
        sys.stdout.flush()
        sys.stderr.flush()
        code = ended  # only now: a step whose last words are lost has not ended well
    finally:
        os._exit(code)


def _done(script: str) -> int:
    """Run a script; the exit code, and on standard error what the interpreter would say."""
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, int | None):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def serve(address: str) -> None:
    """Import the libraries, then make a copy of this process for each step that asks.

    Parameters
    ----------
    address : where the socket will be, in a folder of its own, which only this user may enter; it
        is removed at the end, which is that of standard input
    """
    interrupted = signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # who started the engine may have ignored it
    try:
        for library in LIBRARIES:
            if _engine_has_ended():
                return
            importlib.import_module(library)
        os.close(os.pidfd_open(os.getpid()))  # an old kernel has no such thing
        gc.freeze()
        with selectors.DefaultSelector() as selector, socket.socket(socket.AF_UNIX) as listening:
            listening.bind(f"{address}.new")
            listening.listen(64)
            Path(f"{address}.new").rename(address)
            selector.register(0, selectors.EVENT_READ)
            selector.register(listening, selectors.EVENT_READ)
            while not _engine_has_ended():
                for key, _ in selector.select():
                    if key.fileobj is listening:
                        _copy(selector, listening, interrupted)
                    elif key.data:
                        _say_how_it_ended(selector, key)
    finally:
        shutil.rmtree(Path(address).parent, ignore_errors=True)


def _engine_has_ended() -> bool:
    return bool(select.select([0], [], [], 0)[0])


def _copy(selector: selectors.BaseSelector, listening: socket.socket, interrupted: Any) -> None:
    """Make a copy for the next step that asks; where there is no room it does without."""
    with suppress(OSError), ExitStack() as until_it_is_made:
        asked = until_it_is_made.enter_context(listening.accept()[0])
        copy = os.fork()
        if not copy:
            for other in list(selector.get_map().values()):
                if other.data:
                    os.close(other.fd)
                    other.data[1].close()
            selector.close()
            listening.close()
            _run(asked, interrupted)
        try:
            end = os.pidfd_open(copy)
        except OSError:
            os.kill(copy, signal.SIGKILL)
            os.waitpid(copy, 0)
            raise
        selector.register(end, selectors.EVENT_READ, (copy, asked))
        until_it_is_made.pop_all()


def _say_how_it_ended(selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
    copy, asked = key.data
    _, status = os.waitpid(copy, 0)
    with asked, suppress(OSError):  # who asked may have been killed
        asked.sendall(str(os.waitstatus_to_exitcode(status)).encode())
    selector.unregister(key.fd)
    os.close(key.fd)
