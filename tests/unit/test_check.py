"""`calcinosis check`: all problems at once, in the words of the run; nothing is written."""

import shutil

import pytest
from builders import ROOT

from calcinosis import __main__ as command
from calcinosis import cohort
from calcinosis.check import check, words
from calcinosis.errors import InputError
from calcinosis.provenance import Remembered


@pytest.fixture
def home(tmp_path):
    shutil.copytree(ROOT / "cohorts" / "early_ssc", tmp_path / "early_ssc")
    return tmp_path / "early_ssc"


def edit(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def said(home) -> str:
    return words("x", check(home / "cohort.yaml"))


@pytest.mark.parametrize("name", ["early_ssc", "multicentre"])
def test_a_bundled_cohort_has_no_problem(name):
    checked = check(ROOT / "cohorts" / name / "cohort.yaml")
    assert checked.problems == []
    assert any(remark.startswith("A run would ask the sites") for remark in checked.remarks)


def test_it_says_what_would_be_asked_by_rule(home):
    found = said(home)
    assert "x: no problem" in found
    assert "patients: 65 rows, of which 62 are used." in found
    assert "    2 in patients: out of range" in found


def test_a_clean_export_asks_nothing(home):
    for name in ("patients", "readings"):
        shutil.copy(ROOT / "tests/data/early_ssc/clean" / f"{name}.csv", home / f"{name}.csv")
    assert "A run would ask the sites no questions." in said(home)


def test_problems_of_every_file_are_listed_together(home):
    edit(home / "cohort.yaml", "reference: male", "reference: mal")
    edit(home / "cohort.yaml", "variable: disease_duration", "variable: disease_durations")
    edit(home / "patients.csv", "age_first_film", "years")
    edit(home / "readings.csv", "severity", "how_bad")
    (home / "exclude.csv").write_text("patient_id,reason\nE001,\n", "utf-8")
    (home / "corrections.csv").write_text("table\n", "utf-8")
    problems = "\n".join(check(home / "cohort.yaml").problems)
    for part in (
        *("has no level 'mal'", "no variable 'disease_durations'", "(age) is missing"),
        *("(grade) is missing", "exclude.csv:2: fill in reason", "the column 'why' is missing"),
    ):
        assert part in problems


def test_columns_that_do_not_fit_are_listed_together(home):
    for old, new in (("none|mild|moderate|severe", "a|b|c|d"), ("right|left", "east|west")):
        edit(home / "codebook.csv", old, new)
    for code in ("0=none|1=mild|2=moderate|3=severe|no=none", "R=right|L=left|Rt=right|Lt=left"):
        edit(home / "codebook.csv", code, "")
    problems = check(home / "cohort.yaml").problems
    assert [p.split("'")[1] for p in problems if "do not fit" in p] == ["side", "severity"]


def test_plan_and_codebook_are_both_read_when_one_is_wrong(home):
    edit(home / "cohort.yaml", "per: 100", "pre: 100")
    edit(home / "codebook.csv", ",integer,", ",integr,")
    checked = check(home / "cohort.yaml")
    problems = "\n".join(checked.problems)
    assert "did you mean 'per'?" in problems
    assert "did you mean 'integer'?" in problems
    assert "The export is not checked before" in checked.remarks[0]


def test_an_absent_file_does_not_hide_the_problems_of_another(home):
    (home / "readings.csv").unlink()
    edit(home / "patients.csv", "age_first_film", "years")
    problems = "\n".join(check(home / "cohort.yaml").problems)
    assert "The export is not there" in problems
    assert "(age) is missing" in problems


@pytest.mark.parametrize(("used", "then"), [(True, "uses it"), (False, "does not use it")])
def test_a_column_that_is_not_there_is_told(home, used, then):
    edit(home / "patients.csv", "mRSS", "skin")
    if not used:
        edit(home / "cohort.yaml", "salt_and_pepper_skin, mrss,", "salt_and_pepper_skin,")
    found = said(home)
    assert f"mrss has no column in the export and is missing in 65 rows; the plan {then}" in found


def test_unknown_patients_and_records_are_problems(home):
    (home / "exclude.csv").write_text("patient_id,reason\nE001,x\nE999,x\n", "utf-8")
    assert "exclude.csv:3: the export has no such patient" in said(home)
    assert "E999" not in said(home)


def test_a_wrong_export_path_names_its_line(home):
    edit(home / "cohort.yaml", "export:\n", "export:\n  path: ../elsewhere\n")
    line = (home / "cohort.yaml").read_text("utf-8").splitlines().index("  path: ../elsewhere") + 1
    (problem,) = check(home / "cohort.yaml").problems
    assert problem.startswith(f"{home}/cohort.yaml:{line}: export.path: there is no folder")
    with pytest.raises(InputError, match=f"cohort.yaml:{line}: export.path"):
        cohort.facts(str(home / "cohort.yaml"), Remembered())


def test_nothing_is_written(home):
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*")}
    check(home / "cohort.yaml")
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*")} == before


@pytest.mark.parametrize(
    "name", ["early_ssc", "cohorts/early_ssc", "cohorts/early_ssc/cohort.yaml"]
)
def test_the_command_takes_a_name_a_folder_or_a_file(home, name, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    with pytest.raises(SystemExit) as ended:
        command.main(["check", name])
    assert not ended.value.code
    assert "cohorts/early_ssc/cohort.yaml: no problem" in capsys.readouterr().out


def test_the_command_ends_with_1_where_there_is_a_problem(home, capsys):
    (home / "patients.csv").unlink()
    with pytest.raises(SystemExit) as ended:
        command.main(["check", str(home)])
    assert ended.value.code == 1
    assert "1 problem" in capsys.readouterr().out


def test_a_rule_of_the_plan_that_names_no_variable_is_a_problem_and_no_crash(tmp_path):
    home = tmp_path / "multicentre"
    shutil.copytree(ROOT / "cohorts" / "multicentre", home)
    edit(home / "codebook.csv", "disease_duration,patients,", "duration,patients,")
    found = said(home)
    assert "no variable 'disease_duration'" in found
    assert "Rules of the plan are not tried" in found


def test_an_aid_that_the_instrument_has_not_got_is_named(tmp_path):
    home = tmp_path / "multicentre"
    shutil.copytree(ROOT / "cohorts" / "multicentre", home)
    edit(home / "codebook.csv", "haq_aid_walking,patients,", "haq_aid_walk,patients,")
    wanted = "'haq_aid_walk' is no aid or help of the HAQ: did you mean 'haq_aid_walking'"
    assert wanted in said(home)


def test_excluded_patients_are_counted(home):
    (home / "exclude.csv").write_text("patient_id,reason\nE001,consent\n", "utf-8")
    assert "exclude.csv: patients that are excluded: 1." in said(home)


def test_corrections_of_a_file_that_is_not_there_are_no_problem_of_their_own(home):
    (home / "patients.csv").unlink()
    line = "patients,E008,mrss,55,35,A. B.,2021-01-05,chart\n"
    header = "table,record,variable,old_value,new_value,answered_by,date,why\n"
    (home / "corrections.csv").write_text(header + line, "utf-8")
    assert "corrections.csv" not in "\n".join(check(home / "cohort.yaml").problems)


def test_tables_that_nothing_reads_are_named(home):
    assert "Nothing reads" not in said(home)
    (home / "excluded.csv").write_text("patient_id,reason\nE001,consent\n", "utf-8")
    assert "Nothing reads excluded.csv." in said(home)
