"""The plan: what is valid, and what each message names."""

import re

import pytest
from builders import ROOT, SEVERITY

from calcinosis import plan, plan_pages
from calcinosis.errors import InputError

MINIMAL = """\
about: {title: T, citation: C, simulated: true, form: cohort}
export:
  tables:
    patients: [patients.csv]
eligibility: {}
"""
READ_FILMS = SEVERITY + "readers: {disagreement: highest, blinded: no, order: random}\n"
MODELS = """\
models:
  outcome: progression
  covariates:
    sex: {reference: no}
  multivariable: [sex]
"""


def read(tmp_path, text: str) -> plan.Plan:
    path = tmp_path / "cohort.yaml"
    path.write_text(text, "utf-8")
    return plan.read_plan(path)


def stopped(tmp_path, text: str) -> str:
    with pytest.raises(InputError) as stop:
        read(tmp_path, text)
    return stop.value.message


def line_of(text: str, word: str) -> int:
    return 1 + next(i for i, line in enumerate(text.splitlines()) if word in line)


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("title: T", "title: 3", "about.title: write a word or a text"),
        ("simulated: true", "simulated: no", "about.simulated: write true or false"),
        ("form: cohort", "form: trail", "about.form: write one of: 'cohort', "),
        ("[patients.csv]", "patients.csv", "export.tables.patients: write a list, such as"),
        ("[patients.csv]", "[]", "export.tables.patients: too few: at least 1"),
        (
            "[patients.csv]",
            "[3]",
            "export.tables.patients.0: write its keys with their values below it: delimiter, "
            "encoding, file, sheet",
        ),
        (
            "eligibility: {}",
            "eligibility: []",
            "eligibility: write its keys with their values below it: classification, ",
        ),
        ("eligib", "  date: 31/12/2020\neligib", "export.date: write a day as year-month-day"),
        ("eligib", "  date: 2020-13-01\neligib", "export.date: write a day as year-month-day"),
        ("eligib", "  date: 2563-12-31\neligib", "write the year of the common era, 2020"),
        ("eligib", "definitions: {a: b}\neligib", "definitions.a: write a list"),
        ("eligib", "definitions: {A b: [c]}\neligib", "definitions.A b: write a name of a-z"),
        ("eligib", "describe: {variables: []}\neligib", "describe.variables: too few: at least 1"),
        ("eligib", "incidence: {per: 1.5}\neligib", "incidence.per: write a whole number"),
        ("eligib", "incidence: {per: 0}\neligib", "incidence.per: write a number above 0"),
    ],
)
def test_a_value_of_another_kind_is_explained_in_plain_words(tmp_path, old, new, wanted):
    said = stopped(tmp_path, MINIMAL.replace(old, new))
    assert wanted in said
    assert not re.search("Input should|String should|valid (array|object|string)|pattern", said)


BUNDLED = sorted((ROOT / "cohorts").glob("*/cohort.yaml"))


@pytest.mark.parametrize("path", BUNDLED, ids=plan.cohort_name)
def test_the_bundled_plans_are_valid(path):
    assert plan.read_plan(path).about.title


@pytest.mark.parametrize("name", ["early_ssc", "pbc_stage"])
def test_the_bundled_plans_of_films_have_severity(name):
    assert plan.read_plan(ROOT / "cohorts" / name / "cohort.yaml").severity is not None


@pytest.mark.parametrize("films", ["[]", "[{events: [film_1]}]"])
def test_a_redcap_export_has_films_where_it_has_readings(tmp_path, films):
    export = f"  redcap: {{dictionary: [d.csv], films: {films}}}\neligibility"
    with_readings = MINIMAL.replace("eligibility", "    readings: [p.csv]\n" + export)
    wrong, right = [MINIMAL.replace("eligibility", export), with_readings][
        :: 1 if "1" in films else -1
    ]
    assert "name both or neither" in stopped(tmp_path, wrong)
    assert read(tmp_path, right).export.redcap


def test_an_absent_section_is_an_analysis_that_is_not_run(tmp_path):
    the_plan = read(tmp_path, MINIMAL)
    assert (the_plan.severity, the_plan.incidence, the_plan.models) == (None, None, None)


