"""The export is replaced while a run goes on: results are wholly of what was there at its start."""

import os

import pytest
from disturbed import Disturbed

TABLE = "cohorts/early_ssc/patients.csv"
CODEBOOK = "cohorts/early_ssc/codebook.csv"
SAID = "has changed since this run began"


def replace(project: Disturbed) -> None:
    """Another age of each patient, in a file that is older than the results."""
    path = project.path(TABLE)
    lines = path.read_text("utf-8").splitlines(keepends=True)
    new = path.with_suffix(".new")
    new.write_text("".join([lines[0], *lines[2:]]), "utf-8")
    os.utime(new, (1, 1))
    new.replace(path)


def test_replaced_after_it_was_read(fresh: Disturbed, undisturbed: Disturbed):
    fresh.slow(3)
    run = fresh.start()
    fresh.wait_for("incidence.py")
    replace(fresh)
    output, _ = run.communicate(timeout=300)
    assert run.returncode == 0, output
    assert SAID in output
    table = fresh.path("results/early_ssc/estimates.csv")
    ours = table.read_bytes()
    assert ours == undisturbed.path("results/early_ssc/estimates.csv").read_bytes()
    verified = fresh.verify()
    assert verified.code == 1
    assert "stale    results/early_ssc/private/tables/patients.parquet" in verified.output
    again = fresh.run()
    assert again.code == 0
    assert "clean" in again.jobs
    assert SAID not in again.output
    assert table.read_bytes() != ours
    assert fresh.verify().code == 0


@pytest.mark.parametrize("what", ["export", "codebook"])
def test_replaced_before_or_while_it_is_read(fresh: Disturbed, what: str):
    """Between the start of the run and the end of the step that reads: refused, and read again."""
    line = "    keep_private(Path(output.quality).parent, Path(output.patients).parent)\n"
    slowly = f"{line}    __import__('time').sleep(3)\n"
    fresh.edit("workflow/scripts/clean.py", line, slowly)
    run = fresh.start()
    fresh.wait_for("clean.py")
    if what == "export":
        replace(fresh)
    else:
        fresh.edit(CODEBOOK, "integer,,years,18,100", "integer,,years,17,100")
    output, _ = run.communicate(timeout=300)
    assert run.returncode != 0
    path = TABLE if what == "export" else CODEBOOK
    assert f"{path} was replaced while the run was reading it" in output
    assert not fresh.path("results/early_ssc/private/tables/patients.parquet").exists()
    fresh.edit("workflow/scripts/clean.py", slowly, line)
    assert fresh.run().code == 0
    assert fresh.verify().code == 0
