"""The rebuild contract as a table: each change and exactly the rules that it executes.

`make schemas` writes it to `docs/rebuild.md`.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from conftest import Project

PAGES = {"report", "word", "index", "verdict"}
"""What follows any change of what a cohort's report shows."""

FIGURES = {
    *("flow_figure", "transitions_figure", "hand_map_figure", "swimmer_figure"),
    *("incidence_figure", "forest_figure"),
}
CLEANING = {"clean", "queries", "films", "scores", "datasets"}
MODELS = {"models", "forest_figure", "estimates"} | PAGES
INCIDENCE = {"incidence", "incidence_figure", "estimates"} | PAGES
ASSOCIATIONS = {
    *("bone_density", "bone_density_figure", "disability", "disability_figure"),
    *("lesions", "lesions_figure"),
}
ALL_EARLY = {
    *("severity", "sctc", "agreement", "incidence", "models", "describe", "flow", "quality"),
    "estimates",
    *FIGURES,
    *PAGES,
}
WITH_SCIPY = {"agreement"} | INCIDENCE | MODELS | ASSOCIATIONS - {"lesions", "lesions_figure"}
QUALITY = {"quality", "estimates"} | PAGES
ASSOCIATION_FIGURES = {name for name in ASSOCIATIONS if name.endswith("_figure")}
SEVERITY = {"severity", "agreement", "transitions_figure", "hand_map_figure", "estimates"} | PAGES
"""Agreement takes the grades of the first films for its what-if."""


Make = Callable[[Project], None]


def nothing(_project: Project) -> None:
    """The same command again."""


def change_covariate(project: Project) -> None:
    """Another telangiectasia of one analysed patient."""
    datasets = project.path("results/early_ssc/private/datasets")
    analysed = pd.read_parquet(datasets / "models.parquet").dropna()["patient_id"].iloc[0]
    table = project.path("cohorts/early_ssc/patients.csv")
    frame = pd.read_csv(table, dtype=str, keep_default_na=False)
    other = {"yes": "no", "no": "yes", "Y": "N", "N": "Y"}
    patient = frame["study_id"] == analysed
    frame.loc[patient, "telangiectasia"] = frame.loc[patient, "telangiectasia"].map(other)
    frame.to_csv(table, index=False)


def change_note(project: Project) -> None:
    """A column that no analysis uses."""
    table = project.path("cohorts/early_ssc/patients.csv")
    lines = table.read_text("utf-8").splitlines(keepends=True)
    assert lines[3].endswith(",\n"), "the note of this patient is empty"
    lines[3] = lines[3].replace(",\n", ",seen by the same team\n")
    table.write_text("".join(lines), "utf-8")


def reorder_rows(project: Project) -> None:
    table = project.path("cohorts/early_ssc/readings.csv")
    header, *rows = table.read_text("utf-8").splitlines(keepends=True)
    table.write_text("".join([header, *reversed(rows)]), "utf-8")


def older_export(project: Project) -> None:
    """The export replaced by other content with an older date."""
    change_covariate(project)
    os.utime(project.path("cohorts/early_ssc/patients.csv"), (1, 1))


def touch_export(project: Project) -> None:
    project.path("cohorts/early_ssc/patients.csv").touch()


def touch_codebook(project: Project) -> None:
    project.path("cohorts/early_ssc/codebook.csv").touch()


def comment(project: Project) -> None:
    for module in project.path("calcinosis").rglob("*.py"):
        module.write_text(module.read_text("utf-8") + "\n# A remark.\n", "utf-8")


def docstring(project: Project) -> None:
    project.edit(
        "calcinosis/estimate/rates.py", '"""Garwood\'s exact Poisson', '"""The exact Poisson'
    )


def two_imports_deep(project: Project) -> None:
    """`design` is imported by `estimate.models`, which the script imports."""
    project.edit("calcinosis/estimate/design.py", "numbers / per, ", "numbers * (1 / per), ")


def shared_by_estimates(project: Project) -> None:
    project.edit("calcinosis/estimate/proportions.py", "if n == 0:", "if not n:")


def redraw_hands(project: Project) -> None:
    """Another outline of the fingers."""
    project.edit("calcinosis/present/figures/hand_shape.py", "_JOINT = 4.0", "_JOINT = 5.0")


