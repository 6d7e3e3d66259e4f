"""Memory, disk, permissions: the run ends naming step and cause, and goes on when it is mended."""

import os
import subprocess
import sys

import pytest
from disturbed import INCIDENCE, Disturbed


def mount(*words: str) -> None:
    done = subprocess.run(["mount", *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"this machine does not let us mount: {done.stderr.strip()}")


@pytest.fixture
def on_a_disk(request):
    """Puts the results of a project on a disk of their own; `size` in its words."""
    mounted = []

    def put(project: Disturbed, size: str) -> str:
        results = project.path("results")
        results.mkdir(exist_ok=True)
        mount("-t", "tmpfs", "-o", f"size={size}", "none", str(results))
        mounted.append(str(results))
        return str(results)

    yield put
    for folder in mounted:
        subprocess.run(["umount", "--lazy", folder], check=False)


def test_a_full_disk(fresh: Disturbed, undisturbed: Disturbed, on_a_disk):
    """It fills up in the middle of the run."""
    results = on_a_disk(fresh, "2m")
    ended = fresh.run()
    assert ended.code != 0
    assert "No space left on device" in ended.output
    assert "Traceback" not in ended.output
    assert not fresh.path("results/verdict.txt").exists()
    mount("-o", "remount,size=200m", results)
    again = fresh.run()
    assert again.code == 0, again.output
    assert fresh.differences(undisturbed) == []


def test_results_that_cannot_be_written(finished: Disturbed, undisturbed: Disturbed, on_a_disk):
    old = finished.path("results").rename(finished.path("old"))
    results = on_a_disk(finished, "200m")
    subprocess.run(["cp", "-a", f"{old}/.", results], check=True)
    mount("-o", "remount,ro", results)
    finished.edit("cohorts/early_ssc/cohort.yaml", "  per: 100", "  per: 10")
    ended = finished.run()
    assert ended.code != 0
    assert "Write-protected output files for rule " in ended.output
    assert "Traceback" not in ended.output
    assert finished.differences(undisturbed) == []
    finished.edit("cohorts/early_ssc/cohort.yaml", "  per: 10", "  per: 100")
    mount("-o", "remount,rw", results)
    assert finished.run().code == 0
    assert finished.differences(undisturbed) == []


def test_memory_that_does_not_suffice(fresh: Disturbed, undisturbed: Disturbed):
    """The step asks for more than `ulimit -v` lets it have."""
    path, line = INCIDENCE
    fresh.edit(path, line, f"{line}    held = bytearray(1 << 40)\n")
    limited = ["sh", "-c", 'ulimit -v 8000000 && exec "$@"', "sh"]
    words = [sys.executable, "-m", "snakemake", "--cores", "2"]
    ended = subprocess.run(
        [*limited, *words],
        cwd=fresh.folder,
        env=os.environ | {"PYTHONPATH": str(fresh.folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    said = ended.stdout + ended.stderr
    assert "    The step stopped with MemoryError (out of memory) in incidence.py" in said
    assert not fresh.path("results/early_ssc/estimates/incidence.csv").exists()
    fresh.edit(path, "    held = bytearray(1 << 40)\n", "")
    assert fresh.run().code == 0
    assert fresh.differences(undisturbed) == []
