"""The life of a question: export, workbook, correction, the next export, and the export again."""

import re
import shutil
import stat
import zipfile
from pathlib import Path

import pandas as pd
from conftest import ROOT, Project
from contract import CONTRACT
from test_determinism import OF_RECORDS, artefacts

from calcinosis import estimates
from calcinosis.spreadsheets import read_csv

HOME, PRIVATE = "cohorts/early_ssc", "results/early_ssc/private"


def example(name: str) -> str:
    """A file of the docs' chapter."""
    page = (ROOT / "docs" / "queries.md").read_text("utf-8")
    (text,) = re.findall(rf"<!-- example: {name} -->\n```csv\n(.*?)```", page, re.DOTALL)
    return text


def states(project: Project) -> dict[tuple[str, str, str], str]:
    """State by record, variable and rule."""
    frame = read_csv(project.path(f"{PRIVATE}/query_states.csv"))
    return {(r.record, r.variable, r.rule): r.state for r in frame.itertuples()}


def open_queries(project: Project) -> float | None:
    rows = estimates.read(project.path("results/early_ssc/estimates.csv"))
    return next(row.estimate for row in rows if row.term == "open_queries")


def run(project: Project) -> set[str]:
    ended = project.run()
    assert ended.code == 0, ended.output
    assert project.run("--dry-run").jobs == set()
    return ended.jobs


def texts(path: Path) -> str:
    with zipfile.ZipFile(path) as book:
        return book.read("xl/sharedStrings.xml").decode()


def test_each_site_has_its_questions_and_no_other(finished: Project):
    listed = read_csv(finished.path(f"{PRIVATE}/queries.csv"))
    folder = finished.path(f"{PRIVATE}/queries")
    assert {path.stem for path in folder.glob("*")} == {"kk", "ud", "no_site"}
    for site in ("kk", "ud", ""):
        said = texts(folder / f"{site or 'no_site'}.xlsx")
        inside = {name for name in listed["query_id"] if f"<t>{name}</t>" in said}
        assert inside == set(listed.loc[listed["centre"] == site, "query_id"])


def test_the_memory_is_private(finished: Project):
    for path in [*finished.path("records").rglob("*")]:
        if "private" in path.parts:
            mode = stat.S_IMODE(path.stat().st_mode)
            assert mode == (0o700 if path.is_dir() else 0o600), path


def test_the_life_of_a_question(project: Project):
    first, asked = artefacts(project), states(project)
    export = project.path(f"{HOME}/patients.csv").read_bytes()
    codebook = project.path(f"{HOME}/codebook.csv").read_bytes()
    assert set(asked.values()) == {"open"}
    total = open_queries(project)

    # The sites answer four questions (one of them confirms a row that stands twice).
    corrections = project.path(f"{HOME}/corrections.csv")
    corrections.write_text(example("corrections.csv"), "utf-8")
    assert "queries" in run(project)
    answered = {
        ("E009", "age", "out_of_range"): "answered",
        ("E008", "mrss", "out_of_range"): "answered",
        ("E023 | 31/02/2014", "film_date", "impossible_date"): "answered",
        ("E054", "", "exact_duplicate"): "answered",
    }
    found = states(project)
    assert {name: found[name] for name in answered} == answered
    assert open_queries(project) == total - 4
    audit = read_csv(project.path(f"{PRIVATE}/corrections_applied.csv"))
    assert set(audit["status"]) == {"applied", "confirmed"}
    patients = pd.read_parquet(project.path(f"{PRIVATE}/tables/patients.parquet"))
    ages = patients.set_index("patient_id")["age"]
    assert ages["E009"] == 35
    rows = estimates.read(project.path("results/early_ssc/estimates.csv"))
    assert any(row.term == "corrections" and row.level == "applied" for row in rows)

    # The next export: one question mended at its source, one that is new.
    project.edit(f"{HOME}/patients.csv", "1.2.5", "1.5")
    frame = pd.read_csv(project.path(f"{HOME}/patients.csv"), dtype=str, keep_default_na=False)
    frame.loc[frame["study_id"] == "E010", "mRSS"] = "=99"
    frame.to_csv(project.path(f"{HOME}/patients.csv"), index=False)
    run(project)
    found = states(project)
    assert {name: found[name] for name in answered} == answered
    assert found["E016", "disease_duration", "not_a_number"] == "resolved"
    assert found["E010", "mrss", "not_an_integer"] == "open"
    assert found["E045", "subset", "unknown_level"] == "persisting"
    assert "<t>=99</t>" in texts(project.path(f"{PRIVATE}/queries/{site_of(frame, 'E010')}.xlsx"))

    # A spelling becomes a code of the codebook.
    project.edit(f"{HOME}/codebook.csv", "lcSSc=limited|", "lcSSc=limited|mixed=limited|")
    run(project)
    assert states(project)["E045", "subset", "unknown_level"] == "withdrawn"

    # The first export again, without corrections: every byte is that of the first run.
    project.path(f"{HOME}/patients.csv").write_bytes(export)
    project.path(f"{HOME}/codebook.csv").write_bytes(codebook)
    corrections.unlink()
    run(project)
    assert states(project) == asked
    assert open_queries(project) == total
    again = artefacts(project)
    differs = [name for name in first if first[name] != again.get(name)]
    assert [name for name in differs if not OF_RECORDS.search(name)] == []
    assert first.keys() == again.keys()