def plan(old: str, new: str, cohort: str = "early_ssc"):
    return lambda project: project.edit(f"cohorts/{cohort}/cohort.yaml", old, new)


def associations(old: str, new: str):
    return plan(old, new, "multicentre")


GRADED = """
  hard_work: { any_of: [haq_errands, haq_chores], at_least: 2, highest: 3 }

eligibility:
"""
TOTALS = """
totals:
  errands: { items: [haq_errands, haq_chores], highest: 3, source: a guess }

eligibility:
"""


def compare_a_total(project: Project) -> None:
    """A sum of items stands beside the questionnaires."""
    associations("\neligibility:\n", TOTALS)(project)
    associations("scores: [haq_di, cochin]", "scores: [haq_di, cochin, errands]")(project)


def densities(project: Project) -> None:
    """A column that stands for a bone mineral density."""
    made = "{ variable: age, references: [{ mean: 60, sd: 10 }], source: a guess }"
    associations("sites: [t_score_lumbar_spine,", "sites: [of_age, t_score_lumbar_spine,")(project)
    associations("  use: lowest\n", f"  densities: {{ of_age: {made} }}\n  use: lowest\n")(project)


def visual_scale(project: Project) -> None:
    """An answer of the HAQ that stands for a visual scale from 0 to 3."""
    made = "{ shaq_pain: { variable: haq_chores, length: 3 } }"
    new = f"scores: [haq_di, cochin, shaq_pain]\n  visual_scales: {made}"
    associations("scores: [haq_di, cochin]", new)(project)


def change_t_score(project: Project) -> None:
    """Another T-score of one patient of the first centre."""
    table = project.path("cohorts/multicentre/centre_01.csv")
    frame = pd.read_csv(table, dtype=str, keep_default_na=False)
    (column,) = [name for name in frame if "spine" in name.lower() or "lumbar" in name.lower()]
    measured = frame.index[frame[column].str.fullmatch(r"-\d\.\d")]
    frame.loc[measured[0], column] = "-3.4"
    frame.to_csv(table, index=False)


def remove_section(project: Project) -> None:
    path = project.path("cohorts/multicentre/cohort.yaml")
    text = path.read_text("utf-8")
    start, end = text.index("bone_density:\n"), text.index("disability:\n")
    path.write_text(text[:start] + text[end:], "utf-8")


def reorder_cohorts(project: Project) -> None:
    path = project.path("config.yaml")
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([*lines[:-2], lines[-1], lines[-2], ""]), "utf-8")


def remove_cohort(project: Project) -> None:
    project.edit("config.yaml", "  - cohorts/multicentre/cohort.yaml\n", "")


def exclude_a_patient(project: Project) -> None:
    """A criterion that takes the oldest out."""
    project.edit(
        "cohorts/multicentre/cohort.yaml",
        "    - name: calcinosis\n",
        "    - { name: age_below_79, variable: age, below: 79, missing: include }\n"
        "    - name: calcinosis\n",
    )


def codebook(old: str, new: str):
    return lambda project: project.edit("cohorts/early_ssc/codebook.csv", old, new)


def cell(table: str, column: str, change: Callable[[str], str], row: int | str = 0) -> Make:
    """Change one cell of the export: of the row by number, or of the patient that it names."""

    def make(project: Project) -> None:
        path = project.path(f"cohorts/early_ssc/{table}.csv")
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        at = row if isinstance(row, int) else frame.index[frame["study_id"] == row][0]
        old = frame.loc[at, column]
        frame.loc[at, column] = change(old)
        assert frame.loc[at, column] != old
        frame.to_csv(path, index=False)

    return make


def other(*pairs: str) -> Callable[[str], str]:
    """Exchange a spelling by the one that stands for the other value."""
    swapped = dict(pair.split("|") for pair in pairs)
    return lambda text: swapped[text]


def reorder_columns(project: Project) -> None:
    path = project.path("cohorts/early_ssc/patients.csv")
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    frame[frame.columns[::-1]].to_csv(path, index=False)


