"""`calcinosis.agreement`: a plan that names what its codebook does not hold."""

import json
import re

import pytest
from builders import ROOT, SEVERITY, read_codebook

from calcinosis import agreement, plan, strict_yaml
from calcinosis.derive import instruments
from calcinosis.ingest import codebook

BOOK = "variable,table,type,levels,required,identifier,min,max\n" + "".join(
    f"{name},{table},{kind},{levels},,{identifier}\n"
    for name, table, kind, levels, identifier in (
        ("patient_id", "patients", "id", "", ""),
        ("hospital_number", "patients", "text", "", "yes"),
        ("born", "patients", "date", "", ""),
        ("centre", "patients", "category", "a|b|c", ""),
        ("age", "patients", "number", "", ""),
        ("sex", "patients", "category", "male|female", ""),
        ("ulcer", "patients", "binary", "no|yes", ""),
        ("gangrene", "patients", "binary", "no|yes", ""),
        ("stage", "patients", "ordinal", "i|ii|iii", ""),
        ("patient_id", "readings", "id", "", ""),
        ("film_day", "readings", "integer", "", ""),
        ("reader", "readings", "category", "r1|r2", ""),
        ("grade", "readings", "ordinal", "none|mild", ""),
        ("density", "patients", "number", "", ""),
        ("after_menopause", "patients", "binary", "no|yes", ""),
    )
)
BOOK += "".join(f"{name},patients,number,,,,0,4\n" for name in ("thumb_grade", "index_grade"))
BOOK += "spine,patients,number,,,,-7,6\n"
BOOK += "line,patients,number,,,,0,100\n"
PLAN = """
about: {title: T, citation: C, simulated: true, form: cohort}
export:
  date: 2020-12-31
  tables: {patients: [p.csv], readings: [r.csv]}
definitions:
  ischaemia: [ulcer, gangrene]
  resorption: {any_of: [thumb_grade, index_grade], at_least: 2, highest: 4}
totals: {tufts: {items: [thumb_grade, index_grade], highest: 4}}
eligibility:
  criteria:
    - {name: adult, variable: age, at_least: 18, missing: exclude}
    - {name: stages, variable: stage, one_of: [i, ii], missing: include}
describe: {by: progression, variables: [age, ulcer, stage, ischaemia, location_class]}
readers: {disagreement: primary, primary: r1, blinded: no, order: random}
models:
  outcome: progression
  covariates:
    age: {per: 10}
    old: {variable: age, at_least: 60}
    sex: {reference: male}
    stage: {per: 1}
    baseline_grade: {per: 1}
    ischaemia: {reference: no}
  multivariable: [age]
centres: {variable: centre, fixed_effect: true, gee: true}
bone_density:
  sites: [spine, t_neck]
  densities:
    t_neck:
      variable: density
      references: [{mean: 1, sd: 0.1, when: {sex: [female]}}]
      source: S
  who: {sex: sex, women: female, men: male, age: age, postmenopausal: after_menopause}
  use: lowest
  by: ulcer
  selection: [age, sex]
disability:
  scores: [shaq_pain, tufts, spine]
  aids: false
  visual_scales: {shaq_pain: {variable: line, length: 100}}
  by: [stage]
lesions:
  sites: {thumb: [ulcer], elbow: [gangrene]}
  fingers: [thumb]
  among: ischaemia
  complications: [ulcer]
  ascertainment: {imaging: gangrene}
incidence:
  by: [ulcer, baseline_grade]
  covariates: {spine: {per: 2}}
"""
PLAN += SEVERITY
CUTS = [
    ("variable: age, at_least: 18", "variable: agee, at_least: 18", "'agee'.*did you mean 'age'"),
    ("variable: age, at_least: 18", "variable: sex, at_least: 18", "'sex' is a category, not a"),
    ("one_of: [i, ii]", "one_of: [i, iv]", r"criteria\.1\.one_of\.1: 'stage' has no level 'iv'"),
    ("variables: [age,", "variables: [aeg,", r"describe\.variables\.0: .*'age'"),
    ("variables: [age,", "variables: [born,", "'born' is a text"),
    ("variables: [age,", "variables: [hospital_number,", "'hospital_number' is an identifier"),
    ("variable: age, at_least: 18", "variable: baseline_grade, at_least: 18", "no variable"),
    ("by: progression", "by: age", "'age' is a number, not a category"),
    ("  ischaemia: [", "  age: [", "'age' is derived here; rename"),
    ("[ulcer, gangrene]", "[ulcer, sex]", r"definitions\.ischaemia\.1: 'sex' is no yes/no"),
    ("[ulcer, gangrene]", "[ulcr, gangrene]", "did you mean 'ulcer'"),
    ("outcome: progression", "outcome: stage", "'stage' is no yes/no variable"),
    ("age: {per: 10}", "age: {reference: no}", r"covariates\.age: 'age' is a number, not a cat"),
    ("sex: {reference: male}", "sex: {reference: mal}", "no level 'mal': did you mean 'male'"),
    ("sex: {reference: male}", "sex: {per: 1}", "'sex' is a category, not a number"),
    ("stage: {per: 1}", "stage: {at_least: 2}", "'stage' is a grade, not a number"),
    ("variable: centre,", "variable: age,", r"centres\.variable: 'age' is a number"),
    ("sites: [spine, ", "sites: [sex, ", r"bone_density\.sites\.0: 'sex' is a category"),
    ("by: ulcer", "by: age", r"bone_density\.by: 'age' is a number, not a category"),
    ("sites: [spine, ", "sites: [age, ", "'age' needs min -7 and max 6 in the codebook"),
    ("  by: ulcer", "  device: age\n  by: ulcer", r"bone_density\.device: 'age' is a number"),
    ("  by: ulcer", "  z_scores: [age]\n  by: ulcer", r"z_scores\.0: 'age' needs min -7 and"),
    ("sites: {thumb: [ulcer]", "sites: {thumb: [thumb]", r"lesions\.sites\.thumb\.0"),
    ("any_of: [thumb_grade", "any_of: [spine", "'spine' needs min 0 and max 4 in the codebook"),
    ("items: [thumb_grade", "items: [line", r"totals\.tufts: 'line' needs min 0 and max 4"),
    ("variable: density", "variable: sex", r"densities\.t_neck\.variable: 'sex' is a category"),
    (
        "when: {sex: [female]}",
        "when: {sex: [women]}",
        "'sex' has no level 'women': valid: female, male",
    ),
    ("women: female", "women: woman", r"bone_density\.who\.women: 'sex' has no level 'woman'"),
    ("men: male", "men: man", r"bone_density\.who\.men: 'sex' has no level 'man'"),
    (
        "postmenopausal: after_menopause",
        "postmenopausal: sex",
        r"who\.postmenopausal: 'sex' is no yes",
    ),
    ("variable: line, length: 100", "variable: line, length: 50", "'line' needs min 0 and max 50"),
    ("scores: [shaq_pain, tufts,", "scores: [shaq_pain, tuft,", "did you mean 'tufts'"),
    ("by: [stage]", "by: [spine]", r"disability\.by\.0: 'spine' is a number, not a category"),
    ("by: [stage]", "by: [lesion_count]", r"disability\.by\.0: 'lesion_count' is a number, not a"),
    ("among: ischaemia", "among: calcinosis", r"lesions\.among: .*'calcinosis'"),
    ("complications: [ulcer]", "complications: [sex]", r"complications\.0: 'sex' is no yes/no"),
    ("{imaging: gangrene}", "{imaging: age}", r"ascertainment\.imaging: 'age' is no yes/no"),
    ("by: [ulcer, base", "by: [age, base", r"incidence\.by\.0: 'age' is a number, not a category"),
    ("{spine: {per: 2}}", "{spin: {per: 2}}", r"incidence\.covariates\.spin: .*mean 'spine'"),
    ("primary: r1", "primary: r3", "no reader is called 'r3': valid: r1, r2"),
    ("readings: [r.csv]", "readngs: [r.csv]", "no table 'readngs': did you mean 'readings'"),
    (", readings: [r.csv]", "", "severity needs the table readings"),
    ("{patients: [p.csv], ", "{", "the table patients is missing"),
]


