"""Each artefact damaged in turn: refused at reading, named by `verify`, mended by its command."""

import os
import random
import shutil
import tempfile
from pathlib import Path

import pytest
from disturbed import Disturbed

from calcinosis import made
from calcinosis.errors import InputError

COHORT = "results/early_ssc"


def truncated(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def one_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[random.Random(str(path)).randrange(len(content))] ^= 1
    path.write_bytes(content)


def planted(path: Path) -> None:
    """Other content with an older date, as if it were from a former run."""
    path.write_bytes(path.read_bytes() + b"\n")
    os.utime(path, (1, 1))


def linked(path: Path) -> None:
    """A link to the same content elsewhere."""
    elsewhere = Path(tempfile.mkdtemp(), path.name)
    shutil.move(path, elsewhere)
    path.symlink_to(elsewhere)


KINDS = {"truncated": truncated, "one bit": one_bit, "planted": planted, "linked": linked}


def made_files(project: Disturbed) -> list[str]:
    """All files that steps have made, as their records say."""
    records = project.path(f"{COHORT}/private/made").glob("*.json")
    return sorted({path for record in records for path in made.read(record)["outputs"]})


@pytest.mark.parametrize("kind", KINDS)
def test_every_artefact_in_turn_is_named_and_refused(finished: Disturbed, kind, monkeypatch):
    """By `verify`, in its process; and by every step that takes it (they call `made.checked`)."""
    from calcinosis import verify

    monkeypatch.chdir(finished.folder)
    assert verify.verify("config.yaml") == []
    names = [name for name in made_files(finished) if Path(name).stat().st_size]
    assert len(names) > 100
    kept = finished.folder / "kept"
    for name in names:
        shutil.copy2(name, kept)
        KINDS[kind](Path(name))
        found = verify.verify("config.yaml")
        assert [problem.path for problem in found] == [name]
        assert found[0].kind == ("foreign" if kind == "linked" else "edited")
        assert verify.command(found, "config.yaml").startswith("snakemake --cores 2 --forcerun ")
        if kind != "linked":
            with pytest.raises(InputError, match=r"is not used. Make it\n? *again"):
                made.checked([name])
        Path(name).unlink()
        shutil.move(kept, name)
    assert verify.verify("config.yaml") == []


STEPS = [
    "private/tables/readings.parquet",
    "private/queries.csv",
    "private/severity/films.parquet",
    "private/quality.parquet",
    "private/datasets/models.parquet",
    "private/risks/batch_0.parquet",
    "estimates/incidence.csv",
    "figures/forest_figure.svg",
    "estimates.csv",
]
"""One of each kind that a step takes from another."""


@pytest.mark.parametrize("name", STEPS)
def test_a_run_refuses_what_is_damaged_and_says_how_to_make_it_again(
    finished: Disturbed, undisturbed: Disturbed, name: str
):
    """Nothing is made of it; the command that the run says makes the bytes of before."""
    path = f"{COHORT}/{name}"
    truncated(finished.path(path))
    ended = finished.run()
    assert ended.code != 0
    assert f"{path} is not what its step wrote" in ended.output
    again = f"snakemake --cores 2 --forcerun {path}"
    assert again in ended.output
    assert "Traceback" not in ended.output
    assert finished.run(*again.split()[3:]).code == 0
    assert finished.differences(undisturbed) == []


@pytest.mark.parametrize("name", ["estimates/incidence.csv", "private/datasets/models.parquet"])
def test_what_is_planted_with_an_older_date_is_named_and_mended(
    finished: Disturbed, undisturbed: Disturbed, name: str
):
    """The engine, which goes by dates, sees nothing."""
    planted(finished.path(f"{COHORT}/{name}"))
    assert finished.verify().output.startswith(f"edited   {COHORT}/{name}: ")
    finished.mend()
    assert finished.differences(undisturbed) == []
    assert finished.verify().code == 0


def test_all_kinds_at_once_are_mended_by_one_command(finished: Disturbed, undisturbed: Disturbed):
    """Edited, missing, linked, and foreign in the results and in the records."""
    planted(finished.path(f"{COHORT}/estimates/severity.csv"))
    finished.path(f"{COHORT}/figures/flow_figure.svg").unlink()
    linked(finished.path(f"{COHORT}/private/datasets/flow.parquet"))
    finished.path(f"{COHORT}/estimates/foreign.csv").write_text("x\n")
    finished.path("records/early_ssc/notes.txt").write_text("x\n")
    said = finished.verify()
    assert said.code == 1
    assert {line.split()[0] for line in said.output.splitlines()[:-1]} == {
        *("edited", "missing", "foreign")
    }
    assert len(said.output.splitlines()) == 6
    print(finished.mend())
    assert finished.differences(undisturbed) == []
    # What is remembered nobody can make again: no command deletes it.
    finished.path("records/early_ssc/notes.txt").unlink()
    assert finished.verify().code == 0


def test_a_record_without_a_file_and_a_file_without_a_record(finished: Disturbed, undisturbed):
    """Neither the records nor the manifest can be edited unseen."""
    record = finished.path(f"{COHORT}/private/made/incidence.json")
    kept = record.read_text("utf-8")
    record.unlink()
    assert "foreign  results/early_ssc/estimates/incidence.csv" in finished.verify().output
    record.write_text(kept.replace('"outputs"', '"outputs "'), "utf-8")
    assert "foreign  results/early_ssc/estimates/incidence.csv" in finished.verify().output
    at = kept.index('"code": "') + len('"code": "')
    record.write_text(kept[:at] + "0" * 16 + kept[at + 16 :], "utf-8")
    said = finished.verify().output
    assert "stale    results/early_ssc/estimates/incidence.csv" in said
    assert "edited   results/manifest.json" in said
    finished.mend()
    assert finished.differences(undisturbed) == []


def test_state_of_the_engine_deleted_or_copied(finished: Disturbed, undisturbed: Disturbed):
    """Other dates and no `.snakemake` are no fault; a change of the plan is seen all the same."""
    shutil.rmtree(finished.path(".snakemake"))
    for path in finished.path("results").rglob("*"):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    assert finished.verify().code == 0
    finished.edit("cohorts/early_ssc/cohort.yaml", "  per: 100", "  per: 10")
    said = finished.verify()
    what = "what made it is different now: incidence"
    assert f"stale    results/early_ssc/estimates/incidence.csv: {what}" in said.output
    finished.mend()
    assert finished.verify().code == 0
    finished.edit("cohorts/early_ssc/cohort.yaml", "  per: 10", "  per: 100")
    assert finished.run().code == 0
    assert finished.differences(undisturbed) == []