def as_workbook(project: Project) -> None:
    """The same patients as a workbook of text cells: its name is in every query and log."""
    path = project.path("cohorts/early_ssc/patients.csv")
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    filled = frame.mask(frame == "")
    filled.to_excel(path.with_suffix(".xlsx"), sheet_name="Data", index=False)
    project.edit(
        "cohorts/early_ssc/cohort.yaml",
        "patients: [patients.csv]",
        "patients: [{ file: patients.xlsx, sheet: Data }]",
    )


def windows_line_ends(project: Project) -> None:
    path = project.path("cohorts/early_ssc/patients.csv")
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def add_column(project: Project) -> None:
    path = project.path("cohorts/early_ssc/patients.csv")
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([f"{lines[0]},shoe", *(f"{x},41" for x in lines[1:]), ""]), "utf-8")


def change_script(project: Project) -> None:
    project.edit(
        "workflow/scripts/incidence.py",
        "lambda: rows(pairs, plan))",
        "lambda: [*rows(pairs, plan)])",
    )


def change_caption(project: Project) -> None:
    project.edit("calcinosis/present/tables.py", '"Participant flow"', '"Flow of participants"')


def change_font(project: Project) -> None:
    project.edit("calcinosis/present/figures/style.py", '"font.size": 10,', '"font.size": 11,')


def known_errors(project: Project) -> None:
    """A section that was not there."""
    project.edit(
        "cohorts/early_ssc/cohort.yaml",
        "agreement:\n",
        "misclassification: { sensitivity: 0.9, specificity: 0.95, source: a guess }\n\n"
        "agreement:\n",
    )


def change_library(project: Project) -> None:
    """A version of scipy that is not the one installed, as `importlib.metadata` reports it."""
    project.edit(
        "calcinosis/provenance.py",
        "    return importlib.metadata.version(",
        '    if library == "scipy":\n        return "99"\n    return importlib.metadata.version(',
    )


def change_profile(project: Project) -> None:
    (path,) = project.path("profiles/default").iterdir()
    path.write_text(path.read_text("utf-8") + "latency-wait: 9\n", "utf-8")


def other_cores(project: Project) -> None:
    assert project.run("--cores", "1").jobs == set()


def rename_cohort(project: Project) -> None:
    project.path("cohorts/early_ssc").rename(project.path("cohorts/early"))
    project.edit("config.yaml", "cohorts/early_ssc/", "cohorts/early/")


def add_cohort(project: Project) -> None:
    shutil.copytree(project.path("cohorts/early_ssc"), project.path("cohorts/second"))
    project.edit("config.yaml", "cohorts:\n", "cohorts:\n  - cohorts/second/cohort.yaml\n")


def side_file(name: str, *lines: str) -> Make:
    """Write a file of the study team beside the plan."""
    return lambda project: project.path(f"cohorts/early_ssc/{name}").write_text(
        "\n".join([*lines, ""]), "utf-8"
    )


CORRECTION = "table,record,variable,old_value,new_value,answered_by,date,why"


def template(project: Project) -> None:
    page = project.path("calcinosis/present/templates/report.html.j2")
    page.write_text(page.read_text("utf-8").replace("Made with", "Computed with"), "utf-8")


