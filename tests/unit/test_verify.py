"""`calcinosis.verify` on a few files; `tests/faults` has it on a whole run."""

import json
from pathlib import Path

import pytest

from calcinosis import made, verify

LOG = "results/here/private/logs/step.log"
FILE = "results/here/estimates/step.csv"


@pytest.fixture(autouse=True)
def one_step(tmp_path, monkeypatch):
    """A finished run of one step, without manifest and verdict."""
    monkeypatch.chdir(tmp_path)
    for path in (LOG, FILE):
        Path(path).parent.mkdir(parents=True)
        Path(path).write_text("x\n")
    made.write(LOG, {}, {}, [FILE])
    job = {"log": LOG, "settings": {}, "inputs": [], "outputs": [FILE], "records": []}
    said = {"jobs": {str(made.record_of(LOG)): job}, "suffix": ""}
    monkeypatch.setattr(verify, "_said", lambda _: said)


def found(cohort: str) -> list[str]:
    return [problem.path for problem in verify.verify("config.yaml", cohort)]


def test_of_one_cohort_its_results_and_its_records_are_looked_at():
    assert found("here") == []
    assert found("") == ["results/manifest.json", "results/verdict.txt"]
    planted = "records/here/private/patients/planted.parquet"
    Path(planted).parent.mkdir(parents=True)
    Path(planted).write_text("x\n")
    assert found("here") == [planted]
    Path(FILE).write_text("y\n")
    assert found("here") == [FILE, planted]


def test_a_verdict_that_no_run_has_given_is_named():
    """An analysis failed, and somebody wrote the file all the same; or the results are others."""
    verdict, log = "results/verdict.txt", "results/logs/verdict.log"
    Path(verdict).write_text("Every analysis ended as planned.\n")
    assert verdict in found("")
    made.write(log, made.contents([FILE]), {}, [verdict])
    assert verdict not in found("")
    Path(verdict).write_text("Every analysis ended well.\n")
    assert verdict in found("")
    Path(verdict).write_text("Every analysis ended as planned.\n")
    Path(FILE).write_text("y\n")
    made.write(LOG, {}, {}, [FILE])
    (problem,) = (p for p in verify.verify("config.yaml") if p.path == verdict)
    assert (problem.kind, problem.again) == ("stale", verdict)


def test_what_no_configuration_makes_is_named_beside_the_cohorts_too():
    """Another configuration that has run here has its own; a cohort that is no more is nobody's."""
    for path in ("results/gone/report.html", "results/other/report.html", "results/planted.html"):
        Path(path).parent.mkdir(exist_ok=True)
        Path(path).write_text("x\n")
    steps = {"results/other/private/made/step.json": {}}
    Path("results/manifest_two.json").write_text(json.dumps({"steps": steps}))
    Path("results/index_two.html").write_text("x\n")
    problems = [p for p in verify.verify("config.yaml") if p.kind == "foreign"]
    assert [p.path for p in problems] == ["results/gone", "results/planted.html"]
    assert verify.command(problems, "config.yaml") == "rm results/planted.html"