def site_of(frame: pd.DataFrame, patient: str) -> str:
    hospital = frame.set_index("study_id").loc[patient, "hospital"]
    return {"Khon Kaen": "kk", "Udon Thani": "ud"}.get(hospital, hospital)


def test_the_memory_decides_states_only(project: Project):
    """Without it, everything but the states is as before."""
    before = artefacts(project)
    shutil.rmtree(project.path("records/early_ssc"))
    shutil.rmtree(project.path("results/early_ssc"))
    run(project)
    after = artefacts(project)
    assert [name for name in before if before[name] != after.get(name)] == []


def test_an_excluded_patient_is_a_line_of_the_flow(project: Project):
    exclude, expected = CONTRACT["exclude.csv: a patient"]
    exclude(project)
    assert project.path(f"{HOME}/exclude.csv").read_text("utf-8") == example("exclude.csv")
    assert run(project) == expected
    rows = estimates.read(project.path("results/early_ssc/estimates/flow.csv"))
    (line,) = [row for row in rows if row.level == "by_study_team"]
    assert (line.term, line.estimate) == ("excluded", 1)
    page = project.path("results/early_ssc/report.html").read_text("utf-8")
    assert "excluded by the study team" in page
    assert "E001" not in page
    models = pd.read_parquet(project.path(f"{PRIVATE}/datasets/models.parquet"))
    assert "E001" not in set(models["patient_id"])


def test_unknown_ids_stop_with_file_and_line_and_without_the_id(project: Project):
    project.path(f"{HOME}/exclude.csv").write_text("patient_id,reason\nE999,x\n", "utf-8")
    ended = project.run()
    assert ended.code != 0
    assert f"{HOME}/exclude.csv:2: the export has no such patient" in ended.output
    assert "E999" not in ended.output


def test_a_wrong_side_file_stops_before_any_job(project: Project):
    project.path(f"{HOME}/corrections.csv").write_text("record,value\nE001,3\n", "utf-8")
    ended = project.run()
    assert ended.code != 0
    assert ended.jobs == set()
    assert f"{HOME}/corrections.csv:1: the column 'table' is missing" in ended.output
    assert "Traceback" not in ended.output
    assert "E001" not in ended.output


def test_a_column_that_the_export_lacks_is_told_loudly(project: Project):
    frame = pd.read_csv(project.path(f"{HOME}/patients.csv"), dtype=str, keep_default_na=False)
    frame.drop(columns="mRSS").to_csv(project.path(f"{HOME}/patients.csv"), index=False)
    ended = project.run()
    assert ended.code == 0, ended.output
    assert "The export has no column for mrss: missing in 65 rows" in ended.output
    page = project.path("results/early_ssc/report.html").read_text("utf-8")
    assert "The export has no column for: Modified Rodnan skin score" in page