def test_no_is_a_word_and_a_date_is_a_date(tmp_path):
    text = (MINIMAL + READ_FILMS + MODELS).replace("  tables", "  date: 2020-12-31\n  tables")
    the_plan = read(tmp_path, text)
    assert the_plan.readers.blinded == "no"
    assert the_plan.models.covariates["sex"].reference == "no"
    assert the_plan.export.date.isoformat() == "2020-12-31"


@pytest.mark.parametrize(
    ("right", "wrong", "key", "hint"),
    [
        ("severity:", "severty:", "severty", "severity"),
        ("  worsening: p", "  worsenning: p", "severity.worsenning", "worsening"),
        ("{reference: no}", "{referense: no}", "models.covariates.sex.referense", "reference"),
        ("form: cohort}", "form: cohort, sead: 1}", "about.sead", "valid: "),
    ],
)
def test_an_unknown_key_names_file_line_key_and_the_nearest(tmp_path, right, wrong, key, hint):
    text = (MINIMAL + READ_FILMS + MODELS).replace(right, wrong)
    line = line_of(text, wrong)
    (said,) = [m for m in stopped(tmp_path, text).splitlines() if "unknown key" in m]
    assert f"cohort.yaml:{line}: unknown key '{key}'" in said
    assert hint in said


def test_an_unknown_key_in_a_list_of_criteria_names_its_line(tmp_path):
    criterion = "eligibility:\n  criteria:\n    - {name: a, variable: b, missing: include,\n"
    text = MINIMAL.replace("eligibility: {}\n", criterion + "       belw: 4, below: 4}\n")
    assert f":{line_of(text, 'belw')}: unknown key" in stopped(tmp_path, text)
    assert "'below'" in stopped(tmp_path, text)


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("simulated: true", "simulated: yes", "about.simulated"),
        ("simulated: true", 'simulated: "true"', "about.simulated"),
        ("title: T", "title: 3", "about.title"),
        ("title: T, ", "", "'about.title' is missing"),
        ("form: cohort", "form: diary", "about.form"),
        ("[patients.csv]", "patients.csv", "export.tables.patients"),
        ("[patients.csv]", "[]", "export.tables.patients: too few: at least 1"),
        ("[patients.csv]", "[3]", "export.tables.patients.0: "),
        ("[patients.csv]", "[{file: a.csv, shet: A}]", "did you mean 'sheet'"),
        ("[patients.csv]", "[{file: a.csv, delimiter: x}]", "export.tables.patients.0.delimiter"),
        ("comparison: first_last", "comparison: all", "severity.comparison"),
        ("disagreement: highest", "disagreement: primary", "needs primary"),
        ("sex: {reference: no}", "sex: {}", "exactly one of per"),
        ("sex: {reference: no}", "sex: {reference: no, per: 1}", "exactly one of per"),
        ("sex: {reference: no}", "sex: {per: 0}", "models.covariates.sex.per"),
        ("sex: {reference: no}", "sex: {per: .inf}", "models.covariates.sex.per"),
        ("multivariable: [sex]", "multivariable: [sx]", "did you mean 'sex'"),
        ("readers: {", "# readers: {", "readers"),
        ("  tables:", "  date: 31/12/2020\n  tables:", "export.date"),
        ("eligibility: {}\n", "", "'eligibility' is missing"),
    ],
)
def test_a_wrong_value_stops_and_names_its_key(tmp_path, right, wrong, says):
    text = MINIMAL + READ_FILMS + MODELS
    assert right in text
    message = stopped(tmp_path, text.replace(right, wrong))
    assert says in message
    assert re.search(r"cohort\.yaml:\d+: ", message)


def test_all_problems_are_told_at_once(tmp_path):
    text = MINIMAL.replace("title: T", "titel: T").replace("form: cohort", "form: x")
    assert len(stopped(tmp_path, text).splitlines()) == 3


@pytest.mark.parametrize("section", ["incidence: {}\n", MODELS])
def test_analyses_of_progression_need_severity(tmp_path, section):
    assert "the section severity" in stopped(tmp_path, MINIMAL + section)


