"""`calcinosis explain` follows any number of a finished run to the rows of the export."""

import re

import pandas as pd
import pytest
from conftest import MAIN, Project

from calcinosis import estimates, origins
from calcinosis.errors import InputError
from calcinosis.explain import explain


def explained(project: Project, cohort: str, result_id: str) -> list[str]:
    home = project.path(f"cohorts/{cohort}/cohort.yaml")
    return list(explain(home, result_id, project.path("results")))


@pytest.mark.parametrize("cohort", MAIN)
def test_a_number_of_each_analysis_has_a_rule_a_call_and_datasets(finished: Project, cohort: str):
    seen = set()
    for path in sorted(finished.path(f"results/{cohort}/estimates").glob("*.csv")):
        for row in estimates.read(path):
            kind = (path.stem, row.analysis)
            if kind in seen:
                continue
            seen.add(kind)
            lines = explained(finished, cohort, row.result_id)
            starts = {line.split(" ")[0] for line in lines}
            assert {"Number", "Printed", "Rule", "Call", "Export"} <= starts, lines
            assert "Dataset" in starts or path.stem == "published"
            assert any(line.startswith(f"Rule        {path.stem},") for line in lines)
    assert len(seen) > 10


@pytest.mark.parametrize(("cohort", "group", "table"), [("multicentre", "calcinosis", "describe")])
def test_the_rows_named_are_those_of_the_patients_counted(
    finished: Project, cohort: str, group: str, table: str
):
    frame = pd.read_parquet(finished.path(f"results/{cohort}/private/datasets/{table}.parquet"))
    rows = [
        row
        for row in estimates.read(finished.path(f"results/{cohort}/estimates/{table}.csv"))
        if row.statistic == "median" and row.group.startswith(f"{group}=")
    ]
    assert rows
    for row in rows:
        lines = explained(finished, cohort, row.result_id)
        private = lines[lines.index("Private     the lines below name patients") :]
        named = [line.split()[-1] for line in private if re.match(r" +centre_\d+\.csv:\d+ ", line)]
        of_group = frame[(frame[group] == row.group.split("=")[1]) & frame[row.term].notna()]
        assert sorted(named) == sorted(of_group["patient_id"])
        assert len(named) == row.n
        assert not any(patient in "\n".join(lines[: -len(private)]) for patient in named)


def test_a_name_that_no_number_has_gets_the_nearest(finished: Project):
    with pytest.raises(InputError, match="did you mean 'flow/-/-/overall/analysed/"):
        explained(finished, "early_ssc", "flow/-/-/overall/analyzed/-/-/patients/count/-")


def test_a_cohort_that_was_not_run_is_told_so(finished: Project, tmp_path):
    with pytest.raises(InputError, match="run `snakemake --cores 4` first"):
        list(explain(finished.path("cohorts/early_ssc/cohort.yaml"), "x", tmp_path))


def test_each_analysis_of_the_workflow_is_found_in_its_rule_file():
    found = origins.rules()
    assert {"flow", "quality", "models", "severity", "multiplicity", "by_centre"} <= set(found)
    for name, origin in found.items():
        assert bool(origin.datasets) == (name != "published"), name
        assert (origins.RULES.parent / "scripts" / f"{origin.script}.py").exists()
    assert found["multiplicity"].datasets == found["models"].datasets
