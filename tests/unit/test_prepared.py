"""Steps that copies of a process do: as they would by themselves, and with whom they should."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from builders import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="none is prepared elsewhere")

ENGINE = (
    "import os, signal, sys; from calcinosis import prepared\n"
    "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's `&` has it ignored
    "prepared.begin(); print(os.environ[prepared.ADDRESS], flush=True); sys.stdin.read()"
)
BY_A_COPY = "import os, sys; from pathlib import Path; snakemake = {}; import calcinosis.job\n"
"""How a script begins; what follows is done by whoever does the step."""
WAIT = 60


@contextmanager
def prepared_by(folder: Path, before: str = "", **environment: str):
    """A process that has prepared another, which answers; and the socket of that."""
    given = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(folder)} | environment
    command = [sys.executable, "-c", f"{before}\n{ENGINE}"]
    with subprocess.Popen(command, env=given, stdin=-1, stdout=-1, text=True) as process:
        address = Path(process.stdout.readline().strip())
        until(address.exists)
        yield process, address


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with prepared_by(tmp_path_factory.mktemp("t")) as found:
        yield found


def until(true):
    end = time.monotonic() + WAIT
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def runs(process: int) -> bool:
    """Whether a process is there, and no zombie."""
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text("utf-8")
    except FileNotFoundError:
        return False


def parent(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text("utf-8").rsplit(")")[1].split()[1])


def script(folder: Path, text: str) -> Path:
    path = folder / "step.py"
    path.write_text(BY_A_COPY + text, "utf-8")
    return path


def start(path: Path, address, **more) -> subprocess.Popen:
    given = {"PYTHONPATH": str(ROOT), "CALCINOSIS_PREPARED": str(address), "OF_STEP": "π"}
    return subprocess.Popen(
        [sys.executable, path, "word"],
        env=os.environ | given,
        cwd=path.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


SAYS = """
print(__name__, sys.argv[1:], Path.cwd().name, os.environ["OF_STEP"], sys.stdin.read())
print("calcinosis.prepared" in Path("/proc/self/cmdline").read_text(), "pandas" in sys.modules)
print("CALCINOSIS_PREPARED" in os.environ, sys.path[0] == str(Path.cwd()))
"""


@pytest.mark.parametrize("prepared", [True, False])
def test_a_step_is_the_same_by_a_copy_and_by_itself(engine, tmp_path, prepared):
    step = start(script(tmp_path, SAYS), engine[1] if prepared else "none", stdin=subprocess.PIPE)
    printed, warned = step.communicate("given", timeout=WAIT)
    assert printed.splitlines() == [
        f"__main__ ['word'] {tmp_path.name} π given",
        f"{prepared} {prepared}",
        "False True",
    ]
    assert (step.returncode, warned) == (0, "")


ENDS = {
    "sys.exit(3)": (3, ""),
    "sys.exit()": (0, ""),
    "raise OSError('no room')": (1, "OSError: no room\n"),
    "os._exit(5)": (5, ""),
    "sys.exit('a word')": (1, "a word\n"),
    "os.kill(os.getpid(), 9)": (-9, ""),
    "os.kill(os.getpid(), 2)": (1, "KeyboardInterrupt\n"),
    "sys.stdout = open('/dev/full', 'w'); print('x')": (1, ""),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_step_ends_as_its_copy_does(engine, tmp_path, end):
    step = start(script(tmp_path, end), engine[1])
    _, warned = step.communicate(timeout=WAIT)
    code, last = ENDS[end]
    assert step.returncode == code
    assert "".join(warned.splitlines(keepends=True)[-1:]) == last


def test_steps_go_on_side_by_side(engine, tmp_path):
    """Each waits for the other."""
    meet = "Path(sys.argv[0]).with_name(f'{os.getpid()}.met').touch()\n"
    meet += "while len(list(Path.cwd().glob('*.met'))) < 2: pass"
    steps = [start(script(tmp_path, meet), engine[1]) for _ in range(2)]
    assert [step.wait(WAIT) for step in steps] == [0, 0]


SLEEPS = "print(os.getpid(), flush=True)\nimport time; time.sleep(600)"


def asleep(folder: Path, address, **more) -> tuple[subprocess.Popen, int]:
    """A step and its copy, which has begun."""
    step = start(script(folder, SLEEPS), address, **more)
    copy = int(step.stdout.readline())
    assert copy != step.pid
    return step, copy


def test_a_copy_ends_with_its_step_and_others_go_on(engine, tmp_path):
    step, copy = asleep(tmp_path, engine[1])
    other, _ = asleep(tmp_path, engine[1])
    step.kill()
    step.wait()
    until(lambda: not runs(copy))
    time.sleep(0.2)
    assert other.poll() is None
    other.kill()
    other.wait()


def test_a_step_ends_with_the_process_that_started_it(engine, tmp_path):
    """As a shell that is killed; the step itself is asleep and would not know."""
    text = script(tmp_path, SLEEPS)
    program = f"import subprocess, sys; subprocess.run([sys.executable, {str(text)!r}])"
    given = {"PYTHONPATH": str(ROOT), "CALCINOSIS_PREPARED": str(engine[1])}
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, env=os.environ | given, stdout=-1, text=True) as shell:
        copy = int(shell.stdout.readline())
        shell.kill()
        until(lambda: not runs(copy))


def test_ctrl_c_reaches_the_copy_once(engine, tmp_path):
    """All processes of a terminal are interrupted; the prepared one goes on."""
    step, copy = asleep(tmp_path, engine[1])
    for process in (parent(copy), step.pid, copy):
        os.kill(process, signal.SIGINT)
    _, warned = step.communicate(timeout=WAIT)
    assert (step.returncode, warned.count("KeyboardInterrupt")) == (1, 1)
    after = start(script(tmp_path, "print('pandas' in sys.modules)"), engine[1])
    assert after.communicate(timeout=WAIT) == ("True\n", "")


@pytest.mark.parametrize("who", ["engine", "prepared"])
def test_nothing_outlives_the_engine_or_the_prepared_process(tmp_path, who):
    with prepared_by(tmp_path) as (process, address):
        step, copy = asleep(tmp_path, address)
        served = parent(copy)
        os.kill(process.pid if who == "engine" else served, signal.SIGKILL)
        _, warned = step.communicate(timeout=WAIT)
        assert (step.returncode, warned) == (1, "The process that did this step is no more.\n")
        until(lambda: not runs(copy) and not runs(served))
        if who == "engine":
            until(lambda: not address.parent.exists())
        else:  # what begins now does without
            after = start(script(tmp_path, "print('pandas' in sys.modules)"), address)
            assert after.communicate(timeout=WAIT) == ("False\n", "")


@pytest.mark.parametrize("said", ["", "1", "-9"], ids=["none", "ended", "killed"])
def test_a_step_does_without_where_no_copy_begins(tmp_path, said):
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        listening.listen()
        step = start(script(tmp_path, "print('pandas' in sys.modules)"), tmp_path / "socket")
        with listening.accept()[0] as asked:
            asked.sendall(said.encode())
        assert step.communicate(timeout=WAIT) == ("False\n", "")


def test_who_is_no_script_hands_nothing_over(engine, tmp_path):
    """Not the engine itself, which would be begun again without end."""
    given = os.environ | {"PYTHONPATH": str(ROOT), "CALCINOSIS_PREPARED": str(engine[1])}
    program = "import os, sys; import calcinosis.job; print(os.getpid(), 'pandas' in sys.modules)"
    with subprocess.Popen([sys.executable, "-c", program], env=given, stdout=-1, text=True) as it:
        assert it.stdout.read() == f"{it.pid} False\n"


SUMS = """
from threadpoolctl import threadpool_info
print(sorted({pool["num_threads"] for pool in threadpool_info()}))
"""


def test_copies_have_one_thread_as_steps_have_whatever_the_engine_was_given(tmp_path):
    """Another number gives sums of other last digits."""
    with prepared_by(tmp_path, OMP_NUM_THREADS="2", OPENBLAS_NUM_THREADS="2") as (_, address):
        step = start(script(tmp_path, SUMS), address)
        assert step.communicate(timeout=WAIT) == ("[1]\n", "")


def test_who_ignores_the_end_of_processes_may_start_the_engine(tmp_path):
    ignoring = "import signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN)"
    with prepared_by(tmp_path, ignoring) as (_, address):
        for _ in range(2):
            step = start(script(tmp_path, "print('pandas' in sys.modules)"), address)
            assert step.communicate(timeout=WAIT) == ("True\n", "")


@pytest.mark.parametrize("why", ["unwanted", "no room", "another system"])
def test_none_is_prepared_where_it_cannot_be(tmp_path, why):
    more = {"CALCINOSIS_PREPARED": "none"} if why == "unwanted" else {}
    program = "import os, sys, tempfile; from calcinosis import prepared\n"
    program += {
        "no room": f"tempfile.tempdir = {str(tmp_path / 'nowhere')!r}\n",
        "another system": "sys.platform = 'darwin'\n",
    }.get(why, "")
    program += "prepared.begin(); print(os.environ.get(prepared.ADDRESS))"
    given = {"PYTHONPATH": str(ROOT)} | more
    done = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | given, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == more.get("CALCINOSIS_PREPARED", "None")