def padded(book: str) -> str:
    """The lines of a codebook as long as its header."""
    header, *lines = book.splitlines()
    commas = header.count(",")
    return "\n".join([header, *(line + "," * (commas - line.count(",")) for line in lines), ""])


def found(tmp_path, text: str, book: str = BOOK) -> list[str]:
    path = tmp_path / "cohort.yaml"
    path.write_text(text, "utf-8")
    _, lines = strict_yaml.load(path)

    def place(at):
        while at and at not in lines:
            at = at[:-1]
        return f"cohort.yaml:{lines[at]}"

    return agreement.problems(plan.read_plan(path), read_codebook(tmp_path, padded(book)), place)


def test_a_plan_that_agrees_has_no_problem(tmp_path):
    assert found(tmp_path, PLAN) == []


@pytest.mark.parametrize(("right", "wrong", "says"), CUTS)
def test_what_does_not_agree_is_named_with_its_line(tmp_path, right, wrong, says):
    assert PLAN.count(right) == 1
    problems = found(tmp_path, PLAN.replace(right, wrong))
    line = 1 + next(i for i, text in enumerate(PLAN.splitlines()) if right in text)
    assert any(p.startswith(f"cohort.yaml:{line}: ") and re.search(says, p) for p in problems), (
        problems
    )


