"""The changes of the rebuild contract, each made on a copy of the project."""

import os
import shutil
from collections.abc import Callable

import pandas as pd
from checkouts import Project
from docx import Document

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


def printed(old: str, new: str):
    return lambda project: project.edit("cohorts/early_ssc/published.yaml", old, new)


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


def word_template(project: Project) -> None:
    """A Word file of one's own beside the plan."""
    Document().save(str(project.path("cohorts/early_ssc/own.docx")))
    old, new = "finding: hand calcinosis", "finding: hand calcinosis\n  word_template: own.docx"
    project.edit("cohorts/early_ssc/cohort.yaml", old, new)


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


def template_of_changes(project: Project) -> None:
    page = project.path("calcinosis/present/templates/changes.html.j2")
    page.write_text(page.read_text("utf-8").replace("What changed: ", "Changes: "), "utf-8")
