"""Reading `published.yaml`: what is wrong is told with file, line and key."""

import re

import pytest
from builders import ROOT
from published_files import COUNT, HEAD, content, entry

from calcinosis import cohort, provenance
from calcinosis.check import check
from calcinosis.errors import InputError
from calcinosis.plan.published import files_compared, read_published, settings

GOOD = (
    HEAD
    + COUNT
    + """\
  progressed:
    kind: share
    says: S
    where: W
    events: "35"
    among: patients
  ratio:
    kind: ratio
    says: S
    where: W
    measure: odds_ratio
    value: "1.24"
    of: number
  model:
    kind: model
    says: S
    where: W
    measure: odds_ratio
    outcome: progressed
    covariates: "5"
"""
)


def test_the_good_file_is_read(tmp_path):
    assert set(content(tmp_path, head=GOOD)["numbers"]) == {
        "patients",
        "progressed",
        "ratio",
        "model",
    }


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ('value: "1.24"', "value: 1.24", "value: .* stand in quotes .found: 1.24."),
        ('value: "1.24"', 'value: "1,24"', "'1,24' is not a printed number"),
        ('events: "35"', 'events: "35.5"', "'35.5' is not a count"),
        ('value: "1.24"', 'valeu: "1.24"', "did you mean 'value'"),
        ("kind: ratio", "kind: ration", "numbers.ratio.kind: did you mean 'ratio'"),
        ("    kind: ratio\n", "", "numbers.ratio.kind: write one of: count"),
        (
            "measure: odds_ratio\n    value",
            "measure: odds\n    value",
            "write one of: 'odds_ratio'",
        ),
        ("among: patients", "among: patient", "'patient' is no count or share .* mean 'patients'"),
        ("among: patients", "among: ratio", "'ratio' is no count or share"),
        ("among: patients", "among: progressed", "'progressed' is no count or share"),
        ("outcome: progressed", "outcome: patients", "'patients' is no share"),
        ("    among: patients\n", "", "'progressed' must have events and a denominator"),
        ('    events: "35"\n', "", "write events, percent, or both"),
        ("    says: S\n    where: W\n    events", "    where: W\n    events", "'says' is missing"),
        ("form: cohort", "form: trial", "form: write one of"),
        ("citation: A paper\n", "", "'citation' is missing"),
        ("    of: number", "    of: number\n    ours: a/b", "write the result_id of one of our"),
        (
            "    of: number",
            "    of: number\n    ours: published/-/-/-/-/-/-/-/-/-",
            "not with itself",
        ),
        ("    of: number", "    of: number\n    of: category", "stands twice"),
        ("    of: number", '    of: number\n    interval: ["1"]', "too few: at least 2"),
    ],
)
def test_what_is_wrong_is_told_at_its_line(tmp_path, right, wrong, says):
    assert GOOD.count(right) == 1
    with pytest.raises(InputError, match=says) as told:
        content(tmp_path, head=GOOD.replace(right, wrong))
    assert re.match(rf"{tmp_path}/published.yaml:\d+: ", told.value.message)


def test_all_problems_are_told_at_once(tmp_path):
    wrong = GOOD.replace('"1.24"', "1.24").replace('"35"', '"x"')
    with pytest.raises(InputError) as told:
        content(tmp_path, head=wrong)
    lines = [line.split(":")[1] for line in told.value.message.splitlines()]
    assert [wrong.splitlines()[int(line) - 1].strip() for line in lines] == [
        'events: "x"',
        "value: 1.24",
    ]


@pytest.mark.parametrize("text", ["", "[]", "numbers: {}\n", "just words\n"])
def test_a_file_of_another_shape_is_no_crash(tmp_path, text):
    with pytest.raises(InputError):
        content(tmp_path, head=text)


def test_persons_and_follow_up_go_together(tmp_path):
    with pytest.raises(InputError, match="persons and follow_up go together"):
        content(tmp_path, COUNT, entry("x", "rate", rate="1", per="100", persons="patients"))


def test_words_for_people_change_no_estimate(tmp_path):
    first = content(tmp_path, head=GOOD)
    second = content(
        tmp_path, head=GOOD.replace("says: S", "says: T").replace("where: W", "where: V")
    )
    assert first != second
    assert settings(first, simulated=True) == settings(second, simulated=True)


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("early_ssc", ["flow", "incidence", "sctc", "severity"]),
        ("multicentre", ["bone_density", "flow", "lesions", "missing_data", "models"]),
    ],
)
def test_only_estimates_that_are_named_are_waited_for(name, files):
    assert files_compared(read_published(ROOT / "cohorts" / name / "published.yaml")) == files


@pytest.fixture
def home(tmp_path):
    for name in ("cohort.yaml", "codebook.csv", "patients.csv", "readings.csv", "published.yaml"):
        (tmp_path / name).write_bytes((ROOT / "cohorts/early_ssc" / name).read_bytes())
    return tmp_path


def test_a_file_that_is_not_there_is_told_before_any_job(home):
    (home / "published.yaml").unlink()
    with pytest.raises(InputError, match=r"published: there is no file .*published.yaml"):
        cohort.facts(str(home / "cohort.yaml"), provenance.Remembered())
    assert any("there is no file" in problem for problem in check(home / "cohort.yaml").problems)


def test_check_tells_what_is_wrong_with_it(home):
    path = home / "published.yaml"
    path.write_text(path.read_text("utf-8").replace('"22.6"', '"22,6"', 1), "utf-8")
    assert any("'22,6' is not a printed number" in p for p in check(home / "cohort.yaml").problems)


def test_a_plan_without_a_paper_has_no_numbers_of_one(home):
    plan = home / "cohort.yaml"
    plan.write_text(plan.read_text("utf-8").replace("published: published.yaml\n", ""), "utf-8")
    facts = cohort.facts(str(plan), provenance.Remembered())
    assert (facts["plan"]["published"], facts["settings"]["published"]) == (None, None)
    assert facts["published_beside"] == []
