"""Starts of the engine without its imports, which take longer than all else that a dry run does.

One process has the engine's modules, and none of the project's; each start is a fork of it that
goes to the folder, takes the environment and does what `python -m snakemake` does. The main job
that others are compared with, and the one that it must equal, are started without it.
"""

import atexit
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from checkouts import start_module

TIMEOUT = 900
IMPORTED = (
    "snakemake.cli",
    "snakemake.workflow",
    "snakemake.profiles",
    "snakemake.storage",
    "snakemake.report.html_reporter",
    "docutils.core",
    "smart_open",
)
"""What a start would import by itself."""


@cache
def _server() -> subprocess.Popen:
    server = subprocess.Popen(
        [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    atexit.register(server.communicate)
    return server


def start(folder: Path, words: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """Run a module as `start_module` does: the engine by a fork."""
    module, *words = words
    if module != "snakemake":
        return start_module(folder, [module, *words], environment)
    server = _server()
    with tempfile.TemporaryDirectory() as printed:
        json.dump([str(folder), words, environment, printed], server.stdin)
        print(file=server.stdin, flush=True)
        code = int(server.stdout.readline())
        said = [Path(printed, name).read_text("utf-8") for name in ("stdout", "stderr")]
    return code, "".join(said)


def _become_the_engine(folder: str, words: list[str], environment: dict[str, str], printed: str):
    signal.alarm(TIMEOUT)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, name in ((0, os.devnull), (1, f"{printed}/stdout"), (2, f"{printed}/stderr")):
        os.dup2(os.open(name, os.O_RDWR | os.O_CREAT), number)
    sys.path[0] = folder
    sys.argv = ["snakemake", *words]
    sys.exit(sys.modules["snakemake.cli"].main(words))  # and not go on as a second server


def _serve():
    for line in iter(sys.stdin.readline, ""):
        child = os.fork()
        if not child:
            _become_the_engine(*json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    for module in IMPORTED:
        importlib.import_module(module)
    assert "calcinosis" not in sys.modules, "a copy has its own"
    _serve()
