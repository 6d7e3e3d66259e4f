"""A Slurm of two virtual nodes on one machine, in a folder of its own.

Of the machine's files one is written, and taken away again: the link `/etc/slurm/slurm.conf`. The
executor plugin passes no SLURM_CONF on to the steps of a job, which look for the file there.

`python tests/slurm/cluster.py FOLDER` starts one and stops it when its input ends.
"""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

NODES = ("n1", "n2")
CPUS = 2
"""Of each virtual node; the machine may have fewer, processes then share them."""
MEMORY_MB = 8000
SLURM_CONF = Path("/etc/slurm/slurm.conf")


class Cluster:
    """The daemons of one Slurm, with or without an accounting database."""

    def __init__(self, folder: Path):
        self.folder = folder.resolve()
        self.daemons: dict[str, subprocess.Popen] = {}
        self.accounting = False
        free = [_free_port() for _ in range(3 + len(NODES))]
        self.controller_port, self.database_port, self.mariadb_port, *self.node_ports = free

    @property
    def conf(self) -> Path:
        return self.folder / "slurm.conf"

    def start(self, accounting: bool = False) -> None:
        self.accounting = accounting
        if os.path.lexists(SLURM_CONF) and not self._is_ours():
            raise FileExistsError(
                f"{SLURM_CONF} is there already: this machine has a Slurm, or an earlier test was "
                "killed and has left the link; then remove it."
            )
        for part in ("state", "mariadb", *(f"spool_{node}" for node in NODES)):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        self._write_key()
        self.conf.write_text(self._slurm_conf(), "utf-8")
        if not SLURM_CONF.is_symlink():
            SLURM_CONF.parent.mkdir(exist_ok=True)
            SLURM_CONF.symlink_to(self.conf)
        if "munged" not in self.daemons:
            self._start("munged", ["munged", "--foreground", "--force", *self._munge_options()])
            _wait(lambda: (self.folder / "munge.socket").exists(), "munged")
        if accounting:
            self._start_accounting()
        self._start("slurmctld", ["slurmctld", "-D", "-c", "-f", str(self.conf)])
        for node in NODES:
            self.start_node(node)
        _wait(lambda: self.states() == dict.fromkeys(NODES, "idle"), "two idle nodes")

    def start_node(self, node: str) -> None:
        self._start(node, ["slurmd", "-D", "-N", node])

    def kill_node(self, node: str) -> None:
        """As a power cut does: the daemon of the node and every process of its jobs, at once."""
        self.daemons.pop(node).kill()
        jobs = self.ask("squeue", "--noheader", "--format=%i", f"--nodelist={node}").split()
        for step in _steps(jobs):
            for process in (*_below(step), step):
                _kill(process)

    def stop(self) -> None:
        for name in reversed(list(self.daemons)):
            self.stop_daemon(name)
        if self._is_ours():
            SLURM_CONF.unlink()

    def restart(self, accounting: bool) -> None:
        for name in [name for name in reversed(list(self.daemons)) if name != "munged"]:
            self.stop_daemon(name)
        self.start(accounting)

    def _is_ours(self) -> bool:
        return SLURM_CONF.is_symlink() and SLURM_CONF.readlink() == self.conf

    def stop_daemon(self, name: str) -> None:
        daemon = self.daemons.pop(name)
        daemon.terminate()
        try:
            daemon.wait(20)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()

    def ask(self, *command: str) -> str:
        return subprocess.run(command, text=True, capture_output=True, check=True).stdout

    def states(self) -> dict[str, str]:
        try:
            lines = self.ask("sinfo", "--noheader", "--Node", "--format=%N %t").splitlines()
        except subprocess.CalledProcessError:
            return {}
        return dict(line.split() for line in lines)

    def submissions(self) -> int:
        """How many jobs this controller has been given so far."""
        (line,) = (
            line for line in self.ask("sdiag").splitlines() if line.startswith("Jobs submitted:")
        )
        return int(line.split()[-1])

    def _start(self, name: str, command: list[str]) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        self.daemons[name] = subprocess.Popen(
            # They end with this process, however it ends.
            ["setpriv", "--pdeathsig", "TERM", *command],
            env=os.environ | {"SLURM_CONF": str(self.conf)},  # slurmdbd.conf lies beside it
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def _start_accounting(self) -> None:
        data, database = self.folder / "mariadb", f"{self.folder}/mariadb.socket"
        if not (data / "mysql").exists():
            subprocess.run(
                ["mariadb-install-db", "--no-defaults", "--user=root", f"--datadir={data}"],
                check=True,
                capture_output=True,
            )
        self._start(
            "mariadbd",
            [
                *("mariadbd", "--no-defaults", "--user=root", f"--datadir={data}"),
                *(f"--socket={database}", f"--port={self.mariadb_port}"),
                *("--bind-address=127.0.0.1", "--innodb-buffer-pool-size=64M"),
            ],
        )
        client = ["mariadb", "--no-defaults", f"--socket={database}"]
        _wait(lambda: _succeeds([*client, "--execute=select 1"]), "mariadbd")
        grant = (
            "create user if not exists slurm@'127.0.0.1' identified by 'slurm';"
            "grant all on slurm_acct_db.* to slurm@'127.0.0.1';"
        )
        subprocess.run([*client, f"--execute={grant}"], check=True)
        conf = self.folder / "slurmdbd.conf"
        conf.write_text(self._slurmdbd_conf(), "utf-8")
        conf.chmod(0o600)
        self._start("slurmdbd", ["slurmdbd", "-D"])
        register = ["sacctmgr", "--immediate", "add", "cluster", "two_nodes"]
        _wait(lambda: _succeeds(["sacctmgr", "show", "cluster"]), "slurmdbd")
        subprocess.run(register, capture_output=True, check=False)

    def _write_key(self) -> None:
        key = self.folder / "munge.key"
        if not key.exists():
            key.write_bytes(os.urandom(128))
            key.chmod(0o400)

    def _munge_options(self) -> list[str]:
        files = {"key-file": "munge.key", "socket": "munge.socket", "pid-file": "munge.pid"}
        files |= {"seed-file": "munge.seed", "log-file": "munge.log"}
        return [f"--{option}={self.folder / file}" for option, file in files.items()]

    def _slurm_conf(self) -> str:
        host = socket.gethostname().split(".")[0]
        lines = [
            "ClusterName=two_nodes",
            f"SlurmctldHost={host}(127.0.0.1)",
            f"SlurmctldPort={self.controller_port}",
            *("SlurmUser=root", "SlurmdUser=root"),
            *("AuthType=auth/munge", f"AuthInfo=socket={self.folder}/munge.socket"),
            f"StateSaveLocation={self.folder}/state",
            f"SlurmdSpoolDir={self.folder}/spool_%n",
            f"SlurmctldPidFile={self.folder}/slurmctld.pid",
            f"SlurmdPidFile={self.folder}/%n.pid",
            *("ProctrackType=proctrack/linuxproc", "TaskPlugin=task/none"),
            "SlurmdParameters=config_overrides",
            *("SelectType=select/cons_tres", "SelectTypeParameters=CR_Core_Memory"),
            # Without control groups memory is watched by sampling; who takes more is ended.
            *("JobAcctGatherType=jobacct_gather/linux", "JobAcctGatherFrequency=task=1"),
            "JobAcctGatherParams=OverMemoryKill",
            *("SlurmdTimeout=6", "KillWait=2", "ReturnToService=2", "MpiDefault=none"),
            "SchedulerParameters=sched_min_interval=0,batch_sched_delay=0",
        ]
        for node, port in zip(NODES, self.node_ports, strict=True):
            lines.append(
                f"NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} "
                f"CPUs={CPUS} RealMemory={MEMORY_MB}"
            )
        lines.append(f"PartitionName=main Nodes={','.join(NODES)} Default=YES MaxTime=INFINITE")
        if self.accounting:
            lines += [
                "AccountingStorageType=accounting_storage/slurmdbd",
                f"AccountingStoragePass={self.folder}/munge.socket",
                *("AccountingStorageHost=127.0.0.1", f"AccountingStoragePort={self.database_port}"),
            ]
        return "\n".join(lines) + "\n"

    def _slurmdbd_conf(self) -> str:
        lines = [
            *("AuthType=auth/munge", f"AuthInfo={self.folder}/munge.socket"),
            *("DbdHost=localhost", "DbdAddr=127.0.0.1", f"DbdPort={self.database_port}"),
            *("SlurmUser=root", f"PidFile={self.folder}/slurmdbd.pid"),
            *("StorageType=accounting_storage/mysql", "StorageHost=127.0.0.1"),
            *(f"StoragePort={self.mariadb_port}", "StorageUser=slurm", "StoragePass=slurm"),
        ]
        return "\n".join(lines) + "\n"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not come up within {seconds:.0f} s")
        time.sleep(0.1)


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _parents() -> dict[int, int]:
    """Process to its parent, of all processes."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text("utf-8").rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        found[int(stat.parent.name)] = int(words[1])
    return found


def _below(process: int) -> list[int]:
    children = [child for child, parent in _parents().items() if parent == process]
    return [each for child in children for each in (*_below(child), child)]


def _steps(jobs: list[str]) -> list[int]:
    """The processes by which the daemon of a node watches these jobs."""
    found = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = line.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:  # it has ended meanwhile
            continue
        match = re.match(r"slurmstepd: \[(\d+)\.", words)
        if match and match[1] in jobs:
            found.append(int(line.parent.name))
    return found


def _kill(process: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    cluster = Cluster(Path(sys.argv[1]))
    try:
        cluster.start(accounting="--accounting" in sys.argv)
        print("ready", flush=True)
        sys.stdin.read()
    finally:
        cluster.stop()
