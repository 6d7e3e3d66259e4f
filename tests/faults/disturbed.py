"""A project whose runs are started, watched and ended from outside."""

import os
import subprocess
import sys
import time
from pathlib import Path

from checkouts import Ended, Project, artefacts

INCIDENCE = ("calcinosis/estimate/incidence.py", "    rows = []\n")
"""Where a test makes one step slow, hungry or wrong."""


class Disturbed(Project):
    """A checkout whose processes a test can see."""

    def start(self, *arguments: str, environment: dict[str, str] | None = None, **how):
        """Start the engine in a process group of its own."""
        words = [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]
        given = os.environ | {"PYTHONPATH": str(self.folder)}
        return subprocess.Popen(
            words,
            cwd=self.folder,
            env=given if environment is None else environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **how,
        )

    def processes(self) -> dict[int, str]:
        """The running processes of this folder: number to command."""
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            try:
                here = (process / "cwd").readlink() == self.folder
                words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                running = (process / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
            except OSError:
                continue
            if here and running:
                found[int(process.name)] = words
        return found

    def wait_for(self, word: str, seconds: float = 240) -> int:
        """The number of a process whose command holds a word, as soon as there is one."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for number, words in self.processes().items():
                if word in words:
                    return number
            time.sleep(0.02)
        raise TimeoutError(word)

    def differences(self, other: "Disturbed") -> list[str]:
        """The artefacts that differ between two folders."""
        ours, theirs = artefacts(self), artefacts(other)
        return [name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)]

    def verify(self) -> Ended:
        return self.run("verify", module="calcinosis")

    def mend(self) -> str:
        """Do what `verify` says mends it all; returns the command."""
        command = self.verify().output.rpartition("To mend: ")[2].strip()
        run = command.replace("snakemake ", f"{sys.executable} -m snakemake ")
        environment = os.environ | {"PYTHONPATH": str(self.folder)}
        done = subprocess.run(
            ["sh", "-c", run],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return command

    def slow(self, seconds: int) -> None:
        """Let the incidence step take its time."""
        self.edit(*INCIDENCE, f"{INCIDENCE[1]}    __import__('time').sleep({seconds})\n")

    def quick(self) -> None:
        path = self.path(INCIDENCE[0])
        lines = path.read_text("utf-8").splitlines(keepends=True)
        path.write_text("".join(x for x in lines if "sleep(" not in x), "utf-8")