CONTRACT = {
    "nothing": (nothing, set()),
    "a touched export": (touch_export, set()),
    "a touched codebook": (touch_codebook, set()),
    "a comment in every module": (comment, set()),
    "a docstring": (docstring, set()),
    "one covariate of one patient": (change_covariate, CLEANING | {"describe"} | MODELS),
    "the same in an export with an older date": (older_export, CLEANING | {"describe"} | MODELS),
    "a note that no analysis uses": (
        change_note,
        CLEANING | {"quality", "estimates"} | PAGES,
    ),
    "the order of the rows": (reorder_rows, CLEANING),
    "a module two imports deep": (two_imports_deep, INCIDENCE | MODELS),
    "a module of several estimators": (
        shared_by_estimates,
        SEVERITY
        | INCIDENCE
        | {"sctc", "describe", "flow", "flow_figure", "quality"}
        | ASSOCIATIONS - {"disability", "disability_figure"},
    ),
    "a template": (template, PAGES - {"word"}),
    "a caption": (change_caption, PAGES),
    "plan: about": (plan("title: Progression of", "title: The progression of"), PAGES),
    "plan: eligibility": (
        plan("below: 4\n", "below: 3.95\n"),
        {"datasets"} | PAGES,
    ),
    "plan: severity": (
        plan("unread_regions: paired", "unread_regions: ignored"),
        {"films", "datasets"} | PAGES,
    ),
    "plan: readers": (
        plan("disagreement: primary", "disagreement: highest"),
        {"films", "datasets", "sctc", "describe", "swimmer_figure"} | INCIDENCE | SEVERITY | MODELS,
    ),
    "plan: readers, what only the methods say": (
        plan("order: not_stated", "order: random"),
        PAGES,
    ),
    "plan: severity, who is at risk": (
        plan("worst_grade_at_baseline: at_risk", "worst_grade_at_baseline: not_at_risk"),
        {"datasets"} | INCIDENCE | MODELS,
    ),
    "plan: agreement": (
        plan("inter_reader: 0.39", "inter_reader: 0.4"),
        {"agreement", "estimates"} | PAGES,
    ),
    "plan: misclassification": (known_errors, {"misclassification", "estimates"} | PAGES),
    "plan: sctc": (
        plan("    carpal: 1\n", "    carpal: 2\n"),
        {"films", "datasets", "sctc", "agreement", "estimates"} | PAGES,
    ),
    "plan: sctc, what only the pages say": (plan("confirmed: false", "confirmed: true"), PAGES),
    "export: coverage of a region": (
        cell("readings", "area_percent", lambda old: str(int(old) + 5)),
        CLEANING | {"sctc", "agreement", "estimates"} | PAGES,
    ),
    "plan: export": (plan("date: 2020-12-31", "date: 2020-12-30"), CLEANING | PAGES),
    "plan: cleaning": (plan("partial_dates: query", "partial_dates: impute"), CLEANING | PAGES),
    "plan: cleaning, a rule that finds nothing": (
        plan("operator: at_most", "operator: below"),
        CLEANING | PAGES,
    ),
    "plan: cleaning, where a rule comes from": (
        plan("no disease is older than its patient", "diseases begin after birth"),
        PAGES,
    ),
    "plan: export, a file and how it is written": (
        plan("readings: [readings.csv]", "readings: [{ file: readings.csv, encoding: utf-8 }]"),
        CLEANING | PAGES,
    ),
    "plan: export, the delimiter": (
        plan("  date: 2020-12-31\n", '  date: 2020-12-31\n  delimiter: ","\n'),
        CLEANING | PAGES,
    ),
    "the export as a workbook": (as_workbook, CLEANING | PAGES),
    "other line ends, which are counted": (windows_line_ends, CLEANING | QUALITY),
    "plan: incidence": (
        plan("per: 100", "per: 1000"),
        INCIDENCE,
    ),
    "plan: incidence, another stratum": (
        plan("by: [sex, subset, baseline_grade]", "by: [sex, raynaud, baseline_grade]"),
        {"datasets"} | INCIDENCE,
    ),
    "plan: incidence, another horizon": (plan("horizon: 3", "horizon: 2.5"), INCIDENCE),
    "plan: incidence, what death does": (
        plan("horizon: 3\n", "horizon: 3\n  competing: nobody died\n"),
        PAGES,
    ),
    "plan: incidence headline": (
        plan("headline: full_interval", "headline: midpoint"),
        PAGES,
    ),
    "plan: models": (plan("raynaud: { reference: no }", "raynaud: { reference: yes }"), MODELS),
    "plan: report": (
        plan("elderly: Age 60 years or more", "elderly: Age of 60 or over"),
        FIGURES | PAGES | {"queries"},
    ),
    "plan: describe": (
        plan("numbers: mean_sd", "numbers: median_quartiles"),
        PAGES,
    ),
    "plan: describe, another variable": (
        plan("salt_and_pepper_skin, mrss,", "salt_and_pepper_skin,"),
        {"datasets", "describe", "estimates"} | PAGES,
    ),
    "one T-score of one patient": (
        change_t_score,
        (CLEANING - {"films"}) | {"bone_density", "bone_density_figure", "estimates"} | PAGES,
    ),
    "plan: definitions": (
        associations("[digital_ulcer, gangrene,", "[gangrene,"),
        {"scores", "datasets", "describe"} | MODELS,
    ),
    "plan: definitions, graded components": (
        associations("\neligibility:\n", GRADED),
        {"scores", "datasets"} | PAGES,
    ),
    "plan: totals": (
        associations("\neligibility:\n", TOTALS),
        {"scores", "datasets"} | PAGES,
    ),
    "plan: totals, compared by group": (
        compare_a_total,
        {"scores", "datasets", "disability", "disability_figure", "estimates"} | PAGES,
    ),
    "plan: bone_density, T-scores from densities": (
        densities,
        {"scores", "datasets", "bone_density", "bone_density_figure", "estimates"} | PAGES,
    ),
    "plan: bone_density, who is classed": (
        associations("age: age }", "age: disease_duration }"),
        {"scores", "datasets", "bone_density", "bone_density_figure", "estimates"} | PAGES,
    ),
    "plan: disability, a visual scale": (
        visual_scale,
        {"scores", "datasets", "disability", "disability_figure", "estimates"} | PAGES,
    ),
    "plan: a criterion that takes patients out": (
        exclude_a_patient,
        {"datasets", "flow", "flow_figure", "describe"} | MODELS | ASSOCIATIONS,
    ),
    "plan: centres": (
        associations("fixed_effect: true", "fixed_effect: false"),
        MODELS,
    ),
    "plan: bone_density": (
        associations("use: lowest", "use: t_score_total_hip"),
        {"scores", "datasets", "bone_density", "bone_density_figure", "estimates"} | PAGES,
    ),
    "plan: disability": (
        associations("aids: true", "aids: false"),
        {"scores", "datasets", "disability", "disability_figure", "estimates"} | PAGES,
    ),
    "plan: lesions": (
        associations("[tenderness, extrusion, infection]", "[tenderness, extrusion]"),
        {"datasets", "lesions", "lesions_figure", "estimates"} | PAGES,
    ),
    "plan: a section removed": (
        remove_section,
        {"scores", "datasets", "estimates"} | PAGES,
    ),
    "the order of the cohorts": (reorder_cohorts, set()),
    "a cohort removed": (remove_cohort, {"index", "verdict"}),
    "codebook: label": (
        codebook(",Telangiectasia,", ",Telangiectases,"),
        FIGURES | PAGES | {"queries"},
    ),
    "codebook: unit": (
        codebook(",integer,,years,18,100", ",integer,,y,18,100"),
        FIGURES | PAGES | {"queries"},
    ),
    "codebook: min": (codebook(",integer,,years,18,100", ",integer,,years,17,100"), CLEANING),
    "codebook: max": (codebook(",integer,,years,18,100", ",integer,,years,18,101"), CLEANING),
    "codebook: codes": (codebook("M=male|F=female", "Mr=male|M=male|F=female"), CLEANING),
    "codebook: missing_codes": (
        codebook(
            "mRSS,Modified Rodnan skin score,integer,,,0,51,,,-9",
            "mRSS,Modified Rodnan skin score,integer,,,0,51,,,-9|-8",
        ),
        CLEANING,
    ),
    "codebook: source": (codebook(",mRSS,", ",mRSS|rodnan,"), CLEANING),
    "codebook: required": (
        codebook(
            ",mRSS,Modified Rodnan skin score,integer,,,0,51,,,-9,,",
            ",mRSS,Modified Rodnan skin score,integer,,,0,51,,,-9,yes,",
        ),
        CLEANING,
    ),
    "codebook: levels, one more that nobody has": (codebook("kk|ud,", "kk|ud|bk,"), CLEANING),
    "codebook: format": (
        codebook("dd/mm/yyyy era=either", "dd/mm/yyyy"),
        CLEANING | ALL_EARLY,
    ),
    "codebook: type": (
        codebook("Modified Rodnan skin score,integer", "Modified Rodnan skin score,number"),
        CLEANING | QUALITY,
    ),
    "codebook: identifier": (
        codebook(",notes,Notes,text,,,,,,,,", ",notes,Notes,text,,,,,,,,yes"),
        CLEANING,
    ),
    "codebook: file": (
        codebook("notes,patients,,notes", "notes,patients,patients.csv,notes"),
        CLEANING,
    ),
    "codebook: variable": (
        codebook("notes,patients,,notes", "remarks,patients,,notes"),
        CLEANING | QUALITY | FIGURES,
    ),
    "codebook: table": (
        codebook("notes,patients,,notes", "notes,readings,,notes"),
        CLEANING | QUALITY,
    ),
    "export: an id": (cell("patients", "study_id", lambda _old: "E900"), CLEANING | ALL_EARLY),
    "export: a text": (cell("patients", "hn", lambda _old: "1/99"), CLEANING),
    "export: an integer": (
        cell("patients", "age_first_film", lambda old: str(int(old) + 1)),
        CLEANING | {"describe"} | INCIDENCE | MODELS,
    ),
    "export: a number": (
        cell("patients", "duration_y", lambda _old: "3.1"),
        CLEANING | {"describe", "estimates"} | PAGES,
    ),
    "export: a binary": (
        cell("patients", "salt_pepper", other("yes|no", "no|yes", "Y|N", "N|Y")),
        CLEANING | {"describe"} | MODELS,
    ),
    "export: a category": (
        cell("patients", "ssc_subset", other("limited|diffuse", "diffuse|limited")),
        CLEANING | {"describe"} | INCIDENCE,
    ),
    "export: an ordinal": (
        cell("readings", "severity", lambda _old: "severe"),
        CLEANING | SEVERITY | {"describe", "swimmer_figure"} | INCIDENCE | MODELS,
    ),
    "export: a date": (
        cell("readings", "film_date", lambda _old: "21/11/2013"),
        CLEANING | {"agreement", "swimmer_figure", "estimates"} | PAGES,
    ),
    "corrections.csv: a value": (
        side_file("corrections.csv", CORRECTION, "patients,E008,mrss,55,35,A,2021-01-05,chart"),
        CLEANING | QUALITY | {"describe"},
    ),
    "corrections.csv: rows without an answer": (
        side_file("corrections.csv", CORRECTION, "patients,E008,mrss,55,,,,"),
        CLEANING,
    ),
    "exclude.csv: a patient": (
        side_file("exclude.csv", "patient_id,reason", "E001,consent withdrawn"),
        {"datasets"} | ALL_EARLY - {"quality"},
    ),
    "exclude.csv: nobody": (
        side_file("exclude.csv", "patient_id,reason"),
        {"datasets"},
    ),
    "the order of the columns": (reorder_columns, CLEANING),
    "a column that the codebook does not name": (add_column, CLEANING | QUALITY),
    "a script": (change_script, INCIDENCE),
    "the outline of the hands": (redraw_hands, {"hand_map_figure"} | PAGES - {"word"}),
    "the font of the figures": (change_font, FIGURES | ASSOCIATION_FIGURES | PAGES - {"word"}),
    # The memory of questions uses the module that this change edits.
    "a library's version": (change_library, WITH_SCIPY | {"queries"}),
    "the profile": (change_profile, set()),
    "the number of cores": (other_cores, set()),
    "a cohort renamed": (rename_cohort, CLEANING | ALL_EARLY),
    "a cohort added": (add_cohort, CLEANING | ALL_EARLY),
}


PAGE = Path(__file__).resolve().parents[2] / "docs" / "rebuild.md"
START, END = "<!-- generated from tests/workflow/contract.py -->\n", "<!-- end -->\n"
GROUPS = (
    ("cleaning to datasets", CLEANING),
    ("report, Word file, index, verdict", PAGES),
)


def table() -> str:
    """The contract for people: groups of rules that always go together have one name."""
    lines = ["| change | rules that run |", "|---|---|"]
    for change, (_, rules) in CONTRACT.items():
        left, words = set(rules), []
        for name, group in GROUPS:
            if group <= left:
                words.append(name)
                left -= group
        words += [f"`{rule}`" for rule in sorted(left)]
        lines.append(f"| {change} | {', '.join(words) or 'nothing'} |")
    return "\n".join(lines) + "\n"


def page() -> str:
    """`docs/rebuild.md` with its table as the contract says."""
    before, _, rest = PAGE.read_text("utf-8").partition(START)
    return f"{before}{START}\n{table()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
