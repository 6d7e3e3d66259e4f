"""Loaded by every Python that is started with this folder on its path: what a step has used.

At the end of a process that the engine started for a rule, one line is written to the file that
`MEASURED` names: rule, batch, processor seconds, wall seconds, and peak memory in bytes. The peak
is that of the process' own memory: the usual counter begins with the peak of its parent. Steps
must not be done by copies of another process (`CALCINOSIS_PREPARED=none`): those would have two
lines, neither of them their own.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import NoReturn

STARTED = time.time()


def write() -> None:
    snakemake = getattr(sys.modules["__main__"], "snakemake", None)
    if snakemake is None:
        return
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    with Path("/proc/self/status").open(encoding="ascii") as status:
        peak = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    line = {
        "step": snakemake.rule,
        "batch": snakemake.wildcards.get("batch", ""),
        "processor": sum(each.ru_utime + each.ru_stime for each in used),
        "wall": time.time() - STARTED,
        "peak": peak,
    }
    with Path(os.environ["MEASURED"]).open("a", encoding="ascii") as file:
        file.write(json.dumps(line) + "\n")


def leave(code: int) -> NoReturn:
    write()
    at_once(code)


if "MEASURED" in os.environ:
    at_once, os._exit = os._exit, leave  # the way on which a step that is done leaves