def test_all_problems_are_told_at_once(tmp_path):
    text = PLAN.replace("by: progression", "by: sexx").replace("sites: [spine,", "sites: [spin,")
    assert len(found(tmp_path, text)) == 2


def test_an_outcome_of_films_is_no_variable_of_the_codebook(tmp_path):
    book = BOOK + "progression,patients,binary,no|yes,,\n"
    (problem,) = found(tmp_path, PLAN, book)
    assert "severity: 'progression' is derived here; rename" in problem


SCTC = "sctc: {weights: {carpal: 1}, confirmed: false, source: S}"


@pytest.mark.parametrize(
    ("section", "line", "says"),
    [
        ("agreement: {}", "reader,readings,text,,,\n", "the variable reader must be a category"),
        ("agreement: {}", "", "no variable reader and no variable occasion"),
        (SCTC, "", "no variable coverage"),
        (SCTC, "coverage,readings,number,,,\n", "'coverage' needs min 0 and max 100"),
        (SCTC, "region,readings,category,palm|wrist,,\n", "no region is called 'carpal'"),
        (SCTC, "region,readings,category,carpal|palm|global,,\n", "region 'palm' has no weight"),
    ],
)
def test_what_the_readings_must_hold_is_told(tmp_path, section, line, says):
    book = BOOK.replace("reader,readings,category,r1|r2,,\n", line)
    text = PLAN.replace("disagreement: primary, primary: r1", "disagreement: highest")
    assert any(says in problem for problem in found(tmp_path, f"{text}{section}\n", book))


@pytest.mark.parametrize(("levels", "wrong"), [("carpal|palm", 1), ("carpal|global", 0)])
def test_a_grade_of_the_whole_film_needs_its_region(tmp_path, levels, wrong):
    text = PLAN.replace("worsening: patient_maximum", "worsening: global_grade")
    problems = found(tmp_path, text, BOOK + f"region,readings,category,{levels},,\n")
    assert sum("needs the level 'global'" in problem for problem in problems) == wrong


def test_several_files_of_a_table_need_a_centre(tmp_path):
    text = PLAN.replace("patients: [p.csv]", "patients: [p.csv, q.csv]")
    (problem,) = found(tmp_path, text)
    assert "readings: where a table has several files, each table needs" in problem
    both = BOOK + "centre,readings,category,a|b|c,,\n"
    assert found(tmp_path, text, both) == []
    book = both.replace("centre,patients", "hospital,patients")
    text = text.replace("variable: centre", "variable: hospital")
    (problem,) = found(tmp_path, text, book)
    assert "patients: where a table has several files, each table needs" in problem


def test_instruments_need_their_items(tmp_path):
    text = PLAN.replace("eligibility:", "eligibility:\n  classification: acr_eular_2013")
    text = text.replace("scores: [", "scores: [haq_di, cochin, ")
    problems = found(tmp_path, text)
    wanted = [*instruments.ACR_EULAR_LEVELS, *instruments.HAQ.items]
    for item in [*wanted, *instruments.COCHIN.items]:
        assert any(f"'{item}'" in problem for problem in problems), item


def test_an_item_with_other_levels_is_told(tmp_path):
    text = PLAN.replace("eligibility:", "eligibility:\n  classification: acr_eular_2013")
    levels = {k: v[::-1] for k, v in instruments.ACR_EULAR_LEVELS.items()}
    rows = {k: f"{k},patients,category,{'|'.join(v)},,\n" for k, v in levels.items()}
    assert found(tmp_path, text, BOOK + "".join(rows.values())) == []
    rows["acr_fingertip"] = "acr_fingertip,patients,category,no|yes,,\n"
    (problem,) = found(tmp_path, text, BOOK + "".join(rows.values()))
    assert "levels of 'acr_fingertip' must be none|ulcers|pitting_scars" in problem


@pytest.mark.parametrize("path", sorted((ROOT / "cohorts").glob("*/cohort.yaml")), ids=str)
def test_bundled_plans_agree_with_their_codebooks(path):
    variables = codebook.read(path.parent / "codebook.csv")
    assert agreement.problems(plan.read_plan(path), variables, str) == []