def test_a_criterion_needs_a_bound(tmp_path):
    criterion = "eligibility: {criteria: [{name: a, variable: b, missing: include}]}\n"
    text = MINIMAL.replace("eligibility: {}\n", criterion)
    assert "needs one of at_least, below, one_of" in stopped(tmp_path, text)


def test_the_run_checks_its_config(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("name: real\ncohort: []\n", "utf-8")
    with pytest.raises(InputError) as stop:
        plan.read_run({"name": "real", "cohort": []}, str(path))
    assert "config.yaml:2: unknown key 'cohort': did you mean 'cohorts'?" in stop.value.message
    assert plan.read_run({"name": "real", "cohorts": []}, str(path)).suffix == "_real"


def test_a_cohort_file_that_is_not_there_is_named_with_its_line(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    cohorts = ["cohorts/early_ssc/cohort.yaml", "cohorts/multicenter/cohort.yaml"]
    path = tmp_path / "config.yaml"
    path.write_text("cohorts:\n" + "".join(f"  - {name}\n" for name in cohorts), "utf-8")
    with pytest.raises(InputError) as stop:
        plan.read_run({"cohorts": cohorts}, str(path))
    assert stop.value.message == (
        f"{path}:3: there is no file cohorts/multicenter/cohort.yaml: "
        "did you mean 'cohorts/multicentre/cohort.yaml'?"
    )


@pytest.mark.parametrize(
    ("section", "says"),
    [
        (
            "describe: {by: sex, variables: [age, sex, age]}",
            "describe: variables: 'age' stands twice",
        ),
        (
            "eligibility: {criteria: [{name: a, variable: b, below: 1, missing: include}, "
            "{name: a, variable: c, below: 1, missing: include}]}",
            "criteria: 'a' stands twice",
        ),
        ("incidence: {by: [sex, sex]}", "incidence: by: 'sex' stands twice"),
    ],
)
def test_a_name_that_stands_twice_is_told(tmp_path, section, says):
    text = MINIMAL.replace("eligibility: {}\n", "") if "eligibility" in section else MINIMAL
    assert says in stopped(tmp_path, f"{text}{section}\n")


def test_the_cohort_is_called_like_its_folder():
    assert plan.cohort_name("cohorts/early_ssc/cohort.yaml") == "early_ssc"


@pytest.mark.parametrize(
    ("file", "made"),
    [
        ("workflow/schemas/cohort.schema.json", lambda: plan_pages.schema_json(plan.Plan)),
        ("workflow/schemas/config.schema.json", lambda: plan_pages.schema_json(plan.Run)),
        ("workflow/schemas/published.schema.json", plan_pages.published_schema),
        ("docs/plan.md", plan_pages.reference_page),
    ],
)
def test_the_generated_files_are_those_of_the_classes(file, made):
    assert (ROOT / file).read_text("utf-8") == made()


@pytest.mark.parametrize("title", ["012", "1_000", "no", "0x1F", "2020-12-31"])
def test_words_that_look_like_other_types_stay_text(tmp_path, title):
    assert read(tmp_path, MINIMAL.replace("title: T", f"title: {title}")).about.title == title


@pytest.mark.parametrize("per", ["1_000", "012", "no", "1.5", "'100'", "0", "-1"])
def test_what_is_no_whole_number_above_0_stops_at_its_line(tmp_path, per):
    text = MINIMAL + READ_FILMS + f"incidence:\n  per: {per}\n"
    line = line_of(text, "  per:")
    assert f"cohort.yaml:{line}: incidence.per: " in stopped(tmp_path, text)


@pytest.mark.parametrize(
    ("old", "new", "word", "says"),
    [
        ("form: cohort}", "form: cohort}\nabout: {}", "about: {}", "'about' stands twice (first"),
        ("one_film:", "comparison: first_last\n  one_film:", "one_film", "'comparison' stands"),
        ("[patients.csv]", "!!python/name:os.system", "python", "python/name:os.system"),
    ],
)
def test_what_is_no_plain_yaml_stops_the_plan(tmp_path, old, new, word, says):
    text = (MINIMAL + READ_FILMS).replace(old, new)
    line = line_of(text, word) - (word == "one_film")
    said = stopped(tmp_path, text)
    assert f"cohort.yaml:{line}: " in said
    assert says in said


def test_every_problem_has_its_own_line(tmp_path):
    text = (MINIMAL + READ_FILMS).replace("title: T", "title: 3")
    text = text.replace("one_film: exclude", "one_film: keep").replace("  unread", "  unraed")
    said = stopped(tmp_path, text + "modles: {}\n").splitlines()
    places = {tuple(m.split("cohort.yaml:")[1].split(": ")[:2]) for m in said}
    assert {line for line, _ in places} >= {
        str(line_of(text, word)) for word in ("title: 3", "keep", "unraed", "severity:")
    }
    assert len(said) == 5


def test_a_file_is_a_name_or_a_mapping(tmp_path):
    text = MINIMAL.replace("[patients.csv]", "[a.csv, {file: b.xlsx, sheet: Data}]")
    path = tmp_path / "cohort.yaml"
    path.write_text(text, "utf-8")
    first, second = plan.read_plan(path).export.tables["patients"]
    assert (first.file, first.sheet, second.file, second.sheet) == ("a.csv", None, "b.xlsx", "Data")


@pytest.mark.parametrize(
    ("models", "adjust", "says"),
    [
        ("", "sex", "bone_density needs the section models, whose covariates it takes"),
        (MODELS, "age", "adjust: 'age': .*sex"),
        (MODELS, "sex", "adjust: 'sex' is what is compared"),
    ],
)
def test_bone_density_adjusts_for_covariates_of_models(tmp_path, models, adjust, says):
    models = models.replace("outcome: progression", "outcome: ulcer")
    bones = f"bone_density: {{sites: [neck], use: neck, by: sex, adjust: [{adjust}]}}\n"
    with pytest.raises(InputError, match=says):
        read(tmp_path, MINIMAL + models + bones)


GRADED = "definitions: {x: {any_of: [a, b], at_least: 2, highest: 4}}\n"
DENSITIES = """\
bone_density:
  sites: [neck]
  use: neck
  by: group
  densities:
    neck:
      variable: density
      references:
        - {mean: 0.9, sd: 0.1, when: {sex: [female]}}
        - {mean: 1.0, sd: 0.1, when: {sex: [male]}}
      source: S
"""
SCALES = """\
disability:
  scores: [shaq_pain]
  aids: false
  visual_scales: {shaq_pain: {variable: line, length: 100}}
  by: [group]
"""


LESIONS = """\
lesions:
  sites: {thumb: [a, b], index_finger: [c, d], elbow: [e]}
  sides: [right, left]
  fingers: [thumb, index_finger]
  site_groups: {arm: [elbow]}
  among: calcinosis
"""


def test_sites_with_as_many_variables_as_sides_have_two(tmp_path):
    lesions = read(tmp_path, MINIMAL + LESIONS).lesions
    assert lesions.two_sided == {
        "thumb": {"right": "a", "left": "b"},
        "index_finger": {"right": "c", "left": "d"},
    }
    without = LESIONS.replace("  sides: [right, left]\n", "")
    assert read(tmp_path, MINIMAL + without).lesions.two_sided == {}


JUDGED = f"""\
models:
  outcome: ulcer
  covariates:
    sex: {{reference: no}}
    age: {{per: 10}}
    both: {{interaction: [sex, age]}}
  multivariable: [sex, age, both]
{SCALES}\
  adjust: [sex]
  minimal_important_differences: {{shaq_pain: {{value: 0.1, source: S}}}}
"""


BY_CENTRE = "by_centre: {variable: centre, finding: c, variables: [age]}\n"


def test_adjusting_a_score_needs_the_covariates_of_models(tmp_path):
    says = "disability needs the section models, whose covariates it takes"
    assert says in stopped(tmp_path, MINIMAL + JUDGED[JUDGED.index("disability:") :])


def test_a_list_is_a_composite_of_yes_no_variables(tmp_path):
    short = read(tmp_path, MINIMAL + "definitions: {x: [a, b]}\n")
    assert short == read(tmp_path, MINIMAL + "definitions: {x: {any_of: [a, b]}}\n")


@pytest.mark.parametrize(
    ("text", "right", "wrong", "says"),
    [
        (GRADED, ", highest: 4", "", "grades need both at_least .* and highest"),
        (GRADED, "at_least: 2, ", "", "grades need both at_least .* and highest"),
        (GRADED, "at_least: 2", "at_least: 5", "at_least is above highest"),
        (GRADED, "[a, b]", "[a, a]", "any_of: 'a' stands twice"),
        (GRADED, "[a, b]", "[]", "definitions.x"),
        ("totals: {x: {instrument: mrss}}\n", "mrss", "mrs", "'mrss'"),
        (
            "totals: {x: {instrument: mrss}}\n",
            "mrss}",
            "mrss, highest: 3}",
            "either instrument, or",
        ),
        ("totals: {x: {items: [a], highest: 3}}\n", ", highest: 3", "", "either instrument, or"),
        (DENSITIES, "[male]", "[male, female]", "two references are meant for the same patients"),
        (DENSITIES, "when: {sex: [male]}", "when: {scanner: [a]}", "two references are meant"),
        (DENSITIES, "sites: [neck]\n  use: neck", "sites: [hip]\n  use: hip", "none of the sites"),
        (DENSITIES, "source: S", 'source: ""', "densities.neck.source"),
        (
            DENSITIES,
            "sd: 0.1, when: {sex: [male]}",
            "sd: 0, when: {sex: [male]}",
            "write a number above 0",
        ),
        (SCALES, "scores: [shaq_pain]", "scores: [haq_di]", "'shaq_pain' is none of the scores"),
        (SCALES, "visual_scales: {shaq_pain", "visual_scales: {shaq_pane", "shaq_pain"),
        (SCALES, "scores: [shaq_pain]", "scores: [shaq_pain, shaq_pain]", "stands twice"),
        (LESIONS, "[right, left]", "[right, right]", r"write \[right, left\] or \[left, right\]"),
        (LESIONS, "[right, left]", "[right]", r"write \[right, left\] or \[left, right\]"),
        (LESIONS, "[a, b], index_finger: [c, d]", "[a], index_finger: [c]", "no site has two var"),
        (LESIONS, "arm: [elbow]", "arm: [elbo]", "site_groups: arm: 'elbo': did you mean 'elbow'"),
        (LESIONS, "arm: [elbow]", "fingers: [elbow]", "'fingers' is already the name of a site"),
        (LESIONS, "fingers: [thumb, ", "fingers: [thum, ", "fingers: 'thum': did you mean 'thumb'"),
        (LESIONS, "among:", "bootstraps: 10\n  among:", "lesions.bootstraps"),
        (JUDGED, "adjust: [sex]", "adjust: [sx]", "disability: adjust: 'sx': did you mean 'sex'"),
        (JUDGED, "adjust: [sex]", "adjust: [sex, sex]", "adjust: 'sex' stands twice"),
        (JUDGED, "adjust: [sex]", "adjust: [both]", "'both' needs 'sex' beside it"),
        (JUDGED, "sex: {ref", "sex: {variable: shaq_pain, ref", "'sex' is what is compared"),
        (SCALES, "scores: [", "scores: [lesion_count, ", "compared with lesion_count; leave it"),
        (DENSITIES, "by: g", "selection: [t_score]\n  by: g", "'t_score' is known of nobody"),
        (DENSITIES, "by: g", "selection: [neck]\n  by: g", "'neck' is known of nobody who"),
        (BY_CENTRE, "finding: c", "finding: centre", "finding: 'centre' names the centre"),
        (JUDGED, "{shaq_pain: {value", "{haq_di: {value", "'haq_di' is none of the scores"),
        (JUDGED, "value: 0.1", "value: 0", "write a number above 0"),
        (JUDGED, "source: S", 'source: ""', "minimal_important_differences.shaq_pain.source"),
        (JUDGED, ", source: S", "", "minimal_important_differences.shaq_pain.source"),
    ],
)
def test_scores_that_cannot_be_made_stop(tmp_path, text, right, wrong, says):
    read(tmp_path, MINIMAL + text)
    assert text.count(right) == 1
    assert re.search(says, stopped(tmp_path, MINIMAL + text.replace(right, wrong)))