def test_every_name_of_a_variable_in_the_plan_is_checked(tmp_path):
    """A key of the plan that takes variable names and is forgotten above would not be named."""
    (tmp_path / "cohort.yaml").write_text(PLAN, "utf-8")
    content, _ = strict_yaml.load(tmp_path / "cohort.yaml")
    known = {line.split(",")[0] for line in BOOK.splitlines()[1:]} | {"location_class"}
    checked = 0

    def walk(node, at):
        nonlocal checked
        items = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in list(items):
            if isinstance(value, dict | list):
                walk(value, (*at, key))
            elif value in known and at[0] != "export" and at[-1] != "multivariable":
                node[key] = "no_such_variable"
                text = json.dumps(content)
                node[key] = value
                assert any("no_such_variable" in p for p in found(tmp_path, text)), (*at, key)
                checked += 1

    walk(content, ())
    assert checked > 15


HAQ = "".join(f"{item},patients,number,,,,0,3\n" for item in instruments.HAQ.items)
WITH_HAQ = PLAN.replace("scores: [", "scores: [haq_di, ").replace("aids: false", "aids: true")


def test_aids_that_count_are_there_and_are_yes_or_no(tmp_path):
    """A flag with other levels would be counted as no."""
    (problem,) = found(tmp_path, WITH_HAQ, BOOK + HAQ)
    assert "disability.aids: the codebook has no variable haq_aid_<category>" in problem
    assert found(tmp_path, WITH_HAQ.replace("aids: true", "aids: false"), BOOK + HAQ) == []
    flag = "haq_aid_grip,patients,category,{},,\n"
    assert found(tmp_path, WITH_HAQ, BOOK + HAQ + flag.format("no|yes")) == []
    (problem,) = found(tmp_path, WITH_HAQ, BOOK + HAQ + flag.format("none|used"))
    assert "'haq_aid_grip' is no yes/no variable" in problem


@pytest.mark.parametrize("name", ["t_score", "location_class", "at_risk", "ischaemia"])
def test_a_variable_of_the_codebook_is_never_replaced(tmp_path, name):
    problems = found(tmp_path, PLAN, BOOK + f"{name},patients,number,,,\n")
    assert any(f"'{name}' is derived here; rename the variable" in p for p in problems)


def test_labels_are_of_something(tmp_path):
    labels = "report: {labels: {old: A, ii: B, thumb: C, adult: D, ischaemia: E}}\n"
    assert found(tmp_path, PLAN + labels) == []
    (problem,) = found(tmp_path, PLAN + labels.replace("ischaemia", "ischemia"))
    assert "report.labels.ischemia: nothing is called 'ischemia': did you mean" in problem


def test_files_are_told_apart_by_their_names(tmp_path):
    both = BOOK + "centre,readings,category,a|b|c,,\n"
    text = PLAN.replace("patients: [p.csv]", "patients: [a/p.csv, b/p.csv]")
    (problem,) = found(tmp_path, text, both)
    assert "two files are called 'p.csv'" in problem


def test_sheets_of_one_workbook_are_told_apart(tmp_path):
    both = BOOK + "centre,readings,category,a|b|c,,\n"
    sheets = "{file: p.xlsx, sheet: A}, {file: p.xlsx, sheet: B}"
    text = PLAN.replace("patients: [p.csv]", f"patients: [{sheets}]")
    assert found(tmp_path, text, both) == []
    (problem,) = found(tmp_path, text.replace("sheet: B", "sheet: A"), both)
    assert "two files are called 'p.xlsx'" in problem


class TestRedcap:
    PLAN = PLAN.replace(
        "tables: {patients: [p.csv], readings: [r.csv]}",
        "tables: {patients: [p.csv], readings: [p.csv]}\n"
        "  redcap:\n"
        "    dictionary: [d.csv]\n"
        "    other_events: {age: film_1}\n"
        "    films: [{events: [film_1], grades: {right_mc: {reader: r2}}}]",
    )

    def test_one_file_holds_both_tables(self, tmp_path):
        assert found(tmp_path, self.PLAN) == []

    @pytest.mark.parametrize(
        ("right", "wrong", "says"),
        [
            ("{age: film_1}", "{agee: film_1}", r"other_events\.agee: .*did you mean 'age'"),
            (
                "{reader: r2}",
                "{reader: r3}",
                r"films\.0\.grades\.right_mc\.reader: .*no level 'r3'",
            ),
            ("{reader: r2}", "{side: right}", "has no variable 'side' of readings"),
        ],
    )
    def test_what_the_mapping_names_is_in_the_codebook(self, tmp_path, right, wrong, says):
        (problem,) = found(tmp_path, self.PLAN.replace(right, wrong))
        assert re.search(says, problem)


def test_a_line_for_a_file_that_is_not_there_is_told(tmp_path):
    header, *rows = BOOK.splitlines()
    lines = [f"file,{header}", *(f",{row}" for row in rows), "q.csv,age,patients,number,,,"]
    book = "\n".join(lines) + "\n"
    (problem,) = found(tmp_path, PLAN, book)
    assert "lines for the file 'q.csv', which is not there: did you mean" in problem
